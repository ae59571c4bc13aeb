#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Aggregates and failing rows of random tables against exact arithmetic in Python (fractions, no floating point).
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
python3 "$SWEEPGATE_SOURCE/tests/interop/oracle.py" --sweepgate "$SWEEPGATE" --work "$work"
