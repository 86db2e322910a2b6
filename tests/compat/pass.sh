#!/bin/sh
# The recorded behaviour of GNU parallel. Cases whose options do not exist yet
# are named in tests/compat/expected-failures.txt; one that passes all the same
# has to leave that list.
set -u
here=$(cd "$(dirname "$0")" && pwd)
bash "$here/diffcases.sh" -v -j2 -x "$here/expected-failures.txt" \
    "$here/parallel-cases.txt" "@$here/golden" "$BROOD run"
