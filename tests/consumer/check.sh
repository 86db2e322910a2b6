#!/bin/sh
# check - install brood in an empty place, and use it from there.
#
# usage: tests/consumer/check.sh BUILD-DIRECTORY
#
# Builds main.c and talk.c against the installed package by pkg-config (shared
# and static, talk.c as C++ too) and by CMake (both targets), runs each, and
# looks for what the headers promise, the program, the manual pages and the
# completions.
set -eu
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
prefix=$place/prefix
cc=${CC:-cc}
cxx=${CXX:-c++}

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
strict='-Wall -Wextra -Wpedantic -Werror'
# shellcheck disable=SC2046,SC2086 # lists of flags
for program in main talk; do
    "$cc" $strict -o "$place/shared" "$source/$program.c" \
        $(pkg-config --cflags --libs brood)
    "$place/shared"
done

step 'pkg-config, static'
# shellcheck disable=SC2046 # a list of flags
for program in main talk; do
    "$cc" -o "$place/static" "$source/$program.c" \
        $(pkg-config --cflags brood) \
        "$libdir/libbrood.a" $(pkg-config --libs libzmq) -pthread
    "$place/static"
done

if command -v "$cxx" >/dev/null; then
    step 'C++'
    # Each header first in a file, and alone.
    for header in "$prefix"/include/brood*.h "$prefix"/include/brood/*.h; do
        # shellcheck disable=SC2046,SC2086 # lists of flags
        "$cxx" $strict -fsyntax-only $(pkg-config --cflags brood) \
            -include "$header" -x c++ /dev/null
    done
    # shellcheck disable=SC2046,SC2086 # lists of flags
    "$cxx" $strict -o "$place/c++" -x c++ "$source/talk.c" -x none \
        $(pkg-config --cflags --libs brood)
    "$place/c++"
fi

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
for target in consumer consumer-static talk talk-static; do
    "$place/cmake/$target"
done

step 'exported symbols'
promised=$(awk '
    /^BROOD_API/ { open = 1; text = "" }
    open { text = text " " $0 }
    open && /\(/ {
        sub(/\(.*/, "", text)
        sub(/.*[ *]/, "", text)
        if (text != "") print text
        open = 0
    }' "$prefix"/include/brood*.h "$prefix"/include/brood/*.h)
# That the list is whole, as far as it can be seen.
for name in brood_open brood_fork brood_parent_open brood_parent_call; do
    printf '%s\n' "$promised" | grep -qx "$name" ||
        fail "the headers do not declare $name"
done
for lib in "$libdir/libbrood.so" "$libdir/libbrood.a"; do
    case $lib in
    *.so) names=$(nm -D --defined-only "$lib") ;;
    *) names=$(nm -g --defined-only "$lib") ;;
    esac
    others=$(printf '%s\n' "$names" |
        awk 'NF == 3 && $3 !~ /^brood_/ { print $3 }')
    [ -z "$others" ] || fail "$(basename "$lib") exports" "$others"
    case $lib in
    *.so)
        for name in $(printf '%s\n' "$names" | awk 'NF == 3 { print $3 }'); do
            printf '%s\n' "$promised" | grep -qx "$name" ||
                fail "no header declares $name"
        done ;;
    esac
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
