# SPDX-License-Identifier: GPL-3.0-or-later
"""Goes on with the sample study by Optuna's own sampler for four trials, and prints what they were."""
import sys
import warnings

import optuna

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.load_study(
    study_name="sample",
    storage="sqlite:///" + sys.argv[1],
    sampler=optuna.samplers.TPESampler(seed=1, n_startup_trials=1),
)
waiting = study.ask()  # the trial that waits is taken first
assert waiting.number == 7
assert waiting.suggest_float("lr", 1e-5, 1.0, log=True) == 0.05
choices = ("sgd", None, True, 1, 1.5, 'é"q\\')


def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1.0, log=True)
    trial.suggest_float("drop", 0.0, 0.5, step=0.25)
    trial.suggest_int("layers", 1, 9, step=2)
    trial.suggest_int("width", 1, 64, log=True)
    if trial.suggest_categorical("kind", choices) == "sgd":
        trial.suggest_float("momentum", 0.0, 0.99)
    trial.report(lr, 1)
    trial.set_user_attr("by", "optuna")
    if trial.number == 9:
        raise optuna.TrialPruned()
    if trial.number == 10:
        raise RuntimeError("no luck")
    return lr


study.optimize(objective, n_trials=4, catch=(RuntimeError,))
names = ["lr", "drop", "layers", "width", "kind", "momentum"]
for trial in study.trials[8:]:
    internal = {
        name: dist.to_internal_repr(trial.params[name]) for name, dist in trial.distributions.items()
    }
    point = " ".join(repr(float(internal[name])) if name in internal else "nan" for name in names)
    lr = repr(float(trial.params["lr"]))
    print(f"create {trial.number} RUNNING: {point}")
    print(f"report {trial.number} step 1 {lr}")
    print(f'attr {trial.number} user by="optuna"')
    outcome = {"COMPLETE": f"ok {lr}", "PRUNED": f"pruned {lr}", "FAIL": "told"}[trial.state.name]
    print(f"finish {trial.number} {trial.state.name} {outcome}")
