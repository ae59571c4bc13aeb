#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of bench_suggest and ask_peers.py as a Markdown table and a chart.

    report.py IN.csv OUT_DIR        writes suggest.md and suggest.svg
"""
import collections
import csv
import os
import sys

# ours, its peer, d, n, and the most that ours may take as a share of the peer's median: of the median, of the worst
BARS = [("gp", "optuna-gp", 20, 500, 1 / 30, 1 / 5), ("gp", "optuna-gp", 20, 1000, 1 / 30, 1 / 5),
        ("tpe", "optuna-tpe-mv", 20, 1000, 1 / 50, None), ("tpe", "optuna-tpe-mv", 20, 5000, 1 / 50, None)]
RUSTUNA_MS = 0.62  # a trial, 1,000 trials in 40 dimensions, as published


def read(path):
    """{(optimiser, d): {n: (median, least, most)}}, in milliseconds"""
    figures = collections.defaultdict(dict)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            figures[row["optimiser"], int(row["d"])][int(row["n"])] = tuple(
                1e3 * float(row[k]) for k in ("median_s", "min_s", "max_s"))
    return figures


def table(header, rows):
    lines = [header, ["---"] * 2 + ["---:"] * (len(header) - 2)] + rows
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in lines) + "\n"


def ask_table(figures):
    loaded = {key: by_n for key, by_n in figures.items() if not key[0].endswith("whole run")}
    ns = sorted({n for by_n in loaded.values() for n in by_n})
    rows = [[name, d] + [f"{by_n[n][0]:.3g} ({by_n[n][2]:.3g})" if n in by_n else "" for n in ns]
            for (name, d), by_n in sorted(loaded.items(), key=lambda item: (item[0][1], item[0][0]))]
    return table(["sampler", "d"] + [f"n = {n:,}" for n in ns], rows)


def bar_table(figures):
    rows = []
    for ours, peer, d, n, of_median, of_worst in BARS:
        mine, theirs = figures.get((ours, d), {}).get(n), figures.get((peer, d), {}).get(n)
        if not mine or not theirs:
            continue
        rows.append([f"{ours} / {peer}, d = {d}, n = {n:,}: median", f"at most 1/{1 / of_median:.0f}",
                     f"1/{theirs[0] / mine[0]:.0f}"])
        if of_worst:
            rows.append([f"{ours}'s worst / {peer}'s median, d = {d}, n = {n:,}", f"at most 1/{1 / of_worst:.0f}",
                         f"1/{theirs[0] / mine[2]:.1f}"])
    if 5000 in figures.get(("gp", 20), {}):
        rows.append(["gp, d = 20, n = 5,000: median", "under 200 ms", f"{figures['gp', 20][5000][0]:.3g} ms"])
    for (name, d), by_n in figures.items():
        if name == "tpe whole run" and 1000 in by_n:
            rows.append([f"tpe, 1,000 trials, d = {d}: mean of all", f"{RUSTUNA_MS / 2} ms (half of Rustuna's)",
                         f"{by_n[1000][0]:.3g} ms"])
    return table(["what", "bar", "seen"], rows)


def draw(figures, path):
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt
    plt.rcParams.update({"svg.fonttype": "none", "font.size": 9, "svg.hashsalt": "sweepgate"})
    names = sorted({name for name, _ in figures if not name.endswith("whole run")},
                   key=lambda name: (name.startswith("optuna"), name))
    dims = sorted({d for name, d in figures if name.startswith("optuna")}) or sorted({d for _, d in figures})
    chart, panels = plt.subplots(1, len(dims), figsize=(4.5 * len(dims), 3.8), sharey=True, squeeze=False,
                                 constrained_layout=True)
    for d, axes in zip(dims, panels[0]):
        for i, name in enumerate(names):
            by_n = figures.get((name, d))
            if by_n:
                ns = sorted(by_n)
                axes.plot(ns, [by_n[n][0] for n in ns], label=name, color=plt.get_cmap("tab10")(i % 10), markersize=3,
                          marker="osD^vPX*"[i % 8], linestyle="--" if name.startswith("optuna") else "-")
        axes.set(xscale="log", yscale="log", xlabel="trials in the study", title=f"{d} parameters")
        axes.grid(alpha=0.3, linewidth=0.5)
    panels[0][0].set_ylabel("median CPU ms of ask and tell")
    panels[0][-1].legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1))
    chart.savefig(path, metadata={"Date": None})


def main():
    source, folder = sys.argv[1:]
    figures = read(source)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "suggest.md"), "w") as file:
        file.write("# CPU milliseconds of one ask and its tell\n\nMedian (worst) by the number of trials in the study; "
                   "one core, all in one run.\n\n" + ask_table(figures) + "\n" + bar_table(figures))
    draw(figures, os.path.join(folder, "suggest.svg"))


if __name__ == "__main__":
    main()
