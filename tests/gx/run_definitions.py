#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Great Expectations' own test definitions through files and the command line.

Each dataset becomes a CSV file with declared column types, each test a suite of one expectation; the GX-shaped report
is compared with what the definition says, by the rules of GX's own runner, but with GX's tolerance of 0.05 on floats
replaced by 1e-9 relative against a computation of our own (oracle below) where there is one.

Cases that do not pass stand one by one in exceptions.txt with the reason; a listed case that passes is an error too.
A case that GX itself runs on other engines only (its `only_for` and `suppress_test_for`, read as GX's runner does) says
nothing about data in files: it is run and counted, but may fail. LIKE, which pandas has not, is held to SQLite's and
PostgreSQL's cases.
"""
import argparse
import collections
import csv
import datetime
import json
import math
import os
import statistics
import subprocess
import sys
from fractions import Fraction

RELATIVE = 1e-9
STAMPS = {"datetime", "datetime64", "datetime64[ns]", "timestamp"}
FORMATS = ["%b %d %Y %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f %z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z",
           "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S.%f"]
POSITIONAL = {"expect_column_to_exist": ["column", "column_index"]}


# ---- definitions -> files -------------------------------------------------------------------------------------------

def parse_stamp(text):
    for form in FORMATS:
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError:
            pass
    return None


def column_type(values, schema):
    """The type a user would declare, and the reason why the column has none."""
    kinds = {type(v) for v in values if v is not None}
    if schema in STAMPS or schema == "date":
        stamps = [parse_stamp(v) for v in values if isinstance(v, str)]
        if None in stamps:
            return "string", "dates that are no dates"
        if schema == "date":
            return "date", None
        return ("timestamp_utc" if any(s.tzinfo for s in stamps) else "timestamp"), None
    if schema in ("str", "object") and kinds <= {int, float, str, bool} and (schema == "str" or kinds == {str}):
        return "string", None
    if schema == "int" and kinds <= {str}:
        return "int64", None
    if not kinds:
        return None, None
    if kinds == {bool}:
        return "bool", None
    if kinds == {int}:
        return ("double" if schema in ("float", "float64") else "int64"), None
    if kinds <= {int, float}:
        return "double", None
    if kinds == {str}:
        return "string", None
    return "string", "a column of mixed types has no typed form in a file"


def cell(value, kind):
    if value is None:
        return ""
    if kind in ("timestamp", "timestamp_utc", "date") and isinstance(value, str):
        stamp = parse_stamp(value)
        return stamp.date().isoformat() if kind == "date" else stamp.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


class Dataset:
    def __init__(self, definition, path, with_key):
        self.data = {str(k): v for k, v in definition["data"].items()}
        schema = (definition.get("schemas") or {}).get("pandas") or {}
        self.types, self.untyped = {}, {}
        for name, values in self.data.items():
            kind, why = column_type(values, schema.get(name))
            if kind:
                self.types[name] = kind
            if why:
                self.untyped[name] = why
        columns = dict(self.data)
        n_rows = max((len(v) for v in columns.values()), default=0)
        if with_key:
            columns["pk_index"] = list(range(n_rows))
            self.types["pk_index"] = "int64"
        self.path = path
        with open(path, "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(columns)
            for row in zip(*([cell(v, self.types.get(c)) for v in values] for c, values in columns.items())):
                writer.writerow(row)


# ---- comparison -----------------------------------------------------------------------------------------------------

def is_number(v):
    return isinstance(v, (int, float))


def as_stamp(v):
    if not isinstance(v, str) or len(v) < 10 or v[4:5] != "-":
        return None
    try:
        stamp = datetime.datetime.fromisoformat(v.replace("Z", "+00:00"))
    except ValueError:
        stamp = parse_stamp(v)
    if stamp and stamp.tzinfo:
        return stamp.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return stamp


def same(a, b, tolerance=RELATIVE):
    """Python's equality, tuples as lists, floats to a relative tolerance, moments as moments."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k], tolerance) for k in a)
    if is_number(a) and is_number(b):
        return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=tolerance)
    if as_stamp(a) and as_stamp(b):
        return as_stamp(a) == as_stamp(b)
    return a == b


