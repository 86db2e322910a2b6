#!/bin/sh
# brood test: what becomes of tests of every source.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
. "$support/test.sh"

# A build directory, as CMake writes it.
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
    grep -qF "no-program  (there is no program '/no/such/program'; has it been built?)" out ||
        fail "$1: the program that is not there"
    verdict OFF off "$1"
    sum '7 of 17 passed, 4 failed, 1 crashed, 1 timed out, 2 could not be run, 2 skipped, 1 disabled in ' "$1"
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
try_without_ctest --no-store build
want_all 'without ctest'
try_without_ctest --no-store -C Debug -R configured build
is_status 0 '-C'
sum '1 of 1 passed in' '-C'

# Bytes that are no UTF-8 reach the test.
mkdir bytes
printf 'add_test(bytes sh -c [=[printf %%s "$1" | od -An -tx1 | grep -qx " e9"]=] x "\351")\n' >bytes/CTestTestfile.cmake
try --no-store bytes
is_status 0 'bytes that are no UTF-8'
# More groups than there could be.
mkdir many
printf 'add_test(many true)\nset_tests_properties(many PROPERTIES RESOURCE_GROUPS "9223372036854775807,gpus:1,cpus:1")\n' >many/CTestTestfile.cmake
try_without_ctest --no-store many
is_status 2 'too many groups'
# An expression that has much to go back to.
mkdir long
cat >long/CTestTestfile.cmake <<'END'
add_test(long sh -c "echo foo; seq 1 100000; echo bar")
set_tests_properties(long PROPERTIES PASS_REGULAR_EXPRESSION "foo(.|
)*bar")
add_test(long-bad sh -c "echo foo; seq 1 100000; echo bar")
set_tests_properties(long-bad PROPERTIES FAIL_REGULAR_EXPRESSION "foo([0-9]|
)*bar")
END
try --no-store long
verdict PASS long 'a long match'
verdict FAIL long-bad 'a long match'
# Of several configurations one must be named: ctest leaves tests out without.
mkdir multi
cat >multi/CTestTestfile.cmake <<'END'
if(CTEST_CONFIGURATION_TYPE MATCHES "^([Dd][Ee][Bb][Uu][Gg])$")
  add_test(configured "true")
else()
  add_test(configured NOT_AVAILABLE)
endif()
END
printf 'CMAKE_CONFIGURATION_TYPES:STRING=Debug;Release\nCMAKE_GENERATOR:INTERNAL=Ninja Multi-Config\n' >multi/CMakeCache.txt
try --no-store multi
is_status 2 'no -C'
says 'multi/CMakeCache.txt: a build of several configurations; expected -C with one of Debug;Release' 'no -C'
try --no-store -C Profile multi
is_status 2 'a wrong -C'
says "there is no configuration 'Profile'; expected Debug;Release" 'a wrong -C'
try --no-store -C debug multi
is_status 0 '-C debug'
sed -i 's/;Release//' multi/CMakeCache.txt
try --no-store multi
is_status 0 'the only configuration'

# Other sources: TAP, programs, Meson, job files.
mkdir t
printf '#!/bin/sh\necho 1..2; echo ok 1; echo not ok 2 - b\n' >t/bad.t
printf '#!/bin/sh\necho 1..1; echo "ok 1"; echo noise >&2\n' >t/good.t
printf '#!/bin/sh\necho 1..1; echo "ok 1 # TODO why"\n' >t/todo.t
printf '#!/bin/sh\necho "1..0 # SKIP not here"\n' >t/skip.t
chmod +x t/bad.t t/good.t t/todo.t
sed -i 's/^/ /; 1s/^ //' t/skip.t
try --no-store t
verdict FAIL t/bad.t 'TAP'
grep -q 'bad.t  (1 of 2 not ok: 2)$' out || fail 'TAP: why'
verdict PASS t/good.t 'TAP'
grep -q '^ *PASS .*todo.t  (1 TODO passed)$' out || fail 'TAP: a TODO that passed'
verdict SKIP t/skip.t 'TAP, not executable'
mkdir -p t/more/.hidden
cp t/good.t t/more/
cp t/good.t t/more/.hidden/
try --no-store -r -N t
sed 's/.*  //' out | tr '\n' ' ' | grep -qx 't/bad.t t/good.t t/more/good.t t/skip.t t/todo.t ' || fail "-r: $(cat out)"
try --no-store t/good.t /bin/true
sum '2 of 2 passed in' 'programs'
printf '#!/bin/sh\necho 1..1\n' >tap-program
chmod +x tap-program
try --no-store --from-tap ./tap-program
is_status 1 '--from-tap'
mkdir -p m/meson-info
cat >m/meson-info/intro-tests.json <<'END'
[{"name":"a","suite":["s:y","s:x"],"cmd":["sh","-c","exit $CODE"],"env":{"CODE":"77"},
  "workdir":null,"timeout":30,"is_parallel":true,"priority":0,"protocol":"exitcode","depends":[]},
 {"name":"b","suite":["s"],"cmd":["sh","-c","echo 1..1; echo ok"],"env":{},
  "workdir":"/","timeout":30,"is_parallel":false,"priority":9,"protocol":"tap","depends":[]},
 {"name":"c","suite":["s"],"cmd":["false"],"env":{},"workdir":null,"timeout":0,
  "is_parallel":true,"priority":0,"protocol":"exitcode","depends":[]}]
