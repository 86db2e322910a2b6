# cli - what the tests of the program share. Sourced; sets up a directory of its
# own, removed at the end with a check that nothing of the test still runs.
#
# BROOD is the program. Every process of a test carries CLI_TEST in its
# environment.
# shellcheck shell=sh disable=SC2059

set -u
: "${BROOD:?the program to test}"
dir=$(mktemp -d)
CLI_TEST=$(basename "$dir")
export CLI_TEST
unset PARALLEL PARALLEL_SHELL
TERM=xterm # of terminals that a test makes
export TERM
TMPDIR=$dir/tmp
export TMPDIR
mkdir "$TMPDIR"
cd "$dir" || exit 1
failures=0

cli_left() { # processes of this test, but for this shell and its children
    for p in /proc/[0-9]*; do
        if tr '\0' '\n' 2>/dev/null <"$p/environ" |
            grep -qx "CLI_TEST=$CLI_TEST"; then
            pid=${p#/proc/}
            case $(cut -d' ' -f4 "$p/stat" 2>/dev/null) in
            "$$" | '') continue ;;
            esac
            [ "$pid" = "$$" ] || echo "$pid $(tr '\0' ' ' <"$p/cmdline")"
        fi
    done
}

cli_end() {
    r=$?
    i=0
    while left=$(cli_left) && [ -n "$left" ] && [ $i -lt 50 ]; do
        sleep 0.1
        i=$((i + 1))
    done
    if [ -n "$left" ]; then
        echo "FAILED: left running: $left"
        failures=$((failures + 1))
    fi
    left=$(ls -A "$TMPDIR")
    if [ -n "$left" ]; then
        echo "FAILED: files left: $left"
        failures=$((failures + 1))
    fi
    cd / && rm -rf "$dir"
    [ "$r" -eq 0 ] || exit "$r"
    [ $failures -eq 0 ] || exit 1
    exit 0
}
trap cli_end EXIT

# Run brood with standard input from $in, or nothing; out, err and status are
# kept in the files out and err and in $status.
run() {
    if [ -n "${in+set}" ]; then
        printf "$in" >in.txt
    else
        : >in.txt
    fi
    "$BROOD" run "$@" <in.txt >out 2>err
    status=$?
}

fail() {
    echo "FAILED: $*"
    echo "status: $status"
    sed 's/^/out: /' out | head -n 20
    sed 's/^/err: /' err | head -n 20
    failures=$((failures + 1))
}

is_status() { # is_status <number> <what>
    [ "$status" -eq "$1" ] || fail "$2: status $status, expected $1"
}

says() { # says <text> <what>: standard error has it
    grep -qF -- "$1" err || fail "$2: no message with: $1"
}

says_one_line() { # says_one_line <what>
    [ "$(wc -l <err)" -eq 1 ] || fail "$1: not one line on standard error"
}

prints() { # prints <text> <what>: standard output is exactly it
    printf "$1" >want
    cmp -s want out || fail "$2: other output"
}

wait_for() { # wait_for <shell condition>
    i=0
    until eval "$1"; do
        sleep 0.05
        i=$((i + 1))
        if [ $i -gt 400 ]; then
            echo "FAILED: never came true: $1"
            failures=$((failures + 1))
            return
        fi
    done
}
