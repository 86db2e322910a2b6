#!/bin/sh
# run - how fast is `brood run`, beside what it competes with?
#
# usage: sh tests/bench/run.sh
#
# Ends with messages.sh: messages with forked children, beside those of Node.
#
# Builds the release, and measures in turns: each round runs everything that
# is compared once, each ratio is the median of the rounds' ratios. A line a
# figure: name, measured, limit, ok or over. Exits with 1 if one is over.
#
#   ROUNDS=5         rounds
#   JOBS=5000        jobs of brood and the floor in each
#   BENCH_LONG=1     also what takes minutes: 1,000,000 jobs, 4 GiB, -j 2000
#   BROOD=...        measure this program instead of building one
set -eu
cd "$(dirname "$0")/../.."

rounds=${ROUNDS:-5}
jobs=${JOBS:-5000}
long=${BENCH_LONG:-}
tools=build/bench

mkdir -p "$tools"
for tool in floor measure feed; do
    cc -std=c17 -D_GNU_SOURCE -O2 -pthread -o "$tools/$tool" \
        "tests/bench/$tool.c"
done
cc -std=c17 -O2 -ffreestanding -fno-stack-protector -static -nostdlib \
    -o "$tools/nothing" tests/children/nothing.c
if [ -z "${BROOD:-}" ]; then
    cmake --preset release >/dev/null
    cmake --build --preset release >/dev/null
    BROOD=build/release/brood
fi
nothing=$PWD/$tools/nothing
measure=$tools/measure

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
. tests/bench/figures.sh

# time_of <name> <jobs> <command>...: add microseconds a job to <name>: those
# that passed, and those of the processors.
time_of() {
    name=$1
    n=$2
    shift 2
    seq "$n" >"$place/input"
    "$measure" -q -i "$place/input" -o "$place/took" "$@"
    awk -v n="$n" -v name="$name" '
        $4 != 0 { print "bench: " name " failed: " $4 > "/dev/stderr"; exit 1 }
        { print $1 * 1000 / n, $2 * 1000 / n }' "$place/took" >>"$place/$name"
}

# exact <text> <sum> <sum>: the bytes are those they must be.
exact() {
    if [ "$2" = "$3" ]; then
        verdict "$1: wrong" 0 0 bytes
    else
        verdict "$1: wrong" 1 0 sums
    fi
}

rss_mib() {
    awk '{ print $3 / 1024 }' "$place/took"
}

printf '%s; %s cores; %s rounds of %s jobs\n' "$(uname -sr)" "$(nproc)" \
    "$rounds" "$jobs"

# make's rule for each job, its output thrown away like the others'.
few=$((jobs / 5 + 1))
fewer=$((jobs / 25 + 1))
{
    printf 'all:'
    seq -f ' t%.0f' -s ' ' "$few"
    # shellcheck disable=SC2016 # make's own variables
    printf 't%%:\n\t@%s $@\n' "$nothing"
} >"$place/Makefile"

round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    time_of floor "$jobs" "$tools/floor" 2 "$jobs" "$nothing"
    time_of brood "$jobs" "$BROOD" run -j2 "$nothing"
    time_of xargs "$few" xargs -P2 -n1 "$nothing"
    if has make; then
        time_of make "$few" make -j2 -f "$place/Makefile"
    fi
    if has parallel; then
        time_of parallel "$fewer" parallel --will-cite -j2 "$nothing"
    fi
    "$measure" -n 21 -q -o "$place/took" true
    cut -d ' ' -f 1 "$place/took" >>"$place/true"
    "$measure" -n 21 -q -o "$place/took" "$BROOD" run true ::: 1
    cut -d ' ' -f 1 "$place/took" >>"$place/start"
done

for name in floor brood xargs make parallel; do
    if [ -e "$place/$name" ]; then
        printf '%-52s %10.0f us a job, %.0f us of CPU\n' "  $name" \
            "$(median <"$place/$name")" "$(median 2 <"$place/$name")"
    fi
done
ratio 'brood run -j2 / floor, 2 threads' brood floor 1.25
ratio 'brood run -j2 / xargs -P2 -n1' brood xargs 0.3
if has make; then
    ratio 'brood run -j2 / make -j2' brood make 1
fi
if has parallel; then
    ratio 'brood run -j2 / parallel -j2' brood parallel 0.0222
fi
verdict 'start-up: brood run true ::: 1, less true' \
    "$(paste "$place/start" "$place/true" | awk '{ print $1 - $2 }' |
        median)" 3 ms

# A long stream of commands: memory, and no slowing down.
n=${long:+1000000}
n=${n:-100000}
"$tools/feed" "$n" "$place/rates" |
    "$measure" -q -o "$place/took" "$BROOD" run -j2 "$nothing"
verdict "$n commands from a pipe: peak memory" "$(rss_mib)" 24 MiB
verdict "$n commands: failed" "$(cut -d ' ' -f 4 "$place/took")" 0 ''
awk '{ printf "%-52s %10.0f, %.0f jobs/s\n", "  first and last tenth", $1, $2 }' \
    "$place/rates"
verdict "$n commands: speed of the last tenth / first" \
    "$(awk '{ print $2 / $1 }' "$place/rates")" 0.9 x least

# Output: nothing lost, nothing kept in memory.
size=${long:+4294967296}
size=${size:-268435456}
text="one job writing $((size / 1048576)) MiB"
sum=$("$measure" -o "$place/took" "$BROOD" run \
    "yes '{} bottles' | head -c $size" ::: 99 | cksum)
verdict "$text: peak memory" "$(rss_mib)" 24 MiB
exact "$text" "$sum" "$(yes '99 bottles' | head -c "$size" | cksum)"

text='1000 jobs writing 1 MiB each, in order'
seq 1000 >"$place/input"
sum=$("$measure" -i "$place/input" -o "$place/took" "$BROOD" run -k -j2 \
    'yes {} | head -c 1048576' | cksum)
verdict "$text: peak memory" "$(rss_mib)" 24 MiB
exact "$text" "$sum" "$(seq 1000 | while read -r i; do
    yes "$i" | head -c 1048576
done | cksum)"

# Many slots at once.
if [ -n "$long" ]; then
    seq 10000 | sed 's/.*/1/' >"$place/input"
    "$measure" -q -i "$place/input" -o "$place/took" \
        "$BROOD" run -j 2000 sleep
    cut -d ' ' -f 1 "$place/took" >"$place/sleep"
    verdict '-j 2000, 10000 x sleep 1: peak memory' "$(rss_mib)" 24 MiB
    verdict '-j 2000, 10000 x sleep 1: failed' \
        "$(cut -d ' ' -f 4 "$place/took")" 0 ''
    "$measure" -q -i "$place/input" -o "$place/took" xargs -P 2000 -n1 sleep
    cut -d ' ' -f 1 "$place/took" >"$place/sleep_xargs"
    ratio '-j 2000, 10000 x sleep 1 / xargs -P 2000' sleep sleep_xargs 1
fi

sh tests/bench/messages.sh || over=1
exit "$over"
