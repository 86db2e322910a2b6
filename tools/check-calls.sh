#!/bin/sh
# check-calls - fail on calls that are not made here, or not in this layer.
#
# usage: tools/check-calls.sh [root]
set -eu
cd "${1:-.}"

bad=0
except=
asks=
waits=
becomes=
deny() { # deny <why> <functions, as alternatives> <dir>...
    why=$1
    calls=$2
    shift 2
    # Comments and strings may name what they like.
    hits=$(find "$@" -name '*.[ch]' ! -path 'tools/static/*' ! -path "$except" \
        ! -path "$asks" ! -path "$waits" ! -path "$becomes" -exec awk '
        FNR == 1 { comment = 0 }
        {
            line = $0
            if (comment && sub(/^.*\*\//, "", line)) comment = 0
            if (comment) next
            gsub(/\\"/, "", line)
            gsub(/"[^"]*"/, "\"\"", line)
            gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
            if (sub(/\/\*.*$/, "", line)) comment = 1
            if (line ~ /(^|[^A-Za-z0-9_.>])('"$calls"')\(/)
                print FILENAME ":" FNR ": " $0
        }' {} +)
    if [ -n "$hits" ]; then
        printf '%s\n' "$hits" | sed "s|^|check-calls: $why: |" >&2
        bad=1
    fi
}

deny 'not used here' \
    'alloca|atoi|atol|sprintf|vsprintf|strcpy|strcat|strtok|system|popen|signal|pipe|dup|gets' \
    core proto workers tools tests
# The holder of a script's channel is no job: nobody waits for it.
except=tools/talk/meet.c
# It asks by signal 0 whether a test has left something behind.
asks=tools/test/leaks.c
# It waits for stops of what it traces, and reaps nothing.
waits=tools/test/trace.c
# The process of a job, which becomes its program.
becomes=tools/test/hold.c
deny 'only workers/ handle processes' \
    'fork|vfork|posix_spawnp?|clone3?|exec[lv]p?e?|wait|wait3|wait4|waitpid|waitid|kill|killpg' \
    core proto tools
exit "$bad"
