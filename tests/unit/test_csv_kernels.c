/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every kernel that runs here against the reference parser: the index itself at all offsets and lengths, then whole files,
 * hand-made and random, mostly well-formed so that the scanner keeps them, with buffers of many sizes. Blocks, origins,
 * findings and statuses are the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/csv_random.h"
#include "tests/support/support.h"
#include "validate/csv/csv_kernel.h"
#include "validate/csv/tokenizer.h"

/* ------------------------------------------------------------------ the index */

static unsigned look_naively(const char *bytes, size_t from, size_t to, struct val_csv_index *x) {
  unsigned odd = 0;
  for (size_t i = from; i < to; i++) {
    const char c = bytes[i];
    odd |= (c & 0x80 ? (unsigned)VAL_CSV_HIGH : 0) | (c == 0 ? (unsigned)VAL_CSV_NUL : 0);
    if (c == '"' || c == '\n' || c == '\r') x->special[x->n_special++] = (uint32_t)x->n;
    if (c == '"' || c == '\n' || c == '\r' || c == ';') x->at[x->n++] = (uint32_t)i;
  }
  return odd;
}

/* Kernels that this processor may lack, the same source on emulated instructions. */
extern const struct val_csv_kernel test_csv_kernel_avx512, test_csv_kernel_neon;

enum { MOST_BYTES = 300 };
struct index_room {
  uint32_t at[MOST_BYTES + 2 * VAL_CSV_SLACK], special[MOST_BYTES + 2 * VAL_CSV_SLACK];
};

/* One kernel, asked for two halves, against the naive search. */
static void finds_the_same(const struct val_csv_kernel *kernel, const char *bytes, size_t from,
                           size_t to) {
  static struct index_room naive_room, room;
  struct val_csv_index naive = {naive_room.at + 1, 0, naive_room.special, 0};
  struct val_csv_index got = {room.at + 1, 0, room.special, 0};
  const unsigned odd = look_naively(bytes, from, to, &naive);
  const size_t half = from + (to - from) / 2;
  unsigned got_odd = kernel->find(bytes, from, half, ';', '"', &got);
  got_odd |= kernel->find(bytes, half, to, ';', '"', &got);
  assert_int_equal(got_odd, odd);
  assert_int_equal(got.n, naive.n);
  assert_int_equal(got.n_special, naive.n_special);
  assert_memory_equal(got.at, naive.at, naive.n * sizeof *naive.at);
  assert_memory_equal(got.special, naive.special, naive.n_special * sizeof *naive.special);
}

static void finds_the_same_in_random_bytes(const struct val_csv_kernel *kernel) {
  static const char alphabet[] = "abcdef;;\"\"\n\r\0\x80\xff:<!#\x0b\x0e\x09\x0c{";
  uint64_t seed = 7;
  char bytes[MOST_BYTES + VAL_CSV_SLACK];
  for (int round = 0; round < 4000; round++) {
    const size_t spread = round % 3 ? sizeof alphabet - 1 : 8;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = alphabet[test_csv_random(&seed) % spread];
    const size_t from = test_csv_random(&seed) % 70;
    finds_the_same(kernel, bytes, from, from + test_csv_random(&seed) % (MOST_BYTES - 70));
  }
}

static void every_kernel_finds_the_same_bytes(void **state) {
  (void)state;
  for (const struct val_csv_kernel *const *k = val_csv_kernel_all(); *k; k++)
    if ((*k)->runs_here()) finds_the_same_in_random_bytes(*k);
}

static void kernels_of_other_processors_find_the_same_bytes(void **state) {
  (void)state;
  if (!test_csv_kernel_avx512.find || !test_csv_kernel_neon.find) skip(); /* without SIMDe */
  finds_the_same_in_random_bytes(&test_csv_kernel_avx512);
  finds_the_same_in_random_bytes(&test_csv_kernel_neon);
}

/* ------------------------------------------------------------------ whole inputs */

static void log_block(struct core_str *log, const struct val_csv_block *block) {
  for (size_t r = 0; r < block->n_records; r++) {
    core_str_printf(log, "%lld+%lld ", (long long)block->line[r], (long long)block->byte[r]);
    for (size_t i = 0; i < block->n_fields; i++) {
      const struct val_csv_field f = block->fields[r * block->n_fields + i];
      if (f.len == VAL_CSV_ABSENT) {
        core_str_text_append(log, "-:");
        continue;
      }
      core_str_printf(log, "%u:", f.len);
      core_str_append(log, block->bytes + f.start, f.len);
    }
    core_str_char(log, '\n');
  }
  core_str_text_append(log, "==\n");
}

