/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/suite_doubts.h"

#include "core/hash.h"
#include "validate/expect/expectation.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct doubts {
  void (*say)(const struct core_error *doubt, void *with);
  void *with;
  size_t n;
};

static void doubt(struct doubts *d, struct core_pos pos, const char *message) {
  struct core_error one = {0};
  (void)core_fail_at(&one, CORE_INVAL, pos, "%s", message);
  d->say(&one, d->with);
  d->n++;
}

static const struct core_node *argument(const struct val_expected *e, const char *key) {
  const bool map = e->kwargs_node && e->kwargs_node->kind == CORE_NODE_MAP;
  const struct core_node *node = map ? core_node_get(e->kwargs_node, key) : NULL;
  return node && node->kind != CORE_NODE_NULL ? node : NULL;
}

static bool takes(const struct val_expected *e, const char *key) {
  for (const struct core_option *row = e->ops->kwargs; row && row->name; row++)
    if (core_streq(row->name, key)) return true;
  return false;
}

static bool is_true(const struct val_expected *e, const char *key) {
  const struct core_node *node = argument(e, key);
  return node && node->kind == CORE_NODE_BOOL && node->boolean;
}

static bool name_has(const struct val_expected *e, const char *part) {
  return strstr(e->ops->name, part) != NULL;
}

/* ---- bounds ---- */

static void check_bounds(const struct val_expected *e, struct doubts *d) {
  const struct core_node *low = argument(e, "min_value"), *high = argument(e, "max_value");
  if (!takes(e, "min_value") || !takes(e, "max_value")) return;
  if (!low && !high) {
    doubt(d, e->pos, "neither min_value nor max_value is given, so nothing is checked");
    return;
  }
  const struct core_node *ends[] = {low, high};
  for (size_t i = 0; i < CORE_COUNT_OF(ends); i++)
    if (ends[i] && core_node_is_number(ends[i]) && isnan(ends[i]->number))
      doubt(d, ends[i]->pos, "a bound that is not a number is met by no value");
  if (!low || !high) return;
  if (core_node_is_number(low) && core_node_is_number(high) && low->number > high->number)
    doubt(d, low->pos, "min_value is above max_value, so no value lies between");
  if (core_node_equal(low, high) && (is_true(e, "strict_min") || is_true(e, "strict_max")))
    doubt(
        d, low->pos,
        "min_value and max_value are the same and one of them is strict, so no value lies between");
}

/* Counts, lengths, deviations and shares are not negative; shares are not above 1. */
static void check_natural_bounds(const struct val_expected *e, struct doubts *d) {
  const bool share = name_has(e, "_proportion_of_");
  const bool natural = share || name_has(e, "_count_to_") || name_has(e, "_lengths_to_") ||
                       name_has(e, "_stdev_to_");
  const struct core_node *low = argument(e, "min_value"), *high = argument(e, "max_value"),
                         *value = argument(e, "value");
  if (!natural) return;
  if (high && core_node_is_number(high) && high->number < 0)
    doubt(d, high->pos, "what is held against max_value is never negative, so it always fails");
  if (value && core_node_is_number(value) && value->number < 0)
    doubt(d, value->pos, "what is held against value is never negative, so it always fails");
  if (share && low && core_node_is_number(low) && low->number > 1)
    doubt(d, low->pos, "a proportion is never above 1, so it always fails");
}

static void check_mostly(const struct val_expected *e, struct doubts *d) {
  const struct core_node *mostly = argument(e, "mostly");
  if (mostly && core_node_is_number(mostly) && mostly->number == 0)
    doubt(d, mostly->pos, "mostly is 0, so every column passes");
}

static void check_threshold(const struct val_expected *e, struct doubts *d) {
  const struct core_node *threshold = argument(e, "threshold");
  if (threshold && core_node_is_number(threshold) && threshold->number <= 0 &&
      is_true(e, "double_sided"))
    doubt(d, threshold->pos, "a distance is never below 0, so every value fails");
  const struct core_node *index = argument(e, "column_index");
  if (index && index->kind == CORE_NODE_INT && index->integer < 0)
    doubt(d, index->pos, "columns are counted from 0, so none has this index");
}

/* ---- lists ---- */

