#!/bin/sh
# brood test: which tests run, and in which order.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
. "$support/test.sh"

# Which tests.
for name in ok fails x will-fail will-not crashes late passes passes-not y z; do
    case $name in
    *fail* | *not) echo "add_test($name false)" ;;
    *) echo "add_test($name true)" ;;
    esac
done >build/CTestTestfile.cmake
cat >>build/CTestTestfile.cmake <<'END'
set_tests_properties(will-fail PROPERTIES WILL_FAIL ON)
set_tests_properties(late PROPERTIES LABELS "slow;net")
set_tests_properties(passes PROPERTIES LABELS net)
subdirs(sub)
END
echo 'add_test(in-sub true)' >build/sub/CTestTestfile.cmake
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
chosen '2 12' -I 2,2,1,12
chosen '1 2 3' -I ,3
chosen '3 6' -I 0,0,0,3,6
chosen '6' -I 0,0,0,6
chosen '2 12' -I 0,0,,2,12
try -N build >/dev/null
"$BROOD" test -N build >/dev/full 2>err
status=$?
is_status 3 '-N, a full disk'
says 'cannot write to standard output: no space left on device' '-N, a full disk'
chosen '1 2 3 8 9' -U -R passes -I 1,3
chosen '8' -R passes -I 1,8
printf '# some\nok\nok\n\nlate\r\nnever was\nno' >names
chosen '1 7' --tests-from-file names
says "brood test: names: there is no test 'never was'" '--tests-from-file'
says "brood test: names: there is no test 'no'" '--tests-from-file, a last line'
! grep -q "no test 'ok'" err || fail '--tests-from-file: a name that stands twice'
chosen '7' --tests-from-file names -L net
chosen '8' --exclude-from-file names -L net
try -N --tests-from-file no/file build
is_status 2 '--tests-from-file'
says "cannot read 'no/file': no such file or directory" '--tests-from-file'
try -N --json -L slow build
printf '{"number":7,"name":"late","command":["true"],"dir":"%s","labels":["net","slow"],"disabled":false,"last":null}\n' \
    "$dir/build" >want
sed 's/"timeout":[0-9.]*,//; s/"[^"]*\/true"/"true"/; s/"slow","net"/"net","slow"/' out | diff want - >differ || fail "--json: $(cat differ)"
try -R nothing --no-tests ignore build
is_status 0 '--no-tests'
says 'brood test: no match among 12 tests' '--no-tests'
try -R nothing --no-tests maybe build
is_status 2 '--no-tests maybe'
try -R nothing build
is_status 4 'no tests'
says 'brood test: no match among 12 tests' 'no tests'
mkdir empty cmake meson made
: >cmake/CMakeLists.txt
: >meson/meson.build
: >made/CMakeLists.txt
: >made/CMakeCache.txt
try empty
is_status 4 'an empty directory'
says "brood test: 'empty' has no tests" 'an empty directory'
try cmake
is_status 4 'a source directory'
says "brood test: 'cmake' (it has sources; the build directory is wanted) has no tests" 'sources of CMake'
try empty meson
says "brood test: 'empty', 'meson' (it has sources; the build directory is wanted) have no tests" 'sources of Meson'
try made
says "brood test: 'made' (its project does not call enable_testing()) has no tests" 'no enable_testing()'
try -R '(' build
is_status 2 'a bad expression'
says "expected a regular expression, not '('" 'a bad expression'

# What failed runs first the next time, and alone with --rerun-failed.
rm -f build/brood-test.db
try -j1 -R '^(ok|fails|passes|will-fail)$' build
try -j1 -R '^(ok|fails|passes|will-fail)$' build
sed -n 1p out | grep -q fails || fail 'what failed is not the first'
chosen 2 --rerun-failed
try --rerun-failed -R ok build
is_status 4 '--rerun-failed'
says 'brood test: none of the 1 test that matches failed when it ran last' '--rerun-failed, one'
try --rerun-failed -R '^(x|y)$' --store other.db build
says 'brood test: none of the 2 tests that match is known to have failed: there is no record' '--rerun-failed, two'
try --rerun-failed --no-store build
says 'brood test: no test is known to have failed: there is no record' '--rerun-failed --no-store'
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
try --shard 3/3 -R '^t[12]' build
is_status 4 'an empty shard'
says 'brood test: shard 3/3 has none of 2 tests' 'an empty shard'
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

# What -E leaves out is not there, unless -R is given too.
try -N -E '^up$' build
! grep -qE ' up$' out || fail '-E of a setup'
try -N -R '^use$' -E '^up$' build
grep -qE ' up$' out || fail '-R and -E of a setup'

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
try -R 'program|other' --changed build
is_status 4 '--changed'
says 'brood test: none of the 2 tests that match has changed since it passed' '--changed'
touch build/other
chosen '2 3' --changed
