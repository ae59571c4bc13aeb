/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/arrow_import.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "validate/decimal.h"

#define TEXT_MOST ((size_t)1 << 30) /* bytes of one column in one batch: offsets have 32 bits */
#define DAY_MS    INT64_C(86400000)

/* ---- formats ---- */

struct format_row {
  const char *format; /* what ends in ':' is a beginning: the zone follows */
  struct val_arrow_form form;
};
#define INT(bytes)      VAL_TYPE_INT64, VAL_ARROW_INT, bytes, 1, 1, 0, 0
#define UNSIGNED(bytes) VAL_TYPE_INT64, VAL_ARROW_UNSIGNED, bytes, 1, 1, 0, 0
#define REAL(bytes)     VAL_TYPE_DOUBLE, VAL_ARROW_REAL, bytes, 1, 1, 0, 0
#define TIME(bytes, ns) VAL_TYPE_TIME, VAL_ARROW_INT, bytes, ns, 1, 0, 0
static const struct format_row formats[] = {
    {"n", {VAL_TYPE_NULL, VAL_ARROW_NULL, 0, 1, 1, 0, 0}},
    {"b", {VAL_TYPE_BOOL, VAL_ARROW_BIT, 0, 1, 1, 0, 0}},
    {"c", {INT(1)}},
    {"C", {UNSIGNED(1)}},
    {"s", {INT(2)}},
    {"S", {UNSIGNED(2)}},
    {"i", {INT(4)}},
    {"I", {UNSIGNED(4)}},
    {"l", {INT(8)}},
    {"L", {VAL_TYPE_DECIMAL, VAL_ARROW_UNSIGNED, 8, 1, 1, 20, 0}},
    {"e", {REAL(2)}},
    {"f", {REAL(4)}},
    {"g", {REAL(8)}},
    {"u", {VAL_TYPE_STRING, VAL_ARROW_TEXT, 4, 1, 1, 0, 0}},
    {"U", {VAL_TYPE_STRING, VAL_ARROW_TEXT, 8, 1, 1, 0, 0}},
    {"z", {VAL_TYPE_BINARY, VAL_ARROW_TEXT, 4, 1, 1, 0, 0}},
    {"Z", {VAL_TYPE_BINARY, VAL_ARROW_TEXT, 8, 1, 1, 0, 0}},
    {"tdD", {VAL_TYPE_DATE, VAL_ARROW_INT, 4, 1, 1, 0, 0}},
    {"tdm", {VAL_TYPE_DATE, VAL_ARROW_INT, 8, 1, DAY_MS, 0, 0}},
    {"tts", {TIME(4, 1000000000)}},
    {"ttm", {TIME(4, 1000000)}},
    {"ttu", {TIME(8, 1000)}},
    {"ttn", {TIME(8, 1)}},
    {"tss:", {VAL_TYPE_TIMESTAMP, VAL_ARROW_INT, 8, 1000000, 1, 0, 0}},
    {"tsm:", {VAL_TYPE_TIMESTAMP, VAL_ARROW_INT, 8, 1000, 1, 0, 0}},
    {"tsu:", {VAL_TYPE_TIMESTAMP, VAL_ARROW_INT, 8, 1, 1, 0, 0}},
    {"tsn:", {VAL_TYPE_TIMESTAMP_NS, VAL_ARROW_INT, 8, 1, 1, 0, 0}},
};

/* "d:PRECISION,SCALE[,BITS]" and "w:BYTES" */
static bool parameterised(const char *format, struct val_arrow_form *out) {
  int precision = 0, scale = 0, bits = 128, bytes = 0, used = 0;
  if (sscanf(format, "w:%9d%n", &bytes, &used) == 1 && format[used] == '\0' && bytes > 0) {
    *out = (struct val_arrow_form){.type = VAL_TYPE_BINARY, .storage = VAL_ARROW_FIXED};
    out->width = (size_t)bytes;
    return true;
  }
  const bool three = sscanf(format, "d:%9d,%9d,%9d%n", &precision, &scale, &bits, &used) == 3;
  if (!three && sscanf(format, "d:%9d,%9d%n", &precision, &scale, &used) != 2) return false;
  if (!three) bits = 128;
  if (format[used] != '\0' || precision < 1 || precision > VAL_DECIMAL_DIGITS || scale < 0 ||
      scale > precision || (bits != 32 && bits != 64 && bits != 128))
    return false;
  *out = (struct val_arrow_form){VAL_TYPE_DECIMAL, VAL_ARROW_INT, (size_t)bits / 8, 1, 1,
                                 precision,        scale};
  return true;
}

