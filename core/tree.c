/* SPDX-License-Identifier: GPL-3.0-or-later
 * Trees: reading a file whole, growing nodes within limits, looking at them. Knows no syntax; that
 * is yaml.c and json.c. */
#include "core/tree.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/num.h"
#include "core/tree_build.h"
#include "core/yaml.h"

static enum core_status add_node(struct core_builder *b, enum core_node_kind kind,
                                 struct core_pos pos, struct core_node **out,
                                 struct core_error *err) {
  if (++b->n_nodes > CORE_TREE_MAX_NODES)
    return core_fail_at(err, CORE_LIMIT, pos, "more than %zu values in one document",
                        CORE_TREE_MAX_NODES);
  struct core_node *node = core_arena_calloc(&b->tree->arena, 1, sizeof *node);
  if (!node) return core_fail_nomem(err, sizeof *node);
  node->kind = kind;
  node->pos = pos;
  if (b->depth == 0) {
    b->tree->root = node;
  } else {
    struct core_builder_level *level = &b->levels[b->depth - 1];
    if (level->last)
      level->last->next = node;
    else
      level->node->first = node;
    level->last = node;
    level->node->n_children++;
    node->key = b->key;
    node->key_pos = b->key_pos;
    b->key = NULL;
    b->key_pos = (struct core_pos){0};
  }
  *out = node;
  return CORE_OK;
}

enum core_status core_builder_enter(struct core_builder *b, enum core_node_kind kind,
                                    struct core_pos pos, struct core_error *err) {
  if (b->depth == CORE_TREE_MAX_DEPTH)
    return core_fail_at(err, CORE_INVAL, pos, "nested more than %d levels deep",
                        CORE_TREE_MAX_DEPTH);
  struct core_node *node = NULL;
  CORE_TRY(add_node(b, kind, pos, &node, err));
  b->levels[b->depth++] = (struct core_builder_level){.node = node};
  return CORE_OK;
}

/* By key, then by place, so that of two equal keys the later one is blamed. */
static int compare_keys(const void *a, const void *b) {
  const struct core_node *x = *(const struct core_node *const *)a;
  const struct core_node *y = *(const struct core_node *const *)b;
  const int order = strcmp(x->key, y->key);
  if (order != 0) return order;
  if (x->key_pos.line != y->key_pos.line) return x->key_pos.line < y->key_pos.line ? -1 : 1;
  return x->key_pos.column < y->key_pos.column ? -1 : x->key_pos.column > y->key_pos.column;
}

static enum core_status refuse_duplicates(const struct core_node *map, struct core_error *err) {
  if (map->n_children < 2) return CORE_OK;
  const struct core_node **sorted = core_calloc(map->n_children, sizeof(struct core_node *));
  if (!sorted) return core_fail_nomem(err, map->n_children * sizeof *sorted);
  size_t n = 0;
  for (const struct core_node *c = map->first; c; c = c->next) sorted[n++] = c;
  qsort(sorted, n, sizeof *sorted, compare_keys);
  const struct core_node *first = NULL, *second = NULL; /* the pair whose second comes first */
  for (size_t i = 1; i < n; i++) {
    if (strcmp(sorted[i - 1]->key, sorted[i]->key) != 0) continue;
    if (second && (second->key_pos.line < sorted[i]->key_pos.line ||
                   (second->key_pos.line == sorted[i]->key_pos.line &&
                    second->key_pos.column < sorted[i]->key_pos.column)))
      continue;
    first = sorted[i - 1];
    second = sorted[i];
  }
  core_free(sorted);
  if (!second) return CORE_OK;
  return core_fail_at(err, CORE_INVAL, second->key_pos,
                      "duplicate key '%s'; it stands in line %d already", second->key,
                      first->key_pos.line);
}

enum core_status core_builder_leave(struct core_builder *b, struct core_error *err) {
  const struct core_node *node = b->levels[--b->depth].node;
  return node->kind == CORE_NODE_MAP ? refuse_duplicates(node, err) : CORE_OK;
}

