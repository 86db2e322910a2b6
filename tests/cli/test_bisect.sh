#!/bin/sh
# brood test --bisect: which tests make another fail.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
. "$support/test.sh"

# One that does so alone.
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
says 'after 0 others: passes (8 left)' '--bisect'
says 'after 8 others: fails (8 left)' '--bisect'
says 'after 4 others: fails (4 left)' '--bisect'
[ ! -s out ] || fail '--bisect: something on standard output'
try --bisect alone build
says "'alone' fails alone" '--bisect, alone'
try --bisect t7 build
is_status 0 '--bisect, nothing'
says "'t7' passes alone, and after all others" '--bisect, nothing'

# Where it takes several.
for i in 1 2 3 4 5 6 7 8 9; do
    case $i in
    2 | 8) echo "add_test(t$i sh -c \"echo >>'$dir/trace2'\")" ;;
    *) echo "add_test(t$i true)" ;;
    esac
done >build/CTestTestfile.cmake
cat >>build/CTestTestfile.cmake <<END
add_test(victim sh -c [=[n=\$(cat '$dir/trace2' | wc -l); rm -f '$dir/trace2'; test \$n -ne 2]=])
END
try --bisect victim build
is_status 1 '--bisect, two'
says "brood test: 'victim' fails after these together: 't2', 't8'" '--bisect, two'

ends() { # ends <status> <text> <what>: the last line is it
    is_status "$1" "$3"
    [ "$(tail -n 1 err)" = "brood test: $2" ] || fail "$3: another end"
}

# Options by which tests run more than once, in another order or not to the last.
cat >build/CTestTestfile.cmake <<END
add_test(t1 false)
add_test(t2 touch $dir/trace)
add_test(t3 true)
add_test(clean rm -f $dir/late)
add_test(t5 touch $dir/late)
add_test(victim sh -c [=[[ -e '$dir/trace' ] && [ -e '$dir/late' ]; r=\$?; rm -f '$dir/trace' '$dir/late'; [ \$r -ne 0 ]]=])
END
for option in --stop-on-failure --max-fail=1 --retries=1 --repeat=until-pass:2 \
    --stress=2 --schedule-random; do
    try "$option" --bisect victim build
    ends 1 "'victim' fails after these together: 't2', 't5'" "--bisect $option"
done
for option in --junit --tap --events; do
    try "$option" report --bisect victim build
    ends 2 '--bisect writes no reports' "--bisect $option"
    [ ! -e report ] || fail "--bisect $option: a report"
done

# Each step has what sets up and cleans up its fixtures; these are suspects too
# where the victim can do without them.
cat >build/CTestTestfile.cmake <<END
add_test(t1 true)
add_test(t2 touch $dir/trace)
add_test(t3 true)
add_test(t4 true)
add_test(victim sh -c "[ -e '$dir/up' ] || exit 7; ! rm '$dir/trace'")
add_test(other sh -c "! rm '$dir/trace4'")
add_test(up touch $dir/up)
add_test(down rm $dir/up)
add_test(up4 touch $dir/trace4)
add_test(down4 true)
add_test(both sh -c "[ ! -e '$dir/trace' ] || [ ! -e '$dir/trace4' ]; r=\$?; rm -f '$dir'/trace*; exit \$r")
set_tests_properties(up PROPERTIES FIXTURES_SETUP F)
set_tests_properties(down PROPERTIES FIXTURES_CLEANUP F)
set_tests_properties(victim t3 PROPERTIES FIXTURES_REQUIRED F)
set_tests_properties(up4 PROPERTIES FIXTURES_SETUP F4)
set_tests_properties(down4 PROPERTIES FIXTURES_CLEANUP F4)
set_tests_properties(t2 t4 PROPERTIES FIXTURES_REQUIRED F4)
END
try -E 'other|both' --bisect victim build
ends 1 "'victim' fails after 't2'" '--bisect, with fixtures'
says 'after 0 others: passes (6 left)' '--bisect, with fixtures'
rm -f trace trace4
try -E 'victim|both' --bisect other build
ends 1 "'other' fails after 'up4'" '--bisect, after a setup'
rm -f trace trace4
try -E 'victim|other' --bisect both build
ends 1 "'both' fails after 't2'" '--bisect, after one and its setup'
rm -f trace trace4
try -E 'victim|other' -FA F4 --bisect both build
ends 1 "'both' fails after these together: 't2', 'up4'" '--bisect -FA'
rm -f trace trace4 up
try -E 'other|both' -FS F --bisect victim build
ends 1 "'victim' fails alone" '--bisect -FS'

# Tests that there can be no verdict of.
cat >build/CTestTestfile.cmake <<END
add_test(off true)
set_tests_properties(off PROPERTIES DISABLED TRUE)
add_test(skips sh -c "exit 77")
set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 77)
add_test(missing $dir/nowhere)
add_test(twice false)
add_test(later sh -c "touch '$dir/began'; exec sleep 60")
add_test(victim true)
subdirs(sub)
END
echo 'add_test(twice true)' >build/sub/CTestTestfile.cmake
try --bisect none build
ends 2 "--bisect: there is no test 'none'" '--bisect of no test'
try --bisect twice build
ends 2 "--bisect: there are 2 tests 'twice'" '--bisect of two tests'
try --bisect off build
ends 2 "--bisect: 'off' is disabled" '--bisect, disabled'
try --bisect skips build
ends 1 "--bisect: 'skips' was skipped; not finished" '--bisect, skipped'
try --bisect missing build
ends 1 "--bisect: 'missing' was not run; not finished" '--bisect, missing'
says "'missing': there is no program '$dir/nowhere'" '--bisect, missing'

# A search that is stopped finds nothing.
for name in victim later; do
    try --stop-time +0.5 --bisect $name build
    ends 1 "--bisect: '$name' was not run; not finished" "--bisect $name, stopped"
done
rm -f began
"$BROOD" test --bisect victim build >out 2>err </dev/null &
pid=$!
wait_for 'test -e began'
kill -TERM $pid
wait $pid
status=$?
ends 143 "--bisect: 'victim' was not run; not finished" '--bisect, SIGTERM'