struct val_arrow_form val_arrow_form_of(const char *format) {
  struct val_arrow_form form = {.type = VAL_TYPE_NESTED, .storage = VAL_ARROW_OTHER};
  for (size_t i = 0; i < CORE_COUNT_OF(formats); i++) {
    const size_t len = strlen(formats[i].format);
    const bool zoned = formats[i].format[len - 1] == ':';
    if (strncmp(format, formats[i].format, len) != 0 || (!zoned && format[len])) continue;
    form = formats[i].form;
    if (zoned && format[len] && form.type == VAL_TYPE_TIMESTAMP) form.type = VAL_TYPE_TIMESTAMP_UTC;
    if (zoned && format[len] && form.type == VAL_TYPE_TIMESTAMP_NS)
      form.type = VAL_TYPE_TIMESTAMP_NS_UTC;
    return form;
  }
  return parameterised(format, &form)
             ? form
             : (struct val_arrow_form){.type = VAL_TYPE_NESTED, .storage = VAL_ARROW_OTHER};
}

/* ---- what an array must be ---- */

enum core_status val_arrow_column_open(struct val_arrow_column *c, const struct ArrowSchema *schema,
                                       struct core_error *err) {
  *c = (struct val_arrow_column){.name = schema->name ? schema->name : "",
                                 .index = {.storage = VAL_ARROW_OTHER}};
  if (!schema->format)
    return core_fail(err, CORE_PARSE, "the Arrow schema of column '%s' has no format", c->name);
  c->form = val_arrow_form_of(schema->format);
  if (!schema->dictionary) return CORE_OK;
  if (!schema->dictionary->format || c->form.type == VAL_TYPE_BOOL ||
      (c->form.storage != VAL_ARROW_INT && c->form.storage != VAL_ARROW_UNSIGNED))
    return core_fail(err, CORE_PARSE, "the dictionary of column '%s' is asked by format '%s'",
                     c->name, schema->format);
  c->index = c->form;
  c->form = val_arrow_form_of(schema->dictionary->format);
  if (schema->dictionary->dictionary)
    c->form = (struct val_arrow_form){.type = VAL_TYPE_NESTED, .storage = VAL_ARROW_OTHER};
  return CORE_OK;
}

static int64_t buffers_of(const struct val_arrow_form *form) {
  return form->storage == VAL_ARROW_NULL ? 0 : form->storage == VAL_ARROW_TEXT ? 3 : 2;
}

static enum core_status check_array(const struct val_arrow_column *c,
                                    const struct val_arrow_form *form,
                                    const struct ArrowArray *array, int64_t need,
                                    struct core_error *err) {
  if (!array || !array->release)
    return core_fail(err, CORE_PARSE, "column '%s' has an Arrow array that was released", c->name);
  if (array->length < need || array->offset < 0 || array->length > INT64_MAX - array->offset)
    return core_fail(err, CORE_PARSE,
                     "column '%s' has an Arrow array of %lld values from %lld on; %lld are needed",
                     c->name, (long long)array->length, (long long)array->offset, (long long)need);
  if (array->n_buffers < buffers_of(form) || (buffers_of(form) > 0 && !array->buffers))
    return core_fail(err, CORE_PARSE, "column '%s' has an Arrow array of %lld buffers, not %lld",
                     c->name, (long long)array->n_buffers, (long long)buffers_of(form));
  const bool empty = need == 0;
  for (int64_t i = 1; i < buffers_of(form) && !empty; i++)
    if (!array->buffers[i] && i == 1)
      return core_fail(err, CORE_PARSE, "column '%s' has an Arrow array without values", c->name);
  return CORE_OK;
}

enum core_status val_arrow_column_check(const struct val_arrow_column *c,
                                        const struct ArrowArray *array, int64_t need,
                                        struct core_error *err) {
  if (c->index.storage == VAL_ARROW_OTHER) return check_array(c, &c->form, array, need, err);
  CORE_TRY(check_array(c, &c->index, array, need, err));
  return check_array(c, &c->form, array->dictionary,
                     array->dictionary ? array->dictionary->length : 0, err);
}

/* ---- values ---- */

static bool is_valid(const struct ArrowArray *array, const struct val_arrow_form *form,
                     int64_t at) {
  if (form->storage == VAL_ARROW_NULL) return false;
  const uint8_t *bits = array->buffers[0];
  return !bits || bits[at >> 3] >> (at & 7) & 1;
}

/* Little-endian, as the interface has it on the machines that we run on; copied, since buffers need not be aligned. */
static core_int128 load_integer(const struct ArrowArray *array, const struct val_arrow_form *form,
                                int64_t at) {
  const uint8_t *from = (const uint8_t *)array->buffers[1] + (size_t)at * form->width;
  core_uint128 value = 0;
  memcpy(&value, from, form->width);
  const unsigned above = 128U - 8U * (unsigned)form->width;
  if (form->storage == VAL_ARROW_UNSIGNED || above == 0) return (core_int128)value;
  return (core_int128)(value << above) >> above;
}

