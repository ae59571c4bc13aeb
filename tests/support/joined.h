/* SPDX-License-Identifier: GPL-3.0-or-later
 * The pieces that a codec gives, put together. For tests and fuzz targets: it judges nothing itself. */
#pragma once
#include <stdbool.h>
#include <string.h>

#include "validate/codec/codec.h"

struct joined {
  uint8_t *bytes; /* room for `most`, the caller's */
  size_t n, most;
  bool is_wrong; /* a piece was empty, or more than there was room for */
};

static inline enum core_status joined_take(void *self, const uint8_t *bytes, size_t n,
                                           struct core_error *err) {
  struct joined *to = self;
  if (n == 0 || n > to->most - to->n) {
    to->is_wrong = true;
    return core_fail(err, CORE_INVAL, "a piece of %zu bytes where %zu are left", n,
                     to->most - to->n);
  }
  memcpy(to->bytes + to->n, bytes, n);
  to->n += n;
  return CORE_OK;
}
