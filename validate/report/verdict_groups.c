/* SPDX-License-Identifier: GPL-3.0-or-later
 * By sorting twice, so that ten thousand expectations on ten thousand columns are no matter. */
#include "validate/report/verdict_groups.h"

#include "validate/expect/expectation.h"
#include "validate/report/phrase.h"
#include <stdlib.h>
#include <string.h>

struct entry {
  const char *domain;
  bool table;
  size_t index; /* of the verdict; SIZE_MAX: only the column's name stands here */
  size_t column;
};

/* By name; of one name the column before its verdicts. */
static int by_domain(const void *a, const void *b) {
  const struct entry *x = a, *y = b;
  if (x->table != y->table) return x->table ? -1 : 1;
  const int order = strcmp(x->domain, y->domain);
  if (order != 0) return order;
  const bool x_column = x->index == SIZE_MAX, y_column = y->index == SIZE_MAX;
  if (x_column != y_column) return x_column ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

/* Several names are joined in a domain; that text may by chance be the name of another column. */
static bool is_of_one_column(const struct val_expected *expected) {
  return expected->kwargs_node && core_node_get(expected->kwargs_node, "column");
}

static enum core_status collect(struct val_verdict_groups *g, const struct val_result *result,
                                struct entry *entries, size_t *n, struct core_error *err) {
  for (size_t i = 0; i < result->n_fields; i++)
    entries[(*n)++] = (struct entry){result->fields[i].name, false, SIZE_MAX, i};
  for (size_t i = 0; i < result->n_verdicts; i++) {
    const struct val_expected *expected = result->verdicts[i].expected;
    struct core_str domain = {0};
    val_phrase_domain(expected, &domain);
    if (!is_of_one_column(expected)) core_str_char(&domain, ' '); /* no column's group */
    const char *copy = domain.failed ? NULL : core_arena_strdup(&g->arena, core_str_text(&domain));
    core_str_close(&domain);
    if (!copy) return core_fail_nomem(err, 1);
    const bool table = expected->ops->kind == VAL_EXPECT_TABLE && !is_of_one_column(expected);
    entries[(*n)++] = (struct entry){copy, table, i, result->n_fields};
  }
  return CORE_OK;
}

static void cut(struct val_verdict_groups *g, const struct entry *entries, size_t n,
                const struct val_result *result) {
  size_t n_order = 0;
  for (size_t i = 0; i < n;) {
    size_t end = i;
    struct val_verdict_group *group = &g->groups[g->n];
    *group = (struct val_verdict_group){entries[i].domain, entries[i].column, n_order, 0};
    for (; end < n && entries[end].table == entries[i].table &&
           strcmp(entries[end].domain, entries[i].domain) == 0;
         end++)
      if (entries[end].index != SIZE_MAX) g->order[n_order++] = entries[end].index;
    group->n = n_order - group->first;
    g->n += group->n > 0 || result->profile;
    i = end;
  }
}

static int by_place(const void *a, const void *b) {
  const struct val_verdict_group *x = a, *y = b;
  if (x->column != y->column) return x->column < y->column ? -1 : 1;
  return (x->first > y->first) - (x->first < y->first);
}

/* The table's group sorted to the front of the names; among the columns it keeps that place. */
static void arrange(struct val_verdict_groups *g, const struct entry *entries) {
  const size_t first = g->n > 0 && entries[0].table ? 1 : 0;
  if (g->n > first) qsort(g->groups + first, g->n - first, sizeof *g->groups, by_place);
}

enum core_status val_verdict_groups_open(struct val_verdict_groups *g,
                                         const struct val_result *result, struct core_error *err) {
  const size_t room = result->n_verdicts + result->n_fields + 1;
  *g = (struct val_verdict_groups){0};
  size_t n = 0;
  struct entry *entries = core_calloc(room, sizeof *entries);
  g->order = core_calloc(room, sizeof *g->order);
  g->groups = core_calloc(room, sizeof *g->groups);
  enum core_status st = CORE_OK;
  if (!entries || !g->order || !g->groups) st = core_fail_nomem(err, room * sizeof *entries);
  if (st == CORE_OK) st = collect(g, result, entries, &n, err);
  if (st == CORE_OK) {
    qsort(entries, n, sizeof *entries, by_domain);
    cut(g, entries, n, result);
    arrange(g, entries);
  }
  core_free(entries);
  if (st != CORE_OK) val_verdict_groups_close(g);
  return st;
}

void val_verdict_groups_close(struct val_verdict_groups *g) {
  core_free(g->order);
  core_free(g->groups);
  core_arena_close(&g->arena);
  *g = (struct val_verdict_groups){0};
}
