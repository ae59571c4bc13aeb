/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every codec, whole and piece by piece: the first byte says which, the next two how many bytes it must give (from 0x8000 on, in 64s). */
#include <string.h>

#include "core/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/joined.h"
#include "validate/codec/codec.h"

static void check_pieces(const struct val_codec_ops *codec, const uint8_t *bytes, size_t n,
                         const uint8_t *out, size_t out_n, enum core_status expected) {
  struct core_error err = {0};
  struct joined joined = {.bytes = core_alloc(out_n), .most = out_n};
  const struct val_codec_pieces to = {joined_take, &joined};
  if (joined.bytes) {
    const enum core_status st = codec->unpack_pieces(bytes, n, out_n, &to, &err);
    FUZZ_CHECK(!joined.is_wrong);
    FUZZ_CHECK(st == CORE_OK || err.message[0]);
    FUZZ_CHECK(st == expected || st == CORE_UNSUPPORTED);
    if (st == CORE_OK) FUZZ_CHECK(joined.n == out_n && memcmp(joined.bytes, out, out_n) == 0);
  }
  core_free(joined.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t n = 0;
  struct core_error err = {0};
  if (size < 4) return 0;
  while (val_codec_all()[n]) n++;
  const struct val_codec_ops *codec = val_codec_all()[data[0] % n];
  const size_t says = (size_t)(data[1] | data[2] << 8);
  const size_t out_n = 1 + (says < 0x8000 ? says : (says - 0x8000) * 64); /* of several pieces */
  uint8_t *out = core_alloc(out_n);
  if (!out) return 0;
  const enum core_status st = codec->unpack(data + 3, size - 3, out, out_n, &err);
  FUZZ_CHECK(st == CORE_OK || err.message[0]);
  if (codec->unpack_pieces) check_pieces(codec, data + 3, size - 3, out, out_n, st);
  core_free(out);
  return 0;
}
