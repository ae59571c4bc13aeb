/* SPDX-License-Identifier: GPL-3.0-or-later
 * The pages of a column chunk, one after another: header, bytes from the file, checksum, unpacked (Parquet's README,
 * "Column chunks", "Checksumming"; parquet.thrift, PageHeader). */
#pragma once
#include "validate/codec/codec.h"
#include "validate/parquet/footer.h"
#include "validate/parquet/memory.h"
#include "validate/parquet/spill.h"

#define VAL_PARQUET_PAGE_MOST ((size_t)128 << 20) /* bytes of a page, packed or unpacked */

struct val_pages {
  struct core_source *source; /* borrowed, as all pointers below */
  struct val_parquet_memory *memory;
  const struct val_codec_ops *codec;
  uint64_t at, end;   /* of the file: the next header, and where no page can be */
  uint64_t hint;      /* where the chunk is said to end: how far reading ahead is of use */
  uint64_t window_at; /* what the window holds */
  size_t window_n;
  struct val_parquet_buffer window, unpacked;
  struct val_spill spill; /* the page at hand, if it is too large for memory */
};

struct val_page {
  struct val_parquet_page header;
  /* Data pages of version 2 have their levels apart, never packed; else n_levels is 0. */
  const uint8_t *levels;
  size_t n_levels;
  const uint8_t *bytes; /* unpacked; valid until the next page */
  size_t n_bytes;
};

/* `pages` keeps its buffers from chunk to chunk; zero-initialise it and give it source and memory first. */
enum core_status val_pages_begin(struct val_pages *pages, const struct val_parquet_column *column,
                                 uint64_t data_end, struct core_error *err) CORE_MUST_CHECK;
enum core_status val_pages_next(struct val_pages *pages, struct val_page *out,
                                struct core_error *err) CORE_MUST_CHECK;
void val_pages_close(struct val_pages *pages);

/* A page header; *used: its bytes. CORE_PARSE also when it makes no sense. */
enum core_status val_page_header_read(const uint8_t *bytes, size_t n, struct val_parquet_page *out,
                                      size_t *used, struct core_error *err) CORE_MUST_CHECK;
