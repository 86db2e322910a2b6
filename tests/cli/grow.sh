#!/bin/sh
# brood batch: jobs with a channel, which submit jobs and tell of themselves.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

batch() { # batch [option]... <file>...
    "$BROOD" batch "$@" >out 2>err </dev/null
    status=$?
}

db() { # db <query>
    sqlite3 "$record" "$1"
}

is() { # is <got> <wanted> <what>
    [ "$1" = "$2" ] || fail "$3: '$1', not '$2'"
}

lines() { # lines <file>
    if [ -f "$1" ]; then wc -l <"$1"; else echo 0; fi
}

export BROOD
PATH=$(dirname "$BROOD"):$PATH

# What a job says of itself is recorded.
cat >said.txt <<'END'
{"id":"teller","sh":"brood send progress 0.25; brood send progress 1 all of it; brood send metric loss 0.125; brood send metric bad value; brood send progress 2; printf '\\377' | brood send","channel":true}
{"id":"quiet","sh":"true","channel":true}
{"id":"no-channel","sh":"brood send hello"}
END
batch said.txt
record=said.txt.brood
is_status 1 'a job without a channel that sends'
grep -q 'no channel.*"channel": true' err || fail 'no word of the key'
is "$(db "SELECT kind || ':' || coalesce(name, '') || ':' || coalesce(value, '')
      || ':' || coalesce(text, '') FROM messages WHERE typeof(text) != 'blob'
      ORDER BY message" | tr '\n' '|')" \
    'progress::0.25:|metric:loss:0.125:|message:::metric bad value|message:::progress 2|progress::1.0:all of it|' \
    'messages in the record'
is "$(db "SELECT hex(text) FROM messages WHERE typeof(text) = 'blob'")" FF \
    'bytes that are no text'
"$BROOD" log --messages --text teller said.txt >out || fail 'log --messages'
grep -q '  progress 25%$' out || fail 'log --messages: progress'
grep -q '  progress 100% all of it$' out || fail 'log --messages: its text'
grep -q '  metric loss 0.125$' out || fail 'log --messages: metric'
"$BROOD" log --messages --json --text teller said.txt |
    grep -q '"kind":"metric","name":"loss","value":0.125,' ||
    fail 'log --messages --json'

# Jobs submit jobs, which submit jobs; a second run knows them all.
cat >spread.sh <<'END'
#!/bin/sh
echo "$1" >>spread.log
[ "$1" -gt 0 ] || exit 0
for i in 1 2 3; do
    brood submit --channel --tag deep ./spread.sh $(($1 - 1)) || exit
done
END
chmod +x spread.sh
echo '{"argv":["./spread.sh","3"],"channel":true}' >spread.txt
batch -j4 spread.txt
is_status 0 'jobs that submit jobs'
is "$(lines spread.log)" 40 'jobs that ran'
grep -q '40 jobs: 40 ok' err || fail 'the summary of jobs that submit jobs'
batch -j4 spread.txt
is_status 0 'the second run'
is "$(lines spread.log)" 40 'jobs that ran again'
grep -q '40 jobs: 0 ok, 40 done before' err || fail 'all are known'
batch --dry-run spread.txt
is "$(lines out)" 0 'a dry run of what is known'
batch -q --again spread.txt
is "$(lines spread.log)" 80 '--again'

# The same from standard input, with no record; and lines that are wrong.
cat >lines.txt <<'END'
{"id":"main","channel":true,"sh":"printf '%s\\n' 'echo 1' '' '# no' '{\"sh\":\"echo 2\",\"id\":\"two\",\"after\":\"main\"}' | brood submit"}
{"channel":true,"sh":"printf '%s\\n' 'echo 3' '{\"sh\":\"echo 4\",\"frob\":1}' 'echo 5' | brood submit; echo status $?"}
{"channel":true,"sh":"echo '{\"limits\":{\"jobs\":1}}' | brood submit"}
{"channel":true,"after":"main","sh":"brood submit --id two true"}
END
"$BROOD" batch -j1 - <lines.txt >out 2>err
status=$?
is_status 1 'lines that are wrong'
is "$(grep -v status out | sort | tr '\n' ' ')" '1 2 3 ' 'lines that were taken'
grep -qx 'status 2' out || fail 'the status of brood submit'
grep -qF "refused: line 2: column 16: unknown key 'frob'" err ||
    fail 'which line is wrong'
grep -q "refused: line 1: .*'limits'" err || fail 'limits'
grep -qF "a second job with the id 'two'" err || fail 'an id twice'
grep -q '^brood batch: standard input:3: exit status 2:' err || fail 'the place'

