/* SPDX-License-Identifier: GPL-3.0-or-later
 * Is it a schema at all? Asked once, when the suite is read, so that a misspelt type is found before data is. */
#include <string.h>

#include "validate/text/json_schema_parts.h"

static bool is_text(const struct core_node *node) {
  return node->kind == CORE_NODE_STRING;
}

static enum core_status add_pattern(struct val_json_schema *s, const struct core_node *node,
                                    const char *text, struct core_pos pos, struct core_error *err) {
  struct core_error why = {0};
  CORE_TRY(core_grow((void **)&s->patterns, &s->patterns_cap, s->n_patterns + 1,
                     sizeof *s->patterns, err));
  struct val_schema_pattern *p = &s->patterns[s->n_patterns];
  *p = (struct val_schema_pattern){.node = node};
  const enum core_status st = val_regex_open(text, strlen(text), VAL_REGEX_UTF8, &p->regex, &why);
  if (st == CORE_OK) s->n_patterns++;
  if (st == CORE_OK || st == CORE_NOMEM)
    return st == CORE_OK ? st : core_fail(err, st, "%s", why.message);
  return core_fail_at(err, CORE_INVAL, pos, "json_schema: %s", why.message);
}

/* ---- references ---- */

static bool hex_pair(const char *text, char *out) {
  int value = 0;
  for (int i = 0; i < 2; i++) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    value = value * 16 + digit;
  }
  *out = (char)value;
  return true;
}

/* One part of a JSON pointer (RFC 6901) as a key: ~1 is /, ~0 is ~, %25 is %. */
static void pointer_part(const char *from, const char *end, struct core_str *out) {
  core_str_clear(out);
  for (const char *p = from; p < end; p++) {
    char c = *p;
    if (c == '~' && p + 1 < end && (p[1] == '0' || p[1] == '1'))
      c = *++p == '0' ? '~' : '/';
    else if (c == '%' && end - p > 2 && hex_pair(p + 1, &c))
      p += 2;
    core_str_char(out, c);
  }
}

static const struct core_node *pointer_child(const struct core_node *node, const char *key) {
  size_t index = 0;
  if (node->kind == CORE_NODE_MAP) return core_node_get(node, key);
  if (node->kind != CORE_NODE_LIST || !*key) return NULL;
  for (const char *p = key; *p; p++) {
    if (*p < '0' || *p > '9' || index > 1000000) return NULL;
    index = index * 10 + (size_t)(*p - '0');
  }
  return core_node_at(node, index);
}

enum core_status val_schema_resolve(const struct val_json_schema *s, const struct core_node *ref,
                                    const struct core_node **out, struct core_error *err) {
  const char *at = ref->text.data;
  struct core_str key = {0};
  const struct core_node *node = s->root;
  if (*at != '#' || (at[1] && at[1] != '/'))
    return core_fail_at(err, CORE_UNSUPPORTED, ref->pos,
                        "json_schema: only references into the schema itself are followed, as in "
                        "'#/definitions/x', not '%s'",
                        at);
  for (at++; node && *at == '/';) {
    const char *end = strchr(at + 1, '/');
    if (!end) end = at + strlen(at);
    pointer_part(at + 1, end, &key);
    node = key.failed ? NULL : pointer_child(node, core_str_text(&key));
    at = end;
  }
  enum core_status st = core_str_status(&key, err);
  core_str_close(&key);
  if (st == CORE_OK && !node)
    st = core_fail_at(err, CORE_INVAL, ref->pos, "json_schema: '%s' leads nowhere", ref->text.data);
  *out = node;
  return st;
}

/* ---- is it a schema? ---- */

static enum core_status wrong(const struct core_node *node, const char *wanted,
                              struct core_error *err) {
  return core_fail_at(err, CORE_INVAL, node->pos, "json_schema: '%s' must be %s, not %s",
                      node->key ? node->key : "schema", wanted, core_node_kind_name(node->kind));
}

static enum core_status check_children(struct val_json_schema *s, const struct core_node *node,
                                       bool patterns, struct core_error *err) {
  for (const struct core_node *below = node->first; below; below = below->next) {
    if (patterns) CORE_TRY(add_pattern(s, below, below->key, below->key_pos, err));
    CORE_TRY(val_schema_check(s, below, err));
  }
  return CORE_OK;
}

static enum core_status check_names(const struct core_node *node, struct core_error *err) {
  if (node->kind != CORE_NODE_LIST) return wrong(node, "a list of names", err);
  for (const struct core_node *name = node->first; name; name = name->next)
    if (!is_text(name)) return wrong(node, "a list of names", err);
  return CORE_OK;
}

