#!/bin/sh
# Jobs as tasks of warm workers: --warm.
# shellcheck disable=SC2016,SC2034
clients=$(cd "$(dirname "$0")/../../tools/clients" && pwd)
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"
: "${CHILDREN_DIR:?where the children of the test are}"

work=$CHILDREN_DIR/work

is_out() { # is_out <text> <what>
    [ "$(cat out)" = "$1" ] || fail "$2: the output"
}

run -k --warm "$work" ::: a b c
is_status 0 'three tasks'
is_out abc 'three tasks'
run -k -j1 --warm "$work" '<{}|{.}|{/}|{#}>' ::: 'a $b' '/x/y.c'
is_out '<a $b|a $b|a $b|1></x/y.c|/x/y|y.c|2>' 'a command is not quoted'
run --warm "exec $work" --tag ::: a
is_out 'a	a' '--tag'
in='x\ny\nz\n' run -k -j1 --warm "$work"
is_out xyz 'standard input'
run --dry-run -k --warm "$work" 'do {}' ::: a 'b c'
is_out 'do a
do b c' '--dry-run'

seq 10000 >numbers
"$BROOD" run -k --warm "$work" -a numbers '{},' >out 2>err
status=$?
is_status 0 'ten thousand'
tr , '\n' <out | cmp -s - numbers || fail 'ten thousand'

# What each job's worker was is what the log says of a process.
run -j1 --joblog log --warm "$work" ::: a fail die b
is_status 2 'two of four fail'
awk -F'\t' -v OFS='|' 'NR > 1 { print $1, $6, $7, $8, $9 }' log >got
cat >want <<'END'
1|1|0|0|a
2|4|5|0|fail
3|0|137|9|die
4|1|0|0|b
END
cmp -s want got || fail 'the job log'
run --events events --warm "$work" --retries 3 ::: fail die
is_status 2 '--retries'
[ "$(grep -c '"attempts":3' events)" -eq 2 ] || fail '--retries: three tries'
run -j1 --halt now,fail=1 --warm "$work" ::: a fail b c
is_status 5 '--halt now,fail=1'
is_out afail '--halt now,fail=1'
says 'job 2 failed: fail; stopping' '--halt now,fail=1'
run -j1 --halt soon,success=1 --warm "$work" ::: fail a b
is_status 0 '--halt soon,success=1'
is_out faila '--halt soon,success=1'
run --warm "FAILS=1; exec $work" ::: a
is_out a 'a line for the shell'
run -k -j2 --timeout 0.3 --warm "$work" ::: a hang b
is_status 1 '--timeout'
is_out ab '--timeout'
says 'job 2 timed out: hang' '--timeout'

run --warm /no/such/worker ::: a b
is_status 255 'no worker'
says "cannot use the worker '/no/such/worker': it ends without joining" \
    'no worker'
[ "$(grep -c 'brood run' err)" -eq 1 ] || fail 'no worker: one line'
run --warm '' ::: a
is_status 255 'an empty worker'
run --delay 1 --warm "$work" ::: a
is_status 255 '--delay'
says "'--warm' and '--delay' exclude each other" '--delay'
run --warm "$work" 'x {%}' ::: a
is_status 255 'the slot'
says 'the slot is not known' 'the slot'
run --wd '{}' --warm "$work" ::: a
is_status 255 'a directory of each'
says "'--wd'" 'a directory of each'

# Everything ends with brood.
"$BROOD" run -j2 --joblog log --warm "$work" ::: hang hang a >out 2>err &
pid=$!
wait_for '[ "$(cli_left | grep -c children/work)" -ge 2 ]'
kill -TERM $pid
wait $pid
status=$?
is_status 255 'SIGTERM'
says 'SIGTERM: stopping all jobs' 'SIGTERM'
seq 100000 | "$BROOD" run --warm "$work" '{},' 2>err | head -c 10 >out
status=0
[ "$(wc -c <out)" -eq 10 ] || fail 'a closed pipe'

if /usr/bin/python3 -c 'import zmq' 2>err; then
    cat >worker.py <<'END'
import errno
import brood_client


class Worker(brood_client.Parent):
    def work(self, data):
        if data == b"bad":
            raise OSError(errno.EPERM, "bad")
        return data.upper() + b"\n"


worker = Worker()
worker.recv()
worker.close()
END
    PYTHONPATH=$clients
    export PYTHONPATH
    run -k --joblog log --warm '/usr/bin/python3 worker.py' ::: a bad b
    is_status 1 'a worker in Python'
    is_out 'A
B' 'a worker in Python'
    [ "$(cut -f 7 log | tail -n +2 | sort -n | tail -n 1)" -eq 1 ] ||
        fail 'a worker in Python: EPERM'
    [ ! -s err ] || fail 'a worker in Python: it complains'
fi
