/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/dataset/union.h"

#include <string.h>

#include "core/num.h"
#include "validate/dataset/field_table.h"

#define NAME_BYTES 60

struct build {
  struct val_union *all;
  const struct val_dataset *dataset;
  struct val_field_table columns, elements;
  bool has_base;
  size_t base, n_base; /* the first file that has columns: others are held against these */
  size_t n_base_elements;
  bool
      *seen; /* of the base's columns and then its columns of elements, those of the file at hand */
};

/* ---- differences ---- */

static const char *path_of(const struct build *b, size_t file) {
  return b->dataset->files[file].path;
}

static void differ(struct build *b, size_t file, enum val_finding_kind kind, const char *column,
                   const char *message) {
  struct val_findings *f = &b->all->findings;
  const uint64_t n = f->count[kind];
  val_findings_add(f, kind, -1, -1, -1, column, "%s", message);
  if (n < VAL_FINDINGS_KEPT) f->kept[kind][n].file = path_of(b, file);
}

/* The file is named by the finding's place, the other one in the message. */
static void drift(struct build *b, size_t file, const char *column, const char *before,
                  const char *behind) {
  struct core_str text = {0};
  core_str_printf(&text, "%s'", before);
  core_str_escaped(&text, column, strlen(column), NAME_BYTES);
  core_str_printf(&text, "'%s", behind);
  differ(b, file, b->all->options.allow_drift ? VAL_FINDING_FILES_DIFFER : VAL_FINDING_DRIFT,
         column, core_str_text(&text));
  core_str_close(&text);
}

static void drift_columns(struct build *b, size_t file, const char *column, bool extra) {
  struct core_str behind = {0};
  core_str_printf(&behind, extra ? ", which '%s' has not" : ", which '%s' has",
                  path_of(b, b->base));
  drift(b, file, column, extra ? "has a column " : "has no column ", core_str_text(&behind));
  core_str_close(&behind);
}

/* ---- types of one column in two files ---- */

static enum val_type common_type(enum val_type a, enum val_type b) {
  if (a == b || b == VAL_TYPE_NULL) return a;
  if (a == VAL_TYPE_NULL) return b;
  if ((a == VAL_TYPE_INT64 && b == VAL_TYPE_DOUBLE) ||
      (b == VAL_TYPE_INT64 && a == VAL_TYPE_DOUBLE))
    return VAL_TYPE_DOUBLE;
  if ((a == VAL_TYPE_DATE && b == VAL_TYPE_TIMESTAMP) ||
      (b == VAL_TYPE_DATE && a == VAL_TYPE_TIMESTAMP))
    return VAL_TYPE_TIMESTAMP;
  return VAL_TYPE_STRING;
}

static void type_text(const struct val_field *field, struct core_str *out) {
  core_str_text_append(out, val_type_name(field->type));
  if (field->type == VAL_TYPE_DECIMAL)
    core_str_printf(out, "(%d,%d)", field->precision, field->scale);
}

static void match_types(struct build *b, size_t file, struct val_field *field,
                        const struct val_field *from) {
  const bool same_scale = field->type != VAL_TYPE_DECIMAL || from->type != VAL_TYPE_DECIMAL ||
                          field->scale == from->scale;
  if (from->precision > field->precision && same_scale) field->precision = from->precision;
  if (field->type == from->type && same_scale) return;
  const enum val_type type = same_scale ? common_type(field->type, from->type) : VAL_TYPE_STRING;
  if (from->type != VAL_TYPE_NULL && field->type != VAL_TYPE_NULL) {
    struct core_str mine = {0}, theirs = {0};
    type_text(from, &mine);
    type_text(field, &theirs);
    struct core_str matter = {0};
    core_str_printf(&matter, " is %s, in '%s' %s; read as %s", core_str_text(&mine),
                    path_of(b, b->base), core_str_text(&theirs), val_type_name(type));
    drift(b, file, field->name, "column ", core_str_text(&matter));
    core_str_close(&matter);
    core_str_close(&mine);
    core_str_close(&theirs);
  }
  if (field->type == VAL_TYPE_NULL) field->scale = from->scale;
  field->type = type;
}

