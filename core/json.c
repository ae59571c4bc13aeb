/* SPDX-License-Identifier: GPL-3.0-or-later
 * jansson's values into a tree. The only file that sees jansson.
 *
 * jansson checks and decodes but keeps no places, and keeps objects in the order of the text. So,
 * once it accepted the text, the text's tokens are walked beside its values, which gives every node
 * its line and column. */
#include "core/json.h"

#include <jansson.h>
#include <string.h>

#include "core/num.h"

/* A place in the text that moves forward only; columns count code points. */
struct cursor {
  const char *at;
  const char *end;
  struct core_pos pos;
};

static void advance(struct cursor *c, const char *to) {
  for (; c->at < to; c->at++) {
    if (*c->at == '\n')
      c->pos.line++, c->pos.column = 1;
    else if (((unsigned char)*c->at & 0xC0) != 0x80)
      c->pos.column++;
  }
}

static bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
         c == '-' || c == '.' || c == '_';
}

/* Moves to the next token and gives its end: a whole string, a word, or one other byte. */
static const char *next_token(struct cursor *c) {
  const char *p = c->at;
  while (p < c->end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) p++;
  advance(c, p);
  if (p == c->end) return p;
  if (*p == '"') {
    for (p++; p < c->end && *p != '"'; p++)
      if (*p == '\\' && p + 1 < c->end) p++;
    return p < c->end ? p + 1 : p;
  }
  if (!is_word_byte(*p)) return p + 1;
  while (p < c->end && is_word_byte(*p)) p++;
  return p;
}

static void skip_token(struct cursor *c) {
  const char *end = next_token(c);
  advance(c, end);
}

/* Python's words for what JSON cannot say, and stand-ins of the same length that jansson takes. */
static const struct special {
  const char *word;
  const char *stand_in;
  const char *value;
} specials[] = {
    {"NaN", "0.0", "nan"}, {"Infinity", "0.000000", "inf"}, {"-Infinity", "-0.000000", "-inf"}};

static const struct special *special_of(const char *text, size_t len) {
  for (size_t i = 0; i < CORE_COUNT_OF(specials); i++)
    if (strlen(specials[i].word) == len && memcmp(specials[i].word, text, len) == 0)
      return &specials[i];
  return NULL;
}

/* Gives the text that jansson reads: the input itself, or a copy (*owned) with stand-ins. Counts
 * the values first, since jansson would build all of them before the tree's limit could speak. */
static enum core_status prepare(const struct core_builder *b, const char **bytes, size_t len,
                                char **owned, struct core_error *err) {
  struct cursor c = {.at = *bytes, .end = *bytes + len, .pos = {b->name, 1, 1}};
  for (size_t n_commas = 0; c.at < c.end;) {
    const char *end = next_token(&c);
    const size_t n = (size_t)(end - c.at);
    if (n == 1 && *c.at == ',' && ++n_commas > CORE_TREE_MAX_NODES)
      return core_fail_at(err, CORE_LIMIT, c.pos, "more than %zu values in one document",
                          CORE_TREE_MAX_NODES);
    const struct special *special = special_of(c.at, n);
    if (special) {
      if (!*owned) *owned = core_strndup(*bytes, len);
      if (!*owned) return core_fail_nomem(err, len + 1);
      memcpy(*owned + (c.at - *bytes), special->stand_in, n);
    }
    advance(&c, end);
  }
  if (*owned) *bytes = *owned;
  return CORE_OK;
}

static enum core_status take_value(struct core_builder *b, json_t *value, struct cursor *c,
                                   struct core_error *err);

static enum core_status take_list(struct core_builder *b, json_t *list, struct cursor *c,
                                  struct core_error *err) {
  const size_t n = json_array_size(list);
  for (size_t i = 0; i < n; i++) {
    CORE_TRY(take_value(b, json_array_get(list, i), c, err));
    skip_token(c); /* the comma, or the closing bracket */
  }
  if (n == 0) skip_token(c);
  return CORE_OK;
}

