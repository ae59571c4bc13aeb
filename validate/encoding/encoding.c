/* SPDX-License-Identifier: GPL-3.0-or-later
 * The list of encodings. */
#include "validate/encoding/encoding.h"

#define X(name) extern const struct val_encoding_ops val_encoding_##name;
#include "validate/encoding/encoding_list.h"
#undef X

static const struct val_encoding_ops *const all[] = {
#define X(name) &val_encoding_##name,
#include "validate/encoding/encoding_list.h"
#undef X
    NULL};

static const struct {
  int id;
  const char *name, *why;
} others[] = {
    {4, "BIT_PACKED", "which is for levels, not for values"},
    {10, "ALP", "which this version does not read: write the file without it"},
};

const struct val_encoding_ops *const *val_encoding_all(void) {
  return all;
}

enum core_status val_encoding_find(int id, const struct val_encoding_ops **out,
                                   struct core_error *err) {
  for (size_t i = 0; all[i]; i++) {
    if (all[i]->id != id) continue;
    *out = all[i];
    return CORE_OK;
  }
  for (size_t i = 0; i < CORE_COUNT_OF(others); i++)
    if (others[i].id == id)
      return core_fail(err, CORE_UNSUPPORTED, "a page is encoded as %s, %s", others[i].name,
                       others[i].why);
  return core_fail(err, CORE_PARSE, "a page has encoding %d, which Parquet does not have", id);
}

enum core_status val_encoding_short(const char *name, struct core_error *err) {
  return core_fail(err, CORE_PARSE, "a page ends before its last value (encoding %s)", name);
}
