#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# parquet.sh FOLDER SUITE [BUILD]: `sweepgate validate` over the Parquet files that FOLDER has, by one thread and by two, with
# the peak of resident memory, and each file's peers in turn:
#   bench5m.*.parquet, bench5m_*.parquet   SUITE, and the suite that statistics decide
#   bench5m_snappy.parquet                 SUITE over the file ten times as one dataset: what memory takes at any size
#   flights-3m.parquet                     flights.suite.yaml (the file is npm's vega-datasets')
#   SCAN_PEERS, FLIGHTS_PEERS='NAME=COMMAND;...'   other tools for these files ({} stands for one)
#   SCAN_REPEATS=N                                 best of N (3)
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$1 suite=$2
program=${3:-$here/../../build/release}/bin/sweepgate
repeats=${SCAN_REPEATS:-3}
for file in "$folder"/bench5m*.parquet "$folder"/giant.parquet; do
  [ -f "$file" ] || continue
  echo "$(basename "$file"), $(basename "$suite")"
  python3 "$here/side_by_side.py" "$program" "$file" "$suite" "$repeats"
  echo "$(basename "$file"), proved.suite.yaml"
  SCAN_PEERS='' python3 "$here/side_by_side.py" "$program" "$file" "$here/proved.suite.yaml" "$repeats"
done
if [ -f "$folder/bench5m_snappy.parquet" ]; then
  ten=$(mktemp -d)
  trap 'rm -rf "$ten"' EXIT
  for i in 0 1 2 3 4 5 6 7 8 9; do ln -s "$(readlink -f "$folder")/bench5m_snappy.parquet" "$ten/$i.parquet"; done
  echo "bench5m_snappy.parquet ten times, $(basename "$suite")"
  SCAN_PEERS='' python3 "$here/side_by_side.py" "$program" "$ten" "$suite" 1
fi
[ -f "$folder/flights-3m.parquet" ] || exit 0
echo "flights-3m.parquet, flights.suite.yaml"
SCAN_PEERS=${FLIGHTS_PEERS:-} python3 "$here/side_by_side.py" "$program" "$folder/flights-3m.parquet" "$here/flights.suite.yaml" "$repeats"
