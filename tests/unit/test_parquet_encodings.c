/* SPDX-License-Identifier: GPL-3.0-or-later
 * Each encoding: values -> bytes by a plain encoder that follows the specification word by word -> our decoder, in pieces
 * of every size; bytes from the specification's own examples; and every stream cut short and changed at each byte, which
 * must end in values or an error, never beyond the bytes (the sanitizers watch). */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "validate/encoding/bit_packed.h"
#include "validate/encoding/encoding.h"
#include "validate/encoding/hybrid.h"

#define MOST 4096 /* values of a case */

static uint64_t random_state = 7;
static uint64_t next_random(void) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return random_state >> 16;
}

/* ---- a slow encoder: bits one by one, numbers byte by byte ---- */

struct bytes {
  uint8_t at[1 << 18];
  size_t n, bit;
};

static void put(struct bytes *b, unsigned byte) {
  assert_true(b->n < sizeof b->at);
  b->at[b->n++] = (uint8_t)byte;
}

static void put_little(struct bytes *b, uint64_t value, size_t n) {
  for (size_t i = 0; i < n; i++) put(b, (unsigned)(value >> (8 * i)) & 255);
}

static void put_varint(struct bytes *b, uint64_t value) {
  for (; value > 127; value >>= 7) put(b, (unsigned)(value & 127) | 128);
  put(b, (unsigned)value);
}

static void put_zigzag(struct bytes *b, int64_t value) {
  put_varint(b, value < 0 ? ~((uint64_t)value << 1) : (uint64_t)value << 1);
}

/* The lowest bit first; begins a byte of its own where bit is 0. */
static void put_bits(struct bytes *b, uint64_t value, unsigned width) {
  for (unsigned k = 0; k < width; k++, b->bit = (b->bit + 1) & 7) {
    if (b->bit == 0) put(b, 0);
    b->at[b->n - 1] |= (uint8_t)((value >> k & 1) << b->bit);
  }
}

static unsigned width_of(uint64_t value) {
  unsigned width = 0;
  while (width < 64 && value >> width) width++;
  return width;
}

/* Runs of repeats of random length between packed groups of eight. */
static void put_hybrid(struct bytes *b, const uint32_t *values, size_t n, unsigned width) {
  for (size_t i = 0; i < n;) {
    size_t run = 1;
    while (i + run < n && values[i + run] == values[i]) run++;
    if (run >= 8) {
      put_varint(b, (uint64_t)run << 1);
      put_little(b, values[i], (width + 7) / 8);
      i += run;
      continue;
    }
    const size_t groups = 1 + next_random() % 3;
    put_varint(b, (uint64_t)groups << 1 | 1);
    b->bit = 0;
    for (size_t k = 0; k < groups * 8; k++) put_bits(b, i + k < n ? values[i + k] : 0, width);
    i += groups * 8;
  }
}

static void put_delta(struct bytes *b, const int64_t *values, size_t n, size_t block, size_t minis,
                      bool narrow) {
  const uint64_t cut = narrow ? UINT32_MAX : UINT64_MAX;
  put_varint(b, block);
  put_varint(b, minis);
  put_varint(b, n);
  put_zigzag(b, n ? values[0] : 0);
  for (size_t i = 1; i < n; i += block) {
    const size_t m = n - i < block ? n - i : block;
    int64_t least = INT64_MAX;
    for (size_t k = 0; k < m; k++) {
      const uint64_t delta = ((uint64_t)values[i + k] - (uint64_t)values[i + k - 1]) & cut;
      const int64_t d = narrow ? (int32_t)(uint32_t)delta : (int64_t)delta;
      if (d < least) least = d;
    }
    put_zigzag(b, least);
    const size_t per = block / minis, widths = b->n;
    for (size_t k = 0; k < minis; k++) put(b, 0);
    for (size_t mini = 0; mini < minis && mini * per < m; mini++) {
      uint64_t over[MOST] = {0}, all = 0;
      for (size_t k = 0; k < per && mini * per + k < m; k++) {
        const size_t at = i + mini * per + k;
        over[k] = ((uint64_t)values[at] - (uint64_t)values[at - 1] - (uint64_t)least) & cut;
        all |= over[k];
      }
      b->at[widths + mini] = (uint8_t)width_of(all);
      b->bit = 0;
      for (size_t k = 0; k < per; k++) put_bits(b, over[k], width_of(all));
    }
  }
}

