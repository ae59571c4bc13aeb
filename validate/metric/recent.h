/* SPDX-License-Identifier: GPL-3.0-or-later
 * The values that a column had lately, with the number that a set gave each: most columns with few different values need no
 * hash of a value that is here. Short texts and values of 64 bits only. */
#pragma once
#include "validate/batch.h"
#include "validate/text/short_text.h"

#define VAL_RECENT_BITS 9

struct val_recent {
  struct {
    uint64_t word;
    uint32_t kind; /* 0: free */
    uint32_t index;
  } slots[1 << VAL_RECENT_BITS];
};

/* What identifies a value; kind 0: it has no place here. The value is not null. */
struct val_recent_key {
  uint64_t word;
  uint32_t kind;
};

static inline struct val_recent_key val_recent_key(const struct val_column *column, size_t row) {
  struct val_recent_key key = {0, 0};
  if (val_type_is_bytes(column->type)) {
    const struct core_slice text = val_column_text(column, row);
    if (text.len > VAL_SHORT_TEXT_BYTES) return key;
    key.word = val_short_text_word(text.data, text.len);
    key.kind = (uint32_t)text.len + 2;
  } else if (column->type == VAL_TYPE_DOUBLE) {
    const double value = column->values.float64[row] + 0.0; /* -0.0 is 0.0 */
    memcpy(&key.word, &value, sizeof value);
    key.kind = 1;
  } else if (column->type == VAL_TYPE_DATE) {
    key.word = (uint64_t)column->values.int32[row];
    key.kind = 1;
  } else if (column->type != VAL_TYPE_BOOL && val_type_is_word(column->type)) {
    key.word = (uint64_t)column->values.int64[row];
    key.kind = 1;
  }
  return key;
}

static inline bool val_recent_find(const struct val_recent *recent, struct val_recent_key key,
                                   size_t *index) {
  const size_t at = val_short_text_slot(key.word, key.kind, VAL_RECENT_BITS);
  if (key.kind == 0 || recent->slots[at].kind != key.kind || recent->slots[at].word != key.word)
    return false;
  *index = recent->slots[at].index;
  return true;
}

static inline void val_recent_put(struct val_recent *recent, struct val_recent_key key,
                                  size_t index) {
  const size_t at = val_short_text_slot(key.word, key.kind, VAL_RECENT_BITS);
  if (key.kind == 0 || index > UINT32_MAX) return;
  recent->slots[at].word = key.word;
  recent->slots[at].kind = key.kind;
  recent->slots[at].index = (uint32_t)index;
}
