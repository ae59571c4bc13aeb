/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/pages.h"

#include <string.h>

#include "validate/codec/crc.h"

#define READ_AHEAD   ((size_t)256 << 10) /* of many columns less: */
#define AHEAD_LEAST  ((size_t)16 << 10)
#define KEPT_BYTES   ((size_t)4 << 20) /* of a buffer that is of no use until the next page */
#define HEADER_USUAL 512
#define HEADER_MOST  ((size_t)8 << 20) /* statistics of long values are in it */
#define FIRST_PAGE   4                 /* behind the magic */

/* ---- bytes of the file ---- */

static enum core_status check_reach(const struct val_pages *p, uint64_t at, size_t n,
                                    struct core_error *err) {
  if (at <= p->end && n <= p->end - at) return CORE_OK;
  return core_fail(err, CORE_PARSE, "a page reaches beyond the data of the file");
}

/* `n` bytes from `at` on, in one piece; valid until the next call. */
static enum core_status see(struct val_pages *p, uint64_t at, size_t n, const uint8_t **out,
                            struct core_error *err) {
  const size_t ahead = val_parquet_share(p->memory, 4 * AHEAD_LEAST, 4 * READ_AHEAD) / 4;
  CORE_TRY(check_reach(p, at, n, err));
  if (at >= p->window_at && at + n <= p->window_at + p->window_n) {
    *out = p->window.bytes + (at - p->window_at);
    return CORE_OK;
  }
  size_t want = n;
  const uint64_t useful = p->hint > at ? p->hint - at : 0;
  if (want < ahead) want = useful < ahead ? (size_t)useful : ahead;
  if (want < n) want = n;
  if (want > p->end - at) want = (size_t)(p->end - at);
  p->window_n = 0;
  CORE_TRY(val_parquet_grow(p->memory, &p->window, want, err));
  CORE_TRY(core_source_read_at(p->source, at, p->window.bytes, want, err));
  p->window_at = at;
  p->window_n = want;
  *out = p->window.bytes;
  return CORE_OK;
}

/* The same for a packed page, which nobody needs when it is unpacked: in the window or in the buffer of all columns, and
 * only valid until any column takes its next page. */
static enum core_status see_packed(struct val_pages *p, uint64_t at, size_t n, const uint8_t **out,
                                   struct core_error *err) {
  struct val_parquet_buffer *packed = &p->memory->packed;
  const uint64_t window_end = p->window_at + p->window_n;
  size_t seen = 0;
  CORE_TRY(check_reach(p, at, n, err));
  if (at >= p->window_at && at < window_end) seen = (size_t)(window_end - at);
  if (seen >= n) {
    *out = p->window.bytes + (at - p->window_at);
    return CORE_OK;
  }
  CORE_TRY(val_parquet_grow(p->memory, packed, n, err));
  if (seen) memcpy(packed->bytes, p->window.bytes + (at - p->window_at), seen);
  CORE_TRY(core_source_read_at(p->source, at + seen, packed->bytes + seen, n - seen, err));
  *out = packed->bytes;
  return CORE_OK;
}

/* ---- headers ---- */

static enum core_status senseless(struct core_error *err, const char *what, long long value) {
  return core_fail(err, CORE_PARSE, "a page header is corrupt: %s is %lld", what, value);
}

static enum core_status check_size(int32_t bytes, struct core_error *err) {
  if (bytes < 0) return senseless(err, "a size", bytes);
  if ((size_t)bytes > VAL_PARQUET_PAGE_MOST)
    return core_fail(err, CORE_LIMIT, "a page has %d MiB; at most %zu are read", (int)(bytes >> 20),
                     VAL_PARQUET_PAGE_MOST >> 20);
  return CORE_OK;
}

