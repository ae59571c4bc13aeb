#!/bin/bash
# Trials a second of a whole sweep: driver, executor, store and sampler together, with an in-process objective that costs
# nothing and five parameters a trial. Each trial is on the disk (fdatasync) before it starts and when it ends.
#   benchmarks/sweep/sweep.sh [BUILD_FOLDER [TRIALS]]      (from the repository's root; makes build/release by default)
set -eu
build=${1:-build/release}
trials=${2:-50000}
sweepgate=$(realpath "$build/bin/sweepgate")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cc -O2 -shared -fPIC -I. -o "$folder/libsphere.so" benchmarks/sweep/sphere.c
cd "$folder"

printf '%-10s %6s %12s %12s\n' sampler slots trials trials/s
for row in "random 1" "random 8" "random 64" "random 256" "qmc 64"; do
  set -- $row
  rm -f bench.db*
  cat >study.yaml <<END
study: bench
storage: bench.db
seed: 1
objective: {metric: loss, direction: minimize}
trials: $trials
parallel: $2
space:
  a: {type: float, low: -1, high: 1}
  b: {type: float, low: -1, high: 1}
  c: {type: float, low: -1, high: 1}
  d: {type: float, low: -1, high: 1}
  e: {type: float, low: -1, high: 1}
sampler: {name: $1}
trial: {library: ./libsphere.so, function: sphere}
END
  start=$(date +%s.%N)
  "$sweepgate" run study.yaml --quiet >/dev/null
  end=$(date +%s.%N)
  stored=$("$sweepgate" trials study.yaml --format csv | grep -c ,COMPLETE)
  awk -v s="$start" -v e="$end" -v n="$stored" -v sampler="$1" -v slots="$2" \
    'BEGIN { printf "%-10s %6d %12d %12.0f\n", sampler, slots, n, n / (e - s) }'
done
