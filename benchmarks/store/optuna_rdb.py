#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work as bench_store, by Optuna's own SQLite storage: ask, five parameters, tell. Prints trials a second.
Usage: optuna_rdb.py [FOLDER [TRIALS]]"""
import os
import sys
import tempfile
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
folder = sys.argv[1] if len(sys.argv) > 1 else "."
n_trials = int(sys.argv[2]) if len(sys.argv) > 2 else 200
space = {
    "lr": optuna.distributions.FloatDistribution(1e-5, 1.0, log=True),
    "dropout": optuna.distributions.FloatDistribution(0.0, 0.5),
    "layers": optuna.distributions.IntDistribution(1, 8),
    "width": optuna.distributions.IntDistribution(4, 512, log=True),
    "optimizer": optuna.distributions.CategoricalDistribution(("sgd", "adam", "rmsprop")),
}
with tempfile.TemporaryDirectory(dir=folder) as place:
    study = optuna.create_study(
        storage="sqlite:///" + os.path.join(place, "optuna.db"),
        sampler=optuna.samplers.RandomSampler(seed=1),
    )
    begun = time.perf_counter()
    for _ in range(n_trials):
        trial = study.ask(space)
        study.tell(trial, trial.params["lr"])
    seconds = time.perf_counter() - begun
print(f"optuna {optuna.__version__}: {n_trials / seconds:.0f} trials a second ({n_trials} trials)")
