#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Suites that Great Expectations takes without a word and nobody means: said as warnings with their place, mistakes with
# --strict-suite; columns that are not there found before the data is read.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
printf 'x,y,name\n1,2,a\n3,4,b\n' >data.csv

# doubt EXIT PATTERN EXPECTATION: the exit code without strictness, and what is said in either case.
doubt() {
  printf 'suite: s\nexpectations:\n  - %s\n' "$3" >s.yaml
  check "warned: $3" "$1" validate data.csv --suite s.yaml
  says "^sweepgate: warning: s\.yaml:3:[0-9]+: .*$2"
  check "strict: $3" 2 validate data.csv --suite s.yaml --strict-suite --report json=none.json
  grep -Eq "^sweepgate: s\.yaml:3:[0-9]+: .*$2" err || fail "strict: $(cat err)"
  [ -e none.json ] && fail "a report was written"
}
doubt 1 'min_value and max_value are the same and one of them is strict' 'expect_column_values_to_be_between: {column: x, min_value: 5, max_value: 5, strict_min: true}'
doubt 0 'neither min_value nor max_value is given' 'expect_column_mean_to_be_between: {column: x}'
doubt 1 'min_value is above max_value' 'expect_column_value_lengths_to_be_between: {column: name, min_value: 5, max_value: 3}'
doubt 1 'never negative' 'expect_table_row_count_to_be_between: {max_value: -3}'
doubt 1 'never negative' 'expect_column_value_lengths_to_equal: {column: name, value: -1}'
doubt 1 'never above 1' 'expect_column_proportion_of_unique_values_to_be_between: {column: x, min_value: 1.2}'
doubt 1 'no value can be in it' 'expect_column_values_to_be_in_set: {column: x, value_set: []}'
doubt 0 'nothing is checked' 'expect_column_values_to_not_be_in_set: {column: x, value_set: []}'
doubt 0 'mostly is 0' 'expect_column_values_to_be_between: {column: x, max_value: 3, mostly: 0}'
doubt 0 'the same column' 'expect_column_pair_values_to_be_equal: {column_A: x, column_B: x}'
doubt 0 'named twice' 'expect_compound_columns_to_be_unique: {column_list: [x, y, x]}'
doubt 1 'not a number' 'expect_column_values_to_be_between: {column: x, min_value: .nan}'
doubt 1 'counted from 0' 'expect_column_to_exist: {column: x, column_index: -1}'
doubt 0 'never below 0' 'expect_column_value_z_scores_to_be_less_than: {column: x, threshold: -1, double_sided: true}'

printf 'suite: s\nexpectations:\n  - expect_column_values_to_be_unique: {column: x}\n  - expect_column_values_to_be_unique: {column: y}\n  - expect_column_values_to_be_unique: {column: x}\n' >s.yaml
check said_twice 0 validate data.csv --suite s.yaml
says 's\.yaml:5:5: the same expectation stands in line 3 already'

printf 'suite: s\nexpectations:\n  - expect_column_values_to_be_unique: {column: nam}\n' >s.yaml
check missing_column_is_a_verdict 1 validate data.csv --suite s.yaml
check missing_column_when_strict 2 validate data.csv --suite s.yaml --strict-suite
says "s\.yaml:3:5: expect_column_values_to_be_unique: there is no column 'nam'; did you mean 'name'"
printf "suite: s\nexpectations:\n  - expect_column_values_to_be_unique: {column: name, row_condition: 'z > 3', condition_parser: pandas}\n" >s.yaml
check missing_column_of_a_condition 2 validate data.csv --suite s.yaml --strict-suite
says "s\.yaml:3:5: .*'z'"
# A column of nulls in the first rows and numbers after them: its type is not known too early.
{ echo a; yes '' | head -50000; seq 1 100; } >late.csv
printf 'suite: s\ncsv: {null_values: [""]}\nexpectations:\n  - expect_column_mean_to_be_between: {column: a, min_value: 50, max_value: 51}\n' >s.yaml
check late_types_when_strict 0 validate late.csv --suite s.yaml --strict-suite
check a_clean_suite_says_nothing 0 validate late.csv --suite s.yaml
[ -s err ] && fail "a clean suite is warned about: $(cat err)"
end
