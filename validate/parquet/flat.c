/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/flat.h"

#include <string.h>

#define STEP_BYTES ((size_t)1 << 20)
#define TEXT_MOST  ((size_t)1 << 30) /* bytes of one column in one batch: offsets have 32 bits */

/* ---- opening ---- */

enum core_status val_flat_open(struct val_flat *f, const struct val_parquet_file *file, size_t leaf,
                               bool as_text, const char *name, size_t max_rows, bool may_code,
                               struct val_parquet_memory *memory, struct core_error *err) {
  const struct val_parquet_leaf *of = &file->schema.leaves[leaf];
  f->conversion = val_conversion_of(of, as_text);
  f->name = name;
  f->max_rows = max_rows;
  f->may_code = may_code && f->conversion.type != VAL_TYPE_NULL && f->conversion.bytes != 1;
  f->step = max_rows > 0 && max_rows < VAL_CHUNK_STEP ? max_rows : VAL_CHUNK_STEP;
  if (of->width && f->step > STEP_BYTES / of->width) f->step = STEP_BYTES / of->width;
  if (f->step == 0) f->step = 1;
  CORE_TRY(val_chunk_open(&f->chunk, file, leaf, memory, err));
  const size_t bytes = f->conversion.bytes ? f->conversion.bytes : f->conversion.text_bytes;
  CORE_TRY(val_parquet_grow(memory, &f->raw, f->step * of->width, err));
  CORE_TRY(val_parquet_grow(memory, &f->dense, f->step * bytes, err));
  CORE_TRY(val_parquet_grow(memory, &f->validity, max_rows / 8 + 1, err));
  CORE_TRY(val_parquet_grow(memory, &f->values, max_rows * f->conversion.bytes, err));
  CORE_TRY(val_parquet_grow(memory, &f->bytes, 1, err));
  if (val_type_is_bytes(f->conversion.type))
    CORE_TRY(val_parquet_grow(memory, &f->offsets, (max_rows + 1) * sizeof(int32_t), err));
  f->slices = core_calloc(f->step, sizeof *f->slices);
  f->indices = core_calloc(f->step, sizeof *f->indices);
  f->bad = core_calloc(f->step, 1);
  if (!f->slices || !f->indices || !f->bad)
    return core_fail_nomem(err, f->step * sizeof *f->slices);
  val_flat_reset(f);
  return CORE_OK;
}

void val_flat_close(struct val_flat *f) {
  struct val_parquet_memory *memory = f->chunk.pages.memory;
  struct val_parquet_buffer *buffers[] = {
      &f->validity, &f->values,       &f->offsets,   &f->bytes, &f->raw,         &f->dense,
      &f->entries,  &f->entry_slices, &f->entry_bad, &f->codes, &f->entry_bytes, &f->entry_offsets};
  for (size_t i = 0; memory && i < CORE_COUNT_OF(buffers); i++)
    val_parquet_release(memory, buffers[i]);
  core_free(f->slices);
  core_free(f->indices);
  core_free(f->bad);
  val_chunk_close(&f->chunk);
}

enum core_status val_flat_begin(struct val_flat *f, size_t group, struct core_error *err) {
  CORE_TRY(val_flat_settle(f, err)); /* another row group, another dictionary */
  return val_chunk_begin(&f->chunk, group, err);
}

void val_flat_reset(struct val_flat *f) {
  f->n_rows = f->n_bytes = 0;
  f->coded = false;
  f->n_null = 0;
  if (f->conversion.type == VAL_TYPE_BOOL) memset(f->values.bytes, 0, f->max_rows / 8 + 1);
  if (f->offsets.bytes) *(int32_t *)(void *)f->offsets.bytes = 0;
}

/* ---- converting ---- */

/* Fixed values of which text is wanted. */
static void slice_fixed(const uint8_t *in, size_t width, size_t n, struct core_slice *out) {
  for (size_t i = 0; i < n; i++) out[i] = (struct core_slice){(const char *)in + i * width, width};
}

