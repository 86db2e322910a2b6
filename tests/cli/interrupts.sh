#!/bin/sh
# Signals beyond the first, and readers that do not read.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

# A shell ignores INT for what it starts in the background.
env --default-signal=INT true 2>/dev/null || exit 77
start() { # start <brood run arguments>...
    rm -f began.* ended.*
    env --default-signal=INT "$BROOD" run "$@" >out 2>err </dev/null &
    pid=$!
}

finish() {
    wait "$pid"
    status=$?
}

start -j2 'touch began.{}; sleep 60; touch ended.{}' ::: 1 2 3
wait_for 'test -e began.1 && test -e began.2'
kill -INT "$pid"
finish
is_status 255 'INT'
says SIGINT 'INT'
[ ! -e began.3 ] || fail 'INT: another job was started'

# A job that does not care for TERM, and a long ladder: the second INT kills.
start -j1 --termseq TERM,100000,KILL,10 \
    'trap "" TERM; touch began.{}; while :; do sleep 0.1; done #' ::: 1
wait_for 'test -e began.1'
kill -INT "$pid"
wait_for 'grep -q SIGINT err'
kill -INT "$pid"
finish
is_status 255 'INT twice'

# What has ended before is shown and logged.
start -j1 --joblog log 'echo {}; touch began.{}; sleep {}; :' ::: 0 60
wait_for 'test -e began.60 && grep -q ":	.*echo 0" log'
kill -TERM "$pid"
finish
is_status 255 'TERM'
prints '0\n' 'TERM: what had ended is shown'
[ "$(wc -l <log)" -eq 2 ] || fail 'TERM: what was killed is not logged'

start -j2 'touch began.{}; until [ -e go ]; do sleep 0.02; done' ::: 1 2
wait_for 'test -e began.1 && test -e began.2'
kill -USR1 "$pid"
wait_for '[ "$(grep -c "job [12], process" err)" -eq 2 ]'
says '2 running, 0 done, 0 failed' 'USR1'
touch go
finish
is_status 0 'USR1'

# Nohup: HUP means nothing.
rm -f go
(
    trap '' HUP
    exec "$BROOD" run -j1 'touch began.{}; until [ -e go ]; do sleep 0.02; done' \
        ::: 7 8 >out 2>err </dev/null
) &
pid=$!
wait_for 'test -e began.7'
kill -HUP "$pid"
touch go
finish
is_status 0 'HUP that is ignored'
[ -e began.8 ] || fail 'HUP that is ignored: no more was started'

# The jobs stand still with us.
rm -f go
start -j1 'echo $$ >began.{}; until [ -e go ]; do sleep 0.02; done' ::: x
wait_for 'test -s began.x'
job=$(cat began.x)
kill -TSTP "$pid"
wait_for "grep -q '^State:.T' /proc/$pid/status"
# A shell that waits for the program it is starting is in state D.
grep -q '^State:.[TD]' "/proc/$job/status" || fail 'TSTP: the job goes on'
kill -CONT "$pid"
touch go
finish
is_status 0 'CONT'

# A reader that does not read cannot keep us.
mkfifo pipe
env --default-signal=INT "$BROOD" run -j1 --joblog log 'seq {}; touch ended.{}' \
    ::: 100000 100001 >pipe 2>err </dev/null &
pid=$!
exec 3<pipe
wait_for 'test -e ended.100000'
kill -INT "$pid"
finish
exec 3<&-
is_status 255 'INT with a reader that does not read'

# A reader that goes away: no message, and the status of SIGPIPE.
mkfifo gone
"$BROOD" run -j1 'seq {}; touch ended.{}' ::: 1 2 3000000 >gone 2>err </dev/null &
pid=$!
head -n 1 gone >out
finish
is_status 141 'a reader that goes away'
[ ! -s err ] || fail 'a reader that goes away: a message'

# Standard output that is closed from the start.
"$BROOD" run echo ::: a >&- 2>err </dev/null
status=$?
: >out
is_status 255 'closed standard output'
says 'cannot write to standard output: bad file descriptor' 'closed output'
"$BROOD" run true ::: a >&- 2>err </dev/null
status=$?
is_status 0 'closed standard output that is not used'
