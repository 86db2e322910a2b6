#!/bin/sh
# install-deps - install what building brood needs, and nothing twice.
#
# usage: tools/install-deps.sh [test]
#
# With "test", also what the tests and checks want. Uses apt-get, as root or
# through sudo; says nothing and asks for nothing when all is there.
set -eu

packages='gcc g++ libc6-dev cmake ninja-build pkg-config
    libzmq3-dev libsodium-dev libbsd-dev libsqlite3-dev libyajl-dev
    libxxhash-dev libpcre2-dev libcmocka-dev'
case ${1-} in
'') ;;
test)
    packages="$packages clang clang-format clang-tidy libclang-rt-14-dev
        make meson parallel mandoc tmux strace valgrind shellcheck python3-zmq
        libuv1-dev sqlite3 chromium fonts-dejavu-core" ;;
*)
    echo 'usage: install-deps.sh [test]' >&2
    exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    # Not Debian: trust what is there, name what is not.
    for command in cc cmake ninja pkg-config; do
        if ! command -v "$command" >/dev/null; then
            echo "install-deps: no apt-get here; please install $command" >&2
            exit 1
        fi
    done
    if ! pkg-config --exists libzmq sqlite3 yajl libxxhash libpcre2-8 cmocka; then
        echo 'install-deps: no apt-get here; please install the development' \
            'files of libzmq (4.3 or later), SQLite, yajl, xxHash, PCRE2 and cmocka' >&2
        exit 1
    fi
    exit 0
fi

missing=
for package in $packages; do
    # shellcheck disable=SC2016 # dpkg-query's own variables
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    case $status in
    *' installed') ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
    # -n without a terminal: a question that nobody can answer must not hang.
    if ! command -v sudo >/dev/null; then
        sudo=none
    elif [ -t 0 ]; then
        sudo=sudo
    elif sudo -n true 2>/dev/null; then
        sudo='sudo -n'
    else
        sudo=none
    fi
fi
if [ "$sudo" = none ]; then
    echo 'install-deps: neither root nor able to use sudo; please run:' >&2
    echo "    apt-get install$missing" >&2
    exit 1
fi

echo "install-deps: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    # shellcheck disable=SC2086 # $sudo may be empty or have two words
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        -o Dpkg::Use-Pty=0 "$@" </dev/null >"$log" 2>&1
}
# shellcheck disable=SC2086 # a list of words
if ! apt install --no-install-recommends $missing; then
    # The lists may be old, or absent.
    if ! apt update || ! apt install --no-install-recommends $missing; then
        cat "$log" >&2
        echo "install-deps: cannot install$missing" >&2
        exit 1
    fi
fi
