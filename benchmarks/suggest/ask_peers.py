#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""CPU seconds of one ask and its tell of Optuna's samplers, against the trials in the study; as bench_suggest does it.

    ask_peers.py --out OUT.csv [--optimisers optuna-gp,optuna-tpe-mv] [--dims 5,20] [--trials 50,500,5000]

n random points with the Levy function's values are loaded, one ask and tell warms up, then 3 to 11 are timed (at
least 3, until 8 s are spent). CMA-ES keeps its state in its own trials, so it runs for real and the 20 trials around n
count. What takes more than 15 s a trial is not taken further. PEER_OPTUNA, PEER_CMAES: see ../quality/peers.py.
"""
import argparse
import csv
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "quality"))
import peers  # noqa: E402  (it puts the checkouts on the path)
import numpy as np  # noqa: E402
import optuna  # noqa: E402

MOST_TRIALS = {"optuna-gp": 1000, "optuna-cma": 2000}


def levy(x):
    w = 1 + (np.asarray(x) - 1) / 4
    return float(np.sin(np.pi * w[0]) ** 2
                 + ((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2)).sum()
                 + (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2))


class Study:
    def __init__(self, optimiser, dim):
        self.names = [f"x{i}" for i in range(dim)]
        self.study = optuna.create_study(sampler=peers.open_sampler(optimiser, 1, False))

    def load(self, n):
        distribution = optuna.distributions.FloatDistribution(-10, 10)
        points = np.random.default_rng(n).uniform(-10, 10, (n, len(self.names)))
        self.study.add_trials([optuna.trial.create_trial(
            params=dict(zip(self.names, map(float, x))), distributions={k: distribution for k in self.names},
            value=levy(x)) for x in points])

    def step(self):
        begun = time.process_time()
        trial = self.study.ask()
        x = [trial.suggest_float(name, -10, 10) for name in self.names]
        seconds = time.process_time() - begun
        value = levy(x)
        begun = time.process_time()
        self.study.tell(trial, value)
        return seconds + time.process_time() - begun


def figure(seconds):
    return [f"{s:.9f}" for s in (statistics.median(seconds), min(seconds), max(seconds))] + [len(seconds)]


def time_real(write, optimiser, dim, ns):
    study, seconds = Study(optimiser, dim), []
    for n in ns:
        while len(seconds) < n + 10:
            seconds.append(study.step())
        write([optimiser, dim, n] + figure(seconds[n - 10:n + 10]))


def time_loaded(write, optimiser, dim, ns):
    for n in ns:
        study = Study(optimiser, dim)
        study.load(n)
        seconds = [study.step()]
        if seconds[0] < 30:
            seconds = []
            while len(seconds) < 3 or (len(seconds) < 11 and sum(seconds) < 8):
                seconds.append(study.step())
        write([optimiser, dim, n] + figure(seconds))
        if statistics.median(seconds) > 15:
            break


def numbers(text):
    return [int(k) for k in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--optimisers", type=lambda text: text.split(","),
                        default=["optuna-random", "optuna-tpe", "optuna-tpe-mv", "optuna-cma", "optuna-gp"])
    parser.add_argument("--dims", type=numbers, default=[5, 20])
    parser.add_argument("--trials", type=numbers, default=[50, 100, 200, 500, 1000, 2000, 5000])
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with open(args.out, "a", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        if file.tell() == 0:
            rows.writerow(["optimiser", "d", "n", "median_s", "min_s", "max_s", "repeats"])

        def write(row):
            rows.writerow(row)
            file.flush()

        for optimiser in args.optimisers:
            ns = [n for n in args.trials if n <= MOST_TRIALS.get(optimiser, max(args.trials))]
            for dim in args.dims:
                (time_real if optimiser == "optuna-cma" else time_loaded)(write, optimiser, dim, ns)


if __name__ == "__main__":
    main()