static enum core_status check_v2(const struct val_parquet_page *page, struct core_error *err) {
  const struct val_parquet_data_page_v2 *v2 = &page->data_v2;
  if (v2->n_values < 0) return senseless(err, "the number of values", v2->n_values);
  if (v2->n_nulls < 0 || v2->n_nulls > v2->n_values)
    return senseless(err, "the number of nulls", v2->n_nulls);
  if (v2->n_rows < 0 || v2->n_rows > v2->n_values)
    return senseless(err, "the number of rows", v2->n_rows);
  const int64_t levels = (int64_t)v2->definition_bytes + v2->repetition_bytes;
  if (v2->definition_bytes < 0 || v2->repetition_bytes < 0 || levels > page->packed_bytes ||
      levels > page->unpacked_bytes)
    return senseless(err, "the size of the levels", levels);
  return CORE_OK;
}

static enum core_status check_header(const struct val_parquet_page *page, struct core_error *err) {
  static const uint32_t needed[] = {
      [VAL_PARQUET_DATA_PAGE] = VAL_PARQUET_HAS_DATA,
      [VAL_PARQUET_INDEX_PAGE] = 0,
      [VAL_PARQUET_DICTIONARY_PAGE] = VAL_PARQUET_HAS_DICTIONARY,
      [VAL_PARQUET_DATA_PAGE_V2] = VAL_PARQUET_HAS_DATA_V2,
  };
  CORE_TRY(check_size(page->packed_bytes, err));
  CORE_TRY(check_size(page->unpacked_bytes, err));
  if (page->type < 0 || page->type >= (int32_t)CORE_COUNT_OF(needed))
    return senseless(err, "the type", page->type);
  if ((page->given & needed[page->type]) != needed[page->type])
    return core_fail(err, CORE_PARSE, "a page header is corrupt: its type is %d, its content not",
                     (int)page->type);
  if (page->type == VAL_PARQUET_DATA_PAGE && page->data.n_values < 0)
    return senseless(err, "the number of values", page->data.n_values);
  if (page->type == VAL_PARQUET_DICTIONARY_PAGE && page->dictionary.n_values < 0)
    return senseless(err, "the number of a dictionary's values", page->dictionary.n_values);
  return page->type == VAL_PARQUET_DATA_PAGE_V2 ? check_v2(page, err) : CORE_OK;
}

enum core_status val_page_header_read(const uint8_t *bytes, size_t n, struct val_parquet_page *out,
                                      size_t *used, struct core_error *err) {
  struct core_arena none = {0}; /* there are no lists in it */
  const enum core_status st =
      val_thrift_read(&val_parquet_page_thrift, bytes, n, &none, 0, out, used, err);
  core_arena_close(&none);
  return st == CORE_OK ? check_header(out, err) : st;
}

/* Nobody says how long a header is: tried with few bytes, then with more. */
static enum core_status read_header(struct val_pages *p, struct val_parquet_page *out,
                                    struct core_error *err) {
  if (p->at >= p->end)
    return core_fail(err, CORE_PARSE, "the data of the file ends where a page must begin");
  const uint64_t rest = p->end - p->at;
  const size_t most = rest < HEADER_MOST ? (size_t)rest : HEADER_MOST;
  for (size_t n = HEADER_USUAL;; n *= 16) {
    const uint8_t *bytes = NULL;
    size_t used = 0;
    struct core_error why = {0};
    if (n > most) n = most;
    CORE_TRY(see(p, p->at, n, &bytes, err));
    const enum core_status st = val_page_header_read(bytes, n, out, &used, &why);
    if (st == CORE_OK) {
      p->at += used;
      return CORE_OK;
    }
    if (n == most || st != CORE_PARSE) return core_fail(err, st, "%s", why.message);
  }
}

/* ---- bodies ---- */

/* Of n bytes more; nobody asks where the page has none. */
static uint32_t crc_of(const struct val_parquet_page *header, uint32_t before, const uint8_t *bytes,
                       size_t n) {
  return header->given & VAL_PARQUET_HAS_CRC ? val_crc32(before, bytes, n) : 0;
}

static enum core_status check_crc(const struct val_parquet_page *header, uint32_t found,
                                  struct core_error *err) {
  if (!(header->given & VAL_PARQUET_HAS_CRC) || (uint32_t)header->crc == found) return CORE_OK;
  return core_fail(err, CORE_PARSE, "a page is corrupt: its checksum is %08x, its bytes give %08x",
                   (unsigned)header->crc, (unsigned)found);
}

