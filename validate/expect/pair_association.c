/* SPDX-License-Identifier: GPL-3.0-or-later
 * Cramer's phi of two columns: how far they are from independent, 0 to 1. Numbers are put into bins, of texts all but the most
 * frequent into one class; a null is a class of its own. With two classes on each side chi-square is corrected for
 * continuity (Yates), as scipy's chi2_contingency does. */
#include "validate/expect/aggregate.h"

#include "validate/metric/pair_counts.h"
#include "validate/plan.h"
#include <math.h>
#include <stdlib.h>

#define MAX_CLASSES 10000

/* ---- the classes of one side ---- */

struct side {
  bool second; /* column_B */
  const struct core_node *bins;
  size_t n_bins;
  double *edges; /* of numbers: n_edges, rising */
  size_t n_edges;
  struct val_value_tally *tally; /* of texts: the frequent ones, or all of the sets */
  size_t n_tally;
  size_t n_classes;
};

struct val_value_tally {
  struct val_scalar value;
  int64_t count;
  size_t class;
};

struct pairs {
  const struct val_pair_count *list;
  size_t n;
};

static const struct val_scalar *value_of(const struct val_pair_count *pair, bool second) {
  return second ? &pair->b : &pair->a;
}

static int by_number(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static bool number_range(struct pairs pairs, bool second, double *low, double *high) {
  bool any = false;
  for (size_t i = 0; i < pairs.n; i++) {
    const struct val_scalar *value = value_of(&pairs.list[i], second);
    if (!val_scalar_is_number(value)) continue;
    const double x = val_scalar_number(value);
    *low = any ? fmin(*low, x) : x;
    *high = any ? fmax(*high, x) : x;
    any = true;
  }
  return any;
}

/* Equal widths between the least and the greatest value. */
static void even_edges(struct side *s, double low, double high) {
  if (low == high) low -= 0.5, high += 0.5;
  s->n_edges = s->n_bins + 1;
  for (size_t i = 0; i < s->n_edges; i++)
    s->edges[i] = i + 1 == s->n_edges ? high : low + (high - low) * (double)i / (double)s->n_bins;
}

/* Those given, drawn out to hold every value. */
static void given_edges(struct side *s, double low, double high) {
  for (const struct core_node *edge = s->bins->first; edge; edge = edge->next)
    s->edges[s->n_edges++] = edge->number;
  s->edges[s->n_edges++] = low;
  s->edges[s->n_edges++] = high;
  qsort(s->edges, s->n_edges, sizeof *s->edges, by_number);
  size_t n = 0;
  double least = INFINITY, greatest = -INFINITY;
  for (const struct core_node *edge = s->bins->first; edge; edge = edge->next) {
    least = fmin(least, edge->number);
    greatest = fmax(greatest, edge->number);
  }
  for (size_t i = 0; i < s->n_edges; i++) {
    const double x = s->edges[i];
    bool given = x < least || x > greatest;
    for (const struct core_node *edge = s->bins->first; edge; edge = edge->next)
      given |= edge->number == x;
    if (given && (n == 0 || s->edges[n - 1] != x)) s->edges[n++] = x;
  }
  s->n_edges = n;
}

static enum core_status open_numbers(struct side *s, struct pairs pairs, struct core_arena *arena,
                                     struct core_error *err) {
  double low = 0, high = 1;
  const size_t room = (s->bins ? s->bins->n_children : s->n_bins) + 4;
  s->edges = core_arena_calloc(arena, room, sizeof *s->edges);
  if (!s->edges) return core_fail_nomem(err, room * sizeof *s->edges);
  if (!number_range(pairs, s->second, &low, &high)) s->n_bins = 1;
  if (s->bins)
    given_edges(s, low, high);
  else
    even_edges(s, low, high);
  s->n_classes = s->n_edges + 1; /* the last one is for nulls */
  return CORE_OK;
}

static size_t number_class(const struct side *s, const struct val_scalar *value) {
  if (value->type == VAL_TYPE_NULL) return s->n_edges;
  const double x = val_scalar_number(value);
  size_t i = 1;
  while (i + 1 < s->n_edges && s->edges[i] <= x) i++;
  return i - 1;
}

/* ---- classes of texts ---- */

static int by_scalar(const void *a, const void *b) {
  const struct val_value_tally *x = a, *y = b;
  const bool none_x = x->value.type == VAL_TYPE_NULL, none_y = y->value.type == VAL_TYPE_NULL;
  return none_x || none_y ? none_x - none_y : val_scalar_compare(&x->value, &y->value);
}

/* The most frequent first, of equal ones the lesser. */
static int by_count(const void *a, const void *b) {
  const struct val_value_tally *x = a, *y = b;
  return x->count != y->count ? (x->count < y->count) - (x->count > y->count) : by_scalar(a, b);
}

static void merge_equal(struct side *s) {
  size_t n = 0;
  qsort(s->tally, s->n_tally, sizeof *s->tally, by_scalar);
  for (size_t i = 0; i < s->n_tally; i++) {
    if (n > 0 && by_scalar(&s->tally[n - 1], &s->tally[i]) == 0)
      s->tally[n - 1].count += s->tally[i].count;
    else
      s->tally[n++] = s->tally[i];
  }
  s->n_tally = n;
}

/* The class of a value that stands in one of the sets; SIZE_MAX when in none. */
static size_t set_of(const struct core_node *sets, const struct val_scalar *value) {
  size_t class = 0;
  for (const struct core_node *set = sets->first; set; set = set->next, class ++)
    for (const struct core_node *item = set->first; item; item = item->next) {
      struct val_scalar written;
      if (val_scalar_from_node(item, value->type, &written) && val_scalar_equal(&written, value))
        return class;
    }
  return SIZE_MAX;
}

static void number_classes(struct side *s) {
  const bool few = s->n_tally <= s->n_bins;
  size_t next = s->bins ? s->bins->n_children : 0;
  for (size_t i = 0; i < s->n_tally; i++) {
    struct val_value_tally *t = &s->tally[i];
    const bool null = t->value.type == VAL_TYPE_NULL;
    t->class = s->bins && !null ? set_of(s->bins, &t->value) : SIZE_MAX;
    if (t->class != SIZE_MAX) continue;
    t->class = s->bins || few || null || next < s->n_bins ? next++ : s->n_bins;
  }
  s->n_classes = (s->bins ? s->bins->n_children : 0) + s->n_tally + 1;
}

static enum core_status open_texts(struct side *s, struct pairs pairs, struct core_arena *arena,
                                   struct core_error *err) {
  s->tally = core_arena_calloc(arena, pairs.n + 1, sizeof *s->tally);
  if (!s->tally) return core_fail_nomem(err, pairs.n * sizeof *s->tally);
  for (size_t i = 0; i < pairs.n; i++)
    s->tally[s->n_tally++] =
        (struct val_value_tally){*value_of(&pairs.list[i], s->second), pairs.list[i].count, 0};
  merge_equal(s);
  qsort(s->tally, s->n_tally, sizeof *s->tally, by_count);
  number_classes(s);
  qsort(s->tally, s->n_tally, sizeof *s->tally, by_scalar);
  return CORE_OK;
}

static size_t class_of(const struct side *s, const struct val_scalar *value) {
  if (s->edges) return number_class(s, value);
  const struct val_value_tally wanted = {.value = *value};
  const struct val_value_tally *found =
      bsearch(&wanted, s->tally, s->n_tally, sizeof wanted, by_scalar);
  return found->class;
}

/* ---- the table ---- */

struct table {
  double *cells, *rows, *columns;
  size_t n_rows, n_columns, used_rows, used_columns;
  double total;
};

static enum core_status open_table(struct table *t, const struct side *a, const struct side *b,
                                   struct pairs pairs, struct core_arena *arena,
                                   struct core_error *err) {
  *t = (struct table){.n_rows = a->n_classes, .n_columns = b->n_classes};
  if (t->n_rows > MAX_CLASSES || t->n_columns > MAX_CLASSES)
    return core_fail(err, CORE_LIMIT, "the columns fall into more than %d classes", MAX_CLASSES);
  t->cells = core_arena_calloc(arena, t->n_rows * t->n_columns + 1, sizeof *t->cells);
  t->rows = core_arena_calloc(arena, t->n_rows + 1, sizeof *t->rows);
  t->columns = core_arena_calloc(arena, t->n_columns + 1, sizeof *t->columns);
  if (!t->cells || !t->rows || !t->columns)
    return core_fail_nomem(err, t->n_rows * t->n_columns * sizeof *t->cells);
  for (size_t i = 0; i < pairs.n; i++) {
    const size_t row = class_of(a, &pairs.list[i].a), column = class_of(b, &pairs.list[i].b);
    const double count = (double)pairs.list[i].count;
    t->cells[row * t->n_columns + column] += count;
    t->rows[row] += count;
    t->columns[column] += count;
    t->total += count;
  }
  for (size_t i = 0; i < t->n_rows; i++) t->used_rows += t->rows[i] > 0;
  for (size_t i = 0; i < t->n_columns; i++) t->used_columns += t->columns[i] > 0;
  return CORE_OK;
}

static double chi_square(const struct table *t) {
  const bool corrected = t->used_rows == 2 && t->used_columns == 2;
  double sum = 0;
  for (size_t i = 0; i < t->n_rows; i++)
    for (size_t k = 0; k < t->n_columns; k++) {
      const double expected = t->rows[i] * t->columns[k] / t->total;
      if (!(expected > 0)) continue;
      double difference = fabs(t->cells[i * t->n_columns + k] - expected);
      if (corrected) difference -= fmin(0.5, difference);
      sum += difference * difference / expected;
    }
  return sum;
}

/* NaN when one side has a single class: nothing can be said. */
static double cramers_phi(const struct table *t) {
  const size_t least = t->used_rows < t->used_columns ? t->used_rows : t->used_columns;
  if (least < 2) return (double)NAN;
  return fmin(1, sqrt(chi_square(t) / t->total / (double)(least - 1)));
}

/* ---- the expectation ---- */

static enum core_status phi_plan(const struct val_expected *expected, struct val_plan *plan,
                                 struct core_error *err) {
  size_t columns[2] = {0, 0};
  CORE_TRY(val_plan_column(plan, expected, "column_A", &columns[0], err));
  CORE_TRY(val_plan_column(plan, expected, "column_B", &columns[1], err));
  return val_plan_metric(plan, &val_metric_pair_counts, columns, 2, NULL, err);
}

static enum core_status open_side(struct side *s, const struct val_expected *expected, bool second,
                                  const struct val_evidence *evidence, struct pairs pairs,
                                  struct core_error *err) {
  const char *name = core_option_text(&expected->kwargs, second ? "column_B" : "column_A");
  const size_t column = val_schema_find(evidence->schema, name);
  const enum val_type type = evidence->schema->fields[column].type;
  const struct core_option_value *bins =
      core_option_get(&expected->kwargs, second ? "bins_B" : "bins_A");
  *s = (struct side){.second = second, .bins = bins->given ? bins->node : NULL};
  s->n_bins = (size_t)core_option_int(&expected->kwargs, second ? "n_bins_B" : "n_bins_A");
  const bool numbers = type == VAL_TYPE_INT64 || type == VAL_TYPE_DOUBLE;
  for (const struct core_node *bin = s->bins ? s->bins->first : NULL; bin; bin = bin->next)
    if (numbers != core_node_is_number(bin))
      return core_fail(err, CORE_UNSUPPORTED, "the bins of column '%s' must be %s", name,
                       numbers ? "numbers" : "lists of values");
  return numbers ? open_numbers(s, pairs, evidence->arena, err)
                 : open_texts(s, pairs, evidence->arena, err);
}

static enum core_status phi_judge(const struct val_expected *expected,
                                  const struct val_evidence *evidence, struct val_verdict *verdict,
                                  struct core_error *err) {
  struct pairs pairs = {0};
  struct side a, b;
  struct table table;
  pairs.list = val_pair_counts(evidence->metrics[0], &pairs.n);
  CORE_TRY(open_side(&a, expected, false, evidence, pairs, err));
  CORE_TRY(open_side(&b, expected, true, evidence, pairs, err));
  CORE_TRY(open_table(&table, &a, &b, pairs, evidence->arena, err));
  const double phi = cramers_phi(&table);
  const struct val_scalar value =
      isnan(phi) ? (struct val_scalar){.type = VAL_TYPE_NULL} : val_scalar_double(phi);
  verdict->success = phi <= core_option_double(&expected->kwargs, "threshold");
  return val_observe_scalar(&value, evidence->arena, verdict, err);
}

#define KWARG_BINS(side)                                                                           \
  {.name = "bins_" side,                                                                           \
   .type = CORE_OPT_LIST,                                                                          \
   .nullable = true,                                                                               \
   .help = "the classes: edges of numbers, or lists of values"},                                   \
  {                                                                                                \
    .name = "n_bins_" side, .type = CORE_OPT_INT, .fallback = "10", .min = 1, .max = 1000,         \
    .nullable = true, .help = "how many classes"                                                   \
  }
static const struct core_option kwargs[] = {
    {.name = "column_A", .type = CORE_OPT_STRING, .required = true, .help = "the first column"},
    {.name = "column_B", .type = CORE_OPT_STRING, .required = true, .help = "the second column"},
    KWARG_BINS("A"),
    KWARG_BINS("B"),
    {.name = "threshold",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0.1",
     .min = 0,
     .max = 1,
     .nullable = true,
     .help = "phi must not be above it"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_pair_cramers_phi_value_to_be_less_than = {
    .name = "expect_column_pair_cramers_phi_value_to_be_less_than",
    .summary = "two columns are nearly independent, by Cramer's phi",
    .kind = VAL_EXPECT_AGGREGATE,
    .kwargs = kwargs,
    .plan = phi_plan,
    .judge = phi_judge,
};