/* ---- one file ---- */

static bool is_key(const struct val_dataset *d, const char *name) {
  for (size_t i = 0; i < d->n_keys; i++)
    if (core_streq(d->keys[i], name)) return true;
  return false;
}

/* The dataset's column for the one of the file, *column, and how the two differ. */
static enum core_status match_field(struct build *b, size_t file, const struct val_field *from,
                                    bool is_elements, size_t *column, struct core_error *err) {
  struct val_field_table *table = is_elements ? &b->elements : &b->columns;
  const size_t n_base = is_elements ? b->n_base_elements : b->n_base;
  *column = val_field_table_find(table, from->name);
  if (*column == table->n)
    CORE_TRY(val_field_table_add(table, from, &b->all->arena, err));
  else if (b->all->ops->typed && file != b->base)
    match_types(b, file, &table->fields[*column], from);
  if (file == b->base) return CORE_OK;
  if (*column < n_base)
    b->seen[is_elements ? b->n_base + *column : *column] = true;
  else if (!is_elements || from->parent < b->n_base) /* a new column's elements are new with it */
    drift_columns(b, file, from->name, true);
  return CORE_OK;
}

static enum core_status match_column(struct build *b, size_t file, const struct val_field *from,
                                     uint32_t index, struct val_union_map *map, size_t *column,
                                     struct core_error *err) {
  struct val_union *all = b->all;
  *column = SIZE_MAX;
  if (is_key(b->dataset, from->name)) {
    if (all->findings.count[VAL_FINDING_FILES_DIFFER] == 0)
      differ(b, file, VAL_FINDING_FILES_DIFFER, from->name,
             "the column is also a key of the path, whose value is taken");
    return CORE_OK;
  }
  const size_t known = val_field_table_find(&b->columns, from->name);
  *column = known;
  if (known < b->columns.n && map->at[known] != VAL_UNION_NONE)
    return CORE_OK; /* the first of a name is meant */
  CORE_TRY(match_field(b, file, from, false, column, err));
  map->at[*column] = index;
  if (*column >= map->n) map->n = *column + 1;
  return CORE_OK;
}

/* Columns of elements follow theirs: those of a column that is not taken are not either. */
static enum core_status match_elements(struct build *b, size_t file, const struct val_field *from,
                                       uint32_t index, const size_t *column_of,
                                       struct val_union_map *map, struct core_error *err) {
  struct val_field field = *from;
  size_t at = val_field_table_find(&b->elements, from->name);
  field.parent = column_of[from->parent];
  if (field.parent == SIZE_MAX || map->at[field.parent] != from->parent) return CORE_OK;
  if (at < b->elements.n && map->elements_at[at] != VAL_UNION_NONE) return CORE_OK;
  CORE_TRY(match_field(b, file, &field, true, &at, err));
  map->elements_at[at] = index;
  if (at >= map->n_elements) map->n_elements = at + 1;
  return CORE_OK;
}

static bool same_places(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b) {
  return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * sizeof *a) == 0);
}

static bool same_map(const struct val_union_map *a, const struct val_union_map *b) {
  return a && a->n_file_columns == b->n_file_columns && a->n_file_elements == b->n_file_elements &&
         same_places(a->at, a->n, b->at, b->n) &&
         same_places(a->elements_at, a->n_elements, b->elements_at, b->n_elements);
}

static enum core_status keep_places(struct build *b, const uint32_t *at, size_t n, uint32_t **out,
                                    struct core_error *err) {
  *out = core_arena_calloc(&b->all->arena, n + 1, sizeof **out);
  if (!*out) return core_fail_nomem(err, n * sizeof **out);
  if (n) memcpy(*out, at, n * sizeof *at);
  return CORE_OK;
}