/* IEEE 754 binary16: exact in a double. */
static double from_half(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = (double)(bits & 1023);
  double value = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
  if (exponent == 31) value = fraction == 0 ? (double)INFINITY : (double)NAN;
  return bits >> 15 ? -value : value;
}

static double load_real(const struct ArrowArray *array, const struct val_arrow_form *form,
                        int64_t at) {
  const uint8_t *from = (const uint8_t *)array->buffers[1] + (size_t)at * form->width;
  uint16_t half;
  float single;
  double value;
  switch (form->width) {
  case sizeof half:
    memcpy(&half, from, sizeof half);
    return from_half(half);
  case sizeof single:
    memcpy(&single, from, sizeof single);
    return (double)single;
  default:
    memcpy(&value, from, sizeof value);
    return value;
  }
}

static bool load_text(const struct ArrowArray *array, const struct val_arrow_form *form, int64_t at,
                      struct core_slice *out) {
  int64_t start = 0, end = 0;
  if (form->storage == VAL_ARROW_FIXED) {
    *out = (struct core_slice){(const char *)array->buffers[1] + (size_t)at * form->width,
                               form->width};
    return true;
  }
  if (form->width == sizeof(int32_t)) {
    int32_t two[2];
    memcpy(two, (const char *)array->buffers[1] + (size_t)at * sizeof *two, sizeof two);
    start = two[0];
    end = two[1];
  } else {
    int64_t two[2];
    memcpy(two, (const char *)array->buffers[1] + (size_t)at * sizeof *two, sizeof two);
    start = two[0];
    end = two[1];
  }
  *out = (struct core_slice){"", 0};
  if (start < 0 || end < start || (end > start && !array->buffers[2])) return false;
  if (end > start)
    *out = (struct core_slice){(const char *)array->buffers[2] + start, (size_t)(end - start)};
  return true;
}

static int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}

static enum core_status put_text(struct val_arrow_column *c, struct core_slice text, bool *bad,
                                 struct core_error *err) {
  *bad = c->form.type == VAL_TYPE_STRING && core_utf8_valid_prefix(text.data, text.len) != text.len;
  if (*bad) return CORE_OK;
  if (text.len > TEXT_MOST - c->n_bytes)
    return core_fail(err, CORE_LIMIT, "some rows of column '%s' have more than %zu MiB of text",
                     c->name, TEXT_MOST >> 20);
  CORE_TRY(core_grow((void **)&c->bytes, &c->bytes_cap, c->n_bytes + text.len + 1, 1, err));
  if (text.len) memcpy(c->bytes + c->n_bytes, text.data, text.len);
  c->n_bytes += text.len;
  return CORE_OK;
}

static bool put_integer(struct val_arrow_column *c, core_int128 value) {
  int64_t out = (int64_t)value;
  if (c->form.type == VAL_TYPE_DECIMAL) {
    ((core_int128 *)c->values)[c->n] = value;
    return true;
  }
  if (__builtin_mul_overflow(out, c->form.times, &out)) return false;
  out = floor_div(out, c->form.per);
  if (c->form.type == VAL_TYPE_DATE) {
    ((int32_t *)c->values)[c->n] = (int32_t)out;
    return out >= INT32_MIN && out <= INT32_MAX;
  }
  ((int64_t *)c->values)[c->n] = out;
  return c->form.type != VAL_TYPE_TIME || (out >= 0 && out < DAY_MS * 1000000);
}

/* The value at that place of the buffers; *bad: its type cannot hold it. */
static enum core_status put_value(struct val_arrow_column *c, const struct ArrowArray *array,
                                  int64_t at, bool *bad, struct core_error *err) {
  struct core_slice text;
  switch (c->form.storage) {
  case VAL_ARROW_BIT:
    if (((const uint8_t *)array->buffers[1])[at >> 3] >> (at & 7) & 1)
      ((uint8_t *)c->values)[c->n >> 3] |= (uint8_t)(1U << (c->n & 7));
    return CORE_OK;
  case VAL_ARROW_INT:
  case VAL_ARROW_UNSIGNED:
    *bad = !put_integer(c, load_integer(array, &c->form, at));
    return CORE_OK;
  case VAL_ARROW_REAL:
    ((double *)c->values)[c->n] = load_real(array, &c->form, at);
    return CORE_OK;
  case VAL_ARROW_TEXT:
  case VAL_ARROW_FIXED:
    if (!load_text(array, &c->form, at, &text))
      return core_fail(err, CORE_PARSE, "column '%s' has an Arrow array whose offsets go back",
                       c->name);
    return put_text(c, text, bad, err);
  default:
    return CORE_OK;
  }
}