/* Values lie one behind the other; what stands between them, if anything, is ASCII as long as they are short. */
static bool is_ascii(const struct core_slice *in, size_t n) {
  const unsigned char *at = (const unsigned char *)in[0].data;
  const unsigned char *end = (const unsigned char *)in[n - 1].data + in[n - 1].len;
  unsigned char any = 0;
  for (; at < end; at++) any |= *at;
  return any < 0x80;
}

static size_t check_utf8(const struct core_slice *in, size_t n, uint8_t *bad) {
  size_t n_bad = 0;
  if (n == 0 || is_ascii(in, n)) return 0;
  for (size_t i = 0; i < n; i++) {
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): where there are texts there is room for as many marks */
    bad[i] = core_utf8_valid_prefix(in[i].data, in[i].len) != in[i].len;
    n_bad += bad[i];
  }
  return n_bad;
}

/* n values of the file, fixed or slices, to those of the batch: *fixed or *slices. Returns how many are bad. */
static size_t convert(const struct val_conversion *c, const uint8_t *in,
                      const struct core_slice *in_slices, size_t n, uint8_t *to,
                      struct core_slice *to_slices, uint8_t *bad, struct val_flat_values *out) {
  size_t n_bad = 0;
  *out = (struct val_flat_values){.fixed = to, .slices = to_slices};
  if (c->type == VAL_TYPE_NULL) return 0;
  if (c->text_bytes) {
    n_bad = c->fixed(c, in, n, to, bad);
    slice_fixed(to, c->text_bytes, n, to_slices);
  } else if (c->bytes == 0) {
    if (in) slice_fixed(in, c->width, n, to_slices);
    out->slices = in ? to_slices : in_slices;
    if (c->utf8) n_bad = check_utf8(out->slices, n, bad);
  } else if (c->same) {
    out->fixed = in;
  } else if (in) {
    n_bad = c->fixed(c, in, n, to, bad);
  } else {
    n_bad = c->slices(c, in_slices, n, to, bad);
  }
  out->bad = n_bad ? bad : NULL;
  return n_bad;
}

enum core_status val_flat_entries(struct val_flat *f, struct val_flat_values *out,
                                  struct core_error *err) {
  const struct val_chunk_dictionary *d = &f->chunk.dictionary;
  const struct val_conversion *c = &f->conversion;
  struct val_parquet_memory *memory = f->chunk.pages.memory;
  const size_t bytes = c->bytes ? c->bytes : c->text_bytes;
  struct core_slice *slices = (void *)f->entry_slices.bytes;
  if (f->entries_of == d->number) {
    *out = (struct val_flat_values){.fixed = c->same ? d->fixed : f->entries.bytes,
                                    .slices = c->bytes == 0 && !d->fixed ? d->slices : slices,
                                    .bad = f->n_bad_entries ? f->entry_bad.bytes : NULL};
    return CORE_OK;
  }
  CORE_TRY(val_parquet_grow(memory, &f->entry_bad, d->n, err));
  memset(f->entry_bad.bytes, 0, d->n);
  if (!c->same) CORE_TRY(val_parquet_grow(memory, &f->entries, d->n * bytes, err));
  if (c->bytes == 0 && d->fixed)
    CORE_TRY(val_parquet_grow(memory, &f->entry_slices, d->n * sizeof *slices, err));
  slices = (void *)f->entry_slices.bytes;
  f->n_bad_entries =
      convert(c, d->fixed, d->slices, d->n, f->entries.bytes, slices, f->entry_bad.bytes, out);
  f->entries_of = d->number;
  return CORE_OK;
}

/* ---- decoding ---- */

/* NOLINTBEGIN(bugprone-macro-parentheses): `type` is a type */
#define GATHER(type)                                                                               \
  do {                                                                                             \
    const type *from = (const void *)entries->fixed;                                               \
    type *to = (void *)out;                                                                        \
    for (size_t i = 0; i < n; i++) to[i] = from[f->indices[i]];                                    \
  } while (0)
/* NOLINTEND(bugprone-macro-parentheses) */

