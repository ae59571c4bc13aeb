#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Optuna opens a study file of ours, sees all that is in it, and goes on with it; we read what it added.
set -euo pipefail
source "$(dirname "$0")/lib_optuna.sh"

"$sample" write "$folder/s.db" "$optuna_schema"
"$optuna_python" "$here/check_sample.py" "$folder/s.db"
"$optuna_python" "$here/continue_sample.py" "$folder/s.db" >"$folder/theirs"
"$sample" read "$folder/s.db" | grep -v ' system tpe:' >"$folder/all" # notes of Optuna 5's sampler
grep -E '^(create|report|attr|finish) (8|9|10|11) ' "$folder/all" | sed 's/ at .*//; s/ seen [0-9]*//' >"$folder/ours"
diff "$folder/theirs" "$folder/ours"
[ "$(grep -c '^finish' "$folder/ours")" = 4 ]
# The trials from before are as they were.
"$sample" write "$folder/t.db" "$optuna_schema"
"$sample" read "$folder/t.db" | grep -vE '^(create|start) 7' >"$folder/before"
grep -vE '^(create|report|attr|finish) (8|9|10|11) |^(create|start) 7' "$folder/all" | diff "$folder/before" -
