/* SPDX-License-Identifier: GPL-3.0-or-later
 * The tokenizer against a naive parser that has the whole input before it, on random text of all that is awkward, with a
 * buffer of every size: fields, origins and findings are the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/support.h"
#include "validate/csv/tokenizer.h"

/* ------------------------------------------------------------------ what both write down */

struct record_log {
  struct core_str records, findings;
  size_t strays, ragged, unclosed, nuls, bytes;
};

static void log_close(struct record_log *log) {
  core_str_close(&log->records);
  core_str_close(&log->findings);
}

static void log_field(struct record_log *log, const char *bytes, size_t len) {
  core_str_printf(&log->records, "%zu:", len);
  core_str_append(&log->records, bytes, len);
}

static void log_finding(struct record_log *log, const char *code, int64_t row, int64_t line,
                        int64_t byte) {
  core_str_printf(&log->findings, "%s row %lld line %lld byte %lld\n", code, (long long)row,
                  (long long)line, (long long)byte);
}

/* ------------------------------------------------------------------ the naive parser */

struct naive {
  const char *text;
  size_t len, at;
  int64_t line, row;
  size_t width; /* 0: the first record sets it */
  const struct val_csv_dialect *dialect;
  struct record_log *log;
  struct record_log *stray; /* kept apart: findings are listed kind by kind */
};

static bool is_end(char c) {
  return c == '\n' || c == '\r';
}

/* The number of the line that holds byte `at`. */
static int64_t line_of(const struct naive *n, size_t at) {
  int64_t line = 1;
  for (size_t i = 0; i < at; i++) {
    line += n->text[i] == '\n' ? !(i > 0 && n->text[i - 1] == '\r') : n->text[i] == '\r';
    if (n->text[i] == '\r' && i + 1 == at && n->text[at] == '\n') line--; /* CRLF is one end */
  }
  return line;
}

static bool skip_blank_line(struct naive *n) {
  size_t i = n->at;
  while (i < n->len && !is_end(n->text[i])) {
    if (n->text[i] == n->dialect->delimiter || (n->text[i] != ' ' && n->text[i] != '\t'))
      return false;
    i++;
  }
  n->at = i < n->len ? i + 1 : i;
  return true;
}

/* One character of the input as the value has it. */
static void take(struct naive *n, struct core_str *field) {
  const char *c = n->text + n->at;
  const unsigned char b = (unsigned char)*c;
  size_t len = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
  if (n->dialect->encoding == VAL_ENCODING_LATIN1 && b >= 0x80) {
    core_str_char(field, (char)(0xc0 | b >> 6));
    core_str_char(field, (char)(0x80 | (b & 0x3f)));
    len = 1;
  } else if (n->at + len <= n->len && core_utf8_valid_prefix(c, len) == len) {
    core_str_append(field, c, len);
  } else {
    core_str_text_append(field, "\xef\xbf\xbd");
    len = 1;
  }
  n->at += len;
}

static void stray(struct naive *n) {
  log_finding(n->stray, "stray_quote", n->row, line_of(n, n->at), (int64_t)n->at);
  n->log->strays++;
}

static void unquoted_field(struct naive *n, struct core_str *field) {
  while (n->at < n->len && !is_end(n->text[n->at]) && n->text[n->at] != n->dialect->delimiter) {
    if (n->text[n->at] == n->dialect->quote) stray(n);
    take(n, field);
  }
}

/* Text behind the closing quote makes the rest of the field an unquoted one. */
static bool quoted_field(struct naive *n, struct core_str *field) {
  const char quote = n->dialect->quote;
  for (n->at++; n->at < n->len; take(n, field)) {
    if (n->text[n->at] != quote) continue;
    n->at++;
    if (n->at == n->len || n->text[n->at] == n->dialect->delimiter || is_end(n->text[n->at]))
      return true;
    if (n->text[n->at] == quote) continue;
    stray(n);
    unquoted_field(n, field);
    return true;
  }
  return false;
}

static bool one_field(struct naive *n) {
  struct core_str field = {0};
  bool closed = true;
  if (n->at < n->len && n->text[n->at] == n->dialect->quote)
    closed = quoted_field(n, &field);
  else
    unquoted_field(n, &field);
  log_field(n->log, core_str_text(&field), field.len);
  core_str_close(&field);
  return closed;
}

static void one_record(struct naive *n) {
  const size_t start = n->at;
  const int64_t line = line_of(n, start);
  size_t fields = 0;
  bool more = true;
  core_str_printf(&n->log->records, "%lld+%lld ", (long long)line, (long long)start);
  while (more) {
    const bool closed = one_field(n);
    fields++;
    if (!closed) {
      log_finding(n->log, "unclosed_quote", n->row, line, (int64_t)start);
      n->log->unclosed++;
    }
    more = n->at < n->len && n->text[n->at] == n->dialect->delimiter;
    if (n->at < n->len) n->at++;
  }
  core_str_char(&n->log->records, '\n');
  if (n->width == 0) n->width = fields;
  n->log->ragged += fields != n->width;
  n->row++;
}

