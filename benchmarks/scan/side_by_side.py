# SPDX-License-Identifier: GPL-3.0-or-later
"""side_by_side.py SWEEPGATE DATA SUITE REPEATS: our whole program with one and two threads, and the peers of SCAN_PEERS, in
turn, best of the repeats. On a shared machine the columns to compare are those of CPU time."""
import os
import subprocess
import sys
import time

program, data, suite, repeats = sys.argv[1:5]
ours = [program, "validate", data, "--suite", suite]
rows = [("sweepgate validate", ours), ("sweepgate validate -j 2", ours + ["-j", "2"])]
for peer in filter(None, os.environ.get("SCAN_PEERS", "").split(";")):
    name, _, command = peer.partition("=")
    rows.append((name.strip(), ["bash", "-c", command.replace("{}", data)]))
best = {name: [float("inf"), float("inf"), 0] for name, _ in rows}
for _ in range(int(repeats)):
    for name, command in rows:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1):  # 1: the data failed its suite, which is a result
            sys.exit(f"{name}: exit {child.returncode}")
        cpu = used.ru_utime + used.ru_stime
        b = best[name]
        b[0], b[1], b[2] = min(b[0], wall), min(b[1], cpu), max(b[2], used.ru_maxrss)
size = os.path.getsize(data) / 1e9
first = best[rows[0][0]]
for name, _ in rows:
    wall, cpu, peak = best[name]
    print(f"{name:<36} {wall:7.3f} s  {size / wall:6.3f} GB/s; CPU {cpu:7.3f} s  {size / cpu:6.3f} GB/s, "
          f"{cpu / first[1]:5.2f} x ours; peak resident {peak / 1e3:.1f} MB")
