#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranks optimisers from the rows of bench_quality and peers.py.

    analyse.py A.csv B.csv ... [--optimisers gp,optuna-gp] [--mode sequential] [--out DIR]
    analyse.py A.csv B.csv ... --pair gp-new gp-old        either may be OPTIMISER/MODE
    analyse.py A.csv B.csv ... --loss                      regret in parallel against sequential

For each problem and seed the optimisers are ranked by their regret (1 is best, ties share the mean of their
ranks); a mean rank is the mean over seeds, then over problems. Only runs that every optimiser has are used.
Regrets below 1e-6 of a problem's typical regret after 25 trials are solved, and tied. Intervals hold 95 % of
10,000 bootstrap resamplings of the seeds within each problem. With --out: ranks.csv, ranks.md, ranks.svg.
"""
import argparse
import collections
import csv
import os
import sys

import numpy as np

CHECKPOINTS = (25, 50, 100, 200)
JUDGED = slice(1, None)  # the counts at which mean ranks are judged
RESAMPLINGS = 10000
SOLVED = 1e-6


def read_rows(paths, mode):
    """{optimiser: {(problem, seed): regrets}}, {problem: family}, the CPU seconds of all runs by optimiser"""
    runs, families, cpu_s = collections.defaultdict(dict), {}, collections.defaultdict(list)
    for path in paths:
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                if row["mode"] != mode:
                    continue
                regrets = [float(row[f"regret{k}"]) for k in CHECKPOINTS]
                runs[row["optimiser"]][row["problem"], int(row["seed"])] = regrets
                families[row["problem"]] = row["family"]
                cpu_s[row["optimiser"]].append(float(row["cpu_s"]))
    return runs, families, cpu_s


class Table:
    """Regrets of the runs that all optimisers have: for each problem an array (optimiser, seed, checkpoint)."""

    def __init__(self, runs, families, optimisers):
        self.optimisers = optimisers
        shared = set.intersection(*(set(runs[o]) for o in optimisers))
        self.problems = sorted({p for p, _ in shared}, key=lambda p: (families[p], p))
        self.families = {p: families[p] for p in self.problems}
        self.regrets = {}
        # Runs of fewer trials have no regret at the later checkpoints.
        self.checkpoints = [at for k, at in enumerate(CHECKPOINTS)
                            if not any(np.isnan(runs[o][key][k]) for o in optimisers for key in shared)]
        for problem in self.problems:
            seeds = sorted(s for p, s in shared if p == problem)
            values = np.array([[runs[o][problem, s] for s in seeds] for o in optimisers])
            typical = np.median(np.where(np.isfinite(values[:, :, 0]), values[:, :, 0], np.nanmax(
                np.where(np.isfinite(values), values, 0))))
            self.regrets[problem] = np.maximum(values, SOLVED * typical)

    def seeds(self, problem):
        return self.regrets[problem].shape[1]


def ranks(values):
    """Along axis 0, ties sharing the mean: (optimiser, ...) -> the same shape, from 1."""
    less = (values[None] < values[:, None]).sum(axis=1)
    equal = (values[None] == values[:, None]).sum(axis=1)
    return less + (equal + 1) / 2


def resample_mean(values, rng):
    """(k, seeds) -> (RESAMPLINGS, k): means over seeds drawn with replacement"""
    n = values.shape[1]
    counts = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLINGS)
    return counts @ values.T / n


def interval(samples):
    return np.percentile(samples, [2.5, 97.5], axis=0)


def mean_over_problems(by_problem, rng):
    """by_problem: an array over seeds for each problem -> mean over seeds, then over problems, and its interval"""
    samples = np.mean([resample_mean(seeds[None], rng)[:, 0] for seeds in by_problem], axis=0)
    return np.mean([seeds.mean() for seeds in by_problem]), *interval(samples)


class MeanRanks:
    """At one checkpoint: `mean` by optimiser, `samples` (RESAMPLINGS, optimisers), by problem and overall."""

    def __init__(self, table, checkpoint, problems=None):
        rng = np.random.default_rng(1)
        k = CHECKPOINTS.index(checkpoint)
        self.by_problem = {}
        samples = []
        for problem in problems or table.problems:
            of_seeds = ranks(table.regrets[problem][:, :, k])
            self.by_problem[problem] = of_seeds.mean(axis=1)
            samples.append(resample_mean(of_seeds, rng))
        self.mean = np.mean(list(self.by_problem.values()), axis=0)
        self.samples = np.mean(samples, axis=0)

    def over_problems(self, i, j):
        """The interval of mean[i] - mean[j] when the problems are drawn anew: would it hold on others?"""
        rng = np.random.default_rng(2)
        by_problem = np.array(list(self.by_problem.values()))
        differences = by_problem[:, i] - by_problem[:, j]
        return interval(resample_mean(differences[None], rng)[:, 0])


def with_interval(mean, low, high):
    return f"{mean:.2f} [{low:.2f}, {high:.2f}]"


def markdown_table(header, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |"
                     for row in [header, ["---"] + ["---:"] * (len(header) - 1)] + rows) + "\n"


def is_peer(optimiser):
    return optimiser.startswith("optuna")


def overall_table(table, by_checkpoint):
    rows = []
    order = np.argsort(by_checkpoint[table.checkpoints[-1]].mean)
    for i in order:
        cells = [table.optimisers[i]]
        for at in table.checkpoints:
            low, high = interval(by_checkpoint[at].samples[:, i])
            cells.append(with_interval(by_checkpoint[at].mean[i], low, high))
        rows.append(cells)
    return markdown_table(["mean rank after"] + [f"{k} trials" for k in table.checkpoints], rows)


def difference_table(table, by_checkpoint):
    ours = [o for o in table.optimisers if not is_peer(o)]
    peers = [o for o in table.optimisers if is_peer(o)]
    rows = []
    for mine in ours:
        for peer in peers:
            i, j = table.optimisers.index(mine), table.optimisers.index(peer)
            cells = [f"{mine} - {peer}"]
            for at in table.checkpoints:
                ranked = by_checkpoint[at]
                low, high = interval(ranked.samples[:, i] - ranked.samples[:, j])
                star = "**" if high < 0 else ""
                wide = ranked.over_problems(i, j)
                cells.append(star + with_interval(ranked.mean[i] - ranked.mean[j], low, high) + star
                             + f" ({wide[0]:.2f}, {wide[1]:.2f})")
            rows.append(cells)
    if not rows:
        return ""
    return markdown_table(["difference of mean ranks"] + [f"{k} trials" for k in table.checkpoints], rows)


def family_table(table, at):
    families = sorted(set(table.families.values()))
    columns = {}
    for family in families:
        columns[family] = MeanRanks(table, at, [p for p in table.problems if table.families[p] == family])
    rows = [[o] + [f"{columns[f].mean[i]:.2f}" for f in families] for i, o in enumerate(table.optimisers)]
    return markdown_table([f"mean rank after {at}"] + families, rows)


def median_table(table, at):
    k = CHECKPOINTS.index(at)
    rows = []
    for problem in table.problems:
        medians = np.median(table.regrets[problem][:, :, k], axis=1)
        best = medians.min()
        rows.append([problem, table.families[problem], table.seeds(problem)]
                    + [f"**{m:.3g}**" if m <= best else f"{m:.3g}" for m in medians])
    return markdown_table([f"median regret after {at}", "family", "seeds"] + table.optimisers, rows)


def normalised(table):
    """(optimiser, checkpoint): the mean over problems of regret / typical regret after 25 trials, at most 1"""
    shares = []
    for problem in table.problems:
        values = table.regrets[problem]
        typical = np.median(values[:, :, 0])
        shares.append(np.minimum(values / typical if typical > 0 else np.ones_like(values), 1).mean(axis=1))
    return np.mean(shares, axis=0)


def report(table, by_checkpoint, cpu_s, mode):
    n_seeds = sorted({table.seeds(p) for p in table.problems})
    seeds = f"{n_seeds[0]}" if len(n_seeds) == 1 else f"{n_seeds[0]} to {n_seeds[-1]}"
    text = f"# Quality, {mode}: {len(table.problems)} problems, {seeds} seeds each\n\n"
    text += "Ranks among these optimisers, 1 is best; [95 % by bootstrap over seeds].\n\n"
    text += overall_table(table, by_checkpoint)
    text += "\nBelow zero: ours is ahead; bold where the interval over seeds is clear of zero. "
    text += "(In round brackets: the interval when the problems are drawn anew as well.)\n\n"
    text += difference_table(table, by_checkpoint)
    for at in table.checkpoints[1:]:
        text += "\n" + family_table(table, at)
    for at in table.checkpoints[1:]:
        text += "\n" + median_table(table, at)
    rows = [[o, f"{np.mean(cpu_s[o]):.3f}"] for o in table.optimisers]
    return text + "\n" + markdown_table(["optimiser", "CPU seconds a run (asks and tells)"], rows)


def write_csv(path, table, by_checkpoint):
    with open(path, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["optimiser", "trials", "mean_rank", "low", "high"])
        for i, optimiser in enumerate(table.optimisers):
            for at in table.checkpoints:
                low, high = interval(by_checkpoint[at].samples[:, i])
                rows.writerow([optimiser, at, f"{by_checkpoint[at].mean[i]:.4f}", f"{low:.4f}", f"{high:.4f}"])


def draw(path, table, by_checkpoint, mode):
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt
    plt.rcParams.update({"svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif",
                         "svg.hashsalt": "sweepgate"})
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), constrained_layout=True)
    colours, markers = plt.get_cmap("tab10"), "osD^vPX*"
    curves = normalised(table)
    shift = np.linspace(-0.12, 0.12, len(table.optimisers))
    for i, optimiser in enumerate(table.optimisers):
        style = dict(color=colours(i % 10), marker=markers[i % len(markers)], markersize=4, label=optimiser,
                     linestyle="--" if is_peer(optimiser) else "-", linewidth=1.2 if is_peer(optimiser) else 2)
        mean = np.array([by_checkpoint[at].mean[i] for at in table.checkpoints])
        low, high = np.array([interval(by_checkpoint[at].samples[:, i]) for at in table.checkpoints]).T
        left.errorbar(np.arange(len(mean)) + shift[i], mean, yerr=[mean - low, high - mean], capsize=2, **style)
        right.plot(range(len(table.checkpoints)), curves[i, :len(table.checkpoints)], **style)
    left.set_ylabel("mean rank (1 is best)")
    left.invert_yaxis()
    right.set_ylabel("mean regret / typical after 25")
    right.set_yscale("log")
    for axes in (left, right):
        axes.set_xticks(range(len(table.checkpoints)), [str(k) for k in table.checkpoints])
        axes.set_xlabel("trials")
        axes.grid(alpha=0.3, linewidth=0.5)
    right.legend(fontsize=8, frameon=False)
    figure.suptitle(f"{len(table.problems)} problems, {mode}", fontsize=10)
    figure.savefig(path, metadata={"Date": None})


def compare(runs, families, pair):
    """Wins, ties and losses of pair[0] against pair[1] by family, with the interval of (wins - losses) / runs."""
    table = Table(runs, families, pair)
    print(f"{pair[0]} against {pair[1]}: {len(table.problems)} problems, "
          f"{sum(table.seeds(p) for p in table.problems)} pairs of runs; won-tied-lost, (won - lost) / all, "
          "and the median over problems of log10(regret / regret)")
    groups = sorted(set(table.families.values()))
    width = max(len(g) for g in groups + table.problems) + 2
    by_problem = [(p, [p]) for p in table.problems]
    for name, problems in [("ALL", table.problems)] + [
            (g, [p for p in table.problems if table.families[p] == g]) for g in groups] + by_problem:
        line = f"{name:<{width}}" if len(problems) > 1 or name in groups else f"  {name:<{width - 2}}"
        for k, at in enumerate(table.checkpoints):
            rng = np.random.default_rng(3)
            signs = [np.sign(table.regrets[p][1, :, k] - table.regrets[p][0, :, k]) for p in problems]
            flat = np.concatenate(signs)
            mean, low, high = mean_over_problems(signs, rng)
            with np.errstate(all="ignore"):
                ratio = np.nanmedian([np.nanmedian(np.log10(table.regrets[p][0, :, k] / table.regrets[p][1, :, k]))
                                      for p in problems])
            counts = f"{(flat > 0).sum()}-{(flat == 0).sum()}-{(flat < 0).sum()}"
            line += f" | {at:>3}: {counts:>10} {mean:+.2f} [{low:+.2f},{high:+.2f}] {ratio:+.2f}"
        print(line)


def typical_regrets(runs):
    """problem: the median over all runs of all optimisers of the regret after 25 trials"""
    by_problem = collections.defaultdict(list)
    for own in runs.values():
        for (problem, _), regrets in own.items():
            by_problem[problem].append(regrets[0])
    return {p: np.median(v) for p, v in by_problem.items()}


LOSS_SCALES = ("regret lost, of a problem's typical regret after 25 trials",
               "the same, what is above the typical regret counting as that",
               "the same in powers of ten, solved runs equal")


def losses(parallel, sequential, typical):
    """{(problem, seed): what is lost in regret, checkpoints x LOSS_SCALES} of the runs that both have"""
    by_run = {}
    for key in set(parallel) & set(sequential):
        unit = typical[key[0]] or 1
        a, b = np.array(parallel[key]) / unit, np.array(sequential[key]) / unit
        orders = np.log10(np.maximum(a, SOLVED)) - np.log10(np.maximum(b, SOLVED))
        by_run[key] = np.stack([a - b, np.minimum(a, 1) - np.minimum(b, 1), orders], axis=1)
    return by_run


def loss_row(name, by_run, scale):
    """A row of the table: mean over seeds, then over problems, with its interval; each checkpoint, then the judged."""
    rng, cells = np.random.default_rng(4), []
    problems = sorted({problem for problem, _ in by_run})
    stacks = [np.array([v[:, scale] for (p, _), v in sorted(by_run.items()) if p == problem]) for problem in problems]
    for k in range(len(CHECKPOINTS)):
        cells.append(with_interval(*mean_over_problems([s[:, k] for s in stacks], rng)))
    cells.append(with_interval(*mean_over_problems([s[:, JUDGED].mean(axis=1) for s in stacks], rng)))
    return [name, len(problems), len(by_run)] + cells


def loss_rows(by_optimiser, scale):
    """Of each optimiser, then the differences of ours and the peers', paired by run."""
    rows = [loss_row(o, by_optimiser[o], scale) for o in sorted(by_optimiser)]
    for mine in ("gp", "tpe"):
        for peer in ("optuna-tpe-mv", "optuna-tpe", "optuna-gp"):
            a, b = by_optimiser.get(mine, {}), by_optimiser.get(peer, {})
            paired = {key: a[key] - b[key] for key in set(a) & set(b)}
            if paired:
                rows.append(loss_row(f"{mine} - {peer}", paired, scale))
    return rows


