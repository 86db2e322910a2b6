#!/bin/sh
# brood report: the page, as it is and as a browser shows it.
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

has() { # has <text> <what>
    grep -qF -- "$1" out || fail "$2: not there: $1"
}

PATH=$(dirname "$BROOD"):$PATH
cat >work.txt <<'END'
{"limits":{"jobs":3}}
{"id":"good","sh":"echo fine; sleep 0.3","tags":["red"]}
{"id":"bad </script>","sh":"echo '<b>why</b> </script><!--' >&2; printf '\\377'; sleep 0.1; exit 3"}
{"id":"late","sh":"sleep 60","timeout":0.2}
{"id":"never","sh":"true","after":"bad </script>"}
{"id":"teller","sh":"for i in 1 2 3; do brood send metric loss 0.$i; sleep 0.05; done","channel":true}
{"sh":"head -c 200000 /dev/zero | tr '\\0' x; echo the end; exit 1"}
sleep 0.2
END
"$BROOD" batch -q --output none work.txt </dev/null

report work.txt
is_status 0 'a report'
[ ! -s err ] || fail 'a report: messages'
[ "$(grep -c '</script>' out)" -eq 2 ] || fail 'what a job wrote ends an element'
! grep -qE '(src|href)=("[^#]|[^"])|@import|url\(' out || fail 'it asks for something else'
has '"state":"finished"' 'the state'
has 'bad \u003c/script>' 'a name'
has 'u003cb>why' 'an output'
has '�' 'bytes that are no text'
has 'the end\n",' 'the end of a long output'
grep -qE '"stdout","x{1000,}.*the end\\n",1[0-9]{5}\]' out || fail 'a long output'
grep -qE '"metrics":\[\{"name":"loss","job":"teller","points":\[\[[0-9]+,0.1\],' out ||
    fail 'metrics'
cp out page.html

# Options, and what goes wrong.
report --out file.html work.txt
is_status 0 '--out'
[ ! -s out ] || fail '--out: something on standard output'
cmp -s file.html page.html || fail '--out: another page'
[ "$(stat -c %a file.html)" = 600 ] || fail '--out: mode'
report --no-output work.txt
! grep -q 'why' out || grep -q '"outputs":{}' out || fail '--no-output'
has '"outputs":{}' '--no-output'
report --run 1 work.txt.brood
is_status 0 '--run, and the record by its name'
report --run 7 work.txt
is_status 1 'no such run'
says "there is no such run in 'work.txt.brood'" 'no such run'
report --run x work.txt
is_status 2 '--run x'
report
is_status 2 'no file'
report nothing
is_status 3 'no record'
says "brood report: there is no record 'nothing.brood'" 'no record'
report --out /dev/full work.txt
is_status 3 'a full disk'
says "cannot write '/dev/full': no space left" 'a full disk'
report --out no/dir work.txt
is_status 3 'no directory'
"$BROOD" report --help >out 2>err
grep -q 'usage: brood report' out || fail '--help'

# What has become of jobs in earlier runs.
cat >past.txt <<'END'
echo x >>past; [ $(wc -l <past) -ne 2 ]
true
{"sh":"echo y >>tries; [ $(wc -l <tries) -ne 1 ]","retries":1}
END
for i in 1 2 3; do
    "$BROOD" batch -q --again past.txt </dev/null
done
report past.txt
has '"history":["pfp","ppp","ypp"]' 'history'
cp out past.html
report --run 2 past.txt
has '"history":["pf","pp","yp"]' 'history of an earlier run'

# A run of nothing, and one that was killed.
echo 'true' >none.txt
"$BROOD" batch -q none.txt </dev/null
"$BROOD" batch -q none.txt </dev/null
report none.txt
is_status 0 'a run of nothing'
has '"jobs":{"seq":[],' 'a run of nothing'
cp out nothing.html
echo 'kill -9 $PPID; sleep 1' >killed.txt
"$BROOD" batch -q killed.txt </dev/null >/dev/null 2>&1
report killed.txt
has '"state":"running or killed"' 'a run that was killed'

# More jobs than are listed. (With sanitizers, which are slow: just some.)
many=20500 listed=20000
[ -z "${JOBS:-}" ] || many=$JOBS listed=$JOBS
seq $many | sed 's/.*/: &/' >many.txt
"$BROOD" batch -q -j2 many.txt </dev/null
report many.txt
is_status 0 'many jobs'
has "\"total\":$many," 'many jobs'
[ "$(grep -o '"seq":\[[0-9,]*\]' out | tr ',' '\n' | wc -l)" -eq $listed ] ||
    fail "many jobs: not $listed are listed"
