/* SPDX-License-Identifier: GPL-3.0-or-later
 * A stream as a dataset. */
#include <string.h>

#include "validate/arrow_import.h"
#include "validate/arrow_stream.h"
#include "validate/engine.h"

#define BATCH_ROWS 8192

struct intake {
  struct ArrowArrayStream *stream;
  struct ArrowSchema schema;
  const struct val_suite *suite;
  const char *const *needed; /* NULL: all */
  struct val_arrow_column *columns;
  bool *wanted;
  struct val_field *fields;
  struct val_column *given;
  size_t n;
  int64_t n_rows;
  struct val_findings findings;
  struct val_plan plan;
  struct val_pass *pass;
};

static enum core_status stream_failed(const struct intake *in, int code, struct core_error *err) {
  const char *why = in->stream->get_last_error(in->stream);
  return core_fail(err, CORE_IO, "the Arrow stream failed: %s (error %d)",
                   why ? why : "it does not say why", code);
}

static void check_declared(struct intake *in, struct val_field *field) {
  for (size_t i = 0; i < in->suite->read.n_declared; i++) {
    const struct val_field *declared = &in->suite->read.declared[i];
    if (strcmp(declared->name, field->name) != 0) continue;
    field->declared = true;
    if (declared->type != field->type && field->type != VAL_TYPE_NULL)
      val_findings_add(&in->findings, VAL_FINDING_TYPE, -1, -1, -1, field->name,
                       "the suite declares '%s' as %s; the stream has it as %s", field->name,
                       val_type_name(declared->type), val_type_name(field->type));
  }
}

static enum core_status take_field(struct intake *in, size_t i, struct core_error *err) {
  const struct ArrowSchema *child = in->schema.children[i];
  struct val_arrow_column *column = &in->columns[i];
  if (!child || !child->release)
    return core_fail(err, CORE_PARSE, "the Arrow schema lacks its column %zu", i);
  CORE_TRY(val_arrow_column_open(column, child, err));
  in->fields[i] = (struct val_field){.name = column->name,
                                     .type = column->form.type,
                                     .precision = column->form.precision,
                                     .scale = column->form.scale};
  in->wanted[i] = val_read_needs(in->needed, column->name);
  if (in->wanted[i] && column->form.storage == VAL_ARROW_OTHER)
    return core_fail(err, CORE_UNSUPPORTED,
                     "column '%s' has the Arrow format '%s', which is not read; it can be left out "
                     "where no expectation asks for it",
                     column->name, child->dictionary ? "dictionary" : child->format);
  check_declared(in, &in->fields[i]);
  return CORE_OK;
}

static enum core_status take_schema(struct intake *in, struct core_error *err) {
  const int code = in->stream->get_schema(in->stream, &in->schema);
  if (code) {
    in->schema.release = NULL;
    return stream_failed(in, code, err);
  }
  if (!in->schema.release || !in->schema.format || strcmp(in->schema.format, "+s") != 0 ||
      in->schema.n_children < 0 || (in->schema.n_children > 0 && !in->schema.children))
    return core_fail(err, CORE_PARSE,
                     "the Arrow stream is not one of record batches: its schema "
                     "is no struct");
  const size_t n = in->n = (size_t)in->schema.n_children;
  in->columns = core_calloc(n + 1, sizeof *in->columns);
  in->wanted = core_calloc(n + 1, sizeof *in->wanted);
  in->fields = core_calloc(n + 1, sizeof *in->fields);
  in->given = core_calloc(n + 1, sizeof *in->given);
  if (!in->columns || !in->wanted || !in->fields || !in->given)
    return core_fail_nomem(err, n * sizeof *in->columns);
  for (size_t i = 0; i < n; i++) CORE_TRY(take_field(in, i, err));
  return CORE_OK;
}

static enum core_status check_batch(const struct intake *in, const struct ArrowArray *array,
                                    struct core_error *err) {
  if (array->length < 0 || array->offset < 0 || array->length > INT64_MAX - array->offset ||
      array->n_children != (int64_t)in->n || (in->n > 0 && !array->children))
    return core_fail(err, CORE_PARSE,
                     "an Arrow record batch has %lld rows and %lld columns; the schema has %zu",
                     (long long)array->length, (long long)array->n_children, in->n);
  if (array->n_buffers > 0 && array->buffers && array->buffers[0] && array->null_count != 0)
    return core_fail(err, CORE_UNSUPPORTED,
                     "an Arrow record batch has rows that are null as a "
                     "whole");
  for (size_t i = 0; i < in->n; i++)
    if (in->wanted[i])
      CORE_TRY(val_arrow_column_check(&in->columns[i], array->children[i],
                                      array->offset + array->length, err));
  return CORE_OK;
}

