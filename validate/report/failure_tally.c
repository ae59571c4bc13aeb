/* SPDX-License-Identifier: GPL-3.0-or-later
 * Groups failing rows by the JSON text of their value: one column has one type, so equal values
 * have equal texts. */
#include "validate/report/failure_tally.h"

#include <stdlib.h>
#include <string.h>

struct entry {
  const char *json;
  size_t index;
};

static int entry_compare(const void *a, const void *b) {
  const struct entry *x = a, *y = b;
  const int order = strcmp(x->json, y->json);
  return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static int group_by_first(const void *a, const void *b) {
  const struct val_tally_group *x = a, *y = b;
  return (x->first > y->first) - (x->first < y->first);
}

static int group_by_count(const void *a, const void *b) {
  const struct val_tally_group *x = a, *y = b;
  if (x->count != y->count) return x->count < y->count ? 1 : -1;
  return group_by_first(a, b);
}

static size_t group_entries(const struct entry *entries, size_t n,
                            const struct val_failure *failures, struct val_tally *tally) {
  size_t n_groups = 0;
  for (size_t i = 0; i < n; i++) {
    tally->order[i] = entries[i].index;
    if (i == 0 || strcmp(entries[i].json, entries[i - 1].json) != 0)
      tally->groups[n_groups++] =
          (struct val_tally_group){.first = &failures[entries[i].index], .start = i};
    tally->groups[n_groups - 1].count++;
  }
  return n_groups;
}

enum core_status val_tally_open(struct val_tally *tally, const struct val_failure *failures,
                                size_t n, struct core_error *err) {
  *tally = (struct val_tally){0};
  if (n == 0) return CORE_OK;
  struct entry *entries = core_calloc(n, sizeof *entries);
  tally->order = core_calloc(n, sizeof *tally->order);
  tally->groups = core_calloc(n, sizeof *tally->groups);
  if (!entries || !tally->order || !tally->groups) {
    core_free(entries);
    val_tally_close(tally);
    return core_fail_nomem(err, n * sizeof *entries);
  }
  for (size_t i = 0; i < n; i++) entries[i] = (struct entry){failures[i].json, i};
  qsort(entries, n, sizeof *entries, entry_compare);
  tally->n_groups = group_entries(entries, n, failures, tally);
  core_free(entries);
  qsort(tally->groups, tally->n_groups, sizeof *tally->groups, group_by_first);
  return CORE_OK;
}

void val_tally_sort_by_count(struct val_tally *tally) {
  if (tally->n_groups > 1)
    qsort(tally->groups, tally->n_groups, sizeof *tally->groups, group_by_count);
}

void val_tally_close(struct val_tally *tally) {
  core_free(tally->order);
  core_free(tally->groups);
  *tally = (struct val_tally){0};
}
