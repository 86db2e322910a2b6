#!/bin/sh
# How inputs become commands.
exec sh "$(dirname "$0")/cases.sh" '^(rpl|quote)/'