def like_gx(a, b):
    """What GX's runner accepts of an observed value `a` where `b` is wanted: 0.05 absolute when `b` is a float."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(like_gx(x, y) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(like_gx(a[k], b[k]) for k in a)
    if is_number(a) and isinstance(b, float):
        return a == b or abs(a - b) <= 0.05 + 1e-7 * abs(b)
    return same(a, b)


def quantile_nearest(ordered, q):
    """numpy's method "nearest": half way goes to the even position."""
    at = Fraction(q) * (len(ordered) - 1) if not isinstance(q, float) else q * (len(ordered) - 1)
    low = math.floor(at)
    part = at - low
    index = low + (part > 0.5 or (part == 0.5 and low % 2 == 1))
    return ordered[int(index)]


def oracle(kind, kwargs, data):
    """The observed value by exact arithmetic; None where there is no oracle."""
    column = data.get(kwargs.get("column"))
    if column is None or kwargs.get("row_condition"):
        return None
    values = [v for v in column if v is not None]
    if not values or not all(is_number(v) for v in values):
        return None
    exact = [Fraction(v) for v in values]
    if kind == "expect_column_mean_to_be_between":
        return float(sum(exact) / len(exact))
    if kind == "expect_column_median_to_be_between":
        return float(statistics.median(exact))
    if kind == "expect_column_sum_to_be_between":
        return float(sum(exact))
    if kind == "expect_column_stdev_to_be_between" and len(exact) > 1:
        mean = sum(exact) / len(exact)
        return math.sqrt(sum((v - mean) ** 2 for v in exact) / (len(exact) - 1))
    if kind == "expect_column_proportion_of_unique_values_to_be_between":
        return len(set(values)) / len(values)
    if kind == "expect_column_quantile_values_to_be_between" and not kwargs.get("allow_relative_error"):
        quantiles = kwargs["quantile_ranges"]["quantiles"]
        ordered = sorted(values)
        return {"quantiles": quantiles, "values": [quantile_nearest(ordered, q) for q in quantiles]}
    return None


def sorted_by_text(values):
    return sorted(values, key=lambda v: str(float(v)) if is_number(v) and not isinstance(v, bool) else str(v))


def compare_indices(want, got):
    if not want:
        return True
    if all(isinstance(w, dict) for w in want):
        key = lambda item: item["pk_index"]
        return same(sorted(want, key=key), sorted(got, key=key))
    return want == [item["pk_index"] if isinstance(item, dict) else item for item in got]


def compare(kind, kwargs, data, test, verdict):
    """The first difference as text, None when there is none."""
    want, got = test["out"], verdict.get("result", {})
    truth = oracle(kind, kwargs, data)
    if "success" in want and want["success"] != verdict["success"]:
        return "success is %s" % verdict["success"]
    if "unexpected_list" in want:
        lists = sorted_by_text(want["unexpected_list"]), sorted_by_text(got.get("unexpected_list") or [])
        if not same(*lists):
            return "unexpected_list %s, wanted %s" % (lists[1], lists[0])
    if not compare_indices(want.get("unexpected_index_list"), got.get("unexpected_index_list") or []):
        return "unexpected_index_list %s" % got.get("unexpected_index_list")
    if "observed_value" in want:
        seen = got.get("observed_value")
        if "tolerance" in test:
            equal = same(seen, want["observed_value"], test["tolerance"])
        elif truth is None:
            equal = same(seen, want["observed_value"])
        else:  # the definition's digits may be few: the exact value is compared below
            equal = like_gx(seen, want["observed_value"])
        if not equal:
            return "observed_value %s, wanted %s" % (seen, want["observed_value"])
    if "observed_value_list" in want and got.get("observed_value") not in want["observed_value_list"]:
        return "observed_value %s" % got.get("observed_value")
    if truth is not None and "observed_value" in got and not same(got["observed_value"], truth):
        return "observed_value %s, exact %s" % (got["observed_value"], truth)
    if "value_counts" in want:
        seen = got.get("details", {}).get("value_counts", [])
        if not all(any(same(w, s) for s in seen) for w in want["value_counts"]):
            return "value_counts %s" % seen
    if "details" in want and not same(want["details"], got.get("details")):
        return "details %s" % got.get("details")
    for key in ("observed_partition", "expected_partition"):
        if key in want and not same(want[key], (got.get("details") or {}).get(key)):
            return "%s %s" % (key, (got.get("details") or {}).get(key))
    for key in want:  # observed_cdf_x_0_lt: the first edge of the observed distribution lies below
        if key.startswith("observed_cdf_x_"):
            index, relation = key[len("observed_cdf_x_"):].rsplit("_", 1)
            x = got["details"]["observed_cdf"]["x"][int(index)]
            if not {"lt": x < want[key], "eq": x == want[key], "gt": x > want[key]}[relation]:
                return "%s is %s" % (key, x)
    for key in set(want.get("result", {})) & set(got):  # GX compares the keys that both have
        if not same(want["result"][key], got[key]):
            return "%s %s, wanted %s" % (key, got[key], want["result"][key])
    return None


