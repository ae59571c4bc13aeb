# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of elements (`tags[]`, `items[].price`, `attrs[].key`) hold what the lists hold as `sweepgate head` shows them: every
element, in order, with the number of its row; on files of a collection and on made ones, alone and several as one dataset.

    parquet_elements.py SWEEPGATE FOLDER    FOLDER: with Parquet files somewhere below; may be absent
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import parquet_writer as w  # noqa: E402
from parquet_writer import Column  # noqa: E402


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=120, check=False)


def flatten(value, steps):
    """The elements of one row's value: the rule for null and empty lists is here."""
    if not steps:
        yield value
    elif steps[0] == "[]":
        if isinstance(value, str):  # another file has no list there, so that the column is text
            value = json.loads(value)
        for item in value if isinstance(value, list) else []:
            yield from flatten(item, steps[1:])
    else:
        yield from flatten(None if value is None else value.get(steps[0][1:]), steps[1:])


def same(a, b):
    if isinstance(a, str) and not isinstance(b, str):  # read as text, since another file has text there
        return a == str(b)
    if isinstance(a, float) or isinstance(b, float):
        return abs(a - b) <= 1e-9 * abs(b)
    return a == b


def check(sweepgate, paths, scratch, *options):
    """Trouble, and how many columns of elements there were."""
    schema = run(sweepgate, "schema", *paths, "--format", "json")
    head = run(sweepgate, "head", *paths, "-n", "100000", "--format", "json")
    if schema.returncode or head.returncode:
        return None, 0
    rows, n = json.loads(head.stdout), 0
    for column in json.loads(schema.stdout):
        for element in column.get("elements", []):
            n += 1
            name = element["name"]
            steps = re.findall(r"\[\]|\.[^.\[]+", name[len(column["name"]):])
            wanted = [(i, v) for i, row in enumerate(rows) for v in flatten(row[column["name"]], steps)]
            whole = {"result_format": "COMPLETE"}
            suite = {"suite": "s", "expectations": [
                {"expect_column_values_to_be_null": {"column": name, "result_format": whole}},
                {"expect_column_values_to_not_be_null": {"column": name, "result_format": whole}}]}
            at = os.path.join(scratch, "s.json")
            with open(at, "w", encoding="utf-8") as f:
                json.dump(suite, f)
            said = run(sweepgate, "validate", *paths, "--suite", at, "--report", "json", *options)
            if said.returncode not in (0, 1):
                return f"{name}: {said.stderr[:200]!r}", n
            values, nulls = json.loads(said.stdout)["results"][0]["verdicts"]
            found = [(f["row"], f["value"]) for f in values["failures"]]
            there = [(i, v) for i, v in wanted if v is not None]
            if len(found) != len(there) or not all(a[0] == b[0] and same(a[1], b[1]) for a, b in zip(found, there)):
                return f"{name}: {found[:5]} ({len(found)}) where head has {there[:5]} ({len(there)})", n
            if nulls["element_count"] != len(wanted) or [f["row"] for f in nulls["failures"]] != [i for i, v in wanted if v is None]:
                return f"{name}: {nulls['element_count']} elements, nulls {nulls['failures'][:5]}", n
    return None, n


LISTS = [[1, 2, None], None, [], [3], [None], [4, 5, 6, 7], [], [8]]
TEXTS = [["a", "b"], [], None, ["", None], ["c" * 300, "a"], ["b"], None, ["a"]]


def made():
    for version in (1, 2):
        for codec in (0, 2):
            for page in (None, 1, 3):
                yield [Column("a", w.INT32, LISTS, nested=True, version=version, codec=codec, page=page),
                       Column("b", w.BYTE_ARRAY, TEXTS, nested=True, dictionary=True, version=version, page=page, **w.string()),
                       Column("c", w.BOOLEAN, [v and [x == 2 for x in v] for v in LISTS], nested=True, page=page),
                       Column("d", w.DOUBLE, [v and [x and x / 4 for x in v] for v in LISTS], nested=True, version=version),
                       Column("e", w.INT32, LISTS, nested=True, page=page, **w.decimal(9, 2)),
                       Column("id", w.INT64, list(range(8)))]


def datasets(scratch):
    """Paths and options: files of the same columns; lists of other types; a file without the lists, and one without their column."""
    def file(name, columns, groups=None):
        path = os.path.join(scratch, name)
        w.write(path, columns, groups)
        return path
    alike = [file(f"part_{i}.parquet", columns, [3, 5] if i % 2 else None) for i, columns in enumerate(made())]
    for options in ((), ("-j", "3")):
        yield alike[:2], options
        yield alike, options
    numbers = [Column("x", w.INT64, list(range(8))), Column("a", w.DOUBLE, [v and [y and y / 2 for y in v] for v in LISTS], nested=True)]
    texts = [Column("a", w.BYTE_ARRAY, TEXTS, nested=True, **w.string()), Column("b", w.INT32, LISTS, nested=True)]
    flat = [Column("a", w.INT64, list(range(8))), Column("x", w.INT64, list(range(8)))]
    other = [Column("x", w.INT64, list(range(8)))]
    made_of = {name: file(f"{name}.parquet", columns, [4, 4]) for name, columns in
               (("numbers", numbers), ("texts", texts), ("flat", flat), ("other", other))}
    for names in (("numbers", alike[0]), (alike[0], "numbers"), (alike[0], "texts"), ("texts", "numbers", alike[1]), ("numbers", "other"),
                  ("other", "numbers"), ("numbers", "flat"), ("other", "texts", "numbers")):
        for options in ((), ("-j", "2")):
            yield [made_of.get(name, name) for name in names], ("--allow-drift", *options)


