# SPDX-License-Identifier: GPL-3.0-or-later
"""The validation tests of CSV on the Web that a suite can express: their metadata becomes a suite, their verdict must be ours.

usage: csvw.py SWEEPGATE FOLDER   (FOLDER: the shared csv-testing/csvw)
Exit 1 when a verdict differs that is not listed below with its reason, or is listed and agrees."""
import json
import os
import re
import subprocess
import sys
import tempfile

SWEEPGATE, BASE = sys.argv[1], sys.argv[2]

# Bad by a rule of the metadata's own vocabulary (what @id, @type, @value, names and languages may be), while the data are good.
ABOUT_METADATA = """078 080 081 083 084 085 088 128 134 135 137 139 140 141 143 144 146 148 243 244 267 274""".split()

# Their suite is refused before there are data: bounds the wrong way round, a title that is a number.
REFUSED = ("test111", "test218", "test220")

# Verdicts that differ from ours, and why.
EXCEPTIONS = {}

INTEGERS = {
    "integer": (None, None), "long": (-2**63, 2**63 - 1), "int": (-2**31, 2**31 - 1), "short": (-2**15, 2**15 - 1),
    "byte": (-128, 127), "nonNegativeInteger": (0, None), "positiveInteger": (1, None), "unsignedLong": (0, None),
    "unsignedInt": (0, 2**32 - 1), "unsignedShort": (0, 2**16 - 1), "unsignedByte": (0, 255),
    "nonPositiveInteger": (None, 0), "negativeInteger": (None, -1)}
ZONE = r"(Z|[+-]\d\d:\d\d)?"
DATE, TIME = r"-?\d{4,}-\d\d-\d\d", r"\d\d:\d\d:\d\d(\.\d+)?"
LEXICAL = {  # XML Schema part 2: what the text of a value may be
    "number": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|NaN|-?INF", "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "boolean": "true|false|1|0", "date": DATE + ZONE, "time": TIME + ZONE, "dateTime": f"{DATE}T{TIME}{ZONE}",
    "dateTimeStamp": f"{DATE}T{TIME}{ZONE[:-1]}", "gDay": "---[0-3][0-9]" + ZONE, "gMonth": r"--[01]\d" + ZONE,
    "gMonthDay": r"--[01]\d-[0-3]\d" + ZONE, "gYear": r"-?\d{4,}" + ZONE, "gYearMonth": r"-?\d{4,}-[01]\d" + ZONE,
    "duration": r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?",
    "dayTimeDuration": r"-?P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?",
    "yearMonthDuration": r"-?P(?=.)(\d+Y)?(\d+M)?", "hexBinary": r"([0-9a-fA-F]{2})*"}
for alias, name in {"double": "number", "float": "number", "datetime": "dateTime"}.items():
    LEXICAL[alias] = LEXICAL[name]
NUMBERS = ("number", "decimal", "double", "float", *INTEGERS)
TEXTS = ("string", "token", "normalizedString", "NMTOKEN", "Name", "language", "anyAtomicType", "any", "html", "xml", "json",
         "anyURI", "QName", "base64Binary")
FIELDS = [("yyyy", r"\d{4}"), ("SSS", r"\d{1,3}"), ("SS", r"\d{1,2}"), ("S", r"\d"), ("MM", r"(0[1-9]|1[0-2])"),
          ("M", r"([1-9]|1[0-2])"), ("dd", r"(0[1-9]|[12]\d|3[01])"), ("d", r"([1-9]|[12]\d|3[01])"), ("HH", r"([01]\d|2[0-3])"),
          ("mm", r"[0-5]\d"), ("ss", r"[0-5]\d"), ("XXX", r"(Z|[+-]\d\d:\d\d)"), ("XX", r"(Z|[+-]\d{4})"),
          ("X", r"(Z|[+-]\d\d(\d\d)?)"), ("xxx", r"[+-]\d\d:\d\d"), ("xx", r"[+-]\d{4}"), ("x", r"[+-]\d\d(\d\d)?")]
LENGTHS = {"length": ("min_value", "max_value"), "minLength": ("min_value",), "maxLength": ("max_value",)}
BOUNDS = {"minimum": ("min_value", False), "minInclusive": ("min_value", False), "minExclusive": ("min_value", True),
          "maximum": ("max_value", False), "maxInclusive": ("max_value", False), "maxExclusive": ("max_value", True)}


class Inexpressible(Exception):
    pass


def date_regex(form):
    """UAX 35's date fields, which the CSVW formats are made of, as a regular expression."""
    out = ""
    while form:
        for field, regex in FIELDS:
            if form.startswith(field):
                out, form = out + regex, form[len(field):]
                break
        else:
            out, form = out + re.escape(form[0]), form[1:]
    return out


