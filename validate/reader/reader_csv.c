/* SPDX-License-Identifier: GPL-3.0-or-later
 * CSV: tokenizer -> blocks of text -> typed batches, one batch a block. Types that nobody declared are guessed from the
 * first block. Where a later value contradicts, the rest of the input is looked at without building anything, which
 * settles every type; so an input is started again at most once. Rules: docs/csv.md. */
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "validate/csv/csv_split.h"
#include "validate/csv/csv_utf16.h"
#include "validate/csv/tokenizer.h"
#include "validate/reader/column_build.h"
#include "validate/reader/column_look.h"
#include "validate/reader/column_names.h"
#include "validate/reader/csv_dialect.h"
#include "validate/reader/reader.h"

#define DEFAULT_BATCH_ROWS 8192
#define MAX_BATCH_ROWS     1000000
#define MAX_BATCH_CELLS    1000000 /* wide tables get fewer rows a batch */
#define MAX_BATCH_BYTES    (1 << 20)
#define LATER_BATCH_ROWS                                                                           \
  2048 /* behind the first, from which types are guessed: what a cache holds */
#define LATER_BATCH_BYTES  (192 << 10)
#define DEFAULT_PART_BYTES ((size_t)4 << 20)
#define NOTE_BYTES         60 /* of a name or value in a note */

/* A column that is typed and given. */
struct csv_column {
  size_t index; /* in the schema */
  bool declared;
  unsigned classes; /* seen so far, when not declared */
  struct val_build build;
};

struct val_reader {
  struct core_source *source;
  struct csv_settled how; /* of the whole; a part has only the dialect */
  char doubt;             /* a delimiter that would part what reads as one column; 0: none */
  size_t doubt_width;
  bool is_part;   /* of another reader, whose names and fields it borrows */
  int64_t starts; /* a part: its first byte */
  size_t least_part_bytes;
  size_t batch_rows;
  struct val_findings findings;
  struct val_null_tokens nulls;
  struct val_csv_tokenizer *tokenizer;
  struct core_arena arena; /* names, fields */
  struct val_field *fields;
  struct val_schema schema;
  struct csv_column *columns;
  size_t n_columns;
  struct val_column *given; /* of the schema */
  struct val_batch batch;
  int64_t n_rows; /* in earlier batches */
  bool guessed;   /* types have been guessed from the first block  */
  bool settled;   /* types hold for the whole input                */
};

static bool csv_claims(const char *name, const unsigned char *first, size_t n) {
  static const char *const endings[] = {".csv", ".tsv", ".txt", ".data"};
  bool big = false;
  for (size_t i = 0; i < CORE_COUNT_OF(endings); i++)
    if (csv_name_ends(name, endings[i])) return true;
  return n == 0 || memchr(first, '\0', n) == NULL || val_utf16_claims(first, n, &big);
}

/* ------------------------------------------------------------------ opening */

static const struct val_field *find_declared(const struct val_read_options *options,
                                             const char *name) {
  for (size_t i = 0; i < options->n_declared; i++) {
    if (strcmp(options->declared[i].name, name) == 0) return &options->declared[i];
  }
  return NULL;
}

/* Reads the header (or measures the first record) and leaves the tokenizer in front of the first data record. */
static enum core_status read_names(struct val_reader *r, struct core_arena *arena,
                                   const char ***names, size_t *n, struct core_error *err) {
  struct val_csv_block first;
  CORE_TRY(val_csv_first(r->tokenizer, &first, err));
  *n = first.n_records ? first.n_fields : 0;
  if (first.n_records == 0) {
    val_findings_add(&r->findings, VAL_FINDING_EMPTY, -1, -1, -1, NULL, "the input has no %s",
                     r->how.header ? "header" : "record");
    return CORE_OK;
  }
  CORE_TRY(val_column_names_of(&first, r->how.header, arena, &r->findings, names, err));
  if (r->how.header) return CORE_OK;
  val_findings_reset(&r->findings); /* they come again with the record itself */
  return val_csv_restart(r->tokenizer, err);
}

static unsigned find_seed(const struct val_read_options *options, const char *name) {
  for (size_t i = 0; i < options->n_seeds; i++)
    if (strcmp(options->seeds[i].name, name) == 0) return options->seeds[i].classes;
  return 0;
}

