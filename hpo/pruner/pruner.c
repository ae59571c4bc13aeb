/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/pruner/pruner.h"

#include <string.h>

#define X(name) extern const struct hpo_pruner_ops hpo_pruner_##name;
#include "hpo/pruner/pruner_list.h"
#undef X

static const struct hpo_pruner_ops *const all[] = {
#define X(name) &hpo_pruner_##name,
#include "hpo/pruner/pruner_list.h"
#undef X
    NULL};

const struct hpo_pruner_ops *const *hpo_pruner_all(void) {
  return all;
}

const struct hpo_pruner_ops *hpo_pruner_find(const char *name) {
  for (const struct hpo_pruner_ops *const *p = all; *p; p++)
    if (strcmp((*p)->name, name) == 0) return *p;
  return NULL;
}