static void read_naively(const char *text, size_t len, const struct val_csv_dialect *dialect,
                         struct record_log *log) {
  struct record_log strays = {0};
  struct naive n = {
      .text = text, .len = len, .row = -1, .dialect = dialect, .log = log, .stray = &strays};
  if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) n.at = 3;
  while (n.at < n.len) {
    if (!skip_blank_line(&n)) one_record(&n);
  }
  core_str_append(&log->findings, core_str_text(&strays.findings), strays.findings.len);
  log_close(&strays);
}

/* ------------------------------------------------------------------ the tokenizer, written down likewise */

static void log_block(struct record_log *log, const struct val_csv_block *block) {
  for (size_t r = 0; r < block->n_records; r++) {
    core_str_printf(&log->records, "%lld+%lld ", (long long)block->line[r],
                    (long long)block->byte[r]);
    for (size_t i = 0; i < block->n_fields; i++) {
      const struct val_csv_field field = block->fields[r * block->n_fields + i];
      if (field.len != VAL_CSV_ABSENT) log_field(log, block->bytes + field.start, field.len);
    }
    core_str_char(&log->records, '\n');
  }
}

static void log_kind(struct record_log *log, const struct val_findings *findings,
                     enum val_finding_kind kind) {
  for (uint64_t i = 0; i < findings->count[kind] && i < VAL_FINDINGS_KEPT; i++) {
    const struct val_finding *f = &findings->kept[kind][i];
    log_finding(log, val_finding_code(kind), f->row, f->line, f->byte);
  }
}

/* `wide` fields are expected, so that every field of a ragged record is given; 0: as many as the first record has. */
static enum core_status read_all(const char *text, size_t len,
                                 const struct val_csv_dialect *dialect, size_t wide,
                                 struct record_log *log, struct core_error *err) {
  struct core_source *source = NULL;
  struct val_csv_tokenizer *t = NULL;
  struct val_findings findings = {0};
  struct val_csv_block block;
  CORE_TRY(core_source_open_memory("text", text, len, &source, err));
  enum core_status st = val_csv_open(source, dialect, &findings, &t, err);
  if (st == CORE_OK) st = val_csv_first(t, &block, err);
  if (st == CORE_OK && block.n_records > 0) {
    log_block(log, &block);
    bool keep[128];
    for (size_t i = 0; i < CORE_COUNT_OF(keep); i++) keep[i] = true;
    st = val_csv_expect(t, wide ? wide : block.n_fields, keep, 3, 40, err);
    do {
      if (st == CORE_OK) st = val_csv_next(t, &block, err);
      if (st == CORE_OK) log_block(log, &block);
    } while (st == CORE_OK && block.n_records > 0);
  }
  log_kind(log, &findings, VAL_FINDING_UNCLOSED_QUOTE);
  log_kind(log, &findings, VAL_FINDING_STRAY_QUOTE);
  log->strays = findings.count[VAL_FINDING_STRAY_QUOTE];
  log->unclosed = findings.count[VAL_FINDING_UNCLOSED_QUOTE];
  log->ragged = findings.count[VAL_FINDING_RAGGED];
  log->nuls = findings.count[VAL_FINDING_NUL_BYTE];
  log->bytes = findings.count[VAL_FINDING_ENCODING];
  val_csv_close(t);
  val_findings_close(&findings);
  core_source_close(source);
  return st;
}

/* ------------------------------------------------------------------ tests */

static uint64_t next_random(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 33;
}

static size_t random_text(uint64_t *seed, char *text, size_t cap) {
  static const char *const parts[] = {
      "a",        "b",     ",",   ",",   "\"",          "\"",   "\n",       "\n",   "\r\n",
      "\r",       " ",     "\t",  ";",   "'",           "\"\"", "\xc3\xa9", "\xff", "\xe2\x82\xac",
      "\xf0\x9f", "\"x\"", ",\"", "\",", "\xef\xbf\xbd"};
  const size_t want = 1 + next_random(seed) % cap;
  size_t len = 0;
  for (;;) {
    const size_t pick = next_random(seed) % (CORE_COUNT_OF(parts) + 1);
    const char *part = pick < CORE_COUNT_OF(parts) ? parts[pick] : "\0";
    const size_t n = pick < CORE_COUNT_OF(parts) ? strlen(part) : 1;
    if (len + n > want) return len;
    memcpy(text + len, part, n);
    len += n;
  }
}

