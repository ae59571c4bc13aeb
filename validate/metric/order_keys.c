/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/order_keys.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define FIRST_KEYS  ((size_t)4096)
#define BLOCK_KEYS  ((size_t)256 << 10)
#define SAMPLE_KEYS ((size_t)1 << 13)
#define FEWEST_KEYS (8 * SAMPLE_KEYS) /* of fewer all are sorted */
#define CHUNK_KEYS  ((size_t)2048)

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
  k->n_picks = 0;
  k->sorted = false;
}

void val_order_keys_added(struct val_order_keys *k, size_t n) {
  if (k->sorted || k->n_picks > 0) forget_order(k);
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

enum core_status val_order_keys_split(struct val_order_keys *k, size_t most,
                                      struct val_order_keys *out, struct core_error *err) {
  size_t n_blocks = 0, n = 0;
  while (n_blocks < k->n_blocks && (n == 0 || n + k->blocks[k->n_blocks - n_blocks - 1].n <= most))
    n += k->blocks[k->n_blocks - ++n_blocks].n;
  CORE_TRY(core_grow((void **)&out->blocks, &out->blocks_cap, n_blocks, sizeof *out->blocks, err));
  forget_order(k);
  memcpy(out->blocks, k->blocks + k->n_blocks - n_blocks, n_blocks * sizeof *out->blocks);
  k->n_blocks -= n_blocks;
  k->n -= n;
  out->n_blocks = n_blocks;
  out->n = n;
  return CORE_OK;
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

/* ---- ranks ----
 * Two keys of a sorted sample have the wanted one between them, most likely; one pass counts what is below and collects what
 * is between; of that the same again, until there is little left. R. W. Floyd and R. L. Rivest, "Expected time bounds for
 * selection", CACM 18 (1975). */

struct many {
  const struct val_order_block *blocks;
  size_t n_blocks, n;
};

/* Keys from `low` to `high`, both included. */
struct between {
  size_t rank; /* that is looked for */
  uint64_t low, high;
  size_t before, n, cap;
  uint64_t *keys; /* NULL where low is high */
  bool good;
};

static enum core_status take_sample(const struct many *m, uint64_t **out, struct core_error *err) {
  uint64_t *sample = core_alloc(SAMPLE_KEYS * sizeof *sample);
  size_t block = 0, before = 0;
  if (!sample) return core_fail_nomem(err, SAMPLE_KEYS * sizeof *sample);
  for (size_t i = 0; i < SAMPLE_KEYS; i++) {
    const size_t at = (size_t)((core_uint128)m->n * i / SAMPLE_KEYS);
    while (at - before >= m->blocks[block].n) before += m->blocks[block++].n;
    sample[i] = m->blocks[block].keys[at - before];
  }
  const enum core_status st = sort(&sample, SAMPLE_KEYS, err);
  if (st != CORE_OK) core_free(sample);
  *out = st == CORE_OK ? sample : NULL;
  return st;
}

/* Four deviations of a rank in the sample to either side. */
static void find_bounds(const struct many *m, const uint64_t *sample, struct between *b) {
  const double share = ((double)b->rank + 0.5) / (double)m->n, n = (double)SAMPLE_KEYS;
  const double at = share * n, aside = 4 * sqrt(n * share * (1 - share)) + 4;
  b->low = at - aside < 0 ? 0 : sample[(size_t)(at - aside)];
  b->high = at + aside >= n ? UINT64_MAX : sample[(size_t)(at + aside)];
}

/* One slot more is written than kept, so that the loop has no branch. */
static void collect(struct between *b, const uint64_t *keys, size_t n) {
  const uint64_t low = b->low, span = b->high - b->low;
  uint64_t *to = b->keys + b->n;
  size_t before = 0, found = 0;
  for (size_t i = 0; i < n; i++) {
    to[found] = keys[i];
    before += keys[i] < low;
    found += keys[i] - low <= span;
  }
  b->before += before;
  b->n += found;
}

static void count(struct between *b, const uint64_t *keys, size_t n) {
  size_t before = 0, found = 0;
  for (size_t i = 0; i < n; i++) {
    before += keys[i] < b->low;
    found += keys[i] == b->low;
  }
  b->before += before;
  b->n += found;
}

/* Not good any more: they are so many that nothing is gained. */
static enum core_status look_at(struct between *b, const struct many *m, const uint64_t *keys,
                                size_t n, struct core_error *err) {
  if (!b->good) return CORE_OK;
  if (b->low == b->high) {
    count(b, keys, n);
    return CORE_OK;
  }
  CORE_TRY(core_grow((void **)&b->keys, &b->cap, b->n + n + 1, sizeof *b->keys, err));
  collect(b, keys, n);
  b->good = b->n < m->n / 4;
  return CORE_OK;
}

/* All of them in one pass. */
static enum core_status find_between(const struct many *m, struct between *list, size_t n_list,
                                     struct core_error *err) {
  uint64_t *sample = NULL;
  CORE_TRY(take_sample(m, &sample, err));
  for (size_t i = 0; i < n_list; i++) {
    find_bounds(m, sample, &list[i]);
    list[i].good = true;
  }
  core_free(sample);
  for (size_t block = 0; block < m->n_blocks; block++)
    for (size_t at = 0, n; at < m->blocks[block].n; at += n) {
      n = m->blocks[block].n - at < CHUNK_KEYS ? m->blocks[block].n - at : CHUNK_KEYS;
      for (size_t i = 0; i < n_list; i++)
        CORE_TRY(look_at(&list[i], m, m->blocks[block].keys + at, n, err));
    }
  for (size_t i = 0; i < n_list; i++)
    list[i].good &= list[i].rank >= list[i].before && list[i].rank - list[i].before < list[i].n;
  return CORE_OK;
}

/* The keys around the rank become fewer. */
static enum core_status narrow(struct between *b, struct core_error *err) {
  while (b->good && b->keys && b->n >= FEWEST_KEYS) {
    const struct val_order_block block = {.keys = b->keys, .n = b->n};
    struct between inner = {.rank = b->rank - b->before};
    const enum core_status st = find_between(&(struct many){&block, 1, b->n}, &inner, 1, err);
    if (st != CORE_OK || !inner.good) {
      core_free(inner.keys);
      CORE_TRY(st);
      break;
    }
    core_free(b->keys);
    inner.rank = b->rank;
    inner.before += b->before;
    *b = inner;
  }
  return b->good && b->keys ? sort(&b->keys, b->n, err) : CORE_OK;
}

static bool is_picked(const struct val_order_keys *k, size_t rank, uint64_t *out) {
  for (size_t i = 0; i < k->n_picks; i++) {
    const struct val_order_pick *pick = &k->picks[i];
    if (rank < pick->before || rank - pick->before >= pick->n) continue;
    *out = pick->keys ? pick->keys[rank - pick->before] : pick->key;
    return true;
  }
  return false;
}

enum core_status val_order_keys_prepare(struct val_order_keys *k, const size_t *ranks, size_t n,
                                        struct core_error *err) {
  const struct many all = {k->blocks, k->n_blocks, k->n};
  struct between list[VAL_ORDER_PICKS] = {{0}};
  size_t n_list = 0;
  uint64_t found = 0;
  if (k->sorted || k->n < FEWEST_KEYS) return CORE_OK;
  for (size_t i = 0; i < n && k->n_picks + n_list < VAL_ORDER_PICKS; i++)
    if (!is_picked(k, ranks[i], &found)) list[n_list++].rank = ranks[i];
  if (n_list == 0) return CORE_OK;
  enum core_status st = find_between(&all, list, n_list, err);
  for (size_t i = 0; i < n_list; i++) {
    struct between *b = &list[i];
    if (st == CORE_OK) st = narrow(b, err);
    if (st == CORE_OK && b->good)
      k->picks[k->n_picks++] = (struct val_order_pick){b->before, b->n, b->keys, b->low};
    else
      core_free(b->keys);
  }
  return st;
}

enum core_status val_order_keys_select(struct val_order_keys *k, size_t rank, uint64_t *out,
                                       struct core_error *err) {
  assert(rank < k->n);
  if (is_picked(k, rank, out)) return CORE_OK;
  CORE_TRY(val_order_keys_prepare(k, &rank, 1, err));
  if (is_picked(k, rank, out)) return CORE_OK;
  CORE_TRY(val_order_keys_sort(k, err));
  *out = k->blocks[0].keys[rank];
  return CORE_OK;
}