static enum core_status make_schema(struct val_reader *r, const struct val_read_options *options,
                                    bool *keep, const char **names, size_t n,
                                    struct core_error *err) {
  r->fields = core_arena_calloc(&r->arena, n, sizeof *r->fields);
  r->columns = core_calloc(n, sizeof *r->columns);
  r->given = core_calloc(n, sizeof *r->given);
  if (!r->fields || !r->columns || !r->given) return core_fail_nomem(err, n * sizeof *r->columns);
  for (size_t i = 0; i < n; i++) {
    const struct val_field *declared = find_declared(options, names[i]);
    r->fields[i] = (struct val_field){.name = names[i],
                                      .type = declared ? declared->type : VAL_TYPE_NULL,
                                      .declared = declared != NULL};
    keep[i] = val_read_needs(options->needed, names[i]);
    if (!keep[i]) continue;
    struct csv_column *column = &r->columns[r->n_columns];
    column->index = i;
    column->declared = declared != NULL;
    column->classes = declared ? 0 : find_seed(options, names[i]);
    column->build.slot = r->n_columns++;
    column->build.name = names[i];
  }
  r->schema = (struct val_schema){.fields = r->fields, .n_fields = n};
  return CORE_OK;
}

static enum core_status init_builds(struct val_reader *r, bool declared, struct core_error *err) {
  for (size_t i = 0; i < r->n_columns; i++) {
    struct csv_column *column = &r->columns[i];
    if (column->declared != declared) continue;
    column->build.guessed = !declared && !r->settled;
    CORE_TRY(val_build_init(&column->build, r->fields[column->index].type, r->batch_rows, err));
  }
  return CORE_OK;
}

static enum core_status open_columns(struct val_reader *r, const struct val_read_options *options,
                                     struct core_error *err) {
  const char **names = NULL;
  size_t n = 0;
  CORE_TRY(read_names(r, &r->arena, &names, &n, err));
  bool *keep = core_calloc(n, sizeof *keep);
  if (!keep) return core_fail_nomem(err, n);
  enum core_status st = make_schema(r, options, keep, names, n, err);
  r->batch_rows = options->batch_rows ? options->batch_rows : DEFAULT_BATCH_ROWS;
  if (r->batch_rows > MAX_BATCH_ROWS) r->batch_rows = MAX_BATCH_ROWS;
  const size_t most = MAX_BATCH_CELLS / (r->n_columns + 1);
  if (r->batch_rows > most) r->batch_rows = most > 0 ? most : 1;
  if (st == CORE_OK)
    st = val_csv_expect(r->tokenizer, n, keep, r->batch_rows, MAX_BATCH_BYTES, err);
  if (st == CORE_OK) st = init_builds(r, true, err);
  core_free(keep);
  return st;
}

/* A text of one column may be one of several, written with another delimiter than the default. */
static enum core_status doubt_dialect(struct val_reader *r, const struct val_read_options *options,
                                      struct core_error *err) {
  if (options->delimiter || options->sniff & VAL_SNIFF_DELIMITER) return CORE_OK;
  return csv_dialect_doubt(r->source, &r->how, &r->doubt, &r->doubt_width, err);
}

/* What nobody declared is said aloud, each time that the findings begin anew. */
static void tell_dialect(struct val_reader *r) {
  struct core_str other = {0};
  if (r->how.told.len)
    val_findings_add(&r->findings, VAL_FINDING_DIALECT, -1, -1, -1, NULL, "read as %s",
                     core_str_text(&r->how.told));
  if (!r->doubt || r->schema.n_fields != 1) return;
  csv_delimiter_text(r->doubt, &other);
  val_findings_add(&r->findings, VAL_FINDING_DIALECT, -1, -1, -1, NULL,
                   "one column; delimiter %s would give %zu: declare it, or csv: auto",
                   core_str_text(&other), r->doubt_width);
  core_str_close(&other);
}

static void csv_close(struct val_reader *r) {
  if (!r) return;
  if (r->is_part) core_source_close(r->source);
  csv_dialect_close(&r->how);
  for (size_t i = 0; i < r->n_columns; i++) val_build_close(&r->columns[i].build);
  core_free(r->columns);
  core_free(r->given);
  val_csv_close(r->tokenizer);
  val_null_tokens_close(&r->nulls);
  val_findings_close(&r->findings);
  core_arena_close(&r->arena);
  core_free(r);
}

