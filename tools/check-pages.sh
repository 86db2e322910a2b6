#!/bin/sh
# check-pages - fail on a manual page with an error in its markup.
#
# usage: tools/check-pages.sh PAGE...
set -eu
if ! command -v mandoc >/dev/null; then
    echo 'check-pages: mandoc is not installed' >&2
    exit 77
fi
mandoc -T lint -W warning "$@"
