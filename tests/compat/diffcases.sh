#!/usr/bin/env bash
# Differential test driver for parallel-compatible command line programs.
#
#   diffcases.sh [-v] [-f REGEX] [-x FILE] [-t SECS] [-j N] CASES PROG_A PROG_B
#   diffcases.sh [-f REGEX] [-t SECS] [-j N] -r DIR CASES PROG_A
#
# Each case of CASES is a line "# name", then shell lines, then a blank line.
# A case is run by bash in a fresh temporary directory, with $P set to the
# program (a word or words; use $P unquoted), HOME to a fresh directory that
# holds .parallel/will-cite, TMPDIR to a fresh directory, LC_ALL=C.UTF-8,
# PARALLEL* unset, stdin from /dev/null.  Compared: standard output, byte for
# byte after the case's own directory names are masked, and exit status
# (124 = ran into the time limit, 20 s unless -t says otherwise).
# Standard error is not compared (a case that wants it says 2>&1).
#
#   -r DIR   record: run PROG_A only, keep DIR/NAME.out and DIR/NAME.rc
#   @DIR     in place of PROG_A: compare with what -r recorded there
#   -v       show a diff for each failing case      -f REGEX  only these names
#   -x FILE  names (one a line) to leave out        -j N      N cases at once
# Prints "N passed, N failed" and the failing names; exit status 0 if none.
set -u
verbose=0 filter='' skip='' limit=20 jobs=1 record=''
while getopts vf:x:t:j:r: o; do
  case $o in
    v) verbose=1;; f) filter=$OPTARG;; x) skip=$OPTARG;; t) limit=$OPTARG;;
    j) jobs=$OPTARG;; r) record=$OPTARG;; *) sed -n '2,24p' "$0" >&2; exit 2;;
  esac
done
shift $((OPTIND-1))
if [ -n "$record" ]; then want=2; else want=3; fi
if [ $# -ne $want ]; then sed -n '2,24p' "$0" >&2; exit 2; fi
cases=$1 A=$2 B=${3-}
[ -r "$cases" ] || { echo "cannot read $cases" >&2; exit 2; }
[ -z "$record" ] || mkdir -p "$record" || exit 2
abspath() { # make a program given by a relative path usable from any directory
  local w=${1%% *} rest=''
  [ "$w" = "$1" ] || rest=" ${1#* }"
  case $w in
    @*|/*) ;;
    */*) [ -e "$w" ] && w=$(cd "$(dirname "$w")" && pwd)/${w##*/} ;;
  esac
  printf '%s' "$w$rest"
}
A=$(abspath "$A"); [ -z "$B" ] || B=$(abspath "$B")
for w in "$A" "$B"; do
  case $w in ''|@*) ;; *) command -v "${w%% *}" >/dev/null || { echo "no such program: ${w%% *}" >&2; exit 2; };; esac
done

work=$(mktemp -d "${TMPDIR:-/tmp}/diffcases.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
mkdir "$work/cases" "$work/res"

# Split the file: one script per case, the names in order in $work/names.
awk -v dir="$work/cases" '
  /^# / && !incase { n++; name=substr($0,3); f=sprintf("%s/%05d",dir,n);
                     print name > (dir "/../names"); printf "" > f; incase=1; next }
  /^$/  { if (incase) close(f); incase=0; next }
  incase { print > f }
' "$cases"
[ -s "$work/names" ] || { echo "no cases in $cases" >&2; exit 2; }
dup=$(sort "$work/names" | uniq -d)
[ -z "$dup" ] || { echo "duplicate case names: $dup" >&2; exit 2; }

key() { printf '%s' "$1" | tr -c 'A-Za-z0-9._-' '_'; }