static void assert_same(const char *text, size_t len, size_t buffer, const struct record_log *naive,
                        const struct record_log *got) {
  if (strcmp(core_str_text(&naive->records), core_str_text(&got->records)) == 0 &&
      naive->records.len == got->records.len &&
      strcmp(core_str_text(&naive->findings), core_str_text(&got->findings)) == 0) {
    return;
  }
  struct core_str shown = {0};
  core_str_json(&shown, text, len);
  fail_msg("buffer of %zu, input %s\nexpected:\n%s%s\ngot:\n%s%s", buffer, core_str_text(&shown),
           core_str_text(&naive->records), core_str_text(&naive->findings),
           core_str_text(&got->records), core_str_text(&got->findings));
}

static void random_inputs_in_buffers_of_every_size(void **state) {
  (void)state;
  static const struct {
    char delimiter, quote;
    enum val_encoding encoding;
  } dialects[] = {{',', '"', VAL_ENCODING_UTF8},
                  {',', '"', VAL_ENCODING_UTF8},
                  {'\t', '\'', VAL_ENCODING_UTF8},
                  {' ', '"', VAL_ENCODING_UTF8},
                  {';', '"', VAL_ENCODING_LATIN1}};
  uint64_t seed = 20240607;
  char text[64];
  size_t strays = 0, ragged = 0, unclosed = 0;
  for (int round = 0; round < 1500; round++) {
    const size_t len = random_text(&seed, text, sizeof text);
    const size_t pick = next_random(&seed) % CORE_COUNT_OF(dialects);
    struct val_csv_dialect dialect = {.delimiter = dialects[pick].delimiter,
                                      .quote = dialects[pick].quote,
                                      .encoding = dialects[pick].encoding,
                                      .max_field_bytes = 1000};
    struct record_log naive = {0};
    read_naively(text, len, &dialect, &naive);
    for (size_t buffer = 4; buffer <= len + 1 || buffer == 4; buffer++) {
      dialect.buffer_bytes = buffer;
      struct record_log got = {0};
      assert_int_equal(read_all(text, len, &dialect, 100, &got, NULL), CORE_OK);
      assert_same(text, len, buffer, &naive, &got);
      assert_int_equal(got.unclosed, naive.unclosed);
      assert_int_equal(got.strays, naive.strays);
      log_close(&got);
    }
    dialect.buffer_bytes = 0;
    struct record_log narrow = {0};
    assert_int_equal(read_all(text, len, &dialect, 0, &narrow, NULL), CORE_OK);
    assert_int_equal(narrow.ragged, naive.ragged);
    strays += naive.strays, ragged += naive.ragged, unclosed += naive.unclosed;
    log_close(&narrow);
    log_close(&naive);
  }
  assert_true(strays > 500 && ragged > 500 && unclosed > 200); /* the inputs were awkward indeed */
}

static void restart_gives_the_same_again(void **state) {
  (void)state;
  const char *text = "a,b\n1,\"x\ny\"\n2\n\"open";
  const struct val_csv_dialect dialect = {
      .delimiter = ',', .quote = '"', .max_field_bytes = 100, .buffer_bytes = 5};
  struct core_source *source = NULL;
  struct val_csv_tokenizer *t = NULL;
  struct val_findings findings = {0};
  struct val_csv_block block;
  const bool keep[] = {true, true};
  struct record_log passes[2] = {{.strays = 0}};
  assert_int_equal(core_source_open_memory("text", text, strlen(text), &source, NULL), CORE_OK);
  assert_int_equal(val_csv_open(source, &dialect, &findings, &t, NULL), CORE_OK);
  for (int pass = 0; pass < 2; pass++) {
    assert_int_equal(val_csv_first(t, &block, NULL), CORE_OK);
    log_block(&passes[pass], &block);
    if (pass == 0) assert_int_equal(val_csv_expect(t, 2, keep, 10, 1000, NULL), CORE_OK);
    assert_int_equal(val_csv_next(t, &block, NULL), CORE_OK);
    assert_int_equal(block.n_records, 3);
    log_block(&passes[pass], &block);
    assert_int_equal(val_csv_restart(t, NULL), CORE_OK);
  }
  assert_string_equal(core_str_text(&passes[0].records), core_str_text(&passes[1].records));
  assert_int_equal(findings.count[VAL_FINDING_RAGGED], 4);
  assert_int_equal(findings.count[VAL_FINDING_UNCLOSED_QUOTE], 2);
  log_close(&passes[0]);
  log_close(&passes[1]);
  val_csv_close(t);
  val_findings_close(&findings);
  core_source_close(source);
}

