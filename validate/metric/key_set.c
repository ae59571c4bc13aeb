/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/key_set.h"

#include <assert.h>
#include <string.h>

#define FIRST_SLOTS 64
#define IN_FULL     255

/* ---- rising ---- */

static enum core_status new_steps(struct val_key_set *set, struct core_error *err) {
  CORE_TRY(
      core_grow((void **)&set->steps, &set->steps_cap, set->n_steps + 1, sizeof *set->steps, err));
  set->steps[set->n_steps++] = (struct val_key_steps){.n = 0};
  return CORE_OK;
}

static enum core_status add_step(struct val_key_set *set, uint64_t key, struct core_error *err) {
  if (set->n_steps == 0 || set->steps[set->n_steps - 1].closed) CORE_TRY(new_steps(set, err));
  struct val_key_steps *s = &set->steps[set->n_steps - 1];
  CORE_TRY(core_grow((void **)&s->bytes, &s->cap, s->n_bytes + 1 + sizeof key, 1, err));
  if (s->n > 0 && key - s->last < IN_FULL) {
    s->bytes[s->n_bytes++] = (uint8_t)(key - s->last);
  } else {
    s->bytes[s->n_bytes++] = IN_FULL;
    memcpy(s->bytes + s->n_bytes, &key, sizeof key);
    s->n_bytes += sizeof key;
  }
  if (s->n++ == 0) s->first = key;
  s->last = key;
  set->n++;
  return CORE_OK;
}

static bool is_above_all(const struct val_key_set *set, uint64_t key) {
  return set->n == 0 || key > set->steps[set->n_steps - 1].last;
}

static void free_steps(struct val_key_set *set) {
  for (size_t i = 0; i < set->n_steps; i++)
    core_scratch_free(set->steps[i].bytes, set->steps[i].cap, set->steps[i].n_bytes);
  core_free(set->steps);
  set->steps = NULL;
  set->n_steps = set->steps_cap = 0;
}

enum core_status val_key_set_park(struct val_key_set *set, struct core_scratch *scratch,
                                  struct core_error *err) {
  for (size_t i = 0; i < set->n_steps; i++) {
    struct val_key_steps *s = &set->steps[i];
    s->closed = true;
    CORE_TRY(core_scratch_park(scratch, (void **)&s->bytes, &s->cap, s->n_bytes, err));
  }
  return CORE_OK;
}

/* ---- one key after the other ---- */

uint64_t val_key_set_next(struct val_key_cursor *c) {
  const struct val_key_steps *s = &c->set->steps[c->steps];
  assert(c->i < c->set->n);
  if (c->set->hashed) return c->set->keys[c->i++];
  c->i++;
  const uint8_t step = s->bytes[c->at++];
  if (step == IN_FULL) {
    memcpy(&c->key, s->bytes + c->at, sizeof c->key);
    c->at += sizeof c->key;
  } else {
    c->key += step;
  }
  if (c->at < s->n_bytes) return c->key;
  if (s->cap == 0) core_scratch_leave(s->bytes, s->n_bytes);
  c->steps++;
  c->at = 0;
  return c->key;
}

/* ---- hashed ---- */

static size_t find_slot(const struct val_key_set *set, uint64_t key) {
  const size_t mask = set->n_slots - 1;
  size_t at = (size_t)val_key_hash(key) & mask;
  while (set->slots[at] && set->keys[set->slots[at] - 1] != key) at = (at + 1) & mask;
  return at;
}

/* At most 3/4 full with n keys. */
static size_t slots_for(const struct val_key_set *set, size_t n) {
  size_t n_slots = set->n_slots ? set->n_slots : FIRST_SLOTS;
  while (n * 4 > n_slots * 3) n_slots *= 2;
  return n_slots;
}