/* Batches of our own size, whatever the producer's. */
static enum core_status feed(struct intake *in, const struct ArrowArray *array,
                             struct core_error *err) {
  CORE_TRY(check_batch(in, array, err));
  for (int64_t at = 0; at < array->length; at += BATCH_ROWS) {
    const int64_t left = array->length - at;
    const size_t n = left < BATCH_ROWS ? (size_t)left : BATCH_ROWS;
    for (size_t i = 0; i < in->n; i++) {
      in->given[i] = (struct val_column){.type = VAL_TYPE_NULL, .null_count = (int64_t)n};
      if (in->wanted[i])
        CORE_TRY(val_arrow_column_take(&in->columns[i], array->children[i], array->offset + at, n,
                                       in->n_rows, &in->findings, &in->given[i], err));
    }
    const struct val_batch batch = {
        .n_rows = n, .first_row = in->n_rows, .n_columns = in->n, .columns = in->given};
    CORE_TRY(val_pass_observe(in->pass, &batch, err));
    in->n_rows += (int64_t)n;
  }
  return CORE_OK;
}

static enum core_status feed_all(struct intake *in, struct core_error *err) {
  for (;;) {
    struct ArrowArray array = {0};
    const int code = in->stream->get_next(in->stream, &array);
    if (code) return stream_failed(in, code, err);
    if (!array.release) return CORE_OK;
    const enum core_status st = feed(in, &array, err);
    array.release(&array);
    if (st != CORE_OK) return st;
  }
}

static void note_absent(struct intake *in) {
  const struct val_schema schema = {.fields = in->fields, .n_fields = in->n};
  for (size_t i = 0; i < in->suite->read.n_declared; i++) {
    const char *name = in->suite->read.declared[i].name;
    if (val_schema_find(&schema, name) == in->n)
      val_findings_add(&in->findings, VAL_FINDING_ABSENT_COLUMN, -1, -1, -1, name,
                       "the suite declares a type for '%s'; the data has no such column", name);
  }
}

static enum core_status conclude(struct intake *in, const char *name, struct val_result *result,
                                 struct core_error *err) {
  CORE_TRY(val_pass_finish(in->pass, err));
  CORE_TRY(val_pass_judge(in->pass, result, err));
  note_absent(in);
  val_findings_join(&result->findings, &in->findings, 0, 0);
  result->data_name = core_arena_strdup(&result->arena, name);
  if (!result->data_name) return core_fail_nomem(err, strlen(name) + 1);
  result->suite = in->suite;
  result->n_bytes = -1;
  result->success = val_result_worst(result) < (int)VAL_SEVERITY_CRITICAL &&
                    val_findings_total(&result->findings) == 0;
  return CORE_OK;
}

static enum core_status run(struct intake *in, const char *name, const struct val_limits *limits,
                            struct val_result *result, struct core_error *err) {
  CORE_TRY(val_plan_needed(in->suite, &result->arena, &in->needed, err));
  if (limits && limits->profile) in->needed = NULL;
  CORE_TRY(take_schema(in, err));
  const struct val_schema schema = {.fields = in->fields, .n_fields = in->n};
  CORE_TRY(val_plan_open(&in->plan, in->suite, &schema, limits, err));
  CORE_TRY(val_pass_open(&in->plan, 0, &in->pass, err));
  CORE_TRY(feed_all(in, err));
  return conclude(in, name, result, err);
}

enum core_status val_validate_stream(struct ArrowArrayStream *stream, const char *name,
                                     const struct val_suite *suite, const struct val_limits *limits,
                                     struct val_result *result, struct core_error *err) {
  struct intake in = {.stream = stream, .suite = suite};
  *result = (struct val_result){0};
  const enum core_status st = run(&in, name, limits, result, err);
  val_pass_close(in.pass);
  val_plan_close(&in.plan);
  for (size_t i = 0; in.columns && i < in.n; i++) val_arrow_column_close(&in.columns[i]);
  core_free(in.columns);
  core_free(in.wanted);
  core_free(in.fields);
  core_free(in.given);
  val_findings_close(&in.findings);
  if (in.schema.release) in.schema.release(&in.schema);
  stream->release(stream);
  if (st != CORE_OK) val_result_close(result);
  return st;
}
