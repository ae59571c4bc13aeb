#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A whole sweep, then Optuna and our commands about it: the same best trial, the same trials; also while it runs.
set -euo pipefail
source "$(dirname "$0")/lib_optuna.sh"
here=$(cd "$here" && pwd)
cd "$folder"
cat >study.yaml <<YAML
study: agree
storage: agree.db
optuna_schema: "$optuna_schema"
objective: {metric: loss, direction: maximize}
trials: 60
seed: 7
space:
  x: {type: float, low: 1.0e-3, high: 1, log: true}
  n: {type: int, low: 1, high: 9}
  kind: {type: categorical, choices: [a, b, 3, null]}
  y: {type: float, low: 0, high: 1, when: {kind: a}}
pruner: {name: median, n_startup_trials: 4}
trial:
  command:
    - sh
    - -c
    - 'echo "step=1"; echo "loss=\$1"; [ "\$2" = 9 ] && exit 3; [ "\$2" = 8 ] && kill -SEGV \$\$; echo "loss=\$1"'
    - trial
    - "{x}"
    - "{n}"
  report: {from: stdout}
YAML
for journal in wal exclusive; do
  rm -rf agree.*
  export SWEEPGATE_STORE_JOURNAL=$journal
  "$SWEEPGATE" run study.yaml -j 2 >log 2>&1 &
  driver=$!
  looks=0
  while kill -0 $driver 2>/dev/null; do # every look finds a study, whatever the driver does just then
    if [ -e agree.db.lock ] && "$SWEEPGATE" status --format json agree.db >look 2>why; then
      looks=$((looks + 1))
      "$optuna_python" -c 'import json; assert json.load(open("look"))["study"] == "agree"'
    elif [ -s why ] && ! grep -qE 'holds no study yet|No such file|is empty' why; then
      cat why
      exit 1
    fi
  done
  wait $driver || { cat log; exit 1; }
  echo "$journal: looked $looks times while it ran"
  "$SWEEPGATE" best --format json agree.db >best.json
  "$SWEEPGATE" trials --format json agree.db >trials.json
  "$optuna_python" "$here/check_sweep.py" agree.db best.json trials.json
  [ "$(ls agree.db*)" = agree.db ] || { ls; exit 1; }
done
