#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Optuna's samplers on the problems of libbench_problems.so and appends a row for each run.

    peers.py --library LIB --tables DIR --out OUT.csv --optimisers optuna-gp,optuna-tpe-mv [--problems ...]
             [--seeds 0-19] [--trials 200] [--mode sequential|parallel8|parallel64]

A row holds the regret (noise-free value at the trial that was observed best, less the least value) after
25, 50, 100 and 200 trials, and the CPU seconds of all asks and tells. A run already in OUT is skipped, so a
stopped command is taken up again. Seeds are the outer loop: partial results are balanced.

PEER_OPTUNA and PEER_CMAES name folders that hold those packages (unset: the installed ones).
"""
import argparse
import contextlib
import csv
import ctypes
import json
import math
import os
import sys
import time
import warnings
from collections import deque

for _name in ("PEER_OPTUNA", "PEER_CMAES"):
    if os.environ.get(_name):
        sys.path.insert(0, os.environ[_name])
warnings.filterwarnings("ignore")

CHECKPOINTS = (25, 50, 100, 200)
HEADER = ["problem", "family", "optimiser", "mode", "seed"] + [f"regret{k}" for k in CHECKPOINTS] + ["cpu_s"]


class Library:
    """The problems, by ctypes; see problems.h."""

    def __init__(self, path):
        self.lib = lib = ctypes.CDLL(path)
        number, pointer = ctypes.c_size_t, ctypes.c_void_p
        doubles = ctypes.POINTER(ctypes.c_double)
        for name, result, arguments in (
                ("bench_problem_count", number, []),
                ("bench_problem_name", ctypes.c_char_p, [number]),
                ("bench_problem_family", ctypes.c_char_p, [number]),
                ("bench_problem_space", ctypes.c_char_p, [number]),
                ("bench_instance_open", pointer, [number, ctypes.c_uint64, ctypes.c_char_p]),
                ("bench_instance_close", None, [pointer]),
                ("bench_instance_optimum", ctypes.c_double, [pointer]),
                ("bench_instance_evaluate", None, [pointer, ctypes.c_uint64, doubles, doubles, doubles])):
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments
        self.names = [lib.bench_problem_name(i).decode() for i in range(lib.bench_problem_count())]

    def family(self, problem):
        return self.lib.bench_problem_family(self.names.index(problem)).decode()

    def space(self, problem):
        return json.loads(self.lib.bench_problem_space(self.names.index(problem)))


class Instance:
    """One problem with one seed. `space` is the study file's section, as a dict."""

    def __init__(self, library, problem, seed, tables):
        self.lib = library.lib
        self.space = library.space(problem)
        self.handle = self.lib.bench_instance_open(library.names.index(problem), seed, tables.encode())
        if not self.handle:
            raise OSError(f"{problem} cannot be opened")
        self.optimum = self.lib.bench_instance_optimum(self.handle)

    def internal(self, params):
        return [math.nan if name not in params
                else float(p["choices"].index(params[name])) if p["type"] == "categorical"
                else float(params[name]) for name, p in self.space.items()]

    def evaluate(self, number, params):
        """-> (observed, noise-free)"""
        row = self.internal(params)
        observed, truth = ctypes.c_double(), ctypes.c_double()
        self.lib.bench_instance_evaluate(self.handle, number, (ctypes.c_double * len(row))(*row),
                                         ctypes.byref(observed), ctypes.byref(truth))
        return observed.value, truth.value

    def close(self):
        self.lib.bench_instance_close(self.handle)


def let_old_torch_serve(module):
    """`with torch.device(...)` came with torch 2. Before, the default device is the CPU anyway, so the
    module is handed a torch whose device() is a context that does nothing."""
    import torch
    if hasattr(torch.device, "__enter__"):
        return

    class OlderTorch:
        def __getattr__(self, name):
            return getattr(torch, name)

        @staticmethod
        def device(*_args, **_named):
            return contextlib.nullcontext()

    module.torch = OlderTorch()