/* ---- decoding ---- */

struct decoded {
  uint8_t fixed[MOST * 16];
  struct core_slice slices[MOST];
  uint32_t indices[MOST];
  char text[1 << 18];
  size_t text_n;
};
static struct decoded out;

static const struct val_encoding_ops *find(int id) {
  const struct val_encoding_ops *ops = NULL;
  assert_int_equal(val_encoding_find(id, &ops, NULL), CORE_OK);
  return ops;
}

/* n values, `piece` at a time, from a copy of exactly the bytes. Slices are kept as text: they live only until the next call. */
static enum core_status decode(int id, enum val_physical type, size_t width, const uint8_t *bytes,
                               size_t n_bytes, size_t n, size_t piece, struct core_error *err) {
  const struct val_encoding_ops *ops = find(id);
  struct val_decoder *decoder = NULL;
  uint8_t *copy = core_alloc(n_bytes ? n_bytes : 1);
  assert_non_null(copy);
  if (n_bytes) memcpy(copy, bytes, n_bytes);
  assert_int_equal(ops->open(&decoder, err), CORE_OK);
  const struct val_encoded encoded = {copy, n_bytes, type, width};
  out.text_n = 0;
  enum core_status st = ops->start(decoder, &encoded, err);
  for (size_t at = 0; at < n && st == CORE_OK;) {
    const size_t m = n - at < piece ? n - at : piece;
    if (ops->indices) {
      st = ops->indices(decoder, m, out.indices + at, err);
    } else if (type == VAL_PHYSICAL_BYTE_ARRAY) {
      st = ops->slices(decoder, m, out.slices + at, err);
      for (size_t i = at; i < at + m && st == CORE_OK; i++) {
        assert_true(out.text_n + out.slices[i].len <= sizeof out.text);
        memcpy(out.text + out.text_n, out.slices[i].data, out.slices[i].len);
        out.text_n += out.slices[i].len;
      }
    } else {
      st = ops->fixed(decoder, m, out.fixed + at * width, err);
    }
    at += m;
  }
  ops->close(decoder);
  core_free(copy);
  return st;
}

/* Whatever becomes of the bytes: an end, with values or with a sentence. */
static void survives(int id, enum val_physical type, size_t width, const struct bytes *b,
                     size_t n) {
  const size_t most = b->n < 400 ? b->n : 400;
  for (size_t cut = 0; cut < most; cut++) {
    struct core_error err = {0};
    if (decode(id, type, width, b->at, cut, n, 7, &err) != CORE_OK)
      assert_true(err.message[0] != 0);
  }
  struct bytes *changed = malloc(sizeof *changed);
  assert_non_null(changed);
  for (size_t at = 0; at < most; at++) {
    for (unsigned bit = 0; bit < 8; bit++) {
      struct core_error err = {0};
      *changed = *b;
      changed->at[at] ^= (uint8_t)(1U << bit);
      if (decode(id, type, width, changed->at, b->n, n, 7, &err) != CORE_OK)
        assert_true(err.message[0] != 0);
    }
  }
  free(changed);
}

static const size_t pieces[] = {1, 3, 8, 100, MOST};

static struct bytes *fresh(void) {
  struct bytes *b = calloc(1, sizeof *b);
  assert_non_null(b);
  return b;
}

/* ---- fixed values ---- */