END
try --no-store m
verdict SKIP 's:y\+x / a' 'Meson'
verdict PASS 's / b' 'Meson'
verdict FAIL 's / c' 'Meson'
# What Meson's introspection does not tell: by its own Python.
mkdir m/meson-private
echo 'no pickle' >m/meson-private/meson_test_setup.dat
try --no-store m
says 'brood test: cannot ask Meson which tests should fail: ' 'Meson, no pickle'
verdict PASS 's / b' 'Meson, no pickle'
if command -v meson >/dev/null && command -v ninja >/dev/null; then
    mkdir mp
    cat >mp/meson.build <<'END'
project('p')
sh = find_program('sh')
e = environment()
e.prepend('PATH', '/first')
test('ok', sh, args: ['-c', 'exit 0'])
test('fails', sh, args: ['-c', 'exit 1'], should_fail: true)
test('fails not', sh, args: ['-c', 'exit 0'], should_fail: true)
test('skips', sh, args: ['-c', 'exit 77'], should_fail: true)
test('error', sh, args: ['-c', 'exit 99'], should_fail: true)
test('crash', sh, args: ['-c', 'kill -SEGV $$'], should_fail: true)
test('late', sh, args: ['-c', 'sleep 9'], should_fail: true, timeout: 1)
test('tap bad', sh, args: ['-c', 'echo 1..1; echo not ok'], should_fail: true, protocol: 'tap')
test('tap good', sh, args: ['-c', 'echo 1..1; echo ok'], should_fail: true, protocol: 'tap')
test('tap todo', sh, args: ['-c', 'echo 1..2; echo ok; echo "ok # TODO later"'], protocol: 'tap')
test('tap no plan', sh, args: ['-c', 'echo ok 1'], protocol: 'tap')
test('tap nothing', sh, args: ['-c', ':'], protocol: 'tap')
test('tap skips', sh, args: ['-c', 'echo 1..2; echo "ok # SKIP a"; echo "ok # skip b"'], protocol: 'tap')
test('tap short', sh, args: ['-c', 'echo 1..2; echo ok'], should_fail: true, protocol: 'tap')
test('tap bail', sh, args: ['-c', 'echo 1..2; echo "Bail out! x"'], should_fail: true, protocol: 'tap')
test('tap bad bail', sh, args: ['-c', 'echo 1..2; echo not ok; echo "Bail out! x"'], should_fail: true, protocol: 'tap')
test('tap order', sh, args: ['-c', 'echo 1..2; echo ok 2; echo ok 1'], protocol: 'tap')
test('tap error', sh, args: ['-c', 'echo 1..1; echo ok; exit 1'], should_fail: true, protocol: 'tap')
test('env', sh, env: e, args: ['-c',
    'case $PATH in /first:*/bin*) ;; *) exit 1;; esac; [ $MALLOC_PERTURB_ -gt 0 ] && [ -n "$UBSAN_OPTIONS" ]'])
END
    meson setup mp/b mp >mp.log 2>&1 || fail "meson: $(cat mp.log)"
    try --no-store -j4 mp/b
    for name in ok fails crash 'tap bad' 'tap no plan' env; do
        verdict PASS "$name" 'Meson, its own'
    done
    for name in 'fails not' error 'tap good' 'tap error' 'tap todo' 'tap short'; do
        verdict FAIL "$name" 'Meson, its own'
    done
    for name in skips 'tap nothing' 'tap skips'; do
        verdict SKIP "$name" 'Meson, its own'
    done
    verdict TIMEOUT late 'Meson, its own'
    # The same by its own runner.
    meson test -C mp/b >theirs 2>&1
    sed -n 's,^ *[0-9]*/19 \(.*[^ ]\)  *\(OK\|EXPECTEDFAIL\|UNEXPECTEDPASS\|SKIP\|ERROR\|TIMEOUT\|FAIL\)  .*,\2 \1,p' \
        theirs | sed 's/^OK/PASS/; s/^EXPECTEDFAIL/PASS/; s/^UNEXPECTEDPASS/FAIL/; s/^ERROR/FAIL/' |
        sort >want
    sed -n 's/^ *\([A-Z]*\)  *[0-9.]* s  \([^(]*\).*/\1 \2/p' out | sed 's/ *$//' | sort -u >got
    [ "$(wc -l <want)" -eq 19 ] || fail "Meson tells of others: $(cat theirs)"
    # What is set in the environment depends on its version.
    grep -v ' env$' want >want2
    grep -v ' env$' got | diff want2 - >differ || fail "other verdicts than Meson's: $(cat differ)"
fi
cat >list.jobs <<'END'
{"id":"one","argv":["sh","-c","exit 4"],"ok_codes":[4],"tags":["x"]}
{"sh":"exit 5","skip_code":5}
false
END
try --no-store list.jobs
verdict PASS one 'a job file'
verdict SKIP list.jobs:2 'a job file'
verdict FAIL list.jobs:3 'a job file'
# No other file is taken for one: its lines would be run.
echo 'touch made' >README
for source in README build/CTestTestfile.cmake; do
    try --no-store $source
    is_status 2 "$source as a source"
    says "'$source' is no directory, program or job file (*.jobs, *.jsonl; --from-jobs takes it for one)" "$source"
done
[ ! -e made ] || fail 'a file that is none is run'
try --no-store --from-jobs README
is_status 0 '--from-jobs'
echo '{"sh":1}' >bad.jobs
try --no-store bad.jobs
is_status 2 'a bad job file'
says 'bad.jobs:1:7: ' 'a bad job file'
try --no-store nothing
is_status 2 'no source'
echo 'add_test(a' >build/CTestTestfile.cmake
try_without_ctest --no-store build
is_status 2 'a torn file'
says "CTestTestfile.cmake:2: expected ')'" 'a torn file'

