/* SPDX-License-Identifier: GPL-3.0-or-later
 * Parquet: footer -> the columns that are needed -> pages -> batches, row group by row group. Types are the file's own.
 * What is read as what: docs/parquet.md. */
#include <string.h>
#include <strings.h>

#include "validate/parquet/bloom.h"
#include "validate/parquet/elements.h"
#include "validate/parquet/flat.h"
#include "validate/parquet/nested.h"
#include "validate/parquet/statistics.h"
#include "validate/reader/reader.h"

#define DEFAULT_BATCH_ROWS 8192
#define MAX_BATCH_ROWS     1000000
#define MAX_BATCH_CELLS    ((size_t)1 << 20)   /* wide tables get fewer rows a batch */
#define BATCH_BYTES        ((size_t)4 << 20)   /* of text in one column, before a batch is closed */
#define MEMORY_MOST        ((size_t)512 << 20) /* for the pages and buffers of all columns, and */
#define MEMORY_COLUMN      ((size_t)4 << 20)   /* for each: wide tables are nothing bad */
#define FIRST_STEP         64                  /* rows, until it is known how long they are */
#define LAST_STEP          VAL_CHUNK_STEP
#define STEP_BYTES         ((size_t)256 << 10)

struct parquet_column {
  size_t index; /* in the schema */
  bool idle;    /* not read in the present part */
  bool nested;
  bool as_text; /* bytes that the suite declares to be text */
  struct val_flat flat;
  struct val_nested list;
  struct val_bloom bloom; /* of the part that comes next */
};

struct elements_column {
  size_t index; /* among the columns of elements */
  bool idle, as_text;
  struct val_elements_column values;
};

struct val_reader {
  struct core_source *source;
  const struct val_parquet_file *file; /* `own`, or that of the reader whose section this is */
  struct val_parquet_file own;
  struct val_parquet_memory memory;
  struct core_arena arena;
  struct val_field *fields;
  struct val_schema schema;
  struct parquet_column *columns;
  size_t n_columns;
  struct val_column *given;              /* of the schema */
  struct val_parquet_elements *elements; /* all that there are, and those that are read */
  struct elements_column *element_columns;
  size_t n_element_columns;
  struct val_elements *given_elements; /* of the schema */
  struct val_batch batch;
  struct val_findings findings, at_open; /* of the latter: those about columns, not rows */
  struct val_lookup lookup;
  size_t batch_rows;
  bool codes; /* columns may stay dictionary-encoded */
  size_t step;
  size_t group;                  /* the next row group */
  size_t first_group, end_group; /* of this reader's section, and behind it */
  int64_t first_row;             /* of the section */
  int64_t group_left;            /* rows of the present one */
  int64_t n_rows;                /* in earlier batches */
  bool by_parts;                 /* batches end with their row group */
};

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

static const struct val_field *find_declared(const struct val_read_options *options,
                                             const char *name) {
  for (size_t i = 0; i < options->n_declared; i++)
    if (strcmp(options->declared[i].name, name) == 0) return &options->declared[i];
  return NULL;
}

static bool is_needed(const struct val_read_options *options, const char *name) {
  if (!options->needed) return true;
  for (size_t i = 0; options->needed[i]; i++)
    if (strcmp(options->needed[i], name) == 0) return true;
  return false;
}

static bool wants_text(const struct val_field *declared) {
  return declared && declared->type == VAL_TYPE_STRING;
}

/* A declared type is a promise about the file, whose own types are what is read. */
static void check_declared(struct val_reader *r, const struct val_field *declared,
                           const struct val_field *field) {
  if (!declared || declared->type == field->type || field->type == VAL_TYPE_NULL) return;
  val_findings_add(&r->at_open, VAL_FINDING_TYPE, -1, -1, -1, field->name,
                   "the suite declares '%s' as %s; the file has it as %s", field->name,
                   val_type_name(declared->type), val_type_name(field->type));
}

static bool are_elements_needed(const struct val_read_options *options, const char *name) {
  for (size_t i = 0; options->elements && options->elements[i]; i++)
    if (strcmp(options->elements[i], name) == 0) return true;
  return false;
}

