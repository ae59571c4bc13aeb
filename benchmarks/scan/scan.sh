#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scan.sh [MEGABYTES [BUILD]]: writes a CSV of that size (default 500) to TMPDIR, then prints how fast libcsv alone, our
# stages and `sweepgate validate` with twenty expectations go through it, with the peak of resident memory.
#   SCAN_DATA=FILE SCAN_SUITE=SUITE   this file and suite in place of ours
#   SCAN_REPEATS=N                    best of N (3)
#   SCAN_PEERS='NAME=COMMAND;...'     other tools for the same file ({} stands for it), run and timed in turn with ours
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
megabytes=${1:-500}
build=${2:-$here/../../build/release}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
data=${SCAN_DATA:-$folder/orders.csv}
suite=${SCAN_SUITE:-$here/orders.suite.yaml}
[ -n "${SCAN_DATA:-}" ] || "$build/benchmarks/gen_csv" "$megabytes" "$data"
"$build/benchmarks/bench_scan" "$data" "${SCAN_REPEATS:-3}"
python3 "$here/side_by_side.py" "$build/bin/sweepgate" "$data" "$suite" "${SCAN_REPEATS:-3}"
