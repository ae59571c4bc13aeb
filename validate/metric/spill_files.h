/* SPDX-License-Identifier: GPL-3.0-or-later
 * The temporary files of a metric: it writes to one of its own, and after merges holds those of others, whose runs it reads. */
#pragma once
#include <stdbool.h>

#include "core/scratch.h"

/* Zero-initialised is none. */
struct val_spill_files {
  struct core_scratch **files;
  size_t n, cap;
  bool newest_is_ours; /* not taken over from elsewhere: what is spilled next goes there */
};
/* *at: where the bytes begin in *file, which stays with `files`. */
enum core_status val_spill_files_append(struct val_spill_files *files, const void *bytes,
                                        size_t len, const struct core_scratch **file, int64_t *at,
                                        struct core_error *err) CORE_MUST_CHECK;
/* Those of `later` change hands. */
enum core_status val_spill_files_join(struct val_spill_files *files, struct val_spill_files *later,
                                      struct core_error *err) CORE_MUST_CHECK;
void val_spill_files_close(struct val_spill_files *files);
