#!/bin/sh
# The record of runs: what is not run again, and what becomes of it in trouble.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

batch() { # batch [option]... [file]...
    "$BROOD" batch "$@" >out 2>err </dev/null
    status=$?
}

sql() { # sql <store> <query>
    sqlite3 "file:$1?mode=ro" "$2"
}

# What is done is not done again.
printf '%s\n' 'echo a >>ran' 'echo b >>ran' '{"sh":"echo c >>ran; exit 1"}' >./jobs
batch jobs
is_status 1 'the first run'
batch jobs
is_status 1 'the second run'
says '3 jobs: 0 ok, 2 done before, 1 failed before (--rerun-failed' 'again'
[ "$(sort ran | tr -d '\n')" = abc ] || fail 'again: run twice'
batch --rerun-failed jobs
says '3 jobs: 0 ok, 1 failed, 2 done before; run 3 in jobs.brood' '--rerun-failed'
[ "$(sort ran | tr -d '\n')" = abcc ] || fail '--rerun-failed'
batch --again -q jobs
[ "$(sort ran | tr -d '\n')" = aabbccc ] || fail '--again'

# A job is what it is, not where it stands.
printf '%s\n' 'echo new >>ran2' 'echo a >>ran2' >moved
printf '%s\n' 'echo a >>ran2' >first
batch -q --store moved.brood first
batch moved
says '2 jobs: 1 ok, 1 done before' 'a line in front'
printf '%s\n' 'echo a >>ran2' 'echo a >>ran2' 'echo new >>ran2' >moved
batch moved
says '3 jobs: 1 ok, 2 done before' 'the same command twice'
printf '%s\n' '{"sh":"echo a >>ran2","env":{"X":"1"}}' >moved
batch moved
says '1 job: 1 ok; run' 'another environment'
printf '%s\n' '{"sh":"echo a >>ran2","env":{"X":"1"},"timeout":9}' >moved
batch moved
says '1 job: 0 ok, 1 done before' 'another time limit'

# Inputs that change, outputs that vanish.
printf '%s\n' '{"sh":"cp in.dat out.dat","inputs":"in.dat","outputs":"out.dat"}' >copy
echo 1 >in.dat
batch copy
says '1 job: 1 ok' 'inputs'
batch copy
says '1 done before' 'inputs as they were'
echo 22 >in.dat
batch copy
says '1 job: 1 ok' 'inputs that have changed'
rm out.dat
batch copy
says '1 job: 1 ok' 'an output that is gone'

# From a job on.
printf '%s\n' 'echo 1' '{"id":"two","sh":"echo 2"}' '{"sh":"echo 3","after":"two"}' \
    >from
batch -q from
batch -q --from two -j1 from
prints '2\n3\n' '--from'
batch -q --from 3 -j1 from
prints '3\n' '--from a line'
batch --from four from
is_status 2 '--from nothing'
says "brood batch: --from: there is no job 'four'" '--from nothing'

# What is in it.
printf '%s\n' '{"id":"x","sh":"echo out; echo err >&2; exit 4","tags":["a","b"]}' \
    'head -c 100000 /dev/zero' 'head -c 100000 /dev/zero # again' >kept
batch -q --output none kept
[ "$(sql kept.brood 'select name, tags, outcome, exit_status, reason from results
    join jobs using (job) where name is not null')" = \
    'x|a b |failed|4|exit status 4' ] || fail 'a result'
[ "$(sql kept.brood "select group_concat(cast(data as text), '') from outputs
    where file is null order by stream")" = 'out
err' ] || fail 'outputs'
[ "$(find kept.brood-outputs -type f | wc -l)" -eq 1 ] || fail 'the same twice'
[ "$(find kept.brood-outputs -type f -size 100000c -perm 600 | wc -l)" -eq 1 ] ||
    fail 'a large output'
[ "$(stat -c %a kept.brood kept.brood-outputs | tr '\n' ' ')" = '600 700 ' ] ||
    fail 'permissions'
[ "$(sql kept.brood 'select status, ok, failed, slots > 0, end_ns > start_ns
    from runs')" = '1|2|1|1|1' ] || fail 'the run'

# Trouble with the store.
echo 'sleep 60' >busy
"$BROOD" batch busy >/dev/null 2>&1 </dev/null &
pid=$!
wait_for '[ "$(sql busy.brood "select count(*) from runs" 2>/dev/null)" = 1 ]'
batch busy
is_status 3 'a store in use'
says "brood batch: 'busy.brood' is in use by another brood" 'a store in use'
kill -TERM $pid
wait $pid
[ $? -eq 143 ] || fail 'SIGTERM: the status'
echo true >good
echo 'this is no database, and must stay as it is' >text
cp text before
batch --store text good
is_status 3 'no database'
cmp -s text before || fail 'no database: it was changed'
says "brood batch: cannot" 'no database'
sqlite3 other 'create table t (x)'
batch --store other good
is_status 3 'another database'
says "'other' is a database, but not a record of brood" 'another database'
seq 500 | sed 's/^/echo /' >lines
batch -q --output none lines
sqlite3 lines.brood 'pragma wal_checkpoint(truncate)' >/dev/null
dd if=/dev/urandom of=lines.brood bs=1024 seek=8 count=40 conv=notrunc 2>/dev/null
batch --rerun-failed lines
is_status 3 'a damaged store'
says "'lines.brood': database disk image is malformed" 'a damaged store'
sqlite3 newer.brood 'pragma application_id = 1651666788; pragma user_version = 9;
    create table t (x)'
batch --store newer.brood good
is_status 3 'a newer store'
says 'was made by a newer brood (version 9' 'a newer store'
batch --store no/such/dir good
is_status 3 'no directory'
says "brood batch: cannot open 'no/such/dir': no such file" 'no directory'
if [ "$(id -u)" -ne 0 ]; then
    mkdir closed
    echo true >closed/jobs
    chmod 500 closed
    batch closed/jobs
    is_status 3 'a directory that cannot be written'
    chmod 700 closed
fi

# The job file is changed while it is read.
printf '%s\n' 'sleep 0.3' 'echo one' >changing
"$BROOD" batch -j1 --no-store changing >out 2>err </dev/null &
sleep 0.1
printf '%s\n' 'sleep 0.3' 'echo two' >changing
wait $!
status=$?
grep -q two out && fail 'a changed file: what was not read was run'

# An interrupt: what was done is done.
printf '%s\n' 'echo x >>once' 'sleep 60' >stopped
"$BROOD" batch -j1 stopped >out 2>err </dev/null &
pid=$!
wait_for '[ "$(sql stopped.brood "select count(*) from results" 2>/dev/null)" = 1 ]'
kill -TERM $pid
wait $pid
status=$?
is_status 143 'SIGTERM'
says 'SIGTERM: stopping all jobs' 'SIGTERM'
sed -i 's/sleep 60/true/' stopped
batch stopped
says '2 jobs: 1 ok, 1 done before' 'after SIGTERM'
[ "$(wc -l <once)" -eq 1 ] || fail 'after SIGTERM: run again'
