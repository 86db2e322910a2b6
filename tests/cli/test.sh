#!/bin/sh
# brood test: what runs, in which order, and what becomes of it.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"

try() { # try [option]... [source]...
    "$BROOD" test "$@" >out 2>err </dev/null
    status=$?
}

sum() { # sum <text> <what>: the last line has it
    tail -n 1 err | grep -qF "brood test: $1" || fail "$2: no '$1'"
}

verdict() { # verdict <word> <name> <what>
    grep -qE "^ *$1  *([0-9.]+ s)?  *$2(  |\$)" out || fail "$3: not $1: $2"
}

# A build directory, as CMake writes it.
mkdir build build/sub
cat >build/CTestTestfile.cmake <<'END'
# CMake generated Testfile for
add_test([=[ok]=] "true")
add_test(fails "sh" "-c" "echo what; exit 3")
add_test([==[a "name"; ]=] x]==] "sh" "-c" "echo \"a \$HOME\"; exit 0")
add_test(will-fail "false")
set_tests_properties(will-fail PROPERTIES WILL_FAIL "TRUE" _BACKTRACE_TRIPLES "x;1")
add_test(will-not "true")
set_tests_properties(will-not PROPERTIES WILL_FAIL "TRUE")
add_test(crashes "sh" "-c" "kill -SEGV \$\$")
set_tests_properties(crashes PROPERTIES WILL_FAIL "TRUE")
add_test(late "sleep" "60")
set_tests_properties(late PROPERTIES TIMEOUT "0.3" LABELS "slow;net")
add_test(passes "sh" "-c" "echo hello world; exit 3")
set_tests_properties(passes PROPERTIES PASS_REGULAR_EXPRESSION "no;hel+o" LABELS "net")
add_test(passes-not "sh" "-c" "echo hello; exit 0")
set_tests_properties(passes-not PROPERTIES PASS_REGULAR_EXPRESSION "world")
add_test(bad-word "sh" "-c" "echo ERROR >&2")
set_tests_properties(bad-word PROPERTIES FAIL_REGULAR_EXPRESSION "warn;ERROR")
add_test(skips "sh" "-c" "exit 77")
set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE "77" WILL_FAIL "ON")
add_test(skips-word "sh" "-c" "echo not here; exit 1")
set_tests_properties(skips-word PROPERTIES SKIP_REGULAR_EXPRESSION "not here")
add_test(env "sh" "-c" "[ \"\$A\$B\" = 12 ] && case \$PATH in /first:*) ;; *) exit 1 ;; esac")
set_tests_properties(env PROPERTIES ENVIRONMENT "A=1;B=2" ENVIRONMENT_MODIFICATION "PATH=path_list_prepend:/first")
add_test(dir "sh" "-c" "[ \"\$PWD\" = / ]")
set_tests_properties(dir PROPERTIES WORKING_DIRECTORY "/")
add_test(no-program "/no/such/program")
add_test(no-file "true")
set_tests_properties(no-file PROPERTIES REQUIRED_FILES "/no/such/file")
add_test(off "false")
set_tests_properties(off PROPERTIES DISABLED "ON")
subdirs("sub")
END
cat >build/sub/CTestTestfile.cmake <<'END'
if(CTEST_CONFIGURATION_TYPE MATCHES "^([Dd][Ee][Bb][Uu][Gg])$")
  add_test(configured "true")
endif()
add_test(in-sub "sh" "-c" "case \$PWD in */build/sub) ;; *) exit 1 ;; esac")
END