static void log_findings(struct core_str *log, const struct val_findings *findings) {
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    core_str_printf(log, "%d %llu\n", kind, (unsigned long long)findings->count[kind]);
    for (uint64_t i = 0; i < findings->count[kind] && i < VAL_FINDINGS_KEPT; i++) {
      const struct val_finding *f = &findings->kept[kind][i];
      core_str_printf(log, "%lld %lld %lld %s\n", (long long)f->row, (long long)f->line,
                      (long long)f->byte, f->message);
    }
  }
}

struct shape {
  size_t max_records, max_bytes;
  unsigned skip; /* every so many columns are left out; 0: none */
};

static void write_down(const char *text, size_t len, const struct val_csv_dialect *dialect,
                       const struct shape *shape, struct core_str *log) {
  struct core_source *source = NULL;
  struct val_csv_tokenizer *t = NULL;
  struct val_findings findings = {0};
  struct val_csv_block block;
  struct core_error err = {0};
  bool keep[64];
  assert_int_equal(core_source_open_memory("text", text, len, &source, &err), CORE_OK);
  enum core_status st = val_csv_open(source, dialect, &findings, &t, &err);
  if (st == CORE_OK) st = val_csv_first(t, &block, &err);
  if (st == CORE_OK && block.n_records > 0 && block.n_fields < CORE_COUNT_OF(keep)) {
    log_block(log, &block);
    for (size_t i = 0; i < CORE_COUNT_OF(keep); i++) keep[i] = !shape->skip || i % shape->skip == 0;
    st = val_csv_expect(t, block.n_fields, keep, shape->max_records, shape->max_bytes, &err);
    for (int pass = 0; pass < 2 && st == CORE_OK; pass++) {
      do {
        st = val_csv_next(t, &block, &err);
        if (st == CORE_OK) log_block(log, &block);
      } while (st == CORE_OK && block.n_records > 0);
      if (st == CORE_OK && pass == 0) st = val_csv_restart(t, &err);
    }
  }
  core_str_printf(log, "status %d line %d %s\n", (int)st, err.line, err.message);
  if (st == CORE_OK)
    log_findings(log, &findings); /* how far a failed read looked ahead is its own affair */
  val_csv_close(t);
  val_findings_close(&findings);
  core_source_close(source);
}

static void assert_same_as_reference(const char *text, size_t len, struct val_csv_dialect dialect,
                                     const struct shape *shape, size_t buffer) {
  struct core_str expected = {0};
  dialect.kernel = "libcsv";
  dialect.buffer_bytes = 0;
  write_down(text, len, &dialect, shape, &expected);
  for (const struct val_csv_kernel *const *k = val_csv_kernel_all(); *k; k++) {
    if (!(*k)->runs_here()) continue;
    struct core_str got = {0};
    dialect.kernel = (*k)->name;
    dialect.buffer_bytes = buffer;
    write_down(text, len, &dialect, shape, &got);
    if (got.len != expected.len || memcmp(got.data, expected.data, got.len) != 0) {
      struct core_str shown = {0};
      core_str_json(&shown, text, len);
      fail_msg("kernel %s, buffer of %zu, input %s\nexpected:\n%s\ngot:\n%s", (*k)->name, buffer,
               core_str_text(&shown), core_str_text(&expected), core_str_text(&got));
    }
    core_str_close(&got);
  }
  core_str_close(&expected);
}

static const struct val_csv_dialect dialects[] = {
    {.delimiter = ',', .quote = '"', .max_field_bytes = 1000},
    {.delimiter = '\t', .quote = '\'', .max_field_bytes = 1000},
    {.delimiter = ' ', .quote = '"', .max_field_bytes = 1000},
    {.delimiter = ',', .quote = ' ', .max_field_bytes = 1000},
    {.delimiter = ',', .quote = '"', .encoding = VAL_ENCODING_LATIN1, .max_field_bytes = 1000},
    {.delimiter = ',', .quote = '"', .max_field_bytes = 12}};

