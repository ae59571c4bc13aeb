#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh SECONDS [NAME...]: runs fuzz targets (all of them by default) one after another, each for SECONDS, under the address
# and undefined-behaviour sanitizers. An input may take 10 seconds and 2 GiB. What they learn is kept in build/fuzz/learnt/NAME
# and taken up by the next run; an input that breaks a promise, in build/fuzz/found/NAME-*. Needs clang and its runtime.
#   tests/fuzz/run.sh 3600 csv     an hour of CSV
# One line is printed a target: name, seconds by the clock and of CPU, inputs run, edges covered, good or BROKEN.
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$here/../..
seconds=${1:?how long each target runs, in seconds}
shift
cd "$root" && cmake --preset fuzz >/dev/null || exit 1
names=("$@")
[ ${#names[@]} -gt 0 ] || for source in "$here"/fuzz_*.c; do name=${source##*/fuzz_} && names+=("${name%.c}"); done
cmake --build --preset fuzz --target "${names[@]/#/fuzz_}" >build/fuzz/build.log 2>&1 || { cat build/fuzz/build.log; exit 1; }
bad=0
mkdir -p build/fuzz/found
TIMEFORMAT=%U
for name in "${names[@]}"; do
  mkdir -p "build/fuzz/learnt/$name"
  { time build/fuzz/tests/"fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/learnt/$name" "$here/corpus/$name" >"build/fuzz/$name.log" 2>&1; } 2>"build/fuzz/$name.cpu"
  state=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log")
  edges=$(grep -oE 'cov: [0-9]+' "build/fuzz/$name.log" | tail -1)
  if [ $state -eq 0 ]; then verdict=good; else verdict=BROKEN bad=1; fi
  printf '%-18s %6s s (%.0f of CPU)  %11s inputs  %s edges  %s\n' "$name" "$seconds" "$(cat "build/fuzz/$name.cpu")" "${runs:-?}" "${edges#cov: }" "$verdict"
done
exit $bad
