"""Tables from the CSV files of bench_pruning and peers.py, with bootstrap intervals over seeds.

usage: analyse.py [--markdown] [--collections] [--by-table] [--tables NAME,NAME] [--pruners NAME,NAME] [--svg FILE] [--csv FILE] A.csv [B.csv ...]

Two readings of each run: after the same trials as the unpruned one ("same trials"), and after a third of the unpruned one's
epochs with as many trials as came to fit ("third"). Collections of tables weigh the same, tables the same within their
collection. Differences are paired by table and seed with the unpruned run of the same sampler after all its trials; intervals
hold 95 % of 10,000 resamplings of the seeds.
"""
import argparse
import collections

import numpy as np

DRAWS = 10000
STEPS = {"digits-mlp": 27, "taskset": 50, "lcbench": 52, "generated": 40}
SHARES = [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.333]


def read(paths, only, pruners):
    """{(sampler, pruner): {"seeds": [...], "tables": [...], column: array seeds x tables}}"""
    cells, columns = collections.defaultdict(dict), {}
    for path in paths:
        lines = open(path).read().split("\n")
        head = lines[0].split(",")
        for line in lines[1:]:
            row = dict(zip(head, line.split(",")))
            if len(line) == 0 or len(row) != len(head):
                continue
            if not row["table"].startswith(only) or (pruners and row["pruner"] not in pruners):
                continue
            key = (row["sampler"], row["pruner"])
            cells[key][int(row["seed"]), row["collection"], row["table"]] = row
        columns = {c: None for c in head if c not in ("table", "collection", "pruner", "sampler")}
    groups = {}
    for key, runs in cells.items():
        beside = [r for (sampler, _), r in cells.items() if sampler == key[0]]
        tables = sorted(set.intersection(*({(c, t) for _, c, t in r} for r in beside)))
        seeds = sorted({seed for seed, _, _ in runs})
        seeds = [s for s in seeds if all((s, c, t) in runs for c, t in tables)]
        groups[key] = {"seeds": seeds, "tables": tables}
        for column in columns:
            values = [[float(runs[s, c, t][column] or "nan") for c, t in tables] for s in seeds]
            groups[key][column] = np.array(values)
    return groups


def weights(tables, collection=None):
    """Of each table, so that collections weigh the same; sums to 1."""
    sizes = collections.Counter(c for c, _ in tables)
    if collection is not None:
        sizes = {collection: sizes[collection]}
    w = np.array([1 / sizes[c] if c in sizes else 0.0 for c, _ in tables])
    return w / w.sum()


def interval(values, rng):
    """Mean over seeds and its 95 % bootstrap interval."""
    draws = values[rng.integers(0, len(values), (DRAWS, len(values)))].mean(1)
    return values.mean(), *np.quantile(draws, [0.025, 0.975])


def share(group, w):
    """Epochs as a share of the unpruned trials' epochs, seed by seed."""
    whole = group["trials"] * np.array([STEPS[c] for c, _ in group["tables"]])
    return (group["epochs"] / whole) @ w


def common(a, b):
    """Rows of two groups for the seeds that both have."""
    seeds = [s for s in a["seeds"] if s in b["seeds"]]
    return [a["seeds"].index(s) for s in seeds], [b["seeds"].index(s) for s in seeds]


def difference(group, base, column, base_column, w, rng):
    mine, theirs = common(group, base)
    return interval((group[column][mine] - base[base_column][theirs]) @ w, rng)


def shown(triple, scale=100):
    return "%6.2f [%5.2f, %5.2f]" % tuple(scale * x for x in triple)


def unpruned(groups, sampler):
    """The group that differences are taken to; None when it was not run."""
    return next((g for (s, p), g in groups.items() if s == sampler and p.endswith("none")), None)


def trials_in_third(group, w):
    """How many trials a third of the epochs was enough for."""
    if share(group, w).mean() > 1 / 3:
        return "< %d" % group["trials"].mean()
    return "%.0f" % (group["total"] @ w).mean()


def print_groups(groups, collection, markdown):
    rng = np.random.default_rng(1)
    head = ["sampler", "pruner", "seeds", "regret %", "same trials: epochs %", "regret - unpruned", "rank - unpruned",
            "third: trials", "regret - unpruned", "rank - unpruned"]
    rows = [head]
    for (sampler, pruner), group in groups.items():
        base = unpruned(groups, sampler)
        if collection not in [None] + [c for c, _ in group["tables"]]:
            continue
        w = weights(group["tables"], collection)
        cells = [sampler, pruner, str(len(group["seeds"])), "%.2f" % (100 * (group["regret"] @ w).mean())]
        for figure, suffix in [("%.1f" % (100 * share(group, w).mean()), ""), (trials_in_third(group, w), "@0.333")]:
            cells.append(figure)
            for column in ("regret", "rank"):
                cells.append(shown(difference(group, base, column + suffix, column, w, rng)) if base else "")
        rows.append(cells)
    width = [max(len(r[i]) for r in rows) for i in range(len(head))]
    for i, row in enumerate(rows):
        line = " | ".join(c.ljust(n) for c, n in zip(row, width))
        print("| " + line + " |" if markdown else line)
        if i == 0 and markdown:
            print("|" + "---|" * len(head))