bool core_builder_wants_key(const struct core_builder *b) {
  return b->depth > 0 && b->levels[b->depth - 1].node->kind == CORE_NODE_MAP && !b->key;
}

enum core_status core_builder_key(struct core_builder *b, const char *text, size_t len,
                                  struct core_pos pos, struct core_error *err) {
  if (len && memchr(text, '\0', len))
    return core_fail_at(err, CORE_INVAL, pos, "a key contains a NUL character");
  b->key = core_arena_strndup(&b->tree->arena, text, len);
  if (!b->key) return core_fail_nomem(err, len + 1);
  b->key_pos = pos;
  return CORE_OK;
}

enum core_status core_builder_scalar(struct core_builder *b, enum core_node_kind kind,
                                     const char *text, size_t len, struct core_pos pos,
                                     struct core_node **out, struct core_error *err) {
  CORE_TRY(add_node(b, kind, pos, out, err));
  const char *copy = core_arena_strndup(&b->tree->arena, text, len);
  if (!copy) return core_fail_nomem(err, len + 1);
  (*out)->text = (struct core_slice){copy, len};
  return CORE_OK;
}

struct core_pos core_builder_place(const char *name, const char *bytes, size_t offset) {
  struct core_pos pos = {.file = name, .line = 1, .column = 1};
  for (size_t i = 0; i < offset; i++) {
    if (bytes[i] == '\n')
      pos.line++, pos.column = 1;
    else if (((unsigned char)bytes[i] & 0xC0) != 0x80)
      pos.column++;
  }
  return pos;
}

typedef enum core_status read_fn(struct core_builder *, const char *, size_t, struct core_error *);

/* One attempt; an empty document becomes a NULL node. On failure nothing is held. */
static enum core_status build(struct core_tree *tree, read_fn *read, const char *name,
                              const char *bytes, size_t len, struct core_error *err) {
  *tree = (struct core_tree){0};
  struct core_builder *b = core_calloc(1, sizeof *b);
  if (!b) return core_fail_nomem(err, sizeof *b);
  b->tree = tree;
  enum core_status st = CORE_OK;
  b->name = core_arena_strdup(&tree->arena, name);
  if (!b->name) st = core_fail_nomem(err, strlen(name) + 1);
  if (st == CORE_OK) st = read(b, bytes, len, err);
  if (st == CORE_OK && !tree->root) {
    struct core_node *ignored;
    const struct core_pos start = {.file = b->name, .line = 1, .column = 1};
    st = core_builder_scalar(b, CORE_NODE_NULL, "", 0, start, &ignored, err);
  }
  core_free(b);
  if (st != CORE_OK) core_tree_close(tree);
  return st;
}

static enum core_status check_input(const char *name, const char *bytes, size_t len,
                                    struct core_error *err) {
  if (len > CORE_TREE_MAX_BYTES)
    return core_fail_at(err, CORE_LIMIT, (struct core_pos){.file = name},
                        "longer than %zu MiB, which no study, suite or result should be",
                        CORE_TREE_MAX_BYTES >> 20);
  const size_t valid = core_utf8_valid_prefix(bytes, len);
  if (valid == len) return CORE_OK;
  return core_fail_at(err, CORE_INVAL, core_builder_place(name, bytes, valid),
                      "byte 0x%02x is not valid UTF-8; save the file as UTF-8",
                      (unsigned)(unsigned char)bytes[valid]);
}

