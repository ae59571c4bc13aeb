"""The runs of bench_pruning with Optuna's samplers and pruners; the same tables, the same CSV file.

usage: peers.py --tables DIR --out FILE [--only NAME,NAME] [--seeds N] [--trials N] [--extend N] [--until SHARE]
                [--samplers random,tpe] [--pruners none,median,sha,hyperband]

Optuna is the installed one, or the checkout that PEER_OPTUNA names. Rows that the file has are not run again.
"""
import argparse
import csv
import json
import math
import os
import sys
import warnings

import numpy as np

if os.environ.get("PEER_OPTUNA"):
    sys.path.insert(0, os.environ["PEER_OPTUNA"])
import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

SHARES = [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.333, 0.4, 0.5, 0.6, 0.8, 1]
VERSION = optuna.__version__.split(".")[0]
PRUNERS = {
    "none": lambda steps: optuna.pruners.NopPruner(),
    "median": lambda steps: optuna.pruners.MedianPruner(),
    "sha": lambda steps: optuna.pruners.SuccessiveHalvingPruner(),
    "hyperband": lambda steps: optuna.pruners.HyperbandPruner(min_resource=1, max_resource=steps),
}
SAMPLERS = {
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "tpe-mv": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
}


class Table:
    """As curve_table.c: each row once, the nearest in the unit cube first."""

    def __init__(self, problem, folder):
        self.space, self.steps = problem["space"], problem["steps"]
        self.sign = -1.0 if problem["direction"] == "maximize" else 1.0
        with open(os.path.join(folder, problem["file"])) as file:
            rows = list(csv.DictReader(file))
        names = [f"{problem['curve']}{i:02d}" for i in range(1, self.steps + 1)]
        self.curves = np.array([[float(r[n]) for n in names] for r in rows])
        self.units = np.array([self.unit({n: self.cell(r, n) for n in self.space}) for r in rows])
        self.finals = np.sort(self.sign * self.curves[:, -1])
        self.finals = self.finals[~np.isnan(self.finals)]

    def cell(self, row, name):
        if name.startswith("one_minus_"):
            return 1 - float(row[name[len("one_minus_"):]])
        text = row[name]
        if self.space[name]["type"] == "categorical":
            return text
        return float(text) if text else None

    def unit(self, params):
        """Coordinates in [0, 1]; nan where a parameter does not exist; categoricals by their index."""
        out = []
        for name, p in self.space.items():
            x = params.get(name)
            if x is None:
                out.append(math.nan)
                continue
            if p["type"] == "categorical":
                out.append(float(p["choices"].index(x)))
                continue
            half = 0.5 if p["type"] == "int" else 0.0
            low, high, x = p["low"] - half, p["high"] + half, min(max(x, p["low"]), p["high"])
            if p.get("log"):
                low, high, x = math.log(low), math.log(high), math.log(x)
            out.append((x - low) / (high - low))
        return out

    def take(self, params, used):
        unit = np.array(self.unit(params))
        by = np.where(np.isnan(self.units) & np.isnan(unit), 0.0, self.units - unit)
        by[np.isnan(by)] = math.inf
        for i, p in enumerate(self.space.values()):
            if p["type"] == "categorical":
                by[by[:, i] != 0, i] = math.inf
        distance = np.where(used, math.nan, (by * by).sum(1))
        row = int(np.nanargmin(distance))
        used[row] = True
        return self.curves[row]

    def regret(self, value):
        if math.isnan(value):
            return 1.0
        best, median = self.finals[0], self.finals[len(self.finals) // 2]
        return min(1.0, (self.sign * value - best) / (median - best))

    def rank(self, value):
        if math.isnan(value):
            return 1.0
        return float((self.finals < self.sign * value).sum()) / len(self.curves)


def suggest(trial, space):
    params = {}
    for name, p in space.items():
        if any(params.get(parent) != value for parent, value in p.get("when", {}).items()):
            continue
        if p["type"] == "categorical":
            params[name] = trial.suggest_categorical(name, p["choices"])
        elif p["type"] == "int":
            params[name] = trial.suggest_int(name, p["low"], p["high"], log=p.get("log", False))
        else:
            params[name] = trial.suggest_float(name, p["low"], p["high"], log=p.get("log", False))
    return params


class Run:
    def __init__(self, table, study, args):
        self.table, self.study, self.trials = table, study, args.trials
        self.most, self.until = args.trials * args.extend, args.until
        self.epochs, self.best, self.total, self.noted, self.at = 0, math.nan, 0, None, []
        self.counts = {"complete": 0, "pruned": 0}
        self.used = np.zeros(len(table.curves), bool)

    def share(self):
        return self.epochs / (self.trials * self.table.steps)

    def better(self, value):
        return math.isnan(self.best) or self.table.sign * value < self.table.sign * self.best

    def note(self):
        while len(self.at) < len(SHARES) and self.share() >= SHARES[len(self.at)] - 1e-9:
            self.at.append(self.best)

    def trial(self):
        trial = self.study.ask()
        curve = self.table.take(suggest(trial, self.table.space), self.used)
        for step, value in enumerate(curve, 1):
            trial.report(value, step)
            self.epochs += 1
            if step < len(curve) and trial.should_prune():
                self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                self.counts["pruned"] += 1
                return self.note()
            if step < len(curve):
                self.note()
        if math.isnan(curve[-1]):
            self.study.tell(trial, state=optuna.trial.TrialState.FAIL)
            return self.note()
        self.study.tell(trial, float(curve[-1]))
        self.counts["complete"] += 1
        if self.better(curve[-1]):
            self.best = float(curve[-1])
        self.note()

    def whole(self):
        while self.total < self.trials or (self.total < min(self.most, len(self.used)) and self.share() < self.until):
            self.trial()
            self.total += 1
            if self.total == self.trials:
                self.noted = (self.epochs, self.counts["complete"], self.counts["pruned"], self.best)
        self.at += [self.best] * (len(SHARES) - len(self.at))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default="../shared/hpo-tables")
    parser.add_argument("--list", default="benchmarks/pruning/tables.json")
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--extend", type=int, default=1)
    parser.add_argument("--until", type=float, default=1.0)
    parser.add_argument("--samplers", default="random,tpe")
    parser.add_argument("--pruners", default="none,median,sha,hyperband")
    args = parser.parse_args()
    done = set()
    if os.path.exists(args.out):
        done = {tuple(line.split(",")[:7]) for line in open(args.out)}
    out = open(args.out, "a")
    if not done:
        out.write("table,collection,pruner,sampler,parallel,seed,trials,epochs,complete,pruned,total,value,regret,rank")
        out.write("".join(f",regret@{s:g}" for s in SHARES) + "".join(f",rank@{s:g}" for s in SHARES) + "\n")
    problems = [p for p in json.load(open(args.list)) if p["name"].startswith(tuple(args.only.split(",")))]
    tables = [Table(p, args.tables) for p in problems]
    for seed in range(args.seeds):
        for problem, table in zip(problems, tables):
            for sampler in args.samplers.split(","):
                for pruner in args.pruners.split(","):
                    key = (problem["name"], problem["collection"], f"optuna{VERSION}-{pruner}", f"optuna{VERSION}-{sampler}", "1",
                           str(seed), str(args.trials))
                    if key in done:
                        continue
                    study = optuna.create_study(study_name=f"s{seed}", direction=problem["direction"],
                                                sampler=SAMPLERS[sampler](seed), pruner=PRUNERS[pruner](table.steps))
                    run = Run(table, study, args)
                    run.whole()
                    epochs, complete, pruned, value = run.noted
                    fields = [*key, epochs, complete, pruned, run.total, f"{value:.6g}", f"{table.regret(value):.5f}",
                              f"{table.rank(value):.4f}"]
                    fields += [f"{table.regret(v):.5f}" for v in run.at] + [f"{table.rank(v):.4f}" for v in run.at]
                    out.write(",".join(map(str, fields)) + "\n")
                    out.flush()


if __name__ == "__main__":
    main()
