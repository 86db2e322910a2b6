#!/bin/sh
# How the output of jobs is shown.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

run -k -j2 'echo o{}; echo e{} >&2' ::: 1 2
prints 'o1\no2\n' 'standard output'
printf 'e1\ne2\n' | cmp -s - err || fail 'standard error'
"$BROOD" run -k --group 'echo e{} >&2; echo o{}' ::: 1 2 >out 2>&1
status=$?
prints 'o1\ne1\no2\ne2\n' '--group: standard output, then standard error'

# -k, with the first job last to end.
run -k -j2 'if [ {} = 1 ]; then until [ -e done.2 ]; do sleep 0.02; done; fi
    echo {}; touch done.{}' ::: 1 2
prints '1\n2\n' '-k'
rm -f done.*
run --keep-order printf ::: a b c
prints 'abc' 'no newline is added'

run -k --tag 'echo x; printf y' ::: a 'b c'
prints 'a\tx\na\tyb c\tx\nb c\ty' '--tag'
run -k --tag 'echo e >&2' ::: a
printf 'a\te a\n' | cmp -s - err || fail '--tag on standard error'
run -k --tagstring 'j{#}\t{/.}' echo ::: x/a.b
prints 'j1\ta\tx/a.b\n' '--tagstring'
run --tag-string t true ::: a
prints '' 'no output, no tag'

run -k -v 'echo {}; :' ::: a 'b c'
prints "echo a; :\na\necho 'b c'; :\nb c\n" '-v'
run -t 'echo {}; :' ::: a
prints 'a\n' '-t'
printf 'echo a; :\n' | cmp -s - err || fail '-t: the command on stderr'
run --verbose true ::: a
printf 'true a\n' | cmp -s - err || fail '--verbose: the command on stderr'
run -v -k -j1 'echo {%}; :' ::: a
prints 'echo 1; :\n1\n' '-v shows the slot'
run -k --dry-run --tag touch ::: f g
prints 'f\ttouch f\ng\ttouch g\n' '--dry-run'
[ ! -e f ] || fail '--dry-run: something was run'
run --dry-run -k --joblog log echo ::: a
[ ! -e log ] || fail '--dry-run: a log was made'

# By line: what has come is shown while the jobs go on, half lines are held.
"$BROOD" run -j2 --line-buffer 'echo first {}; printf half
    until [ -e go ]; do sleep 0.02; done; echo " {}"' ::: 1 2 >out 2>err &
pid=$!
wait_for '[ "$(grep -c first out)" -eq 2 ]'
grep -q half out && fail '--line-buffer: half a line was shown'
touch go
wait $pid
status=$?
is_status 0 '--line-buffer'
sort out >sorted
printf 'first 1\nfirst 2\nhalf 1\nhalf 2\n' | cmp -s - sorted ||
    fail '--line-buffer: lines'

# In order and by line: the first that has not ended is shown as it comes.
rm -f go
"$BROOD" run -k -j2 --lb 'echo first {}
    if [ {} = 2 ]; then touch ready; fi
    until [ -e go ]; do sleep 0.02; done; echo last {}' ::: 1 2 >out 2>err &
pid=$!
wait_for 'test -e ready && grep -q "first 1" out'
grep -q 'first 2' out && fail '-k --lb: the second job came too early'
touch go
wait $pid
status=$?
prints 'first 1\nlast 1\nfirst 2\nlast 2\n' '-k --lb'
run -k --lb --tag -v 'printf {}' ::: a b
prints 'a\tprintf a\na\tab\tprintf b\nb\tb' '--lb with --tag and -v'

# Much output of jobs that wait for their turn.
run -k -j2 --lb 'seq {} 400000' ::: 1 2 3
for i in 1 2 3; do seq $i 400000; done | cmp -s - out || fail '-k --lb: much'
run -k -j2 'seq {} 400000' ::: 1 2 3
for i in 1 2 3; do seq $i 400000; done | cmp -s - out || fail '-k: much'
run -k --tag -j2 'seq {} 100000' ::: 1 2
for i in 1 2; do seq $i 100000 | sed "s/^/$i	/"; done | cmp -s - out ||
    fail '--tag: much'

run -j1 -u 'echo {}; echo e >&2' ::: 1 2
prints '1\n2\n' '-u'
run -j1 --ungroup -v 'echo {}' ::: 1
is_status 0 '--ungroup -v'

# Any bytes pass.
run -k 'printf "\\0\\377\\1"' ::: 1 2
printf '\0\377\001\0\377\001' | cmp -s - out || fail 'bytes'

# Nothing of a progress line reaches a file.
run -k --bar echo ::: a
prints 'a\n' '--bar to a file'
[ ! -s err ] || fail '--bar: standard error is no terminal'
if command -v script >/dev/null; then
    for option in --progress --eta --bar; do
        script -qec "'$BROOD' run -k $option echo x ::: 1 2 3" /dev/null \
            </dev/null >out 2>err
        status=$?
        is_status 0 "$option on a terminal"
        tr '\r' '\n' <out >lines
        grep -q '3/3 done' lines || fail "$option: no final count"
        [ "$(grep -c 'x [123]$' lines)" -eq 3 ] ||
            fail "$option: the output is not whole"
    done
    # What never ran is not done.
    script -qec "'$BROOD' run -j1 --halt now,fail=1 --bar ::: true false true true" \
        /dev/null </dev/null >out 2>err
    status=$?
    tr '\r' '\n' <out | grep -q ' 2/4 done, 1 failed' ||
        fail '--bar counts jobs that did not run'
fi
