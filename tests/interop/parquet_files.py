# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of a parquet-testing collection against expected.json, which two other readers made: rows, nulls, least,
greatest and summed values, and where there are few rows all values; what is bad must be refused in one line.

    parquet_files.py ROWS FOLDER    ROWS: the program parquet_rows; FOLDER: with expected.json and the files
"""
import decimal
import json
import math
import os
import re
import struct
import subprocess
import sys

D = decimal.Decimal
decimal.getcontext().prec = 80

# What the specification says, where the other reader says otherwise.
REFUSED = {
    "data/datapage_v1-corrupt-checksum.parquet": "checksum",
    "data/large_string_map.brotli.parquet": "at most",
    "bad_data/ARROW-GH-45185.parquet": "repetition level 1",
}
# Of six timestamps one is 9089380393200000000 microseconds after 1970, in the year 290000; the other reader shows a year BC.
WRAPS = {"data/int96_from_spark.parquet"}
# Only one of the other readers takes it, and shows a map as an object.
OWN_SHAPE = {"data/map_no_value.parquet"}


def read(program, path):
    done = subprocess.run([program, path], capture_output=True, timeout=120, check=False)
    lines = done.stdout.decode("utf-8").split("\n")
    return done.returncode, lines


def plain(value):
    """Times without zone and trailing zeros; bytes of binary values."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d{4,}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(\+00(:00)?)?", value)
    if match:
        return f"{match[1]} {match[2]}{(match[3] or '').rstrip('0').rstrip('.')}"
    return value


def raw(value):
    if re.fullmatch(r"0x([0-9a-f]{2})*", value):
        return bytes.fromhex(value[2:])
    return value.encode()


