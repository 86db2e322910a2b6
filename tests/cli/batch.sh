#!/bin/sh
# Job files: lines, dependencies, limits, what is shown, exit statuses.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

batch() { # batch [option]... [file]...: standard input is $in, or nothing
    printf "${in-}" >in.txt
    "$BROOD" batch "$@" <in.txt >out 2>err
    status=$?
}


is_sorted() { # is_sorted <text> <what>
    printf "$1" >want
    sort out | cmp -s - want || fail "$2: the output"
}

# Plain lines, from a file and from standard input.
printf '%s\n' '# nothing' '' 'echo a' '  # nothing' 'echo "b  c"' >./jobs
batch jobs
is_status 0 'plain lines'
is_sorted 'a\nb  c\n' 'plain lines'
says 'brood batch: 2 jobs: 2 ok; run 1 in jobs.brood' 'plain lines'
in='echo x\necho y' batch -q
is_status 0 'standard input'
is_sorted 'x\ny\n' 'standard input'
[ ! -s err ] || fail 'standard input: it complains'
in='echo x\0echo "1\n2"\0' batch -q -0 -
is_sorted '1\n2\nx\n' '--null'
in='{"sh":"false"}\n' batch -q --plain
is_status 1 '--plain'

# Keys of jobs.
cat >keys <<'END'
{"defaults":{"env":{"A":"1","B":"1"},"stdin":"in\n"}}
{"sh":"cat; echo $A$B","env":{"B":"2"}}
{"argv":["sh","-c","echo \"$1\"","x","a  b"]}
{"sh":"pwd","cwd":"/"}
{"sh":"cat","stdin_file":"keys.in"}
{"id":"n","sh":"echo $BROOD_JOB"}
{"sh":"exit 3","ok_codes":[0,3]}
{"sh":"exit 77","skip_code":77}
{"sh":"exit 9","tags":["t"]}
{"sh":"exit 9","outputs":["none"],"ok_codes":[9]}
{"argv":["/no/such/program"]}
{"sh":"sleep 60","timeout":0.1}
END
echo file >keys.in
batch --no-store keys
is_status 1 'keys'
is_sorted '/\n12\na  b\nfile\nin\nn\n' 'keys'
says 'keys:9: exit status 9: exit 9' 'keys'
says "keys:10: no output 'none': exit 9" 'keys'
says 'keys:11: no such file or directory: /no/such/program' 'keys'
says 'keys:12: its time was up: sleep 60' 'keys'
says 'brood batch: 11 jobs: 6 ok, 4 failed, 1 skipped' 'keys'

# Dependencies, before and behind the jobs that they name.
cat >after <<'END'
{"id":"last","sh":"echo last","after":["b","c"]}
{"id":"a","sh":"sleep 0.1; echo a"}
{"id":"b","sh":"echo b","after":"a"}
{"id":"c","sh":"echo c","after":"b"}
END
batch -q -j8 --no-store after
is_status 0 'dependencies'
prints 'a\nb\nc\nlast\n' 'dependencies'
cat >fails <<'END'
{"id":"a","sh":"exit 1"}
{"id":"b","sh":"echo b","after":["a"]}
{"id":"c","sh":"echo c","after":["b"]}
{"sh":"echo any","after_any":"c"}
{"sh":"echo rescue","after_fail":"a"}
{"id":"ok","sh":"true"}
{"sh":"echo no rescue","after_fail":"ok"}
END
batch fails
is_status 1 'failures'
is_sorted 'any\nrescue\n' 'failures'
says 'brood batch: 7 jobs: 3 ok, 1 failed, 3 skipped; run 1' 'failures'

# Retries, with a growing wait.
printf '%s\n' '{"sh":"echo x >>tries; test $(wc -l <tries) -eq 3","retries":5}' \
    '{"sh":"echo x >>more; false","retries":2,"backoff":0.05}' >retries
batch --no-store retries
is_status 1 'retries'
[ "$(wc -l <tries)" -eq 3 ] || fail 'retries: until it is good'
[ "$(wc -l <./more)" -eq 3 ] || fail 'retries: as often as said'

# Limits: locks, resources, memory, processors.
cat >locked <<'END'
{"limits":{"jobs":4,"mem":"1G","resources":{"gpu":1}}}
{"defaults":{"locks":"db"}}
{"sh":"mkdir lock && sleep 0.05 && rmdir lock"}
{"sh":"mkdir lock && sleep 0.05 && rmdir lock"}
{"sh":"mkdir lock && sleep 0.05 && rmdir lock"}
{"locks":["a"],"sh":"mkdir gpu && sleep 0.05 && rmdir gpu","resources":{"gpu":1}}
{"locks":["b"],"sh":"mkdir gpu && sleep 0.05 && rmdir gpu","resources":{"gpu":1}}
{"locks":["c"],"sh":"mkdir mem && sleep 0.05 && rmdir mem","mem":"600M"}
{"locks":["d"],"sh":"mkdir mem && sleep 0.05 && rmdir mem","mem":"600M"}
END
batch -q --no-store locked
is_status 0 'limits'
# The first waits for the third, which fits beside it; the second does not.
cat >wide <<'END'
{"sh":"mkdir w && until [ -e beside ]; do sleep 0.01; done && rmdir w","cpus":3,"timeout":20}
{"sh":"mkdir w && sleep 0.05 && rmdir w","cpus":9}
{"sh":">beside","priority":-1}
END
batch -q --no-store -j4 wide
is_status 0 'cpus'
printf '%s\n' '{"sh":"true","mem":"2G"}' 'true' >large
batch --no-store --mem 1G large
is_status 2 '--mem'
says 'large:1: it needs more than there is' '--mem'
says '1 job: 1 ok' '--mem'
printf '%s\n' '{"sh":"true","resources":{"x":2}}' >named
batch --no-store named
is_status 2 'an unknown resource'
says 'named:1: a resource that neither' 'an unknown resource'
batch -q --no-store --resource x=2 named
is_status 0 '--resource'

