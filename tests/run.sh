#!/bin/sh
# run - install what is missing, build all, and run all tests.
#
# usage: sh tests/run.sh [argument of brood test]...
set -eu
cd "$(dirname "$0")/.."

sh tools/install-deps.sh test
for preset in dev release; do
    echo "== building $preset"
    cmake --preset "$preset" >/dev/null
    cmake --build --preset "$preset"
done
echo '== testing'
exec build/release/brood test -j "$(nproc)" "$@" build/dev
