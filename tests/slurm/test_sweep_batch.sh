# SPDX-License-Identifier: GPL-3.0-or-later
# The batch script on a real Slurm of two nodes, with a time limit too short for its sweep: it is warned by the signal,
# stops in good order, puts itself back into the queue, and finishes exactly the trials that were asked for.
cluster=$SWEEPGATE_SOURCE/tests/slurm/local_cluster.sh
PATH=$PATH:/usr/sbin:/sbin
for tool in munged slurmctld slurmd sbatch mpirun; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
ldd "$SWEEPGATE" | grep -q libmpi || { echo "skipped: built without MPI"; exit 77; }

folder=$(mktemp -d)
trap 'bash "$cluster" stop "$folder/cluster"; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
fail() {
  echo "FAIL: $*" >&2
  cat sweep.log 2>/dev/null
  exit 1
}

SLURM_CONF=$(bash "$cluster" start "$folder/cluster" 2 4) || { echo "skipped: no Slurm can be started here"; exit 77; }
export SLURM_CONF OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
unshare --uts --mount true 2>/dev/null || export OMPI_MCA_btl=tcp,self # nodes then share one host name

# Three workers need 40 s for it; a limit of one minute is warned of after half of that.
cat >study.yaml <<'END'
study: batch
storage: batch.db
seed: 5
objective: {metric: loss, direction: minimize}
trials: 120
sampler: {name: random}
space: {x: {type: float, low: 0, high: 1}}
trial:
  command: [sh, -c, 'sleep 1; echo "loss=$1"', sh, "{x}"]
  report: {from: stdout}
END
n_complete() { "$SWEEPGATE" trials study.yaml --format csv 2>/dev/null | grep -c COMPLETE; }

# By srun instead of mpirun, where Slurm was built with PMIx.
if srun --mpi=list 2>&1 | grep -qw pmix; then
  sed 's/batch.db/srun.db/; s/trials: 120/trials: 6/' study.yaml >srun.yaml
  timeout 60 srun --nodes=2 --ntasks=4 --mpi=pmix "$SWEEPGATE" run -q srun.yaml >sweep.log 2>&1 || fail "by srun"
  grep -q '6 trials: 6 complete' sweep.log || fail "by srun"
  rm sweep.log
  echo "ok: srun --mpi=pmix"
fi

job=$(SWEEPGATE=$SWEEPGATE sbatch --parsable --time=1 --signal=B:USR1@10 --nodes=2 --ntasks-per-node=2 --output=sweep.log \
  "$SWEEPGATE_SOURCE/jobs/slurm/sweep.sbatch" study.yaml -q) || fail "sbatch"
end=$((SECONDS + 170))
until grep -q 'sweep left with exit code [^7]' sweep.log 2>/dev/null; do
  [ $SECONDS -lt $end ] || fail "not finished in time: $(n_complete) trials; $(squeue)"
  sleep 0.5
done
until scontrol show job "$job" | grep -qE 'JobState=(COMPLETED|FAILED|CANCELLED|TIMEOUT)' || [ $SECONDS -ge $end ]; do sleep 0.5; done
scontrol show job "$job" | grep -q 'JobState=COMPLETED' || fail "$(scontrol show job "$job" | grep JobState)"

for line in 'start 1, on node\[1-2\]' 'warned of the time limit' 'left with exit code 75' 'start 2, on node\[1-2\]' \
  'left with exit code 0'; do
  grep -q "$line" sweep.log || fail "the log does not say '$line'"
done
[ "$("$SWEEPGATE" trials study.yaml --format csv | tail -n +2 | wc -l)" = 120 ] || fail "another number of trials"
[ "$(n_complete)" = 120 ] || fail "$(n_complete) of 120 trials are complete"
for node in node1 node2; do
  ! unshare --uts --mount true 2>/dev/null || "$SWEEPGATE" trials study.yaml --format csv | grep -q ",$node," ||
    fail "no trial ran on $node"
done
echo "ok: warned, requeued, 120 of 120 trials, starts: $(grep -c '^== job' sweep.log), in $SECONDS s"
