"""Every decision of our pruners beside Optuna's, over random learning curves told in the same order."""

import math
import random
import subprocess
import sys
import warnings

import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

P = optuna.pruners
PAIRS = [
    ("{name: median, n_startup_trials: 3}", lambda: P.MedianPruner(n_startup_trials=3)),
    ("{name: median, n_startup_trials: 2, n_warmup_steps: 3, interval_steps: 2}",
     lambda: P.MedianPruner(n_startup_trials=2, n_warmup_steps=3, interval_steps=2)),
    ("{name: percentile, percentile: 25, n_startup_trials: 2, n_min_trials: 3}",
     lambda: P.PercentilePruner(25.0, n_startup_trials=2, n_min_trials=3)),
    ("{name: asha, min_resource: 1, reduction_factor: 2}",
     lambda: P.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2)),
    ("{name: asha, min_resource: 2, reduction_factor: 3, min_early_stopping_rate: 1}",
     lambda: P.SuccessiveHalvingPruner(min_resource=2, reduction_factor=3, min_early_stopping_rate=1)),
    ("{name: asha, min_resource: 1, reduction_factor: 3, bootstrap_count: 2}",
     lambda: P.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3, bootstrap_count=2)),
    ("{name: hyperband, min_resource: 1, max_resource: 20, reduction_factor: 2}",
     lambda: P.HyperbandPruner(min_resource=1, max_resource=20, reduction_factor=2)),
    ("{name: hyperband, min_resource: 1, max_resource: 30, reduction_factor: 3}",
     lambda: P.HyperbandPruner(min_resource=1, max_resource=30, reduction_factor=3)),
    ("{name: threshold, lower: 0.1, upper: 2, n_warmup_steps: 2}",
     lambda: P.ThresholdPruner(lower=0.1, upper=2, n_warmup_steps=2)),
    ("{name: patient, patience: 2, min_delta: 0.05}", lambda: P.PatientPruner(None, patience=2, min_delta=0.05)),
    ("{name: patient, patience: 1, pruner: {name: median, n_startup_trials: 2}}",
     lambda: P.PatientPruner(P.MedianPruner(n_startup_trials=2), patience=1)),
]
if hasattr(P, "WilcoxonPruner"):
    PAIRS += [
        ("{name: wilcoxon}", lambda: P.WilcoxonPruner()),
        ("{name: wilcoxon, p_threshold: 0.4, n_startup_steps: 5}",
         lambda: P.WilcoxonPruner(p_threshold=0.4, n_startup_steps=5)),
    ]
else:
    print(f"wilcoxon is not compared: Optuna {optuna.__version__} does not have it")
TRIALS, STEPS, PARALLEL = 40, 20, 3


class Ours:
    def __init__(self, tool, section):
        self.process = subprocess.Popen([tool], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.say(f"pruner {section}")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def report(self, number, step, value):
        self.say(f"report {number} {step} {value!r}")
        return self.process.stdout.readline().strip() == "1"

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def value_at(draw, level, step):
    if draw.random() < 0.02:
        return math.nan
    return level + 1.0 / (1 + step) + draw.gauss(0, 0.05)


def compare(tool, section, make, seed):
    """Runs PARALLEL trials at a time; returns (decisions, prunes) or exits at the first difference."""
    draw = random.Random(seed)
    study = optuna.create_study(study_name="interop", pruner=make())
    ours, running, told, decisions, prunes = Ours(tool, section), [], 0, 0, 0
    while told < TRIALS or running:
        while told < TRIALS and len(running) < PARALLEL:
            running.append((study.ask(), draw.random(), iter(range(STEPS))))
            told += 1
        trial, level, steps = draw.choice(running)
        step = next(steps, None)
        if step is None:
            study.tell(trial, level)
            ours.say(f"finish {trial.number} COMPLETE {level!r}")
            running = [r for r in running if r[0].number != trial.number]
            continue
        value = value_at(draw, level, step)
        trial.report(value, step)
        theirs, mine = trial.should_prune(), ours.report(trial.number, step, value)
        decisions, prunes = decisions + 1, prunes + theirs
        if theirs != mine:
            sys.exit(f"{section} seed {seed}: trial {trial.number} step {step} value {value!r}: "
                     f"Optuna says {theirs}, we say {mine}")
        if theirs:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            ours.say(f"finish {trial.number} PRUNED")
            running = [r for r in running if r[0].number != trial.number]
    if ours.close() != 0:
        sys.exit(f"{section}: our side failed")
    return decisions, prunes


def main():
    for section, make in PAIRS:
        totals = [compare(sys.argv[1], section, make, seed) for seed in range(4)]
        decisions, prunes = (sum(column) for column in zip(*totals))
        print(f"{section}: {decisions} decisions agree, {prunes} of them prune")
        if prunes == 0:
            sys.exit("no decision to prune: the comparison saw nothing")


main()
