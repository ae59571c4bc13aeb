/* SPDX-License-Identifier: GPL-3.0-or-later
 * The registry of pruners: pruner_list.h read twice. */
#include "hpo/pruner/pruner.h"

#include "core/str.h"
#include "hpo/plugin.h"

#define X(name) extern const struct hpo_pruner_ops hpo_pruner_##name;
#include "hpo/pruner/pruner_list.h"
#undef X

static const struct hpo_pruner_ops *const all[] = {
#define X(name) &hpo_pruner_##name,
#include "hpo/pruner/pruner_list.h"
#undef X
    NULL};

static const char *const names[] = {
#define X(name) #name,
#include "hpo/pruner/pruner_list.h"
#undef X
    NULL};

const struct hpo_pruner_ops *const *hpo_pruner_all(void) {
  return all;
}

const struct hpo_pruner_ops *hpo_pruner_find(const char *name) {
  for (const struct hpo_pruner_ops *const *ops = all; *ops; ops++)
    if (core_streq((*ops)->name, name)) return *ops;
  return NULL;
}

enum core_status hpo_pruner_read(const struct core_node *section, const char *fallback,
                                 const struct hpo_pruner_ops **ops, struct core_options *options,
                                 struct core_error *err) {
  size_t index;
  CORE_TRY(hpo_plugin_choose("pruner", section, names, fallback, &index, err));
  *ops = all[index];
  return hpo_plugin_options("pruner", (*ops)->name, (*ops)->options, section, options, err);
}
