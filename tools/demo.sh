#!/bin/sh
# demo - build brood and watch it work: checksums and compresses the
# documentation of this system in parallel, then once more one at a time.
#
# usage: sh tools/demo.sh
#
# FILES (400) bounds how many files are taken. Writes only below build/ and
# to a directory of its own in TMPDIR, which is removed at the end.
set -eu
cd "$(dirname "$0")/.."

files=${FILES:-400}
brood=$PWD/build/release/brood
slots=$(nproc)

echo '-- building'
sh tools/install-deps.sh
cmake --preset release >/dev/null
cmake --build --preset release

place=$(mktemp -d "${TMPDIR:-/tmp}/brood-demo.XXXXXX")
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM

list() { # list <dir>: its largest files, the largest first
    find -L "$1" -type f -size +3k -readable -printf '%s %p\n' 2>/dev/null |
        sort -rn | head -n "$files" | cut -d ' ' -f 2-
}
from=/usr/share/doc
list "$from" >"$place/list"
if [ ! -s "$place/list" ]; then
    # A slimmed-down system has no documentation; it has programs.
    from=/usr/bin
    list "$from" >"$place/list"
fi
count=$(wc -l <"$place/list")

bar=
if [ -t 2 ]; then
    bar=--bar
fi

# A checksum of each file, in order; then a compressed copy of each.
batch() { # batch <name> <slots>
    out=$place/$1
    mkdir "$out"
    export out
    # shellcheck disable=SC2086 # no word when there is no bar
    "$brood" run -j "$2" $bar -k sha256sum {} \
        <"$place/list" >"$out/SHA256SUMS"
    # shellcheck disable=SC2016,SC2086 # $out is for the jobs' shell
    "$brood" run -j "$2" $bar 'gzip -9 <{} >"$out"/{#}.gz' <"$place/list"
}

now() {
    date +%s.%N
}
total() { # total <file>...: their bytes
    cat "$@" | wc -c
}

echo "-- $count files from $from: sha256sum and gzip -9, $slots at a time"
t0=$(now)
batch parallel "$slots"
t1=$(now)
echo '-- the same, one at a time'
batch serial 1
t2=$(now)

cmp "$place/parallel/SHA256SUMS" "$place/serial/SHA256SUMS"
plain=$(tr '\n' '\0' <"$place/list" | xargs -0 cat | wc -c)
packed=$(total "$place"/parallel/*.gz)
[ "$packed" -eq "$(total "$place"/serial/*.gz)" ]

awk -v t0="$t0" -v t1="$t1" -v t2="$t2" -v slots="$slots" -v n="$count" \
    -v plain="$plain" -v packed="$packed" 'BEGIN {
    printf "-- %d jobs, twice; the checksums are the same\n", 2 * n
    printf "   %.1f MB became %.1f MB\n", plain / 1e6, packed / 1e6
    printf "   %d at a time %.2f s, one at a time %.2f s: %.2f times as fast\n",
        slots, t1 - t0, t2 - t1, (t2 - t1) / (t1 - t0)
}'