static void hand_made_inputs_at_every_cut(void **state) {
  (void)state;
  static const char *const texts[] = {
      "a,b\n1,2\n3,4",
      "a,b\r\n1,2\r\n\r\n \t\r\n3,4\r\n",
      "a,b\r1,2\r3,4\r",
      "a,b\n\"x,y\",\"p\nq\"\n\"d\"\"d\",\"\"\n\"\"\"\",\"\"\"\"\"\"\n",
      "a,b\n\"x\"y,1\n\"x\" ,1\nx\"y,1\n,\"\n,\n",
      "a,b\n1\n1,2,3\n\n,\n",
      "a\n\"\"\n\" \"\n \nx\n\"\n\"\n",
      "\xef\xbb\xbf\n\na,b\n\xc3\xa9,2\n3,\xff\n4,5\n",
      "a,b\n1,\"open\n2,3\n",
      "a,b\n1,\"open\r\n\r\n",
      "a,b\n\"1\r\n2\r3\n4\",5\r\n6,7\n",
      "a,b\n1,2\r\n3,4\r5,6\n\r7,8\n\n\r\n9,10\r\r\n",
      "",
      "\n\n",
      "a",
      "a,b\n" /* no record */,
      "a,b,c\n1,,3\n,,\n,\"\",\n",
      "'a'\t'b'\n'x''y'\t'\t'\n",
      "aaaaaaaaaaaaa,b\n1,2\n",
      "a,b\n1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n2,3\n",
      "a,b\n1,2\n                                        \xff\"x,2\n3,4\n",
  };
  static const struct shape shapes[] = {{100, 1 << 20, 0}, {1, 1 << 20, 0}, {3, 9, 2}};
  for (size_t i = 0; i < CORE_COUNT_OF(texts); i++)
    for (size_t d = 0; d < CORE_COUNT_OF(dialects); d++)
      for (size_t k = 0; k < CORE_COUNT_OF(shapes); k++)
        for (size_t buffer = 4; buffer <= strlen(texts[i]) + 1 || buffer == 4; buffer++)
          assert_same_as_reference(texts[i], strlen(texts[i]), dialects[d], &shapes[k], buffer);
}

static void random_tables_in_buffers_of_many_sizes(void **state) {
  (void)state;
  uint64_t seed = 424242;
  enum { MOST = 4000 };
  static char text[MOST];
  for (int round = 0; round < 3000; round++) {
    struct val_csv_dialect dialect = dialects[test_csv_random(&seed) % CORE_COUNT_OF(dialects)];
    if (dialect.max_field_bytes > 12) dialect.max_field_bytes = 100000;
    const size_t most = round % 10 ? 300 : MOST;
    const size_t faults = test_csv_random(&seed) % 3 ? 0 : 1 + test_csv_random(&seed) % 3;
    const size_t len =
        test_csv_random_table(&seed, text, most, dialect.delimiter, dialect.quote, faults);
    const struct shape shape = {1 + test_csv_random(&seed) % 40, 1 + test_csv_random(&seed) % 500,
                                (unsigned)(test_csv_random(&seed) % 4)};
    const size_t buffer = 4 + test_csv_random(&seed) % (round % 2 ? 64 : 2000);
    assert_same_as_reference(text, len, dialect, &shape, buffer);
  }
}

/* Longer than the windows and reads of the scanner. */
static void megabytes_of_records(void **state) {
  (void)state;
  struct core_str text = {0};
  uint64_t seed = 5;
  core_str_text_append(&text, "a,b,c\n");
  while (text.len < (size_t)3 << 20) {
    const uint64_t pick = test_csv_random(&seed);
    core_str_printf(&text, pick % 50 ? "%llu,%llu,x\n" : "\"%llu\n,%llu\",\"\"\"\",\n",
                    (unsigned long long)pick, (unsigned long long)test_csv_random(&seed));
    if (pick % 20000 == 7) core_str_text_append(&text, "1,2\xff,3\n");
    if (pick % 50000 == 9) {
      core_str_text_append(&text, "\"");
      for (int i = 0; i < 100000; i++) core_str_text_append(&text, "long, ");
      core_str_text_append(&text, "\",2,3\n");
    }
  }
  const struct val_csv_dialect dialect = {
      .delimiter = ',', .quote = '"', .max_field_bytes = 1 << 24};
  const struct shape shape = {5000, 100000, 0};
  assert_same_as_reference(text.data, text.len, dialect, &shape, 0);
  core_str_close(&text);
}

static void an_unknown_kernel_is_refused(void **state) {
  (void)state;
  struct core_source *source = NULL;
  struct val_csv_tokenizer *t = NULL;
  struct val_findings findings = {0};
  struct core_error err = {0};
  const struct val_csv_dialect dialect = {
      .delimiter = ',', .quote = '"', .max_field_bytes = 9, .kernel = "vax"};
  assert_int_equal(core_source_open_memory("text", "a", 1, &source, NULL), CORE_OK);
  assert_int_equal(val_csv_open(source, &dialect, &findings, &t, &err), CORE_INVAL);
  assert_non_null(strstr(err.message, "'vax'"));
  core_source_close(source);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kernel_finds_the_same_bytes),
      cmocka_unit_test(kernels_of_other_processors_find_the_same_bytes),
      cmocka_unit_test(hand_made_inputs_at_every_cut),
      cmocka_unit_test(random_tables_in_buffers_of_many_sizes),
      cmocka_unit_test(megabytes_of_records),
      cmocka_unit_test(an_unknown_kernel_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