static void check_fixed(int id, enum val_physical type, size_t width, struct bytes *b,
                        const uint8_t *values, size_t n) {
  for (size_t i = 0; i < CORE_COUNT_OF(pieces); i++) {
    struct core_error err = {0};
    memset(out.fixed, 0xee, sizeof out.fixed);
    if (decode(id, type, width, b->at, b->n, n, pieces[i], &err) != CORE_OK)
      fail_msg("encoding %d, %zu values, pieces of %zu: %s", id, n, pieces[i], err.message);
    assert_memory_equal(out.fixed, values, n * width);
    assert_int_not_equal(decode(id, type, width, b->at, b->n, n + 3000, pieces[i], &err), CORE_OK);
  }
  survives(id, type, width, b, n);
  free(b);
}

static void plain_is_values_back_to_back(void **state) {
  (void)state;
  static const size_t widths[] = {4, 8, 12, 4, 8};
  for (size_t t = 0; t < CORE_COUNT_OF(widths); t++) {
    struct bytes *b = fresh();
    for (size_t i = 0; i < 50 * widths[t]; i++) put(b, (unsigned)next_random() & 255);
    uint8_t values[50 * 12];
    memcpy(values, b->at, b->n);
    check_fixed(0, (enum val_physical)(t + 1), widths[t], b, values, 50);
  }
}

static void plain_booleans_are_bits(void **state) {
  (void)state;
  struct bytes *b = fresh();
  uint8_t values[77];
  for (size_t i = 0; i < sizeof values; i++) {
    values[i] = next_random() & 1;
    put_bits(b, values[i], 1);
  }
  check_fixed(0, VAL_PHYSICAL_BOOLEAN, 1, b, values, sizeof values);
}

static void rle_booleans(void **state) {
  (void)state;
  struct bytes *b = fresh(), *runs = fresh();
  uint32_t bits[300];
  uint8_t values[300];
  for (size_t i = 0; i < 300; i++) {
    bits[i] = i < 100 || (i < 200 && next_random() & 1);
    values[i] = (uint8_t)bits[i];
  }
  put_hybrid(runs, bits, 300, 1);
  put_little(b, runs->n, 4);
  for (size_t i = 0; i < runs->n; i++) put(b, runs->at[i]);
  free(runs);
  check_fixed(3, VAL_PHYSICAL_BOOLEAN, 1, b, values, 300);
}

static void delta_binary_packed_of_every_width(void **state) {
  (void)state;
  for (unsigned bits = 0; bits <= 64; bits++) {
    for (size_t narrow = 0; narrow < 2 && (!narrow || bits <= 32); narrow++) {
      static int64_t values[700];
      uint8_t expected[700 * 8];
      const size_t n = 1 + next_random() % 700, width = narrow ? 4 : 8;
      for (size_t i = 0; i < n; i++) {
        const uint64_t v = (next_random() << 32 ^ next_random()) &
                           (bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1);
        values[i] = narrow ? (int32_t)(uint32_t)v : (int64_t)v;
        memcpy(expected + i * width, &values[i], width);
      }
      struct bytes *b = fresh();
      put_delta(b, values, n, bits % 2 ? 128 : 256, bits % 3 ? 4 : 1, narrow);
      if (bits % 16 == 0) {
        check_fixed(5, narrow ? VAL_PHYSICAL_INT32 : VAL_PHYSICAL_INT64, width, b, expected, n);
        continue;
      }
      struct core_error err = {0};
      assert_int_equal(decode(5, narrow ? VAL_PHYSICAL_INT32 : VAL_PHYSICAL_INT64, width, b->at,
                              b->n, n, 100, &err),
                       CORE_OK);
      assert_memory_equal(out.fixed, expected, n * width);
      free(b);
    }
  }
}

static void byte_stream_split_of_every_width(void **state) {
  (void)state;
  static const struct {
    enum val_physical type;
    size_t width;
  } cases[] = {{VAL_PHYSICAL_FLOAT, 4}, {VAL_PHYSICAL_DOUBLE, 8}, {VAL_PHYSICAL_INT32, 4},
               {VAL_PHYSICAL_INT64, 8}, {VAL_PHYSICAL_FIXED, 1},  {VAL_PHYSICAL_FIXED, 5},
               {VAL_PHYSICAL_FIXED, 16}};
  for (size_t c = 0; c < CORE_COUNT_OF(cases); c++) {
    struct bytes *b = fresh();
    const size_t n = 61, width = cases[c].width;
    uint8_t values[61 * 16];
    for (size_t i = 0; i < n * width; i++) values[i] = (uint8_t)next_random();
    for (size_t k = 0; k < width; k++)
      for (size_t i = 0; i < n; i++) put(b, values[i * width + k]);
    check_fixed(9, cases[c].type, width, b, values, n);
  }
}

