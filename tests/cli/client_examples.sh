# The examples run as their head lines say.
. "$(dirname "$0")/lib_sweep.sh"
PATH=$(dirname "$SWEEPGATE"):$PATH
mkdir -p jobs && cp -r "$SWEEPGATE_SOURCE/jobs/client" "$SWEEPGATE_SOURCE/jobs/examples" jobs/ && cd jobs/examples/branin || exit 1
for study in *.yaml; do
  sed -n '1s/^# *//p' "$study" | sed 's/ (.*//' >command.txt
  expect_code 0 bash command.txt
  [ "$(trial_column "$study" state | wc -l)" -eq 30 ] || fail "$study: not 30 trials"
  [ "$(trial_column "$study" state | grep -vc -e COMPLETE -e PRUNED)" -eq 0 ] || fail "$study: a trial failed"
  [ "$(trial_column "$study" state | grep -c COMPLETE)" -gt 0 ] || fail "$study: no trial is complete"
done
# The same seed, the same objective: C and library agree bit for bit when one runs at a time.
for study in c library; do
  rm -f branin-$study.db*
  expect_code 0 sweepgate run $study.yaml -j 1
  trial_column $study.yaml value >$study.txt
done
cmp c.txt library.txt || fail "a command and a library give other values"
finish
