/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/spill_files.h"

#include <string.h>

#include "core/mem.h"

static enum core_status open_own(struct val_spill_files *f, struct core_error *err) {
  if (f->newest_is_ours) return CORE_OK;
  CORE_TRY(core_grow((void **)&f->files, &f->cap, f->n + 1, sizeof(void *), err));
  CORE_TRY(core_scratch_open(&f->files[f->n], err));
  f->n++;
  f->newest_is_ours = true;
  return CORE_OK;
}

enum core_status val_spill_files_append(struct val_spill_files *f, const void *bytes, size_t len,
                                        const struct core_scratch **file, int64_t *at,
                                        struct core_error *err) {
  CORE_TRY(open_own(f, err));
  *file = f->files[f->n - 1];
  return core_scratch_append(f->files[f->n - 1], bytes, len, at, err);
}

enum core_status val_spill_files_join(struct val_spill_files *f, struct val_spill_files *later,
                                      struct core_error *err) {
  if (later->n == 0) return CORE_OK;
  CORE_TRY(core_grow((void **)&f->files, &f->cap, f->n + later->n, sizeof(void *), err));
  memcpy(f->files + f->n, later->files, later->n * sizeof(void *));
  f->n += later->n;
  f->newest_is_ours = false;
  later->n = 0;
  later->newest_is_ours = false;
  return CORE_OK;
}

void val_spill_files_close(struct val_spill_files *f) {
  for (size_t i = 0; i < f->n; i++) core_scratch_close(f->files[i]);
  core_free(f->files);
  *f = (struct val_spill_files){0};
}
