#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# quality.sh [FOLDER]: the regret of our samplers and of Optuna's on the problems here, 20 seeds, 200 trials, one at a
# time and 8 and 64 in parallel. Rows are appended to FOLDER/ours.csv and FOLDER/peers.csv (default: results/); a
# stopped command is taken up where it was. Then ranks*.md, ranks*.csv, ranks*.svg and losses.md are made from them.
# The peers take hours of CPU, GPSampler most of it; ours minutes.
#   TABLES                   folder of the tables (digits-mlp.csv, public/...); required
#   PEER_OPTUNA, PEER_CMAES  folders with newer packages than the installed ones (peers.py); GPSampler needs them
#   OURS                     our samplers (default random,tpe,cmaes,gp,auto)   SEEDS   (default 0-19)
#   BUILD                    build folder (default build/release)
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=${BUILD:-$here/../../build/release}/benchmarks
folder=${1:-$here/results}
python=${PYTHON:-/usr/bin/python3}
tables=${TABLES:?the folder that holds digits-mlp.csv, weather-svc.csv and public/}
seeds=${SEEDS:-0-19}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
mkdir -p "$folder"
# The set that all are measured on; the other problems of problem_list.c are for checks against tuning to these.
measured=$(grep -v '^#' "$here/measured.txt" | paste -sd,)
# With 64 at a time, where most of 200 trials are the design, eight of them say enough.
few=hartmann6,rosenbrock5,ackley10,hartmann6_noisy,mixed6,kernels5,nas_cifar10,fcnet_naval

peers=optuna-random,optuna-cma,optuna-tpe-mv,optuna-tpe
[ -n "${PEER_OPTUNA:-}" ] && peers=$peers,optuna-gp
for mode in sequential parallel8 parallel64; do
  problems=$([ $mode = parallel64 ] && echo "$few" || echo "$measured")
  "$build/bench_quality" --optimisers "${OURS:-random,tpe,cmaes,gp,auto}" --problems "$problems" --seeds "$seeds" \
    --mode $mode --tables "$tables" --out "$folder/ours.csv"
  if "$python" -c 'import optuna' 2>/dev/null; then
    "$python" "$here/peers.py" --library "$build/libbench_problems.so" --optimisers "$peers" --problems "$problems" \
      --seeds "$seeds" --mode $mode --tables "$tables" --out "$folder/peers.csv"
  else
    echo "no Optuna here: ours alone" >&2
  fi
  files=("$folder/ours.csv")
  [ -f "$folder/peers.csv" ] && files+=("$folder/peers.csv")
  "$python" "$here/analyse.py" "${files[@]}" --mode $mode --out "$folder"
done
"$python" "$here/analyse.py" "${files[@]}" --loss >"$folder/losses.md"
