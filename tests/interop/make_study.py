# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a study with Optuna alone, and prints the events that a reader of it should see."""
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.CRITICAL)
study = optuna.create_study(
    study_name="theirs",
    storage="sqlite:///" + sys.argv[1],
    sampler=optuna.samplers.RandomSampler(seed=3),
)


def objective(trial):
    x = trial.suggest_float("x", 0.0, 1.0)
    n = trial.suggest_int("n", 1, 9)
    if trial.number == 3:
        raise RuntimeError("no luck")
    c = trial.suggest_categorical("c", [None, "a", 2.5])
    trial.report(x, 1)
    trial.report(float("nan"), 2)
    trial.set_user_attr("k", [n, c])
    if trial.number == 1:
        raise optuna.TrialPruned()
    return x


def describe():
    print("study theirs: x n c")
    for trial in study.trials:
        internal = {k: float(d.to_internal_repr(trial.params[k])) for k, d in trial.distributions.items()}
        print(f"create {trial.number} RUNNING:", *[repr(internal.get(k, float("nan"))) for k in ("x", "n", "c")])
        for step, value in trial.intermediate_values.items():
            print(f"report {trial.number} step {step} {value!r}")
        for key in trial.user_attrs:
            text = '"a"' if trial.params["c"] == "a" else "null" if trial.params["c"] is None else "2.5"
            print(f'attr {trial.number} user {key}=[{trial.params["n"]}, {text}]')
        outcome = {"COMPLETE": "ok", "PRUNED": "pruned", "FAIL": "told", "RUNNING": ""}[trial.state.name]
        if outcome:
            value = "" if trial.value is None else f" {trial.value!r}"
            print(f"finish {trial.number} {trial.state.name} {outcome}{value}")


study.optimize(objective, n_trials=4, catch=(RuntimeError,))
study.ask({name: study.trials[0].distributions[name] for name in ("x", "n", "c")})
describe()
