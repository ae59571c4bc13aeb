/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/order_keys.h"

#include <assert.h>
#include <string.h>

#define FIRST_KEYS   ((size_t)4096)
#define BLOCK_KEYS   ((size_t)256 << 10)
#define N_BUCKETS    ((size_t)1 << 16)
#define BUCKET_SHIFT 48

enum core_status val_order_keys_room(struct val_order_keys *k, size_t want, uint64_t **to,
                                     size_t *got, struct core_error *err) {
  struct val_order_block *last = k->n_blocks ? &k->blocks[k->n_blocks - 1] : NULL;
  if (!last || last->n == last->cap) {
    size_t cap = last ? 2 * last->cap : FIRST_KEYS;
    if (cap > BLOCK_KEYS) cap = BLOCK_KEYS;
    CORE_TRY(
        core_grow((void **)&k->blocks, &k->blocks_cap, k->n_blocks + 1, sizeof *k->blocks, err));
    last = &k->blocks[k->n_blocks];
    *last = (struct val_order_block){core_alloc(cap * sizeof *last->keys), 0, cap};
    if (!last->keys) return core_fail_nomem(err, cap * sizeof *last->keys);
    k->n_blocks++;
  }
  const size_t room = last->cap - last->n;
  *to = last->keys + last->n;
  *got = want < room ? want : room;
  return CORE_OK;
}

static void forget_order(struct val_order_keys *k) {
  for (size_t i = 0; i < k->n_picks; i++) core_free(k->picks[i].keys);
  core_free(k->buckets);
  k->buckets = NULL;
  k->n_picks = 0;
  k->sorted = false;
}

void val_order_keys_added(struct val_order_keys *k, size_t n) {
  if (k->sorted || k->buckets) forget_order(k);
  k->blocks[k->n_blocks - 1].n += n;
  k->n += n;
}

/* The others' blocks go in front, so that the last one of ours goes on being filled. */
enum core_status val_order_keys_join(struct val_order_keys *k, struct val_order_keys *other,
                                     struct core_error *err) {
  if (other->n_blocks == 0) return CORE_OK;
  CORE_TRY(core_grow((void **)&k->blocks, &k->blocks_cap, k->n_blocks + other->n_blocks,
                     sizeof *k->blocks, err));
  memmove(k->blocks + other->n_blocks, k->blocks, k->n_blocks * sizeof *k->blocks);
  memcpy(k->blocks, other->blocks, other->n_blocks * sizeof *k->blocks);
  k->n_blocks += other->n_blocks;
  k->n += other->n;
  forget_order(k);
  other->n_blocks = other->n = 0;
  forget_order(other);
  return CORE_OK;
}

void val_order_keys_clear(struct val_order_keys *k) {
  forget_order(k);
  for (size_t i = 0; i + 1 < k->n_blocks; i++) core_free(k->blocks[i].keys);
  if (k->n_blocks) {
    k->blocks[0] = k->blocks[k->n_blocks - 1];
    k->blocks[0].n = 0;
    k->n_blocks = 1;
  }
  k->n = 0;
}

void val_order_keys_close(struct val_order_keys *k) {
  forget_order(k);
  for (size_t i = 0; i < k->n_blocks; i++) core_free(k->blocks[i].keys);
  core_free(k->blocks);
  *k = (struct val_order_keys){0};
}

/* ---- sorting ---- */

/* One pass of a radix sort by the byte at `shift`; false when all keys share it and nothing was moved. */
static bool sort_by_byte(const uint64_t *from, uint64_t *to, size_t n, int shift) {
  size_t start[256] = {0}, total = 0;
  for (size_t i = 0; i < n; i++) start[from[i] >> shift & 255]++;
  if (start[from[0] >> shift & 255] == n) return false;
  for (size_t b = 0; b < 256; b++) {
    const size_t count = start[b];
    start[b] = total;
    total += count;
  }
  for (size_t i = 0; i < n; i++) to[start[from[i] >> shift & 255]++] = from[i];
  return true;
}

