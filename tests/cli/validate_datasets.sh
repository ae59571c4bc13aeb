#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Several files as one dataset: lists, patterns, folders with key=value levels; drift; threads; what a person may get wrong.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
printf 'a,b\n1,x\n2,y\n' >p1.csv
printf 'b,a\nz,3\nw,-4\n' >p2.csv
printf 'a,b,c\n7,q,1\n' >p3.csv
printf 'a,b\n' >header_only.csv
: >empty.csv
cat >suite.yaml <<'Y'
suite: s
expectations:
  - expect_column_values_to_be_between: {column: a, min_value: 0}
  - expect_column_values_to_be_unique: {column: a}
Y
check columns_in_another_order 1 validate p1.csv p2.csv --suite suite.yaml --failures f.csv
prints 'note  files_differ'
prints 'p2.csv line 3: -4'
printf 'p2.csv,1,expect_column_values_to_be_between,a,2,3,8,-4\n' | cmp -s - <(tail -n +2 f.csv) || fail "another row: $(cat f.csv)"
check a_pattern_is_sorted 1 validate 'p[21].csv' --suite suite.yaml --report json
prints '"name": "p1.csv", "first_row": 0, "rows": 2'
prints '"name": "p2.csv", "first_row": 2, "rows": 2'
check drift_fails 1 validate p1.csv p3.csv --suite suite.yaml
prints "p3.csv: has a column 'c', which 'p1.csv' has not"
check drift_allowed_on_the_command_line 0 validate p1.csv p3.csv --suite suite.yaml --allow-drift
prints "note  files_differ"
check drift_allowed_by_the_suite 0 validate p3.csv p1.csv --suite <(cat suite.yaml; echo 'files: {allow_drift: true}')
prints "p1.csv: has no column 'c', which 'p3.csv' has"
check what_a_file_lacks_is_null 1 validate p1.csv p3.csv --allow-drift --suite <(printf 'expectations: [expect_column_values_to_not_be_null: {column: c}]')
prints '2 of 3 values fail'
prints 'p1.csv line 2, 3: null'
check header_only_file_among_others 0 validate p1.csv header_only.csv --suite suite.yaml
check empty_file_among_others 1 validate empty.csv p1.csv --suite suite.yaml
prints 'empty.csv: the input has no header'
check only_empty_files 1 validate empty.csv header_only.csv --suite suite.yaml --strict-empty
check no_match_is_3 3 validate 'no*.csv' --suite suite.yaml
says "no file matches 'no\*.csv'"
check missing_among_others_is_3 3 validate p1.csv none.csv --suite suite.yaml
says 'none.csv'
check twice_is_2 2 validate p1.csv 'p?.csv' --suite suite.yaml
says 'p1.csv: is there twice'
cp p1.csv 'odd[1].csv'
check a_file_named_like_a_pattern 0 validate 'odd[1].csv' --suite suite.yaml
check standard_input_among_others 1 bash -c 'cat p2.csv | "$SWEEPGATE" validate p1.csv - --suite suite.yaml'
prints '<stdin> line 3: -4'
check types_of_all_files 0 "$SWEEPGATE" schema p1.csv <(printf 'a,b\n1.5,x\n') <(printf 'a,b\n99999999999999999999,\n')
prints '^a  double$'
check each_alone 1 validate p1.csv p2.csv --each --suite suite.yaml
prints '^passed  p1.csv'
prints '^FAILED  p2.csv'

