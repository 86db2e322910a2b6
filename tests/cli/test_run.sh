#!/bin/sh
# brood test: how tests run: at once or not, again, how long, and what they leave.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
. "$support/test.sh"

# One at a time: locks, serial ones, those that count for several, limits.
alone="f='$dir/alone'; mkdir \$f || exit 1; sleep 0.1; rmdir \$f"
for i in 1 2 3; do
    echo "add_test(lock$i sh -c \"$alone\")"
    echo "set_tests_properties(lock$i PROPERTIES RESOURCE_LOCK \"one;two$i\")"
done | sed 's/\$f/\\$f/g' >build/CTestTestfile.cmake
try --no-store -j4 build
is_status 0 'RESOURCE_LOCK'
sed -i 's/RESOURCE_LOCK .*/RUN_SERIAL ON)/' build/CTestTestfile.cmake
try --no-store -j4 build
is_status 0 'RUN_SERIAL'
sed -i 's/RUN_SERIAL .*/PROCESSORS 3)/' build/CTestTestfile.cmake
try --no-store -j4 build
is_status 0 'PROCESSORS'
sed -i 's/PROCESSORS .*/LABELS "x;y")/' build/CTestTestfile.cmake
try --no-store -j4 --limit y=1 build
is_status 0 '--limit'
try --no-store -j4 build
is_status 1 'the test: they do not run at once'

CTEST_PARALLEL_LEVEL=1 try --no-store build
is_status 0 'CTEST_PARALLEL_LEVEL'
says '3 tests, 1 at once' 'CTEST_PARALLEL_LEVEL'
CTEST_PARALLEL_LEVEL=many try --no-store -R nothing build
is_status 4 'CTEST_PARALLEL_LEVEL that is none'

for n in 0 -1x many; do
    try --no-store -j $n build
    is_status 2 "-j $n"
done

# Resources: what a test gets, who waits, who never can.
cat >spec.json <<'END'
{"version":{"major":1,"minor":0},"local":[{"gpus":[{"id":"0","slots":2},{"id":"1","slots":4}],"net":[{"id":"eth0"}]}]}
END
show='echo "$CTEST_RESOURCE_GROUP_COUNT $CTEST_RESOURCE_GROUP_0 $CTEST_RESOURCE_GROUP_0_GPUS $CTEST_RESOURCE_GROUP_1 $CTEST_RESOURCE_GROUP_1_NET"'
cat >build/CTestTestfile.cmake <<END
add_test(both sh -c [=[$show]=])
set_tests_properties(both PROPERTIES RESOURCE_GROUPS "gpus:3,gpus:2;net:1")
add_test(much true)
set_tests_properties(much PROPERTIES RESOURCE_GROUPS "gpus:5")
add_test(plain sh -c [=[$show]=])
END
for i in 1 2 3; do
    echo "add_test(alone$i sh -c \"$alone\")"
    echo "set_tests_properties(alone$i PROPERTIES RESOURCE_GROUPS net:1)"
done | sed 's/\$f/\\$f/g' >>build/CTestTestfile.cmake
try --no-store -j4 --output all --resource-spec-file spec.json build
is_status 1 'resources'
grep -qx '    2 gpus id:1,slots:3;id:0,slots:2 net id:eth0,slots:1' out || fail 'resources: what it got'
verdict 'NOT RUN' much 'more than there is'
sum '5 of 6 passed, 1 could not be run in' 'resources'
try --no-store -R '^both$' --output all build
is_status 0 'no resources are told'
grep -qx '      *' out || fail 'no resources are told: variables'
try --no-store --resource-spec-file build/CTestTestfile.cmake build
is_status 2 'a bad resource file'

