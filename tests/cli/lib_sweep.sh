# Shell functions of the sweep tests: a folder of their own, a small study, and checks that say what they saw.
set -u
: "${SWEEPGATE:?set it to the program}"
folder=$(mktemp -d "${TMPDIR:-/tmp}/sweepgate-cli.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

fail() {
  echo "FAIL: $*"
  failures=$((failures + 1))
}
# expect_code WANTED COMMAND...: output in out.txt and err.txt.
expect_code() {
  local wanted=$1 got
  shift
  "$@" >out.txt 2>err.txt
  got=$?
  [ "$got" -eq "$wanted" ] || { fail "exit $got, not $wanted: $*"; cat out.txt err.txt; }
}
# expect_text FILE PATTERN (extended regular expression)
expect_text() {
  grep -Eq -- "$2" "$1" || { fail "$1 has no line like: $2"; cat "$1"; }
}
expect_no_text() {
  ! grep -Eq -- "$2" "$1" || { fail "$1 has a line like: $2"; cat "$1"; }
}
# trial_column STUDY COLUMN: that column of the trials, a line each.
trial_column() {
  "$SWEEPGATE" trials "$1" --format csv |
    python3 -c 'import csv, sys; [print(row[sys.argv[1]]) for row in csv.DictReader(sys.stdin)]' "$2"
}
expect_count() { # STUDY STATE N
  local got
  got=$(trial_column "$1" state | grep -c "^$2$")
  [ "$got" = "$3" ] || fail "$got trials are $2, not $3"
}
# write_study TRIALS COMMAND_LINE [MORE_YAML]: a study of one float whose trial is a line of shell.
write_study() {
  cat >study.yaml <<END
study: test
storage: test.db
seed: 7
objective: {metric: loss, direction: minimize}
trials: $1
space:
  x: {type: float, low: 0, high: 1}
trial:
  shell: true
  command: '$2'
  report: {from: stdout}
${3:-}
END
}
wait_for_lines() { # FILE LINES
  local i
  for ((i = 0; i < 600; i++)); do
    [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ] && return
    sleep 0.05
  done
  fail "$1 never had $2 lines"
}
finish() {
  [ "$failures" -eq 0 ] && echo "ok" && exit 0
  echo "$failures checks failed"
  exit 1
}
