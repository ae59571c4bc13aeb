/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/plan.h"

#include "validate/profile/profile.h"

#include <string.h>

/* ---- for expectations ---- */

static enum core_status unknown_column(const struct val_schema *schema, const char *name,
                                       struct core_error *err) {
  const size_t width = val_schema_width(schema);
  const char **names = core_calloc(width + 1, sizeof *names);
  if (!names) return core_fail_nomem(err, (width + 1) * sizeof *names);
  for (size_t i = 0; i < width; i++) names[i] = schema->fields[i].name;
  const char *hint = core_nearest(name, names);
  enum core_status st = hint ? core_fail(err, CORE_NOT_FOUND,
                                         "there is no column '%s'; did you mean '%s'?", name, hint)
                             : core_fail(err, CORE_NOT_FOUND, "there is no column '%s'", name);
  core_free(names);
  return st;
}

enum core_status val_plan_find(const struct val_plan *plan, const char *name, size_t *index,
                               struct core_error *err) {
  size_t i = val_schema_find(plan->schema, name);
  if (i == plan->schema->n_fields) {
    if (!plan->elements || !core_streq(plan->schema->fields[plan->elements].name, name))
      return unknown_column(plan->schema, name, err);
    i = plan->elements;
  }
  if (plan->condition) plan->conditions[plan->condition - 1].wanted[i] = true;
  *index = i;
  return CORE_OK;
}

enum core_status val_plan_column(struct val_plan *plan, const struct val_expected *expected,
                                 const char *kwarg, size_t *index, struct core_error *err) {
  return val_plan_find(plan, core_option_text(&expected->kwargs, kwarg), index, err);
}

enum core_status val_plan_column_list(struct val_plan *plan, const struct val_expected *expected,
                                      const char *kwarg, const size_t **indices, size_t *n,
                                      struct core_error *err) {
  const struct core_node *list = core_option_node(&expected->kwargs, kwarg);
  size_t *found = core_arena_calloc(&plan->arena, list->n_children + 1, sizeof *found);
  if (!found) return core_fail_nomem(err, list->n_children * sizeof *found);
  size_t k = 0;
  for (const struct core_node *name = list->first; name; name = name->next)
    CORE_TRY(val_plan_find(plan, name->text.data, &found[k++], err));
  *indices = found;
  *n = k;
  return CORE_OK;
}

static bool same_request(const struct val_metric_request *a, const struct val_metric_ops *ops,
                         const size_t *columns, size_t n_columns, size_t condition) {
  return a->ops == ops && !a->params && a->n_columns == n_columns && a->condition == condition &&
         (n_columns == 0 || memcmp(a->columns, columns, n_columns * sizeof *columns) == 0);
}

/* Index of a metric that can be shared, or n_metrics. */
static size_t find_request(const struct val_plan *plan, const struct val_metric_ops *ops,
                           const size_t *columns, size_t n_columns) {
  size_t i = 0;
  while (i < plan->n_metrics &&
         !same_request(&plan->metrics[i], ops, columns, n_columns, plan->condition))
    i++;
  return i;
}

static enum core_status append_request(struct val_plan *plan, const struct val_metric_ops *ops,
                                       const size_t *columns, size_t n_columns, const void *params,
                                       struct core_error *err) {
  CORE_TRY(core_grow((void **)&plan->metrics, &plan->metrics_cap, plan->n_metrics + 1,
                     sizeof *plan->metrics, err));
  size_t *copy = core_arena_calloc(&plan->arena, n_columns + 1, sizeof *copy);
  if (!copy) return core_fail_nomem(err, n_columns * sizeof *copy);
  if (n_columns) memcpy(copy, columns, n_columns * sizeof *copy);
  plan->metrics[plan->n_metrics++] =
      (struct val_metric_request){ops, copy, n_columns, params, plan->condition};
  return CORE_OK;
}