# One that needs much is not passed for ever.
{
    echo 'add_test(n1 sleep 0.06)'
    echo 'add_test(n2 sleep 0.1)'
    echo 'add_test(much true)'
    for i in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
        echo "add_test(n$i sleep 0.06)"
    done
    echo 'set_tests_properties(much PROPERTIES RESOURCE_GROUPS gpus:4,gpus:2)'
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
        echo "set_tests_properties(n$i PROPERTIES RESOURCE_GROUPS gpus:2)"
    done
} >build/CTestTestfile.cmake
try --no-store -j4 --resource-spec-file spec.json build
is_status 0 'one that needs much'
sed -n '/much/=' out | awk '{ exit !($1 < 20) }' || fail "one that needs much: $(cat out)"

# Again: flaky ones, until they fail or pass, many times side by side.
cat >build/CTestTestfile.cmake <<END
add_test(flaky sh -c "echo x >>'$dir/tries'; echo try; [ \$(wc -l <'$dir/tries') -ge 3 ]")
add_test(never sh -c "echo no; exit 1")
END
try --no-store --retries 2 --junit junit.xml --events events build
is_status 1 '--retries'
verdict FLAKY flaky '--retries'
grep -q 'flaky  (passed at attempt 3)$' out || fail '--retries: how often'
sum '1 of 2 passed, 1 flaky, 1 failed in' '--retries'
[ "$(tail -n 2 out | sed 's/ *\([A-Z]*\) .* s  /\1 /')" = 'FLAKY flaky  (passed at attempt 3)
FAIL never  (exit status 1, in all 3 attempts)' ] || fail '--retries: the list at the end'
grep -q '"name":"flaky","verdict":"FLAKY",.*"attempts":3,' events || fail '--retries: events'
[ "$(grep -c '<flakyFailure ' junit.xml)" -eq 2 ] || fail '--retries: flakyFailure'
[ "$(grep -c '<rerunFailure ' junit.xml)" -eq 2 ] || fail '--retries: rerunFailure'
python3 "$support/junit.py" junit.xml >out || fail '--retries: JUnit'
rm tries
try --no-store --retries 2 -R flaky build
[ "$(sed -n '/^    attempt/,/^$/p' out)" = '    attempt 2: FAIL, exit status 1
    try' ] || fail '--retries: what the attempt before wrote'
rm tries
try --no-store -R flaky --repeat until-pass:5 build
is_status 0 'until-pass'
[ "$(wc -l <tries)" -eq 3 ] || fail 'until-pass: how often'
try --no-store -R flaky --repeat until-fail:4 build
is_status 0 'until-fail'
[ "$(wc -l <tries)" -eq 7 ] || fail 'until-fail: how often'
try --no-store --stress 3 -j2 build
sum '3 of 6 passed, 3 failed in' '--stress'
grep -q 'never (2/3)' out || fail '--stress: which'
[ "$(sed -n '$p' out)" = '   FAIL               never: 3 of 3 failed' ] || fail '--stress: the list'
try --no-store --stop-on-failure -j1 --repeat until-fail:1 -R 'never|flaky' build
says 'starting no more tests after 1 failure' '--stop-on-failure'
echo 'add_test(never false)' >build/CTestTestfile.cmake
try --no-store --max-fail 3 --stress 9 -j1 build
is_status 1 '--max-fail'
says 'starting no more tests after 3 failures' '--max-fail'
sum '0 of 9 passed, 3 failed, 6 not run in' '--max-fail'
echo "add_test(kinds sh -c [=[case \$(ls -A '$dir/n' | wc -l) in
0) mkdir '$dir/n/1'; exit 1 ;; 1) mkdir '$dir/n/2'; kill -9 \$\$ ;; 2) mkdir '$dir/n/3'; exit 2 ;; esac]=])" \
    >build/CTestTestfile.cmake
