#!/bin/sh
# Where inputs come from, and how they become commands.
# shellcheck disable=SC1003,SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

in='x\n\n  y z \nlast' run -k 'printf "<%s>" {}'
prints '<x><><  y z ><last>' 'lines'
unset in

in='a b\0c\nd\0' run -k -0 'printf "<%s>" {}'
prints '<a b><c\nd>' '-0'
in='a\0b' run -k --null echo
prints 'a\nb\n' '--null'
in='x\n\n \t\ny\n' run -k -r echo
prints 'x\ny\n' '-r'
in='echo one\necho two | tr t T\n' run -k
prints 'one\nTwo\n' 'commands as inputs'
unset in

printf '1\n2\n' >n
printf 'u\nv\n' >l
run -k -a n -a l echo '{1}{2}'
prints '1u\n1v\n2u\n2v\n' '-a twice'
run -k --arg-file n echo '{1}{2}' ::: p q
prints '1p\n1q\n2p\n2q\n' '-a and :::'
run -k echo :::: n l ::: z
prints '1 u z\n1 v z\n2 u z\n2 v z\n' '::::'
in='s\nt\n' run -k echo :::: - ::: 1 2
prints 's 1\ns 2\nt 1\nt 2\n' ':::: -'
in='s\n' run -k -a n cat
prints '' '-a leaves standard input alone, and jobs do not see it'
in='s\n' run -a - echo :::: -
is_status 255 'standard input twice'
says 'standard input can be one source only' 'standard input twice'
unset in
run -k echo '{1}-{2}' ::: a b :::
prints 'a-\nb-\n' 'an empty source among others'
run -k echo ::: ''
prints '\n' 'an empty argument'

run -k --dry-run echo '{} {.} {/} {//} {/.} {#} {%}' ::: 'd e/f.g'
prints "echo 'd e/f.g' 'd e/f' f.g 'd e' f 1 1\n" 'replacement strings'
run -k echo '{#}' ::: a b c
prints '1\n2\n3\n' '{#} alone'
run -k echo '{2} {-2} {3}.' ::: a ::: b
prints 'b a .\n' 'numbers'
run -k -I % echo '%.% {}' ::: a
prints 'a.a {}\n' '-I'
run -k --er E --bnr B --dnr D --bner N --seqreplace S --slotreplace T \
    --dry-run 'E B D N S T' ::: x/y.z
prints 'x/y y.z x y 1 1\n' 'renamed strings'
run --extensionreplace E --basenamereplace B --dirnamereplace D \
    --basenameextensionreplace N --dry-run 'E B D N' ::: x/y.z
prints 'x/y y.z x y\n' 'renamed strings, long names'
run -I '' echo ::: a
is_status 255 '-I with nothing'
run -k -q printf '%s|%s\n' 'two  words' '$HOME' ::: 'x  y'
prints 'two  words|$HOME\nx  y|\n' '-q'
run --quote printf '<%s>' '' {} ::: "it's"
prints "<><it's>" '--quote'
run -k echo ::: '{}' '{1}' '$(date)' '`date`' "a'b" 'a"b' '\' '*' '~' '!'
prints "{}\n{1}\n\$(date)\n\`date\`\na'b\na\"b\n\\\\\n*\n~\n!\n" 'odd arguments'
run -k -j2 'test {%} = $PARALLEL_JOBSLOT && echo $PARALLEL_SEQ' ::: a b c d
prints '1\n2\n3\n4\n' 'the slot is one number'
run 'test $PARALLEL_PID -gt 1 && kill -0 $PARALLEL_PID #' ::: a
is_status 0 'PARALLEL_PID'

# Which shell.
PARALLEL_SHELL=/bin/sh run 'ps -o comm= -p $$ | tr -d "\n" # {}' ::: x
grep -q 'sh$' out || fail 'PARALLEL_SHELL'
if command -v bash >/dev/null; then
    bash -c '"$0" run "[[ {} == x ]] && echo \$BASH_VERSION; :" ::: x >out 2>err
        exit $?' "$BROOD"
    status=$?
    grep -q '^[0-9]' out || fail 'bash is used when started from bash'
fi

# A slow pipe: jobs start, and show what they wrote, before it has ended.
mkfifo pipe
"$BROOD" run 'echo got {}; touch began.{}' <pipe >out 2>err &
pid=$!
exec 3>pipe
echo a >&3
wait_for 'test -e began.a'
wait_for 'grep -q "got a" out'
printf b >&3
echo c >&3
wait_for 'test -e began.bc'
exec 3>&-
wait $pid
status=$?
is_status 0 'a slow pipe'

# A million lines take no more memory than a few.
peak() { # peak <lines>: in KiB, once all have been taken in
    mkfifo lines."$1"
    "$BROOD" run --dry-run echo <lines."$1" >count."$1" 2>err &
    pid=$!
    exec 3>lines."$1"
    seq "$1" >&3
    wait_for "tail -n 1 count.$1 | grep -qx 'echo $1'"
    sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" >peak."$1"
    exec 3>&-
    wait $pid
    status=$?
    is_status 0 "$1 lines"
}
peak 1000
peak 1000000
few=$(cat peak.1000)
many=$(cat peak.1000000)
[ "$many" -lt $((few + 2048)) ] || fail "memory: $few KiB, then $many KiB"
