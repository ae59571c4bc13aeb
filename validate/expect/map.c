/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/expect/map.h"

#include "validate/dictionary.h"
#include "validate/facts.h"
#include "validate/plan.h"
#include <string.h>

/* ---- the metric ---- */

struct val_metric {
  struct val_row_tally tally; /* first: val_map_judge reads it */
  const struct val_predicate *predicate;
  void *state;
  struct core_arena arena;
  uint8_t *unexpected;
  size_t unexpected_cap;
  struct val_kept *first;        /* predicates with `join`: the first considered row */
  struct {                       /* of one column that is dictionary-encoded */
    uint64_t number;             /* of the dictionary; 0: none yet */
    bool failed;                 /* the predicate did, on some entry: it is asked row by row */
    bool any;                    /* some entry is unexpected */
    uint8_t *every, *unexpected; /* bits of the entries */
    size_t every_cap, unexpected_cap;
    struct val_column *columns; /* of the schema: a batch of the entries, or of plain rows */
    struct val_decoded plain;
  } entries;
};

static void map_close(struct val_metric *m) {
  if (!m) return;
  if (m->state && m->predicate->close) m->predicate->close(m->state);
  val_row_tally_close(&m->tally);
  core_arena_close(&m->arena);
  core_free(m->unexpected);
  core_free(m->first);
  core_free(m->entries.every);
  core_free(m->entries.unexpected);
  core_free(m->entries.columns);
  val_decoded_close(&m->entries.plain);
  core_free(m);
}

static enum core_status map_open(const struct val_metric_request *request,
                                 const struct val_metric_context *context, struct val_metric **out,
                                 struct core_error *err) {
  (void)context;
  const struct val_map *map = request->params;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->predicate = map->expected->ops->predicate;
  val_row_tally_open(&m->tally, map);
  if (m->predicate->open) {
    const enum core_status st = m->predicate->open(map, &m->arena, &m->state, err);
    if (st != CORE_OK) {
      map_close(m);
      return st;
    }
  }
  *out = m;
  return CORE_OK;
}

static enum core_status keep_row(struct val_metric *m, const struct val_batch *batch, size_t row,
                                 struct core_error *err) {
  struct val_kept *kept = NULL;
  CORE_TRY(val_row_tally_show(&m->tally, batch, row, &kept, err));
  return val_row_tally_keep(&m->tally, kept, err);
}

static enum core_status collect(struct val_metric *m, const struct val_batch *batch,
                                struct core_error *err) {
  const size_t n_bytes = (batch->n_rows + 7) / 8;
  for (size_t at = 0; at < batch->n_rows; at += 8) {
    if (at % 64 == 0 && (at >> 3) + 8 <= n_bytes) { /* nearly always there is nothing */
      uint64_t eight;
      memcpy(&eight, m->unexpected + (at >> 3), sizeof eight);
      if (eight == 0) {
        at += 56;
        continue;
      }
    }
    unsigned byte = m->unexpected[at >> 3] & m->tally.considered[at >> 3];
    for (size_t row = at; byte; row++, byte >>= 1) {
      if (!(byte & 1)) continue;
      m->tally.n_unexpected++;
      if (val_row_tally_admits(&m->tally, val_batch_row(batch, row)))
        CORE_TRY(keep_row(m, batch, row, err));
    }
  }
  return CORE_OK;
}

static enum core_status note_first(struct val_metric *m, const struct val_batch *batch,
                                   struct core_error *err) {
  if (!m->predicate->join || m->first) return CORE_OK;
  for (size_t row = 0; row < batch->n_rows; row++)
    if (val_bit(m->tally.considered, row))
      return val_row_tally_show(&m->tally, batch, row, &m->first, err);
  return CORE_OK;
}

/* ---- encoded columns: each entry is judged once ---- */

/* Not rows against each other, not whether there is a value. */
static bool judges_values(const struct val_metric *m) {
  return m->tally.map->nulls != VAL_NULLS_NEVER;
}

static bool map_takes_codes(const struct val_metric *m) {
  return m->tally.map->n_columns == 1 && !m->predicate->join;
}

static enum core_status mark(struct val_metric *m, const struct val_batch *batch,
                             const uint8_t *considered, uint8_t *unexpected,
                             struct core_error *err) {
  return m->predicate->mark(m->state, m->tally.map, batch, considered, unexpected, err);
}

