/* SPDX-License-Identifier: GPL-3.0-or-later
 * Option rows read from a command line: --name=value, --name value, -x value, --name and --no-name
 * for flags, "--". */
#include <string.h>

#include "core/option.h"
#include "core/option_value.h"

struct line {
  struct core_options *out;
  int argc;
  char **argv;
  int at; /* the word that is read */
  struct core_error *err;
};

/* '-' and '_' are the same in an option's name. */
static bool is_name(const char *name, const char *text, size_t len) {
  for (size_t i = 0; i < len; i++, name++)
    if (*name != text[i] && !(*name == '_' && text[i] == '-') && !(*name == '-' && text[i] == '_'))
      return false;
  return *name == '\0';
}

static size_t find_name(const struct core_options *options, const char *text, size_t len) {
  size_t i = 0;
  while (i < options->n_rows && !is_name(options->rows[i].name, text, len)) i++;
  return i;
}

static size_t find_letter(const struct core_options *options, char letter) {
  size_t i = 0;
  while (i < options->n_rows && options->rows[i].letter != letter) i++;
  return i;
}

static enum core_status refuse_name(struct line *l, const char *text, size_t len) {
  struct core_arena scratch = {0};
  const char *const *names = core_option_names(l->out->rows, NULL, &scratch);
  const char *word = core_arena_strndup(&scratch, text, len);
  const char *near = names && word ? core_nearest(word, names) : NULL;
  core_fail(l->err, CORE_INVAL, "unknown option '--%.*s'%s%s%s", len > 60 ? 60 : (int)len, text,
            near ? "; did you mean '--" : "; -h lists the options", near ? near : "",
            near ? "'?" : "");
  core_arena_close(&scratch);
  return CORE_INVAL;
}

static enum core_status refuse_value(struct line *l, const struct core_option *row,
                                     const char *text) {
  struct core_str wanted = {0};
  core_option_wanted(row, &wanted);
  core_option_hint(row, text, &wanted);
  core_fail(l->err, CORE_INVAL, "option '--%s' is '%.60s', and should be %s", row->name, text,
            core_str_text(&wanted));
  core_str_close(&wanted);
  return CORE_INVAL;
}

/* Repeated LIST options gather into one list node. */
static enum core_status add_to_list(struct line *l, struct core_option_value *value,
                                    const char *text) {
  struct core_arena *arena = &l->out->arena;
  struct core_node *item = core_arena_calloc(arena, 1, sizeof *item);
  struct core_node *list =
      value->node ? (struct core_node *)value->node : core_arena_calloc(arena, 1, sizeof *list);
  const char *copy = core_arena_strdup(arena, text);
  if (!item || !list || !copy) return core_fail_nomem(l->err, sizeof *item);
  item->kind = CORE_NODE_STRING;
  item->text = (struct core_slice){copy, strlen(copy)};
  list->kind = CORE_NODE_LIST;
  struct core_node **end = &list->first;
  while (*end) end = &(*end)->next;
  *end = item;
  list->n_children++;
  value->node = list;
  value->given = true;
  return CORE_OK;
}

static enum core_status take_value(struct line *l, size_t row_index, const char *text) {
  const struct core_option *row = &l->out->rows[row_index];
  struct core_option_value *value = &l->out->values[row_index];
  if (row->type == CORE_OPT_LIST) return add_to_list(l, value, text);
  struct core_option_value given = {.given = true};
  bool full;
  if (!core_option_read_text(row, text, &l->out->arena, &given, &full))
    return full ? core_fail_nomem(l->err, strlen(text) + 1) : refuse_value(l, row, text);
  *value = given; /* the last one counts, so that a script's options can be overridden */
  return CORE_OK;
}

/* The value stands in the next word. */
static enum core_status take_next(struct line *l, size_t row_index) {
  const struct core_option *row = &l->out->rows[row_index];
  if (l->at + 1 < l->argc) return take_value(l, row_index, l->argv[++l->at]);
  struct core_str wanted = {0};
  core_option_wanted(row, &wanted);
  core_fail(l->err, CORE_INVAL, "option '--%s' needs a value: %s", row->name,
            core_str_text(&wanted));
  core_str_close(&wanted);
  return CORE_INVAL;
}

static enum core_status take_long(struct line *l, const char *word) {
  const size_t len = strcspn(word, "=");
  const char *value = word[len] == '=' ? word + len + 1 : NULL;
  size_t i = find_name(l->out, word, len);
  if (i == l->out->n_rows && !value && strncmp(word, "no-", 3) == 0) {
    i = find_name(l->out, word + 3, len - 3);
    if (i < l->out->n_rows && l->out->rows[i].type == CORE_OPT_FLAG)
      return take_value(l, i, "false");
    i = l->out->n_rows;
  }
  if (i == l->out->n_rows) return refuse_name(l, word, len);
  if (value) return take_value(l, i, value);
  return l->out->rows[i].type == CORE_OPT_FLAG ? take_value(l, i, "true") : take_next(l, i);
}

/* "-vj4": flags may share a word, the first option with a value takes the rest of it. */
static enum core_status take_letters(struct line *l, const char *letters) {
  for (; *letters; letters++) {
    const size_t i = find_letter(l->out, *letters);
    if (i == l->out->n_rows)
      return core_fail(l->err, CORE_INVAL, "unknown option '-%c'; -h lists the options", *letters);
    if (l->out->rows[i].type != CORE_OPT_FLAG)
      return letters[1] ? take_value(l, i, letters + 1) : take_next(l, i);
    CORE_TRY(take_value(l, i, "true"));
  }
  return CORE_OK;
}

static enum core_status check_required(struct line *l) {
  for (size_t i = 0; i < l->out->n_rows; i++) {
    const struct core_option *row = &l->out->rows[i];
    if (row->required && !l->out->values[i].given)
      return core_fail(l->err, CORE_INVAL, "option '--%s' is required%s%s", row->name,
                       row->help ? ": " : "", row->help ? row->help : "");
  }
  return CORE_OK;
}

enum core_status core_options_parse(struct core_options *out, const struct core_option *rows,
                                    int argc, char **argv, const char **words, size_t *n_words,
                                    struct core_error *err) {
  *n_words = 0;
  CORE_TRY(core_option_defaults(out, rows, (struct core_pos){0}, err));
  struct line l = {.out = out, .argc = argc, .argv = argv, .err = err};
  enum core_status st = CORE_OK;
  bool only_words = false;
  for (; l.at < argc && st == CORE_OK; l.at++) {
    const char *word = argv[l.at];
    if (only_words || word[0] != '-' || word[1] == '\0')
      words[(*n_words)++] = word;
    else if (strcmp(word, "--") == 0)
      only_words = true;
    else
      st = word[1] == '-' ? take_long(&l, word + 2) : take_letters(&l, word + 1);
  }
  if (st == CORE_OK) st = check_required(&l);
  if (st != CORE_OK) core_options_close(out);
  return st;
}