run_one() { # SCRIPT PROG OUTPREFIX
  local script=$1 prog=$2 out=$3 d id pid rc t0=$SECONDS
  d=$(mktemp -d "$work/run.XXXXXX")
  id="diffcase$$-$RANDOM$RANDOM-${d##*.}"
  mkdir -p "$d/dir" "$d/home/.parallel" "$d/tmp"
  : >"$d/home/.parallel/will-cite"
  (
    cd "$d/dir" || exit 99
    for v in $(compgen -e | grep -E '^(PARALLEL|XDG_|BASH_FUNC|MAKE)'); do unset "$v"; done
    export P="$prog" HOME="$d/home" TMPDIR="$d/tmp" LC_ALL=C.UTF-8 LANG=C.UTF-8 \
           SHELL=/bin/bash TERM=dumb DIFFCASE_ID="$id"
    exec timeout -k 2 "$limit" bash "$script" </dev/null
  ) >"$out.raw" 2>"$out.err"
  rc=$?
  # timeout -k reports 137 when it had to send KILL: still a time-out.
  if [ $rc = 137 ] && [ $((SECONDS-t0)) -ge "$limit" ]; then rc=124; fi
  echo $rc >"$out.rc"
  # Whatever the case left behind carries our id in its environment: end it.
  # shellcheck disable=SC2013
  for pid in $(grep -lzsx "DIFFCASE_ID=$id" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3); do
    kill -9 "$pid" 2>/dev/null
  done
  sed "s:$d/dir:@DIR@:g;s:$d/home:@HOME@:g;s:$d/tmp:@TMP@:g" "$out.raw" >"$out.out"
  rm -rf "$d"
}

one_case() { # INDEX
  local i=$1 name script k r
  name=$(sed -n "${i}p" "$work/names")
  script=$(printf '%s/cases/%05d' "$work" "$i")
  k=$(key "$name"); r=$work/res/$(printf %05d "$i")
  if [ -n "$record" ]; then
    run_one "$script" "$A" "$r.a"
    cp "$r.a.out" "$record/$k.out"; cp "$r.a.rc" "$record/$k.rc"
    echo recorded >"$r.verdict"; return
  fi
  case $A in
    @*) if [ -e "${A#@}/$k.rc" ]; then cp "${A#@}/$k.out" "$r.a.out"; cp "${A#@}/$k.rc" "$r.a.rc"
        else : >"$r.a.out"; echo no-record >"$r.a.rc"; fi ;;
    *)  run_one "$script" "$A" "$r.a" ;;
  esac
  run_one "$script" "$B" "$r.b"
  if cmp -s "$r.a.out" "$r.b.out" && cmp -s "$r.a.rc" "$r.b.rc"; then
    echo pass >"$r.verdict"
  else
    echo fail >"$r.verdict"
    if [ $verbose = 1 ]; then
      { echo "=== $name"; sed 's/^/    | /' "$script"
        echo "    exit status: A $(cat "$r.a.rc")  B $(cat "$r.b.rc")"
        diff -a -u --label A --label B "$r.a.out" "$r.b.out" | head -40
        [ -s "$r.b.err" ] && { echo "    stderr of B:"; head -c 600 "$r.b.err" | sed 's/^/    ! /'; }
      } >"$r.report"
      cat "$r.report"
    fi
  fi
}

n=$(wc -l <"$work/names"); run=0
for ((i=1;i<=n;i++)); do
  name=$(sed -n "${i}p" "$work/names")
  if [ -n "$filter" ] && ! grep -qE -- "$filter" <<<"$name"; then continue; fi
  if [ -n "$skip" ] && grep -qxF -- "$name" "$skip"; then continue; fi
  one_case "$i" &
  run=$((run+1))
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
done
wait
if [ -n "$record" ]; then echo "$run recorded in $record"; exit 0; fi
passed=0 failed=0 failing=''
for ((i=1;i<=n;i++)); do
  v=$work/res/$(printf %05d "$i").verdict
  [ -e "$v" ] || continue
  if [ "$(cat "$v")" = pass ]; then passed=$((passed+1))
  else failed=$((failed+1)); failing+="$(sed -n "${i}p" "$work/names")"$'\n'; fi
done
echo "$passed passed, $failed failed"
printf '%s' "$failing"
[ "$failed" = 0 ]