static enum core_status mark_entries(struct val_metric *m, const struct val_dictionary *d,
                                     struct core_error *err) {
  const size_t column = m->tally.map->columns[0], n_bytes = (d->n + 7) / 8;
  const struct val_batch batch = {
      .n_rows = d->n, .n_columns = m->tally.map->schema->n_fields, .columns = m->entries.columns};
  struct core_error why = {0};
  CORE_TRY(core_grow((void **)&m->entries.every, &m->entries.every_cap, n_bytes + 1, 1, err));
  CORE_TRY(
      core_grow((void **)&m->entries.unexpected, &m->entries.unexpected_cap, n_bytes + 1, 1, err));
  memset(m->entries.every, 0xff, n_bytes + 1);
  memset(m->entries.unexpected, 0, n_bytes + 1);
  if (d->n % 8) m->entries.every[n_bytes - 1] = (uint8_t)((1U << (d->n % 8)) - 1);
  m->entries.columns[column] = d->entries;
  const enum core_status st = mark(m, &batch, m->entries.every, m->entries.unexpected, &why);
  if (st == CORE_NOMEM || st == CORE_IO) return core_fail(err, st, "%s", why.message);
  m->entries.failed = st != CORE_OK; /* perhaps on an entry that no row has */
  m->entries.any = false;
  for (size_t i = 0; i < n_bytes; i++)
    m->entries.any |= (m->entries.unexpected[i] & m->entries.every[i]) != 0;
  m->entries.number = d->number;
  return CORE_OK;
}

static enum core_status mark_plain(struct val_metric *m, const struct val_batch *batch,
                                   struct core_error *err) {
  const size_t column = m->tally.map->columns[0];
  struct val_batch plain = *batch;
  plain.columns = m->entries.columns;
  CORE_TRY(val_column_decode(&batch->columns[column], batch->n_rows, &m->entries.plain,
                             &m->entries.columns[column], err));
  return mark(m, &plain, m->tally.considered, m->unexpected, err);
}

static enum core_status mark_codes(struct val_metric *m, const struct val_batch *batch,
                                   struct core_error *err) {
  const struct val_column *column = &batch->columns[m->tally.map->columns[0]];
  const size_t n_columns = m->tally.map->schema->n_fields;
  if (!m->entries.columns) m->entries.columns = core_calloc(n_columns + 1, sizeof *column);
  if (!m->entries.columns) return core_fail_nomem(err, n_columns * sizeof *column);
  if (m->entries.number != column->dictionary->number)
    CORE_TRY(mark_entries(m, column->dictionary, err));
  if (m->entries.failed) return mark_plain(m, batch, err);
  if (!m->entries.any) return CORE_OK;
  VAL_MARK_ROWS(batch->n_rows, m->unexpected, i, val_bit(m->entries.unexpected, column->codes[i]))
  return CORE_OK;
}

static enum core_status map_observe(struct val_metric *m, const struct val_batch *batch,
                                    struct core_error *err) {
  const size_t n_bytes = (batch->n_rows + 7) / 8;
  if (batch->n_rows == 0) return CORE_OK;
  CORE_TRY(val_row_tally_consider(&m->tally, batch, err));
  CORE_TRY(core_grow((void **)&m->unexpected, &m->unexpected_cap, n_bytes, 1, err));
  memset(m->unexpected, 0, n_bytes);
  CORE_TRY(map_takes_codes(m) && judges_values(m) && batch->columns[m->tally.map->columns[0]].codes
               ? mark_codes(m, batch, err)
               : mark(m, batch, m->tally.considered, m->unexpected, err));
  CORE_TRY(note_first(m, batch, err));
  return collect(m, batch, err);
}

/* Rows of which it is known that none is unexpected; where all are null, and nulls are left out, that is so anyway. */
static bool map_absorb(struct val_metric *m, int64_t n_rows, const struct val_facts *facts) {
  const struct val_map *map = m->tally.map;
  if (map->n_columns != 1 || !facts->knows_nulls || m->predicate->join) return false;
  const bool left_out = map->nulls != VAL_NULLS_NEVER;
  if (!(left_out && facts->n_null == n_rows) &&
      !(m->predicate->holds && m->predicate->holds(m->state, n_rows, facts)))
    return false;
  m->tally.n_rows += n_rows;
  if (left_out) m->tally.n_missing += facts->n_null;
  return true;
}

static enum core_status join(struct val_metric *into, struct val_metric *later,
                             struct core_error *err) {
  if (!into->predicate->join || !later->first) return CORE_OK;
  const bool unexpected = into->first && into->predicate->join(into->state, later->state);
  struct val_kept *first = later->first;
  later->first = NULL;
  if (!into->first) {
    into->first = first;
    void *state = into->state; /* nothing was seen before: the later state is the state */
    into->state = later->state;
    later->state = state;
    struct core_arena arena = into->arena;
    into->arena = later->arena;
    later->arena = arena;
    return CORE_OK;
  }
  if (unexpected) {
    into->tally.n_unexpected++;
    return val_row_tally_keep(&into->tally, first, err);
  }
  core_free(first);
  return CORE_OK;
}