static enum core_status keep_map(struct build *b, size_t file, const struct val_union_map *map,
                                 struct core_error *err) {
  struct val_union *all = b->all;
  if (file > 0 && same_map(all->maps[file - 1], map)) {
    all->maps[file] = all->maps[file - 1];
    return CORE_OK;
  }
  struct val_union_map *kept = core_arena_calloc(&all->arena, 1, sizeof *kept);
  if (!kept) return core_fail_nomem(err, sizeof *kept);
  *kept = *map;
  all->maps[file] = kept;
  CORE_TRY(keep_places(b, map->at, map->n, &kept->at, err));
  return keep_places(b, map->elements_at, map->n_elements, &kept->elements_at, err);
}

static enum core_status match_fields(struct build *b, size_t file, const struct val_schema *schema,
                                     size_t *column_of, struct val_union_map *map,
                                     struct core_error *err) {
  bool ordered = true;
  size_t last = 0;
  for (size_t i = 0; i < schema->n_fields; i++) {
    CORE_TRY(match_column(b, file, &schema->fields[i], (uint32_t)i, map, &column_of[i], err));
    if (column_of[i] == SIZE_MAX) continue;
    ordered = ordered && column_of[i] >= last;
    last = column_of[i];
  }
  for (size_t i = schema->n_fields; i < val_schema_width(schema); i++)
    CORE_TRY(match_elements(b, file, &schema->fields[i], (uint32_t)i, column_of, map, err));
  if (!ordered)
    differ(b, file, VAL_FINDING_FILES_DIFFER, NULL,
           "its columns stand in another order than those of the first file; they are matched by "
           "name");
  return CORE_OK;
}

/* Columns of the base that the file has not. */
static void find_missing(struct build *b, size_t file) {
  for (size_t i = 0; i < b->n_base; i++)
    if (!b->seen[i]) drift_columns(b, file, b->columns.fields[i].name, false);
  for (size_t i = 0; i < b->n_base_elements; i++)
    if (!b->seen[b->n_base + i] && b->seen[b->elements.fields[i].parent])
      drift_columns(b, file, b->elements.fields[i].name, false);
}

static enum core_status match_file(struct build *b, size_t file, const struct val_schema *schema,
                                   struct core_error *err) {
  const size_t room = b->columns.n + schema->n_fields,
               room_elements = b->elements.n + schema->n_elements;
  struct val_union_map map = {.n_file_columns = schema->n_fields,
                              .n_file_elements = schema->n_elements,
                              .at = core_calloc(room + 1, sizeof *map.at),
                              .elements_at = core_calloc(room_elements + 1, sizeof *map.at)};
  size_t *column_of = core_calloc(schema->n_fields + 1, sizeof *column_of);
  enum core_status st = CORE_OK;
  if (!map.at || !map.elements_at || !column_of)
    st = core_fail_nomem(err, (room + room_elements) * sizeof *map.at);
  for (size_t i = 0; st == CORE_OK && i < room; i++) map.at[i] = VAL_UNION_NONE;
  for (size_t i = 0; st == CORE_OK && i < room_elements; i++) map.elements_at[i] = VAL_UNION_NONE;
  if (b->n_base + b->n_base_elements)
    memset(b->seen, 0, (b->n_base + b->n_base_elements) * sizeof *b->seen);
  if (st == CORE_OK) st = match_fields(b, file, schema, column_of, &map, err);
  if (st == CORE_OK && schema->n_fields) find_missing(b, file);
  if (st == CORE_OK) st = keep_map(b, file, &map, err);
  core_free(map.at);
  core_free(map.elements_at);
  core_free(column_of);
  return st;
}

static enum core_status check_kind(struct build *b, size_t file, const struct val_reader_ops *ops,
                                   struct core_error *err) {
  if (!b->all->ops) b->all->ops = ops;
  if (b->all->ops == ops) return CORE_OK;
  return core_fail(
      err, CORE_IO,
      "%s: is %s, but %s is %s; the files of a dataset are of one kind: choose them by "
      "a pattern, as in 'DIR/*.%s'",
      path_of(b, file), ops->name, path_of(b, 0), b->all->ops->name, b->all->ops->name);
}

