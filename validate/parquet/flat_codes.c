/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rows as numbers of entries of their dictionary, as they stand in the file: a batch's column stays encoded as long as all
 * of its rows come from one dictionary whose entries are all fit to be values. */
#include <string.h>

#include "validate/parquet/flat.h"

#define DECODED_MOST                                                                               \
  ((size_t)16 << 20) /* bytes that the text of a batch may have once it is decoded */

static enum core_status copy_texts(struct val_flat *f, const struct core_slice *slices, size_t n,
                                   struct core_error *err) {
  struct val_parquet_memory *memory = f->chunk.pages.memory;
  size_t total = 0;
  for (size_t i = 0; i < n; i++) total += slices[i].len;
  CORE_TRY(val_parquet_grow(memory, &f->entry_bytes, total, err));
  CORE_TRY(val_parquet_grow(memory, &f->entry_offsets, (n + 1) * sizeof(int32_t), err));
  char *to = (char *)f->entry_bytes.bytes;
  int32_t *offsets = (void *)f->entry_offsets.bytes;
  offsets[0] = 0;
  for (size_t i = 0; i < n; i++) {
    if (slices[i].len) memcpy(to, slices[i].data, slices[i].len);
    to += slices[i].len;
    offsets[i + 1] = (int32_t)(to - (char *)f->entry_bytes.bytes);
  }
  f->dictionary.entries.values.bytes = (const char *)f->entry_bytes.bytes;
  f->dictionary.entries.offsets = offsets;
  return CORE_OK;
}

/* Texts of a page are less than 2^31 bytes (VAL_PARQUET_PAGE_MOST); of fixed width written out as text they may be more. */
static bool are_short(const struct val_flat *f, const struct core_slice *slices, size_t n) {
  size_t longest = 0, total = 0;
  for (size_t i = 0; i < n; i++) {
    if (slices[i].len > longest) longest = slices[i].len;
    total += slices[i].len;
  }
  return total <= INT32_MAX && longest <= DECODED_MOST / (f->max_rows + 1);
}

/* A dictionary of more entries than rows is no help. */
static enum core_status look_at_dictionary(struct val_flat *f, struct core_error *err) {
  const struct val_chunk_dictionary *d = &f->chunk.dictionary;
  struct val_flat_values entries;
  f->codes_of = d->number;
  f->codes_good = false;
  if (d->n == 0 || (int64_t)d->n > f->chunk.n_values) return CORE_OK;
  CORE_TRY(val_flat_entries(f, &entries, err));
  if (entries.bad) return CORE_OK;
  f->dictionary =
      (struct val_dictionary){.entries = {.type = f->conversion.type, .scale = f->conversion.scale},
                              .n = d->n,
                              .number = val_dictionary_number()};
  f->codes_good = true;
  if (f->conversion.bytes) {
    f->dictionary.entries.values.bytes = (const char *)entries.fixed;
    return CORE_OK;
  }
  f->codes_good = are_short(f, entries.slices, d->n);
  return f->codes_good ? copy_texts(f, entries.slices, d->n, err) : CORE_OK;
}

/* Nulls have the code of some entry. */
static enum core_status take_codes(struct val_flat *f, const uint8_t *valid, size_t n,
                                   size_t n_values, struct core_error *err) {
  CORE_TRY(val_parquet_grow(f->chunk.pages.memory, &f->codes, (f->max_rows + 1) * sizeof(uint32_t),
                            err));
  uint32_t *to = (uint32_t *)(void *)f->codes.bytes + f->n_rows;
  if (!valid) return val_chunk_indices(&f->chunk, n, to, err);
  CORE_TRY(val_chunk_indices(&f->chunk, n_values, f->indices, err));
  f->indices[n_values] =
      0; /* read for rows behind the last value; fewer than n, so there is room */
  for (size_t i = 0, k = 0; i < n; i++) {
    to[i] = f->indices[k];
    k += valid[i];
  }
  return CORE_OK;
}

enum core_status val_flat_fill_codes(struct val_flat *f, const uint8_t *valid, size_t n,
                                     size_t n_values, bool *done, struct core_error *err) {
  *done = false;
  if (!f->may_code || f->chunk.form != VAL_CHUNK_INDICES || (f->n_rows > 0 && !f->coded))
    return CORE_OK;
  if (f->codes_of != f->chunk.dictionary.number) CORE_TRY(look_at_dictionary(f, err));
  if (!f->codes_good) return CORE_OK;
  CORE_TRY(take_codes(f, valid, n, n_values, err));
  val_flat_add_validity(f, valid, n, n_values);
  f->coded = *done = true;
  return CORE_OK;
}

enum core_status val_flat_settle(struct val_flat *f, struct core_error *err) {
  if (!f->coded) return CORE_OK;
  const struct val_column column = val_flat_column(f);
  f->coded = false;
  if (f->conversion.bytes) {
    val_column_decode_fixed(&column, f->n_rows, f->values.bytes);
    return CORE_OK;
  }
  f->n_bytes = val_column_decode_bytes(&column, f->n_rows);
  CORE_TRY(val_parquet_grow(f->chunk.pages.memory, &f->bytes, f->n_bytes, err));
  val_column_decode_texts(&column, f->n_rows, (char *)f->bytes.bytes, (void *)f->offsets.bytes);
  return CORE_OK;
}
