# SPDX-License-Identifier: GPL-3.0-or-later
"""Other people's CSV files: our records against those of csv-spectrum, Papa Parse's test table, and DuckDB's test data.

usage: csv_corpora.py TOOL FOLDER   (TOOL: csv_records; FOLDER: the shared csv-testing)
Exit 1 when a file disagrees that is not listed below with its reason, or is listed and agrees."""
import json
import os
import subprocess
import sys
import tempfile

TOOL, BASE = sys.argv[1], sys.argv[2]

# Where another record is read, and why. Malformed inputs are not listed: there a finding is asked for.
EXCEPTIONS = {
    ("csv-spectrum", "location_coordinates"): "its JSON is one object, with another telephone number than its CSV",
    ("papaparse", "core-060"): "names that are there twice are renamed in the records; ours are renamed in the schema",
    ("papaparse", "core-062"): "names that are there twice are renamed in the records; ours are renamed in the schema",
    ("papaparse", "core-063"): "names that are there twice are renamed in the records; ours are renamed in the schema",
    ("papaparse", "parse-006"): "blanks behind a closing quote are dropped; ours are kept, with a finding",
    ("papaparse", "parse-007"): "blanks behind a closing quote are dropped; ours are kept, with a finding",
    ("papaparse", "parse-091"): "blanks behind a closing quote are dropped; ours are kept, with a finding",
    ("papaparse", "parse-068"): "its delimiter is guessed",
    ("papaparse", "parse-070"): "its delimiter is guessed",
    ("papaparse", "parse-090"): "skipEmptyLines: greedy also skips a line of delimiters",
    ("duckdb", "csv_quoted_newline_odd.csv"): "its dialect skips records, not lines",
}
counts, wrong = {}, []


def read(data, delimiter=",", quote='"', encoding="utf-8"):
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(data)
        file.flush()
        done = subprocess.run([TOOL, file.name, delimiter, quote, encoding], capture_output=True, timeout=60)
    if done.returncode:
        return {"error": done.stderr.decode().strip()}
    return json.loads(done.stdout)


def count(corpus, outcome):
    counts.setdefault(corpus, {}).setdefault(outcome, 0)
    counts[corpus][outcome] += 1


def judge(corpus, name, good, detail):
    listed = (corpus, name) in EXCEPTIONS
    if good and not listed:
        count(corpus, "agree")
    elif not good and listed:
        count(corpus, "differ for a listed reason")
        print(f"  {corpus} {name}: {EXCEPTIONS[corpus, name]}")
    else:
        count(corpus, "WRONG")
        wrong.append(f"{corpus} {name}: {'listed, but it agrees' if good else detail}")


def difference(got, expected):
    if "error" in got:
        return got["error"]
    for i, (a, b) in enumerate(zip(got["records"], expected)):
        if a != b:
            return f"record {i}: got {a!r}, expected {b!r}"
    return f"got {len(got['records'])} records, expected {len(expected)}"


def check_records(corpus, name, got, expected):
    good = got.get("records") == expected and got["rows"] == len(expected)
    judge(corpus, name, good, difference(got, expected))


def spectrum():
    folder = os.path.join(BASE, "csv-spectrum")
    for file in sorted(os.listdir(os.path.join(folder, "csvs"))):
        name = file.removesuffix(".csv")
        with open(os.path.join(folder, "json", name + ".json"), encoding="utf-8") as f:
            objects = json.load(f)
        with open(os.path.join(folder, "csvs", file), "rb") as f:
            got = read(f.read())
        records = got.get("records", [])
        made = [dict(zip(records[0], record)) for record in records[1:]]
        judge("csv-spectrum", name, made == objects, f"got {made!r}, expected {objects!r}")


PAPA_INEXPRESSIBLE = ("dynamicTyping", "comments", "preview", "skipFirstNLines")


