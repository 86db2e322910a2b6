#!/bin/sh
# A reader that goes away, a full disk, few descriptors: nothing is left, and
# the status says it.
# shellcheck disable=SC2016,SC3045
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

# The reader of standard output ends after one line.
{
    seq 100000 | "$BROOD" run -j2 'echo {}' 2>err
    echo $? >status
} | head -n 1 >out
status=$(cat status)
[ "$(wc -l <out)" -eq 1 ] || fail 'one line was to come'
[ "$status" -ne 0 ] || fail 'closed output: status 0'

if [ -w /dev/full ]; then
    seq 10 | "$BROOD" run echo >/dev/full 2>err
    status=$?
    : >out
    is_status 255 'full device'
    says 'no space left on device' 'full device'
fi

# 20 descriptors left, or so: some are in use already.
(
    ulimit -n 25
    seq 200 | "$BROOD" run -j 8 echo >out 2>err
)
status=$?
is_status 0 '20 descriptors'
[ "$(wc -l <out)" -eq 200 ] || fail '20 descriptors: not all jobs were run'

# A file system of one page for what does not fit into memory.
mkdir small
if unshare -m true 2>/dev/null; then
    cat >full.sh <<'END'
mount -t tmpfs -o size=64k small small || exit 77
"$BROOD" run -k --tmpdir small 'head -c {} /dev/zero' ::: 10 1000000 20 \
    >out 2>err
END
    unshare -m sh full.sh
    status=$?
    if [ "$status" -ne 77 ]; then
        is_status 255 'full disk'
        says 'no space left on device' 'full disk'
        says 'job 2' 'full disk'
    fi
fi
