#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports as their readers take them: an HTML parser, a splitter of Markdown tables, GitHub's reader of workflow commands,
and what the SARIF 2.1.0 schema asks for. Used by tests/cli and tests/golden: check_reports.py FORMAT FILE [NUMBER]."""
import html.parser
import json
import re
import sys
import urllib.parse

TAGS = set("html head meta title style body main h1 h2 h3 p span div section ul li dl dt dd table tr th td code a svg line rect i br".split())
VOID = {"meta", "br", "line"}
ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "id", "class", "href", "style", "viewbox", "role", "aria-label",
              "x1", "x2", "y1", "y2", "x", "y", "width", "height"}


def no_control_bytes(text):
    bad = re.search("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]", text)
    assert not bad, "a control character or a mark that turns the text: %r" % bad.group(0)


class Page(html.parser.HTMLParser):
    """Refuses what our pages have no use for: what is not on the lists came out of the data."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.verdicts = [], set(), [], 0

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, "element <%s>" % tag
        for name, value in attrs:
            assert name in ATTRIBUTES, "attribute %s" % name
            if name == "href":
                assert value.startswith("#"), "link to %s" % value
                self.links.append(value[1:])
            if name == "id":
                assert re.fullmatch(r"d\d+(e\d+)?", value), value
                self.ids.add(value)
                self.verdicts += "e" in value
            if name == "style":
                assert re.fullmatch(r"width:[0-9.]+%", value), value
            if name in ("src", "xmlns"):
                raise AssertionError("external resource")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID, "<%s/>" % tag
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, "</%s> closes nothing" % tag

    def handle_comment(self, data):
        raise AssertionError("a comment")


def check_html(text):
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open, "not closed: %s" % page.open
    assert set(page.links) <= page.ids, "a link leads nowhere"
    assert "default-src 'none'" in text and "url(" not in text and "@import" not in text
    no_control_bytes(text)
    return page.verdicts


def check_markdown(text):
    assert len(text.encode()) <= 1 << 20, "more than 1 MiB"
    no_control_bytes(text)
    rows = 0
    for line in text.split("\n"):
        if line.startswith("|"):
            assert line.count("|") == 5, "a table row of other than four cells: %s" % line[:200]
            rows += not line.startswith("| | ") and not line.startswith("|---")
        bare = re.sub(r"</?(code|br|details|summary)>", "", line)
        assert "<" not in bare, "markup: %s" % line[:200]
        assert not re.search(r"(^|[^&])#\d|\]\(|[^\d;]@|`|https?://|www\.", re.sub(r"^### ", "", bare)), line[:200]
    left_out = re.search(r"Left out, as a summary may have 1 MiB: (.*)\.\*\*", text)
    return rows + sum(int(n.replace(",", "")) for n in re.findall(r"([\d,]+) (?:failed|expectations that)", left_out.group(1) if left_out else ""))


def check_github(text):
    no_control_bytes(text)
    count, told = {}, 0
    for line in text.splitlines():
        m = re.fullmatch(r"::(error|warning|notice) ((?:[a-z]+=[^,:]*,?)+)::(.*)", line)
        assert m, "no command: %s" % line[:200]
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", m.group(2) + m.group(3)), "an escape that the runner does not know"
        count[m.group(1)] = count.get(m.group(1), 0) + 1
        title = re.search(r"title=(\d+) more$", m.group(2))
        told += int(title.group(1)) if title else 1
        properties = dict(p.split("=", 1) for p in m.group(2).split(",") if p)
        assert ("line" not in properties) or int(properties["line"]) >= 1
    assert all(n <= 10 for n in count.values()) and sum(count.values()) <= 50, count
    return told


def check_sarif(text):
    """The required properties, types and enumerations of the schema that our documents touch."""
    def strict(token):
        raise AssertionError(token)
    log = json.loads(text, parse_constant=strict)
    assert log["version"] == "2.1.0" and log["$schema"].startswith("https://")
    assert set(log) <= {"$schema", "version", "runs"}
    total = 0
    for run in log["runs"]:
        assert set(run) <= {"tool", "results", "invocations", "columnKind"}
        assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
        rules = run["tool"]["driver"]["rules"]
        assert run["tool"]["driver"]["name"]
        assert len({rule["id"] for rule in rules}) == len(rules), "a rule occurs twice"
        assert all(rule["shortDescription"]["text"] for rule in rules)
        assert len(run["results"]) <= 5000
        for result in run["results"]:
            assert set(result) <= {"ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "partialFingerprints", "properties"}
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in ("none", "note", "warning", "error") and result["message"]["text"]
            assert len(result["locations"]) == 1
            assert all(isinstance(v, str) for v in result["partialFingerprints"].values())
            ids = [place["id"] for place in result["relatedLocations"]]
            assert len(set(ids)) == len(ids) and all(i >= 0 for i in ids)
            for place in result["locations"] + result["relatedLocations"]:
                physical = place["physicalLocation"]
                uri = physical["artifactLocation"]["uri"]
                assert re.fullmatch(r"(file:///)?[A-Za-z0-9\-._~/%]+", uri), uri
                assert urllib.parse.urlparse(uri).scheme in ("", "file")
                region = physical.get("region", {"startLine": 1})
                assert region["startLine"] >= 1 and region.get("startColumn", 1) >= 1
        total += len(run["results"])
        for invocation in run["invocations"]:
            assert isinstance(invocation["executionSuccessful"], bool)
            for said in invocation.get("toolExecutionNotifications", []):
                total += int(said["message"]["text"].split()[0])
    return total


def main():
    kind, path = sys.argv[1:3]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = {"html": check_html, "markdown": check_markdown, "github": check_github, "sarif": check_sarif}[kind](text)
    if len(sys.argv) > 3 and found != int(sys.argv[3]):
        sys.exit("%s tells of %d, wanted %s" % (path, found, sys.argv[3]))


if __name__ == "__main__":
    main()
