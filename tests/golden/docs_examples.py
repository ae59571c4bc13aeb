#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the examples of docs/expectations.md over the data that stands there: docs_examples.py SWEEPGATE PAGE. The comment
behind an example is its verdict: "met", "not met", "not met: lines 3, 4" (of the failing rows), "cannot be judged"."""
import json
import re
import subprocess
import sys


def blocks(page, language):
    return re.findall(r"^```%s\n(.*?)^```$" % language, page, re.M | re.S)


def examples(page):
    """(the YAML, the verdict it claims)."""
    for block in blocks(page, "yaml"):
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            m = re.fullmatch(r"(- expect_\w+: \{.*\})   # (met|not met|not met: lines [0-9, ]+|cannot be judged)", line)
            if not m:
                sys.exit("no example, or no verdict behind it: %s" % line)
            yield m.group(1), m.group(2)


def said(verdict):
    if verdict["exception"]:
        return "cannot be judged"
    if verdict["success"]:
        return "met"
    lines = [f["line"] for f in verdict.get("failures", [])]
    return "not met: lines " + ", ".join(map(str, lines)) if lines else "not met"


def main():
    sweepgate, path = sys.argv[1:3]
    with open(path, encoding="utf-8") as file:
        page = file.read()
    (data,) = blocks(page, "csv")
    wanted = list(examples(page))
    with open("data.csv", "w", encoding="utf-8") as out:
        out.write(data)
    with open("suite.yaml", "w", encoding="utf-8") as out:
        out.write("suite: examples\nexpectations:\n" + "".join("  %s\n" % yaml for yaml, _ in wanted))
    done = subprocess.run([sweepgate, "validate", "data.csv", "--suite", "suite.yaml", "--report", "json"], capture_output=True,
                          text=True, timeout=60, check=False)
    if done.returncode != 1:
        sys.exit("exit %d: %s" % (done.returncode, done.stderr))
    bad = 0
    for (yaml, claim), verdict in zip(wanted, json.loads(done.stdout)["results"][0]["verdicts"], strict=True):
        if said(verdict) != claim:
            bad += 1
            print("FAIL %s\n     the page says '%s', the program '%s' (observed %s, exception %s)" % (yaml, claim, said(verdict), verdict["observed_value"], verdict["exception"]))
    print("%d examples, %d with another verdict" % (len(wanted), bad))
    return 1 if bad or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