enum core_status val_plan_metric(struct val_plan *plan, const struct val_metric_ops *ops,
                                 const size_t *columns, size_t n_columns, const void *params,
                                 struct core_error *err) {
  for (size_t i = 0; ops->takes && i < n_columns; i++) {
    const struct val_field *field = &plan->schema->fields[columns[i]];
    if (!ops->takes(field->type))
      return core_fail(err, CORE_UNSUPPORTED,
                       "column '%s' holds values of type %s, which have no %s", field->name,
                       val_type_name(field->type), ops->name);
  }
  CORE_TRY(core_grow((void **)&plan->slots, &plan->slots_cap, plan->n_slots + 1,
                     sizeof *plan->slots, err));
  size_t at = params ? plan->n_metrics : find_request(plan, ops, columns, n_columns);
  if (at == plan->n_metrics) CORE_TRY(append_request(plan, ops, columns, n_columns, params, err));
  plan->slots[plan->n_slots++] = at;
  return CORE_OK;
}

/* Every keyword argument that names columns is spelt in one of these ways. */
static bool row_names_columns(const struct core_option *row) {
  return core_streq(row->name, "column") || core_streq(row->name, "column_A") ||
         core_streq(row->name, "column_B") || core_streq(row->name, "column_list");
}

/* ---- the plan of a suite ---- */

/* The column of elements of that name, where no column of the table has it; else 0. */
static size_t elements_named(const struct val_plan *plan, const char *name) {
  if (!name || val_schema_find(plan->schema, name) < plan->schema->n_fields) return 0;
  const size_t at = val_schema_find_elements(plan->schema, name);
  return at < val_schema_width(plan->schema) ? at : 0;
}

/* Elements are looked at one column at a time: two lists in a row need not have the same length. */
static enum core_status plan_elements(struct val_plan *plan, const struct val_expected *expected,
                                      struct core_error *err) {
  plan->elements = 0;
  if (plan->schema->n_elements == 0 || expected->ops->kind == VAL_EXPECT_TABLE) return CORE_OK;
  for (const struct core_option *row = expected->ops->kwargs; row->name; row++) {
    if (!row_names_columns(row)) continue;
    const bool one = row->type == CORE_OPT_STRING;
    const struct core_node *list = one ? NULL : core_option_node(&expected->kwargs, row->name);
    const char *name = one ? core_option_text(&expected->kwargs, row->name) : NULL;
    size_t found = elements_named(plan, name);
    for (const struct core_node *item = list ? list->first : NULL; item && !found;
         item = item->next)
      found = elements_named(plan, item->text.data);
    if (found && !core_streq(row->name, "column"))
      return core_fail(
          err, CORE_UNSUPPORTED,
          "%s has '%s', the elements of lists: they are looked at one column at a time", row->name,
          plan->schema->fields[found].name);
    if (found) plan->elements = found;
  }
  return CORE_OK;
}

static bool same_rows(const struct val_plan_condition *a, const struct val_condition *condition,
                      size_t elements) {
  if (a->elements != elements || !a->condition != !condition) return false;
  return !condition || val_condition_same(a->condition, condition);
}

/* The condition of an expectation, or the elements that it is about, shared with those that have the same. */
static enum core_status plan_condition(struct val_plan *plan, const struct val_condition *condition,
                                       struct core_error *err) {
  const size_t width = val_schema_width(plan->schema);
  plan->condition = 0;
  if (!condition && !plan->elements) return CORE_OK;
  for (size_t i = 0; i < plan->n_conditions && !plan->condition; i++)
    if (same_rows(&plan->conditions[i], condition, plan->elements)) plan->condition = i + 1;
  if (plan->condition) return CORE_OK;
  struct val_plan_condition one = {.condition = condition, .elements = plan->elements};
  if (condition) CORE_TRY(val_filter_open(condition, plan->schema, &plan->arena, &one.filter, err));
  one.wanted = core_arena_calloc(&plan->arena, width + 1, sizeof *one.wanted);
  if (!one.wanted) return core_fail_nomem(err, width);
  CORE_TRY(core_grow((void **)&plan->conditions, &plan->conditions_cap, plan->n_conditions + 1,
                     sizeof *plan->conditions, err));
  plan->conditions[plan->n_conditions++] = one;
  plan->condition = plan->n_conditions;
  return CORE_OK;
}

