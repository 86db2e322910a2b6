#!/bin/sh
# brood batch is killed at moments that nobody chooses, and goes on each time:
# nothing that is recorded is lost or run again, each job is recorded once.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

jobs=${JOBS:-2000}
kills=${KILLS:-200}

# The numbers of the jobs that are recorded.
recorded() {
    sqlite3 "file:jobs.brood?mode=ro" "select substr(command, 6,
        instr(command, ' >>') - 6) from results join jobs using (job)
        where outcome = 'ok'" | sort >"$1"
}

# How often each of the jobs in a file has run.
counts() {
    sort ran | uniq -c | awk '{ print $2, $1 }' | sort | join - "$1"
}

# What was recorded stays so, and is not run again.
check() { # check <what>: against what was recorded before
    recorded now
    [ -z "$(uniq -d now)" ] || fail "$1: recorded twice: $(uniq -d now | head -n 3)"
    [ -z "$(comm -23 before now)" ] || fail "$1: lost: $(comm -23 before now | head -n 3)"
    counts before >after
    cmp -s after counted || fail "$1: run again: $(diff counted after | head -n 5)"
    mv now before
    counts before >counted
}

echo "{\"defaults\":{\"env\":{\"KILLED\":\"$CLI_TEST\"}}}" >./jobs
i=0
while [ $i -lt "$jobs" ]; do
    echo "echo $i >>ran"
    i=$((i + 1))
done >>./jobs
: >before
: >counted
: >ran
n=0
status=0
: >out
: >err
while [ $n -lt "$kills" ] && [ "$(wc -l <before)" -lt "$jobs" ]; do
    "$BROOD" batch -q -j4 jobs >/dev/null 2>>err </dev/null &
    pid=$!
    # Up to 60 ms, from the clock's last digits.
    sleep "0.0$(($(date +%N | sed 's/^0*//') / 1000 % 6))$(($$ % 10))"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    n=$((n + 1))
    if [ -e jobs.brood ] && sqlite3 'file:jobs.brood?mode=ro' \
        'select 1 from results limit 1' >/dev/null 2>&1; then
        wait_for '! grep -slzxq "KILLED=$CLI_TEST" /proc/[0-9]*/environ'
        check "kill $n"
    fi
    [ $failures -eq 0 ] || break
done
"$BROOD" batch -j4 jobs >out 2>err </dev/null
status=$?
is_status 0 'the last run'
check 'the last run'
[ "$(wc -l <before)" -eq "$jobs" ] || fail 'not all are recorded'
[ "$(sort -u ran | wc -l)" -eq "$jobs" ] || fail 'not all have run'
[ "$(sqlite3 jobs.brood 'select count(*) from runs where end_ns is null')" = 0 ] ||
    fail 'a run without an end'
[ "$(sqlite3 jobs.brood 'pragma integrity_check')" = ok ] || fail 'the store'

# What a job has started outlives it and brood, until the next run.
printf '%s\n' 'setsid sleep 61 & sleep 0.3; setsid sleep 62 & sleep 60' >tree
"$BROOD" batch -q tree >/dev/null 2>&1 </dev/null &
pid=$!
wait_for 'cli_left | grep -qE "^[0-9]+ sleep 62"'
kill -KILL $pid
wait $pid 2>/dev/null
cli_left | grep -qE '^[0-9]+ sleep 61' || fail 'the test: nothing is left'
echo true >tree
"$BROOD" batch tree >out 2>err </dev/null
status=$?
is_status 0 'orphans'
grep -qE 'ending [2-9] processes of a run that was killed: [0-9]+ [0-9]+' err ||
    fail 'orphans: they are not named'
[ -z "$(cli_left)" ] || fail 'orphans: they are left'