mkdir n
try --no-store --stress 5 -j1 build
[ "$(sed -n '$p' out)" = '   FAIL               kinds: 2 of 5 failed, 1 crashed' ] || fail '--stress: how'
rm -r n/*
try --no-store --retries 2 -j1 build
grep -q 'kinds  (exit status 2, none of 3 attempts passed)$' out || fail '--retries: not all alike'

# Time: limits that output changes, a default, a signal of one's own.
cat >build/CTestTestfile.cmake <<END
add_test(match sh -c "echo ready; sleep 60")
set_tests_properties(match PROPERTIES TIMEOUT_AFTER_MATCH "0.2;ready" TIMEOUT 50)
add_test(matches-not sh -c "echo red; sleep 0.5")
set_tests_properties(matches-not PROPERTIES TIMEOUT_AFTER_MATCH "0.2;ready" TIMEOUT 50)
add_test(asked sh -c "trap 'echo asked >\"$dir/asked\"; exit 0' USR1; sleep 60 & wait")
set_tests_properties(asked PROPERTIES TIMEOUT 1.5 TIMEOUT_SIGNAL_NAME SIGUSR1 TIMEOUT_SIGNAL_GRACE_PERIOD 5)
add_test(chatty sh -c "seq 1 3000000; echo ready; sleep 60")
set_tests_properties(chatty PROPERTIES TIMEOUT_AFTER_MATCH "0.2;^ready$" TIMEOUT 50)
add_test(plain sleep 60)
add_test(free sleep 0.5)
set_tests_properties(free PROPERTIES TIMEOUT 0)
END
# (ctest 3.25 does not tell TIMEOUT_SIGNAL_NAME.)
try_without_ctest --no-store -j5 --timeout 0.3 --slow 0.2 build
verdict TIMEOUT match 'TIMEOUT_AFTER_MATCH'
verdict TIMEOUT chatty 'TIMEOUT_AFTER_MATCH, much output'
verdict PASS matches-not 'TIMEOUT_AFTER_MATCH'
verdict TIMEOUT asked 'TIMEOUT_SIGNAL_NAME'
[ -s asked ] || fail 'TIMEOUT_SIGNAL_NAME: not sent'
verdict TIMEOUT plain '--timeout'
grep -q 'plain  (after 0.3 s)$' out || fail '--timeout: the limit'
grep -q 'match  (after 0.2 s, TIMEOUT_AFTER_MATCH)$' out || fail 'TIMEOUT_AFTER_MATCH: the limit'
verdict PASS free 'TIMEOUT 0'
verdict SLOW free '--slow'
grep -q 'free  (still running)$' out || fail '--slow: it runs'

cat >build/CTestTestfile.cmake <<END
add_test(limited sleep 60)
set_tests_properties(limited PROPERTIES TIMEOUT 0.05)
add_test(lucky sleep 0.6)
set_tests_properties(lucky PROPERTIES TIMEOUT 0.5)
add_test(matched sh -c "echo ready; sleep 0.6")
set_tests_properties(matched PROPERTIES TIMEOUT_AFTER_MATCH "0.5;ready" TIMEOUT 50)
END
try --no-store -j2 --timeout-factor 10 build
is_status 1 '--timeout-factor'
verdict PASS lucky '--timeout-factor'
verdict PASS matched '--timeout-factor, TIMEOUT_AFTER_MATCH'
verdict TIMEOUT limited '--timeout-factor'
grep -q 'limited  (after 0.5 s)$' out || fail '--timeout-factor: the limit'

try --no-store -R limited --timeout-factor 0.0005 build
verdict TIMEOUT limited 'a factor that makes nothing of a limit'

# Until a time of day, or so long.
cat >build/CTestTestfile.cmake <<END
add_test(one sleep 60)
add_test(two sleep 60)
add_test(three true)
END
try --no-store -j2 --stop-time +1.5 --tap stopped.tap build
grep -qx 'ok [0-9] - three # SKIP the run was stopped' stopped.tap || fail '--stop-time: TAP'
is_status 1 '--stop-time'
verdict TIMEOUT one '--stop-time'
verdict TIMEOUT two '--stop-time'
grep -q 'two  (--stop-time has come)$' out || fail '--stop-time: why'
says 'stopping all tests (--stop-time)' '--stop-time'
sum '0 of 3 passed, 2 timed out, 1 not run in' '--stop-time'
for time in 25:00 noon +x 12:00:00:00; do
    try --no-store --stop-time $time build
    is_status 2 "--stop-time $time"
done
try --no-store -R three --stop-time "$(date -d '+1 hour' +%H:%M)" build
is_status 0 '--stop-time of the day'

# A command before each test's own.
echo 'add_test(args sh -c [=[echo "$0" "$1"]=] "a b" "*")' >build/CTestTestfile.cmake
try --no-store --output all --wrap "env 'SOME=a  b' \$CLI_TEST=" build
is_status 0 '--wrap'
grep -qx '    a b \*' out || fail "--wrap: arguments: $(cat out)"
echo 'add_test(env sh -c [=[[ "$SOME" = "a  b" ]]=])' >build/CTestTestfile.cmake
try --no-store --wrap "env 'SOME=a  b'" build
is_status 0 '--wrap'
for command in "'open" '$(true)' ''; do
    try --no-store --wrap "$command" build
    is_status 2 "--wrap $command"
    says 'expected a command, with its quotes closed' '--wrap'
done

# None beside another while the machine has enough to do.
printf 'add_test(t%s sh -c "%s")\n' 1 "$(echo "$alone" | sed 's/\$f/\\$f/g')" \
    2 "$(echo "$alone" | sed 's/\$f/\\$f/g')" >build/CTestTestfile.cmake
sh -c 'while :; do :; done' &
busy=$!
try --no-store -j2 --test-load 0.5 build
kill $busy
is_status 0 '--test-load'

# A grandchild that holds the output does not hold the run up.
cat >build/CTestTestfile.cmake <<'END'
add_test(leaks sh -c "sleep 3 & echo started")
add_test(own sh -c "echo $TMPDIR $BROOD_TEST_SLOT $BROOD_TEST; touch $TMPDIR/left")
END
sed -i 's/\$/\\$/g' build/CTestTestfile.cmake
start=$(date +%s%N)
try --no-store -j1 --output all build
[ $((($(date +%s%N) - start) / 1000000)) -lt 2500 ] || fail 'a grandchild that holds the output'
grep -qE 'leaks  \(left behind, and ended: [0-9]+ .*sleep 3' out || fail 'it is not named'
sum '2 of 2 passed, 1 left processes behind in' 'a grandchild'
grep -qE '^    /.*/brood-test-[A-Za-z0-9]{6}/[0-9]+ 1 own$' out || fail 'TMPDIR, slot, name'
cat >build/CTestTestfile.cmake <<'END'
add_test(group sh -c "sleep 61 >/dev/null 2>&1 & exit 0")
add_test(cleared sh -c "env -i sleep 63 & until tr '\\0' ' ' </proc/\$!/cmdline | grep -q '^sleep'; do :; done")
add_test(session sh -c "setsid sh -c 'echo >up2; exec sleep 62' >/dev/null 2>&1 & until [ -s up2 ]; do :; done")
END
try --no-store -j1 build
grep -qE 'group  \(left behind, and ended: [0-9]+ .*sleep 61' out || fail 'a process of its group'
grep -qE 'cleared  \(left behind, and ended: [0-9]+ .*sleep 63' out || fail 'a process of its group without its environment'
grep -qE 'ending what tests have left behind: [0-9]+ .*sleep 62$' err || fail 'a process of its own session'
[ -z "$(cli_left)" ] || fail "left: $(cli_left)"

