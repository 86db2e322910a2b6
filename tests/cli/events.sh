#!/bin/sh
# brood batch --events: a line of JSON for each thing that happens, in order.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

batch() { # batch [option]... <file>...
    "$BROOD" batch "$@" >out 2>err </dev/null
    status=$?
}

PATH=$(dirname "$BROOD"):$PATH
cat >jobs.txt <<'END'
{"id":"talks","sh":"brood send progress 0.5 x; brood send metric m 0.125; printf '\\377' | brood send; echo said","channel":true}
{"id":"fails","argv":["false","x y"],"retries":1,"backoff":0.05,"tags":["t"]}
{"argv":["echo","p q"],"after":"fails","tags":"u"}
{"sh":"echo; echo err >&2","after":"talks"}
{"argv":["./nothing-there"]}
END
batch --events events -j2 jobs.txt
is_status 1 'events'
cat >check.py <<'END'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
of = lambda event, seq=None: [e for e in lines if e["event"] == event and seq in (None, e.get("seq"))]
at = lambda event, seq: lines.index(of(event, seq)[0])
assert lines[0]["event"] == "begin" and lines[0]["run"] == 1 and lines[0]["slots"] == 2
assert len(lines[0]["run_id"]) == 32 and lines[0]["store"] == "jobs.txt.brood"
assert all(a["time"] <= b["time"] for a, b in zip(lines, lines[1:]))
assert len(of("start")) == 4 and len(of("end")) == 5
assert [e["fraction"] for e in of("progress")] == [0.5] and of("progress")[0]["text"] == "x"
assert [(e["name"], e["value"]) for e in of("metric")] == [("m", 0.125)]
assert of("message")[0]["text_base64"] == "/w=="
retry, = of("retry")
assert (retry["id"], retry["attempt"], retry["reason"], retry["wait"]) == ("fails", 1, "exit status 1", 0.05)
assert [e["attempt"] for e in of("start", 2)] == [1, 2]
end, = of("end", 2)
assert (end["outcome"], end["attempts"], end["exit_status"], end["command"]) == ("failed", 2, 1, "false 'x y'")
assert (end["file"], end["line"], end["stdout_bytes"]) == ("jobs.txt", 2, 0)
end, = of("end", 3)
assert (end["outcome"], end["reason"], end["command"]) == ("skipped", "'fails' has failed", "echo 'p q'")
end, = of("end", 4)
assert (end["outcome"], end["reason"], end["stdout_bytes"], end["stderr_bytes"]) == ("ok", None, 1, 4)
end, = of("end", 5)
assert end["outcome"] == "not started" and "no such file" in end["reason"]
assert at("start", 1) < at("progress", 1) < at("end", 1) < at("start", 4) < at("end", 4)
assert at("end", 2) < at("end", 3)
done = lines[-1]
assert done["event"] == "done" and done["status"] == 1
assert (done["jobs"], done["ok"], done["failed"], done["skipped"], done["known"]) == (5, 2, 2, 1, 0)
END
python3 check.py events || fail 'the lines'
[ "$(sqlite3 jobs.txt.brood "SELECT tags || command FROM jobs WHERE tags = 'u '")" = \
    "u echo 'p q'" ] || fail 'a job that was skipped: its record'

# On standard output, between the output of jobs, whole.
batch --again --events - jobs.txt
grep -v '^{"event":' out | tr '\n' ' ' | grep -qx 'said  \|  said ' || fail 'standard output'
[ "$(grep -c '^{"event":.*}$' out)" -gt 10 ] || fail 'lines on standard output'
# What is known makes no events; without a record there is no run.
batch --events events jobs.txt
[ "$(wc -l <events)" -eq 3 ] || fail 'known jobs'
grep -q '"event":"done",.*"known":4}' events || fail 'the sum of known jobs'
echo true | "$BROOD" batch --events events
grep -qE '"event":"begin","time":[0-9.]*,"slots":[0-9]+}' events || fail 'no record'

batch --events no/file jobs.txt
is_status 3 'no directory'
says "brood batch: cannot write 'no/file': no such file or directory" 'no directory'
batch --again --events /dev/full jobs.txt
is_status 3 'a full disk'
says "brood batch: cannot write '/dev/full': no space left" 'a full disk'
batch --check --events events jobs.txt
is_status 0 '--check'
