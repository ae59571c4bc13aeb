#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A file that Optuna made is read as it is, and driven when the study file agrees with its distributions.
set -euo pipefail
source "$(dirname "$0")/lib_optuna.sh"

"$optuna_python" "$here/make_study.py" "$folder/o.db" >"$folder/theirs"
"$sample" read "$folder/o.db" | sed 's/ at .*//; s/ seen [0-9]*//' >"$folder/ours"
diff "$folder/theirs" "$folder/ours"

space='{"x": {"type": "float", "low": 0.0, "high": 1.0}, "n": {"type": "int", "low": 1, "high": 9},
 "c": {"type": "categorical", "choices": [null, "a", 2.5]}}'
refused() { # SPACE WORD: driving with this space names the difference and leaves the file alone
  local before after
  before=$(sha256sum <"$folder/o.db")
  if "$sample" drive "$folder/o.db" theirs "$1" >/dev/null 2>"$folder/why"; then
    echo "not refused: $1"
    exit 1
  fi
  grep -q "$2" "$folder/why" || { cat "$folder/why"; exit 1; }
  after=$(sha256sum <"$folder/o.db")
  [ "$before" = "$after" ] || { echo "the refused file was changed"; exit 1; }
}
refused "${space/2.5/2.25}" "parameter 'c' is stored as"
refused "${space/\"float\"/\"int\"}" "parameter 'x' is stored as"
refused "${space/\"n\"/\"m\"}" "parameter 'n'"

# Trial 3 failed before it asked for "c"; who drives completes it with the middle of its choices.
tail -n +2 "$folder/theirs" | sed '/^create 3 /s/nan$/1.0/' >"$folder/events"
"$sample" drive "$folder/o.db" theirs "$space" | sed 's/ at .*//; s/ seen [0-9]*//' | diff "$folder/events" -
"$sample" drive "$folder/o.db" theirs "$space" | sed 's/ at .*//; s/ seen [0-9]*//' | diff "$folder/events" -
"$optuna_python" - "$folder/o.db" <<'PYTHON'
import sys, optuna
study = optuna.load_study(study_name="theirs", storage="sqlite:///" + sys.argv[1])
assert len(study.trials) == 5
optuna.delete_study(study_name="theirs", storage="sqlite:///" + sys.argv[1])
PYTHON
# Deleted by Optuna: our tables forgot it too, and the name is free.
"$sample" drive "$folder/o.db" theirs '{"y": {"type": "float", "low": 0.0, "high": 1.0}}' >"$folder/empty"
[ ! -s "$folder/empty" ]