# A directory of its own for each, empty whatever the one before has left.
cat >build/CTestTestfile.cmake <<'END'
add_test(file sh -c [=[ls -A $TMPDIR | grep . && exit 1; touch $TMPDIR/x]=])
add_test(gone sh -c [=[ls -A $TMPDIR | grep . && exit 1; rmdir $TMPDIR]=])
add_test(tree sh -c [=[ls -A $TMPDIR | grep . && exit 1; mkdir -p $TMPDIR/a/b; chmod 500 $TMPDIR/a]=])
add_test(mode sh -c [=[[ $(stat -c %a $TMPDIR) = 700 ] || exit 1; chmod 777 $TMPDIR]=])
add_test(moved sh -c [=[ls -A $TMPDIR | grep . && exit 1; mv $TMPDIR $TMPDIR.x; mkdir $TMPDIR; touch $TMPDIR.x/y]=])
add_test(back sh -c [=[ls -A $TMPDIR | grep . && exit 1; touch $TMPDIR/x; rm $TMPDIR/x; echo $TMPDIR >>dirs]=])
add_test(same sh -c [=[ls -A $TMPDIR | grep . && exit 1; echo $TMPDIR >>dirs]=])
END
try --no-store -j1 --stress 20 --schedule-random --seed 1 build
is_status 0 "the directory of its own: $(cat out)"
[ "$(sort -u build/dirs | wc -l)" -eq 40 ] || fail 'the directory of its own: two have the same name'

