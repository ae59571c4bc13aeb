# SPDX-License-Identifier: GPL-3.0-or-later
"""Random tables through `sweepgate validate`, each verdict worked out again with Python's exact fractions: sums, means,
deviations, quantiles, distinct values, ranges, order, uniqueness; values, row and line numbers of what fails."""
import argparse
import collections
import json
import math
import random
import re
import subprocess
import sys
from fractions import Fraction

LOOSE = 1e-15  # relative: two roundings at most stand between the exact value and what is printed


def columns(rng, n):
    """name -> values; null is None."""
    holes = lambda make: [None if rng.random() < 0.15 else make() for _ in range(n)]
    return {
        "small": holes(lambda: rng.randint(-5, 5)),
        "big": holes(lambda: rng.randint(-2**62, 2**62)),
        "near": holes(lambda: 1e9 + rng.random()),
        "wild": holes(lambda: rng.choice((-1, 1)) * math.ldexp(rng.random(), rng.randint(-200, 200))),
        "word": holes(lambda: rng.choice(["a", "bb", "\u00e9", "zz9", "a b", "\u65e5\u672c"])),
        "rising": sorted(rng.randint(0, 10 * n) for _ in range(n)),
        "key": list(range(n)),
    }


def text(value):
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def write_csv(path, table, n):
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join(table) + "\n")
        for row in range(n):
            out.write(",".join(text(table[name][row]) for name in table) + "\n")


def present(values):
    return [v for v in values if v is not None]


def nearest(ordered, q):
    at = q * (len(ordered) - 1)
    return ordered[round(at)]  # half to even