def grouped(digits, group):
    """A regular expression of the integer part of a number pattern: digits that must be there, groups from the right."""
    sizes = [len(part) for part in digits.split(",")]
    least = digits.count("0")
    if len(sizes) == 1:
        return r"\d{%d,}" % least
    primary, secondary = sizes[-1], sizes[-2] if len(sizes) > 2 else sizes[-1]
    shapes = []
    for n in range(max(least, 1), 19):  # every number of digits has one way of being grouped
        parts, rest = [min(n, primary)], n - primary
        while rest > 0:
            parts.insert(0, min(rest, secondary))
            rest -= secondary
        shapes.append(re.escape(group).join(r"\d{%d}" % k for k in parts))
    return "(" + "|".join(shapes) + ")"


def number_regex(pattern, point=".", group=","):
    """UAX 35's number pattern."""
    found = re.fullmatch(r"([+-]?)([#0,]*)(?:\.([0#,]+))?(?:E([+-]?)(0+))?([%\u2030]?)", pattern)
    if not found:
        raise Inexpressible("a number pattern that is wrong")
    sign, whole, fraction, plus, exponent, per = found.groups()
    out = ("[+-]" if sign else "[+-]?") + grouped(whole or "#", group)
    if fraction:
        groups = fraction.split(",")
        if len(groups) > 1:
            least, most = fraction.count("0"), len(fraction.replace(",", ""))
            ways = []
            for n in range(max(least, 1), most + 1):
                text, left = "", n
                for part in groups:
                    take = min(left, len(part))
                    text += (re.escape(group) if text and take else "") + (r"\d{%d}" % take if take else "")
                    left -= take
                ways.append(text)
            tail = "(" + "|".join(ways) + ")"
        else:
            tail = r"\d{%d,%d}" % (max(1, fraction.count("0")), len(fraction))
        out += re.escape(point) + tail if "0" in fraction else f"({re.escape(point)}{tail})?"
    if exponent:
        out += "E" + ("[+-]" if plus else "-?") + r"\d{%d,}" % len(exponent)
    return out + per


def text_regex(base, form):
    if base == "boolean" and isinstance(form, str):
        return "|".join(re.escape(part) for part in form.split("|"))
    if form and (base in TEXTS or "uration" in base):
        return form
    if isinstance(form, dict) and base not in NUMBERS:
        raise Inexpressible("metadata that is wrong")
    if form and base in ("date", "time", "dateTime", "datetime", "dateTimeStamp"):
        return date_regex(form)
    if form:
        rule = form if isinstance(form, dict) else {"pattern": form}
        point, group = rule.get("decimalChar", "."), rule.get("groupChar", ",")
        if "pattern" in rule:
            return number_regex(rule["pattern"], point, group)
        return r"[+-]?[\d%s]+(%s\d+)?([eE][+-]?\d+)?[%%\u2030]?" % (re.escape(group), re.escape(point))
    return LEXICAL.get(base)


def column_rules(name, column, out, types):
    """The expectations of one column, appended to `out`; its declared type into `types`."""
    datatype = column.get("datatype", "string")
    datatype = datatype if isinstance(datatype, dict) else {"base": datatype}
    base, form = datatype.get("base", "string"), datatype.get("format")
    if "separator" in column:
        raise Inexpressible("a list in a cell")
    if base not in INTEGERS and base not in LEXICAL and base not in TEXTS:
        raise Inexpressible("metadata that is wrong")
    types[name] = "string"
    if column.get("required") is True:
        out.append({"expect_column_values_to_not_be_null": {"column": name}})
    bounds = {BOUNDS[key][0]: datatype[key] for key in BOUNDS if key in datatype}
    strict = {"strict_" + BOUNDS[key][0][:3]: True for key in BOUNDS if key in datatype and BOUNDS[key][1]}
    if base in INTEGERS and not form:
        types[name] = "int64"
        low, high = INTEGERS[base]
        limits = {key: value for key, value in (("min_value", low), ("max_value", high)) if value is not None}
        if limits:
            out.append({"expect_column_values_to_be_between": {"column": name, **limits}})
    elif bounds:
        types[name] = "date" if base == "date" else "double"
    elif text_regex(base, form):
        out.append({"expect_column_values_to_match_regex": {"column": name, "regex": f"^(?:{text_regex(base, form)})$"}})
    if bounds:
        if base in TEXTS or base == "boolean":
            raise Inexpressible("metadata that is wrong")
        out.append({"expect_column_values_to_be_between": {"column": name, **bounds, **strict}})
    lengths = {end: datatype[key] for key in LENGTHS if key in datatype for end in LENGTHS[key]}
    if lengths and "inary" in base:
        raise Inexpressible("a length of what the text encodes")
    if lengths:
        out.append({"expect_column_value_lengths_to_be_between": {"column": name, **lengths}})


def title_of(column):
    titles = column.get("titles", column.get("name"))
    if isinstance(titles, dict):
        titles = next(iter(titles.values()))
    return titles[0] if isinstance(titles, list) else titles


