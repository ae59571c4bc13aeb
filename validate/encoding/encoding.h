/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of an encoding: the bytes of a page's values to values (Parquet's Encodings.md, whose anchors the files
 * name). A decoder reads in order, as many values at a time as it is asked for, and never beyond its bytes; asked for more
 * than they hold it fails with CORE_PARSE. */
#pragma once
#include "core/mem.h"
#include "validate/encoding/physical.h"
#include <stdbool.h>

struct val_encoded {
  const uint8_t *bytes; /* borrowed until the next start */
  size_t n_bytes;
  enum val_physical type;
  size_t width; /* bytes of a decoded value, 0 for BYTE_ARRAY */
};

#define VAL_ENCODING_SLACK 16
struct val_decoder; /* each encoding's own */
struct val_encoding_ops {
  int id; /* in the file: enum Encoding of parquet.thrift */
  const char *name;
  const char *summary; /* one line */
  bool (*takes)(enum val_physical type);
  enum core_status (*open)(struct val_decoder **out, struct core_error *err);
  enum core_status (*start)(struct val_decoder *decoder, const struct val_encoded *encoded,
                            struct core_error *err);
  /* Exactly one of these three, by what the values are; NULL where they never are that. */
  /* n values of `width` bytes each, one after the other. */
  enum core_status (*fixed)(struct val_decoder *decoder, size_t n, uint8_t *out,
                            struct core_error *err);
  /* n byte arrays, one behind the other; they point into the encoded bytes, or into the decoder until its next call,
   * where at least VAL_ENCODING_SLACK bytes behind the last one may be read. */
  enum core_status (*slices)(struct val_decoder *decoder, size_t n, struct core_slice *out,
                             struct core_error *err);
  /* n numbers of entries of the dictionary page. */
  enum core_status (*indices)(struct val_decoder *decoder, size_t n, uint32_t *out,
                              struct core_error *err);
  void (*close)(struct val_decoder *decoder); /* accepts NULL */
};
/* NULL-terminated, in the order of encoding_list.h. */
const struct val_encoding_ops *const *val_encoding_all(void);
/* CORE_UNSUPPORTED: an encoding that is known but not read; CORE_PARSE: there is no such encoding. */
enum core_status val_encoding_find(int id, const struct val_encoding_ops **out,
                                   struct core_error *err) CORE_MUST_CHECK;

/* CORE_PARSE: the page has fewer values than it claims. */
enum core_status val_encoding_short(const char *name, struct core_error *err);
