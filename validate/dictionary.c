/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/dictionary.h"

#include <stdatomic.h>
#include <string.h>

/* Caches go by this number, and outlive the reader whose dictionaries they know: so no two readers, of whatever thread,
 * may give the same. */
uint64_t val_dictionary_number(void) {
  static atomic_uint_fast64_t last;
  return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

size_t val_type_width(enum val_type type) {
  if (type == VAL_TYPE_DATE) return sizeof(int32_t);
  if (type == VAL_TYPE_DECIMAL) return sizeof(core_int128);
  return type == VAL_TYPE_BOOL || !val_type_is_word(type) ? 0 : sizeof(int64_t);
}

/* ---- decoding ---- */

/* NOLINTBEGIN(bugprone-macro-parentheses): `type` is a type */
#define GATHER(type)                                                                               \
  do {                                                                                             \
    const type *from = (const void *)column->dictionary->entries.values.bytes;                     \
    type *out = to;                                                                                \
    if (!column->validity)                                                                         \
      for (size_t i = 0; i < n_rows; i++) out[i] = from[column->codes[i]];                         \
    else                                                                                           \
      for (size_t i = 0; i < n_rows; i++)                                                          \
        out[i] = val_column_is_null(column, i) ? 0 : from[column->codes[i]];                       \
  } while (0)
/* NOLINTEND(bugprone-macro-parentheses) */

void val_column_decode_fixed(const struct val_column *column, size_t n_rows, void *to) {
  switch (val_type_width(column->type)) {
  case sizeof(int32_t):
    GATHER(int32_t);
    break;
  case sizeof(int64_t):
    GATHER(int64_t);
    break;
  case sizeof(core_int128):
    GATHER(core_int128);
    break;
  default:
    break;
  }
}

size_t val_column_decode_bytes(const struct val_column *column, size_t n_rows) {
  const int32_t *offsets = column->dictionary->entries.offsets;
  size_t n = 0;
  for (size_t i = 0; i < n_rows; i++)
    if (!val_column_is_null(column, i))
      n += (size_t)(offsets[column->codes[i] + 1] - offsets[column->codes[i]]);
  return n;
}

void val_column_decode_texts(const struct val_column *column, size_t n_rows, char *bytes,
                             int32_t *offsets) {
  size_t n = 0;
  offsets[0] = 0;
  for (size_t i = 0; i < n_rows; i++) {
    if (!val_column_is_null(column, i)) {
      const struct core_slice text = val_column_text(column, i);
      if (text.len) memcpy(bytes + n, text.data, text.len);
      n += text.len;
    }
    offsets[i + 1] = (int32_t)n;
  }
}

static enum core_status grow_values(struct val_decoded *b, size_t n, struct core_error *err) {
  return core_grow(&b->values, &b->values_cap, n + 1, 1, err);
}

enum core_status val_column_decode(const struct val_column *column, size_t n_rows,
                                   struct val_decoded *b, struct val_column *out,
                                   struct core_error *err) {
  *out = *column;
  if (!column->codes) return CORE_OK;
  out->codes = NULL;
  out->dictionary = NULL;
  if (!val_type_is_bytes(column->type)) {
    CORE_TRY(grow_values(b, n_rows * val_type_width(column->type), err));
    val_column_decode_fixed(column, n_rows, b->values);
    out->values.bytes = b->values;
    return CORE_OK;
  }
  CORE_TRY(grow_values(b, val_column_decode_bytes(column, n_rows), err));
  CORE_TRY(core_grow((void **)&b->offsets, &b->offsets_cap, n_rows + 1, sizeof *b->offsets, err));
  val_column_decode_texts(column, n_rows, b->values, b->offsets);
  out->values.bytes = b->values;
  out->offsets = b->offsets;
  return CORE_OK;
}

void val_decoded_close(struct val_decoded *b) {
  core_free(b->values);
  core_free(b->offsets);
  *b = (struct val_decoded){0};
}

/* ---- counting ---- */

#define TALLY_BYTES ((int32_t)1 << 20) /* of texts, which are copied */

bool val_entry_tally_takes(const struct val_column *column) {
  const struct val_dictionary *d = column->dictionary;
  return column->codes && d->n <= VAL_TALLY_ENTRIES &&
         (!val_type_is_bytes(column->type) || d->entries.offsets[d->n] <= TALLY_BYTES);
}

bool val_entry_tally_is_full(const struct val_entry_tally *tally, const struct val_column *column) {
  return tally->n_values > 0 && tally->number != column->dictionary->number;
}

/* The reader may change the dictionary with the next batch, so it is copied. */
static enum core_status begin(struct val_entry_tally *t, const struct val_dictionary *d,
                              struct core_error *err) {
  uint32_t every[VAL_TALLY_ENTRIES];
  for (size_t i = 0; i < d->n; i++) every[i] = (uint32_t)i;
  if (!t->counts) {
    t->counts = core_calloc(VAL_TALLY_ENTRIES, sizeof *t->counts);
    t->weights = core_calloc(VAL_TALLY_ENTRIES, sizeof *t->weights);
    t->chosen = core_calloc(VAL_TALLY_ENTRIES, sizeof *t->chosen);
    if (!t->counts || !t->weights || !t->chosen)
      return core_fail_nomem(err, VAL_TALLY_ENTRIES * sizeof *t->counts);
  }
  const struct val_column all = {
      .type = d->entries.type, .scale = d->entries.scale, .codes = every, .dictionary = d};
  t->dictionary = (struct val_dictionary){.n = d->n, .number = d->number};
  t->number = 0; /* until the copy is there */
  CORE_TRY(val_column_decode(&all, d->n, &t->copied, &t->dictionary.entries, err));
  t->number = d->number;
  return CORE_OK;
}

enum core_status val_entry_tally_add(struct val_entry_tally *t, const struct val_column *column,
                                     size_t n_rows, struct core_error *err) {
  if (t->number != column->dictionary->number) CORE_TRY(begin(t, column->dictionary, err));
  if (!column->validity)
    for (size_t i = 0; i < n_rows; i++) t->counts[column->codes[i]]++;
  else
    for (size_t i = 0; i < n_rows; i++)
      t->counts[column->codes[i]] += !val_column_is_null(column, i);
  t->n_values += (int64_t)n_rows - column->null_count;
  return CORE_OK;
}

enum core_status val_entry_tally_take(struct val_entry_tally *t, struct val_column *column,
                                      const int64_t **weights, size_t *n, struct core_error *err) {
  *n = 0;
  if (t->n_values == 0) return CORE_OK;
  for (size_t i = 0; i < t->dictionary.n; i++) {
    if (t->counts[i] == 0) continue;
    t->chosen[*n] = (uint32_t)i;
    t->weights[(*n)++] = t->counts[i];
    t->counts[i] = 0;
  }
  t->n_values = 0;
  const struct val_column entries = {.type = t->dictionary.entries.type,
                                     .scale = t->dictionary.entries.scale,
                                     .codes = t->chosen,
                                     .dictionary = &t->dictionary};
  *weights = t->weights;
  return val_column_decode(&entries, *n, &t->gathered, column, err);
}

void val_entry_tally_close(struct val_entry_tally *t) {
  core_free(t->counts);
  core_free(t->weights);
  core_free(t->chosen);
  val_decoded_close(&t->copied);
  val_decoded_close(&t->gathered);
  *t = (struct val_entry_tally){0};
}
