/* SPDX-License-Identifier: GPL-3.0-or-later
 * libyaml's events into a tree. The only file that sees libyaml.
 * Scalars: YAML 1.2.2, section 10.3 (core schema). An integer beyond 64 bits becomes a double, as
 * in JSON. */
#include "core/yaml.h"

#include <string.h>
#include <yaml.h>

#include "core/num.h"

static struct core_pos place(const struct core_builder *b, yaml_mark_t mark) {
  return (struct core_pos){
      .file = b->name, .line = (int)mark.line + 1, .column = (int)mark.column + 1};
}

static bool is_one_of(const char *text, const char *const *words) {
  for (; *words; words++)
    if (strcmp(text, *words) == 0) return true;
  return false;
}

static bool parse_based(const char *text, size_t len, unsigned base, int64_t *out) {
  if (len == 0) return false;
  int64_t value = 0;
  for (size_t i = 0; i < len; i++) {
    const char c = text[i];
    unsigned digit = 16;
    if (c >= '0' && c <= '9')
      digit = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = (unsigned)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
      digit = (unsigned)(c - 'A') + 10;
    if (digit >= base || value > (INT64_MAX - (int64_t)digit) / (int64_t)base) return false;
    value = value * (int64_t)base + (int64_t)digit;
  }
  *out = value;
  return true;
}

static bool parse_integer(const char *text, size_t len, int64_t *out) {
  if (len > 2 && text[0] == '0' && text[1] == 'o') return parse_based(text + 2, len - 2, 8, out);
  if (len > 2 && text[0] == '0' && text[1] == 'x') return parse_based(text + 2, len - 2, 16, out);
  return core_parse_int64(text, len, out);
}

static bool parse_number(const char *text, size_t len, double *out) {
  const size_t sign = text[0] == '-' || text[0] == '+';
  static const char *const inf[] = {".inf", ".Inf", ".INF", NULL};
  static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
  if (is_one_of(text + sign, inf))
    return core_parse_double(text[0] == '-' ? "-inf" : "inf", text[0] == '-' ? 4 : 3, out);
  if (is_one_of(text, nan)) return core_parse_double("nan", 3, out);
  const char first = text[sign]; /* keeps "inf" and "nan" texts */
  return ((first >= '0' && first <= '9') || first == '.') && core_parse_double(text, len, out);
}

/* What a plain scalar means; `node` has its text already. */
static void resolve(struct core_node *node) {
  static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
  static const char *const trues[] = {"true", "True", "TRUE", NULL};
  static const char *const falses[] = {"false", "False", "FALSE", NULL};
  const char *text = node->text.data;
  if (is_one_of(text, nulls)) {
    node->kind = CORE_NODE_NULL;
  } else if (is_one_of(text, trues) || is_one_of(text, falses)) {
    node->kind = CORE_NODE_BOOL;
    node->boolean = is_one_of(text, trues);
  } else if (parse_integer(text, node->text.len, &node->integer)) {
    node->kind = CORE_NODE_INT;
    node->number = (double)node->integer;
  } else if (parse_number(text, node->text.len, &node->number)) {
    node->kind = CORE_NODE_DOUBLE;
  }
}

/* Sets *text when the tag asks for a text; refuses every tag but that. */
static enum core_status check_tag(const struct core_builder *b, const yaml_char_t *anchor,
                                  const yaml_char_t *tag, yaml_mark_t mark, bool *text,
                                  struct core_error *err) {
  *text = false;
  if (anchor)
    return core_fail_at(err, CORE_INVAL, place(b, mark),
                        "anchor '&%s': anchors and aliases are not supported; write the value out",
                        (const char *)anchor);
  if (!tag) return CORE_OK;
  *text = strcmp((const char *)tag, YAML_STR_TAG) == 0 || strcmp((const char *)tag, "!") == 0;
  if (*text) return CORE_OK;
  return core_fail_at(err, CORE_INVAL, place(b, mark), "tag '%s' is not supported; remove it",
                      (const char *)tag);
}

