#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The weather example with a Parquet copy of its data: the same suite, the same verdicts, the same gate.
. "$(dirname "$0")/lib_sweep.sh"

example=$SWEEPGATE_SOURCE/jobs/examples/weather
cp "$example/weather.csv" good.csv
cp "$example/weather.suite.yaml" .

# copy CSV PARQUET: numbers as doubles, the date as a date, the rest as text; row groups of 1,000 rows.
copy() {
  python3 - "$1" "$2" <<'P' || fail "no copy was made"
import csv, datetime, os, sys
sys.path.insert(0, os.path.join(os.environ["SWEEPGATE_SOURCE"], "tests", "support"))
from parquet_writer import *
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
columns = []
for name in rows[0]:
    cells = [row[name] or None for row in rows]
    if name == "date":
        cells = [c and datetime.date.fromisoformat(c).toordinal() - datetime.date(1970, 1, 1).toordinal() for c in cells]
        columns.append(Column(name, INT32, cells, **simple(6)))
    elif name in ("location", "weather"):
        columns.append(Column(name, BYTE_ARRAY, cells, dictionary=True, **string()))
    else:
        columns.append(Column(name, DOUBLE, [c and float(c) for c in cells]))
write(sys.argv[2], columns, [1000] * (len(rows) // 1000) + [len(rows) % 1000])
P
}
# verdicts DATA: expectation, success, counts and the failing rows of each.
verdicts() {
  "$SWEEPGATE" validate "$1" --suite weather.suite.yaml --report json | python3 -c '
import json, sys
for v in json.load(sys.stdin)["results"][0]["verdicts"]:
    print(v["expectation"], v["success"], v.get("element_count"), v.get("unexpected_count"), v.get("missing_count"),
          [(f["row"], f.get("value", f.get("values"))) for f in v.get("failures", [])])'
}

copy good.csv weather.parquet
verdicts good.csv >of_csv.txt
verdicts weather.parquet >of_parquet.txt
[ "$(wc -l <of_csv.txt)" = 12 ] || fail "not twelve verdicts"
diff of_csv.txt of_parquet.txt || fail "the copy is judged otherwise"

awk -F, -v OFS=, 'NR == 17 {$4 = "-999.0"} NR == 2290 {$7 = "hail"} NR == 301 {$2 = ""} {print}' good.csv >bad.csv
copy bad.csv weather.parquet
verdicts bad.csv >of_csv.txt
verdicts weather.parquet >of_parquet.txt
diff of_csv.txt of_parquet.txt || fail "the corrupted copy is judged otherwise"

write_study 6 'echo loss={x}; echo {trial} >>ran.txt' 'gate:
  - {data: weather.parquet, suite: weather.suite.yaml, on_failure: abort}'
expect_code 1 "$SWEEPGATE" run study.yaml
expect_text err.txt 'row 16: -999'
expect_text err.txt 'row 2289: hail'
[ ! -e ran.txt ] || fail "a trial ran on bad data"
copy good.csv weather.parquet
expect_code 0 "$SWEEPGATE" run study.yaml
expect_count study.yaml COMPLETE 6

# A copy that was cut short is no data at all.
head -c 20000 weather.parquet >cut.parquet && mv cut.parquet weather.parquet
expect_code 3 "$SWEEPGATE" run study.yaml --trials 9
expect_text err.txt 'weather.parquet: not a whole Parquet file'
finish