# ---- running --------------------------------------------------------------------------------------------------------

def wants_keys(test):
    """Rows are told by an index column, as in GX's runner, unless the definition tells them by bare numbers."""
    out = test["out"]
    lists = [o.get(key) for o in (out, out.get("result", {})) for key in ("unexpected_index_list", "partial_unexpected_index_list")]
    return not any(item for item in lists if item and not isinstance(item[0], dict))


def suite_text(kind, kwargs, dataset, with_keys):
    level = kwargs.get("result_format", "COMPLETE")
    level = dict(level) if isinstance(level, dict) else {"result_format": level}
    if with_keys and "pk_index" in dataset.types:
        level["unexpected_index_column_names"] = ["pk_index"]
    arguments = dict(kwargs, result_format=level)
    return json.dumps({"suite": "definition", "csv": {"null_values": [""]}, "columns": dataset.types,
                       "expectations": [{kind: arguments}]})


def run(sweepgate, work, kind, kwargs, dataset, with_keys):
    """(exit code, the one verdict or None, what was said on stderr)."""
    suite = os.path.join(work, "suite.json")
    with open(suite, "w", encoding="utf-8") as out:
        out.write(suite_text(kind, kwargs, dataset, with_keys))
    done = subprocess.run([sweepgate, "validate", dataset.path, "--suite", suite, "--report", "gx"],
                          capture_output=True, text=True, timeout=60, check=False)
    verdict = json.loads(done.stdout)["results"][0] if done.stdout else None
    return done.returncode, verdict, done.stderr.strip()


def judge(sweepgate, work, kind, test, dataset):
    """(passed, what was seen)."""
    kwargs = test["in"]
    if isinstance(kwargs, list):
        kwargs = dict(zip(POSITIONAL[kind], kwargs))
    if "_like_" in kind and test.get("only_for") == ["mssql"]:
        kwargs = dict(kwargs, like_dialect="mssql")
    code, verdict, said = run(sweepgate, work, kind, kwargs, dataset, wants_keys(test))
    raised = code == 2 or (verdict is not None and verdict["exception_info"]["raised_exception"])
    if verdict is None and code != 2:
        return False, "exit %d: %s" % (code, said)
    if raised and not said:
        said = verdict["exception_info"]["exception_message"]
    if "error" in test or "traceback_substring" in test["out"]:
        return raised, said if raised else "was not refused"
    if raised:
        return False, "refused: " + said
    difference = compare(kind, kwargs, dataset.data, test, verdict)
    return difference is None, difference


def cases(folder):
    """(identity, expectation, definition of the dataset, test), identities unique and stable."""
    seen = collections.Counter()
    for root, folders, names in sorted(os.walk(folder)):
        folders.sort()
        for name in sorted(n for n in names if n.endswith(".json")):
            with open(os.path.join(root, name), encoding="utf-8") as file:
                definition = json.load(file)
            for number, dataset in enumerate(definition["datasets"]):
                for test in dataset["tests"]:
                    title = "%s/%d/%s" % (name[:-5], number, test["title"])
                    seen[title] += 1
                    identity = title if seen[title] == 1 else "%s#%d" % (title, seen[title])
                    yield identity, definition["expectation_type"], dataset, test


