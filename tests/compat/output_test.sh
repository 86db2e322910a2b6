#!/bin/sh
# How the output of jobs is shown.
exec sh "$(dirname "$0")/cases.sh" '^(out|results|pipe)/'