/* The first file that has columns says how all are written, where that is to be found out. */
static enum core_status set_base(struct build *b, size_t file, const struct val_input *input,
                                 size_t width, struct core_error *err) {
  b->has_base = true;
  b->base = file;
  if (input->ops->found && b->all->options.sniff)
    input->ops->found(input->reader, &b->all->options);
  b->seen = core_calloc(width, sizeof *b->seen);
  return b->seen ? CORE_OK : core_fail_nomem(err, width);
}

enum core_status val_union_open_file(const struct val_dataset *dataset, size_t index,
                                     const struct val_read_options *options,
                                     struct val_input *input, struct core_error *err) {
  const struct val_dataset_file *file = &dataset->files[index];
  return file->held ? val_input_open(input, file->held, options, err)
                    : val_input_open_file(input, file->path, options, err);
}

/* A dialect that was found is told once: the other files are read as if it had been declared. */
static void keep_dialect_note(struct build *b, size_t file, const struct val_input *input) {
  const struct val_findings *f = input->ops->findings(input->reader);
  if (b->dataset->n_files > 1 && f->count[VAL_FINDING_DIALECT] &&
      f->kept[VAL_FINDING_DIALECT][0].message)
    differ(b, file, VAL_FINDING_DIALECT, NULL, f->kept[VAL_FINDING_DIALECT][0].message);
}

static enum core_status look_at_file(struct build *b, size_t file, struct core_error *err) {
  struct val_input input;
  const bool sniffs = b->all->options.sniff != 0;
  CORE_TRY(val_union_open_file(b->dataset, file, &b->all->options, &input, err));
  const struct val_schema *schema = input.ops->schema(input.reader);
  enum core_status st = check_kind(b, file, input.ops, err);
  if (st == CORE_OK && sniffs && schema->n_fields) keep_dialect_note(b, file, &input);
  if (st == CORE_OK && !b->has_base && schema->n_fields > 0)
    st = set_base(b, file, &input, val_schema_width(schema), err);
  if (st == CORE_OK) st = match_file(b, file, schema, err);
  if (b->has_base && b->base == file) { /* keys of the path left out */
    b->n_base = b->columns.n;
    b->n_base_elements = b->elements.n;
  }
  val_input_close(&input);
  return st;
}

/* ---- the keys ---- */

static bool all_integers(const struct val_dataset *d, size_t key) {
  bool any = false;
  for (size_t i = 0; i < d->n_files; i++) {
    int64_t value;
    const char *text = d->files[i].values[key];
    if (!text) continue;
    if (!core_parse_int64(text, strlen(text), &value)) return false;
    any = true;
  }
  return any;
}

static enum core_status add_keys(struct build *b, struct core_error *err) {
  const struct val_read_options *options = &b->all->options;
  for (size_t k = 0; k < b->dataset->n_keys; k++) {
    struct val_field field = {.name = b->dataset->keys[k],
                              .type =
                                  all_integers(b->dataset, k) ? VAL_TYPE_INT64 : VAL_TYPE_STRING};
    for (size_t i = 0; i < options->n_declared; i++) {
      if (!core_streq(options->declared[i].name, field.name)) continue;
      field.type = options->declared[i].type;
      field.declared = true;
    }
    CORE_TRY(val_field_table_add(&b->columns, &field, &b->all->arena, err));
  }
  return CORE_OK;
}

/* ---- all together ---- */

/* Behind the columns stand those of elements, in the order of the columns that they are in, as in one file: *place says
 * where each went. */
static enum core_status lay_out_elements(struct build *b, uint32_t *place, struct core_error *err) {
  struct val_union *all = b->all;
  size_t *next = core_calloc(all->n_of_files + 2, sizeof *next); /* place, by the column + 1 */
  if (!next) return core_fail_nomem(err, all->n_of_files * sizeof *next);
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a table of n > 0 fields has fields */
  for (size_t i = 0; i < all->n_elements; i++) next[b->elements.fields[i].parent + 2]++;
  for (size_t i = 2; i <= all->n_of_files; i++) next[i] += next[i - 1];
  for (size_t i = 0; i < all->n_elements; i++) {
    place[i] = (uint32_t)next[b->elements.fields[i].parent + 1]++;
    all->fields[all->n + place[i]] = b->elements.fields[i];
  }
  core_free(next);
  return CORE_OK;
}