static void make_field(struct val_reader *r, const struct val_read_options *options, size_t i,
                       const char *path, const struct val_parquet_leaf *leaf) {
  const struct val_field *declared = find_declared(options, path);
  struct val_field *field = &r->fields[i];
  *field = (struct val_field){.name = path, .type = VAL_TYPE_NESTED, .declared = declared};
  if (leaf) {
    const struct val_conversion c = val_conversion_of(leaf, wants_text(declared));
    field->type = c.type;
    field->precision = c.precision;
    field->scale = c.scale;
    field->note = c.note;
  }
  check_declared(r, declared, field);
}

static enum core_status make_fields(struct val_reader *r, const struct val_read_options *options,
                                    struct core_error *err) {
  const struct val_parquet_schema *schema = &r->file->schema;
  const size_t n = schema->n_fields;
  size_t n_elements = 0;
  CORE_TRY(val_elements_list(schema, &r->arena, &r->elements, &n_elements, err));
  r->fields = core_arena_calloc(&r->arena, n + n_elements + 1, sizeof *r->fields);
  r->given = core_calloc(n + 1, sizeof *r->given);
  r->given_elements = core_calloc(n_elements + 1, sizeof *r->given_elements);
  if (!r->fields || !r->given || !r->given_elements)
    return core_fail_nomem(err, (n + n_elements) * sizeof *r->fields);
  r->schema = (struct val_schema){r->fields, n, n_elements};
  for (size_t i = 0; i < n; i++) {
    const struct val_parquet_field *from = &schema->fields[i];
    make_field(r, options, i, from->path,
               from->nested ? NULL : &schema->leaves[from->node->first_leaf]);
    r->n_columns += is_needed(options, from->path);
  }
  for (size_t i = 0; i < n_elements; i++) {
    const struct val_parquet_elements *from = &r->elements[i];
    make_field(r, options, n + i, from->path, &schema->leaves[from->leaf]);
    r->fields[n + i].parent = from->field;
    r->n_element_columns += are_elements_needed(options, from->path);
  }
  return CORE_OK;
}

/* The first of two columns of one name is the one that a suite means. */
static enum core_status note_duplicates(struct val_reader *r, struct core_error *err) {
  const size_t n = r->schema.n_fields;
  size_t n_slots = 16;
  while (n_slots < 2 * n) n_slots *= 2;
  size_t *slots = core_calloc(n_slots, sizeof *slots); /* index + 1 */
  if (!slots) return core_fail_nomem(err, n_slots * sizeof *slots);
  for (size_t i = 0; i < n; i++) {
    const char *name = r->fields[i].name;
    size_t at = 5381;
    for (const char *c = name; *c; c++) at = at * 33 + (unsigned char)*c;
    at &= n_slots - 1;
    while (slots[at] && strcmp(r->fields[slots[at] - 1].name, name) != 0)
      at = (at + 1) & (n_slots - 1);
    if (slots[at])
      val_findings_add(&r->at_open, VAL_FINDING_DUPLICATE_COLUMN, -1, -1, -1, name,
                       "two columns are called '%s'; the first is meant", name);
    slots[at] = i + 1;
  }
  core_free(slots);
  return CORE_OK;
}

/* The next one of r->columns: field i of the schema. */
static enum core_status open_column(struct val_reader *r, size_t i, bool as_text,
                                    struct core_error *err) {
  const struct val_parquet_field *field = &r->file->schema.fields[i];
  struct parquet_column *column = &r->columns[r->n_columns++];
  column->index = i;
  column->nested = field->nested;
  column->as_text = as_text;
  if (field->nested)
    return val_nested_open(&column->list, r->file, field, r->batch_rows, &r->memory, err);
  return val_flat_open(&column->flat, r->file, field->node->first_leaf, as_text, field->path,
                       r->batch_rows, r->codes, &r->memory, err);
}

