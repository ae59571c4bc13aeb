/* SPDX-License-Identifier: GPL-3.0-or-later
 * Files with types of their own have had them made equal when they were opened (union.c). For others, each file is read
 * with the classes of all values before it. Where a file contradicts the types so far, all that is left is looked at, which
 * settles every type; so a dataset is started again at most once, as a single file is. */
#include "validate/dataset/files_reader.h"

#include <string.h>

#include "validate/dataset/files_state.h"
#include "validate/reader/infer.h"

#define IDLE_ROWS                                                                                  \
  ((size_t)65536) /* a batch of which no column is read may have any number of rows */

/* ---- one file ---- */

static const char *path_of(const struct val_reader *r) {
  const char *path = r->dataset->files[r->file].path;
  return core_streq(path, "-") ? "<stdin>" : path;
}

static const struct val_schema *inner_schema(const struct val_reader *r) {
  return r->shared->ops->schema(r->inner);
}

bool files_have_columns(const struct val_reader *r) {
  const struct val_schema *schema = inner_schema(r);
  const struct val_union_map *map = r->shared->maps[r->file];
  return schema->n_fields == map->n_file_columns && schema->n_elements == map->n_file_elements;
}

enum core_status files_open_at(struct val_reader *r, struct core_error *err) {
  struct val_read_options options = r->shared->options;
  options.seeds = r->seeds;
  options.n_seeds = r->shared->n_of_files;
  options.settled = r->settled;
  r->file_rows = 0;
  if (r->section) {
    r->inner = r->section;
  } else {
    CORE_TRY(val_union_open_file(r->dataset, r->file, &options, &r->input, err));
    r->inner = r->input.reader;
    if (r->input.ops != r->shared->ops || !files_have_columns(r)) {
      val_input_close(&r->input);
      return core_fail(err, CORE_IO, "%s: changed while it was read", path_of(r));
    }
  }
  r->open = true;
  struct val_findings own = {.count = {0}};
  const enum core_status st = file_columns_begin(&r->columns, r->file, &own, err);
  val_findings_join_file(&r->findings, &own, 0, 0, path_of(r));
  val_findings_close(&own);
  return st;
}

/* The classes of the file's values are those of the dataset from now on. */
static void take_classes(struct val_reader *r) {
  for (size_t i = 0; r->shared->ops->classes && !r->is_part && i < r->shared->n_of_files; i++) {
    const uint32_t at = val_union_at(r->shared, r->file, i);
    if (at != VAL_UNION_NONE) r->seeds[i].classes |= r->shared->ops->classes(r->inner, at);
  }
}

/* A file's findings are told with its name; a section's are joined by who split it. */
static void leave_file(struct val_reader *r, bool finished) {
  if (!r->open) return;
  if (finished) {
    take_classes(r);
    r->rows_of[r->file] = r->file_rows;
    if (!r->section)
      val_findings_join_file(&r->findings, r->shared->ops->findings(r->inner),
                             r->n_rows - r->file_rows, 0, path_of(r));
  }
  val_input_close(&r->input);
  r->inner = NULL;
  r->open = false;
  r->by_parts = false;
}

/* ---- types that follow from values ---- */

bool files_agree(const struct val_reader *r) {
  const struct val_schema *schema = inner_schema(r);
  if (r->shared->ops->typed) return true;
  for (size_t i = 0; i < r->shared->n_of_files; i++) {
    const uint32_t at = val_union_at(r->shared, r->file, i);
    if (at == VAL_UNION_NONE || !r->shared->needed[i] || r->shared->fields[i].declared) continue;
    if (schema->fields[at].type != r->shared->fields[i].type) return false;
  }
  return true;
}

static enum core_status take_note(struct val_reader *r, struct val_field *field,
                                  const struct val_field *from, struct core_error *err) {
  if (field->type != VAL_TYPE_STRING) field->note = NULL;
  if (!from->note || field->note || field->type != VAL_TYPE_STRING) return CORE_OK;
  field->note = core_arena_printf(&r->arena, "%s (in %s)", from->note, path_of(r));
  return field->note ? CORE_OK : core_fail_nomem(err, 1);
}

static enum core_status take_types(struct val_reader *r, struct core_error *err) {
  const struct val_schema *schema = inner_schema(r);
  for (size_t i = 0; i < r->all.n_of_files; i++) {
    const uint32_t at = val_union_at(&r->all, r->file, i);
    if (at == VAL_UNION_NONE || r->all.fields[i].declared) continue;
    r->all.fields[i].type = schema->fields[at].type;
    CORE_TRY(take_note(r, &r->all.fields[i], &schema->fields[at], err));
  }
  return CORE_OK;
}