static enum core_status plan_one(struct val_plan *plan, size_t i, struct core_error *err) {
  const struct val_expected *expected = &plan->suite->expected[i];
  struct val_plan_entry *entry = &plan->entries[i];
  const size_t n_metrics = plan->n_metrics;
  struct core_error why = {0};
  entry->first = plan->n_slots;
  enum core_status st = plan_elements(plan, expected, &why);
  if (st == CORE_OK) st = plan_condition(plan, expected->condition, &why);
  entry->condition = plan->condition;
  if (st == CORE_OK) st = expected->ops->plan(expected, plan, &why);
  plan->condition = plan->elements = 0;
  if (st == CORE_NOMEM) return core_fail(err, st, "%s", why.message);
  /* Types may be others once more was read; a column that is not there stays away. */
  if (st == CORE_NOT_FOUND && (plan->limits.strict_columns || expected->stop_on_exception))
    return core_fail_at(err, CORE_INVAL, expected->pos, "%s: %s", expected->ops->name, why.message);
  if (st != CORE_OK) {
    plan->n_slots = entry->first;
    plan->n_metrics = n_metrics; /* nobody else has asked for them yet */
    entry->exception = core_arena_strdup(&plan->arena, why.message);
    if (!entry->exception) return core_fail_nomem(err, sizeof why.message);
  }
  entry->n = plan->n_slots - entry->first;
  return CORE_OK;
}

static bool is_map(const struct val_expected *expected) {
  return expected->ops->kind >= VAL_EXPECT_MAP;
}

enum core_status val_plan_open(struct val_plan *plan, const struct val_suite *suite,
                               const struct val_schema *schema, const struct val_limits *limits,
                               struct core_error *err) {
  *plan = (struct val_plan){.suite = suite};
  if (limits) plan->limits = *limits;
  if (plan->limits.failures_bytes == 0) plan->limits.failures_bytes = (size_t)64 << 20;
  enum core_status st = val_schema_copy(schema, &plan->arena, &plan->schema_copy, err);
  plan->schema = &plan->schema_copy;
  if (st != CORE_OK) goto out;
  plan->entries = core_arena_calloc(&plan->arena, suite->n_expected + 1, sizeof *plan->entries);
  if (!plan->entries) {
    st = core_fail_nomem(err, suite->n_expected * sizeof *plan->entries);
    goto out;
  }
  for (size_t i = 0; i < suite->n_expected; i++) {
    const bool complete = suite->expected[i].format == VAL_FORMAT_COMPLETE;
    if (is_map(&suite->expected[i])) (*(complete ? &plan->n_complete : &plan->n_partial))++;
  }
  for (size_t i = 0; i < suite->n_expected && st == CORE_OK; i++) st = plan_one(plan, i, err);
  if (st == CORE_OK && plan->limits.profile) st = val_profile_plan(plan, err);
out:
  if (st != CORE_OK) val_plan_close(plan);
  return st;
}

bool val_plan_asks_row(const struct val_plan *plan) {
  bool asks = false;
  for (size_t i = 0; i < plan->n_conditions; i++)
    asks |= plan->conditions[i].condition && val_condition_asks_row(plan->conditions[i].condition);
  return asks;
}

void val_plan_close(struct val_plan *plan) {
  core_free(plan->metrics);
  core_free(plan->slots);
  core_free(plan->conditions);
  core_arena_close(&plan->arena);
  *plan = (struct val_plan){0};
}

/* ---- what must be read ---- */

struct names {
  const char **items;
  size_t n, cap;
};

static enum core_status add_name(struct names *names, const char *name, struct core_error *err) {
  if (!name) return CORE_OK;
  for (size_t i = 0; i < names->n; i++)
    if (core_streq(names->items[i], name)) return CORE_OK;
  CORE_TRY(core_grow((void **)&names->items, &names->cap, names->n + 1, sizeof *names->items, err));
  names->items[names->n++] = name;
  return CORE_OK;
}

struct condition_names {
  struct names *names;
  enum core_status st;
  struct core_error *err;
};

static void add_condition_name(const char *name, void *with) {
  struct condition_names *to = with;
  if (to->st == CORE_OK) to->st = add_name(to->names, name, to->err);
}

