#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a sweep itself costs while its trials sleep: CPU of the driver and of the waiting ranks, and the time from a
# trial's end to the start of the next one on the same slot. The trial takes both times itself, so the gap holds all
# of it: the end noticed, told, stored, the next point, the order, fork, exec.
#
#   bash benchmarks/dispatch/dispatch.sh [BUILD [SECONDS-OF-A-TRIAL [TRIALS-PER-SLOT]]]       a table on standard output
set -euo pipefail
build=$(realpath "${1:-build/release}")
sleep_s=${2:-0.5}
per_slot=${3:-40}
sweepgate=$build/bin/sweepgate
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

study() {
  cat >"$1.yaml" <<END
study: sleepers
storage: $1.db
seed: 1
objective: {metric: loss, direction: minimize}
trials: $((per_slot * 2))
parallel: 2
sampler: {name: $2}
space: {x: {type: float, low: 0, high: 1}, y: {type: float, low: 0, high: 1}}
trial:
  command: [$build/benchmarks/bench_sleeper, "$sleep_s", $folder/$1.times]
  report: {from: stdout}
END
}

# The ranks of a study, rank 0 first; the local driver has no rank.
ranks_of() {
  local pid rank
  for pid in $(pgrep -f "$sweepgate run -q $1.yaml"); do
    [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$sweepgate" ] || continue
    rank=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')
    echo "${rank:-0} $pid"
  done | sort -n
}
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; } # utime + stime, without children
now() { date +%s.%N; }

# CPU of each rank between two moments well inside the sweep.
cpu() {
  local study=$1 job=$2 rank pid hz begun
  hz=$(getconf CLK_TCK)
  declare -A before
  until [ -s "$study.times" ]; do sleep 0.1; done
  begun=$(now)
  while read -r rank pid; do before[$pid]=$(ticks "$pid"); done < <(ranks_of "$study")
  while kill -0 "$job" 2>/dev/null && [ "$(wc -l <"$study.times")" -lt $((per_slot * 2 - 4)) ]; do sleep 0.1; done
  while read -r rank pid; do
    echo "$(ticks "$pid") ${before[$pid]} $begun $(now) $hz" |
      awk -v what="rank $rank CPU" -v study="$study" '{ printf "%-12s %-16s %6.2f %%\n", study, what, 100 * ($1 - $2) / $5 / ($4 - $3) }'
  done < <(ranks_of "$study")
}

gaps() {
  sort -k2,2n "$1.times" | awk '
    # A start belongs to the slot of its parent that ended first and has no start yet (local slots share one parent).
    { starts[NR] = $2; ends[NR] = $3; parent[NR] = $1; taken[NR] = 0 }
    END {
      for (i = 1; i <= NR; i++) {
        best = 0
        for (k = 1; k < i; k++)
          if (parent[k] == parent[i] && !taken[k] && ends[k] <= starts[i] && (!best || ends[k] < ends[best])) best = k
        if (best) { taken[best] = 1; print (starts[i] - ends[best]) * 1000 }
      }
    }' | sort -n | awk -v study="$1" '
    { v[NR] = $1 }
    END { printf "%-12s %-16s %6.2f ms (median of %d), %.2f ms (90 %%), %.2f ms (most)\n", study, "end to start",
          v[int((NR + 1) / 2)], NR, v[int(NR * 0.9 + 0.5)], v[NR] }'
}

run() {
  local name=$1
  shift
  "$@" "$sweepgate" run -q "$name.yaml" </dev/null >/dev/null &
  local job=$!
  cpu "$name" $job
  wait $job
  gaps "$name"
}

printf 'trials of %s s, two slots, %d trials each\n' "$sleep_s" "$per_slot"
for sampler in random tpe; do
  study "local-$sampler" "$sampler"
  run "local-$sampler" env
  study "mpi-$sampler" "$sampler"
  run "mpi-$sampler" mpirun --oversubscribe -n 3
done
