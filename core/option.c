/* SPDX-License-Identifier: GPL-3.0-or-later
 * Option rows read from a map of a file. The command line's form is option_line.c, help is
 * option_help.c. */
#include "core/option.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/num.h"
#include "core/option_value.h"

static bool has_bounds(const struct core_option *row) {
  return row->min != 0 || row->max != 0;
}

static bool within(const struct core_option *row, double number) {
  return !has_bounds(row) || (number >= row->min && number <= row->max); /* false for NaN */
}

/* Each setter gives false when the input does not fit the row. */
static bool set_number(const struct core_option *row, double number,
                       struct core_option_value *value) {
  if (!within(row, number)) return false;
  value->number = number;
  return true;
}

static bool set_integer(const struct core_option *row, int64_t integer,
                        struct core_option_value *value) {
  value->integer = integer;
  return set_number(row, (double)integer, value);
}

static bool set_whole(const struct core_option *row, double number,
                      struct core_option_value *value) {
  if (!(fabs(number) <= 0x1p53) || number != floor(number)) return false;
  return set_integer(row, (int64_t)number, value);
}

static bool is_choice(const struct core_option *row, const char *text) {
  const size_t len = strlen(text);
  for (const char *p = row->choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
    const size_t n = strcspn(p, "|");
    if (n == len && memcmp(p, text, n) == 0) return true;
  }
  return false;
}

static bool read_flag(const struct core_option *row, const char *text, size_t len,
                      struct core_option_value *value) {
  (void)row, (void)len;
  value->flag = strcmp(text, "true") == 0;
  return value->flag || strcmp(text, "false") == 0;
}

static bool read_int(const struct core_option *row, const char *text, size_t len,
                     struct core_option_value *value) {
  int64_t integer;
  double number;
  if (core_parse_int64(text, len, &integer)) return set_integer(row, integer, value);
  return core_parse_double(text, len, &number) && set_whole(row, number, value);
}

static bool read_double(const struct core_option *row, const char *text, size_t len,
                        struct core_option_value *value) {
  double number;
  return core_parse_double(text, len, &number) && set_number(row, number, value);
}

static bool read_string(const struct core_option *row, const char *text, size_t len,
                        struct core_option_value *value) {
  (void)row, (void)text, (void)len, (void)value;
  return true;
}

static bool read_choice(const struct core_option *row, const char *text, size_t len,
                        struct core_option_value *value) {
  (void)len, (void)value;
  return is_choice(row, text);
}

static bool read_duration(const struct core_option *row, const char *text, size_t len,
                          struct core_option_value *value) {
  double seconds;
  return core_parse_duration(text, len, &seconds) && set_number(row, seconds, value);
}

static bool read_size(const struct core_option *row, const char *text, size_t len,
                      struct core_option_value *value) {
  uint64_t bytes;
  return core_parse_size(text, len, &bytes) && bytes <= INT64_MAX &&
         set_integer(row, (int64_t)bytes, value);
}

static bool read_nothing(const struct core_option *row, const char *text, size_t len,
                         struct core_option_value *value) {
  (void)row, (void)text, (void)len, (void)value;
  return false;
}

/* How each type is read from a text. */
typedef bool read_fn(const struct core_option *, const char *, size_t, struct core_option_value *);
static read_fn *const readers[] = {
    [CORE_OPT_FLAG] = read_flag,     [CORE_OPT_INT] = read_int,
    [CORE_OPT_DOUBLE] = read_double, [CORE_OPT_STRING] = read_string,
    [CORE_OPT_CHOICE] = read_choice, [CORE_OPT_DURATION] = read_duration,
    [CORE_OPT_SIZE] = read_size,     [CORE_OPT_LIST] = read_nothing,
    [CORE_OPT_MAP] = read_nothing,   [CORE_OPT_ANY] = read_nothing,
};

bool core_option_read_text(const struct core_option *row, const char *text,
                           struct core_arena *arena, struct core_option_value *value,
                           bool *out_of_memory) {
  const size_t len = strlen(text);
  *out_of_memory = false;
  if (!readers[row->type](row, text, len, value)) return false;
  value->text = core_arena_strndup(arena, text, len);
  *out_of_memory = !value->text;
  return value->text != NULL;
}

/* A duration or size as a bare number: seconds or bytes. */
static bool take_quantity(const struct core_option *row, const struct core_node *node,
                          struct core_option_value *value) {
  if (!(node->number >= 0) || !isfinite(node->number)) return false;
  return row->type == CORE_OPT_SIZE ? set_whole(row, node->number, value)
                                    : set_number(row, node->number, value);
}

