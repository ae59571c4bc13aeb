#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where reports of `sweepgate validate` go: several at once, whole files or none, full disks, closed and broken pipes.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
{ echo x; seq 1 20000; } >data.csv
cat >suite.yaml <<'Y'
suite: s
expectations:
  - expect_column_values_to_be_between: {column: x, max_value: 3}
  - expect_column_values_to_not_be_null: {column: x}
Y
check several_at_once 1 validate data.csv --suite suite.yaml --report json=a.json --report gx=a.gx --report junit=a.xml
prints '^FAILED  data.csv'
for file in a.json a.gx a.xml; do [ -s $file ] || fail "$file is missing"; done
check report_takes_stdout 1 validate data.csv --suite suite.yaml --report json
python3 -c 'import json; json.load(open("out"))' || fail "standard output is not one JSON document"
check text_to_file_silences_stdout 1 validate data.csv --suite suite.yaml --report text=t.txt
[ -s out ] && fail "the text went to standard output as well"
grep -q '19,997 of 20,000 values fail' t.txt || fail "the text file lacks the count"
check dash_is_stdout 1 validate data.csv --suite suite.yaml --report gx=-
python3 - <<'P' || fail "gx to standard output"
import json
r = json.load(open("out"))["results"][0]["result"]
assert len(r["partial_unexpected_list"]) == 20 and "unexpected_list" not in r
P
check level_is_overridden 1 validate data.csv --suite suite.yaml --report gx --result-format COMPLETE
python3 - <<'P' || fail "COMPLETE lists every failing value"
import json
r = json.load(open("out"))["results"][0]["result"]
assert r["unexpected_list"] == list(range(4, 20001)) and r["unexpected_index_list"] == list(range(3, 20000))
P
check level_can_be_boolean 1 validate data.csv --suite suite.yaml --report gx --result-format BOOLEAN_ONLY
python3 -c 'import json; assert json.load(open("out"))["results"][0]["result"] == {}' || fail "BOOLEAN_ONLY"

mkdir there
check missing_folder_is_3 3 validate data.csv --suite suite.yaml --report json=none/a.json
says 'none/a\.json'
check folder_as_file_is_3 3 validate data.csv --suite suite.yaml --report json=there
says 'there'
[ -z "$(ls there)" ] && [ "$(find . -name '*tmp*' | wc -l)" = 0 ] || fail "something was left behind"
if [ -e /dev/full ]; then
  check full_disk_is_3 3 validate data.csv --suite suite.yaml --report json=/dev/full
  says '/dev/full'
  [ -c /dev/full ] || fail "/dev/full was replaced"
  check full_stdout_is_3 3 bash -c '"$SWEEPGATE" validate data.csv --suite suite.yaml >/dev/full'
  says 'standard output'
fi
check device_is_written_to 1 validate data.csv --suite suite.yaml --report json=/dev/null
[ -c /dev/null ] || fail "/dev/null was replaced"
check closed_stdout_is_3 3 bash -c '"$SWEEPGATE" validate data.csv --suite suite.yaml >&-'
says '^sweepgate: '
check broken_pipe_is_quiet 0 bash -c '"$SWEEPGATE" validate data.csv --suite suite.yaml --report gx --result-format COMPLETE | head -c 100 >/dev/null'
[ -s err ] && fail "a broken pipe says: $(cat err)"
check no_colour_in_files 1 validate data.csv --suite suite.yaml
grep -q "$(printf '\033')" out && fail "colour codes in a file"
end
