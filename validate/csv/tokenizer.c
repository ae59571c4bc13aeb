/* SPDX-License-Identifier: GPL-3.0-or-later
 * Between the scanner and the reference parser: who reads which block. */
#include "validate/csv/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "validate/csv/csv_reference.h"
#include "validate/csv/csv_scan.h"

struct val_csv_tokenizer {
  struct val_csv_scan scan; /* kernel NULL: libcsv reads everything */
  struct val_csv_reference *reference;
  struct val_csv_place start;      /* of the first record */
  size_t max_records, max_bytes;   /* of the next block */
  size_t room_records, room_bytes; /* of the largest  */
  int64_t stop;
};

static enum core_status choose_kernel(struct val_csv_tokenizer *t,
                                      const struct val_csv_dialect *dialect,
                                      struct core_error *err) {
  const char *name = dialect->kernel ? dialect->kernel : getenv("SWEEPGATE_CSV_KERNEL");
  const bool blank_quote = dialect->quote == ' ' || dialect->quote == '\t';
  if (name && !*name) name = NULL;
  if (name && strcmp(name, "libcsv") == 0) return CORE_OK;
  t->scan.kernel = val_csv_kernel_find(name);
  if (!t->scan.kernel)
    return core_fail(err, CORE_INVAL,
                     "SWEEPGATE_CSV_KERNEL: there is no '%s' for this machine; portable, avx2, "
                     "avx512, neon and libcsv are known",
                     name);
  if (blank_quote) t->scan.kernel = NULL; /* a line of nothing but quotes would be a blank one */
  return CORE_OK;
}

static enum core_status open_scan(struct val_csv_tokenizer *t,
                                  const struct val_csv_dialect *dialect, struct core_error *err) {
  CORE_TRY(choose_kernel(t, dialect, err));
  if (!t->scan.kernel) return CORE_OK;
  t->scan.delimiter = dialect->delimiter;
  t->scan.quote = dialect->quote;
  t->scan.utf8 = dialect->encoding == VAL_ENCODING_UTF8;
  return val_csv_scan_init(&t->scan, dialect->max_field_bytes, dialect->buffer_bytes, err);
}

enum core_status val_csv_open(struct core_source *source, const struct val_csv_dialect *dialect,
                              struct val_findings *findings, struct val_csv_tokenizer **out,
                              struct core_error *err) {
  *out = NULL;
  struct val_csv_tokenizer *t = core_calloc(1, sizeof *t);
  if (!t) return core_fail_nomem(err, sizeof *t);
  t->scan.source = source;
  t->stop = INT64_MAX;
  enum core_status st = val_csv_reference_open(source, dialect, findings, &t->reference, err);
  if (st == CORE_OK) st = open_scan(t, dialect, err);
  if (st != CORE_OK) {
    val_csv_close(t);
    return st;
  }
  *out = t;
  return CORE_OK;
}

void val_csv_close(struct val_csv_tokenizer *t) {
  if (!t) return;
  val_csv_scan_close(&t->scan);
  val_csv_reference_close(t->reference);
  core_free(t);
}

/* Where the reference parser stands, the scanner goes on. */
static void follow(struct val_csv_tokenizer *t) {
  const struct val_csv_place place = val_csv_reference_tell(t->reference);
  if (t->scan.kernel) val_csv_scan_seek(&t->scan, &place);
}

enum core_status val_csv_first(struct val_csv_tokenizer *t, struct val_csv_block *block,
                               struct core_error *err) {
  CORE_TRY(val_csv_reference_first(t->reference, block, err));
  t->start = (struct val_csv_place){0, 1, 0, false};
  if (block->n_records) t->start = (struct val_csv_place){block->byte[0], block->line[0], 0, false};
  follow(t);
  return CORE_OK;
}

enum core_status val_csv_expect(struct val_csv_tokenizer *t, size_t n_fields, const bool *keep,
                                size_t max_records, size_t max_bytes, struct core_error *err) {
  t->max_records = t->room_records = max_records;
  t->max_bytes = t->room_bytes = max_bytes;
  CORE_TRY(val_csv_reference_expect(t->reference, n_fields, keep, max_records, max_bytes, err));
  if (!t->scan.kernel) return CORE_OK;
  return val_csv_scan_expect(&t->scan, n_fields, keep, max_records, max_bytes, err);
}

void val_csv_limit(struct val_csv_tokenizer *t, size_t max_records, size_t max_bytes) {
  t->max_records = max_records < t->room_records ? max_records : t->room_records;
  t->max_bytes = max_bytes < t->room_bytes ? max_bytes : t->room_bytes;
  val_csv_reference_limit(t->reference, t->max_records, t->max_bytes);
}

void val_csv_stop(struct val_csv_tokenizer *t, int64_t byte) {
  t->stop = byte;
  val_csv_reference_stop(t->reference, byte);
}

enum core_status val_csv_next(struct val_csv_tokenizer *t, struct val_csv_block *block,
                              struct core_error *err) {
  bool taken = false;
  if (!t->scan.kernel) return val_csv_reference_next(t->reference, block, err);
  CORE_TRY(val_csv_scan_block(&t->scan, t->max_records, t->max_bytes, t->stop, block, &taken, err));
  if (taken) return CORE_OK;
  CORE_TRY(val_csv_reference_seek(t->reference, &t->scan.now, err));
  CORE_TRY(val_csv_reference_next(t->reference, block, err));
  follow(t);
  return CORE_OK;
}

struct val_csv_place val_csv_tell(const struct val_csv_tokenizer *t) {
  return t->scan.kernel ? t->scan.now : val_csv_reference_tell(t->reference);
}

enum core_status val_csv_seek(struct val_csv_tokenizer *t, const struct val_csv_place *to,
                              struct core_error *err) {
  CORE_TRY(val_csv_reference_seek(t->reference, to, err));
  if (t->scan.kernel) val_csv_scan_seek(&t->scan, to);
  return CORE_OK;
}

enum core_status val_csv_restart(struct val_csv_tokenizer *t, struct core_error *err) {
  const struct val_csv_place top = {0, 1, 0, false};
  CORE_TRY(val_csv_reference_seek(t->reference, &top, err));
  if (t->scan.kernel) val_csv_scan_seek(&t->scan, &t->start);
  return CORE_OK;
}
