#!/bin/sh
# How many at once, how long, how often, and when to stop.
# shellcheck disable=SC2154,SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

# Two at once: each waits for the other. With one at once this would not end.
for option in '-j2' '-j 2' '--jobs 2' '--max-procs=2' '-P2' '-j0'; do
    rm -f at.*
    # shellcheck disable=SC2086
    run $option 'touch at.{}; until [ -e at.a ] && [ -e at.b ]; do
        sleep 0.02; done' ::: a b
    is_status 0 "$option"
done
echo 1 >number
for option in '-j1' '-j number' '-j -1000' '-j 1%'; do
    rm -f busy
    # shellcheck disable=SC2086
    run $option 'mkdir busy && sleep 0.05 && rmdir busy #' ::: a b c
    is_status 0 "$option: one at once"
done
run -k -j +1 echo ::: a b
prints 'a\nb\n' '-j +1'
run -j 99999999 true ::: a
is_status 255 'too many slots'

run --timeout 0.3 --joblog log 'echo begun; sleep 60; :' ::: a
is_status 1 '--timeout'
prints 'begun\n' '--timeout: what came is shown'
says 'job 1 timed out' '--timeout'
[ "$(tail -n 1 log | cut -f 7)" = -1 ] || fail '--timeout: not -1 in the log'
run --timeout 1m true ::: a
is_status 0 '--timeout 1m'
run --timeout 0 true ::: a
is_status 0 '--timeout 0'
run -j1 --timeout 2000% --joblog log 'sleep {}; :' ::: 0.05 0.05 0.05 60
is_status 1 '--timeout 2000%'
[ "$(tail -n 1 log | cut -f 1,7)" = "4	-1" ] || fail '--timeout N%: the log'
run --timeout 5% true ::: a
is_status 0 '--timeout N% with one job'

run --termseq INT,5000,KILL,10 --timeout 0.3 \
    'trap "echo caught; exit 3" INT; while :; do sleep 0.02; done #' ::: a
prints 'caught\n' '--termseq'
for list in X TERM,x TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,TERM,1,9
do
    run --termseq $list true ::: a
    is_status 255 "--termseq $list"
    says "$list" "--termseq $list"
done

run --retries 3 'echo try >>tries; false' ::: a
is_status 1 '--retries'
[ "$(wc -l <tries)" -eq 3 ] || fail '--retries: not three tries'
run --retries 0 'echo try >>more; [ $(wc -l <more) -ge 6 ]; exit $? #' ::: a
is_status 0 '--retries 0'
run --retries x true ::: a
is_status 255 '--retries x'

run -j4 --delay 0.2 --joblog log true ::: 1 2 3
cut -f 3 log | sed 1d | sort -n |
    awk 'NR > 1 && $1 - p < 0.198 { exit 1 } { p = $1 }' || fail '--delay'
run --delay x true ::: a
is_status 255 '--delay x'

[ "$(run --nice 7 'nice; :' ::: a && cat out)" -eq $(($(nice) + 7)) ] ||
    fail '--nice'
run --nice x true ::: a
is_status 255 '--nice x'

mkdir there
run --wd there 'pwd; :' ::: a
prints "$dir/there\n" '--wd'
run -k --workdir 'made/{}' 'pwd; :' ::: a b
prints "$dir/made/a\n$dir/made/b\n" '--workdir with {}'
run --wd 'x{%}' true ::: a
is_status 255 '--wd with {%}'
: >file
run -k --wd '{}' 'echo ok' ::: there file
is_status 1 'a directory that is none'
prints 'ok there\n' 'a directory that is none: the others'
says "cannot start 'echo ok file' in the directory 'file'" 'no directory'

run -j1 --halt now,fail=1 'echo {}; exit {}' ::: 0 7 0 5
is_status 7 '--halt now,fail=1'
prints '0\n7\n' '--halt now,fail=1'
says 'job 2 failed' '--halt now,fail=1'
run -j1 --halt soon,fail=2 'echo {} >>ran; exit {}' ::: 1 0 2 0 3
is_status 2 '--halt soon,fail=2'
[ "$(tr '\n' ' ' <ran)" = '1 0 2 ' ] || fail '--halt soon: more was started'
run -j1 --halt-on-error 2 'exit {}' ::: 0 9
is_status 9 '--halt-on-error'
run -j1 --halt now,fail=50% 'exit {}' ::: 0 1 2 0 5 5
is_status 50 '--halt now,fail=50%'
run -j1 --halt now,success=1 'exit {}' ::: 3 0 2
is_status 0 '--halt now,success=1'
run -j1 --halt never 'exit {}' ::: 3 0 2
is_status 2 '--halt never'
run -j2 --halt now,fail=1 'if [ {} = 1 ]; then
        until [ -e other ]; do sleep 0.02; done; exit 4; fi
    touch other; sleep 60; touch late' ::: 1 2
is_status 4 '--halt now kills what runs'
[ ! -e late ] || fail '--halt now: a job went on'

seq 101 | "$BROOD" run -j4 false >out 2>err
status=$?
is_status 101 'more than a hundred failures'
