#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Great Expectations' own test definitions, through files and the command line; counts what passes.
set -u
definitions=${SWEEPGATE_TEST_DATA:-$SWEEPGATE_SOURCE/../shared}/gx-test-definitions/definitions
[ -d "$definitions" ] || { echo "skipped: no definitions at $definitions"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
python3 "$SWEEPGATE_SOURCE/tests/gx/run_definitions.py" --definitions "$definitions" --sweepgate "$SWEEPGATE" \
  --exceptions "$SWEEPGATE_SOURCE/tests/gx/exceptions.txt" --work "$work"
