/* SPDX-License-Identifier: GPL-3.0-or-later
 * Parquet: footer -> the columns that are needed -> pages -> batches, row group by row group. Types are the file's own.
 * What is read as what: docs/parquet.md. */
#include <string.h>
#include <strings.h>

#include "validate/parquet/statistics.h"
#include "validate/reader/parquet_state.h"

#define BATCH_BYTES ((size_t)4 << 20) /* of text in one column, before a batch is closed */
#define FIRST_STEP  64                /* rows, until it is known how long they are */
#define LAST_STEP   VAL_CHUNK_STEP
#define STEP_BYTES  ((size_t)256 << 10)

/* ---- choosing ---- */

static bool ends_in(const char *name, const char *ending) {
  const size_t len = strlen(name), n = strlen(ending);
  return len >= n && strcasecmp(name + len - n, ending) == 0;
}

/* By the first bytes, whatever the name; by the name, so that a damaged file is called that and not a bad CSV. */
static bool parquet_claims(const char *name, const unsigned char *first, size_t n) {
  if (n >= 4 && (memcmp(first, "PAR1", 4) == 0 || memcmp(first, "PARE", 4) == 0))
    return !ends_in(name, ".csv") || memchr(first, '\0', n) != NULL;
  return ends_in(name, ".parquet") || ends_in(name, ".parq");
}

/* ---- opening ---- */

/* Beside an input, what is not supported is an input that cannot be read: no mistake of the suite. */
static enum core_status of_input(enum core_status st) {
  return st == CORE_UNSUPPORTED ? CORE_IO : st;
}

static enum core_status in_file(const struct val_reader *r, enum core_status st,
                                const struct core_error *why, struct core_error *err) {
  if (st == CORE_OK) return st;
  const char *name = core_source_name(r->source);
  st = of_input(st);
  if (strncmp(why->message, name, strlen(name)) == 0) return core_fail(err, st, "%s", why->message);
  return core_fail(err, st, "%s: %s", name, why->message);
}

static enum core_status in_field(const struct val_reader *r, size_t field, enum core_status st,
                                 const struct core_error *why, struct core_error *err) {
  if (st == CORE_OK) return st;
  return core_fail(err, of_input(st), "%s: column '%s', row group %zu: %s",
                   core_source_name(r->source), r->fields[field].name,
                   r->group > 0 ? r->group - 1 : 0, why->message);
}

static void parquet_close(struct val_reader *r) {
  if (!r) return;
  for (size_t i = 0; r->columns && i < r->n_columns; i++) {
    if (r->columns[i].nested)
      val_nested_close(&r->columns[i].list);
    else
      val_flat_close(&r->columns[i].flat);
  }
  for (size_t i = 0; r->element_columns && i < r->n_element_columns; i++)
    val_elements_close(&r->element_columns[i].values);
  val_parquet_memory_close(&r->memory);
  core_free(r->element_columns);
  core_free(r->given_elements);
  core_free(r->columns);
  core_free(r->given);
  core_arena_close(&r->lookup.arena);
  val_findings_close(&r->findings);
  val_findings_close(&r->at_open);
  core_arena_close(&r->arena);
  if (r->file == &r->own) val_parquet_close(&r->own);
  core_free(r);
}

static enum core_status parquet_open(struct core_source *source,
                                     const struct val_read_options *options,
                                     struct val_reader **out, struct core_error *err) {
  struct core_error why = {0};
  *out = NULL;
  struct val_reader *r = core_calloc(1, sizeof *r);
  if (!r) return core_fail_nomem(err, sizeof *r);
  r->source = source;
  r->step = FIRST_STEP;
  r->file = &r->own;
  enum core_status st = val_parquet_open(source, &r->own, &why);
  r->lookup.bytes_left = r->own.data_end;
  if (st == CORE_OK) st = val_parquet_columns_open(r, options, &why);
  r->end_group = st == CORE_OK ? val_parquet_n_groups(r->file) : 0;
  if (st != CORE_OK) {
    st = in_file(r, st, &why, err);
    parquet_close(r);
    return st;
  }
  *out = r;
  return CORE_OK;
}