static void gather_fixed(const struct val_flat *f, const struct val_flat_values *entries, size_t n,
                         uint8_t *out) {
  switch (f->conversion.bytes) {
  case 4:
    GATHER(uint32_t);
    break;
  case 8:
    GATHER(uint64_t);
    break;
  case 16:
    GATHER(core_int128);
    break;
  default:
    break;
  }
}

/* From the dictionary; fixed values to `to`. */
static enum core_status take_entries(struct val_flat *f, size_t n, uint8_t *to,
                                     struct val_flat_values *out, struct core_error *err) {
  struct val_flat_values entries;
  CORE_TRY(val_chunk_indices(&f->chunk, n, f->indices, err));
  CORE_TRY(val_flat_entries(f, &entries, err));
  *out = (struct val_flat_values){.fixed = to, .slices = f->slices};
  if (f->conversion.bytes == 0)
    for (size_t i = 0; i < n; i++) f->slices[i] = entries.slices[f->indices[i]];
  else
    gather_fixed(f, &entries, n, to);
  if (!entries.bad) return CORE_OK;
  for (size_t i = 0; i < n; i++) f->bad[i] = entries.bad[f->indices[i]];
  out->bad = f->bad;
  return CORE_OK;
}

/* Where fixed values need not be spread, `to` is where they stay. */
static enum core_status take(struct val_flat *f, size_t n, uint8_t *to, struct val_flat_values *out,
                             struct core_error *err) {
  const bool slices = f->chunk.form == VAL_CHUNK_SLICES;
  *out = (struct val_flat_values){.fixed = to, .slices = f->slices};
  if (n == 0 || f->conversion.type == VAL_TYPE_NULL) return CORE_OK;
  if (f->chunk.form == VAL_CHUNK_INDICES) return take_entries(f, n, to, out, err);
  if (slices) {
    CORE_TRY(val_chunk_slices(&f->chunk, n, f->slices, err));
  } else {
    CORE_TRY(val_chunk_fixed(&f->chunk, n, f->conversion.same ? to : f->raw.bytes, err));
    if (f->conversion.same) return CORE_OK;
  }
  memset(f->bad, 0, n);
  convert(&f->conversion, slices ? NULL : f->raw.bytes, slices ? f->slices : NULL, n,
          f->conversion.text_bytes ? f->dense.bytes : to, f->slices, f->bad, out);
  return CORE_OK;
}

enum core_status val_flat_take(struct val_flat *f, size_t n_values, struct val_flat_values *out,
                               struct core_error *err) {
  return take(f, n_values, f->dense.bytes, out, err);
}

/* ---- rows ---- */

static void set_bits(uint8_t *bits, size_t from, size_t n) {
  for (; n > 0 && from & 7; n--, from++) bits[from >> 3] |= (uint8_t)(1U << (from & 7));
  memset(bits + (from >> 3), 0xff, n >> 3);
  from += n & ~(size_t)7;
  for (n &= 7; n > 0; n--, from++) bits[from >> 3] |= (uint8_t)(1U << (from & 7));
}

static void clear_from(uint8_t *bits, size_t from, size_t n) {
  bits[from >> 3] &= (uint8_t)((1U << (from & 7)) - 1);
  if (n > 0) memset(bits + (from >> 3) + 1, 0, (from + n) / 8 - (from >> 3));
}

/* Dense values to the rows that have one. */
/* NOLINTBEGIN(bugprone-macro-parentheses): `type` is a type */
#define SPREAD(type)                                                                               \
  do {                                                                                             \
    const type *from = (const void *)dense;                                                        \
    type *to = (type *)(void *)f->values.bytes + f->n_rows;                                        \
    for (size_t i = 0; i < n; i++) to[i] = valid[i] ? *from++ : 0;                                 \
  } while (0)
/* NOLINTEND(bugprone-macro-parentheses) */

static void spread(struct val_flat *f, const uint8_t *valid, size_t n, const uint8_t *dense) {
  switch (f->conversion.bytes) {
  case 4:
    SPREAD(uint32_t);
    break;
  case 8:
    SPREAD(uint64_t);
    break;
  case 16:
    SPREAD(core_int128);
    break;
  default:
    break;
  }
}

