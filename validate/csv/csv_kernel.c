/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/csv/csv_kernel.h"

#include <string.h>

#define X(name) extern const struct val_csv_kernel val_csv_kernel_##name;
#include "validate/csv/csv_kernel_list.h"
#undef X

static const struct val_csv_kernel *const all[] = {
#define X(name) &val_csv_kernel_##name,
#include "validate/csv/csv_kernel_list.h"
#undef X
    NULL};

const struct val_csv_kernel *const *val_csv_kernel_all(void) {
  return all;
}

const struct val_csv_kernel *val_csv_kernel_find(const char *name) {
  for (size_t i = 0; all[i]; i++) {
    if (name && strcmp(all[i]->name, name) != 0) continue;
    if (all[i]->runs_here()) return all[i];
  }
  return NULL;
}
