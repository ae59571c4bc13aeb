/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/expect/partition.h"

#include "validate/scalar.h"
#include <math.h>

static enum core_status wrong(const struct core_node *node, const char *what,
                              struct core_error *err) {
  return core_fail_at(err, CORE_INVAL, node->pos, "partition_object: %s", what);
}

static const struct core_node *list_of(const struct core_node *map, const char *key) {
  const struct core_node *node = core_node_get(map, key);
  return node && node->kind == CORE_NODE_LIST ? node : NULL;
}

static enum core_status read_numbers(const struct core_node *list, double *out,
                                     struct core_error *err) {
  size_t n = 0;
  for (const struct core_node *item = list->first; item; item = item->next) {
    if (!core_node_is_number(item) || isnan(item->number))
      return wrong(item, "bins and weights are numbers", err);
    out[n++] = item->number;
  }
  return CORE_OK;
}

static enum core_status read_weights(struct val_partition *p, const struct core_node *node,
                                     struct core_error *err) {
  const struct core_node *tails = core_node_get(node, "tail_weights");
  double sum = 0;
  CORE_TRY(read_numbers(list_of(node, "weights"), p->weights, err));
  if (tails) {
    if (tails->kind != CORE_NODE_LIST || tails->n_children != 2)
      return wrong(tails, "tail_weights are two numbers, below and above the bins", err);
    CORE_TRY(read_numbers(tails, p->tails, err));
    p->has_tails = true;
  }
  bool negative = p->tails[0] < 0 || p->tails[1] < 0;
  for (size_t i = 0; i < p->n; i++) {
    sum += p->weights[i];
    negative |= p->weights[i] < 0;
  }
  sum += p->tails[0] + p->tails[1];
  if (negative) return wrong(list_of(node, "weights"), "weights are not negative", err);
  if (!(fabs(sum - 1) <= 1e-5 + 1e-8))
    return wrong(list_of(node, "weights"), "the weights do not add up to 1", err);
  return CORE_OK;
}

static enum core_status read_bins(struct val_partition *p, const struct core_node *bins,
                                  struct core_error *err) {
  CORE_TRY(read_numbers(bins, p->bins, err));
  for (size_t i = 0; i < p->n; i++)
    if (!(p->bins[i] < p->bins[i + 1])) return wrong(bins, "the bins do not rise", err);
  return CORE_OK;
}

enum core_status val_partition_read(struct val_partition *out, const struct core_node *node,
                                    struct core_arena *arena, struct core_error *err) {
  const struct core_node *weights = list_of(node, "weights"), *values = list_of(node, "values"),
                         *bins = list_of(node, "bins");
  *out = (struct val_partition){.kind = bins ? VAL_PARTITION_BINS : VAL_PARTITION_CATEGORIES};
  if (!weights || (!values && !bins))
    return wrong(node, "it must hold values and weights, or bins and weights", err);
  out->n = weights->n_children;
  if ((bins ? bins->n_children - 1 : values->n_children) != out->n || out->n == 0)
    return wrong(weights,
                 bins ? "there is one weight less than bins" : "there is a weight for each value",
                 err);
  out->values = values;
  out->weights = core_arena_calloc(arena, out->n + 1, sizeof *out->weights);
  out->bins = core_arena_calloc(arena, out->n + 2, sizeof *out->bins);
  if (!out->weights || !out->bins) return core_fail_nomem(err, out->n * sizeof *out->weights);
  if (bins) CORE_TRY(read_bins(out, bins, err));
  return read_weights(out, node, err);
}

enum core_status val_partition_check(const struct val_expected *expected,
                                     const enum val_partition_kind *kind, struct core_error *err) {
  const struct core_option_value *value = core_option_get(&expected->kwargs, "partition_object");
  struct val_partition partition;
  struct core_arena arena = {0};
  if (!value->given) return CORE_OK;
  enum core_status st = val_partition_read(&partition, value->node, &arena, err);
  if (st == CORE_OK && kind && partition.kind != *kind)
    st = wrong(value->node,
               *kind == VAL_PARTITION_BINS ? "this expectation wants bins and weights"
                                           : "this expectation wants values and weights",
               err);
  core_arena_close(&arena);
  return st;
}

void val_numbers_json(const double *x, size_t n, struct core_str *out) {
  core_str_char(out, '[');
  for (size_t i = 0; i < n; i++) {
    const struct val_scalar value = val_scalar_double(x[i]);
    if (i) core_str_char(out, ',');
    val_scalar_json(&value, out);
  }
  core_str_char(out, ']');
}
