/* SPDX-License-Identifier: GPL-3.0-or-later
 * One byte of flags, the key or hash, the row, line and byte if there are any, what is shown: 17 bytes for a number in
 * Parquet. */
#include "validate/expect/duplicate_group.h"

#include <string.h>

enum { COUNTED = 1, HAS_PLACE = 2, HAS_SHOWN = 4 };

static void put(struct core_str *out, const void *bytes, size_t n) {
  core_str_append(out, bytes, n);
}

static void take(const char **at, void *bytes, size_t n) {
  memcpy(bytes, *at, n);
  *at += n;
}

void val_group_write(const struct val_group *g, bool exact, struct core_str *out) {
  const bool has_place = g->place.line >= 0 || g->place.byte >= 0;
  const uint8_t flags = (uint8_t)((g->counted ? COUNTED : 0) | (has_place ? HAS_PLACE : 0) |
                                  (g->shown ? HAS_SHOWN : 0));
  put(out, &flags, sizeof flags);
  put(out, &g->hash.high, sizeof g->hash.high);
  if (!exact) put(out, &g->hash.low, sizeof g->hash.low);
  put(out, &g->place.row, sizeof g->place.row);
  if (has_place) {
    put(out, &g->place.line, sizeof g->place.line);
    put(out, &g->place.byte, sizeof g->place.byte);
  }
  if (g->shown) val_kept_write(g->shown, out);
}

enum core_status val_group_read(const char *bytes, bool exact, struct val_group *g, size_t *used,
                                struct core_error *err) {
  const char *at = bytes;
  uint8_t flags = 0;
  size_t n = 0;
  *g = (struct val_group){.place = {-1, -1, -1}};
  take(&at, &flags, sizeof flags);
  take(&at, &g->hash.high, sizeof g->hash.high);
  if (!exact) take(&at, &g->hash.low, sizeof g->hash.low);
  take(&at, &g->place.row, sizeof g->place.row);
  if (flags & HAS_PLACE) {
    take(&at, &g->place.line, sizeof g->place.line);
    take(&at, &g->place.byte, sizeof g->place.byte);
  }
  g->counted = flags & COUNTED;
  if (flags & HAS_SHOWN) {
    g->shown = val_kept_read(at, &n);
    if (!g->shown) return core_fail_nomem(err, sizeof *g->shown);
  }
  *used = (size_t)(at - bytes) + n;
  return CORE_OK;
}
