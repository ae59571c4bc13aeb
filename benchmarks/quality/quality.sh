#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# quality.sh [FOLDER]: the regret of our samplers and of Optuna's on the problems here, 20 seeds, 200 trials, one at a
# time and 8 and 64 in parallel. Rows are appended to FOLDER/ours.csv and FOLDER/peers.csv (default: results/); a
# stopped command is taken up where it was. Then ranks*.md, ranks*.csv, ranks*.svg and losses.md are made from them; those
# of parallel trials over the eight problems that GPSampler ran are in FOLDER/with-gpsampler.
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
# With 64 at a time, where most of 200 trials are the design, eight of them say enough; GPSampler, which takes a minute or
# two of CPU for a run in parallel, runs on these with 8 at a time, too.
few=hartmann6,rosenbrock5,ackley10,hartmann6_noisy,mixed6,kernels5,nas_cifar10,fcnet_naval
ours=${OURS:-random,tpe,cmaes,gp,auto}
peers=optuna-random,optuna-cma,optuna-tpe-mv,optuna-tpe
"$python" -c 'import optuna' 2>/dev/null || { echo "no Optuna here: ours alone" >&2; peers=; }
gpsampler=${PEER_OPTUNA:+${peers:+optuna-gp}}

run_peers() { # MODE OPTIMISERS PROBLEMS
  "$python" "$here/peers.py" --library "$build/libbench_problems.so" --optimisers "$2" --problems "$3" \
    --seeds "$seeds" --mode "$1" --tables "$tables" --out "$folder/peers.csv"
}

report() { # MODE OPTIMISERS FOLDER: over the runs that all of them have
  "$python" "$here/analyse.py" "${files[@]}" --mode "$1" --optimisers "$2" --out "$3"
}

for mode in sequential parallel8 parallel64; do
  problems=$measured of_gpsampler=$measured
  [ $mode = parallel64 ] && problems=$few
  [ $mode = sequential ] || of_gpsampler=$few
  "$build/bench_quality" --optimisers "$ours" --problems "$problems" --seeds "$seeds" --mode $mode \
    --tables "$tables" --out "$folder/ours.csv"
  [ -z "$peers" ] || run_peers $mode "$peers" "$problems"
  [ -z "$gpsampler" ] || run_peers $mode "$gpsampler" "$of_gpsampler"
  files=("$folder/ours.csv")
  [ -z "$peers" ] || files+=("$folder/peers.csv")
  all=$ours${peers:+,$peers}
  if [ $mode = sequential ]; then
    report $mode "$all${gpsampler:+,$gpsampler}" "$folder"
  else
    report $mode "$all" "$folder"
    [ -z "$gpsampler" ] || report $mode "$all,$gpsampler" "$folder/with-gpsampler"
  fi
done
"$python" "$here/analyse.py" "${files[@]}" --loss >"$folder/losses.md"