def stdev(values):
    n, xs = len(values), [Fraction(v) for v in values]
    if n < 2:
        return None
    spread = (n * sum(x * x for x in xs) - sum(xs) ** 2) / (n * (n - 1))
    # a square root of the fraction to more digits than a double has
    scale = 10 ** 40 * (1 + spread.denominator // (spread.numerator or 1))
    return float(Fraction(math.isqrt(spread.numerator * scale * scale // spread.denominator), scale))


def median(values):
    ordered = sorted(values)
    n = len(ordered)
    return float((Fraction(ordered[(n - 1) // 2]) + Fraction(ordered[n // 2])) / 2) if n else None


def aggregates(name, values):
    """(expectation, further arguments, observed value)"""
    xs = present(values)
    yield "column_unique_value_count", {}, len(set(xs))
    yield "column_min", {"min_value": min(xs)} if xs else {"min_value": 0}, min(xs) if xs else None
    yield "column_max", {}, max(xs) if xs else None
    yield "column_proportion_of_unique_values", {}, len(set(xs)) / len(xs) if xs else 0
    yield "column_proportion_of_non_null_values", {}, len(xs) / len(values) if values else 0
    if name == "word":
        return
    total = sum(Fraction(x) for x in xs)
    yield "column_sum", {"min_value": 0}, float(total) if xs else None
    yield "column_mean", {}, float(total / len(xs)) if xs else None
    yield "column_stdev", {}, stdev(xs)
    yield "column_median", {}, median(xs)


def maps(name, values, rng):
    """(expectation, further arguments, set of unexpected rows)"""
    rows = [(i, v) for i, v in enumerate(values) if v is not None]
    counts = collections.Counter(v for _, v in rows)
    yield "column_values_to_be_unique", {}, {i for i, v in rows if counts[v] > 1}
    yield "column_values_to_not_be_null", {}, {i for i, v in enumerate(values) if v is None}
    chosen = rng.sample(sorted(counts), min(3, len(counts)))
    yield "column_values_to_be_in_set", {"value_set": chosen}, {i for i, v in rows if v not in chosen}
    yield "column_values_to_not_be_in_set", {"value_set": chosen}, {i for i, v in rows if v in chosen}
    if rows:
        low, high = sorted(rng.choice(rows)[1] for _ in range(2))
        yield ("column_values_to_be_between", {"min_value": low, "max_value": high, "strict_min": True},
               {i for i, v in rows if not low < v <= high})
    if name == "word":
        yield "column_value_lengths_to_equal", {"value": 2}, {i for i, v in rows if len(v) != 2}
        yield "column_values_to_match_regex", {"regex": "a|z"}, {i for i, v in rows if not re.search("a|z", v)}
    else:
        yield ("column_values_to_be_increasing", {},
               {i for (_, before), (i, v) in zip(rows, rows[1:]) if v < before})
        yield ("column_values_to_be_decreasing", {"strictly": True},
               {i for (_, before), (i, v) in zip(rows, rows[1:]) if v >= before})


def plan(table, rng):
    wanted = []
    for name, values in table.items():
        for what, kwargs, observed in aggregates(name, values):
            wanted.append(("expect_%s_to_be_between" % what, dict(kwargs, column=name), "observed", observed))
        for what, kwargs, rows in maps(name, values, rng):
            wanted.append(("expect_" + what, dict(kwargs, column=name), "rows", (rows, values)))
        if name != "word" and present(values):
            qs, ordered = [0, 0.1, 0.25, 0.5, 0.77, 1], sorted(present(values))
            kwargs = {"column": name, "quantile_ranges": {"quantiles": qs, "value_ranges": [[None, None]] * len(qs)}}
            wanted.append(("expect_column_quantile_values_to_be_between", kwargs, "observed",
                           {"quantiles": qs, "values": [nearest(ordered, q) for q in qs]}))
    return wanted


def same(found, wanted):
    if isinstance(wanted, dict):
        return found["quantiles"] == wanted["quantiles"] and found["values"] == wanted["values"]
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return math.isclose(found, wanted, rel_tol=LOOSE)
    return found == wanted


def judge(item, verdict):
    name, kwargs, kind, wanted = item
    if verdict["exception"]:
        return verdict["exception"]
    if kind == "observed":
        return None if same(verdict["observed_value"], wanted) else "observed %r, not %r" % (verdict["observed_value"], wanted)
    rows, values = wanted
    if verdict["unexpected_count"] != len(rows):
        return "%d unexpected, not %d" % (verdict["unexpected_count"], len(rows))
    found = [(f["row"], f["line"], f["value"]) for f in verdict["failures"]]
    right = [(i, i + 2, values[i]) for i in sorted(rows)]
    return None if found == right else "rows %r, not %r" % (found[:5], right[:5])


def run(args, number):
    rng = random.Random(number)
    n = rng.choice((1, 2, 3, 10, 200, 3000))
    table = columns(rng, n)
    csv, suite = "%s/%d.csv" % (args.work, number), "%s/%d.json" % (args.work, number)
    write_csv(csv, table, n)
    wanted = plan(table, rng)
    declared = {name: "string" if name == "word" else "double" if name in ("near", "wild") else "int64" for name in table}
    with open(suite, "w", encoding="utf-8") as out:
        json.dump({"suite": "oracle", "columns": declared,
                   "expectations": [{name: dict(kwargs, result_format="COMPLETE")} for name, kwargs, _, _ in wanted]}, out)
    done = subprocess.run([args.sweepgate, "validate", csv, "--suite", suite, "--report", "json"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        return len(wanted), ["table %d: exit %d: %s" % (number, done.returncode, done.stderr.decode())]
    verdicts = json.loads(done.stdout)["results"][0]["verdicts"]
    bad = []
    for item, verdict in zip(wanted, verdicts):
        why = judge(item, verdict)
        if why:
            bad.append("table %d (%d rows): %s %s: %s" % (number, n, item[0], item[1], why))
    return len(wanted), bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sweepgate", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--tables", type=int, default=30)
    args = parser.parse_args()
    total, bad = 0, []
    for number in range(args.tables):
        n, found = run(args, number)
        total += n
        bad += found
    for line in bad[:20]:
        print("FAIL", line)
    print("%d verdicts over %d tables, %d wrong" % (total, args.tables, len(bad)))
    return 1 if bad or total < 1000 else 0


sys.exit(main())