def print_tables(groups):
    """Regret of the unpruned run and what each pruner adds to it in both readings, a row for each table."""
    rng = np.random.default_rng(1)
    print("\n| sampler | table | unpruned | pruner | same trials: epochs % | regret - unpruned | third: trials | regret - unpruned |")
    print("|" + "---|" * 8)
    for (sampler, pruner), group in groups.items():
        base = unpruned(groups, sampler)
        if base is None or base is group:
            continue
        for collection, table in group["tables"]:
            w = np.array([float(pair == (collection, table)) for pair in group["tables"]])
            cells = [sampler, table, "%.2f" % (100 * (base["regret"] @ w).mean()), pruner, "%.1f" % (100 * share(group, w).mean())]
            cells += [shown(difference(group, base, "regret", "regret", w, rng)), trials_in_third(group, w),
                      shown(difference(group, base, "regret@0.333", "regret", w, rng))]
            print("| " + " | ".join(cells) + " |")


def summarise(groups, path):
    """Means over seeds, a row for each table."""
    with open(path, "w") as out:
        out.write("sampler,pruner,collection,table,seeds,epochs_share,regret,rank,trials,regret_at_third,rank_at_third\n")
        for (sampler, pruner), group in groups.items():
            for i, (collection, table) in enumerate(group["tables"]):
                whole = group["trials"][:, i] * STEPS[collection]
                row = [(group["epochs"][:, i] / whole).mean()]
                row += [group[c][:, i].mean() for c in ("regret", "rank", "total", "regret@0.333", "rank@0.333")]
                figures = ",".join("%.4f" % x for x in row)
                out.write(f"{sampler},{pruner},{collection},{table},{len(group['seeds'])},{figures}\n")


def draw(groups, path):
    """Regret against the epochs used, a panel for each sampler; dotted: unpruned at the end of all its epochs."""
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.fonttype"] = "none"
    matplotlib.rcParams["svg.hashsalt"] = "pruning"
    from matplotlib import pyplot as plt
    samplers = list(dict.fromkeys(sampler for sampler, _ in groups))
    figure, panels = plt.subplots(1, len(samplers), figsize=(4.2 * len(samplers), 4), sharey=True, squeeze=False)
    styles = {}  # ten colours, then the same dashed
    for panel, sampler in zip(panels[0], samplers):
        for (s, pruner), group in groups.items():
            if s != sampler:
                continue
            name = pruner.split("-", 1)[1] if pruner.startswith("optuna") else pruner
            style = styles.setdefault(name, {"color": f"C{len(styles) % 10}", "linestyle": "--" if len(styles) >= 10 else "-"})
            w = weights(group["tables"])
            x = [a for a in SHARES if a <= 1 / 3]
            panel.plot([100 * a for a in x], [100 * (group[f"regret@{a:g}"] @ w).mean() for a in x], label=pruner, **style)
            if pruner.endswith("none"):
                panel.axhline(100 * (group["regret"] @ w).mean(), color=style["color"], linestyle=":")
        panel.set(title=sampler, xlabel="epochs used, % of 100 whole trials", yscale="log")
        panel.set_yticks([5, 10, 20, 50], ["5", "10", "20", "50"])
        panel.minorticks_off()
    panels[0][0].set_ylabel("regret of the best complete trial, %")
    panels[0][-1].legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--tables", default="", help="tables whose names begin so")
    parser.add_argument("--pruners", help="only these")
    parser.add_argument("--svg", help="chart to write")
    parser.add_argument("--csv", help="means by table to write")
    parser.add_argument("--by-table", action="store_true", help="only a row of each table")
    parser.add_argument("--collections", action="store_true", help="a table of each collection too")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    groups = read(args.files, tuple(args.tables.split(",")), args.pruners and args.pruners.split(","))
    if args.by_table:
        print_tables(groups)
        return
    for collection in [None] + (["digits-mlp", "taskset", "lcbench"] if args.collections else []):
        print(f"\n{collection or 'all collections'}\n")
        print_groups(groups, collection, args.markdown)
    if args.csv:
        summarise(groups, args.csv)
    if args.svg:
        draw(groups, args.svg)


if __name__ == "__main__":
    main()
