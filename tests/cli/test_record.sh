#!/bin/sh
# brood test: its record.
# shellcheck disable=SC2016,SC2034,SC2154
# shellcheck source=/dev/null
support=$(cd "$(dirname "$0")/../support" && pwd)
. "$support/cli.sh"
. "$support/test.sh"
record=build/brood-test.db

# Tests of one name in two directories do not share what is known of them.
mkdir build/other
printf 'subdirs(sub)\nsubdirs(other)\n' >build/CTestTestfile.cmake
echo 'add_test(same sh -c "exit 1")' >build/sub/CTestTestfile.cmake
echo 'add_test(same sh -c "sleep 0.1")' >build/other/CTestTestfile.cmake
try -j1 build
is_status 1 'two of one name'
listed --rerun-failed
is '1' 'the one that failed'
try -q --rerun-failed build
sum '0 of 1 passed, 1 failed' 'the one that failed, again'
listed --changed
is '1' 'the one that has not passed'
sed -i 's/exit 1/exit 0/' build/sub/CTestTestfile.cmake
# With another command it is another one.
listed --changed
is '1' 'one of several, with another command'
rm -f $record

# A name that only one has stands for it, whatever its command is.
echo 'add_test(alone sh -c "exit 1")' >build/CTestTestfile.cmake
try -q build
echo 'add_test(alone sh -c "exit 2")' >build/CTestTestfile.cmake
listed --rerun-failed
is '1' 'the only one of its name'