static enum core_status take_scalar(struct core_builder *b, const yaml_event_t *event,
                                    struct core_error *err) {
  const char *text = (const char *)event->data.scalar.value;
  const size_t len = event->data.scalar.length;
  bool tagged_text;
  CORE_TRY(check_tag(b, event->data.scalar.anchor, event->data.scalar.tag, event->start_mark,
                     &tagged_text, err));
  const struct core_pos pos = place(b, event->start_mark);
  if (core_builder_wants_key(b)) return core_builder_key(b, text, len, pos, err);
  struct core_node *node;
  CORE_TRY(core_builder_scalar(b, CORE_NODE_STRING, text, len, pos, &node, err));
  if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !tagged_text) resolve(node);
  return CORE_OK;
}

static enum core_status take_start(struct core_builder *b, const yaml_event_t *event,
                                   struct core_error *err) {
  const bool map = event->type == YAML_MAPPING_START_EVENT;
  const yaml_char_t *anchor =
      map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
  const yaml_char_t *tag = map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
  bool tagged_text;
  CORE_TRY(check_tag(b, anchor, tag, event->start_mark, &tagged_text, err));
  const struct core_pos pos = place(b, event->start_mark);
  if (tagged_text)
    return core_fail_at(err, CORE_INVAL, pos, "a list or map cannot be tagged as a text");
  if (core_builder_wants_key(b))
    return core_fail_at(err, CORE_INVAL, pos, "a key must be a text, not %s",
                        core_node_kind_name(map ? CORE_NODE_MAP : CORE_NODE_LIST));
  return core_builder_enter(b, map ? CORE_NODE_MAP : CORE_NODE_LIST, pos, err);
}

static enum core_status take_event(struct core_builder *b, const yaml_event_t *event,
                                   struct core_error *err) {
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT:
    if (!b->tree->root) return CORE_OK;
    return core_fail_at(err, CORE_INVAL, place(b, event->start_mark),
                        "a second document begins here; one file holds one document");
  case YAML_ALIAS_EVENT:
    return core_fail_at(err, CORE_INVAL, place(b, event->start_mark),
                        "alias '*%s': anchors and aliases are not supported; write the value out",
                        (const char *)event->data.alias.anchor);
  case YAML_SCALAR_EVENT:
    return take_scalar(b, event, err);
  case YAML_SEQUENCE_START_EVENT:
  case YAML_MAPPING_START_EVENT:
    return take_start(b, event, err);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    return core_builder_leave(b, err);
  default:
    return CORE_OK;
  }
}

static enum core_status refuse(const struct core_builder *b, const yaml_parser_t *parser,
                               const char *bytes, size_t len, struct core_error *err) {
  const char *problem = parser->problem ? parser->problem : "malformed";
  if (parser->error == YAML_MEMORY_ERROR) return core_fail_nomem(err, len);
  if (parser->error == YAML_READER_ERROR) {
    const size_t offset = parser->problem_offset < len ? parser->problem_offset : len;
    return core_fail_at(err, CORE_INVAL, core_builder_place(b->name, bytes, offset),
                        "malformed YAML: %s (0x%02x)", problem, (unsigned)parser->problem_value);
  }
  return core_fail_at(err, CORE_INVAL, place(b, parser->problem_mark), "malformed YAML: %s%s%s",
                      problem, parser->context ? " " : "", parser->context ? parser->context : "");
}

enum core_status core_yaml_read(struct core_builder *b, const char *bytes, size_t len,
                                struct core_error *err) {
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) return core_fail_nomem(err, sizeof parser);
  yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  enum core_status st = CORE_OK;
  for (bool more = true; more && st == CORE_OK;) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      st = refuse(b, &parser, bytes, len, err);
      break;
    }
    st = take_event(b, &event, err);
    more = event.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return st;
}
