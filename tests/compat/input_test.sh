#!/bin/sh
# Where inputs come from.
exec sh "$(dirname "$0")/cases.sh" '^(input|many|col)/'
