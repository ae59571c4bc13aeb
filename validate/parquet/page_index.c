/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/page_index.h"

#define INDEX_MOST  ((size_t)16 << 20)  /* bytes in the file */
#define MEMORY_MOST ((size_t)128 << 20) /* of all indexes of a row group */

/* ---- reading ---- */

enum core_status val_page_index_read(const uint8_t *bytes, size_t n, struct core_arena *arena,
                                     struct val_parquet_column_index *out, struct core_error *err) {
  size_t used = 0;
  CORE_TRY(val_thrift_read(&val_parquet_column_index_thrift, bytes, n, arena, MEMORY_MOST, out,
                           &used, err));
  const size_t n_pages = out->null_pages.n;
  const bool agree =
      out->min_values.n == n_pages && out->max_values.n == n_pages &&
      (!(out->given & VAL_PARQUET_HAS_NULL_COUNTS) || out->null_counts.n == n_pages) &&
      (!(out->given & VAL_PARQUET_HAS_NAN_COUNTS) || out->nan_counts.n == n_pages);
  if (agree) return CORE_OK;
  return core_fail(err, CORE_PARSE, "the page index is corrupt: its lists have different lengths");
}

static bool fetch(const struct val_parquet_file *file, size_t group, size_t leaf,
                  struct val_lookup *lookup, struct val_parquet_column_index *out) {
  const struct val_parquet_chunk_meta *chunk = val_parquet_chunk(file, group, leaf);
  const int64_t at = chunk->column_index_offset;
  const size_t n = (size_t)chunk->column_index_bytes;
  struct core_error err = {0};
  if ((chunk->given & VAL_PARQUET_HAS_INDEX) != VAL_PARQUET_HAS_INDEX) return false;
  if (chunk->column_index_bytes <= 0 || n > INDEX_MOST || at <= 0 ||
      (uint64_t)at > file->data_end || n > file->data_end - (uint64_t)at ||
      n > lookup->bytes_left || lookup->arena.total > MEMORY_MOST - n)
    return false;
  lookup->bytes_left -= n;
  uint8_t *bytes = core_arena_alloc(&lookup->arena, n);
  return bytes && core_source_read_at(file->source, (uint64_t)at, bytes, n, &err) == CORE_OK &&
         val_page_index_read(bytes, n, &lookup->arena, out, &err) == CORE_OK;
}

/* ---- what it is worth ---- */

/* -1: nobody counted, or wrongly. */
static int64_t total(const struct val_thrift_list *counts, bool given, int64_t most) {
  const int64_t *items = counts->items;
  int64_t sum = 0;
  if (!given) return -1;
  for (size_t i = 0; i < counts->n; i++) {
    if (items[i] < 0 || items[i] > most - sum) return -1;
    sum += items[i];
  }
  return sum;
}

/* One page's minimum and maximum widen the range; false: they are none. */
static bool widen(const struct val_conversion *c, struct core_slice min, struct core_slice max,
                  struct val_facts *out) {
  struct val_scalar least, greatest;
  if (!val_statistics_bound(c, min, &least) || !val_statistics_bound(c, max, &greatest) ||
      val_scalar_compare(&least, &greatest) > 0)
    return false;
  if (!out->knows_range || val_scalar_compare(&least, &out->least) < 0) out->least = least;
  if (!out->knows_range || val_scalar_compare(&greatest, &out->greatest) > 0)
    out->greatest = greatest;
  out->knows_range = true;
  return true;
}

/* The range of all pages that have a value. The order of the pages, which is said too, is not needed for it. */
static void find_range(const struct val_conversion *c, const struct val_parquet_column_index *index,
                       struct val_facts *out) {
  const bool *null_pages = index->null_pages.items;
  const struct core_slice *mins = index->min_values.items, *maxs = index->max_values.items;
  for (size_t i = 0; i < index->null_pages.n; i++) {
    if (null_pages[i] || widen(c, mins[i], maxs[i], out)) continue;
    out->knows_range = false;
    return;
  }
}

static bool all_null(const struct val_parquet_column_index *index) {
  const bool *null_pages = index->null_pages.items;
  for (size_t i = 0; i < index->null_pages.n; i++)
    if (!null_pages[i]) return false;
  return index->null_pages.n > 0;
}

/* Both hold: what is common to both ranges. */
static void narrow(const struct val_facts *by, struct val_facts *facts) {
  if (!by->knows_range) return;
  if (!facts->knows_range) {
    facts->least = by->least;
    facts->greatest = by->greatest;
    facts->occur = false;
  } else if (!facts->occur) {
    const struct val_facts before = *facts;
    if (val_scalar_compare(&by->least, &facts->least) > 0) facts->least = by->least;
    if (val_scalar_compare(&by->greatest, &facts->greatest) < 0) facts->greatest = by->greatest;
    if (val_scalar_compare(&facts->least, &facts->greatest) > 0) *facts = before; /* one is wrong */
  }
  facts->knows_range = true;
}

void val_page_index_add(const struct val_parquet_file *file, size_t group, size_t leaf,
                        const struct val_conversion *c,
                        const struct val_parquet_column_index *index, struct val_facts *facts) {
  struct val_facts own = {.knows_nulls = false};
  const int64_t n_values = val_parquet_column(file, group, leaf)->n_values;
  int64_t n_null = total(&index->null_counts, index->given & VAL_PARQUET_HAS_NULL_COUNTS, n_values);
  const int64_t n_nan =
      total(&index->nan_counts, index->given & VAL_PARQUET_HAS_NAN_COUNTS, n_values);
  if (all_null(index)) { /* whoever counts otherwise contradicts itself */
    if (n_null >= 0 && n_null != n_values) return;
    n_null = n_values;
  }
  if (val_statistics_is_ordered(file, leaf)) find_range(c, index, &own);
  narrow(&own, facts);
  if (!facts->knows_nulls) val_statistics_nulls(file, group, leaf, c, n_null, n_nan, facts);
}

void val_page_index_facts(const struct val_parquet_file *file, size_t group, size_t leaf,
                          const struct val_conversion *c, struct val_lookup *lookup,
                          struct val_facts *facts) {
  struct val_parquet_column_index index;
  if (fetch(file, group, leaf, lookup, &index))
    val_page_index_add(file, group, leaf, c, &index, facts);
}
