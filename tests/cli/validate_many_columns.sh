#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `sweepgate validate` with hundreds of columns whose values all go on in temporary files, where a process may open few.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
awk 'BEGIN {
  n = 150
  for (c = 0; c < n; c++) printf "%sc%d", c ? "," : "", c
  print ""
  for (r = 0; r < 12000; r++) {
    for (c = 0; c < n; c++) printf "%s%d", c ? "," : "", (r * 48271 + c * 7919) % 100003
    print ""
  }
}' > wide.csv
awk 'BEGIN {
  print "suite: wide\nexpectations:"
  for (c = 0; c < 150; c++) {
    print "  - expect_column_values_to_be_unique: {column: c" c "}"
    print "  - expect_column_median_to_be_between: {column: c" c ", min_value: 0, max_value: 100003}"
  }
}' > wide.yaml
ulimit -n 100
for jobs in 1 2; do
  check many_columns_spill_with_few_descriptors_$jobs 0 validate wide.csv --suite wide.yaml --memory 1MiB -j $jobs
  prints '300 of 300 expectations met'
done
end
