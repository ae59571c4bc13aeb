/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/chunk.h"

#include <string.h>

#define PLAIN_ID            0
#define PLAIN_DICTIONARY_ID 2

static size_t n_encodings(void) {
  size_t n = 0;
  while (val_encoding_all()[n]) n++;
  return n;
}

enum core_status val_chunk_open(struct val_chunk *c, const struct val_parquet_file *file,
                                size_t leaf, struct val_parquet_memory *memory,
                                struct core_error *err) {
  c->file = file;
  c->leaf = &file->schema.leaves[leaf];
  c->leaf_index = leaf;
  c->pages.source = file->source;
  c->pages.memory = memory;
  c->decoders = core_calloc(n_encodings(), sizeof *c->decoders);
  return c->decoders ? CORE_OK : core_fail_nomem(err, n_encodings() * sizeof *c->decoders);
}

void val_chunk_close(struct val_chunk *c) {
  for (size_t i = 0; c->decoders && val_encoding_all()[i]; i++)
    val_encoding_all()[i]->close(c->decoders[i]);
  core_free(c->decoders);
  if (c->pages.memory) {
    val_parquet_release(c->pages.memory, &c->dictionary_bytes);
    val_parquet_release(c->pages.memory, &c->dictionary_slices);
  }
  val_pages_close(&c->pages);
  c->decoders = NULL;
}

enum core_status val_chunk_begin(struct val_chunk *c, size_t group, struct core_error *err) {
  const struct val_parquet_column *column = val_parquet_column(c->file, group, c->leaf_index);
  c->page_left = 0;
  c->left = c->n_values = column->n_values;
  c->fresh = true;
  c->dictionary.n = 0;
  c->dictionary.fixed = NULL;
  c->dictionary.slices = NULL;
  if (c->left == 0) return CORE_OK; /* no page need be there */
  return val_pages_begin(&c->pages, column, c->file->data_end, err);
}

/* ---- pages ---- */

static enum core_status start_decoder(struct val_chunk *c, int32_t encoding, const uint8_t *bytes,
                                      size_t n_bytes, struct core_error *err) {
  const enum val_physical type = c->leaf->type;
  size_t i = 0;
  CORE_TRY(val_encoding_find(encoding, &c->encoding, err));
  if (!c->encoding->takes(type))
    return core_fail(err, CORE_PARSE, "a page of %s is encoded as %s, which is not for such values",
                     val_physical_name(type), c->encoding->name);
  while (val_encoding_all()[i] != c->encoding) i++;
  if (!c->decoders[i]) CORE_TRY(c->encoding->open(&c->decoders[i], err));
  c->decoder = c->decoders[i];
  c->form = c->encoding->indices              ? VAL_CHUNK_INDICES
            : type == VAL_PHYSICAL_BYTE_ARRAY ? VAL_CHUNK_SLICES
                                              : VAL_CHUNK_FIXED;
  const struct val_encoded encoded = {bytes, n_bytes, type, c->leaf->width};
  return c->encoding->start(c->decoder, &encoded, err);
}

static enum core_status keep_slices(struct val_chunk *c, size_t n, struct core_error *err) {
  struct val_parquet_memory *memory = c->pages.memory;
  CORE_TRY(val_parquet_grow(memory, &c->dictionary_slices, n * sizeof(struct core_slice), err));
  struct core_slice *slices = (void *)c->dictionary_slices.bytes;
  CORE_TRY(c->encoding->slices(c->decoder, n, slices, err));
  c->dictionary.slices = slices;
  return CORE_OK;
}

/* The entries stand PLAIN in the page; older writers call that PLAIN_DICTIONARY. */
static enum core_status take_dictionary(struct val_chunk *c, const struct val_page *page,
                                        struct core_error *err) {
  const int32_t encoding = page->header.dictionary.encoding;
  const size_t n = (size_t)page->header.dictionary.n_values;
  const size_t least = c->leaf->width ? c->leaf->width : 4;
  if (c->dictionary.fixed || c->dictionary.slices || !c->fresh)
    return core_fail(err, CORE_PARSE, "a dictionary page stands where none may be");
  if (encoding != PLAIN_ID && encoding != PLAIN_DICTIONARY_ID)
    return core_fail(err, CORE_PARSE, "a dictionary page has encoding %d instead of PLAIN",
                     (int)encoding);
  if (c->leaf->type == VAL_PHYSICAL_BOOLEAN || n > page->n_bytes / least)
    return core_fail(err, CORE_PARSE, "a dictionary page of %zu bytes claims %zu values of %s",
                     page->n_bytes, n, val_physical_name(c->leaf->type));
  CORE_TRY(val_parquet_grow(c->pages.memory, &c->dictionary_bytes, page->n_bytes, err));
  memcpy(c->dictionary_bytes.bytes, page->bytes, page->n_bytes);
  c->dictionary.fixed = c->dictionary_bytes.bytes;
  c->dictionary.number++;
  if (c->leaf->type == VAL_PHYSICAL_BYTE_ARRAY) {
    c->dictionary.fixed = NULL;
    CORE_TRY(start_decoder(c, PLAIN_ID, c->dictionary_bytes.bytes, page->n_bytes, err));
    CORE_TRY(keep_slices(c, n, err));
  }
  c->dictionary.n = n;
  return CORE_OK;
}

