#!/bin/sh
# cases - run those cases of parallel-cases.txt whose names match, but for the
# ones that are expected to fail, and compare with what GNU parallel gave.
#
# usage: cases.sh REGEX        with BROOD naming the program
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${BROOD:?names the program}"
command -v bash >/dev/null || exit 77
# Most cases wait more than they work.
exec bash "$here/diffcases.sh" -v -j2 -t 60 -f "$1" \
    -x "$here/expected-failures.txt" \
    "$here/parallel-cases.txt" "@$here/golden" "$BROOD run"
