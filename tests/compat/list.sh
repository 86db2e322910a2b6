#!/bin/sh
# No case of the list of expected failures passes.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pattern=$(sed 's/[.*+?()|]/\\&/g; s/.*/^&$/' "$here/expected-failures.txt" |
    paste -sd'|')
bash "$here/diffcases.sh" -t 5 -j2 -f "$pattern" "$here/parallel-cases.txt" \
    "@$here/golden" "$BROOD run" >"$work/got"
head -n 1 "$work/got"
tail -n +2 "$work/got" | sort >"$work/failed"
sort "$here/expected-failures.txt" >"$work/expected"
if ! cmp -s "$work/failed" "$work/expected"; then
    echo 'these pass, and have to leave tests/compat/expected-failures.txt:'
    comm -13 "$work/failed" "$work/expected"
    exit 1
fi