static enum core_status csv_open(struct core_source *source, const struct val_read_options *options,
                                 struct val_reader **out, struct core_error *err) {
  *out = NULL;
  struct val_reader *r = core_calloc(1, sizeof *r);
  if (!r) return core_fail_nomem(err, sizeof *r);
  r->source = source;
  r->least_part_bytes = options->least_part_bytes ? options->least_part_bytes : DEFAULT_PART_BYTES;
  r->settled = options->settled;
  enum core_status st = core_source_keep(source, err); /* types may need a second pass */
  if (st == CORE_OK) st = val_null_tokens_init(&r->nulls, options->null_values, err);
  if (st == CORE_OK) st = csv_dialect_settle(source, options, &r->how, err);
  if (r->how.recoded) r->source = r->how.recoded;
  if (st == CORE_OK) st = doubt_dialect(r, options, err);
  if (st == CORE_OK)
    st = val_csv_open(r->source, &r->how.dialect, &r->findings, &r->tokenizer, err);
  if (st == CORE_OK) st = open_columns(r, options, err);
  if (st == CORE_OK) tell_dialect(r);
  if (st != CORE_OK) {
    csv_close(r);
    return st;
  }
  *out = r;
  return CORE_OK;
}

/* ------------------------------------------------------------------ types */

/* A name as a key of YAML: bare where that is safe. */
static void append_key(struct core_str *out, const char *name) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  if (name[0] && !(name[0] >= '0' && name[0] <= '9') && name[strspn(name, plain)] == '\0')
    core_str_text_append(out, name);
  else
    core_str_json(out, name, strlen(name));
}

static enum core_status note_odd(struct val_reader *r, struct val_field *field,
                                 const struct val_odd_value *odd, int64_t line,
                                 struct core_error *err) {
  struct core_str text = {0};
  core_str_text_append(&text, "column '");
  core_str_escaped(&text, field->name, strlen(field->name), NOTE_BYTES);
  core_str_text_append(&text, "' reads as string because of '");
  core_str_escaped(&text, odd->text.data, odd->text.len, NOTE_BYTES);
  core_str_printf(&text, "' at line %lld; declare it in the suite (columns: {", (long long)line);
  append_key(&text, field->name);
  core_str_printf(&text, ": %s}) to have such values named one by one",
                  val_type_name(odd->otherwise));
  field->note = core_arena_strdup(&r->arena, core_str_text(&text));
  if (!field->note) text.failed = true;
  const enum core_status st = core_str_status(&text, err);
  core_str_close(&text);
  return st;
}

static enum core_status look_at_block(struct val_reader *r, const struct val_csv_block *block,
                                      struct core_error *err) {
  for (size_t i = 0; i < r->n_columns; i++) {
    struct csv_column *column = &r->columns[i];
    struct val_field *field = &r->fields[column->index];
    struct val_odd_value odd;
    if (column->declared) continue;
    column->classes = val_column_look(i, block, &r->nulls, column->classes, &odd);
    field->type = val_infer_type(column->classes);
    if (odd.otherwise != VAL_TYPE_NULL)
      CORE_TRY(note_odd(r, field, &odd, block->line[odd.row], err));
    if (field->type != VAL_TYPE_STRING) field->note = NULL;
  }
  return CORE_OK;
}

static enum core_status guess_types(struct val_reader *r, const struct val_csv_block *block,
                                    struct core_error *err) {
  CORE_TRY(look_at_block(r, block, err));
  r->guessed = true;
  return init_builds(r, false, err);
}

/* Looks at what is left of the input, the present block included. */
static enum core_status settle_types(struct val_reader *r, const struct val_csv_block *block,
                                     struct core_error *err) {
  struct val_csv_block rest = *block;
  do {
    CORE_TRY(look_at_block(r, &rest, err));
    CORE_TRY(val_csv_next(r->tokenizer, &rest, err));
  } while (rest.n_records > 0);
  r->settled = true;
  CORE_TRY(init_builds(r, false, err));
  return CORE_EXISTS;
}

/* Integers beyond int64 make a column of text, until a fraction makes it one of doubles: such columns are watched. */
static bool is_still_text(struct csv_column *column, const struct val_csv_block *block,
                          const struct val_null_tokens *nulls) {
  if (!column->build.guessed || column->build.type != VAL_TYPE_STRING) return true;
  column->classes = val_column_look(column->build.slot, block, nulls, column->classes, NULL);
  return val_infer_type(column->classes) == VAL_TYPE_STRING;
}

static enum core_status csv_settle(struct val_reader *r, struct core_error *err) {
  struct val_csv_block rest = {.n_records = 1};
  while (r->schema.n_fields > 0 && rest.n_records > 0) {
    CORE_TRY(val_csv_next(r->tokenizer, &rest, err));
    CORE_TRY(look_at_block(r, &rest, err));
  }
  return CORE_OK;
}

static unsigned csv_classes(const struct val_reader *r, size_t column) {
  for (size_t i = 0; i < r->n_columns; i++)
    if (r->columns[i].index == column) return r->columns[i].classes;
  return 0;
}

