#!/bin/sh
# check - run an example and compare what it says with what it should say.
#
# usage: tests/examples/check.sh EXPECTED PROGRAM [ARG...]
set -eu
expected=$1
shift
said=$("$@")
[ "$said" = "$(cat "$expected")" ] && exit 0
printf '%s\n' "$said" | diff "$expected" - >&2
exit 1