# Folders.
mkdir -p 'hive/year=2025/kind=a%2Fb' 'hive/year=2026/kind=__HIVE_DEFAULT_PARTITION__' hive/_tmp hive/.git
printf 'x,year\n1,9\n2,9\n' >'hive/year=2025/kind=a%2Fb/p.csv'
printf 'x,year\n3,9\n' | gzip >'hive/year=2026/kind=__HIVE_DEFAULT_PARTITION__/p.csv.gz'
echo junk >hive/_tmp/p.csv; echo junk >hive/.git/p.csv; touch hive/_SUCCESS hive/README.md
check levels_are_columns 0 "$SWEEPGATE" head hive --format json
printf '[{"x": 1, "year": 2025, "kind": "a/b"},\n {"x": 2, "year": 2025, "kind": "a/b"},\n {"x": 3, "year": 2026, "kind": null}]\n' | cmp -s - out || fail "other rows: $(cat out)"
grep -q "README.md" err || fail "the file that was left out is not named"
cat >levels.yaml <<'Y'
expectations:
  - expect_column_values_to_be_in_set: {column: year, value_set: [2025, 2026]}
  - expect_column_values_to_not_be_null: {column: kind}
  - expect_column_values_to_be_between: {column: x, min_value: 3, row_condition: year == 2026}
Y
check levels_are_judged 1 validate hive --suite levels.yaml
prints 'p.csv.gz line 2: null'
prints 'ok    year'
check by_a_pattern 1 validate 'hive/year=*' --suite levels.yaml
prints 'p.csv.gz line 2: null'
check declared_level 0 "$SWEEPGATE" validate hive --suite <(printf 'columns: {year: string}\nexpectations: [expect_column_values_to_be_in_set: {column: year, value_set: ["2025", "2026"]}]')
mkdir 'mixed'; cp p1.csv mixed; printf 'PAR1' >mixed/q.parquet
check damaged_parquet_in_a_folder_is_3 3 validate mixed --suite suite.yaml
says 'mixed/q.parquet'
mkdir bare; echo x >bare/notes.md
check folder_without_data_is_3 3 validate bare --suite suite.yaml
says 'bare: no data in this folder'
ln -s . loop; mkdir circle; ln -s ../circle circle/again
check folders_in_a_circle_are_3 3 validate circle --suite suite.yaml

if command -v python3 >/dev/null; then
  # Any number of threads, and the files in one piece: the same documents.
  python3 - <<'P'
import os, random
random.seed(3)
whole = ["id,amount,name,day"]
n = 0
for day, rows in {1: 300000, 2: 40, 3: 0, 4: 120000, 5: 7, 6: 90000}.items():
    os.makedirs(f"days/day={day}")
    lines = ["id,amount,name"]
    for _ in range(rows):
        n += 1
        name = random.choice(["abc", "zed", "line\nend", 'q""uote'])
        amount = f"{random.random() * 1000:.3f}" if day != 2 else str(n)
        lines.append(f'{n},{amount},"{name}"')
        whole.append(f'{n},{amount},"{name}",{day}')
    open(f"days/day={day}/p.csv", "w").write("\n".join(lines) + "\n")
open("whole.csv", "w").write("\n".join(whole) + "\n")
P
  cat >many.yaml <<'Y'
expectations:
  - expect_column_values_to_be_between: {column: amount, min_value: 0.5, max_value: 999.9}
  - expect_column_mean_to_be_between: {column: amount, min_value: 0, max_value: 1}
  - expect_column_median_to_be_between: {column: amount, min_value: 0, max_value: 1}
  - expect_column_values_to_be_unique: {column: id}
  - expect_column_values_to_match_regex: {column: name, regex: '^[a-q]', mostly: 0.7}
  - expect_column_values_to_be_in_set: {column: day, value_set: [1, 2, 4, 5]}
  - expect_column_values_to_be_between: {column: amount, max_value: 420200, row_condition: day == 2}
Y
  document() { sed -E -e 's/"(started|seconds|bytes)": ("[^"]*"|[0-9.e-]+|null),?//g' "$1"; }
  verdicts() { python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))["results"][0]
for e in r["verdicts"]:
    for f in e.get("failures", []):
        for k in ("file", "file_row", "line", "byte"): f.pop(k, None)
