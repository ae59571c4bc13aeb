# Shell functions of the tests of trial clients: one study for all of them, whatever the language.
. "$(dirname "$0")/lib_sweep.sh"
client=$SWEEPGATE_SOURCE/jobs/client

# write_client_study TRIAL_YAML: trials whose report is above 0.5 are pruned.
write_client_study() {
  cat >study.yaml <<END
study: client
storage: client.db
seed: 11
objective: {metric: loss, direction: minimize}
trials: 12
parallel: 2
space:
  x: {type: float, low: 0, high: 1}
  kind: {type: categorical, choices: [sgd, "it's \"é\""]}
  n: {type: int, low: 1, high: 3, when: {kind: sgd}}
sampler: {name: random}
pruner: {name: threshold, upper: 0.5}
trial:
$1
END
}

# check_client_study: what each client's trial has to come to. It reports x at step 1, stops when told to, keeps kind
# as an attribute, gives x + 1 as its result; n where it exists, or else 9, as attribute n.
check_client_study() {
  expect_code 0 "$SWEEPGATE" run study.yaml
  "$SWEEPGATE" trials study.yaml --format json >trials.json || fail "trials"
  python3 - <<'END' || fail "the trials are not as they should be"
import json, sys
trials = json.load(open("trials.json"))
bad = 0
for t in trials:
    params = {k[len("params_"):]: v for k, v in t.items() if k.startswith("params_") and v is not None}
    attrs = {k[len("user_attrs_"):]: v for k, v in t.items() if k.startswith("user_attrs_")}
    pruned = params["x"] > 0.5
    good = (t["state"] == ("PRUNED" if pruned else "COMPLETE")
            and (t["value"] == (params["x"] if pruned else params["x"] + 1))
            and attrs.get("kind") == params["kind"]
            and int(attrs.get("n")) == params.get("n", 9))
    bad += not good
    if not good:
        print(t)
states = [t["state"] for t in trials]
sys.exit(bool(bad) or len(trials) != 12 or set(states) != {"PRUNED", "COMPLETE"})
END
}
