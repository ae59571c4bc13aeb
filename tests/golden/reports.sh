#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each folder of tests/golden/validate is a run of `sweepgate validate` over its *.csv files, with its `options`; its reports must be the
# expected ones, times and version aside. SWEEPGATE_UPDATE=1 writes them anew (then read the difference).
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
bad=0

normalise() {
  sed -E -e 's/ in [0-9.]+ (ns|us|ms|s)$/ in TIME/' -e 's/"(started|run_time|validation_time)": "[^"]*"/"\1": "TIME"/g' \
    -e 's/"seconds": [0-9.e-]+/"seconds": 0/' -e 's/"sweepgate_version": "[^"]*"/"sweepgate_version": "VERSION"/' \
    -e 's/ time="[0-9.]+"/ time="0"/' -e 's/timestamp="[^"]*"/timestamp="TIME"/' \
    -e 's/; [0-9.]+ (ns|us|ms|s)\.$/; TIME./' -e 's/(<dt>(took|started \(UTC\))<\/dt><dd>)[^<]*/\1TIME/' \
    -e 's/^( *)"version": "[0-9]+\.[0-9]+\.[0-9]+",$/\1"version": "VERSION",/' -e 's/(content="|>)sweepgate [0-9.]+/\1sweepgate VERSION/' \
    -e 's/name="sweepgate_version" value="[^"]*"/name="sweepgate_version" value="VERSION"/'
}

for folder in "$SWEEPGATE_SOURCE"/tests/golden/validate/*/; do
  name=$(basename "$folder")
  cd "$folder" || exit 1
  read -ra more < <(cat options 2>/dev/null) # such as --each
  "$SWEEPGATE" validate ./*.csv "${more[@]}" --suite suite.* --report text="$work/text" --report json="$work/json" \
    --report gx="$work/gx" --report junit="$work/junit" --report markdown="$work/markdown" --report github="$work/github" \
    --report sarif="$work/sarif" --report html="$work/html" >"$work/out" 2>&1
  code=$?
  [ -s "$work/out" ] && { echo "$name: said: $(cat "$work/out")"; bad=1; }
  echo "exit $code" >>"$work/text"
  for format in text json gx junit markdown github sarif html; do
    normalise <"$work/$format" >"$work/seen"
    if [ "${SWEEPGATE_UPDATE:-}" = 1 ]; then
      cp "$work/seen" "expected.$format"
    elif ! diff -u "expected.$format" "$work/seen"; then
      echo "FAIL $name $format"
      bad=1
    fi
  done
  for format in markdown github sarif html; do
    python3 "$SWEEPGATE_SOURCE/tests/cli/check_reports.py" $format "$work/$format" || { echo "FAIL $name $format: not well formed"; bad=1; }
  done
  python3 - "$work" <<'PY' || { echo "FAIL $name: not well formed"; bad=1; }
import json, sys, xml.dom.minidom
def strict(token):
    raise ValueError(token)
json.load(open(sys.argv[1] + "/json", encoding="utf-8"), parse_constant=strict)
json.load(open(sys.argv[1] + "/gx", encoding="utf-8"))
suites = xml.dom.minidom.parse(sys.argv[1] + "/junit").documentElement
for suite in suites.getElementsByTagName("testsuite"):
    cases = suite.getElementsByTagName("testcase")
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.getAttribute(attribute)) == len(suite.getElementsByTagName(tag)), attribute
    assert int(suite.getAttribute("tests")) == len(cases)
PY
  if command -v xmllint >/dev/null; then xmllint --noout "$work/junit" || bad=1; fi
done
[ $bad = 0 ] && echo "ok: reports are as expected"
exit $bad