cp out many.html

# In a browser.
if ! has_browser; then
    echo 'no chromium, or no python3: the page is not looked at'
    exit 0
fi

shot() { # shot <page> <width>,<height> <colours> [option]...
    page=$1 size=$2 colours=$3
    shift 3
    rm -f shot.png
    browse "$page" --window-size="$size" --screenshot="$dir/shot.png" "$@" >/dev/null
    # shellcheck disable=SC2086 # a list
    python3 "$support/png.py" shot.png $colours >out
    read -r width height a b c d rest <out
    [ "$width,$height" = "$size" ] || fail "a screenshot: size $width,$height"
}

# A script tries the page out.
cat >script.js <<'END'
    const wait = () => new Promise(done => setTimeout(done, 50));
    say.push('ready ' + document.documentElement.dataset.ready);
    say.push('wide ' + (document.documentElement.scrollWidth - document.documentElement.clientWidth));
    say.push('failed ' + document.querySelectorAll('#failed details').length);
    say.push('slowest ' + document.querySelectorAll('#slowest summary code')[0].textContent);
    const line = document.querySelector('#failed details');
    line.open = true;
    await wait();
    say.push('output ' + line.querySelectorAll('pre')[1].textContent.trim());
    say.push('reason ' + line.querySelector('.why').textContent.trim());
    const input = document.querySelector('#search input');
    input.value = 'teller';
    input.dispatchEvent(new Event('input'));
    say.push('found ' + document.querySelector('#search .note').textContent);
    input.value = '';
    const select = document.querySelector('#search select');
    select.value = [...select.options].find(o => o.textContent === 'skipped').value;
    select.dispatchEvent(new Event('change'));
    say.push('skipped ' + document.querySelectorAll('#search .rows details').length);
    const canvas = document.querySelector('canvas'), box = canvas.getBoundingClientRect();
    const job = view.lanes[0][0], middle = (jobs.start[job] + jobs.duration[job] / 2) / data.span_us;
    canvas.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + middle * box.width, clientY: box.top + 5}));
    say.push('hover ' + document.querySelector('#hover').textContent);
    document.querySelector('[data-zoom=in]').click();
    say.push('zoom ' + ((view.to - view.from) / data.span_us).toFixed(2));
    say.push('metrics ' + document.querySelectorAll('#metrics .spark').length);
    say.push('bars ' + (document.querySelectorAll('#durations rect').length > 1));
END
for size in 1200,900 400,800; do
    try_page page.html '' --window-size=$size <script.js
    : >err
    has 'ready yes' "$size: the page has drawn itself"
    has 'wide 0' "$size: it does not fit"
    has 'failed 3' "$size: jobs that failed"
    has 'slowest good' "$size: the slowest job"
    has 'output <b>why</b> </script><!--' "$size: an output"
    has 'reason exit status 3' "$size: a reason"
    has 'found 1 of 7 jobs' "$size: search"
    has 'skipped 1' "$size: by outcome"
    grep -qE '^hover [0-9]+  ' out || fail "$size: the timeline under the pointer"
    has 'zoom 0.50' "$size: zoom"
    has 'metrics 1' "$size: metrics"
    has 'bars true' "$size: durations"
done

# Screenshots: light, dark, narrow; what failed is red in the timeline.
shot page.html 700,700 'f6f7f9 2f7ebc d1342c 14171b'
[ "$a" -gt 30000 ] && [ "$b" -gt 2000 ] && [ "$c" -gt 200 ] && [ "$d" -eq 0 ] ||
    fail 'light'
shot page.html 700,700 '14171b 5aa9e6 ff6b61 f6f7f9' \
    --blink-settings=preferredColorScheme=0
[ "$a" -gt 30000 ] && [ "$b" -gt 2000 ] && [ "$c" -gt 200 ] && [ "$d" -eq 0 ] ||
    fail 'dark'
shot many.html 500,700 'f6f7f9 2f7ebc d1342c 14171b'
[ "$a" -gt 30000 ] && [ "$b" -gt 3000 ] && [ "$c" -eq 0 ] || fail 'many, narrow'
shot nothing.html 500,700 'f6f7f9 2f7ebc d1342c ffffff'
[ "$a" -gt 100000 ] && [ "$d" -gt 50000 ] || fail 'nothing, narrow'
rm -rf browser