static enum core_status check_type_name(const struct core_node *keyword,
                                        const struct core_node *name, struct core_error *err) {
  static const char *const names[] = {"null",   "boolean", "string",  "array",
                                      "object", "number",  "integer", NULL};
  for (size_t i = 0; names[i] && is_text(name); i++)
    if (core_streq(names[i], name->text.data)) return CORE_OK;
  const char *hint = is_text(name) ? core_nearest(name->text.data, names) : NULL;
  return hint ? core_fail_at(err, CORE_INVAL, name->pos,
                             "json_schema: unknown type '%s'; did you mean '%s'?", name->text.data,
                             hint)
              : wrong(keyword, "the name of a type, or a list of them", err);
}

static enum core_status check_types(const struct core_node *node, struct core_error *err) {
  if (node->kind != CORE_NODE_LIST) return check_type_name(node, node, err);
  for (const struct core_node *name = node->first; name; name = name->next)
    CORE_TRY(check_type_name(node, name, err));
  return CORE_OK;
}

static enum core_status check_dependencies(struct val_json_schema *s, const struct core_node *node,
                                           struct core_error *err) {
  if (node->kind != CORE_NODE_MAP) return wrong(node, "a map", err);
  for (const struct core_node *below = node->first; below; below = below->next)
    CORE_TRY(below->kind == CORE_NODE_LIST ? check_names(below, err)
                                           : val_schema_check(s, below, err));
  return CORE_OK;
}

static enum core_status check_scalar(const struct core_node *node, enum val_schema_shape shape,
                                     struct core_error *err) {
  const bool number = core_node_is_number(node);
  switch (shape) {
  case VAL_SCHEMA_NUMBER:
    return number || node->kind == CORE_NODE_BOOL ? CORE_OK : wrong(node, "a number", err);
  case VAL_SCHEMA_POSITIVE:
    return number && node->number > 0 ? CORE_OK : wrong(node, "a number above zero", err);
  case VAL_SCHEMA_COUNT:
    return number && val_schema_is_whole(node) && node->number >= 0
               ? CORE_OK
               : wrong(node, "a count, from 0 up", err);
  case VAL_SCHEMA_FLAG:
    return node->kind == CORE_NODE_BOOL ? CORE_OK : wrong(node, "true or false", err);
  case VAL_SCHEMA_LIST:
    return node->kind == CORE_NODE_LIST ? CORE_OK : wrong(node, "a list", err);
  case VAL_SCHEMA_REFUSED:
    return core_fail_at(err, CORE_UNSUPPORTED, node->key_pos, "json_schema: '%s' is not supported",
                        node->key);
  default:
    return CORE_OK;
  }
}

static enum core_status check_ref(const struct val_json_schema *s, const struct core_node *node,
                                  struct core_error *err) {
  const struct core_node *target = NULL;
  return is_text(node) ? val_schema_resolve(s, node, &target, err) : wrong(node, "text", err);
}

static enum core_status check_keyword(struct val_json_schema *s, const struct core_node *node,
                                      enum val_schema_shape shape, struct core_error *err) {
  switch (shape) {
  case VAL_SCHEMA_TEXT:
    return check_ref(s, node, err);
  case VAL_SCHEMA_REGEX:
    return is_text(node) ? add_pattern(s, node, node->text.data, node->pos, err)
                         : wrong(node, "text", err);
  case VAL_SCHEMA_NAMES: /* draft 3 had a flag here */
    return node->kind == CORE_NODE_BOOL ? CORE_OK : check_names(node, err);
  case VAL_SCHEMA_TYPES:
    return check_types(node, err);
  case VAL_SCHEMA_SCHEMA:
    return val_schema_check(s, node, err);
  case VAL_SCHEMA_SCHEMAS:
    return node->kind == CORE_NODE_LIST && node->first ? check_children(s, node, false, err)
                                                       : wrong(node, "a list of schemas", err);
  case VAL_SCHEMA_ITEMS:
    return node->kind == CORE_NODE_LIST ? check_children(s, node, false, err)
                                        : val_schema_check(s, node, err);
  case VAL_SCHEMA_SCHEMA_MAP:
  case VAL_SCHEMA_PATTERN_MAP:
    return node->kind == CORE_NODE_MAP
               ? check_children(s, node, shape == VAL_SCHEMA_PATTERN_MAP, err)
               : wrong(node, "a map of schemas", err);
  case VAL_SCHEMA_DEPENDENCIES:
    return check_dependencies(s, node, err);
  default:
    return check_scalar(node, shape, err);
  }
}

/* The tree's own bound on nesting bounds this recursion. */
enum core_status val_schema_check(struct val_json_schema *s, const struct core_node *node,
                                  struct core_error *err) {
  if (node->kind == CORE_NODE_BOOL) return CORE_OK;
  if (node->kind != CORE_NODE_MAP) return wrong(node, "a schema: a map, true or false", err);
  for (const struct core_node *child = node->first; child; child = child->next) {
    CORE_TRY(check_keyword(s, child, val_schema_shape_of(child->key), err));
  }
  return CORE_OK;
}
