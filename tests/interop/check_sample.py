# SPDX-License-Identifier: GPL-3.0-or-later
"""What Optuna must see in the file that `test_store_sample write` makes."""
import math
import sys

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.load_study(study_name="sample", storage="sqlite:///" + sys.argv[1])
choices = ("sgd", None, True, 1, 1.5, 'é"q\\')

assert study.direction == optuna.study.StudyDirection.MINIMIZE
assert study.user_attrs == {"about": "sample"}
trials = study.trials
assert [t.number for t in trials] == list(range(8))
states = [TrialState.COMPLETE] * 4 + [TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING, TrialState.WAITING]
assert [t.state for t in trials] == states

assert trials[0].params == {"lr": 0.1, "drop": 0.25, "layers": 3, "width": 16, "kind": "sgd", "momentum": 0.9}
assert trials[0].distributions == {
    "lr": FloatDistribution(1e-5, 1.0, log=True),
    "drop": FloatDistribution(0.0, 0.5, step=0.25),
    "layers": IntDistribution(1, 9, step=2),
    "width": IntDistribution(1, 64, log=True),
    "kind": CategoricalDistribution(choices),
    "momentum": FloatDistribution(0.0, 0.99),
}
for number, choice in enumerate(choices):
    kind = trials[number].params["kind"]
    assert kind == choice and type(kind) is type(choice)
    assert ("momentum" in trials[number].params) == (choice == "sgd")
assert isinstance(trials[0].params["layers"], int) and isinstance(trials[0].params["lr"], float)

assert [t.value for t in trials[:5]] == [0.75, 0.125, math.inf, -0.5, 3.0]
assert trials[5].value is None
reports = trials[3].intermediate_values
assert list(reports) == [1, 2, 4, 5]
assert reports[1] == 2.5 and math.isnan(reports[2]) and reports[4] == math.inf and reports[5] == -math.inf
assert trials[4].intermediate_values == {10: 3.0}
assert math.isnan(trials[1].user_attrs["note"]["a"]) and trials[1].user_attrs["note"]["b"] == [1, "é"]
assert trials[1].system_attrs == {"sweepgate:host": "n1"}
assert trials[5].user_attrs == {"sweepgate:outcome": "exit", "sweepgate:message": "exit code 3"}

assert trials[1].datetime_start.isoformat() == "2026-01-01T12:00:01"
assert trials[1].datetime_complete.isoformat() == "2026-01-01T12:00:01.500000"
assert trials[6].datetime_complete is None and trials[7].datetime_start is None
assert min(trials[:4], key=lambda t: t.value).number == 3
if not optuna.__version__.startswith("3."):
    assert study.best_trial.number == 3 and study.best_value == -0.5
else:  # Optuna 3 takes an infinite value, its own too, for the least (the column is NULL)
    assert study.best_trial.number in (2, 3)