want_all() { # want_all <what>
    is_status 1 "$1"
    for name in ok 'a "name"; ]=] x' will-fail passes env dir in-sub; do
        verdict PASS "$(printf %s "$name" | sed 's/[][]/\\&/g')" "$1"
    done
    for name in fails will-not passes-not bad-word; do
        verdict FAIL "$name" "$1"
    done
    verdict CRASH crashes "$1"
    verdict TIMEOUT late "$1"
    verdict SKIP skips "$1"
    verdict SKIP skips-word "$1"
    verdict 'NOT RUN' no-program "$1"
    verdict 'NOT RUN' no-file "$1"
    verdict OFF off "$1"
    sum '7 of 17 passed, 5 failed, 1 timed out, 2 could not be run, 2 skipped, 1 disabled in ' "$1"
}
if command -v ctest >/dev/null; then
    try --no-store build
    want_all 'by ctest'
    grep -q '^ *FAIL .*fails  (exit status 3)$' out || fail 'a reason'
    grep -qx '    what' out || fail 'the output of a failure'
    ! grep -q 'hello world' out || fail 'the output of a test that passes'
    [ -z "$(ls build/brood-test.db 2>/dev/null)" ] || fail '--no-store'
    # The same verdicts as ctest's own.
    (cd build && ctest -j2 --output-junit ../ctest.xml >/dev/null 2>&1)
    if [ -s ctest.xml ]; then
        sed -n 's/.*<testcase name="\([^"]*\)".* status="\([^"]*\)".*/\2 \1/p' ctest.xml |
            sed 's/&quot;/"/g' | sort >theirs
        sed -n 's/^ *\(PASS\|FAIL\|CRASH\|TIMEOUT\|NOT RUN\|SKIP\|OFF\)  *[0-9.]* s  \(.*\)/\1 \2/p
            s/^ *\(NOT RUN\|OFF\)   *\(.*\)/\1 \2/p' out | sed 's/  (.*//' |
            sed 's/^PASS/run/; s/^FAIL/fail/; s/^CRASH/fail/; s/^TIMEOUT/fail/
                s/^NOT RUN/notrun/; s/^SKIP/notrun/; s/^OFF/disabled/' |
            sort -u >ours
        diff theirs ours >differ || fail "other verdicts than ctest's: $(cat differ)"
    fi
fi
# Where there is no ctest, from the file itself.
mkdir bin
for program in sh true false sleep env; do
    for place in /usr/bin /bin; do
        [ ! -x $place/$program ] || ln -sf $place/$program bin/$program
    done
done
PATH_KEPT=$PATH
PATH=$dir/bin try --no-store build
PATH=$PATH_KEPT
want_all 'without ctest'
PATH=$dir/bin try --no-store -C Debug -R configured build
PATH=$PATH_KEPT
is_status 0 '-C'
sum '1 of 1 passed in' '-C'

# Which tests.
chosen() { # chosen <numbers> <option>...
    want=$1
    shift
    try -N "$@" build
    got=$(sed 's/^ *\([0-9]*\) .*/\1/' out | tr '\n' ' ')
    [ "$got" = "$want " ] || fail "$*: $got"
}
chosen '8 9' -R passes
chosen '1 8' -R '^ok$' -R '^passes$'
chosen '8' -R passes -E 'not$'
chosen '7 8' -L net
chosen '7' -L net -L '^sl'
chosen '8' -L net -LE slow
chosen '2 4 6' -I 2,7,2
chosen '2 17' -I 2,2,1,17
chosen '1 2 3' -I ,3
try -R nothing build
is_status 4 'no tests'
says 'brood test: no tests were found' 'no tests'
try -R '(' build
is_status 2 'a bad expression'
says "expected a regular expression, not '('" 'a bad expression'

# What failed runs first the next time, and alone with --rerun-failed.
rm -f build/brood-test.db
try -j1 -R '^(ok|fails|passes|will-fail)$' build
try -j1 -R '^(ok|fails|passes|will-fail)$' build
sed -n 1p out | grep -q fails || fail 'what failed is not the first'
chosen 2 --rerun-failed
"$BROOD" log build/brood-test.db >out
grep -q '^run 2 .*status 1: 3 ok, 1 failed' out || fail 'brood log of tests'
"$BROOD" report build/brood-test.db >out || fail 'brood report of tests'
# Longest first, by the record; parts that take as long.
for i in 1 2 3 4; do
    echo "add_test(t$i sh -c \"sleep 0.$i\")"
done >build/sub/CTestTestfile.cmake
try -q -j4 -R '^t' build
try -j1 -R '^t' build
[ "$(sed 's/.* s  //' out | tr '\n' ' ')" = 't4 t3 t2 t1 ' ] || fail 'not the longest first'
try -N --shard 1/2 -R '^t' build
cp out part1
try -N --shard 2/2 -R '^t' build
[ "$(sed 's/.*  //' part1 | tr '\n' ' ')$(sed 's/.*  //' out | tr '\n' ' ')" = 't1 t4 t2 t3 ' ] ||
    fail 'shards'
try --schedule-random --seed 5 -j1 -R '^t' --no-store build
sed 's/.* s  //' out >order
try --seed 5 -j1 -R '^t' --no-store build
says 'the order is random: --seed 5' '--seed'
sed 's/.* s  //' out | cmp -s - order || fail 'the same seed, another order'

# Fixtures: what they need runs before, and comes along; cleanup at the end.
cat >build/CTestTestfile.cmake <<END
add_test(up sh -c "echo up >>'$dir/log'")
set_tests_properties(up PROPERTIES FIXTURES_SETUP "db;net")
add_test(use sh -c "echo use >>'$dir/log'; exit 1")
set_tests_properties(use PROPERTIES FIXTURES_REQUIRED "db")
add_test(down sh -c "echo down >>'$dir/log'")
set_tests_properties(down PROPERTIES FIXTURES_CLEANUP "db")
add_test(up-fails false)
set_tests_properties(up-fails PROPERTIES FIXTURES_SETUP "bad")
add_test(use-bad sh -c "echo use-bad >>'$dir/log'")
set_tests_properties(use-bad PROPERTIES FIXTURES_REQUIRED "bad")
add_test(down-bad sh -c "echo down-bad >>'$dir/log'")
set_tests_properties(down-bad PROPERTIES FIXTURES_CLEANUP "bad")
add_test(first sh -c "sleep 0.2; echo first >>'$dir/log'; exit 1")
add_test(second sh -c "echo second >>'$dir/log'")
set_tests_properties(second PROPERTIES DEPENDS "first;unknown")
END
try --no-store -j4 -R '^use$' build
[ "$(tr '\n' ' ' <log)" = 'up use down ' ] || fail "fixtures: $(cat log)"
rm log
try --no-store -j4 -R bad build
[ "$(tr '\n' ' ' <log)" = 'down-bad ' ] || fail "a setup that fails: $(cat log)"
verdict 'NOT RUN' use-bad 'a setup that fails'
rm log
try --no-store -j4 -R 'first|second' build
[ "$(tr '\n' ' ' <log)" = 'first second ' ] || fail "DEPENDS: $(cat log)"

# -FS and its like leave these out.
rm -f log
try --no-store -j1 -R '^use$' -FS db -FC net build
[ "$(tr '\n' ' ' <log)" = 'use down ' ] || fail "-FS: $(cat log)"
rm -f log
try --no-store -j1 -R '^use$' -FA . build
[ "$(tr '\n' ' ' <log)" = 'use ' ] || fail "-FA: $(cat log)"

# What has changed since it passed.
printf '#!/bin/sh\nexit 0\n' >build/program
cp build/program build/other
chmod +x build/program build/other
cat >build/CTestTestfile.cmake <<END
add_test(program "$dir/build/program")
add_test(other "$dir/build/other")
add_test(fails false)
END
rm -f build/brood-test.db
chosen '1 2 3' --changed
try -q build
chosen '3' --changed
touch build/other
chosen '2 3' --changed

# Which test makes another fail.
: >build/CTestTestfile.cmake
for i in 1 2 3 4 5 6 7; do
    echo "add_test(t$i sh -c \"[ $i != 5 ] || touch '$dir/trace'\")"
done >>build/CTestTestfile.cmake
cat >>build/CTestTestfile.cmake <<END
add_test(victim sh -c "if [ -e '$dir/trace' ]; then rm '$dir/trace'; exit 1; fi")
add_test(alone false)
END
try --bisect victim build
is_status 1 '--bisect'
says "brood test: 'victim' fails after 't5'" '--bisect'
says 'after 0 others: passes' '--bisect'
says 'after 8 others: fails' '--bisect'
[ ! -s out ] || fail '--bisect: something on standard output'
try --bisect alone build
says "'alone' fails alone" '--bisect, alone'
try --bisect t7 build
is_status 0 '--bisect, nothing'
says "'t7' passes alone, and after all others" '--bisect, nothing'
try --bisect none build
is_status 2 '--bisect of no test'

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
grep -q '"name":"flaky","verdict":"FLAKY",.*"attempts":3,' events || fail '--retries: events'
[ "$(grep -c '<flakyFailure ' junit.xml)" -eq 2 ] || fail '--retries: flakyFailure'
[ "$(grep -c '<rerunFailure ' junit.xml)" -eq 2 ] || fail '--retries: rerunFailure'
python3 "$support/junit.py" junit.xml >out || fail '--retries: JUnit'
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
try --no-store --stop-on-failure -j1 --repeat until-fail:1 -R 'never|flaky' build
says 'starting no more tests (--stop-on-failure)' '--stop-on-failure'

# Time: limits that output changes, a default, a signal of one's own.
cat >build/CTestTestfile.cmake <<END
add_test(match sh -c "echo ready; sleep 60")
set_tests_properties(match PROPERTIES TIMEOUT_AFTER_MATCH "0.2;ready" TIMEOUT 50)
add_test(matches-not sh -c "echo red; sleep 0.5")
set_tests_properties(matches-not PROPERTIES TIMEOUT_AFTER_MATCH "0.2;ready" TIMEOUT 50)
add_test(asked sh -c "trap 'echo asked >\"$dir/asked\"; exit 0' USR1; sleep 60 & wait")
set_tests_properties(asked PROPERTIES TIMEOUT 0.3 TIMEOUT_SIGNAL_NAME SIGUSR1 TIMEOUT_SIGNAL_GRACE_PERIOD 5)
add_test(plain sleep 60)
add_test(free sleep 0.5)
set_tests_properties(free PROPERTIES TIMEOUT 0)
END
# (ctest 3.25 does not tell TIMEOUT_SIGNAL_NAME.)
PATH=$dir/bin try --no-store -j5 --timeout 0.3 --slow 0.2 build
PATH=$PATH_KEPT
verdict TIMEOUT match 'TIMEOUT_AFTER_MATCH'
verdict PASS matches-not 'TIMEOUT_AFTER_MATCH'
verdict TIMEOUT asked 'TIMEOUT_SIGNAL_NAME'
[ -s asked ] || fail 'TIMEOUT_SIGNAL_NAME: not sent'
verdict TIMEOUT plain '--timeout'
verdict PASS free 'TIMEOUT 0'
verdict SLOW free '--slow'

# A grandchild that holds the output does not hold the run up.
cat >build/CTestTestfile.cmake <<'END'
add_test(leaks sh -c "sleep 3 & echo started")
add_test(own sh -c "echo $TMPDIR $BROOD_TEST_SLOT $BROOD_TEST; touch $TMPDIR/left")
END
sed -i 's/\$/\\$/g' build/CTestTestfile.cmake
start=$(date +%s%N)
try --no-store -j1 --output all build
[ $((($(date +%s%N) - start) / 1000000)) -lt 2500 ] || fail 'a grandchild that holds the output'
grep -qE 'leaks  \(left behind, and ended: [0-9]+ sleep 3\)$' out || fail 'it is not named'
sum '2 of 2 passed, 1 leave processes in' 'a grandchild'
grep -qE '^    /.*/brood-test-[A-Za-z0-9]{6}/[0-9]+ 1 own$' out || fail 'TMPDIR, slot, name'
cat >build/CTestTestfile.cmake <<'END'
add_test(group sh -c "sleep 61 >/dev/null 2>&1 & exit 0")
add_test(session sh -c "setsid sh -c 'echo >up2; exec sleep 62' >/dev/null 2>&1 & until [ -s up2 ]; do :; done")
END
try --no-store -j1 build
grep -qE 'group  \(left behind, and ended: [0-9]+ sleep 61\)$' out || fail 'a process of its group'
grep -qE 'ending what tests have left behind: [0-9]+ sleep 62$' err || fail 'a process of its own session'
[ -z "$(cli_left)" ] || fail "left: $(cli_left)"

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
fi

# Other sources: TAP, programs, Meson, job files.
mkdir t
printf '#!/bin/sh\necho 1..2; echo ok 1; echo not ok 2 - b\n' >t/bad.t
printf '#!/bin/sh\necho 1..1; echo "ok 1"; echo noise >&2\n' >t/good.t
printf '#!/bin/sh\necho "1..0 # SKIP not here"\n' >t/skip.t
chmod +x t/bad.t t/good.t
sed -i 's/^/ /; 1s/^ //' t/skip.t
try --no-store t
verdict FAIL t/bad.t 'TAP'
grep -q 'bad.t  (1 of 2 not ok, the first is 2)$' out || fail 'TAP: why'
verdict PASS t/good.t 'TAP'
verdict SKIP t/skip.t 'TAP, not executable'
try --no-store t/good.t /bin/true
sum '2 of 2 passed in' 'programs'
printf '#!/bin/sh\necho 1..1\n' >tap-program
chmod +x tap-program
try --no-store --from-tap ./tap-program
is_status 1 '--from-tap'
mkdir -p m/meson-info
cat >m/meson-info/intro-tests.json <<'END'
[{"name":"a","suite":["s","s:x"],"cmd":["sh","-c","exit $CODE"],"env":{"CODE":"77"},
  "workdir":null,"timeout":30,"is_parallel":true,"priority":0,"protocol":"exitcode","depends":[]},
 {"name":"b","suite":["s"],"cmd":["sh","-c","echo 1..1; echo ok"],"env":{},
  "workdir":"/","timeout":30,"is_parallel":false,"priority":9,"protocol":"tap","depends":[]},
 {"name":"c","suite":[],"cmd":["false"],"env":{},"workdir":null,"timeout":0,
  "is_parallel":true,"priority":0,"protocol":"exitcode","depends":[]}]
END
try --no-store m
verdict SKIP 's / a' 'Meson'
verdict PASS 's / b' 'Meson'
verdict FAIL c 'Meson'
cat >jobs.txt <<'END'
{"id":"one","argv":["sh","-c","exit 4"],"ok_codes":[4],"tags":["x"]}
{"sh":"exit 5","skip_code":5}
false
END
try --no-store jobs.txt
verdict PASS one 'a job file'
verdict SKIP jobs.txt:2 'a job file'
verdict FAIL jobs.txt:3 'a job file'
echo '{"sh":1}' >bad.txt
try --no-store bad.txt
is_status 2 'a bad job file'
says 'bad.txt:1:7: ' 'a bad job file'
try --no-store nothing
is_status 2 'no source'
echo 'add_test(a' >build/CTestTestfile.cmake
PATH=$dir/bin try --no-store build
PATH=$PATH_KEPT
is_status 2 'a torn file'
says "CTestTestfile.cmake:2: expected ')'" 'a torn file'

# Reports.
cat >build/CTestTestfile.cmake <<'END'
add_test("a<&>\"#" sh -c "printf 'x<\\033[1m\\377&\\357\\277\\276'; exit 1")
add_test(good true)
add_test(skips sh -c "exit 9")
set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 9)
add_test(gone /no/such)
END
try --no-store --junit junit.xml --tap out.tap --events events build
python3 - <<'END' || fail 'reports'
import json, xml.etree.ElementTree as tree
root = tree.parse('junit.xml').getroot()
suite = root[0]
assert root.tag == 'testsuites' and suite.tag == 'testsuite'
assert [suite.get(k) for k in ('tests', 'failures', 'errors', 'skipped')] == ['4', '1', '1', '1']
cases = {c.get('name'): c for c in suite}
bad = cases['a<&>"#'].find('failure')
assert bad.get('message') == 'exit status 1' and bad.get('type') == 'FAIL'
assert bad.text == 'x<\ufffd[1m\ufffd&\ufffd', repr(bad.text)
assert cases['skips'].find('skipped').get('message') == 'exit status 9'
assert cases['gone'].find('error') is not None and len(cases['good']) == 0
assert float(cases['good'].get('time')) >= 0
lines = [json.loads(line) for line in open('events')]
assert len(lines) == 4 and {e['verdict'] for e in lines} == {'FAIL', 'PASS', 'SKIP', 'NOT RUN'}
tap = open('out.tap', encoding='utf-8').read().split('\n')
assert tap[:2] == ['TAP version 14', '1..4'] and tap[2] == 'not ok 1 - a<&>"\\#'
assert 'ok 3 - skips # SKIP exit status 9' in tap
END
python3 "$support/junit.py" junit.xml >out || fail 'JUnit'
GITHUB_ACTIONS=true try --no-store -R good -R gone build
grep -q '^::error title=gone::NOT RUN its program has not been found$' out || fail 'annotations'
try --no-store --junit no/file build
is_status 3 'a report that cannot be written'

