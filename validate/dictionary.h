/* SPDX-License-Identifier: GPL-3.0-or-later
 * Dictionary-encoded columns: made plain, and counted by entry. */
#pragma once
#include "validate/batch.h"

/* A number for val_dictionary that no other has. */
uint64_t val_dictionary_number(void);

/* Bytes of one value in the array of a plain column; 0 where values are no bytes of their own (booleans, texts). */
size_t val_type_width(enum val_type type);
/* The values of the first n_rows rows of an encoded column, as the array of a plain one. Those of nulls are zero. */
void val_column_decode_fixed(const struct val_column *column, size_t n_rows, void *to);
/* Likewise texts: how many bytes there are; and they, one behind the other, with n_rows + 1 offsets. */
size_t val_column_decode_bytes(const struct val_column *column, size_t n_rows);
void val_column_decode_texts(const struct val_column *column, size_t n_rows, char *bytes,
                             int32_t *offsets);

/* Buffers of a decoded column; zero-initialised is ready. */
struct val_decoded {
  void *values;
  int32_t *offsets;
  size_t values_cap, offsets_cap;
};
/* The same column, plain; its values are in `buffers`, its validity is that of `column`. Plain columns are copied. */
enum core_status val_column_decode(const struct val_column *column, size_t n_rows,
                                   struct val_decoded *buffers, struct val_column *out,
                                   struct core_error *err) CORE_MUST_CHECK;
void val_decoded_close(struct val_decoded *buffers);

#define VAL_TALLY_ENTRIES                                                                          \
  4096 /* dictionaries with more are not counted by entry: that pays only for few */

/* How often each entry of one dictionary occurred, over as many batches as have it. Zero-initialised is empty. */
struct val_entry_tally {
  uint64_t number;                  /* of the dictionary; 0: none */
  struct val_dictionary dictionary; /* a copy of it */
  struct val_decoded copied;
  int64_t *counts, n_values;
  uint32_t *chosen; /* entries that did occur, */
  int64_t *weights; /* and how often each */
  struct val_decoded gathered;
};
/* May this dictionary be counted? */
bool val_entry_tally_takes(const struct val_column *column);
/* Is there something of another dictionary than the column's, which must be taken out first? */
bool val_entry_tally_is_full(const struct val_entry_tally *tally, const struct val_column *column);
enum core_status val_entry_tally_add(struct val_entry_tally *tally, const struct val_column *column,
                                     size_t n_rows, struct core_error *err) CORE_MUST_CHECK;
/* What was counted, as the plain column of a batch with weights; *n 0: nothing. Valid until the next call; the tally is
 * empty then. */
enum core_status val_entry_tally_take(struct val_entry_tally *tally, struct val_column *column,
                                      const int64_t **weights, size_t *n,
                                      struct core_error *err) CORE_MUST_CHECK;
void val_entry_tally_close(struct val_entry_tally *tally);
