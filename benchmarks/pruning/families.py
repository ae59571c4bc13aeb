"""Generated learning curves, as tables that bench_pruning reads: what the shared tables have little of, pure.

usage: families.py FOLDER      writes FOLDER/NAME.csv and FOLDER/tables.json

Each family: 1,000 rows, 40 epochs, minimised; a bowl in four parameters is what a row comes to, and
  parallel   all rows learn at one rate: curves never cross
  crossing   the better a row ends the slower it learns
  noisy      parallel, each epoch with heavy-tailed noise of a third of the distance from the best row to the middle one
  plateau    nothing is learnt before an epoch that depends on the row, then all at once
  diverging  a quarter of the rows blow up, the best starters first
  overfit    the fast learners turn up again
"""
import json
import os
import sys

import numpy as np

ROWS, EPOCHS = 1000, 40
SPACE = {"lr": {"type": "float", "low": 1e-4, "high": 1.0, "log": True},
         "decay": {"type": "float", "low": 1e-6, "high": 1e-1, "log": True},
         "width": {"type": "int", "low": 8, "high": 512, "log": True},
         "dropout": {"type": "float", "low": 0.0, "high": 0.6}}


def draw(rng):
    """Unit coordinates, and the columns that they mean."""
    unit = rng.random((ROWS, len(SPACE)))
    columns = []
    for u, p in zip(unit.T, SPACE.values()):
        x = p["low"] * (p["high"] / p["low"]) ** u if p.get("log") else p["low"] + (p["high"] - p["low"]) * u
        columns.append(np.rint(x).astype(int) if p["type"] == "int" else x)
    return unit, columns


def final(unit):
    """What rows come to: a tilted bowl with ripples, from 0 on."""
    u = unit - np.array([0.35, 0.6, 0.7, 0.4])
    bowl = u @ np.diag([3.0, 0.8, 1.2, 0.6]) + 0.5 * np.roll(u, 1, 1)
    return (bowl ** 2).sum(1) + 0.05 * (1 - np.cos(9 * u).prod(1))


def learn(end, start, rate):
    """Curves from `start` to `end`, at `rate` of a whole training."""
    t = np.arange(1, EPOCHS + 1) / EPOCHS
    done = (1 - np.exp(-np.outer(rate, t))) / (1 - np.exp(-rate))[:, None]
    return start[:, None] + (end - start)[:, None] * done


def curves(family, unit, rng):
    end, even = final(unit), np.full(ROWS, 5.0)
    place = np.argsort(np.argsort(end)) / ROWS  # 0: the best row
    start = 3.0 + 0.1 * end
    middle = np.median(end) - end.min()
    t = np.arange(1, EPOCHS + 1)
    if family == "parallel":
        return learn(end, start, even)
    if family == "crossing":
        return learn(end, start, 1 + 11 * np.clip(place + 0.15 * rng.standard_normal(ROWS), 0, 1))
    if family == "noisy":
        return learn(end, start, even) + middle / 3 * 0.6 * rng.standard_t(3, (ROWS, EPOCHS))
    if family == "plateau":
        begin = 1 + 25 * (0.5 * unit[:, 2] + 0.5 * rng.random(ROWS))
        fallen = 1 / (1 + np.exp(-(t[None] - begin[:, None])))
        return start[:, None] + (end - start)[:, None] * fallen
    if family == "diverging":
        c = learn(end, start, 3 + 6 * unit[:, 0])
        blown = unit[:, 0] + 0.3 * rng.random(ROWS) > 0.95
        since = t[None] - (5 + 30 * rng.random(ROWS))[:, None]
        c = np.where(blown[:, None] & (since > 0), c * 10.0 ** np.maximum(since, 0), c)
        return np.where(blown[:, None] & (since > 12), np.nan, c)
    if family == "overfit":
        c = learn(end, start, 2 + 12 * place)
        return c + (0.6 * place * end)[:, None] * np.maximum(t[None] / EPOCHS - 0.3, 0)
    raise ValueError(family)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    tables = []
    for seed, family in enumerate(["parallel", "crossing", "noisy", "plateau", "diverging", "overfit"]):
        rng = np.random.default_rng(seed)
        unit, columns = draw(rng)
        table = curves(family, unit, rng)
        with open(os.path.join(folder, family + ".csv"), "w") as out:
            out.write(",".join(["id"] + list(SPACE) + ["e%02d" % (k + 1) for k in range(EPOCHS)]) + "\n")
            for i in range(ROWS):
                cells = [str(i)] + ["%.9g" % c[i] for c in columns] + ["%.6g" % v for v in table[i]]
                out.write(",".join(cells) + "\n")
        tables.append({"name": family, "collection": "generated", "file": family + ".csv", "curve": "e", "steps": EPOCHS,
                       "direction": "minimize", "space": SPACE})
    with open(os.path.join(folder, "tables.json"), "w") as out:
        json.dump(tables, out, indent=1)


main()