static enum core_status take_v1(struct val_chunk *c, const struct val_page *page,
                                struct core_error *err) {
  const struct val_parquet_data_page *data = &page->header.data;
  const struct val_parquet_node *node = c->leaf->node;
  const size_t n = (size_t)data->n_values;
  const uint8_t *at = page->bytes, *end = page->bytes + page->n_bytes;
  CORE_TRY(
      val_levels_open(&c->repetition, node->repeat, data->repetition_encoding, n, &at, end, err));
  CORE_TRY(val_levels_open(&c->definition, node->definition, data->definition_encoding, n, &at, end,
                           err));
  c->page_n = c->page_left = n;
  return start_decoder(c, data->encoding, at, (size_t)(end - at), err);
}

static enum core_status take_v2(struct val_chunk *c, const struct val_page *page,
                                struct core_error *err) {
  const struct val_parquet_data_page_v2 *data = &page->header.data_v2;
  const struct val_parquet_node *node = c->leaf->node;
  val_levels_open_v2(&c->repetition, node->repeat, page->levels, (size_t)data->repetition_bytes);
  val_levels_open_v2(&c->definition, node->definition, page->levels + data->repetition_bytes,
                     (size_t)data->definition_bytes);
  c->page_n = c->page_left = (size_t)data->n_values;
  return start_decoder(c, data->encoding, page->bytes, page->n_bytes, err);
}

/* Goes on to a page that has values. */
static enum core_status next_page(struct val_chunk *c, struct core_error *err) {
  while (c->page_left == 0) {
    struct val_page page;
    CORE_TRY(val_pages_next(&c->pages, &page, err));
    switch (page.header.type) {
    case VAL_PARQUET_DICTIONARY_PAGE:
      CORE_TRY(take_dictionary(c, &page, err));
      break;
    case VAL_PARQUET_DATA_PAGE:
      CORE_TRY(take_v1(c, &page, err));
      break;
    case VAL_PARQUET_DATA_PAGE_V2:
      CORE_TRY(take_v2(c, &page, err));
      break;
    default:
      break; /* an index page: never used by anybody */
    }
    if ((int64_t)c->page_left > c->left)
      return core_fail(err, CORE_PARSE,
                       "a page has %zu values where the footer leaves room for %lld", c->page_left,
                       (long long)c->left);
    /* some decoders walk over all of it first */
    val_spill_pass(&c->pages.spill, c->pages.memory, c->pages.spill.n);
  }
  return CORE_OK;
}

/* n levels and their values are about to be taken. */
static void pass(struct val_chunk *c, size_t n) {
  struct val_spill *spill = &c->pages.spill;
  if (spill->map)
    val_spill_pass(spill, c->pages.memory, (size_t)((uint64_t)spill->n * n / c->page_n));
}

/* ---- levels and values ---- */

static enum core_status read_levels(struct val_chunk *c, size_t n, size_t *n_values,
                                    struct core_error *err) {
  const uint8_t most = c->leaf->node->definition;
  *n_values = n;
  CORE_TRY(val_levels_read(&c->repetition, c->repetitions, n, err));
  if (c->fresh && c->repetitions[0] != 0)
    return core_fail(
        err, CORE_PARSE,
        "a page is corrupt: the first value of a row group continues a row (repetition "
        "level %u)",
        (unsigned)c->repetitions[0]);
  c->fresh = false;
  if (most == 0) return CORE_OK;
  CORE_TRY(val_levels_read(&c->definition, c->definitions, n, err));
  size_t defined = 0;
  for (size_t i = 0; i < n; i++) defined += c->definitions[i] == most;
  *n_values = defined;
  return CORE_OK;
}

enum core_status val_chunk_levels(struct val_chunk *c, size_t most, size_t *n, size_t *n_values,
                                  struct core_error *err) {
  *n = *n_values = 0;
  if (c->left == 0 || most == 0) return CORE_OK;
  CORE_TRY(next_page(c, err));
  if (most > VAL_CHUNK_STEP) most = VAL_CHUNK_STEP;
  if (most > c->page_left) most = c->page_left;
  pass(c, most);
  CORE_TRY(read_levels(c, most, n_values, err));
  *n = most;
  c->page_left -= most;
  c->left -= (int64_t)most;
  return CORE_OK;
}

enum core_status val_chunk_fixed(struct val_chunk *c, size_t n, uint8_t *out,
                                 struct core_error *err) {
  return n ? c->encoding->fixed(c->decoder, n, out, err) : CORE_OK;
}

enum core_status val_chunk_slices(struct val_chunk *c, size_t n, struct core_slice *out,
                                  struct core_error *err) {
  return n ? c->encoding->slices(c->decoder, n, out, err) : CORE_OK;
}

enum core_status val_chunk_indices(struct val_chunk *c, size_t n, uint32_t *out,
                                   struct core_error *err) {
  uint32_t greatest = 0;
  if (n == 0) return CORE_OK;
  CORE_TRY(c->encoding->indices(c->decoder, n, out, err));
  for (size_t i = 0; i < n; i++) greatest = out[i] > greatest ? out[i] : greatest;
  if (greatest < c->dictionary.n) return CORE_OK;
  return core_fail(err, CORE_PARSE, "a page is corrupt: entry %u of a dictionary of %zu",
                   (unsigned)greatest, c->dictionary.n);
}
