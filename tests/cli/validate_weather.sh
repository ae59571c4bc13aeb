#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The weather example: good as shipped; a corrupted copy fails with its rows named by their lines; repaired, good again.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
example=$SWEEPGATE_SOURCE/jobs/examples/weather
check as_shipped 0 validate "$example/weather.csv" --suite "$example/weather.suite.yaml"
awk -F, -v OFS=, 'NR == 17 {$4 = "-999.0"} NR == 290 {$7 = "hail"} NR == 301 {$2 = ""} {print}' \
  "$example/weather.csv" >weather.csv
check corrupted 1 validate weather.csv --suite "$example/weather.suite.yaml" --report json=report.json
prints 'temp_max +values must be between -40 and 50'
prints 'line 17: -999'
prints 'line 290: hail'
prints 'line 301: '
python3 - <<'P' || fail "the json report names other rows"
import json
verdicts = json.load(open("report.json"))["results"][0]["verdicts"]
lines = {(v["expectation"], v["kwargs"].get("column")): [f["line"] for f in v.get("failures", [])] for v in verdicts if not v["success"]}
assert lines[("expect_column_values_to_be_between", "temp_max")] == [17], lines
assert lines[("expect_column_values_to_be_in_set", "weather")] == [290], lines
assert lines[("expect_column_values_to_not_be_null", "date")] == [301], lines
rows = open("weather.csv", "rb").read()
for v in verdicts:
    for f in v.get("failures", []):
        assert rows[:f["byte"]].count(b"\n") == f["line"] - 1 == f["row"] + 1, f
P
cp "$example/weather.csv" weather.csv
check repaired 0 validate weather.csv --suite "$example/weather.suite.yaml"
end
