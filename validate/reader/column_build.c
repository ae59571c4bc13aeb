/* SPDX-License-Identifier: GPL-3.0-or-later
 * One loop over the rows, compiled once for each type with its parser inside. */
#include "validate/reader/column_build.h"

#include <math.h>
#include <string.h>

#include "core/num.h"
#include "core/num_quick.h"
#include "validate/reader/infer.h"

enum put { PUT_VALUE, PUT_NULL, PUT_MISFIT };
typedef enum put value_put(struct val_build *build, size_t row, const char *text, size_t len);

/* ------------------------------------------------------------------ one value of each type */

static enum put put_null(struct val_build *build, size_t row, const char *text, size_t len) {
  (void)build, (void)row, (void)text, (void)len;
  return PUT_MISFIT;
}

static enum put put_bool(struct val_build *build, size_t row, const char *text, size_t len) {
  bool value = false;
  if (!val_bool_parse(text, len, &value)) return PUT_MISFIT;
  uint8_t *byte = (uint8_t *)build->values + (row >> 3);
  const uint8_t bit = (uint8_t)(1U << (row & 7));
  *byte = value ? *byte | bit : *byte & (uint8_t)~bit;
  return PUT_VALUE;
}

/* Reads as a number, but inference would not call it one: "007", "+5". */
static inline bool is_code(const char *text, size_t len) {
  const char first = text[0];
  if (first == '+' || first == ' ' || first == '\t')
    return val_infer_class(text, len) == VAL_CLASS_TEXT;
  const size_t sign = first == '-';
  return sign + 1 < len && text[sign] == '0' && text[sign + 1] >= '0' && text[sign + 1] <= '9';
}

/* Up to 18 digits cannot overflow; the rest is the core's affair. */
static inline bool parse_short_int(const char *text, size_t len, int64_t *out) {
  const bool negative = len > 0 && text[0] == '-';
  uint64_t value = 0;
  if (!core_digits18(text + negative, len - negative, &value)) return false;
  *out = negative ? -(int64_t)value : (int64_t)value;
  return true;
}

static enum put put_int64(struct val_build *build, size_t row, const char *text, size_t len) {
  int64_t value = 0;
  if (!parse_short_int(text, len, &value)) {
    const struct core_slice s = val_trimmed(text, len);
    if (!core_parse_int64(s.data, s.len, &value)) return PUT_MISFIT;
  }
  if (build->guessed && is_code(text, len)) return PUT_MISFIT;
  ((int64_t *)build->values)[row] = value;
  return PUT_VALUE;
}

static enum put put_double(struct val_build *build, size_t row, const char *text, size_t len) {
  double value = 0;
  if (!core_parse_double_padded(text, len, &value) && !core_parse_double(text, len, &value)) {
    const struct core_slice s = val_trimmed(text, len);
    if (!core_parse_double(s.data, s.len, &value)) return PUT_MISFIT;
  }
  if (build->guessed && is_code(text, len)) return PUT_MISFIT;
  if (isnan(value)) return PUT_NULL;
  ((double *)build->values)[row] = value;
  return PUT_VALUE;
}

static enum put put_date(struct val_build *build, size_t row, const char *text, size_t len) {
  return val_date_parse(text, len, (int32_t *)build->values + row) ? PUT_VALUE : PUT_MISFIT;
}

static enum put put_timestamp(struct val_build *build, size_t row, const char *text, size_t len) {
  int64_t *out = (int64_t *)build->values + row;
  bool zoned = false;
  int32_t days = 0;
  if (val_timestamp_parse(text, len, out, &zoned)) return zoned ? PUT_MISFIT : PUT_VALUE;
  if (!val_date_parse(text, len, &days)) return PUT_MISFIT;
  *out = days * INT64_C(86400000000);
  return PUT_VALUE;
}

static enum put put_timestamp_utc(struct val_build *build, size_t row, const char *text,
                                  size_t len) {
  bool zoned = false;
  return val_timestamp_parse(text, len, (int64_t *)build->values + row, &zoned) && zoned
             ? PUT_VALUE
             : PUT_MISFIT;
}

/* Sixteen bytes at a time, more than there are: behind every field and behind the column is room. */
static enum put put_string(struct val_build *build, size_t row, const char *text, size_t len) {
  const int32_t start = build->offsets[row];
  char *to = build->bytes + start;
  if (len <= VAL_CSV_SLACK)
    for (size_t done = 0; done < len; done += 16) memcpy(to + done, text + done, 16);
  else
    memcpy(to, text, len);
  build->offsets[row + 1] = start + (int32_t)len;
  return PUT_VALUE;
}

/* ------------------------------------------------------------------ the loop */

struct build_job {
  struct val_build *build;
  const struct val_csv_block *block;
  const struct val_null_tokens *nulls;
  struct val_findings *findings;
  int64_t first_row;
  int64_t null_count;
};

static void note_misfit(const struct build_job *job, size_t row, const char *text, size_t len) {
  val_findings_add(job->findings, VAL_FINDING_TYPE, job->first_row + (int64_t)row,
                   job->block->line[row], job->block->byte[row], job->build->name,
                   "'%.*s%s' is no %s; it is read as null", len > 100 ? 100 : (int)len, text,
                   len > 100 ? "..." : "", val_type_name(job->build->type));
}