def open_sampler(optimiser, seed, parallel):
    """An Optuna sampler at its defaults; TPE with the constant liar when trials run in parallel."""
    import optuna
    samplers = optuna.samplers
    if optimiser == "optuna-random":
        return samplers.RandomSampler(seed=seed)
    if optimiser in ("optuna-tpe", "optuna-tpe-mv"):
        return samplers.TPESampler(seed=seed, multivariate=optimiser.endswith("-mv"), constant_liar=parallel)
    if optimiser == "optuna-cma":
        return samplers.CmaEsSampler(seed=seed)
    if optimiser == "optuna-gp":
        sampler = samplers.GPSampler(seed=seed)
        let_old_torch_serve(sys.modules[type(sampler).__module__])
        return sampler
    raise ValueError(f"no such optimiser: {optimiser}")


def suggest(trial, space):
    """Define-by-run: a parameter is asked for only when its `when` holds."""
    params = {}
    for name, p in space.items():
        if any(parent not in params or params[parent] not in values for parent, values in p.get("when", {}).items()):
            continue
        if p["type"] == "categorical":
            params[name] = trial.suggest_categorical(name, p["choices"])
        else:
            ask = trial.suggest_int if p["type"] == "int" else trial.suggest_float
            params[name] = ask(name, p["low"], p["high"], log=p.get("log", False))
    return params


class Run:
    """One study on one instance: `width` trials run at a time; each step ends the oldest, then starts one."""

    def __init__(self, instance, optimiser, seed, width):
        import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.instance, self.width, self.cpu_s = instance, width, 0.0
        self.study = optuna.create_study(sampler=open_sampler(optimiser, seed, width > 1))
        self.fail = optuna.trial.TrialState.FAIL

    def ask(self):
        begun = time.process_time()
        trial = self.study.ask()
        params = suggest(trial, self.instance.space)
        self.cpu_s += time.process_time() - begun
        return trial, params

    def tell(self, trial, observed):
        begun = time.process_time()
        if math.isnan(observed):
            self.study.tell(trial, state=self.fail)
        else:
            self.study.tell(trial, observed)
        self.cpu_s += time.process_time() - begun

    def regrets(self, n_trials):
        running, best, regret, at = deque(), math.inf, math.inf, {}
        n_asked = 0
        for n_told in range(1, n_trials + 1):
            while n_asked < n_trials and len(running) < self.width:
                running.append((n_asked, *self.ask()))
                n_asked += 1
            number, trial, params = running.popleft()
            observed, truth = self.instance.evaluate(number, params)
            self.tell(trial, observed)
            if observed < best:
                best, regret = observed, truth - self.instance.optimum
            if n_told in CHECKPOINTS:
                at[n_told] = regret
        return [at.get(k, math.nan) for k in CHECKPOINTS]


def seed_range(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def finished(path):
    if not os.path.exists(path):
        return set()
    with open(path, newline="") as file:
        return {(r["problem"], r["optimiser"], r["mode"], int(r["seed"])) for r in csv.DictReader(file)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True)
    parser.add_argument("--tables", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--optimisers", required=True, type=lambda text: text.split(","))
    parser.add_argument("--problems", type=lambda text: text.split(","))
    parser.add_argument("--seeds", type=seed_range, default=range(20))
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--mode", default="sequential", choices=["sequential", "parallel8", "parallel64"])
    args = parser.parse_args()
    library = Library(args.library)
    width = int(args.mode.removeprefix("parallel")) if args.mode != "sequential" else 1
    done = finished(args.out)
    with open(args.out, "a", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        if file.tell() == 0:
            rows.writerow(HEADER)
        for seed in args.seeds:
            for problem in args.problems or library.names:
                for optimiser in args.optimisers:
                    if (problem, optimiser, args.mode, seed) in done:
                        continue
                    instance = Instance(library, problem, seed, args.tables)
                    run = Run(instance, optimiser, seed, width)
                    regrets = run.regrets(args.trials)
                    instance.close()
                    rows.writerow([problem, library.family(problem), optimiser, args.mode, seed]
                                  + [f"{r:.6g}" for r in regrets] + [f"{run.cpu_s:.3f}"])
                    file.flush()


if __name__ == "__main__":
    main()
