# SPDX-License-Identifier: MIT
"""Branin's function as a trial: a sum that converges step by step, as a training would."""
import math
import os
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", "..", "client")]
import sweepgate_trial


def branin(x, y):
    a = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return a**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


with sweepgate_trial.Trial() as trial:
    x = trial.params.get("x", 3.0)
    y = trial.params.get("y", 2.0)
    for epoch in range(1, 10):
        trial.report_or_stop(branin(x, y) + 10 / epoch, epoch)
    trial.attr("distance", abs(x - math.pi))
    trial.result(branin(x, y))
