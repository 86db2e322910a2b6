#!/bin/sh
# The job log and the events.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

run -j1 --joblog log 'echo {}; exit {}' ::: 0 3
is_status 1 '--joblog'
awk -F'\t' -v OFS='|' '{ $1 = $1 } NR > 1 { $3 = "T"; $4 = "R" }
    { print }' log >got
cat >want <<'END'
Seq|Host|Starttime|JobRuntime|Send|Receive|Exitval|Signal|Command
1|:|T|R|0|2|0|0|echo 0; exit 0
2|:|T|R|0|2|3|0|echo 3; exit 3
END
cmp -s want got || fail '--joblog: the columns'
run --jl +log true ::: x
[ "$(wc -l <log)" -eq 4 ] || fail '--joblog +FILE'
printf 'torn' >>log
run --joblog +log true ::: x
[ "$(tail -n 2 log | head -n 1)" = torn ] || fail 'a torn line is not ended'
run --joblog - echo ::: x
[ "$(wc -l <out)" -eq 3 ] || fail '--joblog -'
run --joblog log 'kill -9 $$; :' ::: x
[ "$(tail -n 1 log | cut -f 7,8)" = '137	9' ] || fail 'a signal in the log'
run --lb --joblog log 'printf 12345' ::: x
[ "$(tail -n 1 log | cut -f 6)" = 5 ] || fail 'bytes in the log with --lb'

if [ -c /dev/full ]; then
    run --joblog /dev/full -j1 'echo {} >>ran; #' ::: 1 2 3
    is_status 255 'a full disk under the log'
    says "cannot write the job log '/dev/full': no space left on device" \
        'a full disk under the log'
    run --events /dev/full true ::: 1
    is_status 255 'a full disk under the events'
    says "cannot write the events file '/dev/full'" 'events'
fi
run --events /no/such/dir/e true ::: 1
is_status 255 'events that cannot be written'

run -j1 --events events --timeout 1 \
    'if [ {} = 60 ]; then sleep 60; fi; exit {}' ::: 0 3 60
[ "$(wc -l <events)" -eq 3 ] || fail '--events: a line for each'
grep -q '"seq":2,.*"outcome":"exited","exit_status":3,"signal":null' events ||
    fail '--events: an exit'
grep -q '"seq":3,.*"outcome":"timed out","exit_status":null,"signal":15' \
    events || fail '--events: a time limit'
run --events - true ::: x
grep -q '^{"seq":1,' out || fail '--events -'
in='true caf\351\n' run --events events
grep -q '"command_base64":"dHJ1ZSBjYWbp"' events || fail '--events: bytes'
unset in
run --wd /dev/null --events events true ::: x
grep -q '"outcome":"spawn failed".*"error":"cannot [a-z ]*: not a directory"' \
    events || fail '--events: why a job was not started'
if command -v python3 >/dev/null; then
    in='echo "q\\\\" \x01\ntrue \303\245\nfalse\nexit 300\n' \
        run --events events
    unset in
    python3 -c 'import json, sys
for line in open("events", encoding="utf-8"):
    event = json.loads(line)
    assert event["runtime"] >= 0 and event["max_rss_bytes"] > 0' ||
        fail '--events: not JSON'
fi
