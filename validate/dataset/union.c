/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/dataset/union.h"

#include <string.h>

#include "core/hash.h"
#include "core/num.h"

#define NAME_BYTES 60

/* ---- names to columns ---- */

struct build {
  struct val_union *all;
  const struct val_dataset *dataset;
  size_t fields_cap;
  size_t *slots; /* column + 1 by the hash of its name */
  size_t n_slots;
  bool has_base;
  size_t base, n_base; /* the first file that has columns: others are held against these */
  bool *seen;          /* of the base's columns, those of the file at hand */
};

static size_t *slot_of(const struct build *b, const char *name) {
  size_t at = (size_t)core_hash64(name, strlen(name), 0) & (b->n_slots - 1);
  while (b->slots[at] && strcmp(b->all->fields[b->slots[at] - 1].name, name) != 0)
    at = (at + 1) & (b->n_slots - 1);
  return &b->slots[at];
}

static enum core_status grow_slots(struct build *b, struct core_error *err) {
  if (2 * (b->all->n + 1) < b->n_slots) return CORE_OK;
  const size_t n = b->n_slots ? 2 * b->n_slots : 64;
  size_t *slots = core_calloc(n, sizeof *slots);
  if (!slots) return core_fail_nomem(err, n * sizeof *slots);
  core_free(b->slots);
  b->slots = slots;
  b->n_slots = n;
  for (size_t i = 0; i < b->all->n; i++) *slot_of(b, b->all->fields[i].name) = i + 1;
  return CORE_OK;
}

static enum core_status add_column(struct build *b, const struct val_field *from,
                                   struct core_error *err) {
  struct val_union *all = b->all;
  void *block = all->fields;
  CORE_TRY(core_grow(&block, &b->fields_cap, all->n + 1, sizeof *all->fields, err));
  all->fields = block;
  struct val_field *field = &all->fields[all->n];
  *field = *from;
  field->name = core_arena_strdup(&all->arena, from->name);
  field->note = from->note ? core_arena_strdup(&all->arena, from->note) : NULL;
  if (!field->name || (from->note && !field->note)) return core_fail_nomem(err, 1);
  CORE_TRY(grow_slots(b, err));
  all->n++;
  *slot_of(b, field->name) = all->n;
  return CORE_OK;
}

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

static void match_types(struct build *b, size_t file, size_t column, const struct val_field *from) {
  struct val_field *field = &b->all->fields[column];
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
  CORE_TRY(grow_slots(b, err));
  const size_t known = *slot_of(b, from->name);
  if (known) {
    *column = known - 1;
    if (map->at[*column] != VAL_UNION_NONE) return CORE_OK; /* the first of a name is meant */
    if (all->ops->typed && file != b->base) match_types(b, file, *column, from);
  } else {
    *column = all->n;
    CORE_TRY(add_column(b, from, err));
  }
  if (file != b->base && *column >= b->n_base) drift_columns(b, file, from->name, true);
  if (file != b->base && *column < b->n_base) b->seen[*column] = true;
  map->at[*column] = index;
  if (*column >= map->n) map->n = *column + 1;
  return CORE_OK;
}

static bool same_map(const struct val_union_map *a, const struct val_union_map *b) {
  return a && a->n == b->n && a->n_file_columns == b->n_file_columns &&
         (a->n == 0 || memcmp(a->at, b->at, a->n * sizeof *a->at) == 0);
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
  kept->at = core_arena_calloc(&all->arena, map->n + 1, sizeof *kept->at);
  if (!kept->at) return core_fail_nomem(err, map->n * sizeof *kept->at);
  if (map->n) memcpy(kept->at, map->at, map->n * sizeof *map->at);
  all->maps[file] = kept;
  return CORE_OK;
}

