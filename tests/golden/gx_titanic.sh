#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Great Expectations' Titanic suite: every field of its published validation result that is about data, reproduced.
set -u
sets=${SWEEPGATE_TEST_DATA:-$SWEEPGATE_SOURCE/../shared}/gx-test-definitions/test-sets
[ -d "$sets" ] || { echo "skipped: no test sets at $sets"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$SWEEPGATE" validate "$sets/Titanic.csv" --suite "$sets/titanic_expectations.json" --result-format COMPLETE \
  --report gx="$work/result.json" --report text="$work/text"
code=$?
[ $code = 1 ] || { echo "FAIL: exit $code, wanted 1"; cat "$work/text"; exit 1; }
python3 - "$sets/titanic_expected_data_asset_validate_results.json" "$work/result.json" <<'P'
import json
import sys

want, got = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
bad = 0

def same(what, a, b):
    global bad
    if a != b:
        print("FAIL %s: wanted %s, got %s" % (what, a, b))
        bad += 1

def by_config(results):
    return {json.dumps([r["expectation_config"]["expectation_type"], r["expectation_config"]["kwargs"]], sort_keys=True): r
            for r in results}

wanted, seen = by_config(want["results"]), by_config(got["results"])
same("expectations", sorted(wanted), sorted(seen))
for key in wanted:
    same("success of " + key, wanted[key]["success"], seen[key]["success"])
    same("result of " + key, wanted[key]["result"], seen[key]["result"])
for field in ("success", "statistics", "evaluation_parameters"):
    same(field, want[field], got[field])
print("ok: %d results are as published" % len(wanted) if not bad else "%d differences" % bad)
sys.exit(bad > 0)
P