static size_t bom_bytes(const char *bytes, size_t len) {
  return len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

enum core_status core_tree_parse_json(struct core_tree *tree, const char *name, const char *bytes,
                                      size_t len, struct core_error *err) {
  *tree = (struct core_tree){0};
  CORE_TRY(check_input(name, bytes, len, err));
  const size_t bom = bom_bytes(bytes, len);
  return build(tree, core_json_read, name, bytes + bom, len - bom, err);
}

static bool is_json_name(const char *name) {
  const size_t n = strlen(name);
  return n >= 5 && strcmp(name + n - 5, ".json") == 0;
}

/* Flow-style YAML begins as JSON does: what JSON refuses YAML may still take, and its message
 * counts then. */
static bool looks_like_json(const char *bytes, size_t len) {
  static const char blanks[] = {' ', '\t', '\r', '\n'};
  while (len > 0 && memchr(blanks, *bytes, sizeof blanks)) bytes++, len--;
  return len > 0 && (*bytes == '{' || *bytes == '[');
}

enum core_status core_tree_parse(struct core_tree *tree, const char *name, const char *bytes,
                                 size_t len, struct core_error *err) {
  *tree = (struct core_tree){0};
  CORE_TRY(check_input(name, bytes, len, err));
  const size_t bom = bom_bytes(bytes, len);
  bytes += bom;
  len -= bom;
  if (is_json_name(name)) return build(tree, core_json_read, name, bytes, len, err);
  if (looks_like_json(bytes, len)) {
    struct core_error refusal = {0};
    const enum core_status st = build(tree, core_json_read, name, bytes, len, &refusal);
    if (st == CORE_OK) return st;
    if (st != CORE_INVAL) {
      if (err && err->status == CORE_OK) *err = refusal;
      return st;
    }
  }
  return build(tree, core_yaml_read, name, bytes, len, err);
}

/* At most one byte beyond the limit is read, so that the limit can be told. */
static enum core_status read_whole(FILE *file, const char *name, char **bytes, size_t *len,
                                   struct core_error *err) {
  size_t cap = 0;
  void *data = NULL;
  *len = 0;
  while (*len <= CORE_TREE_MAX_BYTES) {
    const enum core_status st = core_grow(&data, &cap, *len + 4096, 1, err);
    if (st != CORE_OK) {
      core_free(data);
      return st;
    }
    const size_t got = fread((char *)data + *len, 1, cap - *len, file);
    *len += got;
    if (got == 0) break;
  }
  if (ferror(file)) {
    const int why = errno;
    core_free(data);
    return core_fail_errno(err, CORE_IO, why, "%s: cannot be read", name);
  }
  *bytes = data;
  return CORE_OK;
}

enum core_status core_tree_open(struct core_tree *tree, const char *path, struct core_error *err) {
  *tree = (struct core_tree){0};
  const bool standard = strcmp(path, "-") == 0;
  const char *name = standard ? "<stdin>" : path;
  FILE *file = standard ? stdin : fopen(path, "rbe");
  if (!file) return core_fail_errno(err, CORE_IO, errno, "%s: cannot be opened", path);
  char *bytes = NULL;
  size_t len = 0;
  enum core_status st = read_whole(file, name, &bytes, &len, err);
  if (!standard) fclose(file);
  if (st == CORE_OK) st = core_tree_parse(tree, name, bytes, len, err);
  core_free(bytes);
  return st;
}

void core_tree_close(struct core_tree *tree) {
  core_arena_close(&tree->arena);
  tree->root = NULL;
}

const struct core_node *core_node_get(const struct core_node *map, const char *key) {
  if (!map || map->kind != CORE_NODE_MAP) return NULL;
  for (const struct core_node *c = map->first; c; c = c->next)
    if (strcmp(c->key, key) == 0) return c;
  return NULL;
}

const struct core_node *core_node_at(const struct core_node *list, size_t index) {
  if (!list || list->kind != CORE_NODE_LIST) return NULL;
  const struct core_node *c = list->first;
  while (c && index-- > 0) c = c->next;
  return c;
}

const char *core_node_kind_name(enum core_node_kind kind) {
  static const char *const names[] = {
      [CORE_NODE_NULL] = "null",      [CORE_NODE_BOOL] = "true or false",
      [CORE_NODE_INT] = "an integer", [CORE_NODE_DOUBLE] = "a number",
      [CORE_NODE_STRING] = "a text",  [CORE_NODE_LIST] = "a list",
      [CORE_NODE_MAP] = "a map"};
  return (size_t)kind < CORE_COUNT_OF(names) ? names[kind] : "an unknown thing";
}

bool core_node_is_number(const struct core_node *node) {
  return node && (node->kind == CORE_NODE_INT || node->kind == CORE_NODE_DOUBLE);
}

static void json_double(double value, bool python, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  if (isfinite(value))
    core_str_append(out, text, core_format_double(value, text));
  else if (!python)
    core_str_text_append(out, "null");
  else
    core_str_text_append(out, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
}

static void json_children(const struct core_node *node, bool python, struct core_str *out) {
  const bool map = node->kind == CORE_NODE_MAP;
  core_str_char(out, map ? '{' : '[');
  for (const struct core_node *c = node->first; c; c = c->next) {
    if (c != node->first) core_str_text_append(out, ", ");
    if (map) {
      core_str_json(out, c->key, strlen(c->key));
      core_str_text_append(out, ": ");
    }
    core_node_json(c, python, out);
  }
  core_str_char(out, map ? '}' : ']');
}

void core_node_json(const struct core_node *node, bool python, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  switch (node->kind) {
  case CORE_NODE_NULL:
    core_str_text_append(out, "null");
    break;
  case CORE_NODE_BOOL:
    core_str_text_append(out, node->boolean ? "true" : "false");
    break;
  case CORE_NODE_INT:
    core_str_append(out, text, core_format_int64(node->integer, text));
    break;
  case CORE_NODE_DOUBLE:
    json_double(node->number, python, out);
    break;
  case CORE_NODE_STRING:
    core_str_json(out, node->text.data, node->text.len);
    break;
  case CORE_NODE_LIST:
  case CORE_NODE_MAP:
    json_children(node, python, out);
    break;
  }
}

/* Exact across the kinds: 2^53 + 1 is not the double 2^53. NaN equals NaN, as a document's text
 * does. */
static bool numbers_equal(const struct core_node *a, const struct core_node *b) {
  if (a->kind == CORE_NODE_INT && b->kind == CORE_NODE_INT) return a->integer == b->integer;
  if (a->kind == b->kind) return a->number == b->number || (isnan(a->number) && isnan(b->number));
  const int64_t integer = a->kind == CORE_NODE_INT ? a->integer : b->integer;
  const double number = a->kind == CORE_NODE_INT ? b->number : a->number;
  return number >= -0x1p63 && number < 0x1p63 && number == floor(number) &&
         (int64_t)number == integer;
}

static bool lists_equal(const struct core_node *a, const struct core_node *b) {
  if (a->n_children != b->n_children) return false;
  const struct core_node *y = b->first;
  for (const struct core_node *x = a->first; x; x = x->next, y = y->next)
    if (!core_node_equal(x, y)) return false;
  return true;
}

static bool maps_equal(const struct core_node *a, const struct core_node *b) {
  if (a->n_children != b->n_children) return false;
  const struct core_node *y = b->first; /* the same order is the usual case */
  for (const struct core_node *x = a->first; x; x = x->next) {
    if (!y || strcmp(x->key, y->key) != 0) y = core_node_get(b, x->key);
    if (!y || !core_node_equal(x, y)) return false;
    y = y->next;
  }
  return true;
}

bool core_node_equal(const struct core_node *a, const struct core_node *b) {
  if (!a || !b) return a == b;
  if (core_node_is_number(a) && core_node_is_number(b)) return numbers_equal(a, b);
  if (a->kind != b->kind) return false;
  switch (a->kind) {
  case CORE_NODE_BOOL:
    return a->boolean == b->boolean;
  case CORE_NODE_STRING:
    return core_slice_equal(a->text, b->text);
  case CORE_NODE_LIST:
    return lists_equal(a, b);
  case CORE_NODE_MAP:
    return maps_equal(a, b);
  default:
    return true;
  }
}