static void csv_found(const struct val_reader *r, struct val_read_options *options) {
  options->sniff &= ~r->how.found;
  options->delimiter = r->how.dialect.delimiter;
  options->quote = r->how.dialect.quote;
  options->header = r->how.header;
  if (!options->encoding && r->how.dialect.encoding == VAL_ENCODING_LATIN1)
    options->encoding = "latin-1";
}

/* ------------------------------------------------------------------ batches */

static enum core_status build_batch(struct val_reader *r, const struct val_csv_block *block,
                                    bool *fits, struct core_error *err) {
  for (size_t i = 0; i < r->schema.n_fields; i++) {
    r->given[i] =
        (struct val_column){.type = VAL_TYPE_NULL, .null_count = (int64_t)block->n_records};
  }
  *fits = true;
  for (size_t i = 0; i < r->n_columns && *fits; i++) {
    struct csv_column *column = &r->columns[i];
    *fits = is_still_text(column, block, &r->nulls);
    if (!*fits) break;
    CORE_TRY(val_build_column(&column->build, block, &r->nulls, r->n_rows, &r->findings,
                              &r->given[column->index], fits, err));
  }
  r->batch = (struct val_batch){.n_rows = block->n_records,
                                .first_row = r->n_rows,
                                .n_columns = r->schema.n_fields,
                                .columns = r->given,
                                .line = block->line,
                                .byte = block->byte};
  return CORE_OK;
}

static enum core_status csv_next(struct val_reader *r, const struct val_batch **batch,
                                 struct core_error *err) {
  *batch = NULL;
  if (r->schema.n_fields == 0) return CORE_OK;
  struct val_csv_block block;
  CORE_TRY(val_csv_next(r->tokenizer, &block, err));
  if (block.n_records == 0) return CORE_OK;
  if (!r->guessed) CORE_TRY(guess_types(r, &block, err));
  bool fits = false;
  CORE_TRY(build_batch(r, &block, &fits, err));
  if (!fits) return r->is_part ? CORE_EXISTS : settle_types(r, &block, err);
  r->n_rows += (int64_t)block.n_records;
  val_csv_limit(r->tokenizer, LATER_BATCH_ROWS, LATER_BATCH_BYTES);
  *batch = &r->batch;
  return CORE_OK;
}

static enum core_status csv_rewind(struct val_reader *r, struct core_error *err) {
  val_findings_reset(&r->findings);
  r->n_rows = 0;
  CORE_TRY(val_csv_restart(r->tokenizer, err));
  /* The header once more, for its findings and to stand behind it; its names are known. */
  struct core_arena scratch = {0};
  const char **names = NULL;
  size_t n = 0;
  enum core_status st = read_names(r, &scratch, &names, &n, err);
  core_arena_close(&scratch);
  if (st == CORE_OK && n != r->schema.n_fields) {
    st = core_fail(err, CORE_IO, "%s: changed while it was read", core_source_name(r->source));
  }
  if (st == CORE_OK) tell_dialect(r);
  return st;
}

/* ------------------------------------------------------------------ parts */

/* The same columns once more, of the types that are known now. */
static enum core_status copy_columns(struct val_reader *part, const struct val_reader *whole,
                                     struct core_error *err) {
  const size_t n = whole->schema.n_fields;
  part->columns = core_calloc(n, sizeof *part->columns);
  part->given = core_calloc(n, sizeof *part->given);
  bool *keep = core_calloc(n, sizeof *keep);
  enum core_status st = CORE_OK;
  if (!part->columns || !part->given || !keep) st = core_fail_nomem(err, n * sizeof *part->columns);
  for (size_t i = 0; i < whole->n_columns && st == CORE_OK; i++) {
    const struct csv_column *from = &whole->columns[i];
    struct csv_column *to = &part->columns[part->n_columns++];
    *to =
        (struct csv_column){from->index,
                            from->declared,
                            from->classes,
                            {.slot = i, .name = from->build.name, .guessed = from->build.guessed}};
    keep[from->index] = true;
    st = val_build_init(&to->build, part->fields[to->index].type, part->batch_rows, err);
  }
  if (st == CORE_OK)
    st = val_csv_expect(part->tokenizer, n, keep, part->batch_rows, LATER_BATCH_BYTES, err);
  core_free(keep);
  return st;
}

