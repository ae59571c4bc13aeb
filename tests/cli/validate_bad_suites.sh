#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A mistake in a suite is one line with file, line and column, the value and the nearest right spelling; exit 2, and no
# data is read.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
printf 'x,y\n1,2\n' >data.csv

# refused NAME LINE:COLUMN PATTERN, the suite on standard input.
refused() {
  cat >suite.yaml
  check "$1" 2 validate data.csv --suite suite.yaml
  says "^sweepgate: suite\.yaml:$2: .*$3"
  [ -s out ] && fail "$1: something was printed"
}
refused unknown_expectation '3:5' "expect_column_values_to_be_betwen.*expect_column_values_to_be_between" <<'Y'
suite: s
expectations:
  - expect_column_values_to_be_betwen: {column: x, min_value: 0}
Y
refused unknown_argument '3:53' "min_valu.*min_value" <<'Y'
suite: s
expectations:
  - expect_column_values_to_be_between: {column: x, min_valu: 0}
Y
refused missing_argument '3:[0-9]+' "column" <<'Y'
suite: s
expectations:
  - expect_column_values_to_be_between: {min_value: 0}
Y
refused wrong_type '3:[0-9]+' "mostly" <<'Y'
suite: s
expectations:
  - expect_column_values_to_not_be_null: {column: x, mostly: most}
Y
refused out_of_range '3:[0-9]+' "1\.5" <<'Y'
suite: s
expectations:
  - expect_column_values_to_not_be_null: {column: x, mostly: 1.5}
Y
refused min_above_max '3:[0-9]+' "min_value" <<'Y'
suite: s
expectations:
  - expect_column_values_to_be_between: {column: x, min_value: 5, max_value: 1}
Y
refused bad_regex '3:[0-9]+' "\[a-" <<'Y'
suite: s
expectations:
  - expect_column_values_to_match_regex: {column: x, regex: "[a-"}
Y
refused bad_severity '3:[0-9]+' "critcal.*critical" <<'Y'
suite: s
expectations:
  - expect_column_values_to_not_be_null: {column: x, severity: critcal}
Y
refused bad_column_type '2:[0-9]+' "int46.*int64" <<'Y'
suite: s
columns: {x: int46}
expectations:
  - expect_column_values_to_not_be_null: {column: x}
Y
refused unknown_key '2:1' "expectation.*expectations" <<'Y'
suite: s
expectation:
  - expect_column_values_to_not_be_null: {column: x}
Y
refused unknown_csv_key '2:[0-9]+' "delimeter.*delimiter" <<'Y'
suite: s
csv: {delimeter: ";"}
expectations:
  - expect_column_values_to_not_be_null: {column: x}
Y
refused duplicate_key '4:1' "suite" <<'Y'
suite: s
expectations:
  - expect_column_values_to_not_be_null: {column: x}
suite: t
Y
refused bad_yaml '[34]:[0-9]+' "" <<'Y'
suite: s
expectations:
  - expect_column_values_to_not_be_null: {column: x
Y
refused no_expectations '2:[0-9]+' "expectation" <<'Y'
suite: s
expectations: []
Y
refused empty_file '[01]:[0-9]+' "" <<'Y'
Y
refused a_list_for_a_map '1:1' "" <<'Y'
- a
Y
printf '{"expectation_suite_name": "s", "expectations": [\n {"expectation_type": "expect_column_to_exists", "kwargs": {}}]}' >suite.json
check gx_suite_unknown_expectation 2 validate data.csv --suite suite.json
says '^sweepgate: suite\.json:2:[0-9]+: .*expect_column_to_exists.*expect_column_to_exist'
printf '{"name": "s", "expectations": [' >suite.json
check gx_suite_cut_short 2 validate data.csv --suite suite.json
says '^sweepgate: suite\.json:1:[0-9]+: '
end