static size_t value_bytes(enum val_type type) {
  return type == VAL_TYPE_DECIMAL ? sizeof(core_int128) : sizeof(int64_t);
}

static enum core_status reserve(struct val_arrow_column *c, size_t n, struct core_error *err) {
  const size_t bytes = n * value_bytes(c->form.type) + 1;
  CORE_TRY(core_grow((void **)&c->validity, &c->validity_cap, n / 8 + 1, 1, err));
  CORE_TRY(core_grow(&c->values, &c->values_cap, bytes, 1, err));
  CORE_TRY(core_grow((void **)&c->offsets, &c->offsets_cap, n + 1, sizeof *c->offsets, err));
  CORE_TRY(core_grow((void **)&c->bytes, &c->bytes_cap, 1, 1, err));
  memset(c->validity, 0, n / 8 + 1);
  memset(c->values, 0, bytes);
  c->n = c->n_bytes = 0;
  c->n_null = 0;
  c->offsets[0] = 0;
  return CORE_OK;
}

static enum core_status outside(const struct val_arrow_column *c, long long entry,
                                const struct ArrowArray *dictionary, struct core_error *err) {
  return core_fail(err, CORE_PARSE, "column '%s' asks for entry %lld of a dictionary of %lld",
                   c->name, entry, (long long)dictionary->length);
}

/* Where the value of a place lies, through the dictionary; *array NULL: it is null. */
static enum core_status find(const struct val_arrow_column *c, const struct ArrowArray **array,
                             int64_t *at, struct core_error *err) {
  const struct val_arrow_form *form = &c->form;
  if (c->index.storage != VAL_ARROW_OTHER) {
    const struct ArrowArray *dictionary = (*array)->dictionary;
    if (!is_valid(*array, &c->index, *at)) {
      *array = NULL;
      return CORE_OK;
    }
    const core_int128 entry = load_integer(*array, &c->index, *at);
    if (entry < 0 || entry >= dictionary->length)
      return outside(c, (long long)entry, dictionary, err);
    *at = dictionary->offset + (int64_t)entry;
    *array = dictionary;
  }
  if (!is_valid(*array, form, *at)) *array = NULL;
  return CORE_OK;
}

static enum core_status take_one(struct val_arrow_column *c, const struct ArrowArray *array,
                                 int64_t at, int64_t row, struct val_findings *findings,
                                 struct core_error *err) {
  bool bad = false;
  CORE_TRY(find(c, &array, &at, err));
  if (array) CORE_TRY(put_value(c, array, at, &bad, err));
  const bool valid = array && !bad;
  if (bad)
    val_findings_add(
        findings, c->form.type == VAL_TYPE_STRING ? VAL_FINDING_ENCODING : VAL_FINDING_TYPE, row,
        -1, -1, c->name, "a value is %s; it is read as null",
        c->form.type == VAL_TYPE_STRING ? "not valid UTF-8" : "beyond what its type can hold");
  c->validity[c->n >> 3] |= (uint8_t)((unsigned)valid << (c->n & 7));
  c->n_null += !valid;
  c->offsets[++c->n] = (int32_t)c->n_bytes;
  return CORE_OK;
}

enum core_status val_arrow_column_take(struct val_arrow_column *c, const struct ArrowArray *array,
                                       int64_t from, size_t n, int64_t first_row,
                                       struct val_findings *findings, struct val_column *out,
                                       struct core_error *err) {
  *out = (struct val_column){.type = VAL_TYPE_NULL, .null_count = (int64_t)n};
  if (c->form.storage == VAL_ARROW_NULL) return CORE_OK;
  CORE_TRY(reserve(c, n, err));
  for (size_t i = 0; i < n; i++)
    CORE_TRY(take_one(c, array, array->offset + from + (int64_t)i, first_row + (int64_t)i, findings,
                      err));
  *out = (struct val_column){.type = c->form.type, .null_count = c->n_null, .scale = c->form.scale};
  if (c->n_null > 0) out->validity = c->validity;
  if (val_type_is_bytes(c->form.type)) {
    out->values.bytes = c->bytes;
    out->offsets = c->offsets;
  } else {
    out->values.bits = c->values;
  }
  return CORE_OK;
}

void val_arrow_column_close(struct val_arrow_column *c) {
  core_free(c->validity);
  core_free(c->values);
  core_free(c->bytes);
  core_free(c->offsets);
}
