/* SPDX-License-Identifier: GPL-3.0-or-later
 * Each codec on streams whose bytes are known: packed by the library's own command in form, or written by hand after the
 * format's specification; then cut short at each byte, changed at each byte, and asked for one byte more or fewer. */
#include "tests/support/joined.h"
#include "tests/support/support.h"

#include <stdbool.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
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

/* Piece by piece it is the same, or cannot be done. True: it could. */
static bool pieces_agree(int id, const uint8_t *bytes, size_t n, const uint8_t *out, size_t out_n,
                         enum core_status expected) {
  struct core_error err = {0};
  if (!find(id)->unpack_pieces) return false;
  struct joined joined = {.bytes = core_alloc(out_n), .most = out_n};
  const struct val_codec_pieces to = {joined_take, &joined};
  assert_non_null(joined.bytes);
  const enum core_status st = find(id)->unpack_pieces(bytes, n, out_n, &to, &err);
  assert_false(joined.is_wrong);
  if (st != CORE_OK) assert_true(err.message[0] != 0);
  if (st != CORE_UNSUPPORTED) assert_int_equal(st, expected);
  if (st == CORE_OK) {
    assert_int_equal(joined.n, out_n);
    assert_memory_equal(joined.bytes, out, out_n);
  }
  core_free(joined.bytes);
  return st == CORE_OK;
}

/* Into a block of exactly out_n bytes, from a copy of exactly n. */
static enum core_status unpack(int id, const char *bytes, size_t n, char *out, size_t out_n,
                               struct core_error *err) {
  uint8_t *from = core_alloc(n), *to = core_alloc(out_n);
  assert_true(from && to);
  memcpy(from, bytes, n);
  const enum core_status st = find(id)->unpack(from, n, to, out_n, err);
  memcpy(out, to, out_n);
  (void)pieces_agree(id, from, n, to, out_n, st);
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
  const uint32_t crc = val_crc32(0, (const uint8_t *)TEXT, N);
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

/* ---- large streams, made of random parts, with what they give ---- */

struct made {
  uint8_t *packed, *out;
  size_t n_packed, n_out, cap;
  struct core_rng rng;
};

static void made_open(struct made *m, size_t cap, uint64_t seed) {
  *m = (struct made){.packed = core_alloc(2 * cap), .out = core_alloc(cap), .cap = cap};
  assert_true(m->packed && m->out);
  core_rng_init(&m->rng, seed, 0, 0);
}

static void made_close(struct made *m) {
  core_free(m->packed);
  core_free(m->out);
}

static size_t below(struct made *m, size_t n) {
  return (size_t)core_rng_below(&m->rng, n);
}

static void put(struct made *m, size_t byte) {
  m->packed[m->n_packed++] = (uint8_t)byte;
}

static void put_literal(struct made *m, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const uint8_t byte = (uint8_t)below(m, 256);
    put(m, byte);
    m->out[m->n_out++] = byte;
  }
}

static void copy_back(struct made *m, size_t back, size_t n) {
  for (size_t i = 0; i < n; i++, m->n_out++) m->out[m->n_out] = m->out[m->n_out - back];
}

/* Now near, now as far as can be. */
static size_t some_way_back(struct made *m) {
  const size_t most = m->n_out < 65535 ? m->n_out : 65535;
  return below(m, 4) == 0 ? most : 1 + below(m, below(m, 2) ? most : (most < 20 ? most : 20));
}

static void made_snappy(struct made *m, size_t n, size_t longest) {
  for (size_t left = n; left > 0; left >>= 7) put(m, (left & 127) | (left > 127 ? 128 : 0));
  while (m->n_out < n) {
    const size_t rest = n - m->n_out, kind = m->n_out == 0 ? 0 : below(m, 3);
    size_t len = 1 + below(m, kind == 0 ? longest : 64);
    if (len > rest) len = rest;
    if (kind == 0) {
      if (len <= 60) {
        put(m, (len - 1) << 2);
      } else {
        put(m, 62 << 2);
        for (size_t k = 0; k < 3; k++) put(m, (len - 1) >> (8 * k) & 255);
      }
      put_literal(m, len);
      continue;
    }
    const size_t back = some_way_back(m);
    if (kind == 1 && len >= 4 && len <= 11 && back < 2048) {
      put(m, 1 | (len - 4) << 2 | back >> 8 << 5);
      put(m, back & 255);
    } else {
      put(m, 2 | (len - 1) << 2);
      put(m, back & 255);
      put(m, back >> 8);
    }
    copy_back(m, back, len);
  }
}

static void put_lz4_length(struct made *m, size_t n) {
  if (n < 15) return;
  for (n -= 15; n >= 255; n -= 255) put(m, 255);
  put(m, n);
}

