# ask and tell: points for trials that somebody else runs.
. "$(dirname "$0")/lib_sweep.sh"

cat >study.yaml <<'END'
study: by-hand
storage: test.db
seed: 3
objective: {metric: loss, direction: minimize}
space:
  x: {type: float, low: 0, high: 1}
  kind: {type: categorical, choices: [a, 2, true, null]}
pruner: {name: median, n_startup_trials: 1}
END
expect_code 0 "$SWEEPGATE" ask study.yaml -n 3
[ "$(wc -l <out.txt)" -eq 3 ] || fail "three points were asked for"
expect_text out.txt '^\{"number": 0, "params": \{"x": 0\.[0-9]+, "kind": ("a"|2|true|null)\}\}$'
expect_code 0 "$SWEEPGATE" tell study.yaml 0 --step 1 --value 0.5
expect_text out.txt '"prune": false'
expect_code 0 "$SWEEPGATE" tell study.yaml 0 --value 0.5
expect_code 10 "$SWEEPGATE" tell study.yaml 1 --step 1 --value 0.9
expect_text out.txt '"prune": true'
expect_code 0 "$SWEEPGATE" tell study.yaml 1 --state pruned
expect_code 0 "$SWEEPGATE" tell study.yaml 2 --state fail
expect_count study.yaml COMPLETE 1
expect_count study.yaml PRUNED 1
expect_count study.yaml FAIL 1

expect_code 2 "$SWEEPGATE" tell study.yaml 0 --value 0.4
expect_code 0 "$SWEEPGATE" tell study.yaml 0 --value 0.4 --skip-if-finished
expect_code 2 "$SWEEPGATE" tell study.yaml 17 --value 1
expect_text err.txt 'no trial 17'
expect_code 0 "$SWEEPGATE" ask study.yaml
expect_code 2 "$SWEEPGATE" tell study.yaml 3 --value nan
expect_code 2 "$SWEEPGATE" tell study.yaml 3 --value many
expect_text err.txt "'many'"
expect_code 0 "$SWEEPGATE" best study.yaml
expect_text out.txt '0\.5'

# A sweep of the same study leaves asked trials to those who asked.
mkdir both && cd both || exit 1
write_study 4 'echo loss={x}'
expect_code 0 "$SWEEPGATE" ask study.yaml
expect_code 0 "$SWEEPGATE" run study.yaml
expect_count study.yaml COMPLETE 3
expect_count study.yaml RUNNING 1
expect_code 0 "$SWEEPGATE" tell study.yaml 0 --value 0.5
expect_count study.yaml COMPLETE 4
cd ..

# A finite space ends: exit 4.
mkdir grid && cd grid || exit 1
sed -e 's/x: .*/x: {type: int, low: 1, high: 2}/' -e '/kind/d' -e 's/pruner.*/sampler: {name: grid}/' ../study.yaml >study.yaml
expect_code 0 "$SWEEPGATE" ask study.yaml -n 2
expect_code 4 "$SWEEPGATE" ask study.yaml
finish