print(r["data"]["rows"], r["data"]["columns"], r["findings"], json.dumps(r["verdicts"]))' "$1"; }
  for j in 1 2 3 7; do
    check threads_$j 1 validate days --suite many.yaml -j $j --report json=j$j.json --failures j$j.csv --failures-budget 512MiB
    [ $j = 1 ] && continue
    cmp -s <(document j1.json) <(document j$j.json) || fail "-j $j: another document"
    cmp -s j1.csv j$j.csv || fail "-j $j: other failing rows"
  done
  check whole_file 1 validate whole.csv --suite many.yaml --report json=whole.json
  cmp -s <(verdicts j1.json) <(verdicts whole.json) || fail "the files in one piece: other verdicts"
  # Each row that failed is where it is said to be.
  python3 - <<'P' || fail "a failing row is not at its place"
import csv, sys
files, bad, n = {}, 0, 0
for row in csv.DictReader(open("j1.csv", newline="")):
    n += 1
    if n % 97: continue
    data = files.setdefault(row["data"], open(row["data"], "rb").read())
    at = int(row["byte"])
    record = next(csv.reader([data[at:at + 200].decode().split('"\n')[0] + '"'], strict=False))
    line = data[:at].count(b"\n") + 1
    if row["column"] == "amount" and float(record[1]) != float(row["value"]): bad = 1
    if line != int(row["line"]): bad = 1
sys.exit(bad or n < 1000)
P

  PYTHONPATH=$SWEEPGATE_SOURCE/tests/support python3 - <<'P'
import os
from parquet_writer import *
def put(path, *columns):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write(path, list(columns))
for year in (2025, 2026):
    for month in (1, 2):
        base = year * 100 + month * 10
        put(f"pq/year={year}/month={month:02}/part-0.parquet", Column("id", INT64, [base, base + 1, base + 2], required=True),
            Column("v", DOUBLE, [0.5, None, 1.5]))
put("drift/a.parquet", Column("id", INT64, [1, 2]), Column("v", INT64, [1, 2]))
put("drift/b.parquet", Column("v", DOUBLE, [0.5, 1.5]), Column("id", BYTE_ARRAY, ["3", "x"], **string()))
P
  check parquet_folder 0 "$SWEEPGATE" schema pq
  printf 'id     int64\nv      double\nyear   int64\nmonth  int64\n' | cmp -s - out || fail "another schema: $(cat out)"
  cat >pq.yaml <<'Y'
expectations:
  - expect_column_values_to_be_between: {column: year, min_value: 2025, max_value: 2026}
  - expect_column_values_to_be_in_set: {column: month, value_set: [1]}
  - expect_column_values_to_be_between: {column: v, min_value: 1, row_condition: year == 2026 and month == 2}
  - expect_column_values_to_be_unique: {column: id}
  - expect_table_row_count_to_equal: {value: 12}
Y
  check parquet_levels 1 validate pq --suite pq.yaml --report json=with.json
  check parquet_levels_read 1 validate pq --suite pq.yaml --no-statistics --report json=without.json
  cmp -s <(document with.json | sed '/proved_by/d') <(document without.json) || fail "--no-statistics: another document"
  check parquet_threads 1 validate pq --suite pq.yaml -j 3 --report json=threads.json
  cmp -s <(document with.json) <(document threads.json) || fail "-j 3: another document"
  check level_is_proved_by_the_path 0 validate pq --suite <(head -2 pq.yaml) --report json
  prints '"proved_by": "footer"'
  check parquet_drift_fails 1 validate drift --suite <(printf 'expectations: [expect_column_values_to_be_between: {column: v, min_value: 0}]')
  prints "drift/b.parquet: column 'v' is double, in 'drift/a.parquet' int64; read as double"
  prints 'ok    v'
  check parquet_drift_allowed 0 validate drift --allow-drift --suite <(printf 'expectations: [expect_column_sum_to_be_between: {column: v, min_value: 5, max_value: 5}]')
  cp pq/year=2025/month=01/part-0.parquet mixed/q.parquet
  check csv_and_parquet_in_one_folder_is_3 3 validate mixed --suite suite.yaml
  says 'mixed/q.parquet: is parquet, but mixed/p1.csv is csv'
fi
end
