/* SPDX-License-Identifier: GPL-3.0-or-later
 * One leaf of the schema, read row group by row group: levels and values, in order. Where a page takes its values from
 * the dictionary, they come as numbers of its entries. */
#pragma once
#include "validate/encoding/encoding.h"
#include "validate/parquet/levels.h"
#include "validate/parquet/pages.h"

#define VAL_CHUNK_STEP 4096 /* the most levels of one call */

enum val_chunk_form { VAL_CHUNK_FIXED, VAL_CHUNK_SLICES, VAL_CHUNK_INDICES };

struct val_chunk_dictionary {
  size_t n;
  const uint8_t *fixed;            /* n values of the leaf's width, or NULL */
  const struct core_slice *slices; /* of byte arrays, or NULL */
  uint64_t number;                 /* another one has another number; 0: there is none */
};

struct val_chunk {
  const struct val_parquet_file *file;
  const struct val_parquet_leaf *leaf;
  size_t leaf_index;
  struct val_pages pages;
  struct val_decoder **decoders;           /* one an encoding, made when first needed */
  const struct val_encoding_ops *encoding; /* of the page at hand */
  struct val_decoder *decoder;
  enum val_chunk_form form;
  struct val_levels repetition, definition;
  size_t page_n;    /* levels of the page */
  size_t page_left; /* those that were not given yet */
  int64_t left;     /* likewise of the chunk */
  int64_t n_values; /* all of the chunk */
  bool fresh;       /* nothing of the chunk was given yet */
  struct val_chunk_dictionary dictionary;
  struct val_parquet_buffer dictionary_bytes, dictionary_slices;
  uint8_t repetitions[VAL_CHUNK_STEP], definitions[VAL_CHUNK_STEP];
};
enum core_status val_chunk_open(struct val_chunk *chunk, const struct val_parquet_file *file,
                                size_t leaf, struct val_parquet_memory *memory,
                                struct core_error *err) CORE_MUST_CHECK;
/* Goes to the first value of the leaf in that row group. */
enum core_status val_chunk_begin(struct val_chunk *chunk, size_t group,
                                 struct core_error *err) CORE_MUST_CHECK;
/* The next levels, at most `most` and VAL_CHUNK_STEP, all of one page: chunk->repetitions, chunk->definitions, and how
 * many; 0 at the end of the row group. *n_values of them have a value: take exactly these next, by chunk->form. */
enum core_status val_chunk_levels(struct val_chunk *chunk, size_t most, size_t *n, size_t *n_values,
                                  struct core_error *err) CORE_MUST_CHECK;
enum core_status val_chunk_fixed(struct val_chunk *chunk, size_t n, uint8_t *out,
                                 struct core_error *err) CORE_MUST_CHECK;
/* Valid until the next call. */
enum core_status val_chunk_slices(struct val_chunk *chunk, size_t n, struct core_slice *out,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Each below chunk->dictionary.n. */
enum core_status val_chunk_indices(struct val_chunk *chunk, size_t n, uint32_t *out,
                                   struct core_error *err) CORE_MUST_CHECK;
void val_chunk_close(struct val_chunk *chunk);
