#!/bin/sh
# What the program says of itself, and of words that it does not know.
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. "$(dirname "$0")/../support/cli.sh"

brood() { # brood <arguments>...
    "$BROOD" "$@" >out 2>err </dev/null
    status=$?
}

brood --version
is_status 0 '--version'
grep -qE '^brood [0-9]+\.[0-9]+\.[0-9]+$' out || fail '--version: no version'
cp out version
run --version
is_status 0 'run --version'
cmp -s out version || fail 'run --version: another version'

brood --help
is_status 0 '--help'
grep -q '^  run ' out || fail '--help: no run'
brood help
is_status 0 'help'

run --help
is_status 0 'run --help'
[ ! -s err ] || fail 'run --help: something on standard error'
cp out help
awk 'length > 79 { exit 1 }' help || fail 'run --help: a line is too long'
[ "$(wc -l <help)" -le 48 ] || fail 'run --help: too many lines'
grep -q '^Examples:' help || fail 'run --help: no examples'
brood help run
is_status 0 'help run'
cmp -s out help || fail 'help run: not what run --help says'
run -h
cmp -s out help || fail 'run -h: not what run --help says'

brood
is_status 255 'no subcommand'
says_one_line 'no subcommand'
brood walk
is_status 255 'unknown subcommand'
says "unknown subcommand 'walk'" 'unknown subcommand'
says_one_line 'unknown subcommand'
brood help walk
is_status 255 'help for an unknown subcommand'

run --jobs
is_status 255 'a value that lacks'
says "brood run: option '--jobs' needs a value" 'a value that lacks'
run --ta echo ::: a
is_status 255 'two options begin so'
says '--tag, --tagstring' 'two options begin so'
run --keep-order=1 echo ::: a
says 'takes no value' 'a value too much'

# Options of GNU parallel that are not here are not taken for something else.
for option in -X -m -n -N -L --colsep --pipe --results --resume --semaphore \
    --link --header --plus --sshlogin; do
    run $option echo ::: a
    is_status 255 "$option"
    says "unknown option '$option'" "$option"
    prints '' "$option"
done
run echo ::: a :::+ b
is_status 255 ':::+'
prints '' ':::+'
