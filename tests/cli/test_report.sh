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