/* To p->unpacked, behind what stands there already. */
static enum core_status unpack(struct val_pages *p, const uint8_t *bytes, size_t n, size_t before,
                               size_t out_n, struct val_page *out, struct core_error *err) {
  out->n_bytes = out_n;
  CORE_TRY(val_parquet_grow(p->memory, &p->unpacked, before + out_n, err));
  out->bytes = p->unpacked.bytes + before;
  if (out_n == 0) return CORE_OK; /* whatever the codec makes of nothing */
  if (n == 0)
    return core_fail(err, CORE_PARSE, "a page is corrupt: it has no bytes and claims %zu", out_n);
  return p->codec->unpack(bytes, n, p->unpacked.bytes + before, out_n, err);
}

static void leave_packed(struct val_pages *p) {
  if (p->memory->packed.cap > KEPT_BYTES) val_parquet_release(p->memory, &p->memory->packed);
}

/* Levels of version 2 stay in front of what is unpacked. */
static enum core_status unpack_behind(struct val_pages *p, const uint8_t *bytes, size_t n,
                                      struct val_page *out, struct core_error *err) {
  const size_t n_levels = out->n_levels, all = (size_t)out->header.unpacked_bytes;
  CORE_TRY(val_parquet_grow(p->memory, &p->unpacked, all, err));
  if (n_levels) memcpy(p->unpacked.bytes, bytes, n_levels);
  out->levels = p->unpacked.bytes;
  return unpack(p, bytes + n_levels, n - n_levels, n_levels, all - n_levels, out, err);
}

/* ---- pages that are too large for memory ---- */

static enum core_status take_piece(void *self, const uint8_t *bytes, size_t n,
                                   struct core_error *err) {
  struct val_pages *p = self;
  return val_spill_add(&p->spill, p->memory, bytes, n, err);
}

static enum core_status spill_whole(struct val_pages *p, const uint8_t *bytes, size_t n,
                                    size_t out_n, struct core_error *err) {
  struct val_page out = {0};
  enum core_status st = unpack(p, bytes, n, 0, out_n, &out, err);
  if (st == CORE_OK) st = val_spill_add(&p->spill, p->memory, out.bytes, out_n, err);
  val_parquet_release(p->memory, &p->unpacked);
  return st;
}

static enum core_status spill_packed(struct val_pages *p, const uint8_t *bytes, size_t n,
                                     size_t n_levels, size_t out_n, struct core_error *err) {
  const struct val_codec_pieces to = {take_piece, p};
  struct core_error why = {0};
  CORE_TRY(val_spill_add(&p->spill, p->memory, bytes, n_levels, err));
  if (!p->codec->unpack_pieces || n == n_levels)
    return spill_whole(p, bytes + n_levels, n - n_levels, out_n, err);
  const enum core_status st =
      p->codec->unpack_pieces(bytes + n_levels, n - n_levels, out_n, &to, &why);
  if (st != CORE_UNSUPPORTED) return st == CORE_OK ? st : core_fail(err, st, "%s", why.message);
  p->spill.written = n_levels;
  return spill_whole(p, bytes + n_levels, n - n_levels, out_n, err);
}

/* As it is, a window at a time. */
static enum core_status spill_bare(struct val_pages *p, const struct val_parquet_page *header,
                                   struct core_error *err) {
  size_t n = (size_t)header->packed_bytes;
  uint32_t crc = 0;
  while (n > 0) {
    const uint8_t *bytes = NULL;
    const size_t step = n < READ_AHEAD ? n : READ_AHEAD;
    CORE_TRY(see(p, p->at, step, &bytes, err));
    crc = crc_of(header, crc, bytes, step);
    CORE_TRY(val_spill_add(&p->spill, p->memory, bytes, step, err));
    p->at += step;
    n -= step;
  }
  return check_crc(header, crc, err);
}

