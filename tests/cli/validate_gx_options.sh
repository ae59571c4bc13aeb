#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a Great Expectations suite may ask for beside its expectations: severity, catch_exceptions, every key of
# result_format; and the oddities that --gx-quirks brings back.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
{ echo x,name; for i in $(seq 0 299); do echo "$i,n$i"; done; } >data.csv

result() { # PYTHON: about r, the first result of the gx report in ./out
  python3 -c "import json; d = json.load(open('out')); v = d['results'][0]; r = v['result']; assert $1, (v, d['success'])" || fail "$1"
}
suite() { # a suite of 1.x with one expectation: TYPE KWARGS [MORE]
  echo "{\"name\": \"s\", \"expectations\": [{\"type\": \"$1\", \"kwargs\": $2${3:-}}]}" >s.json
}

suite expect_column_values_to_be_between '{"column": "x", "max_value": 49}' ', "severity": "warning"'
check severity_of_1x 0 validate data.csv --suite s.json --report gx
result "v['expectation_config']['severity'] == 'warning' and not v['success'] and not d['success']"
suite expect_column_values_to_be_between '{"column": "x", "max_value": 49}' ', "severity": "warnings"'
check severity_has_three_names 2 validate data.csv --suite s.json
says "s\.json:1:[0-9]+: unknown severity 'warnings'; did you mean 'warning'"

suite expect_column_values_to_be_between '{"column": "x", "max_value": 297, "result_format": {"result_format": "COMPLETE", "include_unexpected_rows": true, "return_unexpected_index_query": true}}'
check whole_rows 1 validate data.csv --suite s.json --report gx
result "r['unexpected_rows'] == [{'x': 298, 'name': 'n298'}, {'x': 299, 'name': 'n299'}]"
result "r['unexpected_index_query'] == 'df.filter(items=[298, 299], axis=0)'"
suite expect_column_values_to_be_between '{"column": "x", "max_value": 9, "row_condition": "x > 3", "condition_parser": "pandas", "result_format": {"result_format": "BASIC", "include_unexpected_rows": true, "partial_unexpected_count": 2}}'
check whole_rows_below_complete 1 validate data.csv --suite s.json --report gx
result "r['unexpected_rows'] == [{'x': 10, 'name': 'n10'}, {'x': 11, 'name': 'n11'}] and 'unexpected_index_query' not in r"
suite expect_column_values_to_be_between '{"column": "x", "max_value": 297, "result_format": {"result_format": "COMPLETE", "return_unexpected_index_query": false, "exclude_unexpected_values": true, "unexpected_index_column_names": ["name"]}}'
check keys_of_result_format 1 validate data.csv --suite s.json --report gx
result "'unexpected_index_query' not in r and 'unexpected_list' not in r and 'partial_unexpected_list' not in r"
result "r['unexpected_index_list'] == [{'x': 298, 'name': 'n298'}, {'x': 299, 'name': 'n299'}]"
suite expect_column_values_to_be_between '{"column": "x", "max_value": 297, "result_format": {"result_format": "COMPLETE", "partial_unexpected_counts": 3}}'
check unknown_key_of_result_format 2 validate data.csv --suite s.json
says "unknown key 'partial_unexpected_counts' in result_format; did you mean 'partial_unexpected_count'"

suite expect_column_mean_to_be_between '{"column": "name", "min_value": 0, "catch_exceptions": false}'
check saved_suites_are_caught 1 validate data.csv --suite s.json --report gx
result "v['exception_info']['raised_exception']"
printf 'suite: s\nexpectations:\n  - expect_column_mean_to_be_between: {column: name, min_value: 0, catch_exceptions: false}\n' >s.yaml
check not_caught_stops_the_run 2 validate data.csv --suite s.yaml --report json=none.json
says "s\.yaml:3:5: expect_column_mean_to_be_between cannot be judged .*type string, which have no"
[ -e none.json ] && fail "a report was written"
sed -i 's/false/maybe/' s.yaml
check catch_is_true_or_false 2 validate data.csv --suite s.yaml
says 's\.yaml:3:.*catch_exceptions must be true or false'

# A right answer by default, the odd one when asked for.
suite expect_column_to_exist '{"column": "name", "column_index": 0}'
check index_0_is_an_index 1 validate data.csv --suite s.json
check quirk_index_0 0 validate data.csv --suite s.json --gx-quirks
suite expect_column_quantile_values_to_be_between '{"column": "x", "quantile_ranges": {"quantiles": [1], "value_ranges": [[0, 298.98]]}}'
check bounds_of_quantiles_are_bounds 1 validate data.csv --suite s.json
check quirk_quantiles 0 validate data.csv --suite s.json --gx-quirks
suite expect_column_values_to_be_between '{"column": "x", "max_value": -1, "result_format": "COMPLETE"}'
check every_failing_value 1 validate data.csv --suite s.json --report gx
result "len(r['unexpected_list']) == 300 and len(r['unexpected_index_list']) == 300"
check quirk_200_values 1 validate data.csv --suite s.json --report gx --gx-quirks
result "r['unexpected_list'] == list(range(200)) and len(r['unexpected_index_list']) == 300 and r['unexpected_count'] == 300"
echo '300,n300,more' >>data.csv
suite expect_column_values_to_not_be_null '{"column": "x"}'
check a_fault_fails_the_result 1 validate data.csv --suite s.json --report gx
result "not d['success'] and v['success']"
check quirk_faults_are_unseen_there 1 validate data.csv --suite s.json --report gx --gx-quirks
result "d['success']"

# A computed value on its bound, whoever computed the bound: pandas gives 1.1547005383792517 here, the nearest is ...515.
printf 'x\n1\n1\n3\n3\n' >four.csv
suite expect_column_stdev_to_be_between '{"column": "x", "min_value": 1.1547005383792517, "max_value": 1.1547005383792517}'
check rounding_is_no_failure 0 validate four.csv --suite s.json
suite expect_column_stdev_to_be_between '{"column": "x", "min_value": 1.1547005383792513, "strict_min": true}'
check on_the_bound_is_not_above_it 1 validate four.csv --suite s.json
suite expect_column_stdev_to_be_between '{"column": "x", "min_value": 1.15470053837926}'
check beyond_rounding_is_a_failure 1 validate four.csv --suite s.json
end