static enum core_status map_merge(struct val_metric *into, struct val_metric *later,
                                  struct core_error *err) {
  CORE_TRY(join(into, later, err));
  return val_row_tally_merge(&into->tally, &later->tally, err);
}

static void map_shift(struct val_metric *m, int64_t rows, int64_t lines) {
  val_row_tally_shift(&m->tally, rows, lines);
  if (!m->first) return;
  m->first->row += rows;
  if (m->first->line >= 0) m->first->line += lines;
}

static enum core_status map_finish(struct val_metric *m, struct core_error *err) {
  (void)err;
  val_row_tally_finish(&m->tally);
  return CORE_OK;
}

static enum core_status map_describe(struct val_metric *m, struct core_str *out,
                                     struct core_error *err) {
  core_str_printf(out, "{\"rows\":%lld,\"missing\":%lld,\"unexpected\":%lld}",
                  (long long)m->tally.n_rows, (long long)m->tally.n_missing,
                  (long long)m->tally.n_unexpected);
  return core_str_status(out, err);
}

/* Not in metric_list.h: it needs an expectation, so it cannot be shared or tried alone. */
const struct val_metric_ops val_metric_map = {
    .name = "map",
    .summary = "rows that a predicate marks",
    .takes_codes = map_takes_codes,
    .open = map_open,
    .observe = map_observe,
    .absorb = map_absorb,
    .merge = map_merge,
    .shift = map_shift,
    .finish = map_finish,
    .describe = map_describe,
    .close = map_close,
};

/* ---- planning ---- */

static enum core_status map_columns(const struct val_expected *expected, struct val_plan *plan,
                                    struct val_map *map, struct core_error *err) {
  size_t found[2] = {0, 0};
  if (expected->ops->kind == VAL_EXPECT_MULTICOLUMN)
    return val_plan_column_list(plan, expected, "column_list", &map->columns, &map->n_columns, err);
  if (expected->ops->kind == VAL_EXPECT_PAIR) {
    CORE_TRY(val_plan_column(plan, expected, "column_A", &found[0], err));
    CORE_TRY(val_plan_column(plan, expected, "column_B", &found[1], err));
    map->n_columns = 2;
  } else {
    CORE_TRY(val_plan_column(plan, expected, "column", &found[0], err));
    map->n_columns = 1;
  }
  size_t *columns = core_arena_calloc(&plan->arena, 2, sizeof *columns);
  if (!columns) return core_fail_nomem(err, 2 * sizeof *columns);
  memcpy(columns, found, sizeof found);
  map->columns = columns;
  return CORE_OK;
}

static enum core_status map_index(const struct val_expected *expected, struct val_plan *plan,
                                  struct val_map *map, struct core_error *err) {
  size_t n = 0, any = 0;
  for (size_t i = 0; expected->include_rows && i < plan->schema->n_fields; i++)
    CORE_TRY(val_plan_find(plan, plan->schema->fields[i].name, &any, err));
  while (expected->index_columns && expected->index_columns[n]) n++;
  if (n == 0) return CORE_OK;
  size_t *columns = core_arena_calloc(&plan->arena, n, sizeof *columns);
  if (!columns) return core_fail_nomem(err, n * sizeof *columns);
  for (size_t i = 0; i < n; i++)
    CORE_TRY(val_plan_find(plan, expected->index_columns[i], &columns[i], err));
  map->index_columns = columns;
  map->n_index_columns = n;
  return CORE_OK;
}

static enum val_null_rule null_rule(const struct val_expected *expected) {
  if (expected->ops->kind == VAL_EXPECT_MAP) return expected->ops->predicate->nulls;
  const char *rule = core_option_text(&expected->kwargs, "ignore_row_if");
  if (core_streq(rule, "neither") || core_streq(rule, "never")) return VAL_NULLS_NEVER;
  if (core_streq(rule, "either_value_is_missing") || core_streq(rule, "any_value_is_missing"))
    return VAL_NULLS_ANY;
  return VAL_NULLS_ALL;
}

/* Half of the budget is for those that want every failing row, half for the others; each half in equal shares. */
static void set_limits(const struct val_plan *plan, struct val_map *map) {
  const bool complete = map->expected->format == VAL_FORMAT_COMPLETE;
  const size_t sharers = complete ? plan->n_complete : plan->n_partial;
  map->max_rows = complete ? SIZE_MAX : map->expected->partial_count;
  map->max_bytes = plan->limits.failures_bytes / 2 / sharers;
  if (!plan->limits.all_failures) return;
  map->max_rows = SIZE_MAX;
  map->max_bytes = plan->limits.failures_bytes / (plan->n_complete + plan->n_partial);
}