/* *keys may come back in another block; the old one was freed. */
static enum core_status sort(uint64_t **keys, size_t n, struct core_error *err) {
  if (n < 2) return CORE_OK;
  uint64_t *from = *keys, *to = core_alloc(n * sizeof *to);
  if (!to) return core_fail_nomem(err, n * sizeof *to);
  for (int shift = 0; shift < 64; shift += 8) {
    if (!sort_by_byte(from, to, n, shift)) continue;
    uint64_t *sorted = to;
    to = from;
    from = sorted;
  }
  core_free(to);
  *keys = from;
  return CORE_OK;
}

enum core_status val_order_keys_sort(struct val_order_keys *k, struct core_error *err) {
  if (k->sorted || k->n_blocks == 0) return CORE_OK;
  if (k->n_blocks > 1) {
    uint64_t *all = core_alloc(k->n * sizeof *all);
    size_t n = 0;
    if (!all) return core_fail_nomem(err, k->n * sizeof *all);
    for (size_t i = 0; i < k->n_blocks; i++) {
      memcpy(all + n, k->blocks[i].keys, k->blocks[i].n * sizeof *all);
      n += k->blocks[i].n;
      core_free(k->blocks[i].keys);
    }
    k->blocks[0] = (struct val_order_block){all, n, n};
    k->n_blocks = 1;
  }
  uint64_t *keys = k->blocks[0].keys;
  CORE_TRY(sort(&keys, k->n, err));
  if (keys != k->blocks[0].keys) k->blocks[0] = (struct val_order_block){keys, k->n, k->n};
  forget_order(k);
  k->sorted = true;
  return CORE_OK;
}

/* ---- ranks ---- */

static enum core_status count_buckets(struct val_order_keys *k, struct core_error *err) {
  k->buckets = core_calloc(N_BUCKETS, sizeof *k->buckets);
  if (!k->buckets) return core_fail_nomem(err, N_BUCKETS * sizeof *k->buckets);
  for (size_t b = 0; b < k->n_blocks; b++) {
    const uint64_t *keys = k->blocks[b].keys;
    for (size_t i = 0; i < k->blocks[b].n; i++) k->buckets[keys[i] >> BUCKET_SHIFT]++;
  }
  return CORE_OK;
}

/* All keys of a bucket, sorted. One slot more is written than kept, so that the loop has no branch. */
static enum core_status pick(struct val_order_keys *k, size_t bucket, size_t before,
                             struct core_error *err) {
  const size_t want = k->buckets[bucket];
  uint64_t *found = core_alloc((want + 1) * sizeof *found);
  size_t n = 0;
  if (!found) return core_fail_nomem(err, want * sizeof *found);
  for (size_t b = 0; b < k->n_blocks; b++) {
    const uint64_t *keys = k->blocks[b].keys;
    for (size_t i = 0; i < k->blocks[b].n; i++) {
      found[n] = keys[i];
      n += keys[i] >> BUCKET_SHIFT == bucket;
    }
  }
  assert(n == want);
  const enum core_status st = sort(&found, n, err);
  if (st != CORE_OK) {
    core_free(found);
    return st;
  }
  k->picks[k->n_picks].bucket = bucket;
  k->picks[k->n_picks].before = before;
  k->picks[k->n_picks].n = n;
  k->picks[k->n_picks++].keys = found;
  return CORE_OK;
}

enum core_status val_order_keys_select(struct val_order_keys *k, size_t rank, uint64_t *out,
                                       struct core_error *err) {
  size_t bucket = 0, before = 0;
  assert(rank < k->n);
  for (size_t i = 0; i < k->n_picks; i++)
    if (rank >= k->picks[i].before && rank - k->picks[i].before < k->picks[i].n) {
      *out = k->picks[i].keys[rank - k->picks[i].before];
      return CORE_OK;
    }
  if (!k->sorted && k->n_picks < VAL_ORDER_PICKS && k->n >= N_BUCKETS) {
    if (!k->buckets) CORE_TRY(count_buckets(k, err));
    while (rank - before >= k->buckets[bucket]) before += k->buckets[bucket++];
    if (k->buckets[bucket] < k->n / 2) {
      CORE_TRY(pick(k, bucket, before, err));
      *out = k->picks[k->n_picks - 1].keys[rank - before];
      return CORE_OK;
    }
  }
  CORE_TRY(val_order_keys_sort(k, err));
  *out = k->blocks[0].keys[rank];
  return CORE_OK;
}
