/* SPDX-License-Identifier: GPL-3.0-or-later
 * A set of 64-bit keys, numbered in the order of arrival. As long as the keys rise, as the ids of a table often do, it is
 * known without looking that each is new, and only the steps from one to the next are kept, which may go to a file;
 * otherwise a hash table. */
#pragma once
#include "core/mem.h"
#include "core/scratch.h"
#include <stdbool.h>
#include <stdint.h>

struct val_key_steps {
  uint8_t
      *bytes; /* of each key: what it is above the one before, in one byte; or 255 and the key */
  size_t n_bytes, cap, n; /* cap 0: `bytes` are mapped from a file */
  uint64_t first, last;
  bool closed; /* nothing is added to it any more */
};

/* Zero-initialised is the empty set. */
struct val_key_set {
  size_t n;
  bool hashed;
  struct val_key_steps *steps; /* rising from the first key of the first to the last of the last */
  size_t n_steps, steps_cap;
  uint64_t *keys; /* hashed: n */
  size_t keys_cap;
  uint32_t *slots; /* index into keys + 1, 0: free */
  size_t n_slots;  /* a power of two */
};

enum core_status val_key_set_put_slow(struct val_key_set *set, uint64_t key, size_t *index,
                                      bool *fresh, struct core_error *err) CORE_MUST_CHECK;

/* *index: the number of that key; *fresh: it was not in the set before. */
static inline enum core_status val_key_set_put(struct val_key_set *set, uint64_t key, size_t *index,
                                               bool *fresh, struct core_error *err) {
  struct val_key_steps *s = set->n_steps ? &set->steps[set->n_steps - 1] : NULL;
  if (set->hashed || !s || s->closed || key <= s->last || key - s->last >= 255 ||
      s->n_bytes == s->cap)
    return val_key_set_put_slow(set, key, index, fresh, err);
  s->bytes[s->n_bytes++] = (uint8_t)(key - s->last);
  s->last = key;
  s->n++;
  *index = set->n++;
  *fresh = true;
  return CORE_OK;
}

/* So many keys more, each above the one before by its step, 1 to 254, the first above the key that was put last. The set
 * must be rising. */
static inline bool val_key_set_is_rising(const struct val_key_set *set, uint64_t last) {
  return !set->hashed && set->n_steps > 0 && !set->steps[set->n_steps - 1].closed &&
         set->steps[set->n_steps - 1].last == last;
}
enum core_status val_key_set_put_steps(struct val_key_set *set, const uint8_t *steps, size_t n,
                                       struct core_error *err) CORE_MUST_CHECK;

/* Where the set is hashed from now on if this key is put, how many bytes of memory it takes then; otherwise 0. */
size_t val_key_set_hash_bytes(const struct val_key_set *set, uint64_t key);

/* The key will be put soon. */
static inline uint64_t val_key_hash(uint64_t key) {
  key ^= key >> 32;
  key *= UINT64_C(0x9e3779b97f4a7c15);
  return key ^ key >> 29;
}
static inline void val_key_set_prefetch(const struct val_key_set *set, uint64_t key) {
  if (set->n_slots) __builtin_prefetch(&set->slots[val_key_hash(key) & (set->n_slots - 1)]);
}

/* `later` only has keys above all of `set`: it can be joined without looking at each. */
bool val_key_set_is_below(const struct val_key_set *set, const struct val_key_set *later);
enum core_status val_key_set_join(struct val_key_set *set, struct val_key_set *later,
                                  struct core_error *err) CORE_MUST_CHECK;
/* All keys in the order of arrival, one at a time: a cursor begins as {set}; not behind the last key. */
struct val_key_cursor {
  const struct val_key_set *set;
  size_t i, steps, at; /* the key that is next, the steps that it is in and its byte there */
  uint64_t key;        /* the one before */
};
uint64_t val_key_set_next(struct val_key_cursor *cursor);
/* The steps of a set that is not hashed go to a file; nothing else changes. */
enum core_status val_key_set_park(struct val_key_set *set, struct core_scratch *scratch,
                                  struct core_error *err) CORE_MUST_CHECK;
size_t val_key_set_bytes(const struct val_key_set *set); /* of memory; what is parked is not */
void val_key_set_close(struct val_key_set *set);
