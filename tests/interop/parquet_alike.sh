#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One report of a Parquet file, whatever the number of threads, and whether its values stand in a dictionary or not.
set -uo pipefail
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
python3 "$SWEEPGATE_SOURCE/tests/interop/parquet_alike.py" "$SWEEPGATE" \
  "${SWEEPGATE_TEST_DATA:-$SWEEPGATE_SOURCE/../shared}/parquet-testing"