static void made_lz4(struct made *m, size_t n, size_t longest) {
  for (;;) {
    const size_t rest = n - m->n_out, most = rest < longest ? rest : longest;
    const bool last = rest < 200 + longest;
    const size_t literals = last ? rest : m->n_out == 0 ? 1 + below(m, most) : below(m, most);
    const size_t copy = last ? 0 : 4 + below(m, 100);
    put(m, (literals < 15 ? literals : 15) << 4 | (last ? 0 : copy - 4 < 15 ? copy - 4 : 15));
    put_lz4_length(m, literals);
    put_literal(m, literals);
    if (last) return;
    const size_t back = some_way_back(m);
    put(m, back & 255);
    put(m, back >> 8);
    put_lz4_length(m, copy - 4);
    copy_back(m, back, copy);
  }
}

/* Stored blocks of RFC 1951; then, of RFC 8878, raw blocks and repeated bytes. */
static void made_gzip(struct made *m, size_t n, size_t longest) {
  memcpy(m->packed, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
  for (m->n_packed = 10; m->n_out < n;) {
    const size_t rest = n - m->n_out, len = 1 + below(m, longest < 65535 ? longest : 65535);
    const size_t some = len < rest ? len : rest;
    put(m, some == rest);
    for (size_t k = 0; k < 4; k++) put(m, ((k < 2 ? some : ~some) >> (8 * (k & 1))) & 255);
    put_literal(m, some);
  }
  const uint32_t crc = val_crc32(0, m->out, n);
  for (size_t k = 0; k < 4; k++) put(m, crc >> (8 * k) & 255);
  for (size_t k = 0; k < 4; k++) put(m, n >> (8 * k) & 255);
}

static void made_zstd(struct made *m, size_t n, size_t longest) {
  memcpy(m->packed, "\x28\xb5\x2f\xfd\x00\x58", 6); /* a window of 2 MiB */
  for (m->n_packed = 6; m->n_out < n;) {
    const size_t rest = n - m->n_out, len = 1 + below(m, longest < 65536 ? longest : 65536);
    const size_t some = len < rest ? len : rest, repeat = below(m, 2);
    const size_t head = (some == rest) | repeat << 1 | some << 3;
    for (size_t k = 0; k < 3; k++) put(m, head >> (8 * k) & 255);
    put_literal(m, repeat ? 1 : some);
    if (repeat) copy_back(m, 1, some - 1);
  }
}

static void large_streams_come_in_pieces(void **state) {
  static const struct {
    int id;
    void (*make)(struct made *m, size_t n, size_t longest);
    size_t longest; /* literal */
  } kinds[] = {{1, made_snappy, 30},  {1, made_snappy, 65536}, {7, made_lz4, 30},
               {7, made_lz4, 600000}, {2, made_gzip, 65535},   {6, made_zstd, 65536}};
  (void)state;
  for (size_t i = 0; i < CORE_COUNT_OF(kinds); i++)
    for (size_t round = 0; round < 4; round++) {
      struct made m;
      const size_t n = VAL_CODEC_PIECE * round * 2 + 1000 * round + 700 + round;
      made_open(&m, n, round);
      kinds[i].make(&m, n, kinds[i].longest);
      assert_int_equal(m.n_out, n);
      uint8_t *out = core_alloc(n + 1);
      assert_non_null(out);
      assert_int_equal(find(kinds[i].id)->unpack(m.packed, m.n_packed, out, n, NULL), CORE_OK);
      assert_memory_equal(out, m.out, n);
      assert_true(pieces_agree(kinds[i].id, m.packed, m.n_packed, m.out, n, CORE_OK));
      assert_false(pieces_agree(kinds[i].id, m.packed, m.n_packed, m.out, n + 1, CORE_PARSE));
      assert_false(pieces_agree(kinds[i].id, m.packed, m.n_packed, m.out, n - 1, CORE_PARSE));
      assert_false(pieces_agree(kinds[i].id, m.packed, m.n_packed - 1, m.out, n, CORE_PARSE));
      for (size_t k = 0; k < 60; k++) {
        const size_t at = below(&m, m.n_packed), bit = below(&m, 8);
        m.packed[at] ^= (uint8_t)(1U << bit);
        const enum core_status st = find(kinds[i].id)->unpack(m.packed, m.n_packed, out, n, NULL);
        (void)pieces_agree(kinds[i].id, m.packed, m.n_packed, out, n, st);
        m.packed[at] ^= (uint8_t)(1U << bit);
      }
      core_free(out);
      made_close(&m);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_streams_unpack),
      cmocka_unit_test(gzip_takes_members_after_one_another),
      cmocka_unit_test(lz4_reads_frames_of_hadoop_and_bare_blocks),
      cmocka_unit_test(damage_is_an_error_or_other_bytes),
      cmocka_unit_test(nonsense_unpacks_with_no_codec),
      cmocka_unit_test(unknown_and_known_codecs_differ),
      cmocka_unit_test(large_streams_come_in_pieces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
