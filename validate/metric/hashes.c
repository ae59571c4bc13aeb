/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/hashes.h"

#include "validate/decimal.h"
#include <string.h>

#define FIRST_SLOTS 64

static bool same(struct core_hash128 a, struct core_hash128 b) {
  return a.low == b.low && a.high == b.high;
}

/* The slot that holds the hash, or the free one where it belongs. */
static size_t find_slot(const struct val_hashes *set, struct core_hash128 hash) {
  const size_t mask = set->n_slots - 1;
  size_t at = (size_t)hash.low & mask;
  while (set->slots[at] && !same(set->keys[set->slots[at] - 1], hash)) at = (at + 1) & mask;
  return at;
}

static enum core_status grow_slots(struct val_hashes *set, struct core_error *err) {
  const size_t n = set->n_slots ? set->n_slots * 2 : FIRST_SLOTS;
  uint32_t *slots = core_calloc(n, sizeof *slots);
  if (!slots) return core_fail_nomem(err, n * sizeof *slots);
  core_free(set->slots);
  set->slots = slots;
  set->n_slots = n;
  for (size_t i = 0; i < set->n; i++) set->slots[find_slot(set, set->keys[i])] = (uint32_t)(i + 1);
  return CORE_OK;
}

enum core_status val_hashes_put(struct val_hashes *set, struct core_hash128 hash, size_t *index,
                                bool *fresh, struct core_error *err) {
  if (set->n * 4 >= set->n_slots * 3) CORE_TRY(grow_slots(set, err)); /* at most 3/4 full */
  const size_t at = find_slot(set, hash);
  *fresh = set->slots[at] == 0;
  if (!*fresh) {
    *index = set->slots[at] - 1;
    return CORE_OK;
  }
  if (set->n >= UINT32_MAX - 1)
    return core_fail(err, CORE_LIMIT, "more than %zu distinct values", set->n);
  CORE_TRY(core_grow((void **)&set->keys, &set->keys_cap, set->n + 1, sizeof *set->keys, err));
  set->keys[set->n++] = hash;
  set->slots[at] = (uint32_t)set->n;
  *index = set->n - 1;
  return CORE_OK;
}

void val_hashes_prefetch(const struct val_hashes *set, const struct core_hash128 *hashes,
                         size_t n) {
  const size_t mask = set->n_slots - 1;
  if (set->n_slots == 0) return;
  for (size_t i = 0; i < n; i++) __builtin_prefetch(&set->slots[(size_t)hashes[i].low & mask]);
  for (size_t i = 0; i < n; i++) {
    const uint32_t slot = set->slots[(size_t)hashes[i].low & mask];
    if (slot) __builtin_prefetch(&set->keys[slot - 1]);
  }
}

bool val_hashes_has(const struct val_hashes *set, struct core_hash128 hash) {
  return set->n != 0 && set->slots[find_slot(set, hash)] != 0;
}

size_t val_hashes_bytes(const struct val_hashes *set) {
  return set->keys_cap * sizeof *set->keys + set->n_slots * sizeof *set->slots;
}

void val_hashes_close(struct val_hashes *set) {
  core_free(set->keys);
  core_free(set->slots);
  *set = (struct val_hashes){0};
}

struct core_hash128 val_hash_decimal(const struct val_scalar *value) {
  const struct val_decimal plain =
      val_decimal_plain((struct val_decimal){value->decimal, value->scale});
  unsigned char bytes[sizeof plain.unscaled + 1];
  memcpy(bytes, &plain.unscaled, sizeof plain.unscaled);
  bytes[sizeof plain.unscaled] = (unsigned char)plain.scale;
  return core_hash128(bytes, sizeof bytes, 0);
}

struct core_hash128 val_hash_value(const struct val_column *column, size_t row) {
  if (val_column_is_null(column, row)) return (struct core_hash128){0, 0};
  if (val_type_is_bytes(column->type)) {
    const struct core_slice text = val_column_text(column, row);
    return core_hash128(text.data, text.len, 0);
  }
  const struct val_scalar value = val_scalar_at(column, row);
  if (column->type == VAL_TYPE_DECIMAL) return val_hash_decimal(&value);
  uint64_t bits = (uint64_t)value.integer;
  if (column->type == VAL_TYPE_DOUBLE) {
    const double number = value.number == 0 ? 0 : value.number;
    memcpy(&bits, &number, sizeof bits);
  }
  return core_hash128(&bits, sizeof bits, 0);
}
