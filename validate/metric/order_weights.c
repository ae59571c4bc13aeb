/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/order_weights.h"

#include <assert.h>
#include <stdlib.h>

enum core_status val_order_weights_add(struct val_order_weights *w, uint64_t key, int64_t n,
                                       struct core_error *err) {
  assert(!w->ordered);
  CORE_TRY(core_grow((void **)&w->list, &w->cap, w->n + 1, sizeof *w->list, err));
  w->list[w->n++] = (struct val_order_weight){key, n};
  w->total += n;
  return CORE_OK;
}

static int by_key(const void *a, const void *b) {
  const struct val_order_weight *x = a, *y = b;
  return (x->key > y->key) - (x->key < y->key);
}

void val_order_weights_combine(struct val_order_weights *w) {
  size_t n = 0;
  if (w->n == 0 || w->ordered) return;
  qsort(w->list, w->n, sizeof *w->list, by_key);
  for (size_t i = 1; i < w->n; i++) {
    if (w->list[i].key == w->list[n].key)
      w->list[n].n += w->list[i].n;
    else
      w->list[++n] = w->list[i];
  }
  w->n = n + 1;
}

void val_order_weights_order(struct val_order_weights *w) {
  if (w->ordered) return;
  val_order_weights_combine(w);
  for (size_t i = 1; i < w->n; i++) w->list[i].n += w->list[i - 1].n;
  w->ordered = true;
}

int64_t val_order_weights_up_to(const struct val_order_weights *w, uint64_t key) {
  size_t low = 0, high = w->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (w->list[middle].key <= key)
      low = middle + 1;
    else
      high = middle;
  }
  return low == 0 ? 0 : w->list[low - 1].n;
}

uint64_t val_order_weights_select(const struct val_order_weights *w, int64_t rank) {
  size_t low = 0, high = w->n - 1;
  assert(rank < w->total);
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (w->list[middle].n > rank)
      high = middle;
    else
      low = middle + 1;
  }
  return w->list[low].key;
}

void val_order_weights_close(struct val_order_weights *w) {
  core_free(w->list);
  *w = (struct val_order_weights){0};
}