/* ---- byte arrays ---- */

static char words[MOST][40];
static char joined[1 << 18];
static size_t joined_n;

static void make_words(size_t n) {
  joined_n = 0;
  for (size_t i = 0; i < n; i++) {
    const size_t keep = i ? next_random() % (strlen(words[i - 1]) + 1) : 0;
    const size_t len = keep + next_random() % 8;
    if (i) memcpy(words[i], words[i - 1], keep);
    for (size_t k = keep; k < len && k < 39; k++) words[i][k] = (char)('a' + next_random() % 26);
    words[i][len < 39 ? len : 39] = 0;
    memcpy(joined + joined_n, words[i], strlen(words[i]));
    joined_n += strlen(words[i]);
  }
}

static void check_words(int id, struct bytes *b, size_t n) {
  for (size_t i = 0; i < CORE_COUNT_OF(pieces); i++) {
    struct core_error err = {0};
    if (decode(id, VAL_PHYSICAL_BYTE_ARRAY, 0, b->at, b->n, n, pieces[i], &err) != CORE_OK)
      fail_msg("encoding %d, pieces of %zu: %s", id, pieces[i], err.message);
    assert_int_equal(out.text_n, joined_n);
    assert_memory_equal(out.text, joined, joined_n);
    for (size_t k = 0; k < n; k++) assert_int_equal(out.slices[k].len, strlen(words[k]));
    assert_int_not_equal(
        decode(id, VAL_PHYSICAL_BYTE_ARRAY, 0, b->at, b->n, n + 1, pieces[i], &err), CORE_OK);
  }
  survives(id, VAL_PHYSICAL_BYTE_ARRAY, 0, b, n);
  free(b);
}

static void byte_arrays(void **state) {
  (void)state;
  const size_t n = 333;
  static int64_t lengths[MOST], prefixes[MOST], suffixes[MOST];
  make_words(n);
  struct bytes *plain = fresh(), *length = fresh(), *delta = fresh();
  for (size_t i = 0; i < n; i++) {
    const size_t len = strlen(words[i]);
    size_t shared = 0;
    while (i && shared < len && words[i][shared] == words[i - 1][shared]) shared++;
    put_little(plain, len, 4);
    for (size_t k = 0; k < len; k++) put(plain, (unsigned char)words[i][k]);
    lengths[i] = (int64_t)len;
    prefixes[i] = (int64_t)shared;
    suffixes[i] = (int64_t)(len - shared);
  }
  put_delta(length, lengths, n, 128, 4, true);
  for (size_t i = 0; i < joined_n; i++) put(length, (unsigned char)joined[i]);
  put_delta(delta, prefixes, n, 128, 4, true);
  put_delta(delta, suffixes, n, 128, 4, true);
  for (size_t i = 0; i < n; i++)
    for (size_t k = (size_t)prefixes[i]; words[i][k]; k++) put(delta, (unsigned char)words[i][k]);
  check_words(0, plain, n);
  check_words(6, length, n);
  check_words(7, delta, n);
}

static void delta_byte_arrays_of_one_length(void **state) {
  (void)state;
  static const char *const values[] = {"axis", "axle", "babe", "baby", "baby"};
  static const int64_t prefixes[] = {0, 2, 0, 3, 4}, suffixes[] = {4, 2, 4, 1, 0};
  uint8_t expected[20];
  struct bytes *b = fresh();
  put_delta(b, prefixes, 5, 128, 4, true);
  put_delta(b, suffixes, 5, 128, 4, true);
  for (size_t i = 0; i < 5; i++) {
    memcpy(expected + i * 4, values[i], 4);
    for (size_t k = (size_t)prefixes[i]; k < 4; k++) put(b, (unsigned char)values[i][k]);
  }
  check_fixed(7, VAL_PHYSICAL_FIXED, 4, b, expected, 5);
}