enum core_status val_map_plan(const struct val_expected *expected, struct val_plan *plan,
                              struct core_error *err) {
  const struct val_predicate *predicate = expected->ops->predicate;
  struct val_map *map = core_arena_calloc(&plan->arena, 1, sizeof *map);
  if (!map) return core_fail_nomem(err, sizeof *map);
  map->expected = expected;
  map->schema = plan->schema;
  map->nulls = null_rule(expected);
  set_limits(plan, map);
  CORE_TRY(map_columns(expected, plan, map, err));
  CORE_TRY(map_index(expected, plan, map, err));
  if (predicate->takes) CORE_TRY(predicate->takes(map, err));
  return val_plan_metric(plan, predicate->metric ? predicate->metric : &val_metric_map,
                         map->columns, map->n_columns, map, err);
}

enum core_status val_map_refuse(const struct val_map *map, size_t column, const char *wanted,
                                struct core_error *err) {
  const struct val_field *field = &map->schema->fields[column];
  return core_fail(err, CORE_UNSUPPORTED, "column '%s' holds values of type %s, not %s",
                   field->name, val_type_name(field->type), wanted);
}

enum core_status val_map_check_list(const struct val_expected *expected, struct core_error *err) {
  const struct core_option_value *list = core_option_get(&expected->kwargs, "column_list");
  if (!list->node->first)
    return core_fail_at(err, CORE_INVAL, list->pos, "column_list names no column");
  for (const struct core_node *item = list->node->first; item; item = item->next)
    if (item->kind != CORE_NODE_STRING)
      return core_fail_at(err, CORE_INVAL, item->pos, "column_list must name columns, not hold %s",
                          core_node_kind_name(item->kind));
  return CORE_OK;
}

enum core_status val_map_check_cross_type(const struct val_expected *expected,
                                          struct core_error *err) {
  const char *name = "allow_cross_type_comparisons";
  if (!core_option_flag(&expected->kwargs, name)) return CORE_OK;
  return core_fail_at(err, CORE_INVAL, core_option_get(&expected->kwargs, name)->pos,
                      "%s is not supported: text and numbers do not compare", name);
}

/* ---- judging ---- */

static enum core_status keep_text(const char *text, struct core_arena *arena, const char **out,
                                  struct core_error *err) {
  if (!text) return CORE_OK;
  *out = core_arena_strdup(arena, text);
  return *out ? CORE_OK : core_fail_nomem(err, strlen(text) + 1);
}

static enum core_status keep_failures(const struct val_row_tally *tally, struct core_arena *arena,
                                      struct val_verdict *verdict, struct core_error *err) {
  struct val_failure *failures = core_arena_calloc(arena, tally->n_kept + 1, sizeof *failures);
  if (!failures) return core_fail_nomem(err, tally->n_kept * sizeof *failures);
  for (size_t i = 0; i < tally->n_kept; i++) {
    const struct val_kept *kept = tally->kept[i];
    failures[i] = (struct val_failure){.row = kept->row, .line = kept->line, .byte = kept->byte};
    CORE_TRY(keep_text(kept->json, arena, &failures[i].json, err));
    CORE_TRY(keep_text(kept->text, arena, &failures[i].text, err));
    CORE_TRY(keep_text(kept->index_json, arena, &failures[i].index_json, err));
    CORE_TRY(keep_text(kept->row_json, arena, &failures[i].row_json, err));
  }
  const struct val_expected *expected = tally->map->expected;
  const bool complete = expected->format == VAL_FORMAT_COMPLETE;
  verdict->failures = failures;
  verdict->n_kept = tally->n_kept;
  verdict->n_failures =
      complete || tally->n_kept < expected->partial_count ? tally->n_kept : expected->partial_count;
  return CORE_OK;
}

enum core_status val_map_judge(const struct val_expected *expected,
                               const struct val_evidence *evidence, struct val_verdict *verdict,
                               struct core_error *err) {
  const struct val_row_tally *tally = (const struct val_row_tally *)evidence->metrics[0];
  const int64_t n = tally->n_rows - tally->n_missing;
  const double mostly = core_option_double(&expected->kwargs, "mostly");
  verdict->is_map = verdict->has_counts = true;
  verdict->counts_missing =
      expected->ops->kind != VAL_EXPECT_MAP || expected->ops->predicate->nulls != VAL_NULLS_NEVER;
  verdict->element_count = tally->n_rows;
  verdict->missing_count = tally->n_missing;
  verdict->unexpected_count = tally->n_unexpected;
  verdict->success = n == 0 || (double)(n - tally->n_unexpected) / (double)n >= mostly;
  return keep_failures(tally, evidence->arena, verdict, err);
}