def papa_reason(config):
    """Why a case cannot be said with a delimiter, a quote and a header, or None."""
    for key in PAPA_INEXPRESSIBLE:
        if config.get(key):
            return key
    quote = config.get("quoteChar", '"')
    if config.get("escapeChar", quote) != quote:
        return "escape other than the quote"
    for key in ("delimiter", "quoteChar"):
        if len(str(config.get(key, ","))) != 1 or config.get(key) in ("\n", "\r", True, False):
            return f"no single-character {key}"
    if config.get("newline") not in (None, "\n", "\r", "\r\n"):
        return "line end other than LF, CR, CRLF"
    return None


def papa_rows(case, got):
    """Both sides as rows of text; with a header, objects become rows. Blank lines are skipped by us."""
    expected, records = case["expected"]["data"], got["records"]
    if case.get("config", {}).get("header"):
        header = records[0] if records else []
        records = [dict(zip(header, r)) | ({"__parsed_extra": r[len(header):]} if len(r) > len(header) else {})
                   for r in records[1:]]
        return expected, records
    return [row for row in expected if "".join(row).strip() or len(row) > 1], records


QUOTE_FINDINGS = ("stray_quote", "unclosed_quote")


def papaparse():
    with open(os.path.join(BASE, "papaparse", "cases.json"), encoding="utf-8") as f:
        cases = json.load(f)
    for case in cases:
        config = case.get("config", {})
        reason = papa_reason(config)
        if reason:
            count("papaparse", "not expressible: " + reason)
            continue
        delimiter = config.get("delimiter") or case["expected"].get("meta", {}).get("delimiter") or ","
        got = read(case["input"].encode(), delimiter, config.get("quoteChar", '"'))
        name = case["id"]
        if "error" in got:
            judge("papaparse", name, False, got["error"])
            continue
        errors = {e["type"] + "." + e["code"] for e in case["expected"].get("errors", [])}
        quotes = [e for e in errors if e.startswith("Quotes.")]
        ragged = [e for e in errors if e.startswith("FieldMismatch.")]
        if quotes:
            found = any(got["findings"][code] for code in QUOTE_FINDINGS)
            count("papaparse", "malformed, and found so" if found else "WRONG")
            if not found:
                wrong.append(f"papaparse {name}: malformed quotes without a finding")
            continue
        if ragged and not got["findings"]["ragged_row"]:
            judge("papaparse", name, False, "ragged without a finding")
            continue
        expected, made = papa_rows(case, got)
        judge("papaparse", name, expected == made, f"{case['input']!r}: got {made!r}, expected {expected!r}")


def plain(value, default):
    return default if value in (None, "(empty)") else value


def duckdb_reason(entry):
    if entry.get("two_readers") != "agree":
        return "the two readers do not agree"
    if "records" not in entry:
        return "no records given"
    dialect = entry["duckdb_dialect"]
    if plain(dialect.get("comment"), ""):
        return "comments"
    if plain(dialect["escape"], plain(dialect["quote"], '"')) != plain(dialect["quote"], '"'):
        return "escape other than the quote"
    if len(dialect["delimiter"].encode()) != 1:
        return "delimiter of several bytes"
    return None


def without_lines(data, n):
    for _ in range(n):
        ends = [i for i in (data.find(b"\n"), data.find(b"\r")) if i >= 0]
        end = min(ends) if ends else len(data) - 1
        data = data[end + (2 if data[end:end + 2] == b"\r\n" else 1):]
    return data


def duckdb():
    with open(os.path.join(BASE, "duckdb", "expected.json"), encoding="utf-8") as f:
        entries = json.load(f)
    for name, entry in entries.items():
        reason = duckdb_reason(entry)
        if reason:
            count("duckdb", "not compared: " + reason)
            continue
        dialect = entry["duckdb_dialect"]
        with open(os.path.join(BASE, "duckdb", name), "rb") as f:
            data = without_lines(f.read(), dialect["skip"])
        # no quote at all is said with one that no text has
        got = read(data, dialect["delimiter"], plain(dialect["quote"], "\x01"))
        check_records("duckdb", name, got, entry["records"])


spectrum()
papaparse()
duckdb()
for corpus, outcomes in counts.items():
    print(f"{corpus}: " + "; ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items())))
for line in wrong:
    print("WRONG " + line)
sys.exit(1 if wrong else 0)
