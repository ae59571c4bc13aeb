#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `sweepgate profile`: a draft that holds on its own data (over generated tables and every CSV file of the shared data), the
# same bytes every time, no rule from too few rows, documents where they were asked for.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
profile() {
  "$SWEEPGATE" profile "$@"
}

{ echo 'id,kind,price,code,note,seen'
  for i in $(seq 1 500); do
    echo "$i,$((i % 3)),$((i * i % 97)).5,AB-$((1000 + i % 499)),$([ $((i % 10)) = 0 ] || echo "n$i words"),2024-01-$((10 + i % 20))"
  done; } >shop.csv
check drafts_a_suite 0 profile shop.csv
prints '^suite: shop$'
prints 'expect_column_values_to_be_unique: \{column: id\}'
prints 'expect_column_values_to_be_in_set: \{column: kind, value_set: \[1, 2, 0\]\}'
prints 'expect_column_values_to_match_regex: \{column: code, regex: "\^\[A-Z\]\{2\}-\[0-9\]\{4\}\\\\z"\}'
prints 'expect_column_values_to_not_be_null: \{column: note, mostly: 0\.83'
prints '50 of 500 are null \(10 percent\)'
prints 'expect_column_values_to_be_between: \{column: price, min_value: 0, max_value: 101'
prints '^  seen: date$'
grep -q 'unique: {column: code}' out && fail "a column with a duplicate is drafted as unique"
check to_a_file 0 profile shop.csv -o shop.suite.yaml --name trade
[ -s out ] && fail "the suite went to standard output as well"
grep -q '^suite: trade$' shop.suite.yaml || fail "the name"
check its_own_suite_holds 0 validate shop.csv --suite shop.suite.yaml
sed -i '7s/^6,/5,/' shop.csv
check a_change_is_seen 1 validate shop.csv --suite shop.suite.yaml
prints 'FAIL  id +values must be unique'

head -20 shop.csv >few.csv
check few_rows_make_no_rules 2 profile few.csv -o few.yaml
says 'few\.csv: 19 rows are too few to make rules from; give at least 30, or lower --min-rows'
[ -e few.yaml ] && fail "a suite was written nevertheless"
check few_rows_when_asked 0 profile few.csv -o few.yaml --min-rows 10
check few_rows_have_a_page 0 profile few.csv --report html=few.html --report json
python3 -c 'import json; d = json.load(open("out")); assert d["rows"] == 19 and len(d["columns"]) == 6, d' || fail "json to standard output"
python3 "$SWEEPGATE_SOURCE/tests/cli/check_reports.py" html few.html || fail "the page"
check two_documents_on_one_output 2 profile shop.csv --report json --report html
says 'standard output'
check unknown_format 2 profile shop.csv --report pdf
says "unknown format 'pdf'"
check no_such_file 3 profile none.csv
check options_go_into_the_suite 0 profile shop.csv --delimiter ';' --null-value '' --null-value -9
prints '^csv: \{delimiter: ";", null_values: \["", "-9"\]\}$'

files=()
if [ -n "${SWEEPGATE_TEST_DATA:-}" ]; then
  mapfile -t files < <(find "$SWEEPGATE_TEST_DATA"/csv-testing "$SWEEPGATE_TEST_DATA"/demo-data "$SWEEPGATE_TEST_DATA"/gx-test-definitions \
    -name '*.csv' -size -1000k | sort)
fi
tables=60
[ -n "${SWEEPGATE_SANITIZE:-}" ] && tables=20
python3 "$SWEEPGATE_SOURCE/tests/cli/profile_property.py" "$SWEEPGATE" 1 $tables "${files[@]}" || fail "drafts do not hold"
end
