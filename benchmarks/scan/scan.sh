#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scan.sh [MEGABYTES [BUILD]]: writes a CSV of that size (default 500) to TMPDIR, then prints how fast libcsv alone, our
# reader and `sweepgate validate` with twenty expectations go through it, and the peak of resident memory.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
megabytes=${1:-500}
build=${2:-$here/../../build/release}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$build/benchmarks/gen_csv" "$megabytes" "$folder/orders.csv"
"$build/benchmarks/bench_scan" "$folder/orders.csv" 3
python3 - "$build/bin/sweepgate" "$folder/orders.csv" "$here/orders.suite.yaml" <<'PY'
import os, resource, subprocess, sys, time
program, data, suite = sys.argv[1:]
wall = cpu = 1e9
for _ in range(3):
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, "validate", data, "--suite", suite], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = min(wall, time.perf_counter() - start)
    cpu = min(cpu, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    if done.returncode != 0:
        sys.exit(f"validate: exit {done.returncode}\n{done.stderr.decode()}")
size, peak = os.path.getsize(data) / 1e9, after.ru_maxrss / 1e3
print(f"{'sweepgate validate, 20 expectations':<36} {wall:7.3f} s  {size / wall:6.3f} GB/s; CPU {cpu:7.3f} s  {size / cpu:6.3f} GB/s; "
      f"peak resident {peak:.1f} MB")
PY
