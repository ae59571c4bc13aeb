/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/expect/value_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US ((int64_t)86400000000)

/* Equal values of one type have equal keys, others not. */
static uint64_t key_of(enum val_type type, const struct val_scalar *value) {
  uint64_t key = (uint64_t)value->integer;
  if (type == VAL_TYPE_DOUBLE) {
    const double number = value->number == 0 ? 0 : value->number;
    memcpy(&key, &number, sizeof key);
  }
  return key;
}

static bool double_to_integer(double number, int64_t *out) {
  if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0)) return false;
  if (number != floor(number)) return false;
  *out = (int64_t)number;
  return true;
}

static int64_t unit_of(enum val_type type) { /* in nanoseconds */
  if (type == VAL_TYPE_DATE) return 1000 * DAY_US;
  return type == VAL_TYPE_TIMESTAMP_NS || type == VAL_TYPE_TIMESTAMP_NS_UTC ? 1 : 1000;
}

static bool convert_time(const struct val_scalar *from, enum val_type type, int64_t *out) {
  const core_int128 ns = (core_int128)from->integer * unit_of(from->type);
  const core_int128 whole = ns / unit_of(type);
  *out = (int64_t)whole;
  return ns % unit_of(type) == 0 && whole >= INT64_MIN && whole <= INT64_MAX;
}

/* Types whose values are told apart by a hash. */
static bool is_hashed(enum val_type type) {
  return val_type_is_bytes(type) || type == VAL_TYPE_DECIMAL;
}

/* Of a value as written for a column of such a type; false: it equals none. */
static bool hash_of(const struct val_scalar *value, struct core_hash128 *out) {
  struct val_scalar decimal = *value;
  if (val_type_is_bytes(value->type)) {
    *out = core_hash128(value->text.data, value->text.len, 0);
    return true;
  }
  if (value->type == VAL_TYPE_BOOL || value->type == VAL_TYPE_INT64) {
    decimal.decimal = value->integer;
    decimal.scale = 0;
  } else if (value->type != VAL_TYPE_DECIMAL) {
    return false;
  }
  *out = val_hash_decimal(&decimal);
  return true;
}

/* The value as one of the column's type, if one equals it. */
static bool convert(const struct val_scalar *from, enum val_type type, struct val_scalar *to) {
  *to = *from;
  to->type = type;
  if (type == VAL_TYPE_DOUBLE && from->type != VAL_TYPE_DOUBLE) {
    int64_t back = 0;
    to->number = (double)from->integer;
    return double_to_integer(to->number, &back) && back == from->integer;
  }
  if (type != VAL_TYPE_DOUBLE && from->type == VAL_TYPE_DOUBLE)
    return double_to_integer(from->number, &to->integer);
  return !val_type_is_time(type) || convert_time(from, type, &to->integer);
}

bool val_value_set_item(const struct core_node *item, enum val_type type, struct val_scalar *out) {
  struct val_scalar written;
  struct core_hash128 hash;
  if (!val_scalar_from_node(item, type, &written)) return false;
  *out = written;
  return is_hashed(type) ? hash_of(&written, &hash) : convert(&written, type, out);
}

static int by_key(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static enum core_status add_short(struct val_value_set *set, struct core_slice text) {
  const uint64_t word = val_short_text_word(text.data, text.len);
  const size_t mask = ((size_t)1 << set->bits) - 1;
  if (val_value_set_has_short(set, text.data, text.len)) return CORE_OK;
  size_t at = val_short_text_slot(word, text.len, set->bits);
  while (set->shorts[at].len_plus_1) at = (at + 1) & mask;
  set->shorts[at] = (struct val_short_text){word, text.len + 1};
  return CORE_OK;
}

static enum core_status add_text(struct val_value_set *set, struct core_slice text,
                                 struct core_error *err) {
  size_t index = 0;
  bool fresh = false;
  if (text.len <= VAL_SHORT_TEXT_BYTES) return add_short(set, text);
  return val_hashes_put(&set->texts, core_hash128(text.data, text.len, 0), &index, &fresh, err);
}

static enum core_status add_hash(struct val_value_set *set, const struct val_scalar *written,
                                 struct core_error *err) {
  struct core_hash128 hash;
  size_t index = 0;
  bool fresh = false;
  return hash_of(written, &hash) ? val_hashes_put(&set->texts, hash, &index, &fresh, err) : CORE_OK;
}

static enum core_status open_shorts(struct val_value_set *set, size_t n, struct core_error *err) {
  set->bits = 4;
  while ((size_t)1 << set->bits < 4 * n) set->bits++;
  set->shorts = core_calloc((size_t)1 << set->bits, sizeof *set->shorts);
  return set->shorts ? CORE_OK : core_fail_nomem(err, sizeof *set->shorts << set->bits);
}

enum core_status val_value_set_open(struct val_value_set *set, const struct core_node *list,
                                    enum val_type type, struct core_error *err) {
  *set = (struct val_value_set){.type = type};
  set->keys = core_calloc(list->n_children + 1, sizeof *set->keys);
  if (!set->keys) return core_fail_nomem(err, list->n_children * sizeof *set->keys);
  if (type == VAL_TYPE_STRING) CORE_TRY(open_shorts(set, list->n_children, err));
  for (const struct core_node *item = list->first; item; item = item->next) {
    struct val_scalar written, value;
    if (!val_scalar_from_node(item, type, &written)) continue;
    if (type == VAL_TYPE_STRING) {
      CORE_TRY(add_text(set, written.text, err));
    } else if (is_hashed(type)) {
      CORE_TRY(add_hash(set, &written, err));
    } else if (convert(&written, type, &value)) {
      set->keys[set->n++] = key_of(type, &value);
    }
  }
  qsort(set->keys, set->n, sizeof *set->keys, by_key);
  return CORE_OK;
}

void val_value_set_close(struct val_value_set *set) {
  core_free(set->keys);
  core_free(set->shorts);
  val_hashes_close(&set->texts);
  *set = (struct val_value_set){0};
}

static bool has_key(const struct val_value_set *set, uint64_t key) {
  size_t low = 0, high = set->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (set->keys[middle] < key)
      low = middle + 1;
    else
      high = middle;
  }
  return low < set->n && set->keys[low] == key;
}

bool val_written_hash(const struct core_node *node, enum val_type type, struct core_hash128 *out) {
  struct val_scalar written, value;
  *out = (struct core_hash128){0, 0};
  if (node->kind == CORE_NODE_NULL) return true;
  if (!val_scalar_from_node(node, type, &written)) return false;
  if (is_hashed(type)) return hash_of(&written, out);
  if (!convert(&written, type, &value)) return false;
  const uint64_t key = key_of(type, &value);
  *out = core_hash128(&key, sizeof key, 0);
  return true;
}

bool val_value_set_has_scalar(const struct val_value_set *set, const struct val_scalar *value) {
  if (set->type == VAL_TYPE_STRING && value->text.len <= VAL_SHORT_TEXT_BYTES)
    return val_value_set_has_short(set, value->text.data, value->text.len);
  if (is_hashed(set->type)) {
    struct core_hash128 hash;
    return hash_of(value, &hash) && val_hashes_has(&set->texts, hash);
  }
  return has_key(set, key_of(set->type, value));
}

bool val_value_set_has(const struct val_value_set *set, const struct val_column *column,
                       size_t row) {
  const struct val_scalar value = val_scalar_at(column, row);
  return val_value_set_has_scalar(set, &value);
}
