/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/reader/csv_dialect.h"

#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "validate/csv/csv_utf16.h"
#include "validate/input/unpack.h"
#include "validate/reader/csv_sniff.h"

#define DEFAULT_FIELD_BYTES (16 << 20)

#define FIRST_BYTES 4096 /* where a look at the header is enough */

/* The first bytes of a text. */
struct sample {
  char *bytes;
  size_t n;
  bool whole; /* there are no more */
};

static enum core_status sample_open(struct core_source *source, size_t cap, struct sample *sample,
                                    struct core_error *err) {
  sample->bytes = core_alloc(cap);
  if (!sample->bytes) return core_fail_nomem(err, cap);
  CORE_TRY(val_peek(source, (unsigned char *)sample->bytes, cap, &sample->n, err));
  sample->whole = sample->n < cap;
  return CORE_OK;
}

bool csv_name_ends(const char *name, const char *ending) {
  static const char *const packings[] = {"", ".gz", ".zst", ".zstd"};
  const size_t n = strlen(ending), len = strlen(name);
  for (size_t i = 0; i < CORE_COUNT_OF(packings); i++) {
    const size_t packing = strlen(packings[i]);
    if (len >= packing + n && strcasecmp(name + len - packing, packings[i]) == 0 &&
        strncasecmp(name + len - packing - n, ending, n) == 0)
      return true;
  }
  return false;
}

void csv_delimiter_text(char delimiter, struct core_str *out) {
  if (delimiter == '\t')
    core_str_text_append(out, "a tab");
  else if (delimiter == ' ')
    core_str_text_append(out, "a blank");
  else if ((unsigned char)delimiter < 0x20)
    core_str_printf(out, "0x%02x", (unsigned)(unsigned char)delimiter);
  else
    core_str_printf(out, "'%c'", delimiter);
}

/* A UTF-16 text says so itself; declared as something else, it is left to be refused. */
static enum core_status recode(struct core_source *source, const struct val_read_options *options,
                               struct csv_settled *settled, struct core_error *err) {
  unsigned char first[4];
  size_t n = 0;
  bool big = false;
  if (options->encoding) return CORE_OK;
  CORE_TRY(val_peek(source, first, sizeof first, &n, err));
  if (!val_utf16_claims(first, n, &big)) return CORE_OK;
  core_str_printf(&settled->told, "UTF-16 (%s-endian), by its byte order mark",
                  big ? "big" : "little");
  return val_utf16_open(source, big, &settled->recoded, err);
}

static void tell_encoding(const struct sample *sample, struct csv_settled *settled) {
  const size_t good = core_utf8_valid_prefix(sample->bytes, sample->n);
  if (settled->recoded || sample->n - good < (sample->whole ? 1 : 4)) return;
  settled->dialect.encoding = VAL_ENCODING_LATIN1;
  core_str_printf(&settled->told, "latin-1, as byte %zu (0x%02x) is not valid UTF-8", good,
                  (unsigned)(unsigned char)sample->bytes[good]);
}

static void tell_dialect(const struct csv_sniffed *sniffed, const struct sample *sample,
                         struct csv_settled *settled) {
  struct core_str *told = &settled->told;
  if (told->len) core_str_text_append(told, "; ");
  core_str_text_append(told, "delimiter ");
  csv_delimiter_text(settled->dialect.delimiter, told);
  core_str_printf(told, ", quote %c, %s, %zu field%s in a record; found in the first %zu bytes",
                  settled->dialect.quote, settled->header ? "with a header" : "without a header",
                  sniffed->width, sniffed->width == 1 ? "" : "s", sample->n);
}

static enum core_status sniff(struct core_source *text, const struct val_read_options *options,
                              struct csv_settled *settled, struct core_error *err) {
  struct sample sample = {0};
  const enum core_status st = sample_open(text, CSV_SNIFF_BYTES, &sample, err);
  if (st == CORE_OK && options->sniff & VAL_SNIFF_ENCODING) tell_encoding(&sample, settled);
  if (st == CORE_OK && options->sniff & ~(unsigned)VAL_SNIFF_ENCODING) {
    const size_t mark = sample.n >= 3 && memcmp(sample.bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    struct val_csv_dialect *d = &settled->dialect;
    const struct csv_sniffed sniffed =
        csv_sniff(sample.bytes + mark, sample.n - mark, sample.whole,
                  options->sniff & VAL_SNIFF_DELIMITER ? '\0' : d->delimiter,
                  options->sniff & VAL_SNIFF_QUOTE ? '\0' : d->quote, d->delimiter);
    d->delimiter = sniffed.delimiter;
    d->quote = sniffed.quote;
    if (options->sniff & VAL_SNIFF_HEADER) settled->header = sniffed.header;
    if (sniffed.n_records) tell_dialect(&sniffed, &sample, settled);
  }
  core_free(sample.bytes);
  return st;
}

enum core_status csv_dialect_settle(struct core_source *source,
                                    const struct val_read_options *options,
                                    struct csv_settled *settled, struct core_error *err) {
  *settled = (struct csv_settled){
      .header = options->header,
      .found = options->sniff,
      .dialect = {.delimiter = options->delimiter ? options->delimiter
                               : csv_name_ends(core_source_name(source), ".tsv") ? '\t'
                                                                                 : ',',
                  .quote = options->quote ? options->quote : '"',
                  .max_field_bytes =
                      options->max_field_bytes ? options->max_field_bytes : DEFAULT_FIELD_BYTES}};
  if (!val_encoding_parse(options->encoding, &settled->dialect.encoding))
    return core_fail(err, CORE_INVAL, "csv encoding '%s' is not known; utf-8 and latin-1 are",
                     options->encoding);
  CORE_TRY(recode(source, options, settled, err));
  if (options->sniff)
    CORE_TRY(sniff(settled->recoded ? settled->recoded : source, options, settled, err));
  return core_str_status(&settled->told, err);
}

enum core_status csv_dialect_doubt(struct core_source *source, const struct csv_settled *settled,
                                   char *other, size_t *width, struct core_error *err) {
  struct sample sample = {0};
  char first[FIRST_BYTES];
  size_t n = 0;
  *other = '\0';
  CORE_TRY(val_peek(source, (unsigned char *)first, sizeof first, &n, err));
  const char *end = memchr(first, '\n', n);
  if (memchr(first, settled->dialect.delimiter, end ? (size_t)(end - first) : n)) return CORE_OK;
  const enum core_status st = sample_open(source, CSV_SNIFF_BYTES, &sample, err);
  if (st == CORE_OK) {
    const struct csv_sniffed sniffed =
        csv_sniff(sample.bytes, sample.n, sample.whole, '\0', settled->dialect.quote,
                  settled->dialect.delimiter);
    if (sniffed.width > 1 && sniffed.delimiter != settled->dialect.delimiter) {
      *other = sniffed.delimiter;
      *width = sniffed.width;
    }
  }
  core_free(sample.bytes);
  return st;
}

void csv_dialect_close(struct csv_settled *settled) {
  core_source_close(settled->recoded);
  core_str_close(&settled->told);
}
