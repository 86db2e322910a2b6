#!/bin/sh
# Signals to the program: what runs is ended or finished, nothing is left, and
# what has been recorded is whole.
# shellcheck disable=SC2016
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

start() { # start <brood run arguments>...
    rm -f began.* ended.* log
    "$BROOD" run "$@" >out 2>err </dev/null &
    pid=$!
}

finish() {
    wait "$pid"
    status=$?
}

# A shell ignores INT for what it starts in the background.
signals=TERM
default=
if env --default-signal=INT true 2>/dev/null; then
    signals='TERM INT'
    default='env --default-signal=INT'
fi
for sig in $signals; do
    rm -f began.* ended.* log
    $default "$BROOD" run -j2 --joblog log \
        'touch began.{}; sleep {}; touch ended.{}' ::: 0.1 60 61 \
        >out 2>err </dev/null &
    pid=$!
    wait_for 'test -e began.60 && test -e began.61'
    kill -$sig "$pid"
    finish
    is_status 255 "$sig"
    [ ! -e ended.60 ] || fail "$sig: a job went on to its end"
    awk -F'\t' 'NF != 9 { exit 1 }' log || fail "$sig: a torn line in the log"
    grep -q 'began.0.1' log || fail "$sig: the job that had ended is not logged"
done

start -j1 'touch began.{}; sleep {}; touch ended.{}' ::: 0.5 0.6 0.7
wait_for 'test -e began.0.5'
kill -HUP "$pid"
finish
[ -e ended.0.5 ] || fail 'HUP: the running job was not finished'
[ ! -e began.0.6 ] || fail 'HUP: another job was started'
[ "$status" -eq 0 ] || fail 'HUP: status'

# Stop and go on: the children stand still with us.
start -j1 'touch began.{}; i=0; while [ $i -lt 20 ]; do i=$((i+1)); sleep 0.05; done; touch ended.{}' ::: x
wait_for 'test -e began.x'
kill -TSTP "$pid"
wait_for "grep -q '^State:.T' /proc/$pid/status"
kill -CONT "$pid"
finish
is_status 0 'TSTP and CONT'
[ -e ended.x ] || fail 'TSTP and CONT: the job was not finished'