def read_exceptions(path):
    listed = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                identity, _, reason = line.rstrip("\n").partition("\t")
                if identity in listed or not reason:
                    sys.exit("%s: '%s' is listed twice or has no reason" % (path, identity))
                listed[identity] = reason
    return listed


def is_built(sweepgate, work, kind):
    """Does the program know the expectation? Asked of the program itself."""
    path, suite = os.path.join(work, "empty.csv"), os.path.join(work, "known.json")
    with open(path, "w", encoding="utf-8") as out:
        out.write("x\n")
    with open(suite, "w", encoding="utf-8") as out:
        json.dump({"suite": "known", "expectations": [{kind: {}}]}, out)
    done = subprocess.run([sweepgate, "validate", path, "--suite", suite], capture_output=True, text=True,
                          timeout=60, check=False)
    return not (done.returncode == 2 and "unknown expectation" in done.stderr)


def as_list(tags):
    return [] if tags is None else [tags] if isinstance(tags, str) else tags


def is_about_files(kind, dataset, test):
    """Does GX run the case on pandas, or is it LIKE as a database of our dialects has it?"""
    engines = ("sqlite", "postgresql", "sqlalchemy") if "_like_" in kind else ("pandas", "pandas_v3_api", "pandas_v2_api", "pandas>=024", "pandas>=1")
    for level in (dataset, test):
        only, without = as_list(level.get("only_for")), as_list(level.get("suppress_test_for"))
        if only and not set(only) & set(engines):
            return False
        if any(tag in engines for tag in without) and not only:
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--definitions", required=True)
    parser.add_argument("--sweepgate", required=True)
    parser.add_argument("--exceptions", required=True)
    parser.add_argument("--work", required=True, help="an empty folder for the files")
    parser.add_argument("--refusals", action="store_true", help="print what was said where a refusal is wanted")
    parser.add_argument("--only", help="cases whose identity contains this text")
    options = parser.parse_args()
    listed = read_exceptions(options.exceptions)
    built, datasets = {}, {}
    count, reasons, bad, used = collections.Counter(), collections.Counter(), [], set()
    for identity, kind, definition, test in cases(options.definitions):
        if options.only and options.only not in identity:
            continue
        count["total"] += 1
        if kind not in built:
            built[kind] = is_built(options.sweepgate, options.work, kind)
        if not built[kind]:
            count["skipped"] += 1
            reasons["expectation not built: " + kind] += 1
            continue
        key = tuple(identity.split("/")[:2])
        if key not in datasets:
            path = os.path.join(options.work, "data%d.csv" % len(datasets))
            datasets[key] = Dataset(definition, path, not kind.startswith(("expect_table_", "expect_column_to_exist")))
        passed, seen = judge(options.sweepgate, options.work, kind, test, datasets[key])
        used.add(identity)
        if passed and identity in listed:
            bad.append("passes, but is listed as an exception: " + identity)
        elif passed:
            count["passed"] += 1
            if seen and options.refusals:
                print("refused, as wanted: %s: %s" % (identity, seen))
        elif not is_about_files(kind, definition, test):
            count["foreign"] += 1
            print("other engine: %s: %s" % (identity, seen))
        elif identity in listed:
            count["excepted"] += 1
            reasons["exception: " + listed[identity].split(":")[0]] += 1
        else:
            bad.append("%s: %s" % (identity, seen))
    for identity in sorted(set(listed) - used if not options.only else ()):
        bad.append("listed as an exception, but was not run: " + identity)
    for reason, n in sorted(reasons.items()):
        print("%5d  %s" % (n, reason))
    for line in bad:
        print("FAIL   " + line)
    print("gx definitions: %d in all, %d passed, %d listed as exceptions, %d failed, %d hold for another engine only and "
          "do not here, %d skipped (expectation not built)"
          % (count["total"], count["passed"], count["excepted"], len(bad), count["foreign"], count["skipped"]))
    return 1 if bad or count["passed"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