def print_losses(args):
    """What trials in parallel lose against the same number of trials in sequence, over the runs that both have."""
    sequential, _, _ = read_rows(args.files, "sequential")
    typical = typical_regrets(sequential)
    for mode in ("parallel8", "parallel64"):
        parallel, _, _ = read_rows(args.files, mode)
        by_optimiser = {o: losses(runs, sequential.get(o, {}), typical) for o, runs in parallel.items()
                        if not args.optimisers or o in args.optimisers}
        by_optimiser = {o: by_run for o, by_run in by_optimiser.items() if by_run}
        for scale, title in enumerate(LOSS_SCALES if by_optimiser else ()):
            print(f"\n## {mode}: {title}\n")
            head = [f"{k} trials" for k in CHECKPOINTS] + ["mean after " + ", ".join(map(str, CHECKPOINTS[JUDGED]))]
            print(markdown_table(["optimiser", "problems", "runs"] + head, loss_rows(by_optimiser, scale)))


def read_pair(args):
    """The runs of the two that --pair names, and the families"""
    runs, families = {}, {}
    for name in args.pair:
        optimiser, _, mode = name.partition("/")
        of_mode, of_problems, _ = read_rows(args.files, mode or args.mode)
        if optimiser not in of_mode:
            sys.exit(f"no {mode or args.mode} runs of {optimiser}; there are {', '.join(sorted(of_mode))}")
        runs[name] = of_mode[optimiser]
        families.update(of_problems)
    return runs, families


