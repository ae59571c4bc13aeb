#!/bin/bash
# What pruning saves and costs: our samplers and pruners, Optuna's beside them where it is installed, on tables of learning
# curves. Appends to benchmarks/pruning/results/*.csv what is not there yet and makes the tables and the chart of them.
#   bash benchmarks/pruning/pruning.sh        SEEDS=20 TRIALS=100 SAMPLERS="random tpe auto" to do less or more
set -euo pipefail
cd "$(dirname "$0")/../.."
here=benchmarks/pruning results=${RESULTS:-benchmarks/pruning/results}
tables=${SWEEPGATE_TEST_DATA:-../shared}/hpo-tables
program=${BENCH_PRUNING:-build/release/benchmarks/bench_pruning}
python=/usr/bin/python3
seeds=${SEEDS:-20} trials=${TRIALS:-100}
mkdir -p "$results"

samplers=()
for name in ${SAMPLERS:-random tpe auto}; do samplers+=(--sampler "$name={name: $name}"); done
"$program" --tables "$tables" --out "$results/ours.csv" --seeds "$seeds" --trials "$trials" --extend 3 --until 0.334 \
  "${samplers[@]}" \
  --pruner 'none={name: none}' \
  --pruner 'asha={name: asha}' \
  --pruner 'asha-optuna={name: asha, min_resource: 1, reduction_factor: 4}' \
  --pruner 'hyperband={name: hyperband}' \
  --pruner 'median={name: median}' \
  --pruner 'median-warm={name: median, n_warmup_steps: 4}' \
  --pruner 'percentile={name: percentile, percentile: 25, n_warmup_steps: 4}' \
  --pruner 'patient={name: patient, patience: 3, pruner: {name: median}}'

if [ -z "${NO_PEERS:-}" ] && $python -c 'import optuna' 2>/dev/null; then
  OMP_NUM_THREADS=1 $python -B $here/peers.py --tables "$tables" --out "$results/optuna.csv" --seeds "${PEER_SEEDS:-$seeds}" \
    --trials "$trials" --extend 3 --until 0.334 --samplers tpe --only "${PEER_TABLES:-}"
else
  echo "Optuna is not run"
fi
$python -B $here/analyse.py --markdown --collections --svg "$results/pruning.svg" "$results"/*.csv >"$results/tables.md"
cat "$results/tables.md"
