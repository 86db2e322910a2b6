#!/bin/sh
# brood batch --live: what runs, at the foot of a terminal, and nowhere else.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

if ! command -v script >/dev/null; then
    echo 'SKIPPED: no script(1)'
    exit 77
fi
PATH=$(dirname "$BROOD"):$PATH
esc=$(printf '\033')

cat >jobs.txt <<'END'
{"id":"first","sh":"echo begun; brood send progress 0.5 half way; until test -e go; do sleep 0.1; done; echo first done","channel":true}
printf 'one\ntwo\033[31m\n\n'; until test -e more; do sleep 0.1; done; printf 'a\rthree of \303\251\n'; until test -e go; do sleep 0.1; done; sleep 0.5; exit 3
END

# On a terminal: ages, progress, last lines; all of it is gone in the end.
script -qefc "stty rows 24 cols 60; '$BROOD' batch -j2 --live jobs.txt" \
    typed >/dev/null </dev/null &
pid=$!
wait_for 'grep -q "jobs.txt:2 *two .31m" typed 2>/dev/null'
: >./more
wait_for 'grep -q "jobs.txt:2 *three of" typed'
wait_for 'grep -q "first  *50%  half way" typed'
: >go
wait $pid
tr -d '\r' <typed >out
: >err
status=0
grep -qE "^.*0/2 done, 2 running, [0-9.]+/s$esc\[K$" out || fail 'the head line'
grep -qE "^ +[0-9]:[0-9]{2}  first +50%  half way$esc\[K$" out || fail 'progress'
grep -qE "^ +[0-9]:[0-9]{2}  jobs.txt:2 +three of é$esc\[K$" out ||
    fail 'the last line'
sed "s/$esc\[[0-9?]*[a-zA-Z]//g" out | grep -qx 'first done' ||
    fail 'the output of a job'
tr '\n' '|' <out | sed 's/.*7h//' >last
grep -q "^$esc\[[0-9]*A$esc\[J" last || fail 'it is not taken away'
! grep -q 'running,' last || fail 'it is left'
grep -q '1 failed' out || fail 'the number of failures'

# With many slots, those that have run longest.
i=0
while [ $i -lt 30 ]; do
    echo "until test -e go; do sleep 0.1; done"
    i=$((i + 1))
done >many.txt
rm -f go
script -qefc "stty rows 12 cols 60; '$BROOD' batch -j30 --live --no-store many.txt" \
    typed >/dev/null </dev/null &
pid=$!
wait_for 'grep -q "and 23 more" typed'
: >go
wait $pid
grep -q '30 jobs: 30 ok' typed || fail 'many: the summary'

# Output that is no terminal has nothing of it.
script -qefc "'$BROOD' batch --again -j2 --live jobs.txt >piped" typed >/dev/null </dev/null
tr '\n' '|' <piped >out
grep -qF 'first done|' out || fail 'output in a file'
! grep -qE 'running|half way|and [0-9]+ more' out || fail 'lines in a file'
"$BROOD" batch --again --live jobs.txt >out 2>err </dev/null
status=$?
is_status 1 'no terminal'
! grep -q "$esc\[[0-9]*[AKJ]" out err || fail 'lines where there is no terminal'
[ "$(wc -l <err)" -eq 2 ] || fail 'no terminal: messages'
