#!/bin/sh
# SPDX-License-Identifier: MIT
# Branin's function as a trial in shell: x and y come as arguments, reports go by the command line.
value=$(awk -v x="$1" -v y="$2" 'BEGIN {
  pi = 3.14159265358979; a = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6
  printf "%.9g", a * a + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10
}')
for epoch in 1 2 3; do
  now=$(awk -v v="$value" -v e="$epoch" 'BEGIN { printf "%.9g", v + 10 / e }')
  sweepgate trial-report --step "$epoch" --value "$now" || exit
done
sweepgate trial-report --result "$value"