def row_counts(sweepgate, scratch, bad):
    """Elements are what `mostly`, conditions and index columns look at; lengths are those of lists."""
    path, at = os.path.join(scratch, "x.parquet"), os.path.join(scratch, "s.json")
    w.write(path, next(made()), [5, 3])
    index = {"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]}
    cases = [
        ("expect_column_values_to_be_between", {"column": "a[]", "max_value": 6, "result_format": index}, False, 10, 2),
        ("expect_column_values_to_be_between", {"column": "a[]", "max_value": 6, "mostly": 0.75}, True, 10, 2),
        ("expect_column_values_to_be_between", {"column": "a[]", "max_value": 6, "mostly": 0.76}, False, 10, 2),
        ("expect_column_values_to_be_between", {"column": "a[]", "max_value": 2, "row_condition": "id < 5", "condition_parser": "pandas"},
         False, 5, 1),
        ("expect_column_values_to_be_unique", {"column": "b[]"}, False, 8, 5),
        ("expect_column_value_lengths_to_be_between", {"column": "a", "min_value": 1, "max_value": 3}, False, 8, 3),
        ("expect_column_value_lengths_to_equal", {"column": "a", "value": 4, "mostly": 0.1}, True, 8, 6),
        ("expect_column_value_lengths_to_be_between", {"column": "b[]", "max_value": 1}, False, 8, 1),
        ("expect_column_mean_to_be_between", {"column": "a[]", "min_value": 4.5, "max_value": 4.5}, True, None, None),
        ("expect_column_values_to_be_between", {"column": "id", "min_value": 0}, True, 8, 0),
    ]
    with open(at, "w", encoding="utf-8") as f:
        json.dump({"suite": "s", "expectations": [{name: kwargs} for name, kwargs, *_ in cases]}, f)
    said = run(sweepgate, "validate", path, "--suite", at, "--report", "json")
    verdicts = json.loads(said.stdout)["results"][0]["verdicts"] if said.returncode == 1 else []
    if len(verdicts) != len(cases):
        bad.append(f"exit {said.returncode}: {said.stderr[:300]!r}")
    for (name, kwargs, success, n, n_bad), v in zip(cases, verdicts):
        found = (v["success"], v.get("element_count"), v.get("unexpected_count"))
        if found != (success, n if n is not None else found[1], n_bad):
            bad.append(f"{name} {kwargs}: {found}, not {(success, n, n_bad)}")
    if verdicts and [f["index"]["id"] for f in verdicts[0]["failures"]] != [5, 7]:
        bad.append(f"index columns: {verdicts[0]['failures']}")
    for kwargs, words in (({"column": "a[].x"}, b"did you mean"), ({"column": "a[]", "row_condition": "`a[]` > 1", "condition_parser": "pandas"},
                                                                    b"a condition is about rows")):
        with open(at, "w", encoding="utf-8") as f:
            json.dump({"suite": "s", "expectations": [{"expect_column_values_to_be_unique": kwargs}]}, f)
        said = run(sweepgate, "validate", path, "--suite", at, "--report", "json")
        if words not in said.stdout + said.stderr:
            bad.append(f"{kwargs}: {said.stdout[-300:]!r}")


def main():
    sweepgate, folder = sys.argv[1:]
    bad, n_files, n_columns, n_together = [], 0, 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        row_counts(sweepgate, scratch, bad)
        paths = []
        for i, columns in enumerate(made()):
            for groups in (None, [5, 3], [1] * 8):
                paths.append(os.path.join(scratch, f"made_{i}_{len(groups or [])}.parquet"))
                w.write(paths[-1], columns, groups)
        for at, _, names in os.walk(folder):
            paths += [os.path.join(at, name) for name in sorted(names) if name.endswith(".parquet")]
        for path in paths:
            why, n = check(sweepgate, [path], scratch)
            n_files, n_columns = n_files + (n > 0), n_columns + n
            if why:
                bad.append(f"{os.path.basename(path)}: {why}")
        for together, options in datasets(scratch):
            why, n = check(sweepgate, together, scratch, *options)
            n_together += n
            if why or n == 0:
                bad.append(f"{[os.path.basename(path) for path in together]} {options}: {why}")
    for line in bad:
        print("FAIL", line)
    print(f"{n_columns} columns of elements in {n_files} files as head shows them, and {n_together} of several files together")
    return bool(bad) or n_columns < 100


sys.exit(main())