/* The next one of r->element_columns. */
static enum core_status open_element_column(struct val_reader *r, size_t i, bool as_text,
                                            struct core_error *err) {
  struct elements_column *column = &r->element_columns[r->n_element_columns++];
  column->index = i;
  column->as_text = as_text;
  return val_elements_open(&column->values, r->file, &r->elements[i], as_text, &r->memory, err);
}

static enum core_status open_elements(struct val_reader *r, const struct val_read_options *options,
                                      struct core_error *err) {
  r->element_columns = core_calloc(r->n_element_columns + 1, sizeof *r->element_columns);
  if (!r->element_columns)
    return core_fail_nomem(err, r->n_element_columns * sizeof *r->element_columns);
  r->n_element_columns = 0;
  for (size_t i = 0; i < r->schema.n_elements; i++) {
    const char *path = r->elements[i].path;
    if (are_elements_needed(options, path))
      CORE_TRY(open_element_column(r, i, wants_text(find_declared(options, path)), err));
  }
  return CORE_OK;
}

static enum core_status open_columns(struct val_reader *r, const struct val_read_options *options,
                                     struct core_error *err) {
  const struct val_parquet_schema *schema = &r->file->schema;
  CORE_TRY(make_fields(r, options, err));
  CORE_TRY(note_duplicates(r, err));
  r->memory.most = MEMORY_MOST + (r->n_columns + r->n_element_columns) * MEMORY_COLUMN;
  r->columns = core_calloc(r->n_columns + 1, sizeof *r->columns);
  if (!r->columns) return core_fail_nomem(err, r->n_columns * sizeof *r->columns);
  r->codes = options->codes;
  r->batch_rows = options->batch_rows ? options->batch_rows : DEFAULT_BATCH_ROWS;
  if (r->n_columns + r->n_element_columns == 0 || r->batch_rows > MAX_BATCH_ROWS)
    r->batch_rows = MAX_BATCH_ROWS;
  const size_t most = MAX_BATCH_CELLS / (r->n_columns + 1);
  if (r->batch_rows > most) r->batch_rows = most > 0 ? most : 1;
  r->n_columns = 0;
  for (size_t i = 0; i < schema->n_fields; i++) {
    const char *path = schema->fields[i].path;
    if (is_needed(options, path))
      CORE_TRY(open_column(r, i, wants_text(find_declared(options, path)), err));
  }
  CORE_TRY(open_elements(r, options, err));
  val_findings_join(&r->findings, &r->at_open, 0, 0);
  return CORE_OK;
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
  if (st == CORE_OK) st = open_columns(r, options, &why);
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

static enum core_status open_columns_as(struct val_reader *part, const struct val_reader *whole,
                                        struct core_error *err) {
  part->columns = core_calloc(whole->n_columns + 1, sizeof *part->columns);
  part->given = core_calloc(whole->schema.n_fields + 1, sizeof *part->given);
  part->element_columns = core_calloc(whole->n_element_columns + 1, sizeof *part->element_columns);
  part->given_elements = core_calloc(whole->schema.n_elements + 1, sizeof *part->given_elements);
  if (!part->columns || !part->given || !part->element_columns || !part->given_elements)
    return core_fail_nomem(err, whole->n_columns * sizeof *part->columns);
  for (size_t i = 0; i < whole->n_columns; i++)
    CORE_TRY(open_column(part, whole->columns[i].index, whole->columns[i].as_text, err));
  for (size_t i = 0; i < whole->n_element_columns; i++) {
    const struct elements_column *column = &whole->element_columns[i];
    CORE_TRY(open_element_column(part, column->index, column->as_text, err));
  }
  return CORE_OK;
}

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
  part->memory.most =
      MEMORY_MOST / n + (whole->n_columns + whole->n_element_columns) * MEMORY_COLUMN;
  part->batch_rows = whole->batch_rows;
  part->codes = whole->codes;
  part->lookup.bytes_left = whole->file->data_end;
  part->step = FIRST_STEP;
  part->group = part->first_group = first_group;
  part->end_group = end_group;
  part->n_rows = part->first_row = first_row;
  const enum core_status st = open_columns_as(part, whole, err);
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