/* Looks at what is left of the file at hand and at all that follow. CORE_EXISTS: start again. */
static enum core_status settle(struct val_reader *r, struct core_error *err) {
  const struct val_reader_ops *ops = r->all.ops;
  for (;;) {
    CORE_TRY(ops->settle(r->inner, err));
    take_classes(r);
    CORE_TRY(take_types(r, err));
    leave_file(r, false);
    if (++r->file == r->end) break;
    CORE_TRY(files_open_at(r, err));
  }
  r->settled = r->started = true;
  for (size_t i = 0; i < r->all.n_of_files; i++)
    if (!r->all.fields[i].declared)
      r->all.fields[i].type =
          r->all.needed[i] ? val_infer_type(r->seeds[i].classes) : VAL_TYPE_NULL;
  return CORE_EXISTS;
}

/* The first batch of all says what the types are, the first one of every other file is held against them. */
static enum core_status check_types(struct val_reader *r, struct core_error *err) {
  if (r->file_rows > 0 || r->shared->ops->typed) return CORE_OK;
  if (!r->started && !r->is_part) {
    r->started = true;
    return take_types(r, err);
  }
  if (files_agree(r)) return CORE_OK;
  return r->is_part ? CORE_EXISTS : settle(r, err);
}

/* ---- batches ---- */

static enum core_status give(struct val_reader *r, const struct val_batch *inner, size_t n,
                             struct core_error *err) {
  CORE_TRY(file_columns_fill(&r->columns, r->file, inner, n, r->by_parts ? r->wanted : NULL, err));
  r->batch = (struct val_batch){.n_rows = n,
                                .first_row = r->n_rows,
                                .n_columns = r->shared->n,
                                .columns = r->columns.given,
                                .elements = r->columns.given_elements,
                                .line = inner ? inner->line : NULL,
                                .byte = inner ? inner->byte : NULL};
  r->n_rows += (int64_t)n;
  r->file_rows += (int64_t)n;
  return CORE_OK;
}

static bool is_idle(const struct val_batch *batch) {
  if (batch->n_rows <= IDLE_ROWS || batch->line) return false;
  for (size_t i = 0; i < batch->n_columns; i++)
    if (batch->columns[i].type != VAL_TYPE_NULL) return false;
  return true;
}

static enum core_status give_idle(struct val_reader *r, struct core_error *err) {
  static const struct val_column null = {.type = VAL_TYPE_NULL};
  const size_t n = r->idle_left < IDLE_ROWS ? r->idle_left : IDLE_ROWS;
  const size_t n_inner = inner_schema(r)->n_fields;
  struct val_column *columns = core_calloc(n_inner + 1, sizeof *columns);
  if (!columns) return core_fail_nomem(err, n_inner * sizeof *columns);
  for (size_t i = 0; i < n_inner; i++) columns[i] = null;
  const struct val_batch inner = {.n_rows = n, .n_columns = n_inner, .columns = columns};
  const enum core_status st = give(r, &inner, n, err);
  core_free(columns);
  r->idle_left -= n;
  return st;
}

static enum core_status to_next_file(struct val_reader *r, struct core_error *err) {
  leave_file(r, true);
  if (++r->file >= r->end) return CORE_OK;
  return files_open_at(r, err);
}

/* The next batch of the file at hand; NULL at its end. */
static enum core_status next_of_file(struct val_reader *r, const struct val_batch **inner,
                                     struct core_error *err) {
  const enum core_status st = r->shared->ops->next(r->inner, inner, err);
  if (st == CORE_EXISTS && !r->is_part) return settle(r, err);
  CORE_TRY(st);
  if (!*inner) return CORE_OK;
  CORE_TRY(check_types(r, err));
  if (is_idle(*inner)) r->idle_left = (*inner)->n_rows;
  return CORE_OK;
}

static enum core_status files_next(struct val_reader *r, const struct val_batch **batch,
                                   struct core_error *err) {
  *batch = NULL;
  while (r->file < r->end) {
    const struct val_batch *inner = NULL;
    if (!r->open) CORE_TRY(files_open_at(r, err));
    if (r->idle_left == 0) CORE_TRY(next_of_file(r, &inner, err));
    if (!inner && r->idle_left == 0) {
      if (r->by_parts) return CORE_OK;
      CORE_TRY(to_next_file(r, err));
      continue;
    }
    CORE_TRY(r->idle_left ? give_idle(r, err) : give(r, inner, inner->n_rows, err));
    *batch = &r->batch;
    return CORE_OK;
  }
  return CORE_OK;
}

