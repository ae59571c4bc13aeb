#!/bin/bash
# What pruning saves and costs: our samplers and pruners, Optuna's beside them where it is installed, on tables of learning
# curves. Runs what is not in RAW/*.csv yet and makes the tables and the chart in benchmarks/pruning/results.
#   bash benchmarks/pruning/pruning.sh
# Each run is read after TRIALS=100 trials, and after a third of their unpruned epochs with as many trials as fit (EXTEND=5: at
# most so many times TRIALS). Some fifteen minutes of CPU; less or more by SEEDS=10 (each sampler and pruner), PAIR_SEEDS=80
# (unpruned, asha and its spacings), FAMILY_SEEDS=10 (generated curves), SAMPLERS="random tpe", MODEL_SEEDS=0 (gp, which auto
# asks, with asha alone; 6 take an hour), PEER_SEEDS=3, PEER_TABLES, RAW=build/pruning
set -euo pipefail
cd "$(dirname "$0")/../.."
here=benchmarks/pruning results=benchmarks/pruning/results raw=${RAW:-build/pruning}
tables=${SWEEPGATE_TEST_DATA:-../shared}/hpo-tables
program=${BENCH_PRUNING:-build/release/benchmarks/bench_pruning}
python=/usr/bin/python3
seeds=${SEEDS:-10} model_seeds=${MODEL_SEEDS:-0}
mkdir -p "$results" "$raw"

samplers=()
for name in ${SAMPLERS:-random tpe}; do samplers+=(--sampler "$name={name: $name}"); done
extend=(--trials "${TRIALS:-100}" --extend "${EXTEND:-5}" --until 0.334)
run() { "$program" "${extend[@]}" "$@"; }
judge() { run --pruner 'none={name: none}' --pruner 'asha={name: asha}' "$@"; }
count() { "$program" --trials "${TRIALS:-100}" --pruner 'asha-counted={name: asha}' "$@"; } # the study itself ends after them
judge --tables "$tables" --out "$raw/ours.csv" --seeds "${PAIR_SEEDS:-80}" "${samplers[@]}"
run --tables "$tables" --out "$raw/ours.csv" --seeds "${PAIR_SEEDS:-80}" "${samplers[@]}" \
  --pruner 'asha-2={name: asha, rung_spacing: 2}' --pruner 'asha-3={name: asha, rung_spacing: 3}'
count --tables "$tables" --out "$raw/ours.csv" --seeds "${PAIR_SEEDS:-80}" "${samplers[@]}"
for how in judge count; do
  [ "$model_seeds" -gt 0 ] || break
  OPENBLAS_NUM_THREADS=1 $how --tables "$tables" --out "$raw/models.csv" --seeds "$model_seeds" --sampler 'gp={name: gp}'
done
$python -B $here/families.py "$raw/families"
judge --tables "$raw/families" --list "$raw/families/tables.json" --out "$raw/generated.csv" --seeds "${FAMILY_SEEDS:-10}" "${samplers[@]}"
run --tables "$tables" --out "$raw/ours.csv" --seeds "$seeds" "${samplers[@]}" \
  --pruner 'asha-all={name: asha, n_startup_trials: 1, window: 0}' \
  --pruner 'asha-optuna={name: asha, min_resource: 1, reduction_factor: 4}' \
  --pruner 'hyperband={name: hyperband}' \
  --pruner 'median={name: median}' \
  --pruner 'median-warm={name: median, n_warmup_steps: 4}' \
  --pruner 'percentile={name: percentile, percentile: 25, n_warmup_steps: 4}' \
  --pruner 'patient={name: patient, patience: 3, pruner: {name: median}}'

if [ -z "${NO_PEERS:-}" ] && $python -c 'import optuna' 2>/dev/null; then
  OMP_NUM_THREADS=1 $python -B $here/peers.py --tables "$tables" --out "$raw/optuna.csv" --seeds "${PEER_SEEDS:-3}" \
    "${extend[@]}" --samplers tpe --only "${PEER_TABLES:-digits-mlp,taskset-gru128,lcbench-168329}"
else
  echo "Optuna is not run"
fi
analyse() { $python -B $here/analyse.py --markdown "$@"; }
{
  printf '# Pruning: results\n\nMade by `bash benchmarks/pruning/pruning.sh`; what the columns mean: [README](../README.md).\n'
  analyse --collections --svg "$results/pruning.svg" --csv "$results/means.csv" "$raw/ours.csv"
  printf '\n## Table by table, tpe and random\n'
  analyse --by-table --pruners none,asha "$raw/ours.csv"
  if [ -s "$raw/models.csv" ]; then
    printf '\n## Samplers with Gaussian processes\n'
    analyse --collections "$raw/models.csv"
    analyse --by-table "$raw/models.csv"
  fi
  printf '\n## Generated curves\n'
  analyse --by-table "$raw/generated.csv"
  if [ -s "$raw/optuna.csv" ]; then
    tables=$(tail -n +2 "$raw/optuna.csv" | cut -d, -f1 | sort -u | paste -sd,)
    printf '\n## Beside Optuna, on the tables that it was run on\n\n%s\n\nThe seeds of each side are those that were run; with one or two of them the intervals mean nothing.\n' "$tables"
    analyse --tables "$tables" "$raw/ours.csv" "$raw/optuna.csv"
  fi
} >"$results/tables.md"
cat "$results/tables.md"
