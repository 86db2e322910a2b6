#!/bin/sh
# brood test --descriptors: what tests leave open, and that they run as without.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
children=${CHILDREN_DIR:?the programs that tests run}

try() { # try [option]... [source]...
    "$BROOD" test --no-store --descriptors "$@" >out 2>err </dev/null
    status=$?
}

sum() { # sum <text> <what>: the last line has it
    tail -n 1 err | grep -qF "brood test: $1" || fail "$2: no '$1'"
}

left() { # left <word> <name> <files, as an expression>
    grep -qE "^ *$1 +[0-9.]+ s  $2(  \\([^()]*\\))?  \\(left $3\\)\$" out || fail "$2: not $1: left $3"
}

left_none() { # left_none <word> <name>
    grep -qE "^ *$1  *([0-9.]+ s)?  *$2(  |\$)" out || fail "$2: not $1"
    ! grep -qE "  $2  .*left [0-9]* desc" out || fail "$2: leaves some"
}

# May we trace at all?
echo 'add_test(probe sh -c "exec 5</dev/null; exit 0")' >CTestTestfile.cmake
try
if grep -qF -- '--descriptors: tests cannot be traced' err; then
    cat err
    status=0
    exit 77
fi

mkdir build
printf '#!/bin/sh\nexec 3</dev/null\n:\n' >build/script
printf '#!/bin/sh\n:\n' >build/clean
chmod +x build/script build/clean
cat >build/CTestTestfile.cmake <<END
add_test(none true)
add_test(file sh -c "exec 5</dev/null; exit 0")
add_test(fails sh -c "exec 5</dev/null; exit 3")
add_test(kinds $children/leave_open kinds)
add_test(many $children/leave_open many 70)
add_test(killed sh -c "exec 5</dev/null; kill -KILL \$\$; sleep 60")
add_test(crashes sh -c "exec 5</dev/null; kill -SEGV \$\$; sleep 60")
add_test(late sh -c "exec 5</dev/null; exec sleep 60")
set_tests_properties(late PROPERTIES TIMEOUT 2)
add_test(match sh -c "exec 5</dev/null; echo go; exec sleep 60")
set_tests_properties(match PROPERTIES TIMEOUT_AFTER_MATCH "0.1;go" TIMEOUT 60)
add_test(chain sh -c "exec 5</dev/null; exec sh -c 'exec true'")
add_test(child sh -c "(exec 5</dev/null; exit 0); exit 0")
add_test(stops sh -c "exec 5</dev/null; (until grep -q '^State:.[Tt]' /proc/\$\$/status; do sleep 0.02; done; kill -CONT \$\$) & kill -STOP \$\$; wait")
add_test(handles sh -c "trap 'exit 0' USR1; exec 5</dev/null; kill -USR1 \$\$; sleep 60")
add_test(thread-exits $children/leave_open thread-exits)
add_test(main-ends $children/leave_open main-ends)
add_test(thread-execs $children/leave_open thread-execs sh -c "exec 6</dev/null; exit 0")
add_test(thread-execs-none $children/leave_open thread-execs true)
add_test(traces $children/leave_open traces)
add_test(script ./script)
add_test(clean sh clean)
add_test(relative ./script 1 2)
add_test(has-127 sh -c "exit 127")
add_test(gone ./no-such-program)
add_test(denied ./CTestTestfile.cmake)
END
null='descriptors? open: [0-9]+ /dev/null'
for jobs in 1 4; do
    try -j$jobs --junit junit.xml --events events --output none build
    is_status 1 "-j$jobs"
    left_none PASS none
    left_none PASS child
    left_none PASS clean
    left_none PASS thread-execs-none
    left_none FAIL has-127
    for name in file chain stops handles thread-exits thread-execs traces script relative; do
        left PASS $name "1 $null"
    done
    left FAIL fails "1 $null"
    left CRASH killed "1 $null"
    left CRASH crashes "1 $null"
    left TIMEOUT late "1 $null"
    left TIMEOUT match "1 $null"
    left PASS main-ends '2 descriptors open: 3 /dev/null, 4 /dev/null'
    left PASS kinds '4 descriptors open: 3 /dev/null, 4 pipe:\[[0-9]*\], 5 pipe:\[[0-9]*\], 6 socket:\[[0-9]*\]'
    left PASS many '70 descriptors open: 3 /dev/null, .*, 6 /dev/null, and 66 more'
    sum '16 of 24 passed, 2 failed, 2 crashed, 2 timed out, 2 could not be run, 17 left descriptors open in' "-j$jobs"
    python3 "$support/junit.py" junit.xml >out2 || fail "JUnit: $(cat out2)"
    [ "$(grep -c '<system-err>left [0-9]* descriptor' junit.xml)" -eq 17 ] || fail 'JUnit: how many'