# A process that goes on to make files there cannot hold the run up.
echo 'add_test(busy sh -c [=[(i=0; while :; do i=$((i + 1)); : >$TMPDIR/$i; done) 2>&- & exit 1]=])' >build/CTestTestfile.cmake
try --no-store --retries 2 build
is_status 1 'a directory that is written to'
verdict FAIL busy 'a directory that is written to'

# What a run has left that was killed goes with the next one; what another run
# has, or nobody of us, stays.
mkdir -p "$TMPDIR/brood-test-oldone/7/x" "$TMPDIR/brood-test-newone" "$TMPDIR/brood-test-locked" "$TMPDIR/brood-test-short"
echo 'add_test(ok true)' >build/CTestTestfile.cmake
old=$(date +%s)
wait_for '[ $(($(date +%s) - old)) -gt 3 ]'
touch "$TMPDIR/brood-test-newone/now"
exec 9<"$TMPDIR/brood-test-locked"
flock 9
try --no-store build
exec 9<&-
[ -d "$TMPDIR/brood-test-locked" ] || fail 'the directory of another run is removed'
[ ! -e "$TMPDIR/brood-test-oldone" ] || fail 'the directory of a run that was killed stays'
[ -d "$TMPDIR/brood-test-newone" ] || fail 'a directory that is new is removed'
rm -r "$TMPDIR/brood-test-"*

