/* SPDX-License-Identifier: GPL-3.0-or-later
 * Each codec on streams whose bytes are known: packed by the library's own command in form, or written by hand after the
 * format's specification; then cut short at each byte, changed at each byte, and asked for one byte more or fewer. */
#include "tests/support/support.h"

#include <string.h>

#include "core/mem.h"
#include "validate/codec/codec.h"
#include "validate/codec/crc.h"

#define TEXT "abcabcabcabcabcabcabcabc" /* 24 bytes */
#define N    (sizeof TEXT - 1)

static const struct {
  int id;
  const char *what;
  size_t n;
  const char *bytes;
} streams[] = {
    {0, "as it is", N, TEXT},
    /* length 24; literal of 3; copy of 21, offset 3 (tag 1: 4 to 11 bytes; tag 2: up to 64) */
    {1, "literal and copy", 8,
     "\x18\x08"
     "abc"
     "\x52\x03\x00"},
    /* RFC 1952 head, one stored block of RFC 1951, CRC-32, length */
    {2, "a stored block", 10 + 5 + N + 8,
     "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01\x18\x00\xe7\xff" TEXT
     "\x63\xa9\x76\xcd\x18\x00\x00\x00"},
    /* token: 3 literals, match of 4 + 9; offset 3; then the last five literals */
    {7, "one block", 12,
     "\x3c"
     "abc"
     "\x03\x00"
     "\x50"
     "bcabc"},
};

static const struct val_codec_ops *find(int id) {
  const struct val_codec_ops *ops = NULL;
  assert_int_equal(val_codec_find(id, &ops, NULL), CORE_OK);
  return ops;
}

/* Into a block of exactly out_n bytes, from a copy of exactly n. */
static enum core_status unpack(int id, const char *bytes, size_t n, char *out, size_t out_n,
                               struct core_error *err) {
  uint8_t *from = core_alloc(n), *to = core_alloc(out_n);
  assert_true(from && to);
  memcpy(from, bytes, n);
  const enum core_status st = find(id)->unpack(from, n, to, out_n, err);
  memcpy(out, to, out_n);
  core_free(from);
  core_free(to);
  return st;
}

static void known_streams_unpack(void **state) {
  (void)state;
  for (size_t i = 0; i < CORE_COUNT_OF(streams); i++) {
    struct core_error err = {0};
    char out[64] = {0};
    if (streams[i].id == 2) continue; /* its checksum below */
    if (unpack(streams[i].id, streams[i].bytes, streams[i].n, out, N, &err) != CORE_OK)
      fail_msg("%s: %s", streams[i].what, err.message);
    assert_memory_equal(out, TEXT, N);
  }
}

static size_t make_gzip(char *out) {
  memcpy(out, streams[2].bytes, streams[2].n);
  const uint32_t crc = val_crc32((const uint8_t *)TEXT, N);
  for (size_t k = 0; k < 4; k++) out[10 + 5 + N + k] = (char)(crc >> (8 * k));
  return streams[2].n;
}

static void gzip_takes_members_after_one_another(void **state) {
  (void)state;
  char bytes[200], out[64];
  struct core_error err = {0};
  const size_t n = make_gzip(bytes);
  make_gzip(bytes + n);
  assert_int_equal(unpack(2, bytes, n, out, N, &err), CORE_OK);
  assert_int_equal(unpack(2, bytes, 2 * n, out, 2 * N, &err), CORE_OK);
  assert_memory_equal(out, TEXT TEXT, 2 * N);
  assert_int_equal(unpack(2, bytes, 2 * n, out, N, &err), CORE_PARSE);
  bytes[10 + 5] ^= 1; /* a byte of the text: the checksum tells */
  assert_int_equal(unpack(2, bytes, n, out, N, &err), CORE_PARSE);
}

static void lz4_reads_frames_of_hadoop_and_bare_blocks(void **state) {
  (void)state;
  char bytes[100] = {0}, out[64];
  const size_t n = streams[3].n, len = N;
  bytes[3] = (char)len;
  bytes[7] = (char)n;
  memcpy(bytes + 8, streams[3].bytes, n);
  memcpy(bytes + 8 + n, bytes, 8 + n);
  assert_int_equal(unpack(5, bytes, 8 + n, out, len, NULL), CORE_OK);
  assert_memory_equal(out, TEXT, N);
  assert_int_equal(unpack(5, bytes, 2 * (8 + n), out, 2 * len, NULL), CORE_OK);
  assert_memory_equal(out + len, TEXT, N);
  assert_int_equal(unpack(5, streams[3].bytes, n, out, len, NULL), CORE_OK);
  assert_int_equal(unpack(5, bytes, 8 + n, out, len - 1, NULL), CORE_PARSE);
}

static void damage_is_an_error_or_other_bytes(void **state) {
  (void)state;
  for (size_t i = 0; i < CORE_COUNT_OF(streams); i++) {
    char bytes[100], out[64];
    memcpy(bytes, streams[i].bytes, streams[i].n);
    if (streams[i].id == 2) make_gzip(bytes);
    for (size_t cut = 1; cut < streams[i].n; cut++) {
      struct core_error err = {0};
      assert_int_not_equal(unpack(streams[i].id, bytes, cut, out, N, &err), CORE_OK);
      assert_true(err.message[0] != 0);
    }
    for (size_t at = 0; at < streams[i].n; at++)
      for (unsigned bit = 0; bit < 8; bit++) {
        struct core_error err = {0};
        bytes[at] ^= (char)(1U << bit);
        if (unpack(streams[i].id, bytes, streams[i].n, out, N, &err) != CORE_OK)
          assert_true(err.message[0] != 0);
        bytes[at] ^= (char)(1U << bit);
      }
    assert_int_not_equal(unpack(streams[i].id, bytes, streams[i].n, out, N + 1, NULL), CORE_OK);
    assert_int_not_equal(unpack(streams[i].id, bytes, streams[i].n, out, N - 1, NULL), CORE_OK);
  }
}

static void nonsense_unpacks_with_no_codec(void **state) {
  (void)state;
  char out[64];
  for (size_t i = 0; val_codec_all()[i]; i++)
    for (int fill = 0; fill < 256; fill++) {
      char bytes[40];
      memset(bytes, fill, sizeof bytes);
      struct core_error err = {0};
      assert_int_not_equal(unpack(val_codec_all()[i]->id, bytes, sizeof bytes, out, 63, &err),
                           CORE_OK);
    }
}

static void unknown_and_known_codecs_differ(void **state) {
  (void)state;
  const struct val_codec_ops *ops = NULL;
  struct core_error err = {0};
  assert_int_equal(val_codec_find(3, &ops, &err), CORE_UNSUPPORTED);
  assert_non_null(strstr(err.message, "LZO"));
  core_error_clear(&err);
  assert_int_equal(val_codec_find(8, &ops, &err), CORE_PARSE);
  assert_int_equal(val_codec_find(-1, &ops, NULL), CORE_PARSE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_streams_unpack),
      cmocka_unit_test(gzip_takes_members_after_one_another),
      cmocka_unit_test(lz4_reads_frames_of_hadoop_and_bare_blocks),
      cmocka_unit_test(damage_is_an_error_or_other_bytes),
      cmocka_unit_test(nonsense_unpacks_with_no_codec),
      cmocka_unit_test(unknown_and_known_codecs_differ),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