/* ---- indices and levels ---- */

static void dictionary_indices_of_every_width(void **state) {
  (void)state;
  for (unsigned width = 0; width <= 32; width++) {
    struct bytes *b = fresh();
    uint32_t values[600];
    uint32_t last = 0;
    for (size_t i = 0; i < 600; i++) {
      if (i % 50 < 25 || i % 50 > 45)
        last = (uint32_t)(next_random() & (((uint64_t)1 << width) - 1));
      values[i] = last;
    }
    put(b, width);
    put_hybrid(b, values, 600, width);
    for (size_t i = 0; i < CORE_COUNT_OF(pieces); i++) {
      struct core_error err = {0};
      assert_int_equal(decode(8, VAL_PHYSICAL_INT32, 4, b->at, b->n, 600, pieces[i], &err),
                       CORE_OK);
      assert_memory_equal(out.indices, values, sizeof values);
      assert_int_equal(decode(2, VAL_PHYSICAL_BYTE_ARRAY, 0, b->at, b->n, 600, pieces[i], &err),
                       CORE_OK);
      assert_memory_equal(out.indices, values, sizeof values);
      if (width > 0)
        assert_int_not_equal(decode(8, VAL_PHYSICAL_INT32, 4, b->at, b->n, 700, pieces[i], &err),
                             CORE_OK);
    }
    if (width % 8 == 3) survives(8, VAL_PHYSICAL_INT32, 4, b, 600);
    free(b);
  }
}

/* Encodings.md: the numbers 0 to 7 in three bits, in both orders. */
static void examples_of_the_specification(void **state) {
  (void)state;
  static const uint8_t hybrid_bytes[] = {3, 0x88, 0xc6, 0xfa};
  static const uint8_t packed_bytes[] = {0x05, 0x39, 0x77};
  struct val_hybrid hybrid;
  struct val_bit_packed packed = {.bytes = packed_bytes, .n_bytes = 3, .width = 3};
  uint32_t numbers[9];
  uint8_t small[9];
  val_hybrid_open(&hybrid, hybrid_bytes, sizeof hybrid_bytes, 3);
  assert_true(val_hybrid_read(&hybrid, numbers, 8));
  assert_false(val_hybrid_read(&hybrid, numbers + 8, 1));
  assert_true(val_bit_packed_read(&packed, small, 8));
  assert_false(val_bit_packed_read(&packed, small + 8, 1));
  for (unsigned i = 0; i < 8; i++) {
    assert_int_equal(numbers[i], i);
    assert_int_equal(small[i], i);
  }
  assert_int_equal(val_bit_packed_bytes(30, 2), 8);
}

static void unknown_and_known_encodings_differ(void **state) {
  (void)state;
  const struct val_encoding_ops *ops = NULL;
  struct core_error err = {0};
  assert_int_equal(val_encoding_find(10, &ops, &err), CORE_UNSUPPORTED);
  assert_non_null(strstr(err.message, "ALP"));
  core_error_clear(&err);
  assert_int_equal(val_encoding_find(4, &ops, &err), CORE_UNSUPPORTED);
  core_error_clear(&err);
  assert_int_equal(val_encoding_find(11, &ops, &err), CORE_PARSE);
  assert_int_equal(val_encoding_find(-1, &ops, NULL), CORE_PARSE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_is_values_back_to_back),
      cmocka_unit_test(plain_booleans_are_bits),
      cmocka_unit_test(rle_booleans),
      cmocka_unit_test(delta_binary_packed_of_every_width),
      cmocka_unit_test(byte_stream_split_of_every_width),
      cmocka_unit_test(byte_arrays),
      cmocka_unit_test(delta_byte_arrays_of_one_length),
      cmocka_unit_test(dictionary_indices_of_every_width),
      cmocka_unit_test(examples_of_the_specification),
      cmocka_unit_test(unknown_and_known_encodings_differ),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
