/* SPDX-License-Identifier: GPL-3.0-or-later
 * Counted values in sorted runs on disk, read back as one: ascending, equal values of different runs made one. */
#pragma once
#include "validate/metric/counted.h"
#include "validate/metric/spill_files.h"

struct val_value_run;

/* Zero-initialised is empty. */
struct val_value_runs {
  struct val_spill_files files;
  struct val_value_run *runs;
  size_t n, cap;
};
/* One run: items in ascending order, all different, of one type. */
enum core_status val_value_runs_write(struct val_value_runs *runs,
                                      const struct val_value_count *items, size_t n,
                                      struct core_error *err) CORE_MUST_CHECK;
/* Those of `later` change hands. */
enum core_status val_value_runs_join(struct val_value_runs *runs, struct val_value_runs *later,
                                     struct core_error *err) CORE_MUST_CHECK;
void val_value_runs_close(struct val_value_runs *runs);

struct val_value_merge;
enum core_status val_value_merge_open(const struct val_value_runs *runs,
                                      struct val_value_merge **out,
                                      struct core_error *err) CORE_MUST_CHECK;
/* The next value, or NULL behind the last; its text is valid until the next call. */
enum core_status val_value_merge_next(struct val_value_merge *merge,
                                      const struct val_value_count **out,
                                      struct core_error *err) CORE_MUST_CHECK;
void val_value_merge_close(struct val_value_merge *merge); /* accepts NULL */
