# SPDX-License-Identifier: GPL-3.0-or-later
"""With statistics and without, the same verdicts: on every file of a collection, and on files whose statistics, page indexes
or bloom filters are wrong in the ways that must not be believed.

    parquet_statistics.py SWEEPGATE FOLDER    FOLDER: with Parquet files somewhere below; may be absent
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import parquet_writer as w  # noqa: E402
from parquet_writer import Column  # noqa: E402


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=120, check=False)


def suite_for(sweepgate, path):
    """Nulls, and ranges around the first value that is there: some hold, some do not."""
    schema = run(sweepgate, "schema", path, "--format", "json")
    head = run(sweepgate, "head", path, "-n", "200", "--format", "json")
    if schema.returncode or head.returncode:
        return None
    rows = json.loads(head.stdout)
    expectations = [{"expect_table_row_count_to_be_between": {"min_value": 1}}]
    for column in json.loads(schema.stdout):
        name, kind = column["name"], column["type"]
        expectations += [{"expect_column_values_to_not_be_null": {"column": name}},
                         {"expect_column_values_to_be_null": {"column": name}},
                         {"expect_column_values_to_be_unique": {"column": name}}]
        values = [r[name] for r in rows if r[name] is not None]
        if kind in ("nested", "null", "bool") or not values:
            continue
        texts = [v for v in values if isinstance(v, str)]
        expectations += [
            {"expect_column_max_to_be_between": {"column": name, "max_value": values[0]}},
            {"expect_column_values_to_not_be_in_set": {"column": name, "value_set": [values[0]]}},
            {"expect_column_values_to_not_be_in_set": {"column": name, "value_set": absent(values)}},
            {"expect_column_values_to_be_in_set": {"column": name, "value_set": sorted(set(texts or values), key=str)}}]
        for low, high in ((min(values[:1]), None), (None, max(values, key=str)), (values[0], values[0])):
            bounds = {k: v for k, v in (("min_value", low), ("max_value", high)) if v is not None and v == v}
            if bounds:
                expectations.append({"expect_column_values_to_be_between": {"column": name, **bounds}})
    return {"suite": "s", "expectations": expectations}


def absent(values):
    """Between the values that are there, or nearly one of them, where that can be."""
    if isinstance(values[0], str):
        return [values[0] + "\u00e9", "", "zzz"] if not values[0][:1].isdigit() else ["1999-12-31", "2020-02-30", values[0] + "x"]
    there = set(values)
    return [v for v in (values[0] + d for d in (1, 2, 3, 0.25, 1000)) if v not in there][:3]


def strip(text):
    """Without what differs from run to run."""
    if isinstance(text, bytes):
        return text
    found = json.loads(text)

    def clean(node):
        if isinstance(node, dict):
            return {k: clean(v) for k, v in node.items() if k not in ("seconds", "started", "proved_by", "run")}
        return [clean(v) for v in node] if isinstance(node, list) else node
    return clean(found)


def count_proved(node):
    """Verdicts by what proved them."""
    if isinstance(node, dict):
        return sum(map(count_proved, node.values()), Counter([node["proved_by"]] if "proved_by" in node else []))
    return sum(map(count_proved, node), Counter()) if isinstance(node, list) else Counter()


def compare(sweepgate, path, suite):
    outputs = [run(sweepgate, "validate", path, "--suite", suite, "--report", "json", *options)
               for options in ([], ["--no-statistics"])]
    a, b = outputs
    if a.returncode != b.returncode or a.returncode not in (0, 1):
        return f"exit {a.returncode} with statistics, {b.returncode} without: {a.stderr[:200]!r} {b.stderr[:200]!r}", Counter()
    if strip(a.stdout.decode()) != strip(b.stdout.decode()):
        return "other verdicts with statistics than without", Counter()
    if count_proved(json.loads(b.stdout)):
        return "something was proved without statistics", Counter()
    return None, count_proved(json.loads(a.stdout))


def i32(v):
    return struct.pack("<i", v)


def f64(v):
    return struct.pack("<d", v)


def stats(low, high, nulls=0, nan=None, old=False):
    names = (2, 1) if old else (6, 5)
    rows = [(names[1], "binary", high), (names[0], "binary", low), (3, "i64", nulls), (9, "i64", nan)]
    return [sorted(rows, key=lambda r: r[0])]


def indexed(index, values=(5, 500, 7)):
    return Column("x", w.INT32, list(values), index=[index])


# Each file claims that x lies in 0..10 and has no null, in a way that is not to be believed, and it is not so.
INT, WIDE, REAL = [5, 500, None], [5, -1, 7], [5.0, float("nan"), 500.0]
UNBELIEVABLE = {
    "no column orders": ([Column("x", w.INT32, [5, 500, 7], statistics=[stats(i32(0), i32(10))[0]])], False),
    "the deprecated fields of unsigned values": ([Column("x", w.INT32, WIDE, statistics=[stats(i32(0), i32(10), old=True)[0]],
                                                         **w.integer(32, False))], True),
    "the deprecated fields of text": ([Column("x", w.BYTE_ARRAY, ["5", "z"], statistics=[stats(b"0", b"9", old=True)[0]],
                                              **w.string())], True),
    "least above greatest": ([Column("x", w.INT32, [5, 500, 7], statistics=[stats(i32(10), i32(0))[0]])], True),
    "values of another length": ([Column("x", w.INT32, [5, 500, 7], statistics=[stats(b"\0", b"\x0a")[0]])], True),
    "NaN as a bound": ([Column("x", w.DOUBLE, [5.0, 500.0], statistics=[stats(f64(0), f64(float("nan")), nan=0)[0]])], True),
    "NaN not counted": ([Column("x", w.DOUBLE, REAL, statistics=[stats(f64(0), f64(10))[0]])], True),
    "more nulls than rows": ([Column("x", w.INT32, [5, 500, 7], statistics=[stats(i32(0), i32(1000), nulls=9)[0]])], True),
    "fewer nulls than none": ([Column("x", w.INT32, INT, statistics=[stats(i32(0), i32(1000), nulls=-1)[0]])], True),
    "nulls not counted": ([Column("x", w.INT32, INT, statistics=[stats(i32(0), i32(1000), nulls=None)[0]])], True),
    "a page index without column orders": ([indexed(w.page_index([(i32(0), i32(10), 0)]))], False),
    "a page index with a page upside down": ([indexed(w.page_index([(i32(0), i32(5), 0), (i32(10), i32(0), 0)]))], True),
    "a page index with more nulls than rows": ([indexed(w.page_index([(i32(0), i32(10), 9)]))], True),
    "a page index without nulls counted": ([indexed(w.page_index([(i32(0), i32(10), 0)], nulls=False), INT)], True),
    "a page index with an empty bound": ([indexed(w.page_index([(i32(0), i32(10), 0), (b"", b"", 0)]))], True),
    "a page index of lists that do not agree": ([indexed(w.page_index([(i32(0), i32(10), 0)])[:2] + w.page_index(
        [(i32(0), i32(10), 0), (i32(0), i32(10), 0)])[2:])], True),
    "a page index that is cut short": ([indexed(w.fields(w.page_index([(i32(0), i32(10), 0)]))[:9])], True),
    "a page index of noise": ([indexed(bytes(range(1, 200)))], True),
    "a page index that says all are null and counts otherwise": ([indexed(w.page_index([(None, None, 1)]), INT)], True),
    "a page index of doubles with NaN not counted": ([Column("x", w.DOUBLE, REAL, index=[w.page_index([(f64(0), f64(10), 0)])])], True),
    "INT96": ([Column("x", w.INT96, [struct.pack("<qi", 0, 2440588)] * 2, statistics=[stats(b"\0" * 12, b"\0" * 12)[0]])], True),
}
# And where they are good, they are used: proved, of the expectations below.
BELIEVABLE = {
    "integers": ([Column("x", w.INT32, [0, 10, 5, 7], statistics=[stats(i32(0), i32(10))[0], stats(i32(5), i32(7))[0]])], True, 2),
    "the deprecated fields of signed integers": (
        [Column("x", w.INT32, [0, 10], statistics=[stats(i32(0), i32(10), old=True)[0]])], True, 2),
    "doubles with NaN counted": ([Column("x", w.DOUBLE, [-0.0, 10.0], statistics=[stats(f64(0.0), f64(10.0), nan=0)[0]])], True, 2),
    "decimals": ([Column("x", w.INT32, [0, 1000], statistics=[stats(i32(0), i32(1000))[0]], **w.decimal(9, 2))], True, 2),
    "a page index": ([Column("x", w.INT32, [0, 10, 5, 7], page=2, index=[w.page_index([(i32(0), i32(10), 0), (i32(5), i32(7), 0)])])],
                     True, 2),
    "a page index with a page of nulls": (
        [Column("x", w.INT32, [0, 10, None, None], page=2, index=[w.page_index([(i32(0), i32(10), 0), (None, None, 2)])])], True, 1),
    "a page index of doubles with NaN counted": (
        [Column("x", w.DOUBLE, [0.0, 10.0], index=[w.page_index([(f64(0), f64(10), 0)], nans=[0])])], True, 2),
    "one group of two must be read": (
        [Column("x", w.INT32, [0, 10, 500, None], statistics=[stats(i32(0), i32(10))[0], stats(i32(500), i32(500), nulls=1)[0]])],
        True, 0),
}
SUITE = {"suite": "s", "expectations": [{"expect_column_values_to_not_be_null": {"column": "x"}},
                                        {"expect_column_values_to_be_between": {"column": "x", "min_value": 0, "max_value": 10}}]}
TEXT = {"suite": "s", "expectations": [{"expect_column_values_to_be_between": {"column": "x", "min_value": "0", "max_value": "9"}}]}


def made_files(sweepgate, folder, bad):
    for name, (columns, orders, *proved) in {**UNBELIEVABLE, **BELIEVABLE}.items():
        path, suite = os.path.join(folder, "x.parquet"), os.path.join(folder, "s.json")
        text = columns[0].kind in (w.BYTE_ARRAY, w.INT96)
        groups = [2, 2] if columns[0].statistics and len(columns[0].statistics) == 2 else None
        w.write(path, columns, groups, orders)
        with open(suite, "w", encoding="utf-8") as f:
            json.dump(TEXT if text else SUITE, f)
        why, n = compare(sweepgate, path, suite)
        if why:
            bad.append(f"{name}: {why}")
        elif proved and n.total() != proved[0]:
            bad.append(f"{name}: {n} proved, not {proved[0]}")
        elif proved and proved[0] and ("page index" in name) != ("page index" in n):
            bad.append(f"{name}: proved by {dict(n)}")
        elif not proved and name not in ("INT96",) and n.total() == len((TEXT if text else SUITE)["expectations"]):
            bad.append(f"{name}: all of it was believed")


BLOOM = [("even", [7, 9, 1001], 1), ("even", [7, 8], 0), ("three", [1, 2, 4, 5.0], 1), ("three", [True, 3], 0),
         ("half", [0.25, 10.1, 33.3], 1), ("half", [0.5], 0), ("more", [0.25, 1.0, 2.0], 1), ("more", [-0.0], 0), ("more", [7.5], 0),
         ("word", ["zz", "k", "k10x"], 1), ("word", ["zz", "k10"], 0), ("day", ["2020-01-02", "2020-02-29"], 1),
         ("day", ["2020-01-03"], 0), ("at", ["2020-01-02T00:00:01", "2020-02-03T12:00:00"], 1), ("at", ["2020-01-05"], 0)]


def bloom_filters(sweepgate, folder, bad):
    """A file with a filter for each column: forbidden values that it has not are proved, others are found."""
    suite = os.path.join(folder, "s.json")
    with open(suite, "w", encoding="utf-8") as f:
        json.dump({"suite": "s", "expectations": [{"expect_column_values_to_not_be_in_set": {"column": c, "value_set": v}}
                                                  for c, v, _ in BLOOM]}, f)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bloom.parquet")
    why, _ = compare(sweepgate, path, suite)
    if why:
        bad.append(f"bloom.parquet: {why}")
    said = json.loads(run(sweepgate, "validate", path, "--suite", suite, "--report", "json").stdout)
    page = run(sweepgate, "validate", path, "--suite", suite, "--report", "html").stdout  # which reads all, for its charts
    if b"proved by bloom filter" not in page:
        bad.append("the html report does not say what proved a verdict")
    for (column, values, lacks), verdict in zip(BLOOM, said["results"][0]["verdicts"]):
        # DuckDB counts no NaN, so what is null in columns of reals is not known without reading
        proved = lacks and column not in ("half", "more")
        if verdict["success"] != bool(lacks) or (verdict.get("proved_by") == "bloom filter") != bool(proved):
            bad.append(f"bloom.parquet: {column} {values}: {verdict['success']}, proved by {verdict.get('proved_by')}")


def without_reading(sweepgate, folder, bad):
    """What is proved is not read: the bytes of the pages are noise."""
    path, suite = os.path.join(folder, "noise.parquet"), os.path.join(folder, "s.json")
    index = [w.page_index([(i32(0), i32(10), 0), (None, None, 2)])]
    data = bytearray(w.file_bytes([Column("x", w.INT32, [0, 10, 5, 7], statistics=[stats(i32(0), i32(10))[0]]),
                                   Column("y", w.INT32, [0, 10, None, None], page=2, index=index)]))
    start = data.index(w.fields(index[0]))
    data[4:start] = b"\xff" * (start - 4)
    with open(path, "wb") as f:
        f.write(data)
    with open(suite, "w", encoding="utf-8") as f:
        json.dump({"suite": "s", "expectations": [
            {"expect_table_row_count_to_equal": {"value": 4}}, {"expect_column_values_to_not_be_null": {"column": "x"}},
            {"expect_column_values_to_be_between": {"column": "x", "max_value": 10}},
            {"expect_column_values_to_not_be_in_set": {"column": "x", "value_set": [11]}},
            {"expect_column_values_to_be_between": {"column": "y", "max_value": 10}}]}, f)
    said = run(sweepgate, "validate", path, "--suite", suite, "--report", "json")
    n = count_proved(json.loads(said.stdout)) if said.returncode == 0 else said.stderr
    if n != Counter({"footer": 4, "page index": 1}):
        bad.append(f"pages of noise: exit {said.returncode}, {n}")
    if run(sweepgate, "validate", path, "--suite", suite, "--no-statistics").returncode != 3:
        bad.append("pages of noise are read without complaint")
    for report, mark in (("text", "(proved by page index)"), ("markdown", "proved by page index"),
                         ("junit", "<system-out>proved by page index</system-out>"), ("gx", '"proved_by": "page index"')):
        if mark not in run(sweepgate, "validate", path, "--suite", suite, "--report", report).stdout.decode():
            bad.append(f"the {report} report does not say what proved a verdict")


def main():
    sweepgate, folder = sys.argv[1:]
    bad, n_files, n_proved = [], 0, Counter()
    with tempfile.TemporaryDirectory() as scratch:
        made_files(sweepgate, scratch, bad)
        bloom_filters(sweepgate, scratch, bad)
        without_reading(sweepgate, scratch, bad)
        suite = os.path.join(scratch, "s.json")
        for at, _, names in os.walk(folder):
            for name in sorted(names):
                path = os.path.join(at, name)
                wanted = suite_for(sweepgate, path) if name.endswith(".parquet") else None
                if not wanted:
                    continue
                with open(suite, "w", encoding="utf-8") as f:
                    json.dump(wanted, f)
                why, n = compare(sweepgate, path, suite)
                n_files, n_proved = n_files + 1, n_proved + n
                if why:
                    bad.append(f"{name}: {why}")
    for line in bad:
        print("FAIL", line)
    proved = ", ".join(f"{n} verdicts by {by}" for by, n in n_proved.most_common())
    print(f"{n_files} files alike; proved: {proved}")
    return bool(bad) or (n_files > 0 and len(n_proved) < 3)


if __name__ == "__main__":
    sys.exit(main())