/* Whether a node's kind fits the row and its value too. */
static bool take_node(const struct core_option *row, const struct core_node *node,
                      struct core_option_value *value) {
  const bool text = node->kind == CORE_NODE_STRING;
  switch (row->type) {
  case CORE_OPT_FLAG:
    value->flag = node->boolean;
    return node->kind == CORE_NODE_BOOL;
  case CORE_OPT_INT:
    if (node->kind == CORE_NODE_INT) return set_integer(row, node->integer, value);
    return node->kind == CORE_NODE_DOUBLE && set_whole(row, node->number, value);
  case CORE_OPT_DOUBLE:
    return core_node_is_number(node) && set_number(row, node->number, value);
  case CORE_OPT_STRING:
    return text;
  case CORE_OPT_CHOICE:
    return node->kind < CORE_NODE_LIST && is_choice(row, node->text.data);
  case CORE_OPT_DURATION:
  case CORE_OPT_SIZE:
    if (core_node_is_number(node)) return take_quantity(row, node, value);
    return text && readers[row->type](row, node->text.data, node->text.len, value);
  case CORE_OPT_LIST:
    return node->kind == CORE_NODE_LIST;
  case CORE_OPT_MAP:
    return node->kind == CORE_NODE_MAP;
  case CORE_OPT_ANY:
    return true;
  }
  return false;
}

static enum core_status refuse_value(const struct core_option *row, const struct core_node *node,
                                     const char *section, struct core_error *err) {
  struct core_str given = {0}, shown = {0}, wanted = {0};
  core_node_json(node, true, &given);
  core_str_escaped(&shown, core_str_text(&given), given.len, 60);
  core_option_wanted(row, &wanted);
  if (node->kind == CORE_NODE_STRING) core_option_hint(row, node->text.data, &wanted);
  if (row->type == CORE_OPT_STRING && node->kind < CORE_NODE_STRING && node->text.len > 0)
    core_str_printf(&wanted, ", in quotes: \"%.60s\"", node->text.data);
  core_fail_at(err, CORE_INVAL, node->pos, "'%s' of %s is %s, and should be %s", row->name, section,
               core_str_text(&shown), core_str_text(&wanted));
  core_str_close(&given);
  core_str_close(&shown);
  core_str_close(&wanted);
  return CORE_INVAL;
}

static enum core_status refuse_key(const struct core_option *rows, const struct core_node *node,
                                   const char *section, const char *const *ignored,
                                   struct core_error *err) {
  struct core_arena scratch = {0};
  struct core_str hint = {0};
  const char *const *names = core_option_names(rows, ignored, &scratch);
  const char *near = names ? core_nearest(node->key, names) : NULL;
  if (near) {
    core_str_printf(&hint, "did you mean '%s'?", near);
  } else if (names && names[0]) {
    core_str_text_append(&hint, "the keys are ");
    for (size_t i = 0; names[i]; i++) core_str_printf(&hint, "%s%s", i ? ", " : "", names[i]);
  } else {
    core_str_text_append(&hint, "it takes no keys");
  }
  core_fail_at(err, CORE_INVAL, node->key_pos, "unknown key '%s' in %s; %s", node->key, section,
               core_str_text(&hint));
  core_str_close(&hint);
  core_arena_close(&scratch);
  return CORE_INVAL;
}

const char *const *core_option_names(const struct core_option *rows, const char *const *more,
                                     struct core_arena *arena) {
  size_t n = 0;
  for (const struct core_option *row = rows; row->name; row++) n++;
  for (const char *const *m = more; m && *m; m++) n++;
  const char **names = core_arena_calloc(arena, n + 1, sizeof *names);
  if (!names) return NULL;
  n = 0;
  for (const struct core_option *row = rows; row->name; row++) names[n++] = row->name;
  for (const char *const *m = more; m && *m; m++) names[n++] = *m;
  return names;
}