# A crash with a core: where it is, and what gdb says.
if [ -n "${CHILDREN_DIR:-}" ] && grep -q '^Max core file size  *[a-z0-9]*  *unlimited' /proc/self/limits &&
    ! grep -q '[|/]' /proc/sys/kernel/core_pattern; then
    echo "add_test(cores $CHILDREN_DIR/dump_core)" >build/CTestTestfile.cmake
    try --no-store build
    verdict CRASH cores 'a core'
    grep -q 'cores  (SIGABRT, core dumped)$' out || fail 'a core: reason'
    grep -q '^    core: .*/build/core' out || fail 'a core: where it is'
    ! command -v gdb >/dev/null || grep -q '^    #[0-9]* .*main ' out ||
        fail 'a core: its backtrace'
    # Those that dump to one file: none shows what is of another.
    own_trace() { # own_trace <n>: the functions in the block of crash<n>
        awk -v name="crash$1" '/^ *CRASH /{mine = $4 == name} /^    / && mine' out >block
        grep -oE '\<f[1-8] \(' block | sort -u | tr -d ' (\n'
    }
    one_core() { # one_core <what>
        [ "$(cat /proc/sys/kernel/core_pattern /proc/sys/kernel/core_uses_pid | tr '\n' ' ')" != 'core 0 ' ] ||
            [ "$(echo build/core*)" = build/core ] || fail "$1: not one core: $(echo build/core*)"
    }
    if gdb=$(command -v gdb); then
        # While gdb reads that of one, another dumps.
        mkdir both-gdb
        printf '#!/bin/sh\necho >>%s/gdbs\nuntil [ "$(wc -l <%s/gdbs)" -ge 2 ]; do sleep 0.02; done\nexec %s "$@"\n' \
            "$dir" "$dir" "$gdb" >both-gdb/gdb
        chmod +x both-gdb/gdb
        echo "add_test(crash1 $CHILDREN_DIR/crash_in 1)" >build/CTestTestfile.cmake
        echo "add_test(crash2 $CHILDREN_DIR/crash_in 2 $dir/gdbs)" >>build/CTestTestfile.cmake
        PATH=$dir/both-gdb:$PATH try --no-store -j2 build
        for n in 1 2; do
            got=$(own_trace $n)
            is f$n "a core while gdb reads another, crash$n"
        done
        one_core 'two cores'
        # At once: what is lost is said.
        for n in 1 2 3 4 5 6 7 8; do
            echo "add_test(crash$n $CHILDREN_DIR/crash_in $n)"
        done >build/CTestTestfile.cmake
        try --no-store -j4 build
        for n in 1 2 3 4 5 6 7 8; do
            got=$(own_trace $n)
            if [ -n "$got" ]; then
                is f$n "eight cores, crash$n"
            else
                grep -qE '^    core: (overwritten|.*, incomplete$|not found)' block || grep -q "crash$n  (SIGABRT)\$" out ||
                    fail "eight cores, crash$n: neither shown nor lost: $(cat block)"
            fi
        done
        one_core 'eight cores'
        echo "add_test(cores $CHILDREN_DIR/dump_core)" >build/CTestTestfile.cmake
    fi
    # A directory whose name would be a pattern.
    mkdir 'b[1]'
    cp build/CTestTestfile.cmake 'b[1]'
    try --no-store 'b[1]'
    grep -q '^    core: .*/b\[1\]/core' out || fail 'a core in a directory with brackets'
    # gdb runs beside other tests, and may be stopped.
    mkdir slow-gdb
    printf '#!/bin/sh\nsleep 61\n' >slow-gdb/gdb
    chmod +x slow-gdb/gdb
    echo "add_test(quick true)" >>build/CTestTestfile.cmake
    PATH=$dir/slow-gdb:$PATH "$BROOD" test --no-store -j1 build >out 2>err </dev/null &
    pid=$!
    wait_for 'grep -q quick out'
    kill -TERM $pid
    wait $pid
    status=$?
    is_status 143 'a slow gdb'
    verdict CRASH cores 'a slow gdb'
    sum '1 of 2 passed, 1 crashed in' 'a slow gdb'
fi

# HUP lets those finish that run.
printf 'add_test(first sh -c "touch up3; until [ -e go ]; do sleep 0.02; done")\nadd_test(next true)\n' >build/CTestTestfile.cmake
"$BROOD" test --no-store -j1 build >out 2>err </dev/null &
pid=$!
wait_for 'test -e build/up3'
kill -HUP $pid
wait_for 'grep -q SIGHUP err'
touch build/go
wait $pid
status=$?
is_status 129 'SIGHUP'
verdict PASS first 'SIGHUP'
says 'SIGHUP: starting no more tests' 'SIGHUP'
sum '1 of 2 passed, 1 not run in' 'SIGHUP'

# Ctrl-C names and ends what runs: not what has been handed out ahead of time, as
# is done when tests are short.
echo 'add_test(long sh -c "mkdir first 2>/dev/null && exit 0; touch up; sleep 60 & sleep 60")' \
    >build/CTestTestfile.cmake
"$BROOD" test --no-store -j1 --stress 40 build >out 2>err </dev/null &
pid=$!
wait_for 'test -e build/up'
# (Until its start has come through.)
wait_for 'kill -USR1 $pid; grep -q "long (.*/40): process " err'
says '1 of 40 done, 1 running' 'SIGUSR1: those that have started'
kill -TERM $pid
wait $pid
status=$?
is_status 143 'SIGTERM'
says 'SIGTERM: stopping all tests; once more kills them' 'SIGTERM'
[ "$(grep -c '1 of 40 done, 1 running' err)" -ge 2 ] || fail 'SIGTERM: what runs'
sum '1 of 40 passed, 39 not run in' 'SIGTERM'