static inline void set_null(struct build_job *job, size_t row) {
  struct val_build *build = job->build;
  build->validity[row >> 3] &= (uint8_t) ~(1U << (row & 7));
  job->null_count++;
  if (build->type == VAL_TYPE_STRING)
    build->offsets[row + 1] = build->offsets[row];
  else if (build->type == VAL_TYPE_DATE)
    ((int32_t *)build->values)[row] = 0;
  else if (build->type != VAL_TYPE_BOOL && build->values)
    ((int64_t *)build->values)[row] = 0;
}

static inline bool run(struct build_job *job, value_put *put) {
  struct val_build *build = job->build;
  const struct val_csv_block *block = job->block;
  const struct val_csv_field *field = block->fields + build->slot;
  for (size_t row = 0; row < block->n_records; row++, field += block->n_fields) {
    const char *text = block->bytes + field->start;
    enum put done = PUT_NULL;
    if (field->len != VAL_CSV_ABSENT && !val_null_tokens_has(job->nulls, text, field->len)) {
      done = put(build, row, text, field->len);
    }
    if (done == PUT_VALUE) continue;
    if (done == PUT_MISFIT && build->guessed) return false;
    if (done == PUT_MISFIT) note_misfit(job, row, text, field->len);
    set_null(job, row);
  }
  return true;
}

/* Each calls `run` with a constant, so that the parser is compiled into the loop. */
static bool run_null(struct build_job *job) {
  return run(job, put_null);
}
static bool run_bool(struct build_job *job) {
  return run(job, put_bool);
}
static bool run_int64(struct build_job *job) {
  return run(job, put_int64);
}
static bool run_double(struct build_job *job) {
  return run(job, put_double);
}
static bool run_date(struct build_job *job) {
  return run(job, put_date);
}
static bool run_timestamp(struct build_job *job) {
  return run(job, put_timestamp);
}
static bool run_timestamp_utc(struct build_job *job) {
  return run(job, put_timestamp_utc);
}
static bool run_string(struct build_job *job) {
  return run(job, put_string);
}

static const struct {
  bool (*run)(struct build_job *job);
  size_t value_bytes;
} types[] = {
    [VAL_TYPE_NULL] = {run_null, 0},
    [VAL_TYPE_BOOL] = {run_bool, 1},
    [VAL_TYPE_INT64] = {run_int64, sizeof(int64_t)},
    [VAL_TYPE_DOUBLE] = {run_double, sizeof(double)},
    [VAL_TYPE_DATE] = {run_date, sizeof(int32_t)},
    [VAL_TYPE_TIMESTAMP] = {run_timestamp, sizeof(int64_t)},
    [VAL_TYPE_TIMESTAMP_UTC] = {run_timestamp_utc, sizeof(int64_t)},
    [VAL_TYPE_STRING] = {run_string, 0},
};

/* ------------------------------------------------------------------ the interface */

enum core_status val_build_init(struct val_build *build, enum val_type type, size_t max_records,
                                struct core_error *err) {
  val_build_close(build);
  if (type >= CORE_COUNT_OF(types) || !types[type].run)
    return core_fail(err, CORE_UNSUPPORTED,
                     "column '%s' is declared as %s, which is not read from text: declare it as "
                     "double or string",
                     build->name, val_type_name(type));
  build->type = type;
  build->max_records = max_records;
  build->validity = core_calloc(max_records / 8 + 1, 1);
  if (!build->validity) return core_fail_nomem(err, max_records / 8 + 1);
  if (types[type].value_bytes) {
    build->values = core_calloc(max_records, types[type].value_bytes);
    if (!build->values) return core_fail_nomem(err, max_records * types[type].value_bytes);
  }
  if (type == VAL_TYPE_STRING) {
    build->offsets = core_calloc(max_records + 1, sizeof *build->offsets);
    if (!build->offsets) return core_fail_nomem(err, (max_records + 1) * sizeof *build->offsets);
  }
  return CORE_OK;
}

void val_build_close(struct val_build *build) {
  core_free(build->validity);
  core_free(build->values);
  core_free(build->offsets);
  core_free(build->bytes);
  build->validity = NULL;
  build->values = NULL;
  build->offsets = NULL;
  build->bytes = NULL;
  build->bytes_capacity = 0;
}

enum core_status val_build_column(struct val_build *build, const struct val_csv_block *block,
                                  const struct val_null_tokens *nulls, int64_t first_row,
                                  struct val_findings *findings, struct val_column *column,
                                  bool *fits, struct core_error *err) {
  struct build_job job = {
      .build = build, .block = block, .nulls = nulls, .findings = findings, .first_row = first_row};
  memset(build->validity, 0xff, block->n_records / 8 + 1);
  if (build->type == VAL_TYPE_STRING)
    CORE_TRY(core_grow((void **)&build->bytes, &build->bytes_capacity,
                       block->n_bytes + VAL_CSV_SLACK, 1, err));
  *fits = types[build->type].run(&job);
  *column = (struct val_column){
      .type = build->type, .null_count = job.null_count, .offsets = build->offsets};
  if (build->type == VAL_TYPE_NULL) return CORE_OK;
  if (job.null_count > 0) column->validity = build->validity;
  if (build->type == VAL_TYPE_STRING)
    column->values.bytes = build->bytes;
  else
    column->values.bits = build->values;
  return CORE_OK;
}