done
python3 - <<'END' || fail 'events'
import json
tests = {e['name']: e for e in map(json.loads, open('events'))}
null = {'fd': 5, 'file': '/dev/null'}
assert tests['none']['descriptors'] == [] and tests['none']['descriptors_total'] == 0
assert tests['file']['descriptors'] == [null], tests['file']
assert tests['late']['descriptors'] == [null], tests['late']
assert len(tests['many']['descriptors']) == 64 and tests['many']['descriptors_total'] == 70
assert 'descriptors' not in tests['gone']
END

# The same verdicts and reasons without it, also of what cannot be run.
verdicts() {
    sed -n 's/^ *\([A-Z ]*[A-Z]\)  *[0-9.]* s  /\1 /; s/  (left .*//; /^[A-Z]/p' out | sort -u
}
verdicts >with
"$BROOD" test --no-store -j1 --output none build >out 2>err </dev/null
verdicts >without
cmp -s with without || fail "other verdicts: $(diff with without)"

# Each attempt anew; what a test uses.
cat >build/CTestTestfile.cmake <<END
add_test(flaky sh -c "echo >>'$dir/tries'; [ \$(wc -l <'$dir/tries') -ge 3 ] || { exec 5</dev/null; exit 1; }; exit 0")
END
try --retries 2 --usage build
is_status 0 '--retries'
grep -qE '^ *FLAKY .* MiB +0 fds  flaky  \(passed at attempt 3\)$' out || fail '--retries: the last attempt counts'
rm tries
try --repeat until-fail:2 --usage build
grep -qE '^ *FAIL .* MiB +1 fds  flaky .*\(left 1 desc' out || fail '--repeat: a number'

# Many at once, and one many times.
rm -f tries
i=0
while [ $i -lt 200 ]; do
    i=$((i + 1))
    echo "add_test(t$i sh -c \"exec 5</dev/null; exit 0\")"
done >build/CTestTestfile.cmake
try -j4 -q build
is_status 0 'many tests'
sum '200 of 200 passed, 200 left descriptors open in' 'many tests'
try -j4 -q --stress 50 -R '^t1$' build
sum '50 of 50 passed, 50 left descriptors open in' '--stress'

# A program that traces itself is let go, and said once.
printf 'int main(void) { return 0; }\n' >rival.c
if cc -fsanitize=address rival.c -o rival 2>/dev/null && ./rival; then
    printf 'add_test(one %s/rival)\nadd_test(two sh -c "exec %s/rival")\n' "$dir" "$dir" >build/CTestTestfile.cmake
    try build
    is_status 0 'LeakSanitizer'
    [ "$(grep -c 'has LeakSanitizer' err)" -eq 1 ] || fail 'LeakSanitizer: said once'
    ASAN_OPTIONS=detect_leaks=0 try build
    is_status 0 'LeakSanitizer, off'
    ! grep -q 'has LeakSanitizer' err || fail 'LeakSanitizer, off: it is let go'
fi

# Where nothing may be traced, tests run all the same.
cat >build/CTestTestfile.cmake <<'END'
add_test(one sh -c "exec 5</dev/null; exit 0")
add_test(two true)
add_test(gone ./no-such-program)
END
if "$children/no_ptrace" true; then
    # (The program may have LeakSanitizer itself.)
    ASAN_OPTIONS=detect_leaks=0 "$children/no_ptrace" "$BROOD" test --no-store --descriptors build >out 2>err </dev/null
    status=$?
    is_status 1 'no ptrace'
    left_none PASS one
    left_none PASS two
    left_none 'NOT RUN' gone
    [ "$(grep -c -- '--descriptors: tests cannot be traced: ' err)" -eq 1 ] || fail 'no ptrace: said once'
    sum '2 of 3 passed, 1 could not be run in' 'no ptrace'
fi

# Stop and go on: tests stand still with us.
cat >build/CTestTestfile.cmake <<END
add_test(still sh -c "exec 5</dev/null; echo \$\$ >'$dir/began'; until [ -e '$dir/go' ]; do sleep 0.02; done")
END
"$BROOD" test --no-store --descriptors build >out 2>err </dev/null &
pid=$!
wait_for 'test -s began'
job=$(cat began)
kill -TSTP $pid
wait_for "grep -q '^State:.T' /proc/$pid/status"
grep -q '^State:.[TtD]' "/proc/$job/status" || fail 'TSTP: the test goes on'
kill -CONT $pid
touch go
wait $pid
status=$?
is_status 0 'CONT'
left PASS still "1 $null"

# Ctrl-C ends what runs.
rm -f began go
"$BROOD" test --no-store --descriptors build >out 2>err </dev/null &
pid=$!
wait_for 'test -s began'
kill -TERM $pid
wait $pid
status=$?
is_status 143 'SIGTERM'
sum '0 of 1 passed, 1 not run in' 'SIGTERM'