# What tests use.
try --no-store --usage -R 'good|gone' build
grep -qE '^ *PASS +[0-9.]+ s +[0-9]\.[0-9]{3} s CPU +[0-9]+\.[0-9] MiB  good$' out || fail '--usage'
grep -qE '^NOT RUN {44}gone' out || fail '--usage of one that did not run'

# Colours on a terminal, and only there.
if command -v script >/dev/null; then
    esc=$(printf '\033')
    script -qefc "'$BROOD' test --no-store -R 'good|gone' build" typed >/dev/null </dev/null
    grep -q "$esc\[32m   PASS$esc\[0m" typed || fail 'no green'
    grep -q "$esc\[31mNOT RUN$esc\[0m" typed || fail 'no red'
    NO_COLOR=1 script -qefc "'$BROOD' test --no-store -R good build" typed >/dev/null </dev/null
    ! grep -q "$esc\[32m" typed || fail 'NO_COLOR'
    ! grep -q "$esc\\[3[0-9]" out || fail 'colours in a file'
fi

# Ctrl-C names and ends what runs.
echo 'add_test(long sh -c "touch up; sleep 60 & sleep 60")' >build/CTestTestfile.cmake
"$BROOD" test --no-store build >out 2>err </dev/null &
pid=$!
wait_for 'test -e build/up'
kill -TERM $pid
wait $pid
status=$?
is_status 143 'SIGTERM'
says 'SIGTERM: stopping all tests' 'SIGTERM'
says 'long: process ' 'SIGTERM'
sum '0 of 1 passed, 1 not run in' 'SIGTERM'