static enum core_status make_slots(struct val_key_set *set, size_t n, struct core_error *err) {
  if (n >= UINT32_MAX - 1) return core_fail(err, CORE_LIMIT, "more than %zu distinct values", n);
  const size_t n_slots = slots_for(set, n);
  if (n_slots == set->n_slots) return CORE_OK;
  uint32_t *slots = core_calloc(n_slots, sizeof *slots);
  if (!slots) return core_fail_nomem(err, n_slots * sizeof *slots);
  core_free(set->slots);
  set->slots = slots;
  set->n_slots = n_slots;
  for (size_t i = 0; i < set->n; i++) set->slots[find_slot(set, set->keys[i])] = (uint32_t)(i + 1);
  return CORE_OK;
}

static enum core_status become_hashed(struct val_key_set *set, struct core_error *err) {
  if (set->hashed) return CORE_OK;
  CORE_TRY(core_grow((void **)&set->keys, &set->keys_cap, set->n + 1, sizeof *set->keys, err));
  struct val_key_cursor cursor = {.set = set};
  for (size_t i = 0; i < set->n; i++) set->keys[i] = val_key_set_next(&cursor);
  CORE_TRY(make_slots(set, set->n + 1, err));
  set->hashed = true;
  free_steps(set);
  return CORE_OK;
}

size_t val_key_set_hash_bytes(const struct val_key_set *set, uint64_t key) {
  if (set->hashed || is_above_all(set, key)) return 0;
  return (set->n + 1) * sizeof *set->keys + slots_for(set, set->n + 1) * sizeof *set->slots;
}

enum core_status val_key_set_put_slow(struct val_key_set *set, uint64_t key, size_t *index,
                                      bool *fresh, struct core_error *err) {
  *fresh = true;
  *index = set->n;
  if (!set->hashed && is_above_all(set, key)) return add_step(set, key, err);
  CORE_TRY(become_hashed(set, err));
  CORE_TRY(make_slots(set, set->n + 1, err));
  const size_t at = find_slot(set, key);
  if (set->slots[at]) {
    *fresh = false;
    *index = set->slots[at] - 1;
    return CORE_OK;
  }
  CORE_TRY(core_grow((void **)&set->keys, &set->keys_cap, set->n + 1, sizeof *set->keys, err));
  set->keys[set->n++] = key;
  set->slots[at] = (uint32_t)set->n;
  return CORE_OK;
}

enum core_status val_key_set_put_steps(struct val_key_set *set, const uint8_t *steps, size_t n,
                                       struct core_error *err) {
  struct val_key_steps *s = &set->steps[set->n_steps - 1];
  CORE_TRY(core_grow((void **)&s->bytes, &s->cap, s->n_bytes + n, 1, err));
  memcpy(s->bytes + s->n_bytes, steps, n);
  for (size_t i = 0; i < n; i++) s->last += steps[i];
  s->n_bytes += n;
  s->n += n;
  set->n += n;
  return CORE_OK;
}

/* ---- two of them ---- */

bool val_key_set_is_below(const struct val_key_set *set, const struct val_key_set *later) {
  return !set->hashed && !later->hashed &&
         (later->n == 0 || is_above_all(set, later->steps[0].first));
}

enum core_status val_key_set_join(struct val_key_set *set, struct val_key_set *later,
                                  struct core_error *err) {
  if (later->n == 0) return CORE_OK;
  CORE_TRY(core_grow((void **)&set->steps, &set->steps_cap, set->n_steps + later->n_steps,
                     sizeof *set->steps, err));
  if (set->n_steps) set->steps[set->n_steps - 1].closed = true;
  memcpy(set->steps + set->n_steps, later->steps, later->n_steps * sizeof *set->steps);
  set->n_steps += later->n_steps;
  set->steps[set->n_steps - 1].closed = true;
  set->n += later->n;
  later->n_steps = later->n = 0;
  return CORE_OK;
}

size_t val_key_set_bytes(const struct val_key_set *set) {
  size_t n = set->keys_cap * sizeof *set->keys + set->n_slots * sizeof *set->slots;
  for (size_t i = 0; i < set->n_steps; i++) n += set->steps[i].cap;
  return n;
}

void val_key_set_close(struct val_key_set *set) {
  free_steps(set);
  core_free(set->keys);
  core_free(set->slots);
  *set = (struct val_key_set){0};
}