static void check_empty_lists(const struct val_expected *e, struct doubts *d) {
  static const char *const keys[] = {"value_set", "regex_list", "value_pairs_set", "type_list"};
  for (size_t i = 0; i < CORE_COUNT_OF(keys); i++) {
    const struct core_node *list = argument(e, keys[i]);
    if (!list || list->kind != CORE_NODE_LIST || list->first) continue;
    if (name_has(e, "_not_") || name_has(e, "_contain_") || name_has(e, "_distinct_values_to_be_"))
      doubt(d, list->pos, "the list is empty, so nothing is checked");
    else
      doubt(d, list->pos, "the list is empty, so no value can be in it");
  }
}

static bool same_text(const struct core_node *a, const struct core_node *b) {
  return a && b && a->kind == CORE_NODE_STRING && b->kind == CORE_NODE_STRING &&
         core_node_equal(a, b);
}

enum { LONG_LIST = 1000 }; /* beyond it pairs are not compared */

static void check_columns(const struct val_expected *e, struct doubts *d) {
  const struct core_node *b = argument(e, "column_B"), *list = argument(e, "column_list");
  if (same_text(argument(e, "column_A"), b))
    doubt(d, b->pos, "column_A and column_B are the same column");
  if (!list || list->kind != CORE_NODE_LIST || list->n_children > LONG_LIST) return;
  for (const struct core_node *x = list->first; x; x = x->next)
    for (const struct core_node *y = list->first; y != x; y = y->next)
      if (same_text(x, y)) {
        doubt(d, x->pos, "the column is named twice in column_list");
        break;
      }
}

/* ---- one thing said twice ---- */

struct print {
  struct core_hash128 hash;
  size_t index;
};

static int by_hash(const void *a, const void *b) {
  const struct print *x = a, *y = b;
  const int order = memcmp(&x->hash, &y->hash, sizeof x->hash);
  return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* earlier[i]: the first expectation with the same name and arguments as the i-th, plus 1; 0: there is none. */
static enum core_status find_repeats(const struct val_suite *suite, size_t *earlier,
                                     struct core_error *err) {
  struct print *prints = core_calloc(suite->n_expected + 1, sizeof *prints);
  if (!prints) return core_fail_nomem(err, suite->n_expected * sizeof *prints);
  enum core_status st = CORE_OK;
  for (size_t i = 0; i < suite->n_expected && st == CORE_OK; i++) {
    struct core_str text = {0};
    core_str_text_append(&text, suite->expected[i].ops->name);
    if (suite->expected[i].kwargs_node) core_node_json(suite->expected[i].kwargs_node, true, &text);
    st = core_str_status(&text, err);
    prints[i] = (struct print){core_hash128(core_str_text(&text), text.len, 0), i};
    core_str_close(&text);
  }
  if (st == CORE_OK && suite->n_expected) qsort(prints, suite->n_expected, sizeof *prints, by_hash);
  for (size_t i = 1, first = 0; st == CORE_OK && i < suite->n_expected; i++) {
    if (memcmp(&prints[i].hash, &prints[first].hash, sizeof prints[i].hash) != 0)
      first = i;
    else
      earlier[prints[i].index] = prints[first].index + 1;
  }
  core_free(prints);
  return st;
}

static void check_repeat(const struct val_suite *suite, size_t i, size_t earlier,
                         struct doubts *d) {
  char message[128];
  if (!earlier) return;
  snprintf(message, sizeof message, "the same expectation stands in line %d already",
           suite->expected[earlier - 1].pos.line);
  doubt(d, suite->expected[i].pos, message);
}

static void (*const checks[])(const struct val_expected *e, struct doubts *d) = {
    check_bounds,    check_natural_bounds, check_mostly,
    check_threshold, check_empty_lists,    check_columns};

enum core_status val_suite_doubts(const struct val_suite *suite,
                                  void (*say)(const struct core_error *doubt, void *with),
                                  void *with, size_t *n, struct core_error *err) {
  struct doubts d = {say, with, 0};
  size_t *earlier = core_calloc(suite->n_expected + 1, sizeof *earlier);
  if (!earlier) return core_fail_nomem(err, suite->n_expected * sizeof *earlier);
  const enum core_status st = find_repeats(suite, earlier, err);
  for (size_t i = 0; i < suite->n_expected && st == CORE_OK; i++) {
    for (size_t k = 0; k < CORE_COUNT_OF(checks); k++) checks[k](&suite->expected[i], &d);
    check_repeat(suite, i, earlier[i], &d);
  }
  core_free(earlier);
  *n = d.n;
  return st;
}
