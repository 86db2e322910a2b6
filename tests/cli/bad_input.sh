#!/bin/sh
# Bad input gets one clear line and a documented status, and costs no job.
# shellcheck disable=SC2016,SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

run --no-such-option echo ::: a
is_status 255 'unknown option'
says "--no-such-option" 'unknown option'
says_one_line 'unknown option'

run -j echo ::: a
is_status 255 'bad number of jobs'
says 'echo' 'bad number of jobs'

run --timeout abc echo ::: a
is_status 255 'bad time limit'
says abc 'bad time limit'

run --halt sometimes echo ::: a
is_status 255 'bad halt condition'
says sometimes 'bad halt condition'

run -a does-not-exist echo
is_status 255 'missing file'
says does-not-exist 'missing file'
says 'no such file or directory' 'missing file'

mkdir directory
run -a directory echo
is_status 255 'unreadable input'
says directory 'unreadable input'

run echo
is_status 0 'empty input'
prints '' 'empty input'

run echo :::
is_status 0 'no arguments'

in='a\nb\0c\nd\n' run -k echo
unset in
[ "$status" -ne 0 ] || fail 'a NUL in a line: no failure'
[ -s err ] || fail 'a NUL in a line: no message'
grep -qx a out || fail 'a NUL in a line: the line before it was not run'

head -c 2097152 /dev/zero | tr '\0' x >long
printf 'short1\n' >lines
cat long >>lines
printf '\nshort2\n' >>lines
"$BROOD" run -k -a lines echo >out 2>err </dev/null
status=$?
grep -qx short1 out || fail 'a line of 2 MiB: the job before it'
grep -qx short2 out || fail 'a line of 2 MiB: the job after it'
is_status 1 'a line of 2 MiB'

run --joblog log no-such-program-anywhere ::: a
is_status 1 'a command that does not exist'
[ "$(tail -n 1 log | cut -f 7)" = 127 ] || fail 'not 127 in the job log'

run --joblog log /no/such/program ::: a
is_status 1 'a path that does not exist'
[ "$(tail -n 1 log | cut -f 7)" = 127 ] || fail 'not 127 in the job log'

echo 'echo hi' >script
run --joblog log ./script ::: a
is_status 1 'a file that may not be executed'
[ "$(tail -n 1 log | cut -f 7)" = 126 ] || fail 'not 126 in the job log'

mkdir gone
(
    cd gone || exit 1
    rmdir ../gone
    "$BROOD" run true ::: a >../out 2>../err
)
status=$?
[ "$status" -eq 0 ] || [ -s err ] || fail 'a directory that vanished: silence'

run --workdir /no/such/dir true ::: a
[ "$status" -ne 0 ] || [ -d /no/such/dir ] || fail 'no such working directory'

run --joblog /no/such/dir/log true ::: a
is_status 255 'a job log that cannot be written'
says /no/such/dir/log 'a job log that cannot be written'
