/* SPDX-License-Identifier: GPL-3.0-or-later
 * DELTA_BYTE_ARRAY (Encodings.md, "DELTASTRING"): for each value how many bytes it shares with the one before, and what
 * follows them. Small pages can hold large values, so what one call unpacks has a limit. */
#include <string.h>

#include "validate/encoding/delta.h"
#include "validate/encoding/encoding.h"

#define STEP       256
#define MOST_BYTES ((size_t)256 << 20) /* of one call */

struct val_decoder {
  struct val_delta prefixes, suffixes;
  const uint8_t *at, *end; /* of the suffixes' bytes */
  size_t width;            /* of FIXED_LEN_BYTE_ARRAY; 0 */
  uint8_t *bytes;          /* values of the present call, the one before first */
  size_t n_bytes, cap;
  size_t last, last_len; /* where the value before stands */
};

static bool bytes_take(enum val_physical type) {
  return type == VAL_PHYSICAL_BYTE_ARRAY || type == VAL_PHYSICAL_FIXED;
}

static enum core_status bytes_open(struct val_decoder **out, struct core_error *err) {
  *out = core_calloc(1, sizeof **out);
  return *out ? CORE_OK : core_fail_nomem(err, sizeof **out);
}

static enum core_status bytes_start(struct val_decoder *d, const struct val_encoded *encoded,
                                    struct core_error *err) {
  const uint8_t *at = encoded->bytes;
  d->end = encoded->bytes + encoded->n_bytes;
  d->width = encoded->type == VAL_PHYSICAL_FIXED ? encoded->width : 0;
  d->last = d->last_len = d->n_bytes = 0;
  CORE_TRY(val_delta_open(&d->prefixes, at, encoded->n_bytes, 32, err));
  struct val_delta walk = d->prefixes;
  CORE_TRY(val_delta_skip(&walk, &at, err));
  CORE_TRY(val_delta_open(&d->suffixes, at, (size_t)(d->end - at), 32, err));
  walk = d->suffixes;
  return val_delta_skip(&walk, &d->at, err);
}

/* Only the value before is still of use. */
static void forget(struct val_decoder *d) {
  if (d->last_len > 0 && d->last > 0) memmove(d->bytes, d->bytes + d->last, d->last_len);
  d->last = 0;
  d->n_bytes = d->last_len;
}

static enum core_status add(struct val_decoder *d, int64_t prefix_read, int64_t suffix_read,
                            struct core_error *err) {
  const int32_t prefix = (int32_t)(uint32_t)(uint64_t)prefix_read;
  const int32_t suffix = (int32_t)(uint32_t)(uint64_t)suffix_read;
  if (prefix < 0 || (size_t)prefix > d->last_len || suffix < 0 || suffix > d->end - d->at)
    return core_fail(
        err, CORE_PARSE,
        "a value of %d shared and %d own bytes does not fit (encoding DELTA_BYTE_ARRAY)",
        (int)prefix, (int)suffix);
  const size_t len = (size_t)prefix + (size_t)suffix;
  if (d->width && len != d->width)
    return core_fail(err, CORE_PARSE, "a value has %zu bytes where all have %zu", len, d->width);
  if (len > MOST_BYTES || d->n_bytes > MOST_BYTES - len)
    return core_fail(err, CORE_LIMIT, "values of one page take more than %zu MiB when unpacked",
                     MOST_BYTES >> 20);
  void *bytes = d->bytes;
  CORE_TRY(core_grow(&bytes, &d->cap, d->n_bytes + len + VAL_ENCODING_SLACK, 1, err));
  d->bytes = bytes;
  memcpy(d->bytes + d->n_bytes, d->bytes + d->last, (size_t)prefix);
  if (suffix > 0) memcpy(d->bytes + d->n_bytes + prefix, d->at, (size_t)suffix);
  d->at += suffix;
  d->last = d->n_bytes;
  d->last_len = len;
  d->n_bytes += len;
  return CORE_OK;
}

/* Lengths go where the slices will be: the bytes may still move. */
static enum core_status bytes_slices(struct val_decoder *d, size_t n, struct core_slice *out,
                                     struct core_error *err) {
  int64_t prefixes[STEP], suffixes[STEP];
  if (n == 0) return CORE_OK;
  forget(d);
  const size_t first = d->n_bytes;
  for (size_t done = 0; done < n;) {
    const size_t m = n - done < STEP ? n - done : STEP;
    CORE_TRY(val_delta_read(&d->prefixes, prefixes, m, err));
    CORE_TRY(val_delta_read(&d->suffixes, suffixes, m, err));
    for (size_t i = 0; i < m; i++, done++) {
      CORE_TRY(add(d, prefixes[i], suffixes[i], err));
      out[done].len = d->last_len;
    }
  }
  const char *at = (const char *)d->bytes + first;
  for (size_t i = 0; i < n; i++) {
    out[i].data = at;
    at += out[i].len;
  }
  return CORE_OK;
}

static enum core_status bytes_fixed(struct val_decoder *d, size_t n, uint8_t *out,
                                    struct core_error *err) {
  struct core_slice step[STEP];
  while (n > 0) {
    const size_t m = n < STEP ? n : STEP;
    CORE_TRY(bytes_slices(d, m, step, err));
    for (size_t i = 0; i < m; i++, out += d->width) memcpy(out, step[i].data, d->width);
    n -= m;
  }
  return CORE_OK;
}

static void bytes_close(struct val_decoder *d) {
  if (!d) return;
  core_free(d->bytes);
  core_free(d);
}

extern const struct val_encoding_ops val_encoding_delta_byte_array;
const struct val_encoding_ops val_encoding_delta_byte_array = {
    .id = 7,
    .name = "DELTA_BYTE_ARRAY",
    .summary = "what differs from the value before",
    .takes = bytes_take,
    .open = bytes_open,
    .start = bytes_start,
    .fixed = bytes_fixed,
    .slices = bytes_slices,
    .close = bytes_close,
};
