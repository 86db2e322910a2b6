#!/bin/sh
# brood report and brood log: what earlier runs say of a test.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
# shellcheck source=/dev/null
. "$support/browser.sh"

report() { # report [option]... <file>
    "$BROOD" report "$@" >out 2>err </dev/null
    status=$?
}

log() { # log [option]... <file>
    "$BROOD" log "$@" >out 2>err </dev/null
    status=$?
}

has() { # has <text> <what>
    grep -qF -- "$1" out || fail "$2: not there: $1"
}

counts() { # counts <lines> <what>
    [ "$(wc -l <out)" -eq "$1" ] || fail "$2: not $1 lines"
}

line() { # line <letters> <numbers> <name>
    grep -qE -- "^$1  $2  [0-9]+\.[0-9]{3} s  $3: " out || fail "no line: $1 $3"
}

rows() { # rows <id of a table>
    sed -n "/id=\"$1\"/,/<\/section>/p" out
}

# Six runs; the file n has which. One test is new in the third, one is left out
# of the fourth.
cat >tests.jobs <<'END'
{"id":"good","sh":"echo fine","tags":["fast"]}
{"id":"bad <i>&\"","sh":"echo why >&2; exit 3","tags":["fast"]}
{"id":"flaky","sh":"n=$(cat n); case $n in 2 | 5) [ -e tried.$n ] || { : >tried.$n; exit 1; } ;; esac; echo at last"}
{"id":"flips","sh":"[ $(($(cat n) % 2)) -eq 0 ]"}
{"id":"broken","sh":"[ $(cat n) -lt 4 ]"}
{"id":"crashes","sh":"case $(cat n) in 3 | 5) kill -KILL $$ ;; esac"}
{"id":"late","sh":"[ $(cat n) -ne 3 ] || exec sleep 60","timeout":2}
{"id":"slow","sh":"[ $(cat n) -ne 6 ] || sleep 2"}
{"id":"skips","sh":"exit 77","skip_code":77}
END
cp tests.jobs all.jobs
echo '{"id":"new","sh":"true"}' >>all.jobs
for n in 1 2 3 4 5 6; do
    echo $n >n
    case $n in
    1) set -- tests.jobs ;;
    2) set -- --retries 1 tests.jobs ;;
    4) set -- -E '^late$' all.jobs ;;
    5) set -- --retries 1 all.jobs ;;
    *) set -- all.jobs ;;
    esac
    "$BROOD" test --store record "$@" >shown 2>&1 </dev/null
done

# In the log.
log --history record
is_status 0 '--history'
counts 10 '--history'
line pppppp 'failed 0 of 6, flaky 0, changed 0, 0% flaky' good
line ffffff 'failed 6 of 6, flaky 0, changed 0, 0% flaky' 'bad <i>&"'
line pyppyp 'failed 0 of 6, flaky 2, changed 0, 33% flaky' flaky
line fpfpfp 'failed 3 of 6, flaky 0, changed 5, 83% flaky' flips
line pppfff 'failed 3 of 6, flaky 0, changed 1, 0% flaky' broken
line ppcpcp 'failed 2 of 6, flaky 0, changed 4, 67% flaky' crashes
line ppt-pp 'failed 1 of 5, flaky 0, changed 2, 40% flaky' late
line --pppp 'failed 0 of 4, flaky 0, changed 0, 0% flaky' new
grep -qE '^ssssss  failed 0 of 0, flaky 0, changed 0, 0% flaky  skips: ' out ||
    fail 'what is always skipped'
log --history --run 2 record
counts 9 '--history --run 2'
line py 'failed 0 of 2, flaky 1, changed 0, 50% flaky' flaky
log --history --tag fast record
counts 2 '--history --tag'
log --history --text flip record
counts 1 '--history --text'
log --flaky record
is_status 0 '--flaky'
[ "$(sed 's/.* s  \([a-z]*\): .*/\1/' out | tr '\n' ' ')" = \
    'flips crashes late flaky ' ] || fail '--flaky: not these, not in this order'
log --flaky --json record
counts 4 '--flaky --json'
has '{"name":"flips",' '--json: the first'
has '"ran":5,"failed":1,"flaky":0,"changed":2,"flakiness":0.400,"median_ns":' \
    '--json: numbers'
has '"runs":[1,2,3,4,5,6],"outcomes":["ok","ok","timed out",null,"ok","ok"],' \
    '--json: runs'
has '"outcomes":["ok","flaky","ok","ok","flaky","ok"]' '--json: flaky'
grep -qE '"durations_ns":\[[0-9]+,[0-9]+,[0-9]+,null,[0-9]+,[0-9]+\]\}$' out ||
    fail '--json: durations'
log --flaky --run 1 record
is_status 1 'nothing is flaky in one run'

# What passed many times was not flaky.
echo true >plain.jobs
"$BROOD" test --store plain --repeat until-fail:3 plain.jobs >shown 2>&1 </dev/null
"$BROOD" test --store plain --stress 3 plain.jobs >shown 2>&1 </dev/null
log --history plain
grep -q '^pp  failed 0 of 2, flaky 0, changed 0' out || fail 'until-fail, --stress'

# The page: data, and tables that are there without JavaScript.
report record
is_status 0 'a report'
has '"history":["pppppp","ffffff","pyppyp","fpfpfp","pppfff","ppcpcp","ppt-pp",' \
    'histories'
has '"pppppp","ssssss","pppp"]' 'histories'
grep -qE '"numbers":\[\[6,0,0,0,6,[0-9]+\],\[6,6,0,0,6,[0-9]+\],\[6,0,2,0,6,' out ||
    fail 'numbers'