static enum core_status take_map(struct core_builder *b, json_t *map, struct cursor *c,
                                 struct core_error *err) {
  void *it = json_object_iter(map);
  if (!it) skip_token(c);
  for (; it; it = json_object_iter_next(map, it)) {
    const char *key = json_object_iter_key(it);
    const char *end = next_token(c);
    CORE_TRY(core_builder_key(b, key, strlen(key), c->pos, err));
    advance(c, end);
    skip_token(c); /* the colon */
    CORE_TRY(take_value(b, json_object_iter_value(it), c, err));
    skip_token(c); /* the comma, or the closing brace */
  }
  return CORE_OK;
}

static void set_number(struct core_node *node) {
  const struct special *special = special_of(node->text.data, node->text.len);
  if (special) {
    (void)core_parse_double(special->value, strlen(special->value), &node->number);
  } else if (core_parse_int64(node->text.data, node->text.len, &node->integer)) {
    node->kind = CORE_NODE_INT;
    node->number = (double)node->integer;
  } else {
    (void)core_parse_double(node->text.data, node->text.len,
                            &node->number); /* jansson checked the form */
  }
}

static enum core_status take_scalar(struct core_builder *b, const json_t *value, const char *text,
                                    size_t len, struct core_pos pos, struct core_error *err) {
  struct core_node *node;
  if (json_is_string(value)) {
    text = json_string_value(value);
    len = json_string_length(value);
    return core_builder_scalar(b, CORE_NODE_STRING, text, len, pos, &node, err);
  }
  CORE_TRY(core_builder_scalar(b, CORE_NODE_NULL, text, len, pos, &node, err));
  if (json_is_boolean(value)) {
    node->kind = CORE_NODE_BOOL;
    node->boolean = json_is_true(value);
  } else if (json_is_number(value)) {
    node->kind = CORE_NODE_DOUBLE;
    set_number(node);
  }
  return CORE_OK;
}

static enum core_status take_value(struct core_builder *b, json_t *value, struct cursor *c,
                                   struct core_error *err) {
  const char *end = next_token(c);
  const char *text = c->at;
  const struct core_pos pos = c->pos;
  advance(c, end);
  const bool list = json_is_array(value);
  if (!list && !json_is_object(value))
    return take_scalar(b, value, text, (size_t)(end - text), pos, err);
  CORE_TRY(core_builder_enter(b, list ? CORE_NODE_LIST : CORE_NODE_MAP, pos, err));
  CORE_TRY(list ? take_list(b, value, c, err) : take_map(b, value, c, err));
  return core_builder_leave(b, err);
}

static bool ends_with(const char *text, const char *tail) {
  const size_t n = strlen(text), n_tail = strlen(tail);
  return n >= n_tail && strcmp(text + n - n_tail, tail) == 0;
}

/* jansson stops behind the token that it cannot take: the blame goes to where that token begins. */
static enum core_status refuse(const struct core_builder *b, const json_error_t *error,
                               const char *bytes, size_t len, struct core_error *err) {
  if (json_error_code(error) == json_error_out_of_memory) return core_fail_nomem(err, len);
  const bool at_end = ends_with(error->text, " near end of file");
  const size_t stop = error->position > 0 ? (size_t)error->position : 0;
  struct cursor c = {.at = bytes, .end = bytes + len, .pos = {b->name, 1, 1}};
  const char *end = next_token(&c);
  while (c.at < c.end && (at_end || end < bytes + stop)) {
    advance(&c, end);
    end = next_token(&c);
  }
  if (json_error_code(error) == json_error_duplicate_key)
    return core_fail_at(err, CORE_INVAL, c.pos, "duplicate key %.*s", (int)(end - c.at), c.at);
  return core_fail_at(err, CORE_INVAL, c.pos, "malformed JSON: %s", error->text);
}

enum core_status core_json_read(struct core_builder *b, const char *bytes, size_t len,
                                struct core_error *err) {
  const char *text = bytes;
  char *owned = NULL;
  json_t *root = NULL;
  json_error_t error;
  struct cursor c = {.at = bytes, .end = bytes + len, .pos = {b->name, 1, 1}};
  enum core_status st = prepare(b, &text, len, &owned, err);
  if (st != CORE_OK) goto out;
  root = json_loadb(
      text, len,
      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);
  st = root ? take_value(b, root, &c, err) : refuse(b, &error, bytes, len, err);
out:
  json_decref(root);
  core_free(owned);
  return st;
}
