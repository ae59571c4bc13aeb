#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tables that a file of ours shares with one that Optuna makes are the same: columns, types, keys, unique indexes.
set -euo pipefail
source "$(dirname "$0")/lib_optuna.sh"

"$sample" write "$folder/ours.db" "$optuna_schema"
"$optuna_python" - "$folder" <<'PYTHON'
import sqlite3, sys
import optuna

optuna.logging.set_verbosity(optuna.logging.CRITICAL)
folder = sys.argv[1]
optuna.create_study(storage=f"sqlite:///{folder}/theirs.db")


def shape(path):
    db = sqlite3.connect(path)
    names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    tables = {}
    for name in names:
        if name.startswith("sweepgate_"):
            continue
        indexes = []
        for _, index, unique, origin, _ in db.execute(f"PRAGMA index_list({name})"):
            columns = tuple(row[2] for row in db.execute(f"PRAGMA index_info({index})"))
            indexes.append((columns, unique, origin, index if origin == "c" else ""))
        keys = sorted(row[2:5] for row in db.execute(f"PRAGMA foreign_key_list({name})"))
        tables[name] = (list(db.execute(f"PRAGMA table_info({name})")), sorted(indexes), keys)
    tables["version"] = list(db.execute("SELECT version_num FROM alembic_version"))
    tables["schema"] = list(db.execute("SELECT version_info_id, schema_version FROM version_info"))
    return tables


ours, theirs = shape(f"{folder}/ours.db"), shape(f"{folder}/theirs.db")
for name in sorted(set(ours) | set(theirs)):
    if ours.get(name) != theirs.get(name):
        sys.exit(f"{name} differs:\nours:   {ours.get(name)}\ntheirs: {theirs.get(name)}")
print(f"{len(ours)} tables and tags are the same as Optuna {optuna.__version__}'s")
PYTHON