static void nul_bytes_and_bad_encoding_are_counted(void **state) {
  (void)state;
  static const char text[] = "a,b\n1\0,\0\n\xc3\xa9,\xff\xfe\xed\xa0\x80\n";
  struct val_csv_dialect dialect = {.delimiter = ',', .quote = '"', .max_field_bytes = 100};
  struct record_log utf8 = {0}, latin1 = {0};
  assert_int_equal(read_all(text, sizeof text - 1, &dialect, 0, &utf8, NULL), CORE_OK);
  assert_int_equal(utf8.nuls, 2);
  assert_int_equal(utf8.bytes, 5); /* a surrogate is three bad bytes */
  dialect.encoding = VAL_ENCODING_LATIN1;
  assert_int_equal(read_all(text, sizeof text - 1, &dialect, 0, &latin1, NULL), CORE_OK);
  assert_int_equal(latin1.bytes, 0);
  assert_non_null(memmem(latin1.records.data, latin1.records.len, "4:\xc3\x83\xc2\xa9", 6));
  log_close(&utf8);
  log_close(&latin1);
}

static void limits_are_statuses_with_their_line(void **state) {
  (void)state;
  struct val_csv_dialect dialect = {.delimiter = ',', .quote = '"', .max_field_bytes = 1000};
  struct core_str text = {0};
  core_str_text_append(&text, "a,b\n1,2\n");
  core_str_text_append(&text, "3,");
  const size_t before = text.len;
  for (int i = 0; i < 1000; i++) core_str_char(&text, 'x');
  core_str_char(&text, '\n');
  struct record_log log = {0};
  struct core_error err = {0};
  assert_int_equal(read_all(text.data, text.len, &dialect, 0, &log, &err), CORE_OK);
  text.data[text.len - 1] = 'x'; /* one byte more */
  assert_int_equal(read_all(text.data, text.len, &dialect, 0, &log, &err), CORE_LIMIT);
  assert_int_equal(err.line, 3);
  assert_string_equal(err.file, "text");
  /* a record of too many long fields */
  for (size_t i = before + 900; i < text.len; i += 900) text.data[i] = ',';
  for (int i = 0; i < 5000; i++) core_str_char(&text, i % 900 ? 'y' : ',');
  core_error_clear(&err);
  assert_int_equal(read_all(text.data, text.len, &dialect, 0, &log, &err), CORE_LIMIT);
  core_str_close(&text);
  log_close(&log);
}

static void utf16_is_refused_with_words(void **state) {
  (void)state;
  const struct val_csv_dialect dialect = {.delimiter = ',', .quote = '"', .max_field_bytes = 1000};
  struct record_log log = {0};
  struct core_error err = {0};
  assert_int_equal(read_all("\xff\xfe"
                            "a\0",
                            4, &dialect, 0, &log, &err),
                   CORE_PARSE);
  assert_non_null(strstr(err.message, "UTF-16"));
  log_close(&log);
}

static void dialects_that_cannot_be_are_refused(void **state) {
  (void)state;
  static const struct val_csv_dialect bad[] = {
      {.delimiter = ',', .quote = ',', .max_field_bytes = 1},
      {.delimiter = '\n', .quote = '"', .max_field_bytes = 1},
      {.delimiter = ',', .quote = '\r', .max_field_bytes = 1},
      {.delimiter = '\0', .quote = '"', .max_field_bytes = 1},
      {.delimiter = (char)0xa7, .quote = '"', .max_field_bytes = 1},
      {.delimiter = ',', .quote = '"'},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(bad); i++) {
    struct record_log log = {0};
    assert_int_equal(read_all("a", 1, &bad[i], 0, &log, NULL), CORE_INVAL);
  }
}

static void no_memory_is_reported(void **state) {
  (void)state;
  const char *text = "a,b\n1,\"x\ny\"\n\xff\n\"open";
  const struct val_csv_dialect dialect = {
      .delimiter = ',', .quote = '"', .max_field_bytes = 100, .buffer_bytes = 5};
  bool done = false;
  for (unsigned long long n = 1; n < 500 && !done; n++) {
    struct record_log log = {0};
    core_mem_fail_at(n);
    const enum core_status st = read_all(text, strlen(text), &dialect, 0, &log, NULL);
    core_mem_fail_at(0);
    done = st == CORE_OK;
    if (!done) assert_int_equal(st, CORE_NOMEM);
    log_close(&log);
  }
  assert_true(done);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_inputs_in_buffers_of_every_size),
      cmocka_unit_test(restart_gives_the_same_again),
      cmocka_unit_test(nul_bytes_and_bad_encoding_are_counted),
      cmocka_unit_test(limits_are_statuses_with_their_line),
      cmocka_unit_test(utf16_is_refused_with_words),
      cmocka_unit_test(dialects_that_cannot_be_are_refused),
      cmocka_unit_test(no_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
