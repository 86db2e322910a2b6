#!/bin/sh
# A script that is forked talks to its parent: brood send, brood recv.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"
: "${CHILDREN_DIR:?where the children of the test are}"

PATH=$(dirname "$BROOD"):$PATH
export PATH

talk() { # talk [-e] [-d] <script> [message]...
    "$CHILDREN_DIR/talk_parent" "$@" >out 2>err </dev/null
    status=$?
}

is_out() { # is_out <text> <what>
    printf "$1" | cmp -s - out || fail "$2: the output"
    [ ! -s err ] || fail "$2: it complains"
}

has_no_holder() { # has_no_holder <what>
    i=0
    while cli_left | grep -qE '[b]rood (send|recv)' && [ $i -lt 20 ]; do
        sleep 0.1
        i=$((i + 1))
    done
    [ $i -lt 20 ] || fail "$1: a holder is left"
}

talk 'brood send hello world; brood send "a  b"; brood send ""'
is_status 0 'words'
is_out 'hello world\na  b\n\n' 'words'
talk 'printf "1\n2\n\n3" | brood send --lines; printf "x\0y\0" | brood send -0'
is_out '1\n2\n\n3\nx\ny\n' 'lines'
talk 'printf "a\0b\nc" | brood send'
is_out 'a\000b\nc\n' 'bytes'
talk 'brood recv; brood recv -0; brood recv -n; exit 7' one two three
is_status 7 'the status of the script'
is_out 'one\ntwo\000three' 'receiving'
talk -d 'while m=$(brood recv); do echo "<$m>"; done; echo $?' 1 '' 3
is_out '<1>\n<>\n<3>\n0\n' 'a loop'
talk -d 'brood recv --all; echo $?; brood recv; echo $?' 1 2
is_out '1\n2\n0\n1\n' '--all'
talk -d 'brood recv -c 3; echo $?' 1 2
is_out '1\n2\n1\n' '--count'
talk -d 'brood recv; brood recv; brood send x; echo $?' 1
grep -qx 1 out || fail 'sending to nobody: the status'
says 'brood send: the parent has disconnected' 'sending to nobody'
talk 'brood recv --timeout 0.1; echo $?; brood recv --timeout 0'
is_status 124 '--timeout'
says 'brood recv: no message has come in time' '--timeout'

# Each command of the script finds the same holder.
talk -e '(brood send 1); brood send 2 & wait; echo 3 | (brood send -l)
    x=$(brood recv); y=$(echo | (brood recv)); brood recv >z
    brood send "$x$y$(cat z)"; brood recv >/dev/null'
is_out '1\n2\n3\n123\n' 'subshells'
talk 'for i in 1 2 3 4 5 6 7 8 9; do brood send $i & done; wait'
sort out >sorted
seq 9 | cmp -s - sorted || fail 'nine at once'

# Many, large ones, and what is said last.
talk 'seq 10000 | brood send --lines'
seq 10000 | cmp -s - out || fail 'ten thousand'
head -c 5000000 /dev/urandom >large
talk 'brood send <large'
{ cat large && echo; } | cmp -s - out || fail 'five megabytes'
talk -e 'brood send <large; brood recv -n >back; cmp large back && echo same'
tail -n 1 out | grep -qx same || fail 'there and back'
talk 'head -c 70000000 /dev/zero | brood send; echo $?'
tail -n 1 out | grep -qx 255 || fail 'too large: the status'
says 'brood send: the message is larger than the parent takes' 'too large'
for i in 1 2 3 4 5; do
    talk 'brood send last'
    is_out 'last\n' 'the last word'
done

# What the script wrote to is not held open, and the holder ends with it.
has_no_holder 'a script that ended'
talk 'brood send x; kill -9 $$'
is_status 137 'a script that is killed'
has_no_holder 'a script that is killed'
"$CHILDREN_DIR/talk_parent" 'brood send x; brood recv; exec sleep 100' \
    >out 2>err &
pid=$!
wait_for 'grep -qx x out'
kill -9 $pid
wait $pid
wait_for '! cli_left | grep -q "[b]rood recv"'
for p in $(cli_left | cut -d ' ' -f 1); do
    kill -9 "$p" 2>/dev/null
done

# Not in a script, and not understood.
brood() {
    "$BROOD" "$@" >out 2>err </dev/null
    status=$?
}
for command in send recv; do
    brood $command
    is_status 255 "$command without a channel"
    says "brood $command: there is no channel" "$command without a channel"
    brood $command --help
    is_status 0 "$command --help"
    awk 'length > 79 { exit 1 }' out || fail "$command --help: too wide"
    grep -q '^Examples:' out || fail "$command --help: no examples"
    brood $command --version
    is_status 0 "$command --version"
    brood $command --wrong
    is_status 255 "$command --wrong"
    says "brood $command: " "$command --wrong"
done
brood send --lines x
is_status 255 'words and lines'
brood recv --count 0
says "option '--count': expected a number from 1, not '0'" '--count 0'
brood recv --timeout soon
says "option '--timeout': expected a time" '--timeout soon'
brood recv x
says "expected no word, not 'x'" 'a word'