# Options of brood submit; its directory is that of the job.
mkdir -p sub
cat >options.txt <<'END'
{"id":"a","channel":true,"sh":"cd sub; brood submit pwd; brood submit --sh --id b 'echo \"$BROOD_JOB\" b; exit 3'; brood submit --after b echo never; brood submit -C / --after a -p 5 -t x -t y echo a \"b  c\""}
END
batch -j1 options.txt
record=options.txt.brood
is_status 1 'a job that was submitted and failed'
is "$(grep -c "^$(pwd -P)/sub\$" out)" 1 'its directory'
grep -qx 'b b' out || fail '--id, --sh'
grep -qx 'a b  c' out || fail 'words'
! grep -q never out || fail '--after'
grep -q '1 skipped' err || fail '--after one that failed'
is "$(db "SELECT dir || tags FROM jobs WHERE tags != ''")" '/x y ' '-C, -t'
grep -q '^brood batch: submitted:[0-9]*: exit status 3: echo' err ||
    fail 'the place of a job that was submitted'

# A job that is tried again submits nothing twice.
cat >retry.txt <<'END'
{"channel":true,"retries":2,"sh":"for i in 1 1 2; do brood submit --sh \"echo $i >>retry.log\"; done; echo x >>tries; [ $(wc -l <tries) -eq 3 ]"}
END
batch -q retry.txt
is_status 0 'a job that is tried again'
is "$(sort retry.log | tr '\n' ' ')" '1 1 2 ' 'what it submitted'

# What a failed job had submitted is run all the same, and not again with it.
cat >fails.txt <<'END'
{"channel":true,"sh":"brood submit --sh 'echo s >>fails.log'; test -e good"}
END
batch -q fails.txt
is_status 1 'a job that submits and fails'
touch good
batch -q --rerun-failed fails.txt
is_status 0 'when it runs again'
is "$(lines fails.log)" 1 'what it has submitted twice'

# The same from C.
if [ -n "${CHILDREN_DIR:-}" ]; then
    cat >c.txt <<END
{"argv":["$CHILDREN_DIR/member","echo from C"],"channel":true}
{"argv":["$CHILDREN_DIR/member","echo one\n{\"frob\":1}"],"channel":true}
END
    batch -j1 c.txt
    is_status 1 'brood_child_submit'
    is "$(tr '\n' ' ' <out)" 'from C one ' 'brood_child_submit'
    "$BROOD" log --messages c.txt >out
    grep -q "  message reply -22 line 2: column 2: unknown key 'frob'" out ||
        fail 'brood_child_submit: why not'
    grep -q '  metric loss -0.125$' out || fail 'brood_child_metric'
fi

# Nobody takes jobs.
"$BROOD" submit true 2>err
[ $? -eq 255 ] || fail 'brood submit without a batch'
grep -q 'there is no channel' err || fail 'brood submit without a batch: why'
"$BROOD" submit --id x 2>err
[ $? -eq 255 ] || fail 'brood submit without a command'

# A signal stops jobs with a channel, too.
cat >stop.txt <<'END'
{"channel":true,"sh":"brood send progress 0.5 waiting; echo up >up; sleep 60"}
END
"$BROOD" batch stop.txt 2>err &
pid=$!
wait_for 'test -s up'
wait_for 'kill -USR1 $pid; grep -q "50% waiting" err'
kill -TERM $pid
wait $pid
status=$?
is_status 143 'SIGTERM'


# Killed at any moment: what has been submitted and recorded is not lost, and no
# job is recorded twice.
cat >killed.sh <<'END'
#!/bin/sh
[ "$1" -gt 0 ] && for i in 1 2 3; do
    brood submit --channel ./killed.sh $(($1 - 1)) "$2$i" || exit
done
echo "$2" >>killed.log
END
chmod +x killed.sh
echo '{"argv":["./killed.sh","4","r"],"channel":true}' >killed.txt
record='file:killed.txt.brood?mode=ro'
: >before
n=0
while [ $n -lt "${GROW_KILLS:-25}" ]; do
    "$BROOD" batch -q -j4 killed.txt >/dev/null 2>&1 </dev/null &
    pid=$!
    sleep "0.$(($(date +%N | sed 's/^0*//') / 1000 % 3))$(($$ % 10))"
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    n=$((n + 1))
    [ -e killed.txt.brood ] || continue
    db "SELECT command FROM results JOIN jobs USING (job)
        WHERE outcome = 'ok'" 2>/dev/null | sort >now
    [ -z "$(uniq -d now)" ] || fail "kill $n: recorded twice"
    [ -z "$(comm -23 before now)" ] || fail "kill $n: lost"
    mv now before
done
batch -j4 killed.txt
is_status 0 'the last run after kills'
grep -q '^brood batch: 121 jobs: ' err || fail 'the number of jobs after kills'
is "$(db "SELECT count(*) || ' ' || count(DISTINCT job) FROM results
    WHERE outcome = 'ok'")" '121 121' 'what is recorded after kills'
is "$(sort -u killed.log | grep -c .)" 121 'what has run after kills'
# A process that is killed cannot remove the directory of its channels.
rm -rf "$TMPDIR"/brood-*
