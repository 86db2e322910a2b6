#!/bin/sh
# brood batch in trouble: a disk that fills up, a directory that cannot be
# written, a clock that jumps.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
# Others must be able to come to it.
TMPDIR=/tmp
export TMPDIR
. "$(dirname "$0")/../support/cli.sh"

batch() { # batch [option]... [file]...
    "$BROOD" batch "$@" >out 2>err </dev/null
    status=$?
}

# A disk of 2 MiB, which a script of its own sees, in a namespace.
cat >full.sh <<'END'
set -u
mount -t tmpfs -o size=2m,mode=700 none disk || exit 77
cd disk || exit 1
i=0
while [ $i -lt 400 ]; do
    echo "echo $i >>$1/ran; yes line $i | head -c 20000"
    i=$((i + 1))
done >jobs
"$BROOD" batch -q --output none -j2 jobs >"$1/out" 2>"$1/err" </dev/null
echo $? >"$1/status"
sort "$1/ran" >"$1/first"
# All that is recorded is there, as far as it goes.
sqlite3 jobs.brood 'pragma integrity_check' >"$1/integrity"
sqlite3 jobs.brood "select substr(command, 6, instr(command, ' >>') - 6) from results
    join jobs using (job) where outcome = 'ok'" | sort >"$1/recorded"
# With more room it goes on where it was.
mount -o remount,size=60m disk 2>/dev/null || mount -o remount,size=60m "$PWD"
"$BROOD" batch --output none -j2 jobs >"$1/out2" 2>"$1/err2" </dev/null
echo $? >"$1/status2"
sqlite3 jobs.brood "select count(*) || ' ' || count(distinct job) from results
    where outcome = 'ok'" >"$1/counts"
END
mkdir disk
if unshare --help >/dev/null 2>&1; then
    BROOD=$BROOD unshare -rm sh full.sh "$dir" >unshared 2>&1
    r=$?
else
    r=77
fi
if [ $r -eq 0 ]; then
    status=$(cat status)
    is_status 3 'a full disk'
    says 'no space left on device' 'a full disk'
    says_one_line 'a full disk'
    [ "$(cat integrity)" = ok ] || fail 'a full disk: the store is damaged'
    [ -s recorded ] || fail 'a full disk: nothing was recorded before'
    [ -z "$(comm -23 recorded first)" ] || fail 'a full disk: recorded, and not run'
    [ "$(wc -l <first)" -lt 400 ] || fail 'a full disk: it went on'
    cp out2 out
    cp err2 err
    status=$(cat status2)
    is_status 0 'with more room'
    [ "$(cat counts)" = '400 400' ] || fail "with more room: $(cat counts)"
    sort ran | uniq -c | awk '$1 > 1 { print $2 }' | sort >twice
    [ -z "$(comm -12 twice recorded)" ] || fail 'with more room: run again'
else
    echo "no namespace for a small disk: $(head -n 1 unshared 2>/dev/null)"
fi

# A directory that cannot be written, for somebody who is not root.
mkdir closed
echo "echo ran >>'$dir/closed-ran'" >closed/jobs
chmod 777 "$dir"
chmod 555 closed
as=
[ "$(id -u)" -ne 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups'
if [ -z "$as" ] || $as true 2>/dev/null; then
    $as "$BROOD" batch closed/jobs >out 2>err </dev/null
    status=$?
    is_status 3 'a closed directory'
    says "brood batch: cannot open 'closed/jobs.brood': permission denied" \
        'a closed directory'
    says_one_line 'a closed directory'
    [ ! -e closed-ran ] || fail 'a closed directory: something was run'
    $as "$BROOD" batch --no-store closed/jobs >out 2>err </dev/null
    status=$?
    is_status 0 'a closed directory, no record'
    # A record that may only be read.
    chmod 755 closed
    "$BROOD" batch -q --again closed/jobs </dev/null
    chmod 444 closed/jobs.brood
    chmod 555 closed
    $as "$BROOD" batch closed/jobs >out 2>err </dev/null
    status=$?
    [ -z "$as" ] || is_status 3 'a record that is somebody else'\''s'
    chmod 644 closed/jobs.brood
    $as "$BROOD" log --all closed/jobs >out 2>err
    status=$?
    is_status 0 'brood log where nothing can be written'
    $as "$BROOD" report closed/jobs >out 2>err
    status=$?
    is_status 0 'brood report where nothing can be written'
fi
chmod 755 closed
chmod 700 "$dir"

# A clock that is set back by a day and then forward by ten years, while jobs
# run: only the times in the record are odd.
BROOD_KEPT=$BROOD
BROOD=${JUMPY_BROOD:?}
JUMPY=$dir/offset
export JUMPY
echo 0 >offset
cat >jumps.txt <<'END'
{"id":"a","sh":"echo a >>jumped; echo -86400 >new; mv new offset; sleep 0.1"}
{"id":"b","sh":"echo b >>jumped; sleep 0.1","after":"a"}
{"id":"c","sh":"echo c >>jumped; echo 315360000 >new; mv new offset; sleep 0.1","after":"b"}
{"id":"d","sh":"sleep 60","timeout":0.2,"after":"c"}
{"id":"e","sh":"test -e tried || { : >tried; exit 1; }","retries":1,"backoff":0.1,"after":"c"}
{"id":"f","sh":"echo f >>jumped","after":"e"}
END
start=$(date +%s)
batch --events events jumps.txt
[ $(($(date +%s) - start)) -lt 30 ] || fail 'the clock jumps: it takes its time'
is_status 1 'the clock jumps'
says '6 jobs: 5 ok, 1 failed' 'the clock jumps'
says 'jumps.txt:4: its time was up' 'the clock jumps: a time limit'
[ "$(tr -d '\n' <jumped)" = abcf ] || fail 'the clock jumps: jobs'
[ "$(sqlite3 jumps.txt.brood "select count(*) from results
    where duration_ns between 0 and 20000000000")" = 6 ] ||
    fail 'the clock jumps: durations'
[ "$(sqlite3 jumps.txt.brood "select count(*) from results join runs using (run)
    where results.start_ns < runs.start_ns - 80000000000000")" -ge 1 ] ||
    fail 'the test: the clock did not jump'
echo -100 >offset
batch jumps.txt
says '6 jobs: 0 ok, 5 done before, 1 failed before' 'after the clock jumped'
for how in --all --json '--run 1 --trace'; do
    # shellcheck disable=SC2086 # words
    "$BROOD" log $how jumps.txt >out 2>err
    status=$?
    is_status 0 "brood log $how after the clock jumped"
done
"$BROOD" report --run 1 jumps.txt >out 2>err
status=$?
is_status 0 'brood report after the clock jumped'
grep -q '"total":6,' out || fail 'brood report after the clock jumped'
! grep -q '"start":\[[^]]*-[2-9]' out || fail 'brood report: a start before the run'
BROOD=$BROOD_KEPT
