# SPDX-License-Identifier: GPL-3.0-or-later
"""What `csv: auto` finds in the CSV collections. DuckDB's files: against its own sniffer, where that found more than one
column and nothing that our dialect has not (comments, skipped lines). csv-spectrum and CSVW: all are comma-separated.

usage: csv_sniff.py SWEEPGATE FOLDER
Prints a table; exit 1 when a file differs that is not listed below, or is listed and agrees."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM, BASE = sys.argv[1], sys.argv[2]

# Where we differ, and why.
EXCEPTIONS = {
    ("duckdb", "test/force_not_null.csv"): "its first record begins with a number, as the others do; DuckDB takes it for the header",
    ("duckdb", "test/force_not_null_inull.csv"): "the same",
}
FOUND = re.compile(r"delimiter ('.'|a tab|a blank|0x..), quote (.), (with|without) a header, (\d+) field")
suite = tempfile.NamedTemporaryFile("w", suffix=".yaml")
suite.write("csv: auto\nexpectations: [expect_table_row_count_to_be_between: {min_value: 0}]\n")
suite.flush()
counts, wrong = {}, []


def sniff(path):
    done = subprocess.run([PROGRAM, "validate", path, "--suite", suite.name, "--report", "json"], capture_output=True, timeout=60)
    if done.returncode not in (0, 1):
        return None, done.stderr.decode().strip()
    result = json.loads(done.stdout)["results"][0]
    told = [e["message"] for f in result["findings"] if f["kind"] == "dialect" for e in f["examples"]]
    match = FOUND.search(told[0]) if told else None
    if not match:
        return None, "nothing found"
    mark = {"a tab": "\t", "a blank": " "}.get(match[1], match[1].strip("'") or "'")
    return {"delimiter": mark, "quote": match[2], "header": match[3] == "with", "columns": int(match[4])}, told[0]


def judge(corpus, name, path, expected):
    got, told = sniff(path)
    off = [f"{k} {got[k]!r}, not {v!r}" for k, v in expected.items() if got[k] != v] if got else [told]
    listed = (corpus, name) in EXCEPTIONS
    outcome = "agree" if not off else "differ, listed" if listed else "DIFFER"
    counts.setdefault(corpus, {}).setdefault(outcome, 0)
    counts[corpus][outcome] += 1
    if off or listed:
        print(f"  {corpus} {name}: {'; '.join(off) or 'listed, but it agrees'}{' (' + EXCEPTIONS[corpus, name] + ')' if listed else ''}")
    if bool(off) != listed:
        wrong.append(name)


for path in sorted(glob.glob(f"{BASE}/csv-spectrum/csvs/*.csv")):
    judge("csv-spectrum", os.path.basename(path), path, {"delimiter": ",", "quote": '"', "header": True})
for path in sorted(glob.glob(f"{BASE}/csvw/tests/*.csv")):
    first = open(path, "rb").readline()
    if first.count(b",") and first.count(b",") >= first.count(b";"):
        judge("csvw", os.path.basename(path), path, {"delimiter": ","})
for name, facts in sorted(json.load(open(f"{BASE}/duckdb/expected.json")).items()):
    dialect = facts.get("duckdb_dialect")
    path = f"{BASE}/duckdb/{name}"
    if not dialect or len(dialect["columns"]) < 2 or dialect["skip"] or dialect["comment"] != "(empty)" or not os.path.exists(path):
        continue
    if len(dialect["delimiter"]) != 1:
        continue
    expected = {"delimiter": dialect["delimiter"], "header": dialect["header"]}
    if len(dialect["quote"]) == 1:
        expected["quote"] = dialect["quote"]
    judge("duckdb", name, path, expected)
for corpus, n in counts.items():
    print(f"{corpus}: {', '.join(f'{v} {k}' for k, v in n.items())}")
sys.exit(1 if wrong else 0)
