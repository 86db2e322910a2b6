#!/bin/sh
# brood test: its record.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
. "$support/test.sh"
record=build/brood-test.db

# Tests of one name in two directories do not share what is known of them.
mkdir build/other
printf 'subdirs(sub)\nsubdirs(other)\n' >build/CTestTestfile.cmake
echo 'add_test(same sh -c "exit 1")' >build/sub/CTestTestfile.cmake
echo 'add_test(same sh -c "sleep 0.1")' >build/other/CTestTestfile.cmake
try -j1 build
is_status 1 'two of one name'
listed --rerun-failed
is '1' 'the one that failed'
try -q --rerun-failed build
sum '0 of 1 passed, 1 failed' 'the one that failed, again'
listed --changed
is '1' 'the one that has not passed'
sed -i 's/exit 1/exit 0/' build/sub/CTestTestfile.cmake
# With another command it is another one.
listed --changed
is '1' 'one of several, with another command'
rm -f $record

# A name that only one has stands for it, whatever its command is.
echo 'add_test(alone sh -c "exit 1")' >build/CTestTestfile.cmake
try -q build
echo 'add_test(alone sh -c "exit 2")' >build/CTestTestfile.cmake
listed --rerun-failed
is '1' 'the only one of its name'

# It is made when a test is run, not before.
rm -f $record
try -R nothing build
is_status 4 'nothing to run'
try -N build
try --junit no/file build
[ ! -e $record ] || fail 'a record of nothing'
mkdir none
try none
[ ! -e none/brood-test.db ] || fail 'a record where there are no tests'

# The command, word by word.
try -q --store build/brood-test.db -L "it's" -R 'a|b c' --no-tests ignore build
try -q -R 'al|x y' -j2 build
[ "$(sql 'select command from runs')" = "brood test -q -R 'al|x y' -j2 build" ] ||
    fail 'the command'

# Where there can be none, tests run all the same.
cat >build/CTestTestfile.cmake <<'END'
add_test(waits sh -c "while [ ! -e go ]; do sleep 0.05; done")
add_test(good true)
END
rm -f $record
"$BROOD" test -R waits build >first 2>&1 </dev/null &
pid=$!
wait_for '[ "$(sql "select count(*) from runs" 2>/dev/null)" = 1 ]'
busy="'build/brood-test.db' is in use by another brood"
try -R good build
is_status 0 'a second run'
says "brood test: $busy; going on without a record" 'a second run'
verdict PASS good 'a second run'
try -R good --store $record build
is_status 3 'a second run with --store'
says "brood test: $busy; --no-store runs without a record" 'a second run with --store'
says_one_line 'a second run with --store'
try --rerun-failed build
is_status 3 'a second run with --rerun-failed'
says "$busy; --rerun-failed needs the record" 'a second run with --rerun-failed'
for store in '' "--store $record"; do
    # shellcheck disable=SC2086 # two words, or none
    try -N --json $store build
    is_status 0 "-N beside a run $store"
    says "$busy; going on without" "-N beside a run $store"
    says_one_line "-N beside a run $store"
    grep -q '"name":"good".*"last":null}' out || fail "-N beside a run $store: the list"
done
: >build/go
wait $pid || fail 'the first run'
[ "$(sql 'select count(*) from results')" = 1 ] || fail 'the record of the first run'
mkdir closed closed/brood-test.db
cp build/CTestTestfile.cmake closed
try -R good closed
is_status 0 'no place for a record'
says "brood test: cannot open 'closed/brood-test.db': is a directory; going on" 'no place'
try -R good --store closed/brood-test.db closed
is_status 3 'no place, with --store'
if [ "$(id -u)" -ne 0 ]; then
    rmdir closed/brood-test.db
    chmod 500 closed
    try -R good closed
    chmod 700 closed
    is_status 0 'a directory that cannot be written'
    says 'permission denied; going on without a record' 'a directory that cannot be written'
fi

# The disk is full before the last test has ended.
mkdir small
cat >full.sh <<'END'
mount -t tmpfs -o size=256k small small || exit 77
cat >small/CTestTestfile.cmake <<'MORE'
add_test(fills sh -c "cat /dev/zero >fill 2>/dev/null; true")
add_test(more sh -c "sleep 0.3")
add_test(last sh -c "sleep 0.3")
MORE
"$BROOD" test -j1 --junit junit.xml small >out 2>err </dev/null
END
status=77
! unshare -m true 2>/dev/null || {
    unshare -m sh full.sh
    status=$?
}
if [ "$status" -ne 77 ]; then
    is_status 3 'a full disk'
    [ "$(grep -c 'no space left on device; going on without a record$' err)" -eq 1 ] ||
        fail 'a full disk: not said once'
    sum '3 of 3 passed' 'a full disk'
    grep -q 'tests="3" failures="0"' junit.xml || fail 'a full disk: the report'
