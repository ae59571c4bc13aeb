/* SPDX-License-Identifier: GPL-3.0-or-later
 * csv_records FILE DELIMITER QUOTE ENCODING: what the CSV reader makes of a file, as one JSON object: its records (of the
 * tokenizer, every field as text), the number of rows and the findings (of the reader, the first record as data). */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/csv_dump.h"
#include "validate/csv/tokenizer.h"

#define WIDEST 2000

static int fail(const struct core_error *err) {
  fprintf(stderr, "csv_records: %s\n", err->message);
  return 3;
}

static void print_block(const struct val_csv_block *block, struct core_str *out) {
  for (size_t r = 0; r < block->n_records; r++) {
    core_str_text_append(out, out->data[out->len - 1] == ']' ? ",\n[" : "\n[");
    for (size_t i = 0; i < block->n_fields; i++) {
      const struct val_csv_field field = block->fields[r * block->n_fields + i];
      if (field.len == VAL_CSV_ABSENT) break;
      if (i > 0) core_str_char(out, ',');
      core_str_json(out, block->bytes + field.start, field.len);
    }
    core_str_char(out, ']');
  }
}

static enum core_status print_records(struct core_source *source,
                                      const struct val_csv_dialect *dialect, struct core_str *out,
                                      struct core_error *err) {
  static bool keep[WIDEST];
  struct val_csv_tokenizer *t = NULL;
  struct val_findings findings = {0};
  struct val_csv_block block = {.n_records = 0};
  for (size_t i = 0; i < WIDEST; i++) keep[i] = true;
  core_str_text_append(out, "{\"records\":[");
  enum core_status st = val_csv_open(source, dialect, &findings, &t, err);
  if (st == CORE_OK) st = val_csv_first(t, &block, err);
  if (st == CORE_OK && block.n_records > 0) {
    print_block(&block, out);
    st = val_csv_expect(t, WIDEST, keep, 100, 1 << 20, err);
    do {
      if (st == CORE_OK) st = val_csv_next(t, &block, err);
      if (st == CORE_OK) print_block(&block, out);
    } while (st == CORE_OK && block.n_records > 0);
  }
  val_csv_close(t);
  val_findings_close(&findings);
  return st;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: csv_records FILE DELIMITER QUOTE ENCODING\n");
    return 2;
  }
  const struct val_read_options options = {
      .delimiter = argv[2][0], .quote = argv[3][0], .encoding = argv[4]};
  struct val_csv_dialect dialect = {
      .delimiter = argv[2][0], .quote = argv[3][0], .max_field_bytes = 1 << 24};
  struct core_error err = {0};
  struct core_source *source = NULL;
  struct csv_dump dump = {.restarts = 0};
  struct core_str out = {0};
  if (!val_encoding_parse(argv[4], &dialect.encoding)) return 2;
  if (core_source_open_file(argv[1], &source, &err) != CORE_OK) return fail(&err);
  if (print_records(source, &dialect, &out, &err) != CORE_OK) return fail(&err);
  if (core_source_rewind(source, &err) != CORE_OK) return fail(&err);
  if (test_csv_dump(source, &options, &dump, &err) != CORE_OK) return fail(&err);
  core_str_printf(&out, "],\n\"rows\":%lld,\"findings\":{", (long long)dump.n_rows);
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    core_str_printf(&out, "%s\"%s\":%llu", kind ? "," : "",
                    val_finding_code((enum val_finding_kind)kind),
                    (unsigned long long)dump.count[kind]);
  }
  core_str_text_append(&out, "}}\n");
  fwrite(core_str_text(&out), 1, out.len, stdout);
  test_csv_dump_close(&dump);
  core_str_close(&out);
  core_source_close(source);
  return 0;
}
