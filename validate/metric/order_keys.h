/* SPDX-License-Identifier: GPL-3.0-or-later
 * Unsigned numbers that are collected in any order and asked for by rank. Nothing is sorted until ranks are asked for, and
 * for a few ranks only the numbers around them are. */
#pragma once
#include "core/mem.h"
#include <stdbool.h>
#include <stdint.h>

struct val_order_block {
  uint64_t *keys;
  size_t n, cap;
};

#define VAL_ORDER_PICKS 12 /* ranks far from each other that are found without sorting everything */

/* Zero-initialised is empty. */
struct val_order_keys {
  struct val_order_block *blocks; /* the last one is being filled */
  size_t n_blocks, blocks_cap, n;
  bool sorted; /* there is one block, in ascending order */
  struct val_order_pick {
    size_t before, n;
    uint64_t *keys; /* of n ranks behind `before`, ascending; NULL: all are `key` */
    uint64_t key;
  } picks[VAL_ORDER_PICKS];
  size_t n_picks;
};

/* Where the next keys go, at most `want` of them: *got says for how many there is room. val_order_keys_added follows. */
enum core_status val_order_keys_room(struct val_order_keys *keys, size_t want, uint64_t **to,
                                     size_t *got, struct core_error *err) CORE_MUST_CHECK;
void val_order_keys_added(struct val_order_keys *keys, size_t n);
/* Takes over all of `other`, which is empty then. */
enum core_status val_order_keys_join(struct val_order_keys *keys, struct val_order_keys *other,
                                     struct core_error *err) CORE_MUST_CHECK;
/* Into one block, ascending. */
enum core_status val_order_keys_sort(struct val_order_keys *keys,
                                     struct core_error *err) CORE_MUST_CHECK;
/* These ranks will be asked for: they are found in one go, if that can be. */
enum core_status val_order_keys_prepare(struct val_order_keys *keys, const size_t *ranks, size_t n,
                                        struct core_error *err) CORE_MUST_CHECK;
/* The key of that 0-based rank, below keys->n. */
enum core_status val_order_keys_select(struct val_order_keys *keys, size_t rank, uint64_t *out,
                                       struct core_error *err) CORE_MUST_CHECK;
/* The last keys, at least one and about `most`, go over to `out`, which is empty. */
enum core_status val_order_keys_split(struct val_order_keys *keys, size_t most,
                                      struct val_order_keys *out,
                                      struct core_error *err) CORE_MUST_CHECK;
void val_order_keys_close(struct val_order_keys *keys);
