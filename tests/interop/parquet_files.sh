#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All files of the shared parquet-testing collection, against what other readers say of them.
set -uo pipefail
folder=${SWEEPGATE_TEST_DATA:-$SWEEPGATE_SOURCE/../shared}/parquet-testing
[ -f "$folder/expected.json" ] || { echo "skipped: no $folder/expected.json (set SWEEPGATE_TEST_DATA)"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
python3 "$SWEEPGATE_SOURCE/tests/interop/parquet_files.py" "$SWEEPGATE_TOOLS/parquet_rows" "$folder"
