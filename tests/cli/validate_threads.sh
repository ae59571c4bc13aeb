#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The reports of a run are the same for every kernel, any number of threads, and little memory: over the golden suites, and
# over a file that is large enough to be split.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
bad=0
same() { # NAME: the JSON report without its times is that of `first`
  sed -E 's/"(seconds|started|sweepgate_version)": *("[^"]*"|[0-9.e-]+),?//' "$work/json" >"$work/$1"
  cmp -s "$work/first" "$work/$1" || { echo "FAIL $2: $1 differs"; diff "$work/first" "$work/$1" | head -5; bad=1; }
}
kernels="libcsv portable"
for kernel in avx2 avx512 neon; do
  printf 'a\n1\n' >"$work/try.csv"
  printf 'suite: try\nexpectations: [{expect_table_row_count_to_equal: {value: 1}}]\n' >"$work/try.yaml"
  SWEEPGATE_CSV_KERNEL=$kernel "$SWEEPGATE" validate "$work/try.csv" --suite "$work/try.yaml" >/dev/null 2>&1 && kernels="$kernels $kernel"
done
all_runs() { # NAME SUITE FILES...
  local name=$1 suite=$2 first=yes kernel jobs
  shift 2
  for kernel in $kernels; do
    for jobs in 1 2 3; do
      SWEEPGATE_CSV_KERNEL=$kernel "$SWEEPGATE" validate "$@" --suite "$suite" -j $jobs --memory 1MiB --report json="$work/json" >/dev/null 2>&1
      if [ $first = yes ]; then
        sed -E 's/"(seconds|started|sweepgate_version)": *("[^"]*"|[0-9.e-]+),?//' "$work/json" >"$work/first"
        first=no
      fi
      same "$kernel-$jobs" "$name"
    done
  done
}
for folder in "$SWEEPGATE_SOURCE"/tests/golden/validate/*/; do
  cd "$folder" || exit 1
  all_runs "$(basename "$folder")" suite.* ./*.csv
done
python3 - "$work/large.csv" <<'PY' || exit 1
import random, sys
random.seed(5)
with open(sys.argv[1], "w", encoding="utf-8") as out:
    out.write("id,name,x,when\n")
    for i in range(260000):
        name = f'"multi\nline, {i}"' if i % 5000 == 0 else random.choice(["alpha", "beta", "gamma", "délta", "", str(i % 777777)])
        out.write(f"{i - 100 * (i == 200000)},{name},{random.random() * 100:.{i % 9}f},2024-01-{i % 28 + 1:02}T10:00:{i % 60:02}\n")
PY
[ "$(stat -c %s "$work/large.csv")" -gt 8400000 ] || { echo "FAIL: not large enough to be split"; bad=1; }
cat >"$work/large.yaml" <<'YAML'
suite: large
expectations:
  - expect_column_values_to_be_unique: {column: id}
  - expect_column_values_to_be_unique: {column: name}
  - expect_column_values_to_be_increasing: {column: id, strictly: true}
  - expect_column_values_to_match_regex: {column: name, regex: '^\w+$'}
  - expect_column_value_lengths_to_be_between: {column: name, min_value: 4, max_value: 6}
  - expect_column_mean_to_be_between: {column: x, min_value: 0, max_value: 1}
  - expect_column_stdev_to_be_between: {column: x, min_value: 0, max_value: 1}
  - expect_column_median_to_be_between: {column: x, min_value: 0, max_value: 1}
  - expect_column_unique_value_count_to_be_between: {column: name, max_value: 1}
  - expect_column_max_to_be_between: {column: when, max_value: "2024-01-02T00:00:00"}
  - expect_compound_columns_to_be_unique: {column_list: [x, when]}
YAML
all_runs large "$work/large.yaml" "$work/large.csv"
[ $bad = 0 ] && echo "ok: the same by $kernels, by 1, 2 and 3 threads"
exit $bad
