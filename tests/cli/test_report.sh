#!/bin/sh
# brood test: reports, and what is shown.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
. "$support/test.sh"

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
assert bad.text == 'x<\ufffd&\ufffd', repr(bad.text)
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
grep -qxF "::error title=gone::NOT RUN there is no program '/no/such'; has it been built?" out ||
    fail 'annotations'
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


# A long output: its first and its last lines, what is missing, and where it is.
cat >build/CTestTestfile.cmake <<'END'
add_test("some \"lines" sh -c "seq 1000; exit 1")
add_test(one sh -c "seq 300; printf x; exit 1")
add_test(dot sh -c "echo 'a b'; exit 1")
add_test(good true)
END
echo 'add_test(sub sh -c "exit 1")' >build/sub/CTestTestfile.cmake
echo 'subdirs(sub)' >>build/CTestTestfile.cmake
rm -f build/brood-test.db
try -j1 build
sed '/^$/q' out | sed 1,2d >block
{
    seq 50
    echo '... 700 lines left out: brood log --run 1 --seq 1 --output build/brood-test.db'
    seq 751 1000
    echo
} | sed 's/^./    &/' | cmp -s - block || fail 'the block of a long output'
eval "\"\$BROOD\"$(sed -n 's/.* left out: brood\( log .*seq 1 .*\)/\1/p' out)" >log
[ "$(grep -c '^ *[0-9]*$' log)" -eq 1000 ] || fail 'the command that shows all of it'
grep -q '^    ... 1 line left out: .* --seq 2 ' out || fail 'one line left out'
grep -qx '    x' out || fail 'a last line without its end'
try --no-store -j1 --output-lines 7 build
sed '/^$/q' out | sed 1,2d | tr -d '\n' >block
[ "$(cat block)" = '    1    ... 993 lines left out    995    996    997    998    999    1000' ] ||
    fail '--output-lines'
try --no-store -j1 --output-lines 0 build
! grep -q 'left out' out || fail '--output-lines 0'
try --output-lines -1 build
is_status 2 '--output-lines -1'

# A test that failed stands apart, and tells how it is called.
try --no-store -j1 -R 'dot|good|sub' build
sed 's/[0-9.]* s /T /; s/ [^ ]*\/sh / sh /' out >block
cat >want <<END
   FAIL      T  dot  (exit status 1)
    cd $dir/build && sh -c 'echo '"'"'a b'"'"'; exit 1'
    a b

   PASS      T  good
   FAIL      T  sub  (exit status 1)
    cd $dir/build/sub && sh -c 'exit 1'

   FAIL      T  dot  (exit status 1)
   FAIL      T  sub  (exit status 1)
END
diff want block >differ || fail "the block: $(cat differ)"
try --no-store -j1 --output none -R 'dot|good|sub' build
[ "$(wc -l <out)" -eq 6 ] || fail '--output none: more than lines'
try --no-store -j1 -R dot --wrap 'env A=b' build
grep -q "build && env 'A=b' .*sh -c " out || fail '--wrap: the command'

# What is too much for a report begins at a line, and says so.
echo 'add_test(much sh -c "yes 123456789 | head -n 500000; exit 1")' >build/CTestTestfile.cmake
try --no-store --junit junit.xml build
python3 - <<'END' || fail 'JUnit of a large output'
import re, xml.etree.ElementTree as tree
text = tree.parse('junit.xml').getroot().find('.//failure').text
found = re.match(r'\[(\d+) bytes left out\]\n', text)
kept = text[found.end():]
assert int(found[1]) + len(kept) == 5000000 and len(kept) <= 4 << 20
assert kept == '123456789\n' * (len(kept) // 10)
END

# Control characters of a name are no business of the terminal.
printf '{"id":"a\\nb\\u001b[1m","sh":"exit 1"}\n' >list.jobs
try --no-store --junit junit.xml list.jobs
[ "$(grep -c '  a?b?\[1m  (exit status 1)$' out)" -eq 2 ] || fail 'a name of two lines'
grep -q 'name="a$' junit.xml || fail 'a name of two lines, JUnit'

# A line without an end.
cat >build/CTestTestfile.cmake <<'END'
add_test(endless sh -c [=[yes x | head -n 100000 | tr -d '\n'; exit 1]=])
END
try --no-store build
grep -qE '^    x{8192} [.]{3} 91808 bytes left out$' out || fail 'a long line'
try --no-store --output-lines 0 build
awk 'length == 100004 { n++ } END { exit n != 1 }' out || fail 'a long line, whole'

# GitHub: what ends a message or a property is escaped, the last lines are in it.
cat >list.jobs <<'END'
{"id":"a:b,c%d","sh":"printf '\\033[1m50%%\\r\\n'; seq 12; exit 1"}
{"id":"x\ny","sh":"kill -9 $$"}
{"id":"late","sh":"sleep 60","timeout":0.1}
END
GITHUB_ACTIONS=true try --no-store --tap out.tap --events events list.jobs
grep -qx '::error title=a%3Ab%2Cc%25d::FAIL exit status 1%0A3%0A4%0A5%0A6%0A7%0A8%0A9%0A10%0A11%0A12' out ||
    fail 'annotations: the last lines'
grep -qx '::error title=x%0Ay::CRASH SIGKILL' out || fail 'annotations: a name'
grep -qx '::error title=late::TIMEOUT after 0.1 s' out || fail 'annotations: a time limit'
grep -qx '  message: "after 0.1 s"' out.tap || fail 'TAP: a time limit'
grep -q '"verdict":"TIMEOUT","reason":"after 0.1 s"' events || fail 'events: a time limit'
sed -i 's/seq 12; //' list.jobs
GITHUB_ACTIONS=true try --no-store list.jobs
grep -qx '::error title=a%3Ab%2Cc%25d::FAIL exit status 1%0A50%25%0D' out || fail 'annotations: % and CR'

# Escape sequences: on a terminal that has colours, and ended there.
cat >build/CTestTestfile.cmake <<'END'
add_test(red sh -c "printf '\\033[31mred\\033]0;title\\007 hot'; exit 1")
END
try --no-store build
grep -qx '    red hot' out || fail 'escape sequences in a file'
if command -v script >/dev/null; then
    typed() { # typed <command>: on a terminal, its output in lines
        script -qefc "$1" typed >/dev/null </dev/null
        tr -d '\r' <typed >lines
    }
    typed "'$BROOD' test --no-store build"
    grep -q "^    $esc\[31mred hot\$" lines || fail 'escape sequences on a terminal'
    grep -q "^$esc\[0m\$" lines || fail 'they are not ended'
    for environment in NO_COLOR=1 TERM=dumb TERM=; do
        typed "$environment '$BROOD' test --no-store build"
        grep -q '^    red hot$' lines || fail "$environment: what a test wrote"
        ! grep -q "$esc\[[03]" lines || fail "$environment: colours"
    done

    # The line at the foot: on a terminal that can erase it, unless a program
    # such as less may have that to itself.
    typed "'$BROOD' test --no-store build"
    grep -q '0/1 done' lines || fail 'no line at the foot'
    typed "'$BROOD' test --no-store build | cat"
    ! grep -q '0/1 done' lines || fail 'a line at the foot, and a pipe'
    typed "'$BROOD' test --no-store build >out"
    grep -q '0/1 done' lines || fail 'no line at the foot, and a file'
    typed "TERM=dumb '$BROOD' test --no-store build"
    ! grep -q '0/1 done' lines || fail 'a line at the foot of a dumb terminal'
    typed "TERM=dumb '$BROOD' run --progress true ::: 1"
    ! grep -q '1/1 done' lines || fail 'brood run: the same'
fi