static enum core_status open_part(const struct val_reader *whole, const struct val_csv_place *from,
                                  int64_t stop, struct val_reader **out, struct core_error *err) {
  struct val_reader *part = core_calloc(1, sizeof *part);
  if (!part) return core_fail_nomem(err, sizeof *part);
  part->is_part = part->guessed = true;
  part->settled = whole->settled;
  part->starts = from->byte;
  part->how.dialect = whole->how.dialect;
  part->fields = whole->fields;
  part->schema = whole->schema;
  part->batch_rows = whole->batch_rows < LATER_BATCH_ROWS ? whole->batch_rows : LATER_BATCH_ROWS;
  part->nulls = whole->nulls;
  part->nulls.borrowed = true;
  enum core_status st = core_source_share(whole->source, &part->source, err);
  if (st == CORE_OK)
    st = val_csv_open(part->source, &part->how.dialect, &part->findings, &part->tokenizer, err);
  if (st == CORE_OK) st = copy_columns(part, whole, err);
  if (st == CORE_OK) st = val_csv_seek(part->tokenizer, from, err);
  if (st != CORE_OK) {
    csv_close(part);
    return st;
  }
  val_csv_stop(part->tokenizer, stop);
  *out = part;
  return CORE_OK;
}

/* Where the sections begin, the first one given; fewer than wanted where no good place is found. */
static enum core_status find_starts(struct val_reader *r, int64_t first, int64_t *starts, size_t *n,
                                    struct core_error *err) {
  const int64_t size = core_source_size(r->source), want = (int64_t)*n;
  struct core_source *source = NULL;
  size_t found = 1;
  starts[0] = first;
  CORE_TRY(core_source_share(r->source, &source, err));
  enum core_status st = CORE_OK;
  for (int64_t k = 1; k < want && st == CORE_OK; k++) {
    int64_t start = -1;
    st = val_csv_find_start(source, &r->how.dialect, r->schema.n_fields,
                            first + (size - first) / want * k, &start, err);
    if (st == CORE_OK && start > starts[found - 1] && start < size) starts[found++] = start;
  }
  core_source_close(source);
  *n = found;
  return st;
}

static enum core_status csv_split(struct val_reader *r, struct val_reader_part *parts, size_t *n,
                                  struct core_error *err) {
  const int64_t size = core_source_size(r->source);
  const size_t most = size > 0 ? (size_t)size / r->least_part_bytes : 0;
  if (*n > most) *n = most;
  if (*n < 2 || !core_source_can_share(r->source) || r->schema.n_fields == 0) {
    *n = 0;
    return CORE_OK;
  }
  CORE_TRY(csv_rewind(r, err));
  struct val_csv_place from = val_csv_tell(r->tokenizer);
  int64_t *starts = core_calloc(*n, sizeof *starts);
  if (!starts) return core_fail_nomem(err, *n * sizeof *starts);
  enum core_status st = find_starts(r, from.byte, starts, n, err);
  for (size_t k = 0; k < *n && st == CORE_OK; k++) {
    if (k > 0) from = (struct val_csv_place){starts[k], 1, 0, false};
    st = open_part(r, &from, k + 1 < *n ? starts[k + 1] : INT64_MAX, &parts[k].reader, err);
  }
  core_free(starts);
  return st;
}

static enum core_status csv_join(struct val_reader *r, struct val_reader_part *parts, size_t n,
                                 bool *whole, struct core_error *err) {
  int64_t rows = 0, lines = 0;
  (void)err;
  *whole = true;
  for (size_t k = 0; k < n && *whole; k++) {
    const struct val_csv_place end = val_csv_tell(parts[k].reader->tokenizer);
    parts[k].rows_before = rows;
    parts[k].lines_before = lines;
    rows += parts[k].reader->n_rows;
    lines += end.line - 1;
    *whole = k + 1 == n || end.byte == parts[k + 1].reader->starts;
  }
  for (size_t k = 0; k < n && *whole; k++)
    val_findings_join(&r->findings, &parts[k].reader->findings, parts[k].rows_before,
                      parts[k].lines_before);
  return CORE_OK;
}

static const struct val_schema *csv_schema(const struct val_reader *r) {
  return &r->schema;
}

static const struct val_findings *csv_findings(const struct val_reader *r) {
  return &r->findings;
}

extern const struct val_reader_ops val_reader_csv;
const struct val_reader_ops val_reader_csv = {
    .name = "csv",
    .summary = "comma-separated values and their relatives",
    .claims = csv_claims,
    .open = csv_open,
    .schema = csv_schema,
    .next = csv_next,
    .rewind = csv_rewind,
    .split = csv_split,
    .join = csv_join,
    .findings = csv_findings,
    .classes = csv_classes,
    .settle = csv_settle,
    .found = csv_found,
    .close = csv_close,
};
