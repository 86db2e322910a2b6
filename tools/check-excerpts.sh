#!/bin/sh
# check-excerpts - fail on a line of an example in the documents that is not in
# the program that it is said to come from.
#
# usage: tools/check-excerpts.sh [root]
#
# A line of a page, .\" From FILE, or of the README, <!-- From FILE -->, says it
# of the next example: the lines are those of FILE, one after the other; a line
# "..." stands for some that are left out. Indentation does not count.
set -eu
cd "${1:-.}"

awk '
function bare(line) {
    sub(/^[ \t]+/, "", line)
    sub(/[ \t]+$/, "", line)
    return line
}
function complain(what) {
    print "check-excerpts: " FILENAME ":" FNR ": " what > "/dev/stderr"
    bad = 1
}
function load(name,    line, r) {
    n = 0
    while ((r = (getline line < name)) > 0) source[++n] = bare(line)
    close(name)
    if (r < 0 || n == 0) complain("no such program: " name)
    from = name
}
# Where the source has the lines of the block from @first to @last, after @at.
function find(first, last, at,    k) {
    for (at++; at + last - first <= n; at++) {
        for (k = 0; k <= last - first; k++)
            if (source[at + k] != block[first + k]) break
        if (k > last - first) return at
    }
    return 0
}
function check(    first, last, at) {
    block[n_block + 1] = "..."
    first = 1
    for (last = 0; last <= n_block; last++) {
        if (block[last + 1] != "...") continue
        if (last >= first) {
            at = find(first, last, at)
            if (at == 0) {
                complain("not in " from ", or not in this order: " block[first])
                return
            }
            at += last - first
        }
        first = last + 2
    }
    n_checked++
}
FNR == 1 { state = 0; is_page = FILENAME !~ /\.md$/ }
/^(\.\\"|<!--) From / { load($3); n_block = 0; state = 1; next }
state == 1 && (is_page ? /^\.nf/ : (/^    / || /^```/)) {
    state = 2
    if (is_page || /^```/) next
}
state == 2 && (is_page ? /^\.fi/ : /^(```|[^ \t])/) {
    while (n_block > 0 && block[n_block] == "") n_block--
    check()
    state = 0
    next
}
state == 2 {
    line = $0
    if (is_page) {
        gsub(/\\-/, "-", line)
        gsub(/\\e/, "\\", line)
        sub(/^\\&/, "", line)
    }
    block[++n_block] = bare(line)
}
END {
    if (n_checked == 0) complain("no example")
    exit bad
}' tools/man/libbrood.3 README.md