/* The columns that it is about. */
static enum core_status add_names_of(struct names *names, const struct val_expected *expected,
                                     struct core_error *err) {
  struct condition_names of_condition = {names, CORE_OK, err};
  if (expected->condition)
    val_filter_columns(expected->condition, add_condition_name, &of_condition);
  if (of_condition.st != CORE_OK || expected->ops->kind == VAL_EXPECT_TABLE) return of_condition.st;
  for (const struct core_option *row = expected->ops->kwargs; row->name; row++) {
    if (!row_names_columns(row)) continue;
    if (row->type == CORE_OPT_STRING) {
      CORE_TRY(add_name(names, core_option_text(&expected->kwargs, row->name), err));
    } else {
      const struct core_node *list = core_option_node(&expected->kwargs, row->name);
      for (const struct core_node *item = list ? list->first : NULL; item; item = item->next)
        CORE_TRY(add_name(names, item->text.data, err));
    }
  }
  return CORE_OK;
}

static enum core_status add_index_columns(struct names *names, const struct val_expected *expected,
                                          struct core_error *err) {
  if (expected->ops->kind == VAL_EXPECT_TABLE) return CORE_OK;
  for (const char *const *index = expected->index_columns; index && *index; index++)
    CORE_TRY(add_name(names, *index, err));
  return CORE_OK;
}

enum core_status val_plan_note(const struct val_plan *plan, const struct val_expected *expected,
                               const char **note, struct core_error *err) {
  struct names names = {0};
  *note = NULL;
  const enum core_status st = add_names_of(&names, expected, err);
  for (size_t i = 0; st == CORE_OK && i < names.n && !*note; i++) {
    const size_t column = val_schema_find(plan->schema, names.items[i]);
    if (column < plan->schema->n_fields) *note = plan->schema->fields[column].note;
  }
  core_free(names.items);
  return st;
}

enum core_status val_plan_needed(const struct val_suite *suite, struct core_arena *arena,
                                 const char *const **needed, struct core_error *err) {
  struct names names = {0};
  enum core_status st = CORE_OK;
  *needed = NULL;
  for (size_t i = 0; i < suite->n_expected && st == CORE_OK; i++) {
    st = add_names_of(&names, &suite->expected[i], err);
    if (st == CORE_OK) st = add_index_columns(&names, &suite->expected[i], err);
  }
  /* A declared type is checked although no expectation asks for the column. */
  for (size_t i = 0; i < suite->read.n_declared && st == CORE_OK; i++)
    st = add_name(&names, suite->read.declared[i].name, err);
  bool all = false;
  for (size_t i = 0; i < suite->n_expected; i++) all = all || suite->expected[i].include_rows;
  if (st == CORE_OK && !all) {
    const char **copy = core_arena_calloc(arena, names.n + 1, sizeof *copy);
    if (!copy) st = core_fail_nomem(err, (names.n + 1) * sizeof *copy);
    if (copy && names.n) memcpy(copy, names.items, names.n * sizeof *copy);
    *needed = copy;
  }
  core_free(names.items);
  return st;
}

enum core_status val_plan_elements(const struct val_suite *suite, struct core_arena *arena,
                                   const char *const **elements, struct core_error *err) {
  struct names names = {0};
  enum core_status st = CORE_OK;
  size_t n = 0;
  for (size_t i = 0; i < suite->n_expected && st == CORE_OK; i++)
    st = add_names_of(&names, &suite->expected[i], err);
  for (size_t i = 0; i < suite->read.n_declared && st == CORE_OK; i++)
    st = add_name(&names, suite->read.declared[i].name, err);
  const char **copy = st == CORE_OK ? core_arena_calloc(arena, names.n + 1, sizeof *copy) : NULL;
  for (size_t i = 0; copy && i < names.n; i++)
    if (strstr(names.items[i], "[]")) copy[n++] = names.items[i];
  if (st == CORE_OK && !copy) st = core_fail_nomem(err, (names.n + 1) * sizeof *copy);
  *elements = copy;
  core_free(names.items);
  return st;
}