static enum core_status replace_elements(struct build *b, const uint32_t *place,
                                         struct core_error *err) {
  struct val_union *all = b->all;
  for (size_t file = 0; file < b->dataset->n_files; file++) {
    struct val_union_map *map = all->maps[file];
    if (file > 0 && map == all->maps[file - 1]) continue;
    uint32_t *at = core_arena_calloc(&all->arena, all->n_elements + 1, sizeof *at);
    if (!at) return core_fail_nomem(err, all->n_elements * sizeof *at);
    for (size_t i = 0; i < all->n_elements; i++) at[i] = VAL_UNION_NONE;
    for (size_t i = 0; i < map->n_elements; i++) at[place[i]] = map->elements_at[i];
    map->elements_at = at;
    map->n_elements = all->n_elements;
  }
  return CORE_OK;
}

static enum core_status lay_out(struct build *b, struct core_error *err) {
  struct val_union *all = b->all;
  all->n = b->columns.n;
  all->n_elements = b->elements.n;
  all->fields = core_arena_calloc(&all->arena, val_union_width(all) + 1, sizeof *all->fields);
  uint32_t *place = core_arena_calloc(&all->arena, all->n_elements + 1, sizeof *place);
  if (!all->fields || !place)
    return core_fail_nomem(err, val_union_width(all) * sizeof *all->fields);
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): likewise */
  for (size_t i = 0; i < all->n; i++) all->fields[i] = b->columns.fields[i];
  CORE_TRY(lay_out_elements(b, place, err));
  return replace_elements(b, place, err);
}

static enum core_status find_needed(struct val_union *all, struct core_error *err) {
  all->needed = core_arena_calloc(&all->arena, val_union_width(all) + 1, sizeof *all->needed);
  if (!all->needed) return core_fail_nomem(err, val_union_width(all));
  for (size_t i = 0; i < val_union_width(all); i++) {
    const char *name = all->fields[i].name;
    all->needed[i] = i < all->n ? val_read_needs(all->options.needed, name)
                                : val_read_needs_elements(all->options.elements, name);
  }
  return CORE_OK;
}

static enum core_status build_all(struct build *b, struct core_error *err) {
  const struct val_dataset *d = b->dataset;
  b->all->maps = core_arena_calloc(&b->all->arena, d->n_files, sizeof *b->all->maps);
  if (!b->all->maps) return core_fail_nomem(err, d->n_files * sizeof *b->all->maps);
  for (size_t i = 0; i < d->n_files; i++) CORE_TRY(look_at_file(b, i, err));
  b->all->n_of_files = b->columns.n;
  if (d->n_skipped > 0)
    val_findings_add(&b->all->findings, VAL_FINDING_FILES_DIFFER, -1, -1, -1, NULL,
                     "%zu file%s of no known ending %s left out: '%s'%s", d->n_skipped,
                     d->n_skipped == 1 ? "" : "s", d->n_skipped == 1 ? "is" : "are",
                     d->skipped ? d->skipped : "", d->n_skipped == 1 ? "" : " and others");
  CORE_TRY(add_keys(b, err));
  CORE_TRY(lay_out(b, err));
  return find_needed(b->all, err);
}

enum core_status val_union_open(struct val_union *all, const struct val_dataset *dataset,
                                const struct val_read_options *options, struct core_error *err) {
  struct build b = {.all = all, .dataset = dataset};
  *all = (struct val_union){.options = *options};
  const enum core_status st = build_all(&b, err);
  val_field_table_close(&b.columns);
  val_field_table_close(&b.elements);
  core_free(b.seen);
  if (st != CORE_OK) val_union_close(all);
  return st;
}

void val_union_close(struct val_union *all) {
  val_findings_close(&all->findings);
  core_arena_close(&all->arena);
  *all = (struct val_union){.n = 0};
}