static enum core_status match_file(struct build *b, size_t file, const struct val_schema *schema,
                                   struct core_error *err) {
  struct val_union *all = b->all;
  const size_t room = all->n + schema->n_fields;
  struct val_union_map map = {.n_file_columns = schema->n_fields,
                              .at = core_calloc(room + 1, sizeof *map.at)};
  if (!map.at) return core_fail_nomem(err, room * sizeof *map.at);
  for (size_t i = 0; i < room; i++) map.at[i] = VAL_UNION_NONE;
  if (b->n_base) memset(b->seen, 0, b->n_base * sizeof *b->seen);
  enum core_status st = CORE_OK;
  bool ordered = true;
  size_t last = 0;
  for (size_t i = 0; st == CORE_OK && i < schema->n_fields; i++) {
    size_t column;
    st = match_column(b, file, &schema->fields[i], (uint32_t)i, &map, &column, err);
    if (column == SIZE_MAX) continue;
    ordered = ordered && column >= last;
    last = column;
  }
  if (st == CORE_OK && !ordered)
    differ(b, file, VAL_FINDING_FILES_DIFFER, NULL,
           "its columns stand in another order than those of the first file; they are matched by "
           "name");
  for (size_t i = 0; schema->n_fields && i < b->n_base; i++)
    if (!b->seen[i]) drift_columns(b, file, all->fields[i].name, false);
  if (st == CORE_OK) st = keep_map(b, file, &map, err);
  core_free(map.at);
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
                                 size_t n_columns, struct core_error *err) {
  b->has_base = true;
  b->base = file;
  if (input->ops->found && b->all->options.sniff)
    input->ops->found(input->reader, &b->all->options);
  b->seen = core_calloc(n_columns, sizeof *b->seen);
  return b->seen ? CORE_OK : core_fail_nomem(err, n_columns);
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
    st = set_base(b, file, &input, schema->n_fields, err);
  if (st == CORE_OK) st = match_file(b, file, schema, err);
  if (b->has_base && b->base == file) b->n_base = b->all->n; /* keys of the path left out */
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
    CORE_TRY(add_column(b, &field, err));
  }
  return CORE_OK;
}

static enum core_status find_needed(struct val_union *all, struct core_error *err) {
  all->needed = core_arena_calloc(&all->arena, all->n + 1, sizeof *all->needed);
  if (!all->needed) return core_fail_nomem(err, all->n);
  for (size_t i = 0; i < all->n; i++) {
    all->needed[i] = !all->options.needed;
    for (size_t k = 0; all->options.needed && all->options.needed[k] && !all->needed[i]; k++)
      all->needed[i] = core_streq(all->options.needed[k], all->fields[i].name);
  }
  return CORE_OK;
}

static enum core_status build_all(struct build *b, struct core_error *err) {
  const struct val_dataset *d = b->dataset;
  b->all->maps = core_arena_calloc(&b->all->arena, d->n_files, sizeof *b->all->maps);
  if (!b->all->maps) return core_fail_nomem(err, d->n_files * sizeof *b->all->maps);
  for (size_t i = 0; i < d->n_files; i++) CORE_TRY(look_at_file(b, i, err));
  b->all->n_of_files = b->all->n;
  if (d->n_skipped > 0)
    val_findings_add(&b->all->findings, VAL_FINDING_FILES_DIFFER, -1, -1, -1, NULL,
                     "%zu file%s of no known ending %s left out: '%s'%s", d->n_skipped,
                     d->n_skipped == 1 ? "" : "s", d->n_skipped == 1 ? "is" : "are",
                     d->skipped ? d->skipped : "", d->n_skipped == 1 ? "" : " and others");
  CORE_TRY(add_keys(b, err));
  return find_needed(b->all, err);
}

enum core_status val_union_open(struct val_union *all, const struct val_dataset *dataset,
                                const struct val_read_options *options, struct core_error *err) {
  struct build b = {.all = all, .dataset = dataset};
  *all = (struct val_union){.options = *options};
  const enum core_status st = build_all(&b, err);
  core_free(b.slots);
  core_free(b.seen);
  if (st != CORE_OK) val_union_close(all);
  return st;
}

void val_union_close(struct val_union *all) {
  core_free(all->fields);
  val_findings_close(&all->findings);
  core_arena_close(&all->arena);
  *all = (struct val_union){.n = 0};
}
