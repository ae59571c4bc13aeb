# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what Optuna sees in a storage with what `best` and `trials` print of it."""
import json
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.load_study(study_name="agree", storage="sqlite:///" + sys.argv[1])
best = json.load(open(sys.argv[2]))
ours = json.load(open(sys.argv[3]))

assert best["number"] == study.best_trial.number
assert best["value"] == study.best_value
assert best["params"] == study.best_params
assert len(ours) == len(study.trials) == 60
for mine, theirs in zip(ours, study.trials):
    assert mine["number"] == theirs.number and mine["state"] == theirs.state.name
    assert mine.get("value") == theirs.value
    params = {key[len("params_") :]: value for key, value in mine.items() if key.startswith("params_")}
    assert params == theirs.params, (params, theirs.params)
    assert ("y" in params) == (params["kind"] == "a")
    assert abs(mine["duration"] - theirs.duration.total_seconds()) < 1e-6
    if mine["state"] == "FAIL":
        assert theirs.user_attrs["sweepgate:outcome"] == mine["outcome"]
outcomes = {mine["outcome"] for mine in ours}
assert {"ok", "exit", "signal"} <= outcomes, outcomes
