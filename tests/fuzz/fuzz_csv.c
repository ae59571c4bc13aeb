/* SPDX-License-Identifier: GPL-3.0-or-later
 * A CSV by the reference parser and by every kernel, in buffers and blocks of sizes that the first bytes choose: the same
 * records, origins and findings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tests/fuzz/fuzz.h"
#include "validate/csv/csv_kernel.h"
#include "validate/csv/tokenizer.h"

#define HEAD_BYTES 4

static void log_block(struct core_str *log, const struct val_csv_block *block) {
  for (size_t r = 0; r < block->n_records; r++) {
    core_str_printf(log, "%lld+%lld ", (long long)block->line[r], (long long)block->byte[r]);
    for (size_t i = 0; i < block->n_fields; i++) {
      const struct val_csv_field f = block->fields[r * block->n_fields + i];
      core_str_printf(log, "%u:", f.len);
      if (f.len != VAL_CSV_ABSENT) core_str_append(log, block->bytes + f.start, f.len);
    }
    core_str_char(log, '\n');
  }
  core_str_text_append(log, "==\n");
}

static void log_findings(struct core_str *log, const struct val_findings *findings) {
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    core_str_printf(log, "%d %llu\n", kind, (unsigned long long)findings->count[kind]);
    for (uint64_t i = 0; i < findings->count[kind] && i < VAL_FINDINGS_KEPT; i++)
      core_str_printf(log, "%lld %lld %lld\n", (long long)findings->kept[kind][i].row,
                      (long long)findings->kept[kind][i].line,
                      (long long)findings->kept[kind][i].byte);
  }
}

static void write_down(const uint8_t *head, const char *text, size_t len,
                       const struct val_csv_dialect *dialect, struct core_str *log) {
  struct core_source *source = NULL;
  struct val_csv_tokenizer *t = NULL;
  struct val_findings findings = {0};
  struct val_csv_block block = {.n_records = 0};
  enum core_status st = core_source_open_memory("fuzz", text, len, &source, NULL);
  if (st == CORE_OK) st = val_csv_open(source, dialect, &findings, &t, NULL);
  if (st == CORE_OK) st = val_csv_first(t, &block, NULL);
  if (st == CORE_OK && block.n_records) {
    bool *keep = core_calloc(block.n_fields + 1, sizeof *keep);
    for (size_t i = 0; keep && i < block.n_fields; i++) keep[i] = (i + head[1]) % 4 != 0;
    st = keep ? val_csv_expect(t, block.n_fields, keep, 1 + head[2] % 16, 1 + head[3], NULL)
              : CORE_NOMEM;
    core_free(keep);
    do {
      if (st == CORE_OK) st = val_csv_next(t, &block, NULL);
      if (st == CORE_OK) log_block(log, &block);
    } while (st == CORE_OK && block.n_records);
  }
  core_str_printf(log, "status %d\n", (int)st);
  if (st == CORE_OK) log_findings(log, &findings);
  val_csv_close(t);
  val_findings_close(&findings);
  core_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char delimiters[] = {',', '\t', ';', ' '}, quotes[] = {'"', '"', '\'', '"'};
  if (size < HEAD_BYTES) return 0;
  const size_t pick = data[0] % 4;
  struct val_csv_dialect dialect = {.delimiter = delimiters[pick],
                                    .quote = quotes[pick],
                                    .encoding =
                                        data[0] & 16 ? VAL_ENCODING_LATIN1 : VAL_ENCODING_UTF8,
                                    .max_field_bytes = data[0] & 32 ? 10 : 100000,
                                    .kernel = "libcsv"};
  const char *text = (const char *)data + HEAD_BYTES;
  struct core_str expected = {0}, got = {0};
  write_down(data, text, size - HEAD_BYTES, &dialect, &expected);
  for (const struct val_csv_kernel *const *k = val_csv_kernel_all(); *k; k++) {
    if (!(*k)->runs_here()) continue;
    dialect.kernel = (*k)->name;
    dialect.buffer_bytes = data[1] & 1 ? 4 + data[1] : 0;
    core_str_clear(&got);
    write_down(data, text, size - HEAD_BYTES, &dialect, &got);
    FUZZ_CHECK(got.len == expected.len && memcmp(got.data, expected.data, got.len) == 0);
  }
  core_str_close(&expected);
  core_str_close(&got);
  return 0;
}
