#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# status, best and trials: by study file and by storage, in every form, and what they say when there is nothing to show.
set -euo pipefail
sample=${SWEEPGATE_BUILD:?}/tests/test_store_sample
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
failures=0

expect() { # NAME EXIT-CODE WORD COMMAND...: the code, and the word somewhere in what it prints
  local name=$1 code=$2 word=$3 got=0
  shift 3
  "$@" >out 2>err || got=$?
  if [ "$got" != "$code" ] || ! cat out err | grep -qF -- "$word"; then
    echo "FAIL $name: exit $got, want $code and '$word'"
    cat out err
    failures=$((failures + 1))
  else
    echo "ok   $name"
  fi
}

"$sample" write s.db
cat >study.yaml <<'YAML'
study: sample
storage: s.db
objective: {metric: loss, direction: minimize}
trials: 50
space:
  lr: {type: float, low: 1.0e-5, high: 1.0, log: true}
YAML

expect status_by_storage 0 '6 of 100 finished: 4 complete, 1 pruned, 1 failed, 1 running, 1 waiting' "$SWEEPGATE" status s.db
expect status_by_study_file 0 '6 of 50 finished' "$SWEEPGATE" status study.yaml
expect failures_by_outcome 0 'failed   1 exit' "$SWEEPGATE" status s.db
expect nobody_drives 0 'none at work' "$SWEEPGATE" status s.db
expect best 0 'trial 3: loss = -0.5' "$SWEEPGATE" best s.db
expect best_in_json 0 '"number": 3, "metric": "loss", "value": -0.5, "params": {"lr": 0.5,' "$SWEEPGATE" best --format json s.db
expect table 0 'number  state     value  duration  outcome' "$SWEEPGATE" trials study.yaml
expect message_in_table 0 'exit code 3' "$SWEEPGATE" trials s.db
expect csv_header 0 'number,value,datetime_start,datetime_complete,duration,params_lr,params_drop,params_layers,params_width,params_kind,params_momentum,user_attrs_note,system_attrs_sweepgate:host,state,outcome,message,host,attempt' "$SWEEPGATE" trials --format csv s.db
expect csv_quotes 0 '"é""q\"' "$SWEEPGATE" trials --format csv s.db
expect csv_infinity 0 '2,inf,2026-01-01 12:00:02.000000,2026-01-01 12:00:02.500000,0 days 00:00:00.500000,1,' "$SWEEPGATE" trials --format csv s.db
expect json_infinity 0 '"value": "inf"' "$SWEEPGATE" trials --format json s.db
expect unknown_study 3 "no study 'other', only 'sample'" "$SWEEPGATE" status --study other s.db
expect missing_file 3 'No such file' "$SWEEPGATE" best missing.db
expect wrong_option 2 "did you mean '--state'" "$SWEEPGATE" trials --stat fail s.db
expect wrong_choice 2 'complete' "$SWEEPGATE" trials --state finished s.db

"$SWEEPGATE" trials --format json s.db | python3 -c '
import json, sys
def refuse(token): raise ValueError(token)
trials = json.load(sys.stdin, parse_constant=refuse)
assert [t["number"] for t in trials] == list(range(8))
assert "value" not in trials[5] and trials[5]["outcome"] == "exit"
assert trials[0]["params_momentum"] == 0.9 and "params_momentum" not in trials[1]
assert trials[1]["params_kind"] is None and trials[2]["params_kind"] is True
assert trials[1]["user_attrs_note"] == {"a": None, "b": [1, "\u00e9"]}'
"$SWEEPGATE" trials --format csv s.db | python3 -c '
import csv, sys
rows = list(csv.DictReader(sys.stdin))
assert len(rows) == 8 and rows[5]["params_kind"] == "\u00e9\"q\\" and rows[5]["value"] == ""'
[ "$("$SWEEPGATE" trials --sort value --format csv s.db | tail -n +2 | cut -d, -f1 | tr '\n' ' ')" = '3 1 0 4 2 5 6 7 ' ]
[ "$("$SWEEPGATE" trials --state fail --format csv s.db | wc -l)" = 2 ]
[ "$("$SWEEPGATE" trials --limit 0 --format csv s.db | wc -l)" = 1 ]
[ "$("$SWEEPGATE" trials --limit 3 s.db | wc -l)" = 4 ]

# A storage cut short, one that is none, one without a study, and bytes that would move a terminal's cursor.
head -c 5000 s.db >cut.db
expect cut_short 3 'damaged' "$SWEEPGATE" status cut.db
printf 'SQLite format 3\0' >magic.db
expect only_the_magic 3 'magic.db' "$SWEEPGATE" status magic.db
python3 -c "
import sqlite3
db = sqlite3.connect('s.db')
db.execute(\"UPDATE sweepgate_trials SET message = 'red' || char(27) || '[31m' WHERE message IS NOT NULL\")
db.commit()"
expect control_characters 0 'red\x1b[31m' "$SWEEPGATE" trials s.db
exit $((failures > 0))
