# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests of `sweepgate validate`: a scratch folder, and one line to run a command and judge it.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bad=0

fail() {
  echo "FAIL $*"
  bad=1
}

# check NAME EXIT COMMAND...: runs it; output in $work/out, messages in $work/err.
check() {
  local name=$1 want=$2 code
  shift 2
  "$@" >"$work/out" 2>"$work/err" </dev/null
  code=$?
  [ $code = "$want" ] && { echo "ok   $name"; return; }
  fail "$name: exit $code, wanted $want: $(head -c 500 "$work/err")"
}

# says PATTERN: the last command's messages are one line that matches.
says() {
  [ "$(wc -l <"$work/err")" = 1 ] || fail "not one line: $(head -c 500 "$work/err")"
  grep -Eq -- "$1" "$work/err" || fail "no '$1' in: $(head -c 500 "$work/err")"
}

# prints PATTERN: so does its output.
prints() {
  grep -Eq -- "$1" "$work/out" || fail "no '$1' in: $(head -c 1000 "$work/out")"
}

validate() {
  "$SWEEPGATE" validate "$@"
}

end() {
  exit $bad
}
