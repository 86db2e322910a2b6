# test - what the tests of `brood test` share. Sourced after cli.sh.
# shellcheck shell=sh disable=SC2034,SC2154

try() { # try [option]... [source]...
    "$BROOD" test "$@" >out 2>err </dev/null
    status=$?
}

sum() { # sum <text> <what>: the last line has it
    tail -n 1 err | grep -qF "brood test: $1" || fail "$2: no '$1'"
}

verdict() { # verdict <word> <name> <what>
    grep -qE "^ *$1  *([0-9.]+ s)?  *$2(  |\$)" out || fail "$3: not $1: $2"
}

# A PATH where there is no ctest, but what the tests here need.
mkdir bin
for program in sh true false sleep env; do
    for place in /usr/bin /bin; do
        [ ! -x $place/$program ] || ln -sf $place/$program bin/$program
    done
done
try_without_ctest() { # try_without_ctest [option]... [source]...
    PATH_KEPT=$PATH
    PATH=$dir/bin try "$@"
    PATH=$PATH_KEPT
}

mkdir build build/sub
