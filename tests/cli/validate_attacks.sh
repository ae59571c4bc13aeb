#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reports over data and suites that mean harm: markup, workflow commands, control bytes, invalid UTF-8, values without end,
# and ten thousand expectations. What a report's reader would act on must not come through, and counts stay exact.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
checker="$SWEEPGATE_SOURCE/tests/cli/check_reports.py"
read_as() { # FORMAT FILE [NUMBER]
  python3 "$checker" "$@" || fail "$1 of $2"
}

python3 - <<'P'
evil = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; --", "a|b\\|c", "`code` **bold** [x](http://evil)",
        "@everyone #1 GH-2 www.evil.com https://evil.example/x", "::error file=a,line=1::owned", "%0A::warning::x", "x\r\n::error::y",
        "\x1b[2J\x07\x08", "\u202egnp.exe", "&lt;&amp;&#60;", "</table></main><!-- ", "]]>", "\x00nul", "a" * 200000, "$$x$$ ~~y~~", "", " "]
with open("data.csv", "wb") as out:
    out.write(b'id,"a<b>|`x` @you #7",plain\n')
    for i in range(200):
        value = evil[i % len(evil)].encode("utf-8", "surrogatepass") if i % 23 else b"\xff\xfe\xc3("
        out.write(b'%d,"%s",%d\n' % (i, value.replace(b'"', b'""'), i % 7))
P
cat >'suite "<b>|,: %0A.yaml' <<'Y'
suite: "<script>alert(2)</script> @all |"
csv: {null_values: []}
expectations:
  - expect_column_values_to_be_in_set: {column: "a<b>|`x` @you #7", value_set: ["<i>ok</i>", "%0A::error::z", "a\nb"], description: "<u>why</u> | @me"}
  - expect_column_values_to_match_regex: {column: "a<b>|`x` @you #7", regex: "^(?:</code>|`)$", severity: warning}
  - expect_column_value_lengths_to_be_between: {column: "a<b>|`x` @you #7", max_value: 3, severity: info}
  - expect_column_distinct_values_to_be_in_set: {column: "a<b>|`x` @you #7", value_set: ["<br>"]}
  - expect_column_values_to_be_unique: {column: "no </such> column"}
  - expect_column_values_to_be_between: {column: plain, min_value: 0, max_value: 3}
  - expect_table_columns_to_match_set: {column_set: ["<s>", "::error::"]}
  - expect_column_mean_to_be_between: {column: id, min_value: 0, max_value: 500}
Y
for level in SUMMARY COMPLETE; do
  check "hostile_$level" 1 validate data.csv --suite 'suite "<b>|,: %0A.yaml' --result-format $level --report html=o.html \
    --report markdown=o.md --report github=o.gh --report sarif=o.sarif --report junit=o.xml --report json=o.json
  read_as html o.html 8
  read_as markdown o.md
  read_as github o.gh
  read_as sarif o.sarif
  python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("o.xml")' || fail "junit is no XML"
  [ "$(wc -c <o.html)" -lt 200000 ] || fail "the page has $(wc -c <o.html) bytes"
done
grep -q '&lt;script&gt;alert(1)' o.html || fail "the page does not show the value"
grep -q '^::error file=suite "<b>|%2C%3A %250A.yaml,line=4,col=5,title=' o.gh || fail "the suite's name in a workflow command: $(head -2 o.gh)"
check hostile_profile 0 "$SWEEPGATE" profile data.csv -o p.yaml --report html=p.html --report json=p.json
read_as html p.html
python3 -c 'import json; json.load(open("p.json"))' || fail "the profile is no JSON"

# Ten thousand expectations on two hundred columns, two thirds of them failing.
python3 - <<'P'
columns = ["column_%03d" % i for i in range(200)]
with open("wide.csv", "w") as out:
    out.write(",".join(columns) + "\n")
    for row in range(60):
        out.write(",".join(str((row * 7 + i) % 11) for i in range(200)) + "\n")
with open("wide.yaml", "w") as out:
    out.write("suite: wide\nexpectations:\n")
    for i in range(10000):
        high = (3, 5, 20)[i % 3]
        out.write("  - expect_column_values_to_be_between: {column: %s, min_value: 0, max_value: %d, description: \"%s\"}\n"
                  % (columns[i % 200], high, "why " * 20))
P
check ten_thousand 1 validate wide.csv --suite wide.yaml --report html=w.html --report markdown=w.md --report github=w.gh --report sarif=w.sarif
read_as html w.html 10000
read_as markdown w.md 10000
read_as github w.gh 6667
read_as sarif w.sarif 6667
grep -q 'Left out, as a summary may have 1 MiB: ' w.md || fail "nothing was left out of the summary"
[ "$(wc -c <w.html)" -lt 20000000 ] || fail "the page has $(wc -c <w.html) bytes"

# Severities, and what --fail-on makes of them.
cat >kinds.yaml <<'Y'
suite: kinds
expectations:
  - expect_column_values_to_be_between: {column: plain, max_value: 1, severity: warning}
  - expect_column_values_to_be_between: {column: plain, max_value: 2, severity: info}
Y
printf 'plain\n1\n5\n' >kinds.csv
check warning_is_a_warning 0 validate kinds.csv --suite kinds.yaml --report github=k.gh --report sarif=k.sarif --report html=k.html
[ "$(cut -d' ' -f1 k.gh | tr '\n' ' ')" = '::warning ::notice ' ] || fail "kinds: $(cat k.gh)"
check fail_on_warning 1 validate kinds.csv --suite kinds.yaml --report github=k.gh --fail-on warning
[ "$(cut -d' ' -f1 k.gh | tr '\n' ' ')" = '::error ::notice ' ] || fail "with --fail-on warning: $(cat k.gh)"
check fail_on_info 1 validate kinds.csv --suite kinds.yaml --report github=k.gh --fail-on info
[ "$(cut -d' ' -f1 k.gh | tr '\n' ' ')" = '::error ::error ' ] || fail "with --fail-on info: $(cat k.gh)"
end