def only_problems(runs, problems):
    return {o: {key: r for key, r in of_one.items() if not problems or key[0] in problems} for o, of_one in runs.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--optimisers", type=lambda text: text.split(","))
    parser.add_argument("--problems", type=lambda text: text.split(","))
    parser.add_argument("--mode", default="sequential")
    parser.add_argument("--out", help="folder of the report; without it the report is printed")
    parser.add_argument("--pair", nargs=2, metavar=("NEW", "OLD"), help="OPTIMISER or OPTIMISER/MODE")
    parser.add_argument("--loss", action="store_true")
    args = parser.parse_args()
    if args.loss:
        return print_losses(args)
    if args.pair:
        runs, families = read_pair(args)
        return compare(only_problems(runs, args.problems), families, args.pair)
    runs, families, cpu_s = read_rows(args.files, args.mode)
    runs = only_problems(runs, args.problems)
    optimisers = args.optimisers or sorted(runs, key=lambda o: (is_peer(o), o))
    missing = [o for o in optimisers if o not in runs]
    if missing:
        sys.exit(f"no {args.mode} runs of {', '.join(missing)}; there are {', '.join(sorted(runs))}")
    table = Table(runs, families, optimisers)
    if not table.problems:
        sys.exit("no run that all of these optimisers have")
    by_checkpoint = {at: MeanRanks(table, at) for at in table.checkpoints}
    text = report(table, by_checkpoint, cpu_s, args.mode)
    if not args.out:
        print(text)
        return None
    os.makedirs(args.out, exist_ok=True)
    name = os.path.join(args.out, "ranks" if args.mode == "sequential" else f"ranks-{args.mode}")
    with open(f"{name}.md", "w") as file:
        file.write(text)
    write_csv(f"{name}.csv", table, by_checkpoint)
    draw(f"{name}.svg", table, by_checkpoint, args.mode)
    return None


if __name__ == "__main__":
    main()