static void add_booleans(struct val_flat *f, const uint8_t *valid, size_t n, const uint8_t *dense) {
  for (size_t i = 0; i < n; i++) {
    if (valid && !valid[i]) continue;
    const size_t at = f->n_rows + i;
    f->values.bytes[at >> 3] |= (uint8_t)((*dense++ & 1U) << (at & 7));
  }
}

/* In blocks, which may read and write up to VAL_PARQUET_SLACK bytes too far: there is room, and what comes next is not
 * there yet. */
static inline void copy_short(char *to, const char *from, size_t n) {
  if (n > 4 * VAL_PARQUET_SLACK) {
    memcpy(to, from, n);
    return;
  }
  for (size_t done = 0; done < n; done += VAL_PARQUET_SLACK)
    memcpy(to + done, from + done, VAL_PARQUET_SLACK);
}

static enum core_status add_texts(struct val_flat *f, const uint8_t *valid, size_t n,
                                  const struct core_slice *slices, struct core_error *err) {
  int32_t *offsets = (int32_t *)(void *)f->offsets.bytes + f->n_rows;
  size_t total = f->n_bytes, k = 0;
  for (size_t i = 0; i < n; i++) total += !valid || valid[i] ? slices[k++].len : 0;
  if (total > TEXT_MOST)
    return core_fail(err, CORE_LIMIT, "some rows of column '%s' have more than %zu MiB of text",
                     f->name, TEXT_MOST >> 20);
  CORE_TRY(val_parquet_grow(f->chunk.pages.memory, &f->bytes, total, err));
  char *to = (char *)f->bytes.bytes + f->n_bytes;
  for (size_t i = 0; i < n; i++) {
    if (!valid || valid[i]) {
      copy_short(to, slices->data, slices->len);
      to += slices++->len;
    }
    offsets[i + 1] = (int32_t)(to - (char *)f->bytes.bytes);
  }
  f->n_bytes = total;
  return CORE_OK;
}

static void note_bad(const struct val_flat *f, int64_t row, struct val_findings *findings) {
  if (f->conversion.utf8)
    val_findings_add(findings, VAL_FINDING_ENCODING, row, -1, -1, f->name,
                     "a value is not valid UTF-8; it is read as null");
  else
    val_findings_add(findings, VAL_FINDING_TYPE, row, -1, -1, f->name,
                     "a value is beyond %s; it is read as null", f->conversion.limit);
}

/* Bad values become nulls: out of `valid` and out of the dense values. */
static size_t drop_bad(struct val_flat *f, uint8_t *valid, size_t n, struct val_flat_values *values,
                       int64_t first_row, struct val_findings *findings) {
  const size_t bytes = f->conversion.bytes;
  uint8_t *fixed = f->dense.bytes;
  size_t from = 0, to = 0;
  for (size_t i = 0; i < n; i++) {
    if (!valid[i]) continue;
    const size_t k = from++;
    if (values->bad[k]) {
      valid[i] = 0;
      note_bad(f, first_row + (int64_t)i, findings);
      continue;
    }
    if (bytes)
      memmove(fixed + to * bytes, values->fixed + k * bytes, bytes);
    else
      f->slices[to] = values->slices[k];
    to++;
  }
  values->fixed = fixed;
  values->slices = f->slices;
  return to;
}

/* Eight bytes of 0 or 1 to eight bits: each byte of the product's top one comes from another byte. */
static uint8_t pack_eight(const uint8_t *from) {
  uint64_t bytes;
  memcpy(&bytes, from, sizeof bytes);
  return (uint8_t)(bytes * UINT64_C(0x0102040810204080) >> 56);
}

static void pack_bits(uint8_t *bits, size_t at, const uint8_t *from, size_t n) {
  for (; n > 0 && at & 7; n--, at++) bits[at >> 3] |= (uint8_t)((unsigned)*from++ << (at & 7));
  for (; n >= 8; n -= 8, at += 8, from += 8) bits[at >> 3] = pack_eight(from);
  for (; n > 0; n--, at++) bits[at >> 3] |= (uint8_t)((unsigned)*from++ << (at & 7));
}

