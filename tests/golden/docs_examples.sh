#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The examples of docs/expectations.md have the verdicts that stand behind them.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" && python3 "$SWEEPGATE_SOURCE/tests/golden/docs_examples.py" "$SWEEPGATE" "$SWEEPGATE_SOURCE/docs/expectations.md"