/* ---- batches ---- */

static enum core_status next_group(struct val_reader *r, struct core_error *err) {
  r->group_left = val_parquet_group(r->file, r->group)->n_rows;
  r->group++;
  for (size_t i = 0; i < r->n_columns; i++) {
    struct core_error why = {0};
    struct parquet_column *column = &r->columns[i];
    if (column->idle) continue;
    const enum core_status st = column->nested ? val_nested_begin(&column->list, r->group - 1, &why)
                                               : val_flat_begin(&column->flat, r->group - 1, &why);
    CORE_TRY(in_field(r, column->index, st, &why, err));
  }
  for (size_t i = 0; i < r->n_element_columns; i++) {
    struct core_error why = {0};
    struct elements_column *column = &r->element_columns[i];
    if (column->idle) continue;
    const enum core_status st = val_elements_begin(&column->values, r->group - 1, &why);
    CORE_TRY(in_field(r, r->schema.n_fields + column->index, st, &why, err));
  }
  return CORE_OK;
}

static enum core_status fill_elements(struct val_reader *r, size_t n, int64_t first_row,
                                      size_t *most, struct core_error *err) {
  for (size_t i = 0; i < r->n_element_columns; i++) {
    struct core_error why = {0};
    struct elements_column *column = &r->element_columns[i];
    if (column->idle) continue;
    const enum core_status st =
        val_elements_fill(&column->values, n, first_row, &r->findings, &why);
    CORE_TRY(in_field(r, r->schema.n_fields + column->index, st, &why, err));
    const size_t bytes = column->values.n_bytes + column->values.n * sizeof(int64_t);
    if (bytes > *most) *most = bytes;
  }
  return CORE_OK;
}

/* Adds n rows to every column; *most: the most text that one has by now. */
static enum core_status fill(struct val_reader *r, size_t n, int64_t first_row, size_t *most,
                             struct core_error *err) {
  *most = 0;
  for (size_t i = 0; i < r->n_columns; i++) {
    struct core_error why = {0};
    struct parquet_column *column = &r->columns[i];
    if (column->idle) continue;
    const enum core_status st =
        column->nested ? val_nested_fill(&column->list, n, first_row, &r->findings, &why)
                       : val_flat_fill(&column->flat, n, first_row, &r->findings, &why);
    CORE_TRY(in_field(r, column->index, st, &why, err));
    const size_t bytes = column->nested ? column->list.n_bytes : column->flat.n_bytes;
    if (bytes > *most) *most = bytes;
  }
  return fill_elements(r, n, first_row, most, err);
}

static bool all_idle(const struct val_reader *r) {
  for (size_t i = 0; i < r->n_columns; i++)
    if (!r->columns[i].idle) return false;
  for (size_t i = 0; i < r->n_element_columns; i++)
    if (!r->element_columns[i].idle) return false;
  return true;
}

/* Rows go in small steps first, so that a batch of long texts ends in time. */
static enum core_status fill_batch(struct val_reader *r, size_t *n, struct core_error *err) {
  size_t bytes = 0;
  *n = 0;
  while (*n < r->batch_rows && bytes < BATCH_BYTES) {
    const size_t before = bytes;
    if (r->group_left == 0) {
      if (r->by_parts || r->group == r->end_group) return CORE_OK;
      CORE_TRY(next_group(r, err));
      continue;
    }
    size_t step = all_idle(r) ? r->batch_rows : r->step;
    if (step > r->batch_rows - *n) step = r->batch_rows - *n;
    if ((int64_t)step > r->group_left) step = (size_t)r->group_left;
    CORE_TRY(fill(r, step, r->n_rows + (int64_t)*n, &bytes, err));
    *n += step;
    r->group_left -= (int64_t)step;
    if (bytes - before < STEP_BYTES && r->step < LAST_STEP) r->step *= 2;
    if (bytes - before > 4 * STEP_BYTES && r->step > 1) r->step /= 2;
  }
  return CORE_OK;
}