enum core_status files_rewind(struct val_reader *r, struct core_error *err) {
  (void)err;
  leave_file(r, false);
  files_groups_close(r);
  r->file = r->first;
  r->n_rows = 0;
  r->idle_left = 0;
  val_findings_reset(&r->findings);
  val_findings_join(&r->findings, &r->all.findings, 0, 0);
  return CORE_OK;
}

/* ---- parts that say something of themselves ---- */

/* Whoever asks for the next part cannot be told of trouble, so the next file is opened before he does. */
enum core_status files_find_part(struct val_reader *r, struct core_error *err) {
  while (r->file < r->end) {
    if (!r->open) CORE_TRY(files_open_at(r, err));
    if (r->shared->ops->part_rows(r->inner) >= 0) return CORE_OK;
    CORE_TRY(to_next_file(r, err));
  }
  return CORE_OK;
}

static enum core_status files_next_of_part(struct val_reader *r, const struct val_batch **batch,
                                           struct core_error *err) {
  CORE_TRY(files_next(r, batch, err));
  if (*batch || !r->by_parts) return CORE_OK;
  r->by_parts = false;
  return files_find_part(r, err);
}

static enum core_status files_rewind_to_part(struct val_reader *r, struct core_error *err) {
  CORE_TRY(files_rewind(r, err));
  return files_find_part(r, err);
}

static int64_t files_part_rows(const struct val_reader *r) {
  return r->file < r->end && r->open ? r->shared->ops->part_rows(r->inner) : -1;
}

static void key_facts(const struct val_column *key, int64_t n_rows, struct val_facts *out) {
  out->knows_nulls = true;
  out->n_null = key->null_count > 0 ? n_rows : 0;
  out->knows_range = key->null_count == 0;
  if (out->knows_range) out->least = out->greatest = val_scalar_at(key, 0);
}

static void files_part_facts(struct val_reader *r, size_t column, enum val_proof proof,
                             struct val_facts *out) {
  const uint32_t at = val_union_at(r->shared, r->file, column);
  const struct val_schema *schema = inner_schema(r);
  const bool is_key = column >= r->shared->n_of_files && column < r->shared->n;
  if (proof == VAL_PROOF_FOOTER) *out = (struct val_facts){.knows_nulls = false};
  if (at != VAL_UNION_NONE) {
    if (schema->fields[at].type == r->shared->fields[column].type &&
        schema->fields[at].scale == r->shared->fields[column].scale)
      r->shared->ops->part_facts(r->inner, at, proof, out);
  } else if (proof == VAL_PROOF_FOOTER && is_key) {
    key_facts(file_columns_key(&r->columns, column), files_part_rows(r), out);
  } else if (proof == VAL_PROOF_FOOTER && column < r->shared->n) {
    out->knows_nulls = true;
    out->n_null = files_part_rows(r);
  }
}

static enum core_status files_part_begin(struct val_reader *r, const bool *wanted,
                                         struct core_error *err) {
  memset(r->wanted_inner, 0, val_schema_width(inner_schema(r)) * sizeof *r->wanted_inner);
  for (size_t i = 0; i < val_union_width(r->shared); i++) {
    const uint32_t at = val_union_at(r->shared, r->file, i);
    r->wanted[i] = wanted[i];
    if (wanted[i] && at != VAL_UNION_NONE) r->wanted_inner[at] = true;
  }
  r->by_parts = true;
  return r->shared->ops->part_begin(r->inner, r->wanted_inner, err);
}

/* ---- opening and closing ---- */

void files_close(struct val_reader *r) {
  if (!r) return;
  leave_file(r, false);
  files_groups_close(r);
  if (r->section) {
    r->shared->ops->close(r->section);
    r->from->reader = NULL;
  }
  file_columns_close(&r->columns);
  core_free(r->seeds);
  core_free(r->rows_of);
  core_free(r->wanted);
  core_free(r->wanted_inner);
  val_findings_close(&r->findings);
  core_arena_close(&r->arena);
  if (!r->is_part) val_union_close(&r->all);
  core_free(r);
}