void val_flat_add_validity(struct val_flat *f, const uint8_t *valid, size_t n, size_t n_values) {
  clear_from(f->validity.bytes, f->n_rows, n);
  if (!valid)
    set_bits(f->validity.bytes, f->n_rows, n);
  else
    pack_bits(f->validity.bytes, f->n_rows, valid, n);
  f->n_null += (int64_t)(n - n_values);
  f->n_rows += n;
}

static enum core_status add_rows(struct val_flat *f, const uint8_t *valid, size_t n,
                                 size_t n_values, const struct val_flat_values *values,
                                 struct core_error *err) {
  const struct val_conversion *c = &f->conversion;
  uint8_t *place = f->values.bytes + f->n_rows * c->bytes;
  if (c->type == VAL_TYPE_BOOL)
    add_booleans(f, valid, n, values->fixed);
  else if (c->bytes == 0)
    CORE_TRY(add_texts(f, valid, n, values->slices, err));
  else if (valid)
    spread(f, valid, n, values->fixed);
  else if (values->fixed != place)
    memcpy(place, values->fixed, n * c->bytes);
  val_flat_add_validity(f, valid, n, n_values);
  return CORE_OK;
}

/* One step: levels to a byte a row, values, rows. */
static enum core_status fill_step(struct val_flat *f, size_t most, size_t *n, int64_t first_row,
                                  struct val_findings *findings, struct core_error *err) {
  const uint8_t greatest = f->chunk.leaf->node->definition;
  struct val_flat_values values;
  size_t n_values = 0;
  CORE_TRY(val_chunk_levels(&f->chunk, most < f->step ? most : f->step, n, &n_values, err));
  if (*n == 0)
    return core_fail(err, CORE_PARSE, "column '%s' has fewer values than its row group has rows",
                     f->name);
  uint8_t *valid = n_values < *n ? f->chunk.definitions : NULL;
  for (size_t i = 0; valid && i < *n; i++) valid[i] = valid[i] == greatest;
  bool done = false;
  CORE_TRY(val_flat_fill_codes(f, valid, *n, n_values, &done, err));
  if (done) return CORE_OK;
  CORE_TRY(val_flat_settle(f, err));
  const bool stay = !valid && f->conversion.bytes > 1;
  uint8_t *place = f->values.bytes + f->n_rows * f->conversion.bytes;
  CORE_TRY(take(f, n_values, stay ? place : f->dense.bytes, &values, err));
  if (values.bad) {
    if (!valid) {
      valid = f->chunk.definitions;
      memset(valid, 1, *n);
    }
    n_values = drop_bad(f, valid, *n, &values, first_row, findings);
  }
  if (f->conversion.type == VAL_TYPE_NULL) {
    f->n_rows += *n;
    f->n_null += (int64_t)*n;
    return CORE_OK;
  }
  return add_rows(f, valid, *n, n_values, &values, err);
}

enum core_status val_flat_fill(struct val_flat *f, size_t n, int64_t first_row,
                               struct val_findings *findings, struct core_error *err) {
  while (n > 0) {
    size_t done = 0;
    CORE_TRY(fill_step(f, n, &done, first_row, findings, err));
    n -= done;
    first_row += (int64_t)done;
  }
  return CORE_OK;
}

struct val_column val_flat_column(const struct val_flat *f) {
  const bool text = val_type_is_bytes(f->conversion.type);
  struct val_column column = {
      .type = f->conversion.type, .null_count = f->n_null, .scale = f->conversion.scale};
  if (column.type == VAL_TYPE_NULL) return column;
  if (f->n_null > 0) column.validity = f->validity.bytes;
  if (f->coded) {
    column.codes = (const uint32_t *)(const void *)f->codes.bytes;
    column.dictionary = &f->dictionary;
    return column;
  }
  column.values.bits = text ? f->bytes.bytes : f->values.bytes;
  if (text) column.offsets = (const int32_t *)(const void *)f->offsets.bytes;
  return column;
}
