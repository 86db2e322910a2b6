#!/bin/sh
# brood log: runs and jobs of a record.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

log() { # log [option]... <file>
    "$BROOD" log "$@" >out 2>err </dev/null
    status=$?
}

counts() { # counts <lines> <what>
    [ "$(wc -l <out)" -eq "$1" ] || fail "$2: not $1 lines"
}

cat >work.txt <<'END'
{"id":"good","sh":"echo fine","tags":["red","blue"]}
{"id":"bad","sh":"echo why >&2; echo half; exit 3","tags":"red"}
{"id":"late","sh":"sleep 60","timeout":0.2}
{"id":"never","sh":"true","after":"bad"}
{"sh":"head -c 100000 /dev/zero | tr '\\0' x"}
{"sh":"printf '\\377'"}
END
"$BROOD" batch -q --output none work.txt </dev/null
"$BROOD" batch -q --output none --rerun-failed work.txt </dev/null

log work.txt
is_status 0 'runs'
counts 2 'runs'
grep -qE '^run 1  [0-9]{4}-.* 0\.[0-9]{3} s  status 1: 3 ok, 2 failed, 1 skipped$' out ||
    fail 'the first run'
grep -qE '^run 2  .*  status 1: 0 ok, 2 failed, 1 skipped, 3 done before$' out ||
    fail 'the second run'
log work.txt.brood
counts 2 'the record by its name'
log --run 1 work.txt
counts 6 '--run'
grep -qE '^1:2  failed  0\.[0-9]{3} s  \(exit status 3\)  bad: echo why' out ||
    fail '--run: the line of a job'
grep -qE "^1:4  skipped  \('bad' has failed\)  never: true$" out ||
    fail '--run: a job that was skipped'
log --run 1 --seq 4 work.txt
counts 1 '--seq'
grep -q '^1:4 ' out || fail '--seq'
log --seq x work.txt
is_status 2 '--seq x'
log --run last work.txt
counts 3 '--run last'
log --all work.txt
counts 9 '--all'
log --failed work.txt
counts 4 '--failed'
log --failed --run 2 --longer 0.1 work.txt
counts 1 '--longer'
grep -q '(its time was up)  late:' out || fail '--longer'
log --outcome late work.txt
is_status 2 '--outcome of no kind'
says "expected ok, failed, signalled, timed out, not started, skipped, cancelled or lost, not 'late'" '--outcome of no kind'
log --outcome 'timed out' --run 1 work.txt
counts 1 '--outcome'
log --summary --run 1 work.txt
is_status 0 '--summary'
grep -qE '^run        1, 20[0-9-]{8} [0-9:]{8}, 0\.[0-9]{3} s, status 1$' out || fail '--summary: run'
grep -qx 'jobs       3 ok, 1 failed, 1 timed out, 1 skipped' out || fail '--summary: jobs'
grep -qE '^slots      [0-9]+, [0-9]+% busy, [0-9.]+ processors used$' out || fail '--summary: slots'
grep -qE '^durations  median 0\.[0-9]{3} s, 9 of 10 within 0\.[0-9]{3} s, longest 0\.[0-9]{3} s$' out ||
    fail '--summary: durations'
grep -qE '^failed     2  \(exit status 3\)  bad$' out || fail '--summary: failed'
grep -qE '^           3  \(its time was up\)  late$' out || fail '--summary: failed'
grep -qE '^slowest    3  0\.[2-9][0-9]{2} s  late$' out || fail '--summary: slowest'
log --summary work.txt
grep -qx 'jobs       1 failed, 1 timed out, 1 skipped, 3 done before' out || fail '--summary of the last run'
log --summary --json --run 1 work.txt
grep -qE '"ok":3,"failed":2,.*"started":5,"busy_ns":[0-9]+,' out || fail '--summary --json'
log --summary --run 9 work.txt
is_status 1 '--summary of no run'
log --tag red --run 1 work.txt
counts 2 '--tag'
log --tag re work.txt
is_status 1 'a tag that nothing has'
log --text /dev/zero work.txt
counts 1 '--text'
log --run 1 --text bad --output work.txt
tail -n 2 out | tr '\n' ' ' | grep -qx 'half why ' || fail '--output'
log --text /dev/zero -o work.txt
[ "$(tail -n 1 out | wc -c)" -eq 100001 ] || fail '--output from a file'

log --json work.txt
counts 2 '--json'
grep -q '^{"run":1,.*"status":1,"ok":3,"failed":2,' out || fail '--json: a run'
log --json --output --run 1 work.txt
counts 6 '--json'
grep -q '"seq":2,"outcome":"failed","reason":"exit status 3".*"stdout":"half\\n","stderr":"why\\n"}$' out ||
    fail '--json: a job'
grep -q '"stdout_base64":"/w=="}$' out || fail '--json: bytes'
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <out ||
        fail '--json: it is none'
fi

log --trace work.txt
is_status 0 '--trace'
grep -q '^{"name":"bad","ph":"X","ts":[0-9]*,"dur":[0-9]*,"pid":2,"tid":[1-9]' out ||
    fail '--trace: a job'
grep -q never out && fail '--trace: a job that was not started'
log --trace --run 1 work.txt
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; sys.exit(len(json.load(sys.stdin)) != 5)' <out ||
        fail '--trace: not 5 events'
fi

# Trouble.
log no-such
is_status 3 'no record'
says "brood log: there is no record 'no-such.brood'" 'no record'
sqlite3 other 'create table t (x)'
log other
is_status 3 'another database'
says "brood log: 'other' is no record of brood" 'another database'
log --run x work.txt
is_status 2 '--run x'
log
is_status 2 'no file'
log --help
is_status 0 '--help'
grep -q 'usage: brood log' out || fail '--help'
"$BROOD" log --all -o work.txt >/dev/full 2>err
status=$?
is_status 3 'a full disk'
says 'brood log: cannot write: no space left' 'a full disk'
