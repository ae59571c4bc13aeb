# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a Parquet file is the same, byte for byte but for its times, by one thread and by several; and it is the same
for a file with dictionaries as for one of the same values without.

    parquet_alike.py SWEEPGATE FOLDER    FOLDER: with Parquet files somewhere below; may be absent
"""
import json
import os
import random
import re
import struct
import sys
import tempfile
from collections import Counter

from parquet_statistics import run, suite_for
import parquet_writer as w
from parquet_writer import Column

TIMES = re.compile(rb'"(seconds|started|bytes|sha256|xxh3|fingerprint)": *("[^"]*"|[0-9.e+-]+),?')


def report(sweepgate, path, suite, *options):
    done = run(sweepgate, "validate", path, "--suite", suite, "--report", "json", *options)
    return done.returncode, TIMES.sub(b"", done.stdout), done.stderr


def threads_differ(sweepgate, path, suite):
    for statistics in ([], ["--no-statistics"]):
        alone = report(sweepgate, path, suite, "-j", "1", *statistics)
        for n in ("2", "3", "7"):
            if report(sweepgate, path, suite, "-j", n, *statistics) != alone:
                return f"another report by {n} threads {statistics}"
    return None


def made_columns(rng, n, dictionary):
    """Few different values and many, nulls, NaN, texts of other lengths, some that are no UTF-8."""
    some = lambda value: [None if rng.random() < 0.1 else value() for _ in range(n)]
    shape = {"dictionary": dictionary, "page": rng.choice([None, 7, 100])}
    reals = [0.0, 1.5, float("nan"), 1e300, -1e300, 5e-324, 0.1]
    words = ["", "a", "ab", "\u00e9t\u00e9", "hello world", "x" * 40, "10", "2020-01-01"]
    bad = [b"good", b"\xff\xfe", b"fine"]
    return [
        Column("few", w.INT64, some(lambda: rng.randrange(9) * 10**15), **shape),
        Column("many", w.INT32, some(lambda: rng.randrange(-500, 500)), **shape),
        Column("rising", w.INT64, list(range(n)), required=True, **shape),
        Column("real", w.DOUBLE, some(lambda: rng.choice(reals)), **shape),
        Column("word", w.BYTE_ARRAY, some(lambda: rng.choice(words)), **w.string(), **shape),
        Column("bad", w.BYTE_ARRAY, some(lambda: rng.choice(bad)), **w.string(), **shape),
        Column("price", w.INT32, some(lambda: rng.randrange(4000)), **w.decimal(9, 2), **shape),
        Column("raw", w.BYTE_ARRAY, some(lambda: struct.pack("<H", rng.randrange(40))), **shape),
        Column("none", w.INT32, [None] * n, **shape),
    ]


def made_suite():
    expectations = []
    for c in ("few", "many", "rising", "real", "price", "none"):
        of = {"column": c}
        expectations += [
            {"expect_column_values_to_be_between": {**of, "min_value": 0, "max_value": 5 * 10**15}},
            {"expect_column_mean_to_be_between": {**of, "min_value": 0}}, {"expect_column_sum_to_be_between": {**of, "min_value": 0}},
            {"expect_column_stdev_to_be_between": {**of, "min_value": 0}}, {"expect_column_median_to_be_between": {**of, "min_value": 0}},
            {"expect_column_quantile_values_to_be_between": {**of, "quantile_ranges": {"quantiles": [0, 0.3, 1], "value_ranges": [[0, 1]] * 3}}},
            {"expect_column_min_to_be_between": {**of, "min_value": 0}}, {"expect_column_max_to_be_between": {**of, "max_value": 0}},
            {"expect_column_values_to_be_increasing": of}, {"expect_column_value_z_scores_to_be_less_than": {**of, "threshold": 1, "double_sided": True}},
            {"expect_column_values_to_be_in_set": {**of, "value_set": [0, 1.5, 5, 10**15]}}]
    for c in ("word", "bad"):
        of = {"column": c}
        expectations += [
            {"expect_column_values_to_match_regex": {**of, "regex": "^[a-z ]+$"}}, {"expect_column_values_to_not_match_regex": {**of, "regex": "o"}},
            {"expect_column_value_lengths_to_be_between": {**of, "min_value": 1, "max_value": 5}},
            {"expect_column_values_to_match_strftime_format": {**of, "strftime_format": "%Y-%m-%d"}},
            {"expect_column_values_to_be_json_parseable": of}, {"expect_column_values_to_be_in_set": {**of, "value_set": ["a", "fine"]}},
            {"expect_column_values_to_be_between": {**of, "min_value": "2019-01-01", "parse_strings_as_datetimes": True}}]
    for c in ("few", "many", "rising", "real", "word", "bad", "price", "raw", "none"):
        of = {"column": c}
        expectations += [
            {"expect_column_values_to_not_be_null": of}, {"expect_column_values_to_be_unique": of},
            {"expect_column_unique_value_count_to_be_between": {**of, "max_value": 3}},
            {"expect_column_most_common_value_to_be_in_set": {**of, "value_set": [1]}},
            {"expect_column_distinct_values_to_be_in_set": {**of, "value_set": [1]}},
            {"expect_column_values_to_not_be_null": {**of, "row_condition": "many > 100", "condition_parser": "pandas"}},
            {"expect_column_unique_value_count_to_be_between": {**of, "row_condition": "few > 1", "condition_parser": "pandas", "max_value": 3}}]
    expectations += [{"expect_column_pair_values_a_to_be_greater_than_b": {"column_A": "many", "column_B": "rising"}},
                     {"expect_compound_columns_to_be_unique": {"column_list": ["few", "word", "price"]}}]
    return {"suite": "s", "expectations": expectations}


def made_files(sweepgate, folder, bad):
    path, suite = os.path.join(folder, "x.parquet"), os.path.join(folder, "s.json")
    with open(suite, "w", encoding="utf-8") as f:
        json.dump(made_suite(), f)
    for seed in range(6):
        found = []
        for dictionary in (False, True):
            rng = random.Random(seed)
            n = rng.choice([1, 50, 3000])
            groups = rng.choice([None, [n], [n // 2, n - n // 2], [1] * min(n, 40) + [n - min(n, 40)]])
            w.write(path, made_columns(rng, n, dictionary), groups, True)
            found.append(report(sweepgate, path, suite))
            why = threads_differ(sweepgate, path, suite)
            if why:
                bad.append(f"seed {seed}: {why}")
        if found[0][0] not in (0, 1):
            bad.append(f"seed {seed}: exit {found[0][0]}: {found[0][2][:300]!r}")
        elif found[0] != found[1]:
            bad.append(f"seed {seed}: another report with dictionaries than without")


def made_keys(rng):
    """Ids that rise by small steps, by large ones, stay, go back, are missing."""
    keys, at = [], rng.choice([0, -300, 2**62])
    while len(keys) < 4000:
        kind, n = rng.randrange(8), rng.randrange(1, 900)
        for _ in range(n):
            at += rng.choice([1, 1, 254, 128]) if kind < 6 else rng.choice([1, 255, 256, 10**6])
            keys.append(at)
        if kind == 7 and rng.random() < 0.5:
            keys.append(rng.choice([at, None, keys[rng.randrange(len(keys))]]))
    return keys


def keys_are_counted(sweepgate, folder, bad):
    path, suite = os.path.join(folder, "k.parquet"), os.path.join(folder, "k.json")
    with open(suite, "w", encoding="utf-8") as f:
        json.dump({"suite": "s", "expectations": [{"expect_column_values_to_be_unique": {"column": "k"}}]}, f)
    for seed in range(20):
        rng = random.Random(seed)
        keys = made_keys(rng)
        w.write(path, [Column("k", w.INT64, keys)], rng.choice([None, [len(keys) // 3, len(keys) - len(keys) // 3]]))
        counts = Counter(k for k in keys if k is not None)
        rows = [i for i, k in enumerate(keys) if k is not None and counts[k] > 1]
        code, out, err = report(sweepgate, path, suite)
        got = json.loads(out)["results"][0]["verdicts"][0] if code in (0, 1) else {"unexpected_count": err}
        if got["unexpected_count"] != len(rows) or any(f["row"] not in rows for f in got["failures"]):
            bad.append(f"keys {seed}: {got['unexpected_count']} rows fail, and {len(rows)} should")
        why = threads_differ(sweepgate, path, suite)
        if why:
            bad.append(f"keys {seed}: {why}")


def main():
    sweepgate, folder = sys.argv[1:]
    bad, n_files = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        made_files(sweepgate, scratch, bad)
        keys_are_counted(sweepgate, scratch, bad)
        suite = os.path.join(scratch, "s.json")
        for at, _, names in os.walk(folder):
            for name in sorted(names):
                path = os.path.join(at, name)
                wanted = suite_for(sweepgate, path) if name.endswith(".parquet") else None
                if not wanted:
                    continue
                with open(suite, "w", encoding="utf-8") as f:
                    json.dump(wanted, f)
                n_files += 1
                why = threads_differ(sweepgate, path, suite)
                if why:
                    bad.append(f"{name}: {why}")
    for line in bad:
        print("FAIL", line)
    print(f"{n_files} files alike, and 12 made ones")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
