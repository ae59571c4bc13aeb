# SPDX-License-Identifier: GPL-3.0-or-later
"""With statistics and without, the same verdicts: on every file of a collection, and on files whose statistics are wrong in
the ways that must not be believed.

    parquet_statistics.py SWEEPGATE FOLDER    FOLDER: with Parquet files somewhere below; may be absent
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

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
        for low, high in ((min(values[:1]), None), (None, max(values, key=str)), (values[0], values[0])):
            bounds = {k: v for k, v in (("min_value", low), ("max_value", high)) if v is not None and v == v}
            if bounds:
                expectations.append({"expect_column_values_to_be_between": {"column": name, **bounds}})
    return {"suite": "s", "expectations": expectations}


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
    if isinstance(node, dict):
        return ("proved_by" in node) + sum(map(count_proved, node.values()))
    return sum(map(count_proved, node)) if isinstance(node, list) else 0


def compare(sweepgate, path, suite):
    outputs = [run(sweepgate, "validate", path, "--suite", suite, "--report", "json", *options)
               for options in ([], ["--no-statistics"])]
    a, b = outputs
    if a.returncode != b.returncode or a.returncode not in (0, 1):
        return f"exit {a.returncode} with statistics, {b.returncode} without: {a.stderr[:200]!r} {b.stderr[:200]!r}", 0
    if strip(a.stdout.decode()) != strip(b.stdout.decode()):
        return "other verdicts with statistics than without", 0
    if count_proved(json.loads(b.stdout)):
        return "something was proved without statistics", 0
    return None, count_proved(json.loads(a.stdout))


def i32(v):
    return struct.pack("<i", v)


def f64(v):
    return struct.pack("<d", v)


def stats(low, high, nulls=0, nan=None, old=False):
    names = (2, 1) if old else (6, 5)
    rows = [(names[1], "binary", high), (names[0], "binary", low), (3, "i64", nulls), (9, "i64", nan)]
    return [sorted(rows, key=lambda r: r[0])]


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
    "INT96": ([Column("x", w.INT96, [struct.pack("<qi", 0, 2440588)] * 2, statistics=[stats(b"\0" * 12, b"\0" * 12)[0]])], True),
}
# And where they are good, they are used: proved, of the expectations below.
BELIEVABLE = {
    "integers": ([Column("x", w.INT32, [0, 10, 5, 7], statistics=[stats(i32(0), i32(10))[0], stats(i32(5), i32(7))[0]])], True, 2),
    "the deprecated fields of signed integers": (
        [Column("x", w.INT32, [0, 10], statistics=[stats(i32(0), i32(10), old=True)[0]])], True, 2),
    "doubles with NaN counted": ([Column("x", w.DOUBLE, [-0.0, 10.0], statistics=[stats(f64(0.0), f64(10.0), nan=0)[0]])], True, 2),
    "decimals": ([Column("x", w.INT32, [0, 1000], statistics=[stats(i32(0), i32(1000))[0]], **w.decimal(9, 2))], True, 2),
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
        elif proved and n != proved[0]:
            bad.append(f"{name}: {n} proved, not {proved[0]}")
        elif not proved and name not in ("INT96",) and n == len((TEXT if text else SUITE)["expectations"]):
            bad.append(f"{name}: all of it was believed")


def main():
    sweepgate, folder = sys.argv[1:]
    bad, n_files, n_proved = [], 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        made_files(sweepgate, scratch, bad)
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
    print(f"{n_files} files alike, {n_proved} verdicts proved")
    return bool(bad) or (n_files > 0 and n_proved == 0)


if __name__ == "__main__":
    sys.exit(main())
