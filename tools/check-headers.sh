#!/bin/sh
# check-headers - fail on a public function without its whole contract.
#
# usage: tools/check-headers.sh [root]
set -eu
cd "${1:-.}"
awk -f tools/check-headers.awk core/include/*.h core/include/brood/*.h