/* Levels first, if there are any apart, then what follows them, unpacked. */
static enum core_status next_spilled(struct val_pages *p, bool packed, struct val_page *out,
                                     struct core_error *err) {
  const struct val_parquet_page *header = &out->header;
  const size_t n = (size_t)header->packed_bytes;
  const size_t all = packed ? (size_t)header->unpacked_bytes : n;
  const uint8_t *bytes = NULL;
  val_parquet_release(p->memory, &p->unpacked);
  CORE_TRY(val_spill_begin(&p->spill, p->memory, all, err));
  if (packed) {
    CORE_TRY(see_packed(p, p->at, n, &bytes, err));
    p->at += n;
    CORE_TRY(check_crc(header, crc_of(header, 0, bytes, n), err));
    CORE_TRY(spill_packed(p, bytes, n, out->n_levels, all - out->n_levels, err));
    leave_packed(p);
  } else {
    CORE_TRY(spill_bare(p, header, err));
  }
  CORE_TRY(val_spill_map(&p->spill, p->memory, &out->levels, err));
  out->bytes = out->levels + out->n_levels;
  out->n_bytes = all - out->n_levels;
  return CORE_OK;
}

/* ---- the next page ---- */

static bool may_spill(const struct val_pages *p, const struct val_parquet_page *header) {
  return (header->type == VAL_PARQUET_DATA_PAGE || header->type == VAL_PARQUET_DATA_PAGE_V2) &&
         (val_spill_wants(p->memory, p->unpacked.cap, (size_t)header->unpacked_bytes) ||
          val_spill_wants(p->memory, p->window.cap, (size_t)header->packed_bytes));
}

enum core_status val_pages_next(struct val_pages *p, struct val_page *out, struct core_error *err) {
  const uint8_t *bytes = NULL;
  *out = (struct val_page){0};
  val_spill_close(&p->spill);
  CORE_TRY(read_header(p, &out->header, err));
  const struct val_parquet_page *header = &out->header;
  const size_t n = (size_t)header->packed_bytes;
  bool packed = p->codec->id != 0;
  if (header->type == VAL_PARQUET_DATA_PAGE_V2) {
    out->n_levels =
        (size_t)header->data_v2.definition_bytes + (size_t)header->data_v2.repetition_bytes;
    if (header->data_v2.given & VAL_PARQUET_HAS_PACKED && !header->data_v2.packed) packed = false;
  }
  if (may_spill(p, header)) return next_spilled(p, packed, out, err);
  CORE_TRY(packed ? see_packed(p, p->at, n, &bytes, err) : see(p, p->at, n, &bytes, err));
  p->at += n;
  CORE_TRY(check_crc(header, crc_of(header, 0, bytes, n), err));
  if (header->type == VAL_PARQUET_INDEX_PAGE) return CORE_OK; /* nobody looks at it */
  if (packed) {
    CORE_TRY(unpack_behind(p, bytes, n, out, err));
    leave_packed(p);
    return CORE_OK;
  }
  out->levels = bytes;
  out->bytes = bytes + out->n_levels;
  out->n_bytes = n - out->n_levels;
  return CORE_OK;
}

enum core_status val_pages_begin(struct val_pages *p, const struct val_parquet_column *column,
                                 uint64_t data_end, struct core_error *err) {
  CORE_TRY(val_codec_find(column->codec, &p->codec, err));
  int64_t first = column->data_offset;
  /* Some writers say 0 where there is no dictionary. */
  if (column->dictionary_offset >= FIRST_PAGE && column->dictionary_offset < first)
    first = column->dictionary_offset;
  if (first < FIRST_PAGE || (uint64_t)first > data_end)
    return core_fail(err, CORE_PARSE, "the footer is corrupt: pages begin at byte %lld",
                     (long long)first);
  p->at = (uint64_t)first;
  p->end = data_end;
  p->hint = column->packed_bytes > 0 && (uint64_t)column->packed_bytes < data_end - p->at
                ? p->at + (uint64_t)column->packed_bytes
                : data_end;
  return CORE_OK;
}

void val_pages_close(struct val_pages *p) {
  if (!p->memory) return;
  val_spill_close(&p->spill);
  val_parquet_release(p->memory, &p->window);
  val_parquet_release(p->memory, &p->unpacked);
}