fi

# What a report cannot be written to is said before tests run.
for option in --junit --tap --events; do
    try --no-store -R good $option no/file build
    is_status 3 "$option"
    says "brood test: cannot write 'no/file': no such file or directory" "$option"
    says_one_line "$option"
    [ ! -s out ] || fail "$option: a test was run"
done
echo old >report
try --no-store -R nothing --junit report build
try --no-store -R good --junit report --tap no/file build
[ "$(cat report)" = old ] || fail 'a report of no run'
try --no-store -R good --junit report2 --tap no/file build
[ ! -e report2 ] || fail 'an empty report of no run'

# What to do next.
echo 'add_test(bad false)' >build/CTestTestfile.cmake
try build
[ "$(tail -n 1 err)" = 'brood test: --rerun-failed runs what has failed again, brood log build/brood-test.db shows more' ] ||
    fail 'what to do next'
try -q build
! grep -q 'rerun-failed runs' err || fail 'what to do next, with -q'

# What tests wrote is kept of the last runs: a small output in the record, large
# ones as files, and one of these that is the same in each run.
kept() { # kept: files of outputs
    find build/brood-test.db-outputs -type f | wc -l
}
rm -rf $record*
cat >build/CTestTestfile.cmake <<'END'
add_test(small sh -c "echo small")
add_test(same sh -c "head -c 100000 /dev/zero")
add_test(large sh -c "cat seed; head -c 200000 /dev/zero")
add_test(quiet true)
END
for i in 1 2 3 4; do
    echo "seed $i" >build/seed
    try -q --keep 2 build
done
[ "$(kept)" -eq 3 ] || fail "--keep 2: $(kept) files"
[ "$(sql 'select run, count(data), count(file), sum(size) from results join
    outputs using (result) group by run order by run')" = '1|0|0|300013
2|0|0|300013
3|1|2|300013
4|1|2|300013' ] || fail '--keep 2: the outputs'
[ "$(sql 'select count(*) from results')" -eq 16 ] || fail '--keep 2: the results'
"$BROOD" log -o --run 1 build >out
for text in '(6 bytes of standard output have been removed)' \
    '(200007 bytes of standard output have been removed)'; do
    grep -qxF "$text" out || fail "brood log: $text"
done
[ "$(wc -l <out)" -eq 7 ] || fail 'brood log: what wrote nothing'
"$BROOD" log -o --run 3 build | grep -aqx 'seed 3' || fail 'brood log: what is kept'
"$BROOD" log -o --json --run 1 --text small build |
    grep -q '"stdout":null}$' || fail 'brood log --json'
"$BROOD" report --run 1 build >out || fail 'brood report'
grep -qF '[["stdout","(6 bytes, removed)"' out || fail 'brood report: what is removed'
# The last run that had a large output goes, and its file with it.
sed -i '/large/d' build/CTestTestfile.cmake
try -q --keep 0 build
[ "$(kept)" -eq 3 ] || fail '--keep 0'
try -q --keep 1 build
[ "$(kept)" -eq 1 ] || fail '--keep 1'
# Other runs in the same record are none of ours.
echo 'echo a job' >./jobs
"$BROOD" batch -q --store $record jobs >out </dev/null
for i in 1 2 3; do
    try -q --keep 1 build
done
[ "$(sql "select cast(data as text) from results join outputs using (result) join
    runs using (run) where command not like 'brood test%'")" = 'a job' ] ||
    fail '--keep: outputs of a batch'
# Ten runs, unless another number is given.
rm -rf $record*
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    try -q -R small build
done
[ "$(sql 'select min(run), count(distinct run) from results join outputs using (result)
    where data is not null')" = '3|10' ] || fail 'the default of --keep'
[ "$(sql 'select count(*) from runs where outputs_removed_ns is not null')" -eq 2 ] ||
    fail 'runs without outputs'

# A directory stands for its record.
for command in log report; do
    "$BROOD" $command build/ >out 2>err
    status=$?
    is_status 0 "brood $command of a directory"
    "$BROOD" $command none/ >out 2>err
    status=$?
    is_status 3 "brood $command of a directory without a record"
    says "brood $command: there is no record 'none/brood-test.db', and no 'none.brood'" \
        "brood $command of a directory without a record"
done
mkdir jobs.d
"$BROOD" batch -q --store jobs.d.brood jobs >out </dev/null
"$BROOD" log jobs.d/ >out || fail 'a record beside a directory'
"$BROOD" log gone >out 2>err
says "brood log: there is no record 'gone.brood'" 'no record'
