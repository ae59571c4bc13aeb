#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The elements of lists and maps are judged as they are; files of the shared collection where there are some.
set -uo pipefail
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
python3 "$SWEEPGATE_SOURCE/tests/interop/parquet_elements.py" "$SWEEPGATE" \
  "${SWEEPGATE_TEST_DATA:-$SWEEPGATE_SOURCE/../shared}/parquet-testing"
