/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/reader/parquet_state.h"

#include <string.h>

#define DEFAULT_BATCH_ROWS 8192
#define MAX_BATCH_ROWS     1000000
#define MAX_BATCH_CELLS    ((size_t)1 << 20) /* wide tables get fewer rows a batch */

static const struct val_field *find_declared(const struct val_read_options *options,
                                             const char *name) {
  for (size_t i = 0; i < options->n_declared; i++)
    if (strcmp(options->declared[i].name, name) == 0) return &options->declared[i];
  return NULL;
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
    r->n_columns += val_read_needs(options->needed, from->path);
  }
  for (size_t i = 0; i < n_elements; i++) {
    const struct val_parquet_elements *from = &r->elements[i];
    make_field(r, options, n + i, from->path, &schema->leaves[from->leaf]);
    r->fields[n + i].parent = from->field;
    r->n_element_columns += val_read_needs_elements(options->elements, from->path);
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
    if (val_read_needs_elements(options->elements, path))
      CORE_TRY(open_element_column(r, i, wants_text(find_declared(options, path)), err));
  }
  return CORE_OK;
}

enum core_status val_parquet_columns_open(struct val_reader *r,
                                          const struct val_read_options *options,
                                          struct core_error *err) {
  const struct val_parquet_schema *schema = &r->file->schema;
  CORE_TRY(make_fields(r, options, err));
  CORE_TRY(note_duplicates(r, err));
  r->memory.most =
      VAL_PARQUET_MEMORY_MOST + (r->n_columns + r->n_element_columns) * VAL_PARQUET_MEMORY_COLUMN;
  r->memory.unspilled = options->page_memory ? options->page_memory : VAL_PARQUET_UNSPILLED;
  r->memory.n_columns = r->n_columns + r->n_element_columns;
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
    if (val_read_needs(options->needed, path))
      CORE_TRY(open_column(r, i, wants_text(find_declared(options, path)), err));
  }
  CORE_TRY(open_elements(r, options, err));
  val_findings_join(&r->findings, &r->at_open, 0, 0);
  return CORE_OK;
}

enum core_status val_parquet_columns_open_as(struct val_reader *part,
                                             const struct val_reader *whole,
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
