#!/bin/sh
# The list of expected failures is honest: each of them does fail, and each is
# the name of a case.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${BROOD:?names the program}"
command -v bash >/dev/null || exit 77
list=$here/expected-failures.txt
work=$(mktemp -d "${TMPDIR:-/tmp}/brood-compat.XXXXXX")
trap 'rm -rf "$work"' EXIT

bad=0
while read -r name; do
    if ! grep -qxF "# $name" "$here/parallel-cases.txt"; then
        echo "expected-failures.txt: there is no case '$name'"
        bad=1
    fi
done <"$list"

# All cases but those on the list are left out.
sed -n 's/^# //p' "$here/parallel-cases.txt" | grep -vxFf "$list" >"$work/skip"
bash "$here/diffcases.sh" -j2 -t 60 -x "$work/skip" \
    "$here/parallel-cases.txt" "@$here/golden" "$BROOD run" \
    >"$work/out" 2>&1 || true
grep -xFf "$work/out" "$list" >"$work/failed" || true
if ! cmp -s "$list" "$work/failed"; then
    echo 'these pass by now; take them off expected-failures.txt:'
    grep -vxFf "$work/failed" "$list"
    bad=1
fi
exit "$bad"