def key_rule(key, names):
    key = [names[k] for k in ([key] if isinstance(key, str) else key)]
    if len(key) == 1:
        return {"expect_column_values_to_be_unique": {"column": key[0]}}
    return {"expect_compound_columns_to_be_unique": {"column_list": key}}


def suite_of(table, group):
    """The suite that says what the schema says."""
    schema = table.get("tableSchema")
    if not isinstance(schema, dict) or not isinstance(schema.get("columns"), list):
        raise Inexpressible("no schema, or by reference")
    if "foreignKeys" in schema:
        raise Inexpressible("keys of other tables")
    inherited = {key: place[key] for place in (group, table, schema) for key in ("null", "required", "datatype", "separator")
                 if key in place}
    rules, types, nulls, names = [], {}, set(), {}
    columns = [c for c in schema["columns"] if not c.get("virtual")]
    if not all(title_of(c) for c in columns):
        raise Inexpressible("columns without titles")
    dialect = {**group.get("dialect", {}), **table.get("dialect", {})}
    csv = {"header": dialect.get("header", True)}
    titles = [title_of(c) if csv["header"] else str(i) for i, c in enumerate(columns)]
    for title, column in zip(titles, columns):
        column = {**inherited, **column}
        names[column.get("name", title)] = title
        null = column.get("null", "")
        nulls.add(tuple(null) if isinstance(null, list) else (null,))
        column_rules(title, column, rules, types)
    if len(nulls) > 1:
        raise Inexpressible("nulls that differ by column")
    csv["null_values"] = list(nulls.pop()) if nulls else [""]
    for theirs, ours in (("delimiter", "delimiter"), ("quoteChar", "quote"), ("encoding", "encoding")):
        if theirs in dialect:
            csv[ours] = dialect[theirs]
    if any(key in dialect for key in ("skipRows", "skipColumns", "commentPrefix", "headerRowCount", "doubleQuote", "trim")):
        raise Inexpressible("a dialect of more than delimiter, quote, header and encoding")
    rules.insert(0, {"expect_table_columns_to_match_ordered_list": {"column_list": titles}})
    if "primaryKey" in schema:
        rules.append(key_rule(schema["primaryKey"], names))
    return {"suite": "csvw", "csv": csv, "columns": types, "expectations": rules}


def metadata_of(case):
    """The metadata that a case is about: what it starts from, or the one file beside its CSV."""
    files = [f for f in [case["action"]] + case.get("files", []) if f.endswith(".json")]
    if len(files) != 1:
        raise Inexpressible("no metadata, or several that compete")
    path = os.path.join(BASE, "tests", files[0])
    try:
        with open(path, encoding="utf-8") as f:
            metadata = json.load(f)
    except ValueError:
        raise Inexpressible("metadata that is wrong") from None
    return path, metadata


def validate(data, suite, *options):
    return subprocess.run([SWEEPGATE, "validate", data, "--suite", suite, *options], capture_output=True, text=True, timeout=60)


def verdict(case):
    """'good' or 'bad' by our program, over all tables of the case."""
    path, metadata = metadata_of(case)
    tables = metadata.get("tables", [metadata])
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise Inexpressible("metadata that is wrong")
    bad = False
    for table in tables:
        data = os.path.join(os.path.dirname(path), str(table.get("url", "")))
        if not os.path.isfile(data):
            raise Inexpressible("data that are not here")
        with tempfile.NamedTemporaryFile("w", suffix=".suite.json") as suite:
            json.dump(suite_of(table, metadata), suite)
            suite.flush()
            plain, strict = (validate(data, suite.name, *options) for options in ((), ("--strict-suite",)))
        if plain.returncode == 2 and case["id"] in REFUSED:
            return "bad"
        if plain.returncode not in (0, 1) or strict.returncode not in (0, 1, 2):
            return f"exit codes {plain.returncode}, {strict.returncode}: {plain.stderr.strip()}"
        bad |= plain.returncode == 1 or strict.returncode == 2  # 2: bounds that no value meets are wrong before there are data
    return "bad" if bad else "good"


def main():
    with open(os.path.join(BASE, "manifest.json"), encoding="utf-8") as f:
        cases = json.load(f)
    counts, wrong = {}, []
    for case in cases:
        name = case["id"]
        try:
            if case["kind"] == "warning" or name.removeprefix("test") in ABOUT_METADATA:
                raise Inexpressible("about the metadata alone")
            got = verdict(case)
        except Inexpressible as why:
            outcome = f"not expressible: {why}"
        else:
            agrees = got == ("good" if case["kind"] == "positive" else "bad")
            outcome = "agree" if agrees else "differ for a listed reason"
            if agrees == (name in EXCEPTIONS):
                wrong.append(f"{name} ({case['name']}): {'listed, but it agrees' if agrees else got}")
        counts[outcome] = counts.get(outcome, 0) + 1
    for outcome, n in sorted(counts.items()):
        print(f"csvw: {n} {outcome}")
    for line in wrong:
        print("WRONG " + line)
    return 1 if wrong else 0


sys.exit(main())