grep -qE '"durations":\{"0":\[[0-9.,e+-]*\],' out || fail 'durations'
[ "$(rows flaky | sed -n 's/.*href="\([^"]*\)".*/\1/p' | tr '\n' ' ')" = \
    '#test=flips #test=crashes #test=late #test=flaky ' ] || fail 'flaky ones'
rows flaky | grep '#test=flaky"' |
    grep -F '<small>failed 0 of 6, flaky 2 of 6, changed 0 times</small></td>' |
    grep -F '<td class="past">pyppyp</td>' |
    grep -qF '<td class="value">33 %</td></tr>' || fail 'a row'
rows slower | grep -q '#test=slow"' || fail 'slower than usual'
has '<a href="#test=bad%20%3Ci%3E%26%22"><code>bad &lt;i>&amp;&quot;</code></a>' \
    'a name in HTML'
has '<small>failed: exit status 3</small>' 'a reason'
has 'here 6, from run 1 to 6' 'bounds'
cp out page.html
report --run 2 record
has 'here 2, from run 1 to 2' 'an earlier run'
report --run 1 record
has '"history":[]' 'one run is no history'
[ -z "$(rows flaky)" ] || fail 'one run: something is flaky'

if ! has_browser; then
    echo 'no chromium, or no python3: the page is not looked at'
    exit 0
fi
cat >script.js <<'END'
    const panel = document.querySelector('#panel'), all = (query, at = document) => [...at.querySelectorAll(query)];
    say.push('wide ' + (document.documentElement.scrollWidth - document.documentElement.clientWidth));
    say.push('open ' + panel.open);
    say.push('strips ' + all('#search .rows summary .past i').length);
    const late = all('#flaky tr[data-job]')[2];
    say.push('marks ' + all('i', late).map(mark => mark.className).join(' '));
    say.push('tip ' + all('i', late)[2].title.replace(/, .*: /, ', then: ').replace(/[0-9.]+ s$/, 'T'));
    say.push('absent ' + all('i', late)[3].title.replace(/.*: /, ''));
    say.push('label ' + late.querySelector('[role=img]').getAttribute('aria-label'));
    say.push('line ' + all('polyline', late).length + ' ' + all('.median', late).length + ' ' + all('circle', late).length);
    say.push('key ' + document.querySelector('#key').textContent);
    const link = document.querySelector('#flaky a[href="#test=flaky"]');
    link.focus();
    link.click();
    await next('hashchange');
    say.push('opened ' + panel.open + ' ' + panel.querySelector('h2').textContent);
    say.push('within ' + panel.contains(document.activeElement));
    say.push('says ' + all('dd', panel).some(value => value.textContent.includes('failed 0 of 6, flaky 2 of 6')));
    say.push('output ' + panel.querySelector('pre').textContent.trim());
    say.push('runs ' + all('tbody tr', panel).map(line => line.cells[0].textContent + ' ' + line.cells[2].textContent).join(', '));
    say.push('fits ' + (panel.scrollWidth - panel.clientWidth));
    history.back();
    await next('hashchange');
    say.push('closed ' + !panel.open + ' ' + (document.activeElement === link));
    document.querySelector('#failed summary a').click();
    await next('hashchange');
    say.push('failed ' + location.hash + ' ' + panel.querySelector('h2').textContent);
    say.push('tags ' + all('dd', panel).some(value => value.textContent === 'fast'));
    panel.querySelector('button').click();
    await next('hashchange');
    say.push('button ' + !panel.open + ' <' + location.hash + '>');
    location.hash = '#test=nothing';
    await next('hashchange');
    say.push('unknown ' + panel.open + ' ' + panel.querySelector('p').textContent);
END
for size in 1200,900 400,800; do
    try_page page.html '' --window-size=$size <script.js
    : >err
    has 'wide 0' "$size: it does not fit"
    has 'open false' "$size: open at once"
    has 'strips 60' "$size: a mark for each run"
    has 'marks p p t a p p' "$size: marks"
    has 'tip run 3, then: timed out, T' "$size: what a mark says"
    has 'absent not in that run' "$size: not in that run"
    has 'label failed 1 of 5, flaky 0 of 5, changed 2 times, passing for 2 runs' \
        "$size: what a strip says"
    has 'line 1 1 1' "$size: a line of durations"
    has 'key okflaky: not at oncefailedcrashedtimed outskippednot in that run' \
        "$size: the key"
    has 'opened true flaky' "$size: a click opens"
    has 'within true' "$size: the keyboard is in the panel"
    has 'says true' "$size: the sentence"
    has 'output at last' "$size: the output"
    has 'runs 6 ok, 5 flaky: not at once, 4 ok, 3 ok, 2 flaky: not at once, 1 ok' \
        "$size: the runs"
    has 'fits 0' "$size: the panel does not fit"
    has 'closed true true' "$size: back"
    has 'failed #test=bad%20%3Ci%3E%26%22 bad <i>&"' "$size: a name in an address"
    has 'tags true' "$size: labels"
    has 'button true <>' "$size: the button"
    has 'unknown true It is not among the listed jobs' "$size: no such name"
done
cat >script.js <<'END'
    const panel = document.querySelector('#panel');
    say.push('open ' + panel.querySelector('h2').textContent);
    const closed = new Promise(done => panel.addEventListener('close', done));
    panel.querySelector('button').click();
    await closed;
    say.push('closed ' + !panel.open + ' <' + location.hash + '>');
END
try_page page.html '#test=crashes' <script.js
has 'open crashes' 'an address with a test'
has 'closed true <>' 'an address with a test'
rm -rf browser