enum core_status files_new(const struct val_dataset *dataset, struct val_reader **out,
                           struct core_error *err) {
  struct val_reader *r = core_calloc(1, sizeof *r);
  if (!r) return core_fail_nomem(err, sizeof *r);
  r->dataset = dataset;
  r->end = dataset->n_files;
  *out = r;
  return CORE_OK;
}

/* What is as large as the dataset has columns and files; r->shared is set. */
enum core_status files_prepare(struct val_reader *r, struct core_error *err) {
  const struct val_union *all = r->shared;
  const size_t width = val_union_width(all);
  size_t widest = 0;
  for (size_t i = 0; i < r->dataset->n_files; i++) {
    const size_t n = all->maps[i]->n_file_columns + all->maps[i]->n_file_elements;
    if (n > widest) widest = n;
  }
  r->schema = (struct val_schema){all->fields, all->n, all->n_elements};
  r->seeds = core_calloc(all->n + 1, sizeof *r->seeds);
  r->rows_of = core_calloc(r->dataset->n_files, sizeof *r->rows_of);
  r->wanted = core_calloc(width + 1, sizeof *r->wanted);
  r->wanted_inner = core_calloc(widest + 1, sizeof *r->wanted_inner);
  if (!r->seeds || !r->rows_of || !r->wanted || !r->wanted_inner)
    return core_fail_nomem(err, width * sizeof *r->seeds);
  for (size_t i = 0; i < all->n; i++) r->seeds[i].name = all->fields[i].name;
  return file_columns_init(&r->columns, all, r->dataset, err);
}

static const struct val_schema *files_schema(const struct val_reader *r) {
  return &r->schema;
}

static const struct val_findings *files_findings(const struct val_reader *r) {
  return &r->findings;
}

static const struct val_reader_ops ops_of_values = {.name = "files",
                                                    .summary = "several files of text as one",
                                                    .schema = files_schema,
                                                    .next = files_next,
                                                    .rewind = files_rewind,
                                                    .split = files_split,
                                                    .join = files_join,
                                                    .findings = files_findings,
                                                    .close = files_close};

static const struct val_reader_ops ops_of_parts = {.name = "files",
                                                   .summary = "several files with types as one",
                                                   .typed = true,
                                                   .schema = files_schema,
                                                   .next = files_next_of_part,
                                                   .rewind = files_rewind_to_part,
                                                   .part_rows = files_part_rows,
                                                   .part_facts = files_part_facts,
                                                   .part_begin = files_part_begin,
                                                   .split = files_split,
                                                   .join = files_join,
                                                   .findings = files_findings,
                                                   .close = files_close};

enum core_status val_files_open(const struct val_dataset *dataset,
                                const struct val_read_options *options,
                                const struct val_reader_ops **ops, struct val_reader **out,
                                struct core_error *err) {
  struct val_reader *r = NULL;
  CORE_TRY(files_new(dataset, &r, err));
  enum core_status st = val_union_open(&r->all, dataset, options, err);
  r->shared = &r->all;
  if (st == CORE_OK) st = files_prepare(r, err);
  if (st == CORE_OK) {
    *ops = r->all.ops->part_rows ? &ops_of_parts : &ops_of_values;
    st = (*ops)->rewind(r, err);
  }
  if (st != CORE_OK) {
    files_close(r);
    return st;
  }
  *out = r;
  return CORE_OK;
}

enum core_status val_files_rows(const struct val_reader *r, struct core_arena *arena,
                                const struct val_file_rows **out, size_t *n,
                                struct core_error *err) {
  struct val_file_rows *rows = core_arena_calloc(arena, r->dataset->n_files, sizeof *rows);
  int64_t first = 0;
  if (!rows) return core_fail_nomem(err, r->dataset->n_files * sizeof *rows);
  for (size_t i = 0; i < r->dataset->n_files; i++) {
    const struct val_dataset_file *file = &r->dataset->files[i];
    rows[i] = (struct val_file_rows){
        core_arena_strdup(arena, core_streq(file->path, "-") ? "<stdin>" : file->path), first,
        r->rows_of[i], file->bytes};
    if (!rows[i].path) return core_fail_nomem(err, strlen(file->path));
    first += r->rows_of[i];
  }
  *out = rows;
  *n = r->dataset->n_files;
  return CORE_OK;
}

void val_files_found(const struct val_reader *r, struct val_read_options *options) {
  options->sniff = r->all.options.sniff;
  options->delimiter = r->all.options.delimiter;
  options->quote = r->all.options.quote;
  options->header = r->all.options.header;
  options->encoding = r->all.options.encoding;
}