def from_escapes(text):
    if text.startswith("hex:"):
        return bytes.fromhex(text[4:])
    return re.sub(rb"\\x([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), text.encode())


def same(ours, theirs, kind):
    if ours is None or theirs is None:
        return ours is theirs
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(same(a, b, kind) for a, b in zip(ours, theirs))
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(same(ours[k], theirs[k], kind) for k in theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, float) and math.isnan(ours):
        return theirs == "NaN" or (isinstance(theirs, float) and math.isnan(theirs))
    if isinstance(ours, (int, float, D)):
        return D(ours) == D(theirs) or math.isclose(float(ours), float(theirs), rel_tol=1e-15)
    if kind == "binary":
        return raw(ours) == from_escapes(theirs)
    return plain(ours) == plain(theirs)


def flatten(value, path, names, into):
    """A struct's members under dotted paths, those that are columns of their own here."""
    if path in names:
        into[path] = value
        return
    members = {n[len(path) + 1:].split(".")[0] for n in names if n.startswith(path + ".")}
    for member in members:
        flatten(value.get(member) if isinstance(value, dict) else None, f"{path}.{member}", names, into)


def cut(ours, theirs):
    """Long ones are given by their beginning."""
    if isinstance(ours, str) and theirs.endswith("..."):
        return ours[: len(theirs) - 3], theirs[:-3]
    return ours, theirs


def as_float(value):
    return struct.unpack("f", struct.pack("f", float(value)))[0]


class File:
    def __init__(self, name):
        self.name = name
        self.bad = []

    def expect(self, what, ours, theirs):
        if ours != theirs:
            self.bad.append(f"{what}: {ours!r}, not {theirs!r}")

    def column(self, c, kind, values):
        name, there = c["name"], [v for v in values if v is not None]
        numbers = [v for v in there if not isinstance(v, float) or not math.isnan(v)]
        self.expect(f"nulls of {name}", len(values) - len(there), c["nulls"])
        if self.name in WRAPS:
            return
        if "nan" in c:
            self.expect(f"NaN in {name}", len(there) - len(numbers), c["nan"])
        if "true" in c:
            self.expect(f"true in {name}", sum(v is True for v in there), c["true"])
        if "sum_of_lengths_bytes" in c:
            lengths = sum(len(raw(v) if kind == "binary" else v.encode()) for v in there)
            self.expect(f"lengths in {name}", lengths, int(c["sum_of_lengths_bytes"]))
        if "sum" in c and c["sum"] is not None:
            total = sum(D(v) for v in numbers)
            if not math.isclose(float(total), float(c["sum"]), rel_tol=1e-12, abs_tol=1e-9):
                self.bad.append(f"sum of {name}: {total}, not {c['sum']}")
        if "min" in c and c["min"] is not None and numbers:
            self.extremes(c, kind, numbers)
        if "distinct" in c:
            self.expect(f"distinct in {name}", len({D(v) if isinstance(v, float) else v for v in numbers}), c["distinct"])

    def extremes(self, c, kind, values):
        if kind == "binary":
            ours = min(map(raw, values)).hex().upper(), max(map(raw, values)).hex().upper()
            self.expect(f"least of {c['name']}", *cut(ours[0], c["min"]))
            self.expect(f"greatest of {c['name']}", *cut(ours[1], c["max"]))
        elif isinstance(values[0], bool):
            self.expect(f"extremes of {c['name']}", (str(min(values)).lower(), str(max(values)).lower()), (c["min"], c["max"]))
        else:
            key = (lambda v: v.encode()) if isinstance(values[0], str) else D
            for which, value in (("min", min(values, key=key)), ("max", max(values, key=key))):
                ours, theirs = cut(value, c[which])
                if c.get("duckdb_type") == "FLOAT":  # shown with the digits that a float needs
                    ours, theirs = as_float(ours), as_float(theirs)
                if not same(ours, theirs, kind):
                    self.bad.append(f"{which} of {c['name']}: {ours!r}, not {theirs!r}")

    def check(self, want, code, lines):
        why = lines[-2] if len(lines) > 1 else ""
        must_fail = REFUSED.get(self.name, None if "rows" in want else "")
        if must_fail is not None:
            if code == 0 or must_fail not in why or not re.match(r"[A-Z]+: .*" + re.escape(self.name), why):
                self.bad.append(f"must be refused in one line, got {code} {why!r}")
            return
        if code != 0:
            self.bad.append(f"refused: {why}")
            return
        kinds = dict(re.findall(r"(\S.*?):([a-z0-9_]+)(?:\(\d+,\d+\))?(?: |$)", lines[0]))
        rows = [json.loads(line, parse_float=lambda t: D(t) if len(t) > 17 else float(t))
                for line in lines[1:-1] if line.startswith("[")]
        self.expect("rows", len(rows), int(want["rows"]))
        names = list(kinds)
        for c in want["columns"]:
            if c["name"] in kinds and kinds[c["name"]] != "nested":
                self.column(c, kinds[c["name"]], [row[names.index(c["name"])] for row in rows])
            elif c["name"] in kinds:
                self.expect(f"nulls of {c['name']}", sum(r[names.index(c["name"])] is None for r in rows), c["nulls"])
        if self.name in WRAPS:
            self.expect("the last timestamp", rows[-1], ["290000-12-30T23:00:00"])
        if "values" in want and self.name not in WRAPS | OWN_SHAPE:
            self.values(want["values"], kinds, names, rows)

    def values(self, want, kinds, names, rows):
        for at, (ours, theirs) in enumerate(zip(rows, want)):
            flat = {}
            for key, value in theirs.items():
                flatten(value, key, names, flat)
            if set(flat) != set(names):
                self.bad.append(f"columns {sorted(set(flat) ^ set(names))}")
                return
            for name, value in zip(names, ours):
                if not same(value, flat[name], kinds[name]):
                    self.bad.append(f"row {at}, {name}: {value!r}, not {flat[name]!r}")


def main():
    program, folder = sys.argv[1:]
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as f:
        expected = json.load(f)
    failed = 0
    for name, want in expected.items():
        file = File(name)
        file.check(want, *read(program, os.path.join(folder, name)))
        for line in file.bad[:5]:
            print(f"FAIL {name}: {line}"[:300])
        failed += bool(file.bad)
    print(f"{len(expected) - failed} of {len(expected)} files as expected")
    return failed > 0 or not expected


sys.exit(main())
