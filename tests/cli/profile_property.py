#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The property of drafted suites: whatever the table, the draft is a suite that `sweepgate validate` takes, all of its
expectations are met on the table that it came from, and the same table gives the same bytes again.
profile_property.py SWEEPGATE SEED TABLES [FILE...]: so many generated tables, and the files."""
import csv
import json
import random
import subprocess
import sys

WORDS = ["red", "green", "Blue", "no", "true", "null", "1e5", "007", "-", "a b", "x:y", "# c", "{z}", "[q]", "\u00e9t\u00e9",
         "\u65e5\u672c", "tab\there", "line\nend", "quo\"te", "back\\slash", "%", "&amp;", "'", "\u202eright", "\ufeffbom", "\x85nel", "\x7f"]
NAMES = ["id", "a b", "true", "null", "~", "1", "x: y", "#", "- z", "[n]", "{m}", "\u00fc", "\u202e", "q\"", "\\", "'", "\u2028", "y", "No", ""]


def digits(rng, n):
    return "".join(rng.choice("0123456789") for _ in range(n))


def column(rng, n):
    """n cells of one kind; None is an empty field."""
    pool = [rng.choice(WORDS) for _ in range(rng.randint(1, 8))]
    scale = 10.0 ** rng.randint(-12, 12)
    start = rng.randint(-10 ** 6, 10 ** 6)
    kinds = [
        lambda i: rng.choice(pool), lambda i: start + i, lambda i: rng.randint(0, 3), lambda i: rng.randint(-2 ** 63, 2 ** 63 - 1),
        lambda i: repr(rng.gauss(0, 1) * scale), lambda i: repr(rng.expovariate(1) * scale), lambda i: repr(round(rng.random(), 2)),
        lambda i: repr(rng.choice([5e-324, 1.7e308, -1.7e308, 0.0, -0.0, 1e-300])), lambda i: rng.choice(["inf", "-inf", "1.5", "nan"]),
        lambda i: rng.choice(["true", "false"]), lambda i: rng.choice(["True", "False", "TRUE"]),
        lambda i: "%04d-%02d-%02d" % (rng.randint(1, 9999), rng.randint(1, 12), rng.randint(1, 28)),
        lambda i: "2020-01-01T%02d:%02d:%02d.%06d" % (rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59), rng.randint(0, 999999)),
        lambda i: "2020-01-01 12:00:%02d+0%d:00" % (rng.randint(0, 59), rng.randint(0, 9)),
        lambda i: "AB-" + digits(rng, 4), lambda i: digits(rng, 3) + ".x^" + digits(rng, rng.randint(1, 3)) + "]", lambda i: "0" + digits(rng, 5),
        lambda i: rng.choice(WORDS) * rng.randint(0, 3), lambda i: "w" * rng.randint(1, 300), lambda i: "", lambda i: "42", lambda i: "0.5",
        lambda i: rng.choice(["1", "2", "x"]), lambda i: str(i) if i != n // 2 else "oops", lambda i: rng.choice(["1", "2.5"])]
    kind = rng.choice(kinds)
    share = rng.choice([0, 0, 0, 0.01, 0.3, 0.9, 1])
    return [None if rng.random() < share else kind(i) for i in range(n)]


def write_table(rng, path):
    n_rows, n_columns = rng.choice([1, 30, 31, 99, 100, 101, 500, 3000]), rng.randint(1, 8)
    names = [rng.choice(NAMES) + (str(i) if rng.random() < 0.8 else "") for i in range(n_columns)]
    columns = [column(rng, n_rows) for _ in range(n_columns)]
    delimiter = rng.choice([",", ",", ";", "\t"])
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter=delimiter, quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), lineterminator="\n")
        writer.writerow(names)
        for row in zip(*columns):
            writer.writerow(["" if v is None else v for v in row])
    return [] if delimiter == "," else ["--delimiter", delimiter]


def run(*command):
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def holds(sweepgate, path, options):
    """None when the property holds, and the number of rules; else what is wrong."""
    code, suite, said = run(sweepgate, "profile", path, *options)
    if code != 0:
        return ("profile: exit %d: %s" % (code, said), 0) if code not in (2, 3) or "sweepgate: " not in said else (None, 0)
    if run(sweepgate, "profile", path, *options)[1] != suite:
        return "two runs differ", 0
    with open("draft.yaml", "wb") as out:
        out.write(suite)
    code, document, said = run(sweepgate, "validate", path, "--suite", "draft.yaml", "--report", "json")
    if code not in (0, 1) or not document:
        return "validate: exit %d: %s" % (code, said), 0
    result = json.loads(document)["results"][0]
    for verdict in result["verdicts"]:
        if not verdict["success"]:
            return "not met: %s" % json.dumps({k: verdict[k] for k in ("expectation", "kwargs", "exception", "observed_value", "unexpected_count")}), 0
    if any(f["kind"] in ("type_error", "absent_column") for f in result["findings"]):
        return "declared types do not fit: %s" % result["findings"], 0
    return None, len(result["verdicts"])


def main():
    sweepgate, seed, tables, files = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    rng, bad, rules = random.Random(seed), 0, 0
    for i in range(tables):
        options = write_table(rng, "table.csv") + rng.choice([[], [], ["--min-rows", "1"]])
        wrong, n = holds(sweepgate, "table.csv", options)
        rules += n
        if wrong:
            bad += 1
            print("FAIL table %d of seed %d %s: %s" % (i, seed, options, wrong))
            subprocess.run(["cp", "table.csv", "failed.csv"], check=True)
    for path in files:
        for options in ([], ["--min-rows", "1"]):
            wrong, n = holds(sweepgate, path, options)
            rules += n
            if wrong:
                bad += 1
                print("FAIL %s %s: %s" % (path, options, wrong))
    print("%d rules drafted from %d tables and %d files" % (rules, tables, len(files)))
    return 1 if bad or rules == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
