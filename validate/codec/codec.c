/* SPDX-License-Identifier: GPL-3.0-or-later
 * The list of codecs. */
#include "validate/codec/codec.h"

#define X(name) extern const struct val_codec_ops val_codec_##name;
#include "validate/codec/codec_list.h"
#undef X

static const struct val_codec_ops *const all[] = {
#define X(name) &val_codec_##name,
#include "validate/codec/codec_list.h"
#undef X
    NULL};

#define LZO 3 /* of all codecs the only one for which no library is at hand */

const struct val_codec_ops *const *val_codec_all(void) {
  return all;
}

enum core_status val_codec_find(int id, const struct val_codec_ops **out, struct core_error *err) {
  for (size_t i = 0; all[i]; i++) {
    if (all[i]->id != id) continue;
    *out = all[i];
    return CORE_OK;
  }
  if (id == LZO)
    return core_fail(err, CORE_UNSUPPORTED,
                     "pages are compressed with LZO, which is not built in: write the file with "
                     "zstd or snappy");
  return core_fail(err, CORE_PARSE, "pages have codec %d, which Parquet does not have", id);
}

enum core_status val_codec_corrupt(const char *name, size_t n, size_t out_n,
                                   struct core_error *err) {
  return core_fail(err, CORE_PARSE,
                   "a page is corrupt: its %zu bytes of %s do not unpack to the %zu that it claims",
                   n, name, out_n);
}