# Priorities.
printf '%s\n' 'echo 1' '{"sh":"echo 2","priority":1}' \
    '{"sh":"echo 3","priority":2}' >order
batch -q --no-store -j1 order
prints '3\n2\n1\n' 'priorities'

# What is shown.
printf '%s\n' 'echo good' 'echo bad; exit 1' >shown
batch --no-store --output failed shown
prints 'bad\n' '--output failed'
batch --no-store --output none shown
prints '' '--output none'
says 'shown:2: exit status 1: echo bad; exit 1' '--output none'

# Stopping early.
seq 100 | sed 's/.*/sleep 0.01; false/' >many
batch --no-store -j2 --halt soon,fail=1 many
is_status 1 '--halt soon'
says 'starting no more jobs (--halt)' '--halt soon'
says 'not run' '--halt soon'
printf '%s\n' 'sleep 60' 'false' >two
batch --no-store -j2 --halt now,fail=1 two
is_status 1 '--halt now'
says 'stopping all jobs (--halt)' '--halt now'

# Only looking.
batch --check after
is_status 0 '--check'
says 'brood batch: 4 jobs, nothing wrong' '--check'
printf '%s\n' '{"id":"a","sh":"x","after":"b"}' '{"id":"b","sh":"x","after":"a"}' \
    '{"sh":"x","after":["c"]}' '{"sh":"x","timeou":1}' '{"sh":' \
    '{"id":"a","sh":"y"}' >wrong
batch --check wrong
is_status 2 '--check'
says "wrong:4:11: unknown key 'timeou'; did you mean 'timeout'?" '--check'
says 'wrong:5:7: the line ends inside of its object' '--check'
says "wrong:6: a second job with the id 'a'" '--check'
grep -qE "wrong:[12]: jobs wait for each other: '(a' -> 'b' -> 'a|b' -> 'a' -> 'b)'" err ||
    fail '--check: the cycle'
says "wrong:3: it comes after 'c', which no job is called" '--check'
[ ! -e wrong.brood ] || fail '--check: a record'
batch wrong
is_status 2 'a file with mistakes'
batch --dry-run after
is_status 0 '--dry-run'
prints 'sleep 0.1; echo a\necho b\necho c\necho last\n' '--dry-run'
[ ! -e after.brood ] || fail '--dry-run: a record'

# Options that make no sense.
batch --frob
is_status 2 'an unknown option'
batch -j x jobs
says "brood batch: option '--jobs': expected a number of jobs" '-j'
batch no-such-file
is_status 2 'no such file'
says "brood batch: cannot read 'no-such-file': no such file" 'no such file'
batch --output some jobs
is_status 2 '--output'
batch --help
is_status 0 '--help'
grep -q 'usage: brood batch' out || fail '--help: the usage'
[ "$(wc -l <out)" -le 50 ] || fail '--help: it is too long'

# The examples; one calls brood itself.
PATH=$(dirname "$BROOD"):$PATH
examples=$(dirname "$0")/../../tools/examples/batch
for example in "$examples"/*; do
    batch --check "$example"
    is_status 0 "$example"
    batch --no-store "$example"
    is_status 0 "$example"
    cat out >>shown-by-examples
done
sort shown-by-examples | tr '\n' ' ' | grep -q '^1 2 3 500500 one three two $' ||
    fail "the examples: $(cat shown-by-examples)"

# Its jobs stand still with it, those that have a channel too.
cat >still.txt <<'END'
echo $$ >still.1; until [ -e go ]; do sleep 0.02; done
{"sh":"echo $$ >still.2; until [ -e go ]; do sleep 0.02; done","channel":true}
END
rm -f go
"$BROOD" batch -j2 --no-store still.txt >out 2>err </dev/null &
pid=$!
wait_for 'test -s still.1 && test -s still.2'
kill -TSTP "$pid"
wait_for "grep -q '^State:.T' /proc/$pid/status"
for job in still.1 still.2; do
    grep -q '^State:.[TD]' "/proc/$(cat $job)/status" || fail "TSTP: $job goes on"
done
kill -CONT "$pid"
touch go
wait $pid
status=$?
is_status 0 'TSTP and CONT'
