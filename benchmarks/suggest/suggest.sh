#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# suggest.sh [FOLDER]: what one ask and its tell cost, ours and Optuna's side by side on one core; then memory
# over 100,000 asks. Writes suggest.csv, suggest.md, suggest.svg and stress.txt to FOLDER (default: results/).
#   PEER_OPTUNA, PEER_CMAES  folders with newer packages than the installed ones (../quality/peers.py); GPSampler needs it
#   SAMPLERS                 ours (default: all but grid)        CORE    that everything is pinned to (default 0)
#   STRESS                   SAMPLER:ASKS ... whose memory is looked at (default random, tpe and cmaes 100000, gp 20000)
#   BUILD                    build folder (default build/release)
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=${BUILD:-$here/../../build/release}
folder=${1:-$here/results}
core=${CORE:-0}
bench=$build/benchmarks/bench_suggest
python=${PYTHON:-/usr/bin/python3}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
mkdir -p "$folder"
csv=$folder/suggest.csv
rm -f "$csv"
for sampler in $(tr , ' ' <<<"${SAMPLERS:-random,qmc,tpe,cmaes,gp,auto}"); do
  taskset -c "$core" "$bench" --samplers "$sampler" --out "$csv" || echo "$sampler: not measured" >&2
done
taskset -c "$core" "$bench" --samplers tpe --whole 1000 --dims 40 --out "$csv"
peers=optuna-random,optuna-tpe,optuna-tpe-mv,optuna-cma
if "$python" -c 'import optuna' 2>/dev/null; then
  [ -n "${PEER_OPTUNA:-}" ] && peers=$peers,optuna-gp
  taskset -c "$core" "$python" "$here/ask_peers.py" --out "$csv" --optimisers "$peers"
else
  echo "no Optuna here: ours alone" >&2
fi
"$python" "$here/report.py" "$csv" "$folder"
for stress in ${STRESS:-random:100000 tpe:100000 cmaes:100000 gp:20000}; do
  taskset -c "$core" "$bench" --samplers "${stress%:*}" --dims 5 --stress "${stress#*:}"
done | tee "$folder/stress.txt"
