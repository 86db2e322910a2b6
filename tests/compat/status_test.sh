#!/bin/sh
# Exit statuses, stopping early, the job log.
exec sh "$(dirname "$0")/cases.sh" '^(exit|halt|joblog|resume)/'
