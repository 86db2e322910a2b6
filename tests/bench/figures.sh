# figures - what run.sh and messages.sh print, and how. Sourced; $place is a
# folder of theirs, where each name has a file with a line for each round.
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2119,SC2120 # used by those who source this
over=0

has() {
    command -v "$1" >/dev/null
}

median() { # median [column]
    cut -d ' ' -f "${1:-1}" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# verdict <text> <measured> <limit> <unit> [least]: print a line.
verdict() {
    awk -v text="$1" -v got="$2" -v limit="$3" -v unit="$4" \
        -v least="${5:-}" 'BEGIN {
        over = least != "" ? got + 0 < limit + 0 : got + 0 > limit + 0
        printf "%-52s %10.3f %-5s %s %8.3f  %s\n", text, got, unit,
            least != "" ? ">=" : "<=", limit, over ? "over" : "ok"
        exit over
    }' || over=1
}

ratio() { # ratio <text> <name> <name> <limit> [least]
    # shellcheck disable=SC2154 # of who sources this
    verdict "$1" \
        "$(paste "$place/$2" "$place/$3" |
            awk '{ print $1 / $(NF / 2 + 1) }' | median)" "$4" x "${5:-}"
}