static void give_elements(struct val_reader *r) {
  for (size_t i = 0; i < r->schema.n_elements; i++)
    r->given_elements[i] = (struct val_elements){.column = {.type = VAL_TYPE_NULL}};
  for (size_t i = 0; i < r->n_element_columns; i++)
    if (!r->element_columns[i].idle)
      r->given_elements[r->element_columns[i].index] =
          val_elements_given(&r->element_columns[i].values);
}

static enum core_status parquet_next(struct val_reader *r, const struct val_batch **batch,
                                     struct core_error *err) {
  size_t n = 0;
  *batch = NULL;
  for (size_t i = 0; i < r->n_columns; i++) {
    if (r->columns[i].nested)
      val_nested_reset(&r->columns[i].list);
    else
      val_flat_reset(&r->columns[i].flat);
  }
  for (size_t i = 0; i < r->n_element_columns; i++)
    val_elements_reset(&r->element_columns[i].values);
  if (r->by_parts && all_idle(r)) { /* nothing is read: one batch says how many rows there are */
    n = (size_t)r->group_left;
    r->group_left = 0;
  } else {
    CORE_TRY(fill_batch(r, &n, err));
  }
  if (n == 0) return CORE_OK;
  for (size_t i = 0; i < r->schema.n_fields; i++)
    r->given[i] = (struct val_column){.type = VAL_TYPE_NULL, .null_count = (int64_t)n};
  for (size_t i = 0; i < r->n_columns; i++)
    if (!r->columns[i].idle)
      r->given[r->columns[i].index] = r->columns[i].nested ? val_nested_column(&r->columns[i].list)
                                                           : val_flat_column(&r->columns[i].flat);
  give_elements(r);
  r->batch = (struct val_batch){.n_rows = n,
                                .first_row = r->n_rows,
                                .n_columns = r->schema.n_fields,
                                .columns = r->given,
                                .elements = r->given_elements};
  r->n_rows += (int64_t)n;
  *batch = &r->batch;
  return CORE_OK;
}

/* Never needed for the types, which the footer has; for callers that read twice. */
static enum core_status parquet_rewind(struct val_reader *r, struct core_error *err) {
  (void)err;
  r->group = r->first_group;
  r->group_left = 0;
  r->n_rows = r->first_row;
  val_findings_reset(&r->findings);
  val_findings_join(&r->findings, &r->at_open, 0, 0);
  r->by_parts = false;
  for (size_t i = 0; i < r->n_columns; i++) r->columns[i].idle = false;
  for (size_t i = 0; i < r->n_element_columns; i++) r->element_columns[i].idle = false;
  return CORE_OK;
}

/* ---- parts: the row groups ---- */

static int64_t parquet_part_rows(const struct val_reader *r) {
  if (r->group == r->end_group) return -1;
  return val_parquet_group(r->file, r->group)->n_rows;
}

static void column_facts(struct val_reader *r, struct parquet_column *column, enum val_proof proof,
                         struct val_facts *out) {
  const struct val_parquet_field *field = &r->file->schema.fields[column->index];
  const struct val_conversion *c = &column->flat.conversion;
  const size_t leaf = field->node->first_leaf;
  if (proof == VAL_PROOF_FOOTER)
    val_statistics_facts(r->file, r->group, leaf, c, out);
  else if (proof == VAL_PROOF_PAGE_INDEX)
    val_page_index_facts(r->file, r->group, leaf, c, &r->lookup, out);
  else
    val_bloom_facts(&column->bloom, r->file, r->group, leaf, c, &r->lookup, out);
}

static void parquet_part_facts(struct val_reader *r, size_t column, enum val_proof proof,
                               struct val_facts *out) {
  if (proof == VAL_PROOF_FOOTER) *out = (struct val_facts){.knows_nulls = false};
  for (size_t i = 0; i < r->n_columns; i++)
    if (r->columns[i].index == column && !r->columns[i].nested)
      column_facts(r, &r->columns[i], proof, out);
}

static enum core_status parquet_part_begin(struct val_reader *r, const bool *wanted,
                                           struct core_error *err) {
  r->by_parts = true;
  core_arena_reset(&r->lookup.arena);
  for (size_t i = 0; i < r->n_columns; i++) r->columns[i].idle = !wanted[r->columns[i].index];
  for (size_t i = 0; i < r->n_element_columns; i++)
    r->element_columns[i].idle = !wanted[r->schema.n_fields + r->element_columns[i].index];
  return next_group(r, err);
}

