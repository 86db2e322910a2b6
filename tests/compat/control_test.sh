#!/bin/sh
# How many at once, for how long, how often.
exec sh "$(dirname "$0")/cases.sh" '^(control|sem|shebang)/'
