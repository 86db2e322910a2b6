#!/bin/sh
# messages - how fast are messages with a forked child, and commands, beside
# Node's child_process and a bare socket; and tasks of warm workers, beside
# Python's ProcessPoolExecutor?
#
# usage: sh tests/bench/messages.sh
#
# As run.sh: builds the release, and measures in turns; each ratio is the
# median of the rounds' ratios. Exits with 1 if a figure is over its limit.
#
#   ROUNDS=5            rounds
#   BUILD=build/release  where the library is, or is built
set -eu
cd "$(dirname "$0")/../.."

rounds=${ROUNDS:-5}
build=${BUILD:-build/release}
tools=build/bench
children=1000

mkdir -p "$tools"
if [ ! -e "$build/libbrood.a" ] || [ -z "${BUILD:-}" ]; then
    cmake --preset release -B "$build" >/dev/null
    cmake --build "$build" >/dev/null
fi
for name in messages warm; do
    # shellcheck disable=SC2046 # several words
    cc -std=c17 -D_GNU_SOURCE -O2 -pthread -Icore/include -o "$tools/$name" \
        "tests/bench/$name.c" "$build/libbrood.a" $(pkg-config --libs libzmq)
done
messages=$tools/messages

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
. tests/bench/figures.sh

# Each adds what it measures to the file of a name.
node=$(command -v node || true)
by_node() {
    name=$1
    shift
    if [ -n "$node" ]; then
        "$node" tests/bench/messages.js "$@" >>"$place/$name"
    fi
}

python=$(command -v python3 || true)
by_python() {
    name=$1
    shift
    if [ -n "$python" ]; then
        "$python" tests/bench/warm.py "$@" >>"$place/$name"
    fi
}

by_c() {
    name=$1
    shift
    "$messages" "$@" >>"$place/$name"
}

# figure <text> <name>...: the medians.
figure() {
    text=$1
    shift
    printf '%-40s' "  $text"
    for name in "$@"; do
        if [ -e "$place/$name" ]; then
            printf ' %s %.0f' "${name%%-*}" "$(median <"$place/$name")"
        fi
    done
    echo
}

printf 'messages; %s cores; %s rounds; load %s\n' "$(nproc)" "$rounds" \
    "$(cut -d ' ' -f 1-3 /proc/loadavg)"
round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    by_c brood-small in 100 500000
    by_node node-small in 100 50000
    by_c raw-small raw-in 100 200000
    by_c brood-big in 65536 10000
    by_node node-big in 65536 2000
    by_c raw-big raw-in 65536 10000
    by_c brood-trip trip 100 10000
    by_node node-trip trip 100 10000
    by_c raw-trip raw-trip 100 10000
    by_c brood-exec exec 2000
    by_node node-exec exec 500
    "$tools/warm" 2 1000000 >>"$place/brood-task"
    by_python python-task 2 5000 1
    by_python python-chunks 2 100000 16 64 256 1024 4096
done

figure 'messages/s of 100 B' brood-small node-small raw-small
figure 'messages/s of 64 KiB' brood-big node-big raw-big
figure 'us there and back, 100 B' brood-trip node-trip raw-trip
figure 'commands/s, 2 at a time' brood-exec node-exec
figure 'tasks/s of 16 B, 2 workers' brood-task python-task python-chunks
if [ -n "$node" ]; then
    ratio "messages of 100 B: brood / Node's fork()" \
        brood-small node-small 5 least
    ratio "messages of 64 KiB: brood / Node's fork()" \
        brood-big node-big 2 least
    ratio "there and back, 100 B: brood / Node's fork()" \
        brood-trip node-trip 1
    ratio "commands: brood_exec_file() / Node's execFile()" \
        brood-exec node-exec 2 least
else
    echo 'no node here: nothing to compare with'
fi
if [ -n "$python" ]; then
    ratio "warm tasks: brood / Python's ProcessPoolExecutor" \
        brood-task python-task 10 least
    ratio '  and with its best chunk size' brood-task python-chunks 3 least
else
    echo 'no python3 here: nothing to compare with'
fi
"$messages" open "$children" >"$place/open"
printf '%-52s %10.1f KiB\n' "  $children forked children at once: memory of each" \
    "$(cut -d ' ' -f 1 "$place/open")"
printf '%-52s %10.0f ms\n' '  until all have joined' \
    "$(cut -d ' ' -f 2 "$place/open")"
exit "$over"
