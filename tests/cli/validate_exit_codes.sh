#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Exit codes of `sweepgate validate` and who is told what: 0 good, 1 data failed, 2 usage or suite, 3 unreadable.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
printf 'x,y\n1,2\n3,4\n' >good.csv
printf 'x,y\n1,2\n-3,4\n' >low.csv
cat >suite.yaml <<'Y'
suite: s
expectations:
  - expect_column_values_to_be_between: {column: x, min_value: 0}
  - expect_column_mean_to_be_between: {column: y, min_value: 10, severity: warning}
  - expect_column_mean_to_be_between: {column: y, max_value: 2, severity: info}
Y
check good_data_is_0 0 validate good.csv --suite suite.yaml
prints '^passed  good.csv'
[ -s err ] && fail "good data says something on standard error"
check failed_data_is_1 1 validate low.csv -s suite.yaml
prints 'line 3: -3'
check two_files_are_one_dataset_is_1 1 validate good.csv low.csv --suite suite.yaml
prints '^FAILED  good.csv and 1 more'
prints 'low.csv line 3: -3'
check one_bad_of_two_is_1 1 validate good.csv low.csv --each --suite suite.yaml
prints '^passed  good.csv'
prints '^FAILED  low.csv'
check failed_warning_is_0 0 validate good.csv --suite suite.yaml --fail-on critical
check fail_on_warning_is_1 1 validate good.csv --suite suite.yaml --fail-on warning
check fail_on_info_is_1 1 validate good.csv --suite suite.yaml --fail-on info
check standard_input_is_read 1 bash -c '"$SWEEPGATE" validate - --suite suite.yaml <low.csv'
prints 'line 3: -3'
check pipe_is_read 1 bash -c 'cat low.csv | "$SWEEPGATE" validate - --suite suite.yaml'
prints 'line 3: -3'

cat >old.json <<'J'
{"expectation_suite_name": "old", "expectations": [
  {"expectation_type": "expect_column_pair_values_A_to_be_greater_than_B", "kwargs": {"column_A": "y", "column_B": "x"}},
  {"expectation_type": "expect_multicolumn_values_to_be_unique", "kwargs": {"column_list": ["x", "y"]}}]}
J
check names_of_old_suites_are_known 0 validate good.csv --suite old.json

cat >rows.yaml <<'Y'
expectations:
  - expect_column_values_to_be_between: {column: x, min_value: 2, result_format: {result_format: BASIC, partial_unexpected_count: 1}}
  - expect_column_pair_values_to_be_equal: {column_A: x, column_B: y, row_condition: x > 0}
  - expect_column_values_to_not_be_null: {column: y}
Y
printf 'x,y\n1,"a,b"\n3,4\n1,5\n' >rows.csv
check failing_rows_go_to_a_file_is_1 1 validate rows.csv --suite rows.yaml --failures failing.csv
cat >wanted.csv <<'C'
data,number,expectation,column,record,line,byte,value
rows.csv,1,expect_column_values_to_be_between,x,1,2,4,1
rows.csv,1,expect_column_values_to_be_between,x,3,4,16,1
rows.csv,2,expect_column_pair_values_to_be_equal,x+y,1,2,4,"x=1, y=a,b"
rows.csv,2,expect_column_pair_values_to_be_equal,x+y,2,3,12,"x=3, y=4"
rows.csv,2,expect_column_pair_values_to_be_equal,x+y,3,4,16,"x=1, y=5"
C
cmp -s failing.csv wanted.csv || { fail "the file of failing rows"; diff wanted.csv failing.csv; }
{ echo x,y; yes 1,2 | head -2000; } >many.csv
check budget_leaves_rows_out_is_1 1 validate many.csv --suite rows.yaml --failures cut.csv --failures-budget 8k
says 'failing rows are left out'
prints '2,000 of 2,000 values fail'

cat >empty.yaml <<'Y'
expectations:
  - expect_column_values_to_be_between: {column: x, min_value: 2}
Y
echo x,y >none_yet.csv
check empty_table_passes_is_0 0 validate none_yet.csv --suite empty.yaml
check strict_empty_is_1 1 validate none_yet.csv --suite empty.yaml --strict-empty
prints 'no value was looked at'
check condition_that_selects_nothing_is_1 1 validate good.csv --strict-empty --suite <(sed 's/min_value: 2/min_value: 2, row_condition: x > 99/' empty.yaml)

cat >open.yaml <<'Y'
parameters: {least: 5}
expectations:
  - expect_column_values_to_be_between: {column: x, min_value: {$PARAMETER: least - 4}, max_value: {$PARAMETER: now}}
Y
printf '{"least": 6, "now": 3}' >values.json
check parameter_without_value_is_2 2 validate good.csv --suite open.yaml
says "open.yaml:3:.*parameter 'now'"
check parameter_on_the_command_line_is_0 0 validate good.csv --suite open.yaml --parameter now=3
check parameter_file_goes_before_the_suite_is_1 1 validate good.csv --suite open.yaml --parameters values.json
check command_line_goes_before_the_file_is_0 0 validate good.csv --suite open.yaml --parameters values.json -p least=4 -p now=9
check parameter_without_equals_is_2 2 validate good.csv --suite open.yaml --parameter least
says 'NAME=VALUE'

check missing_data_is_3 3 validate none.csv --suite suite.yaml
says "none\.csv"
mkdir empty_folder
check empty_folder_is_3 3 validate empty_folder --suite suite.yaml
says "^sweepgate: "
check missing_file_keeps_others 3 validate none.csv low.csv --each --suite suite.yaml
prints '^FAILED  low.csv'
if [ -e /proc/self/mem ]; then # opens, but a read of its first page is an error
  check read_error_is_3 3 validate /proc/self/mem --suite suite.yaml
  says '/proc/self/mem'
fi
if [ "$(id -u)" != 0 ]; then
  cp good.csv locked.csv && chmod 000 locked.csv
  check unreadable_is_3 3 validate locked.csv --suite suite.yaml
  says 'locked\.csv'
fi
check missing_suite_is_3 3 validate good.csv --suite none.yaml
says 'none\.yaml'

check no_suite_is_2 2 validate good.csv
says 'suite'
check no_data_is_2 2 validate --suite suite.yaml
says 'usage: sweepgate validate'
check unknown_option_is_2 2 validate good.csv --suite suite.yaml --reprot json
says "report"
check unknown_format_is_2 2 validate good.csv --suite suite.yaml --report jnuit
says "unknown format 'jnuit'; did you mean 'junit'\?"
check two_on_stdout_is_2 2 validate good.csv --suite suite.yaml --report json --report gx
says 'standard output'
check same_file_twice_is_2 2 validate good.csv --suite suite.yaml --report json=r --report gx=r
says "two reports would be written to 'r'"
check no_file_name_is_2 2 validate good.csv --suite suite.yaml --report json=
says 'file name'
check stdin_twice_is_2 2 validate - - --suite suite.yaml
says 'only once'
check unknown_level_is_2 2 validate good.csv --suite suite.yaml --result-format FULL
says 'FULL'
check help_is_0 0 validate -h
prints 'usage: sweepgate validate DATA'
prints -- '--fail-on'
end
