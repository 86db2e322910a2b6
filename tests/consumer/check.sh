#!/bin/sh
# check - install brood in an empty place, and use it from there.
#
# usage: tests/consumer/check.sh BUILD-DIRECTORY
#
# Builds main.c against the installed package by pkg-config (shared and
# static) and by CMake (both targets), runs each, and looks for the program,
# the manual pages and the completions.
set -eu
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
prefix=$place/prefix
cc=${CC:-cc}

step() {
    echo "-- $*"
}
fail() {
    echo "consumer: $*" >&2
    exit 1
}

step install
cmake --install "$build" --prefix "$prefix" >/dev/null
lib=$(dirname "$(find "$prefix" -name brood.pc)")
libdir=$(dirname "$lib")
# Moved, to see that no file names the place where it was installed.
mv "$prefix" "$place/moved"
libdir=$place/moved${libdir#"$prefix"}
prefix=$place/moved
export PKG_CONFIG_PATH="$libdir/pkgconfig"
export LD_LIBRARY_PATH="$libdir"

step 'pkg-config, shared'
# shellcheck disable=SC2046 # a list of flags
"$cc" -o "$place/shared" "$source/main.c" \
    $(pkg-config --cflags --libs brood)
"$place/shared"

step 'pkg-config, static'
# shellcheck disable=SC2046 # a list of flags
"$cc" -o "$place/static" "$source/main.c" $(pkg-config --cflags brood) \
    "$libdir/libbrood.a" $(pkg-config --libs libzmq) -pthread
"$place/static"

step 'the example of libbrood(3)'
awk '/^\.\\" The package test/ { on = 1; next }
    on && /^\.fi/ { exit }
    on && !/^\./ {
        gsub(/\\-/, "-")
        gsub(/\\e/, "\\")
        print
    }' "$prefix/share/man/man3/libbrood.3" >"$place/example.c"
# shellcheck disable=SC2046 # a list of flags
"$cc" -Wall -Wextra -Werror -o "$place/example" "$place/example.c" \
    $(pkg-config --cflags --libs brood)
[ "$("$place/example" | wc -l)" -eq 3 ] || fail 'the example'

step 'CMake, both targets'
cmake -S "$source" -B "$place/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" >/dev/null
cmake --build "$place/cmake" >/dev/null
"$place/cmake/consumer"
"$place/cmake/consumer-static"

step 'exported symbols'
promised=$(awk '
    /^BROOD_API/ { open = 1; text = "" }
    open { text = text " " $0 }
    open && /\(/ {
        sub(/\(.*/, "", text)
        sub(/.*[ *]/, "", text)
        if (text != "") print text
        open = 0
    }' "$prefix"/include/brood/*.h)
for lib in "$libdir/libbrood.so" "$libdir/libbrood.a"; do
    case $lib in
    *.so) names=$(nm -D --defined-only "$lib") ;;
    *) names=$(nm -g --defined-only "$lib") ;;
    esac
    others=$(printf '%s\n' "$names" |
        awk 'NF == 3 && $3 !~ /^brood_/ { print $3 }')
    [ -z "$others" ] || fail "$(basename "$lib") exports" "$others"
    for name in $promised; do
        printf '%s\n' "$names" | grep -q " [TB] $name\$" ||
            fail "$(basename "$lib") lacks $name"
    done
done

if [ -e "$build/brood" ]; then
    step 'program, pages and completions'
    [ "$("$prefix/bin/brood" run echo ::: 1)" = 1 ] || fail 'brood run'
    [ -s "$prefix/share/man/man1/brood.1" ] || fail 'no brood(1)'
fi
if [ -e "$build/completions" ]; then
    [ -s "$prefix/share/man/man1/brood-run.1" ] || fail 'no brood-run(1)'
    [ "$(find "$prefix/share" -path '*brood*' -type f |
        grep -cE 'completions|site-functions')" -eq 3 ] ||
        fail 'not all completions'
fi
echo 'consumer: ok'
