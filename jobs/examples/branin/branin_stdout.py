# SPDX-License-Identifier: MIT
"""Branin's function in a program that knows nothing of sweeps: it prints lines."""
import math
import sys

x, y = float(sys.argv[1]), float(sys.argv[2])
a = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
value = a**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10
for epoch in range(1, 10):
    print(f"epoch={epoch} value={value + 10 / epoch}", flush=True)
print(f"epoch=10 value={value}")
