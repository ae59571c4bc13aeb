/* SPDX-License-Identifier: GPL-3.0-or-later
 * Damaged CSV: seeded mutations of awkward files, read under every dialect with small batches. Whatever comes in, reading
 * ends, in good batches or with a status that says why; the same bytes read in batches of another size give the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/csv_dump.h"
#include "tests/support/support.h"

#define ROUNDS    30000
#define MOST_TEXT 4096

static const char *const seeds[] = {
    "id,when,flag,x\n1,2012-01-01,true,1.5\n2,2012-01-02,false,\n3,,TRUE,1e5\n",
    "a,\"b\nc\",d\r\n\"1\"\"2\",\"x\r\ny\",\r\n,,\r\n",
    "a;b;c\n1;'x;y';z\n\n  \n2;'it''s';\n",
    "\xef\xbb\xbfn\xc3\xa4me\tcode\n\xe2\x82\xac\t007\n\xf0\x9f\x98\x80\t+49\n",
    "t\n2012-01-01T10:00:00Z\n2012-01-01 10:00+02\n99999999999999999999\n-9223372036854775808\n",
    "a,a,,a.1\n1,2,3\n1,2,3,4,5\nNA,None,nan,inf\n",
};
static const char *const shared_seeds[] = {"csv-testing/csv-spectrum/csvs/quotes_and_newlines.csv",
                                           "csv-testing/csv-spectrum/csvs/utf8.csv",
                                           "csv-testing/duckdb/evil_nullpadding.csv",
                                           "csv-testing/duckdb/mixed_dates.csv",
                                           "csv-testing/duckdb/nullbyte_header.csv",
                                           "csv-testing/duckdb/invalid_utf8.csv"};

static uint64_t state_of_random = 99;

static size_t below(size_t n) {
  state_of_random = state_of_random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(state_of_random >> 33) % n;
}

static size_t load_seed(char *text) {
  const size_t pick = below(CORE_COUNT_OF(seeds) + CORE_COUNT_OF(shared_seeds));
  const char *path =
      pick < CORE_COUNT_OF(seeds) ? NULL : test_data(shared_seeds[pick - CORE_COUNT_OF(seeds)]);
  if (path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t n = fread(text, 1, MOST_TEXT / 2, file);
    fclose(file);
    return n;
  }
  const char *seed = seeds[pick % CORE_COUNT_OF(seeds)];
  memcpy(text, seed, strlen(seed));
  return strlen(seed);
}

static size_t mutate(char *text, size_t len) {
  static const char awkward[] = "\"\",;\n\r\t '0-+.eE:TZ\0\xff\xc3\x80\xf0";
  for (size_t n = 1 + below(8); n > 0 && len > 0; n--) {
    const size_t at = below(len), run = below(len - at) + 1;
    switch (below(5)) {
    case 0:
      text[at] = awkward[below(sizeof awkward - 1)];
      break;
    case 1:
      text[at] = (char)below(256);
      break;
    case 2: /* cut a piece out */
      memmove(text + at, text + at + run, len - at - run);
      len -= run;
      break;
    case 3: /* repeat a piece */
      if (len + run > MOST_TEXT) break;
      memmove(text + at + run, text + at, len - at);
      len += run;
      break;
    default:
      len = at + 1;
      break; /* torn */
    }
  }
  return len;
}

static void strings_are_utf8(const struct csv_dump *dump) {
  const struct core_str *rows = &dump->rows;
  assert_int_equal(core_utf8_valid_prefix(core_str_text(rows), rows->len), rows->len);
  assert_int_equal(core_utf8_valid_prefix(core_str_text(&dump->schema), dump->schema.len),
                   dump->schema.len);
}

static enum core_status dump_text(const char *text, size_t len,
                                  const struct val_read_options *options, struct csv_dump *dump) {
  struct core_source *source = NULL;
  assert_int_equal(core_source_open_memory("mutated", text, len, &source, NULL), CORE_OK);
  const enum core_status st = test_csv_dump(source, options, dump, NULL);
  core_source_close(source);
  return st;
}

static void reading_ends_whatever_comes(void **state) {
  (void)state;
  static const struct {
    char delimiter, quote;
    const char *encoding;
  } dialects[] = {{0, 0, NULL}, {0, 0, "latin-1"}, {';', '\'', NULL}, {'\t', 0, NULL}};
  static const struct val_field declared[] = {
      {.name = "id", .type = VAL_TYPE_INT64, .declared = true},
      {.name = "t", .type = VAL_TYPE_TIMESTAMP_UTC, .declared = true}};
  int good = 0, refused = 0;
  for (int round = 0; round < ROUNDS; round++) {
    char buffer[MOST_TEXT];
    const size_t len = mutate(buffer, load_seed(buffer));
    char *text = core_alloc(len); /* of exactly its size, for the sanitizer */
    assert_non_null(text);
    memcpy(text, buffer, len);
    const size_t pick = below(CORE_COUNT_OF(dialects));
    struct val_read_options options = {.header = below(4) > 0,
                                       .delimiter = dialects[pick].delimiter,
                                       .quote = dialects[pick].quote,
                                       .encoding = dialects[pick].encoding,
                                       .declared = declared,
                                       .n_declared = below(2) * CORE_COUNT_OF(declared),
                                       .max_field_bytes = below(10) ? 0 : 20};
    struct csv_dump dumps[2];
    enum core_status st[2];
    for (int i = 0; i < 2; i++) {
      options.batch_rows = i == 0 ? 1 + below(3) : 0;
      st[i] = dump_text(text, len, &options, &dumps[i]);
      if (st[i] == CORE_OK) strings_are_utf8(&dumps[i]);
    }
    assert_int_equal(st[0], st[1]);
    if (st[0] == CORE_OK) {
      assert_string_equal(core_str_text(&dumps[0].schema), core_str_text(&dumps[1].schema));
      assert_string_equal(core_str_text(&dumps[0].rows), core_str_text(&dumps[1].rows));
      assert_string_equal(core_str_text(&dumps[0].findings), core_str_text(&dumps[1].findings));
    }
    good += st[0] == CORE_OK;
    refused += st[0] == CORE_LIMIT || st[0] == CORE_PARSE;
    assert_int_equal(good + refused, round + 1);
    test_csv_dump_close(&dumps[0]);
    test_csv_dump_close(&dumps[1]);
    core_free(text);
  }
  assert_true(good > ROUNDS / 2 && refused > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reading_ends_whatever_comes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