enum core_status core_option_defaults(struct core_options *out, const struct core_option *rows,
                                      struct core_pos pos, struct core_error *err) {
  *out = (struct core_options){.rows = rows, .pos = pos};
  while (rows[out->n_rows].name) out->n_rows++;
  out->values = core_arena_calloc(&out->arena, out->n_rows, sizeof *out->values);
  bool full = !out->values;
  for (size_t i = 0; i < out->n_rows && !full; i++) {
    struct core_option_value *value = &out->values[i];
    value->pos = pos;
    if (!rows[i].fallback) continue;
    const bool fits = core_option_read_text(&rows[i], rows[i].fallback, &out->arena, value, &full);
    assert(fits || full); /* a row whose own default is wrong */
    (void)fits;
  }
  if (!full) return CORE_OK;
  const enum core_status st = core_fail_nomem(err, out->n_rows * sizeof *out->values);
  core_options_close(out);
  return st;
}

/* Reads one entry of the map into its row's value. */
static enum core_status take_entry(struct core_options *out, const struct core_node *node,
                                   const char *section, const char *const *ignored,
                                   struct core_error *err) {
  size_t i = 0;
  while (i < out->n_rows && strcmp(out->rows[i].name, node->key) != 0) i++;
  if (i == out->n_rows) {
    for (const char *const *name = ignored; name && *name; name++)
      if (strcmp(*name, node->key) == 0) return CORE_OK;
    return refuse_key(out->rows, node, section, ignored, err);
  }
  const struct core_option *row = &out->rows[i];
  struct core_option_value *value = &out->values[i];
  if (node->kind == CORE_NODE_NULL && row->nullable) return CORE_OK;
  struct core_option_value given = {.given = true, .node = node, .pos = node->pos};
  if (!take_node(row, node, &given)) return refuse_value(row, node, section, err);
  if (node->kind < CORE_NODE_LIST) {
    if (node->text.len && memchr(node->text.data, '\0', node->text.len))
      return core_fail_at(err, CORE_INVAL, node->pos, "'%s' of %s contains a NUL character",
                          row->name, section);
    given.text = core_arena_strndup(&out->arena, node->text.data, node->text.len);
    if (!given.text) return core_fail_nomem(err, node->text.len + 1);
  }
  *value = given;
  return CORE_OK;
}

static enum core_status check_required(const struct core_options *out, const char *section,
                                       struct core_error *err) {
  for (size_t i = 0; i < out->n_rows; i++)
    if (out->rows[i].required && !out->values[i].given)
      return core_fail_at(err, CORE_INVAL, out->pos, "%s has no '%s', which is required%s%s%s",
                          section, out->rows[i].name, out->rows[i].help ? " (" : "",
                          out->rows[i].help ? out->rows[i].help : "", out->rows[i].help ? ")" : "");
  return CORE_OK;
}

enum core_status core_options_open(struct core_options *out, const struct core_option *rows,
                                   const struct core_node *map, const char *section,
                                   const char *const *ignored, struct core_error *err) {
  const bool absent = !map || map->kind == CORE_NODE_NULL;
  *out = (struct core_options){0};
  if (!absent && map->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, map->pos, "%s is %s, and should be a map of keys", section,
                        core_node_kind_name(map->kind));
  CORE_TRY(core_option_defaults(out, rows, map ? map->pos : (struct core_pos){0}, err));
  enum core_status st = CORE_OK;
  for (const struct core_node *c = absent ? NULL : map->first; c && st == CORE_OK; c = c->next)
    st = take_entry(out, c, section, ignored, err);
  if (st == CORE_OK) st = check_required(out, section, err);
  if (st != CORE_OK) core_options_close(out);
  return st;
}

void core_options_close(struct core_options *options) {
  core_arena_close(&options->arena);
  *options = (struct core_options){0};
}

const struct core_option_value *core_option_get(const struct core_options *options,
                                                const char *name) {
  static const struct core_option_value nothing;
  size_t i = 0;
  while (i < options->n_rows && strcmp(options->rows[i].name, name) != 0) i++;
  assert(i < options->n_rows); /* a name that no row has */
  return i < options->n_rows ? &options->values[i] : &nothing;
}

bool core_option_given(const struct core_options *options, const char *name) {
  return core_option_get(options, name)->given;
}

bool core_option_flag(const struct core_options *options, const char *name) {
  return core_option_get(options, name)->flag;
}

int64_t core_option_int(const struct core_options *options, const char *name) {
  return core_option_get(options, name)->integer;
}

double core_option_double(const struct core_options *options, const char *name) {
  return core_option_get(options, name)->number;
}

const char *core_option_text(const struct core_options *options, const char *name) {
  return core_option_get(options, name)->text;
}

const struct core_node *core_option_node(const struct core_options *options, const char *name) {
  return core_option_get(options, name)->node;
}