/* ---- sections for threads: row groups that follow each other ---- */

/* Footer, schema and file are those of `whole`; its `n` sections share what it may hold. */
static enum core_status open_part(const struct val_reader *whole, size_t n, size_t first_group,
                                  size_t end_group, int64_t first_row, struct val_reader **out,
                                  struct core_error *err) {
  struct val_reader *part = core_calloc(1, sizeof *part);
  if (!part) return core_fail_nomem(err, sizeof *part);
  part->source = whole->source;
  part->file = whole->file;
  part->fields = whole->fields;
  part->schema = whole->schema;
  part->elements = whole->elements;
  part->memory.most = VAL_PARQUET_MEMORY_MOST / n +
                      (whole->n_columns + whole->n_element_columns) * VAL_PARQUET_MEMORY_COLUMN;
  part->memory.unspilled = (whole->memory.unspilled + n - 1) / n;
  part->memory.n_columns = whole->memory.n_columns;
  part->batch_rows = whole->batch_rows;
  part->codes = whole->codes;
  part->lookup.bytes_left = whole->file->data_end;
  part->step = FIRST_STEP;
  part->group = part->first_group = first_group;
  part->end_group = end_group;
  part->n_rows = part->first_row = first_row;
  const enum core_status st = val_parquet_columns_open_as(part, whole, err);
  if (st != CORE_OK) {
    parquet_close(part);
    return st;
  }
  *out = part;
  return CORE_OK;
}

/* About the same number of rows each; no row group is cut. */
static enum core_status parquet_split(struct val_reader *r, struct val_reader_part *parts,
                                      size_t *n, struct core_error *err) {
  const size_t n_groups = val_parquet_n_groups(r->file);
  int64_t total = 0, rows = 0;
  CORE_TRY(parquet_rewind(r, err));
  if (*n > n_groups) *n = n_groups;
  for (size_t i = 0; i < n_groups; i++) total += val_parquet_group(r->file, i)->n_rows;
  if (*n < 2 || r->n_columns + r->n_element_columns == 0) *n = 0;
  for (size_t k = 0, group = 0; k < *n; k++) {
    const size_t first = group, last = n_groups - (*n - 1 - k); /* the others get one at least */
    const int64_t before = rows, want = (int64_t)((double)total / (double)*n * (double)(k + 1));
    do rows += val_parquet_group(r->file, group++)->n_rows;
    while (group < last &&
           (k + 1 == *n || rows + val_parquet_group(r->file, group)->n_rows / 2 <= want));
    CORE_TRY(open_part(r, *n, first, group, before, &parts[k].reader, err));
  }
  return CORE_OK;
}

/* The sections know their place: their rows are numbered already. */
static enum core_status parquet_join(struct val_reader *r, struct val_reader_part *parts, size_t n,
                                     bool *whole, struct core_error *err) {
  (void)err;
  *whole = true;
  for (size_t k = 0; k < n; k++) {
    parts[k].rows_before = parts[k].lines_before = 0;
    val_findings_join(&r->findings, &parts[k].reader->findings, 0, 0);
  }
  return CORE_OK;
}

static const struct val_schema *parquet_schema(const struct val_reader *r) {
  return &r->schema;
}

static const struct val_findings *parquet_findings(const struct val_reader *r) {
  return &r->findings;
}

extern const struct val_reader_ops val_reader_parquet;
const struct val_reader_ops val_reader_parquet = {
    .name = "parquet",
    .summary = "Apache Parquet",
    .typed = true,
    .claims = parquet_claims,
    .open = parquet_open,
    .schema = parquet_schema,
    .next = parquet_next,
    .rewind = parquet_rewind,
    .part_rows = parquet_part_rows,
    .part_facts = parquet_part_facts,
    .part_begin = parquet_part_begin,
    .split = parquet_split,
    .join = parquet_join,
    .findings = parquet_findings,
    .close = parquet_close,
};
