/* SPDX-License-Identifier: GPL-3.0-or-later
 * Keys with how often each occurs, for columns of few different values: asked how many keys lie at or below another. */
#pragma once
#include "core/mem.h"
#include <stdbool.h>
#include <stdint.h>

#define VAL_ORDER_WEIGHTS_MOST                                                                     \
  ((size_t)1 << 16) /* different keys: beyond, they are better kept one by one */

struct val_order_weight {
  uint64_t key;
  int64_t n; /* once in order: of all up to this key */
};

/* Zero-initialised is empty. */
struct val_order_weights {
  struct val_order_weight *list;
  size_t n, cap;
  int64_t total;
  bool ordered;
};
enum core_status val_order_weights_add(struct val_order_weights *weights, uint64_t key, int64_t n,
                                       struct core_error *err) CORE_MUST_CHECK;
/* Each key once, ascending; sums of what is below are only made by val_order_weights_order. */
void val_order_weights_combine(struct val_order_weights *weights);
void val_order_weights_order(struct val_order_weights *weights);
/* In order: how many are <= key; 0 when empty. */
int64_t val_order_weights_up_to(const struct val_order_weights *weights, uint64_t key);
/* In order: the key of that rank, below weights->total. */
uint64_t val_order_weights_select(const struct val_order_weights *weights, int64_t rank);
void val_order_weights_close(struct val_order_weights *weights);
