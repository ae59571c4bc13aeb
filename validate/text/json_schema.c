/* SPDX-License-Identifier: GPL-3.0-or-later
 * Keywords are rows of a table: what their value must be, and how they judge. */
#include <math.h>
#include <string.h>

#include "validate/text/json_schema_parts.h"

#define MAX_DEPTH 300

struct judge {
  struct val_json_schema *schema;
  size_t depth;
};

static enum core_status meets(struct judge *j, const struct core_node *schema,
                              const struct core_node *value, bool *ok, struct core_error *err);

static bool is_text(const struct core_node *node) {
  return node->kind == CORE_NODE_STRING;
}

static size_t text_length(const struct core_node *node) {
  return core_utf8_count(node->text.data, node->text.len);
}

static enum core_status search(struct judge *j, const struct core_node *node, const char *text,
                               size_t len, bool *found, struct core_error *err) {
  size_t i = 0;
  while (i < j->schema->n_patterns && j->schema->patterns[i].node != node) i++;
  *found = false;
  return i < j->schema->n_patterns
             ? val_regex_search(j->schema->patterns[i].regex, text, len, found, err)
             : CORE_OK;
}

/* ---- assertions: keyword's value against the instance ---- */

struct context {
  struct judge *judge;
  const struct core_node *schema; /* the map that the keyword stands in */
};
typedef enum core_status judge_keyword(struct context *, const struct core_node *keyword,
                                       const struct core_node *value, bool *ok,
                                       struct core_error *err);

bool val_schema_is_whole(const struct core_node *node) {
  return node->kind == CORE_NODE_INT ||
         (node->kind == CORE_NODE_DOUBLE && floor(node->number) == node->number &&
          isfinite(node->number));
}

static bool has_type(const struct core_node *value, const char *name) {
  switch (value->kind) {
  case CORE_NODE_NULL:
    return core_streq(name, "null");
  case CORE_NODE_BOOL:
    return core_streq(name, "boolean");
  case CORE_NODE_STRING:
    return core_streq(name, "string");
  case CORE_NODE_LIST:
    return core_streq(name, "array");
  case CORE_NODE_MAP:
    return core_streq(name, "object");
  default:
    return core_streq(name, "number") ||
           (core_streq(name, "integer") && val_schema_is_whole(value));
  }
}

static enum core_status judge_type(struct context *c, const struct core_node *keyword,
                                   const struct core_node *value, bool *ok,
                                   struct core_error *err) {
  (void)c, (void)err;
  *ok = is_text(keyword) && has_type(value, keyword->text.data);
  if (keyword->kind == CORE_NODE_LIST)
    for (const struct core_node *name = keyword->first; name; name = name->next)
      *ok |= is_text(name) && has_type(value, name->text.data);
  return CORE_OK;
}

static enum core_status judge_enum(struct context *c, const struct core_node *keyword,
                                   const struct core_node *value, bool *ok,
                                   struct core_error *err) {
  (void)c, (void)err;
  *ok = false;
  for (const struct core_node *item = keyword->first; item && !*ok; item = item->next)
    *ok = core_node_equal(item, value);
  return CORE_OK;
}

static enum core_status judge_const(struct context *c, const struct core_node *keyword,
                                    const struct core_node *value, bool *ok,
                                    struct core_error *err) {
  (void)c, (void)err;
  *ok = core_node_equal(keyword, value);
  return CORE_OK;
}

/* -1, 0, 1; whole numbers exactly. */
static int compare(const struct core_node *a, const struct core_node *b) {
  if (a->kind == CORE_NODE_INT && b->kind == CORE_NODE_INT)
    return (a->integer > b->integer) - (a->integer < b->integer);
  return (a->number > b->number) - (a->number < b->number);
}

static bool is_true(const struct core_node *map, const char *key) {
  const struct core_node *node = core_node_get(map, key);
  return node && node->kind == CORE_NODE_BOOL && node->boolean;
}

/* Draft 4 says exclusiveMinimum: true beside minimum. */
static enum core_status judge_limit(struct context *c, const struct core_node *keyword,
                                    const struct core_node *value, bool *ok,
                                    struct core_error *err) {
  (void)err;
  if (!core_node_is_number(value) || !core_node_is_number(keyword)) return CORE_OK;
  const bool max = strstr(keyword->key, "aximum") != NULL;
  const bool strict =
      keyword->key[0] == 'e' || is_true(c->schema, max ? "exclusiveMaximum" : "exclusiveMinimum");
  const int order = max ? -compare(value, keyword) : compare(value, keyword);
  *ok = strict ? order > 0 : order >= 0;
  return CORE_OK;
}

static enum core_status judge_multiple(struct context *c, const struct core_node *keyword,
                                       const struct core_node *value, bool *ok,
                                       struct core_error *err) {
  (void)c, (void)err;
  if (!core_node_is_number(value)) return CORE_OK;
  if (value->kind == CORE_NODE_INT && keyword->kind == CORE_NODE_INT) {
    *ok = keyword->integer == 1 || value->integer % keyword->integer == 0;
  } else {
    const double quotient = value->number / keyword->number;
    *ok = quotient == floor(quotient);
  }
  return CORE_OK;
}

/* minLength, maxItems, ...: `has` is the size of a value of the kind that the keyword is about. */
static enum core_status judge_size(struct context *c, const struct core_node *keyword,
                                   const struct core_node *value, bool *ok,
                                   struct core_error *err) {
  (void)c, (void)err;
  static const struct {
    const char *name;
    enum core_node_kind kind;
  } about[] = {
      {"Length", CORE_NODE_STRING}, {"Items", CORE_NODE_LIST}, {"Properties", CORE_NODE_MAP}};
  for (size_t i = 0; i < CORE_COUNT_OF(about); i++) {
    if (!core_streq(keyword->key + 3, about[i].name) || value->kind != about[i].kind) continue;
    const double has =
        (double)(value->kind == CORE_NODE_STRING ? text_length(value) : value->n_children);
    *ok = keyword->key[1] == 'a' ? has <= keyword->number : has >= keyword->number;
  }
  return CORE_OK;
}

static enum core_status judge_pattern(struct context *c, const struct core_node *keyword,
                                      const struct core_node *value, bool *ok,
                                      struct core_error *err) {
  return is_text(value) ? search(c->judge, keyword, value->text.data, value->text.len, ok, err)
                        : CORE_OK;
}

static enum core_status judge_unique(struct context *c, const struct core_node *keyword,
                                     const struct core_node *value, bool *ok,
                                     struct core_error *err) {
  (void)c, (void)err;
  if (!keyword->boolean || value->kind != CORE_NODE_LIST) return CORE_OK;
  for (const struct core_node *a = value->first; a && *ok; a = a->next)
    for (const struct core_node *b = a->next; b && *ok; b = b->next) *ok = !core_node_equal(a, b);
  return CORE_OK;
}

static bool has_all(const struct core_node *map, const struct core_node *names) {
  for (const struct core_node *name = names->first; name; name = name->next)
    if (is_text(name) && !core_node_get(map, name->text.data)) return false;
  return true;
}

static enum core_status judge_required(struct context *c, const struct core_node *keyword,
                                       const struct core_node *value, bool *ok,
                                       struct core_error *err) {
  (void)c, (void)err;
  if (value->kind == CORE_NODE_MAP && keyword->kind == CORE_NODE_LIST)
    *ok = has_all(value, keyword);
  return CORE_OK;
}

/* ---- applicators: schemas below ---- */

static enum core_status judge_properties(struct context *c, const struct core_node *keyword,
                                         const struct core_node *value, bool *ok,
                                         struct core_error *err) {
  if (value->kind != CORE_NODE_MAP) return CORE_OK;
  for (const struct core_node *below = keyword->first; below && *ok; below = below->next) {
    const struct core_node *property = core_node_get(value, below->key);
    if (property) CORE_TRY(meets(c->judge, below, property, ok, err));
  }
  return CORE_OK;
}

static enum core_status judge_pattern_properties(struct context *c, const struct core_node *keyword,
                                                 const struct core_node *value, bool *ok,
                                                 struct core_error *err) {
  if (value->kind != CORE_NODE_MAP) return CORE_OK;
  for (const struct core_node *below = keyword->first; below && *ok; below = below->next)
    for (const struct core_node *p = value->first; p && *ok; p = p->next) {
      bool found = false;
      CORE_TRY(search(c->judge, below, p->key, strlen(p->key), &found, err));
      if (found) CORE_TRY(meets(c->judge, below, p, ok, err));
    }
  return CORE_OK;
}

/* Does properties or patternProperties speak of it? */
static enum core_status is_known(struct context *c, const char *name, bool *known,
                                 struct core_error *err) {
  const struct core_node *properties = core_node_get(c->schema, "properties");
  const struct core_node *patterns = core_node_get(c->schema, "patternProperties");
  *known = properties && core_node_get(properties, name);
  for (const struct core_node *p = patterns ? patterns->first : NULL; p && !*known; p = p->next)
    CORE_TRY(search(c->judge, p, name, strlen(name), known, err));
  return CORE_OK;
}

static enum core_status judge_additional(struct context *c, const struct core_node *keyword,
                                         const struct core_node *value, bool *ok,
                                         struct core_error *err) {
  if (value->kind != CORE_NODE_MAP) return CORE_OK;
  for (const struct core_node *p = value->first; p && *ok; p = p->next) {
    bool known = false;
    CORE_TRY(is_known(c, p->key, &known, err));
    if (!known) CORE_TRY(meets(c->judge, keyword, p, ok, err));
  }
  return CORE_OK;
}

static enum core_status judge_names(struct context *c, const struct core_node *keyword,
                                    const struct core_node *value, bool *ok,
                                    struct core_error *err) {
  if (value->kind != CORE_NODE_MAP) return CORE_OK;
  for (const struct core_node *p = value->first; p && *ok; p = p->next) {
    const struct core_node name = {.kind = CORE_NODE_STRING, .text = {p->key, strlen(p->key)}};
    CORE_TRY(meets(c->judge, keyword, &name, ok, err));
  }
  return CORE_OK;
}

/* Either names that must be there too, or a schema. */
static enum core_status judge_dependencies(struct context *c, const struct core_node *keyword,
                                           const struct core_node *value, bool *ok,
                                           struct core_error *err) {
  if (value->kind != CORE_NODE_MAP) return CORE_OK;
  for (const struct core_node *below = keyword->first; below && *ok; below = below->next) {
    if (!core_node_get(value, below->key)) continue;
    if (below->kind == CORE_NODE_LIST)
      *ok = has_all(value, below);
    else
      CORE_TRY(meets(c->judge, below, value, ok, err));
  }
  return CORE_OK;
}

/* The schemas of a list for the first items, in order. */
static enum core_status judge_prefix(struct context *c, const struct core_node *keyword,
                                     const struct core_node *value, bool *ok,
                                     struct core_error *err) {
  if (value->kind != CORE_NODE_LIST) return CORE_OK;
  const struct core_node *item = value->first;
  for (const struct core_node *below = keyword->first; below && item && *ok;
       below = below->next, item = item->next)
    CORE_TRY(meets(c->judge, below, item, ok, err));
  return CORE_OK;
}

static enum core_status judge_rest(struct context *c, const struct core_node *keyword, size_t from,
                                   const struct core_node *value, bool *ok,
                                   struct core_error *err) {
  if (value->kind != CORE_NODE_LIST) return CORE_OK;
  size_t i = 0;
  for (const struct core_node *item = value->first; item && *ok; item = item->next, i++)
    if (i >= from) CORE_TRY(meets(c->judge, keyword, item, ok, err));
  return CORE_OK;
}

static enum core_status judge_items(struct context *c, const struct core_node *keyword,
                                    const struct core_node *value, bool *ok,
                                    struct core_error *err) {
  const struct core_node *prefix = core_node_get(c->schema, "prefixItems");
  if (keyword->kind == CORE_NODE_LIST) return judge_prefix(c, keyword, value, ok, err);
  return judge_rest(c, keyword, prefix ? prefix->n_children : 0, value, ok, err);
}

static enum core_status judge_additional_items(struct context *c, const struct core_node *keyword,
                                               const struct core_node *value, bool *ok,
                                               struct core_error *err) {
  const struct core_node *items = core_node_get(c->schema, "items");
  if (!items || items->kind != CORE_NODE_LIST) return CORE_OK;
  return judge_rest(c, keyword, items->n_children, value, ok, err);
}

static double number_beside(const struct context *c, const char *key, double otherwise) {
  const struct core_node *node = core_node_get(c->schema, key);
  return node && core_node_is_number(node) ? node->number : otherwise;
}

static enum core_status judge_contains(struct context *c, const struct core_node *keyword,
                                       const struct core_node *value, bool *ok,
                                       struct core_error *err) {
  double n = 0;
  if (value->kind != CORE_NODE_LIST) return CORE_OK;
  for (const struct core_node *item = value->first; item; item = item->next) {
    bool one = true;
    CORE_TRY(meets(c->judge, keyword, item, &one, err));
    n += one;
  }
  *ok = n >= number_beside(c, "minContains", 1) &&
        n <= number_beside(c, "maxContains", (double)INFINITY);
  return CORE_OK;
}

static enum core_status count_met(struct context *c, const struct core_node *list,
                                  const struct core_node *value, size_t *n,
                                  struct core_error *err) {
  *n = 0;
  for (const struct core_node *below = list->first; below; below = below->next) {
    bool one = true;
    CORE_TRY(meets(c->judge, below, value, &one, err));
    *n += one;
  }
  return CORE_OK;
}

static enum core_status judge_all(struct context *c, const struct core_node *keyword,
                                  const struct core_node *value, bool *ok, struct core_error *err) {
  size_t n = 0;
  CORE_TRY(count_met(c, keyword, value, &n, err));
  *ok = n == keyword->n_children;
  return CORE_OK;
}

static enum core_status judge_any(struct context *c, const struct core_node *keyword,
                                  const struct core_node *value, bool *ok, struct core_error *err) {
  size_t n = 0;
  CORE_TRY(count_met(c, keyword, value, &n, err));
  *ok = n > 0;
  return CORE_OK;
}

static enum core_status judge_one(struct context *c, const struct core_node *keyword,
                                  const struct core_node *value, bool *ok, struct core_error *err) {
  size_t n = 0;
  CORE_TRY(count_met(c, keyword, value, &n, err));
  *ok = n == 1;
  return CORE_OK;
}

static enum core_status judge_not(struct context *c, const struct core_node *keyword,
                                  const struct core_node *value, bool *ok, struct core_error *err) {
  bool below = true;
  CORE_TRY(meets(c->judge, keyword, value, &below, err));
  *ok = !below;
  return CORE_OK;
}

static enum core_status judge_if(struct context *c, const struct core_node *keyword,
                                 const struct core_node *value, bool *ok, struct core_error *err) {
  bool condition = true;
  CORE_TRY(meets(c->judge, keyword, value, &condition, err));
  const struct core_node *next = core_node_get(c->schema, condition ? "then" : "else");
  return next ? meets(c->judge, next, value, ok, err) : CORE_OK;
}

static enum core_status judge_ref(struct context *c, const struct core_node *keyword,
                                  const struct core_node *value, bool *ok, struct core_error *err) {
  const struct core_node *target = NULL;
  CORE_TRY(val_schema_resolve(c->judge->schema, keyword, &target, err));
  return meets(c->judge, target, value, ok, err);
}

/* ---- the table ---- */

static const struct keyword {
  const char *name;
  enum val_schema_shape shape;
  judge_keyword *judge; /* NULL: read by another keyword, or nothing to judge */
} keywords[] = {
    {"type", VAL_SCHEMA_TYPES, judge_type},
    {"enum", VAL_SCHEMA_LIST, judge_enum},
    {"const", VAL_SCHEMA_ANY, judge_const},
    {"multipleOf", VAL_SCHEMA_POSITIVE, judge_multiple},
    {"minimum", VAL_SCHEMA_NUMBER, judge_limit},
    {"maximum", VAL_SCHEMA_NUMBER, judge_limit},
    {"exclusiveMinimum", VAL_SCHEMA_NUMBER, judge_limit},
    {"exclusiveMaximum", VAL_SCHEMA_NUMBER, judge_limit},
    {"minLength", VAL_SCHEMA_COUNT, judge_size},
    {"maxLength", VAL_SCHEMA_COUNT, judge_size},
    {"minItems", VAL_SCHEMA_COUNT, judge_size},
    {"maxItems", VAL_SCHEMA_COUNT, judge_size},
    {"minProperties", VAL_SCHEMA_COUNT, judge_size},
    {"maxProperties", VAL_SCHEMA_COUNT, judge_size},
    {"pattern", VAL_SCHEMA_REGEX, judge_pattern},
    {"uniqueItems", VAL_SCHEMA_FLAG, judge_unique},
    {"required", VAL_SCHEMA_NAMES, judge_required},
    {"properties", VAL_SCHEMA_SCHEMA_MAP, judge_properties},
    {"patternProperties", VAL_SCHEMA_PATTERN_MAP, judge_pattern_properties},
    {"additionalProperties", VAL_SCHEMA_SCHEMA, judge_additional},
    {"propertyNames", VAL_SCHEMA_SCHEMA, judge_names},
    {"dependencies", VAL_SCHEMA_DEPENDENCIES, judge_dependencies},
    {"dependentRequired", VAL_SCHEMA_DEPENDENCIES, judge_dependencies},
    {"dependentSchemas", VAL_SCHEMA_DEPENDENCIES, judge_dependencies},
    {"prefixItems", VAL_SCHEMA_SCHEMAS, judge_prefix},
    {"items", VAL_SCHEMA_ITEMS, judge_items},
    {"additionalItems", VAL_SCHEMA_SCHEMA, judge_additional_items},
    {"contains", VAL_SCHEMA_SCHEMA, judge_contains},
    {"minContains", VAL_SCHEMA_COUNT, NULL},
    {"maxContains", VAL_SCHEMA_COUNT, NULL},
    {"allOf", VAL_SCHEMA_SCHEMAS, judge_all},
    {"anyOf", VAL_SCHEMA_SCHEMAS, judge_any},
    {"oneOf", VAL_SCHEMA_SCHEMAS, judge_one},
    {"not", VAL_SCHEMA_SCHEMA, judge_not},
    {"if", VAL_SCHEMA_SCHEMA, judge_if},
    {"then", VAL_SCHEMA_SCHEMA, NULL},
    {"else", VAL_SCHEMA_SCHEMA, NULL},
    {"definitions", VAL_SCHEMA_SCHEMA_MAP, NULL},
    {"$defs", VAL_SCHEMA_SCHEMA_MAP, NULL},
    {"$ref", VAL_SCHEMA_TEXT, judge_ref},
    {"$dynamicRef", VAL_SCHEMA_REFUSED, NULL},
    {"$recursiveRef", VAL_SCHEMA_REFUSED, NULL},
    {"unevaluatedProperties", VAL_SCHEMA_REFUSED, NULL},
    {"unevaluatedItems", VAL_SCHEMA_REFUSED, NULL},
};

static const struct keyword *find_keyword(const char *name) {
  for (size_t i = 0; i < CORE_COUNT_OF(keywords); i++)
    if (core_streq(keywords[i].name, name)) return &keywords[i];
  return NULL;
}

enum val_schema_shape val_schema_shape_of(const char *keyword) {
  const struct keyword *found = find_keyword(keyword);
  return found ? found->shape : VAL_SCHEMA_ANY;
}

static enum core_status meets(struct judge *j, const struct core_node *schema,
                              const struct core_node *value, bool *ok, struct core_error *err) {
  struct context context = {j, schema};
  *ok = true;
  if (schema->kind == CORE_NODE_BOOL) {
    *ok = schema->boolean;
    return CORE_OK;
  }
  if (++j->depth > MAX_DEPTH)
    return core_fail(err, CORE_LIMIT, "json_schema: nested more than %d deep", MAX_DEPTH);
  const struct core_node *ref = j->schema->ref_alone ? core_node_get(schema, "$ref") : NULL;
  for (const struct core_node *node = ref ? ref : schema->first; node && *ok;
       node = ref ? NULL : node->next) {
    const struct keyword *keyword = find_keyword(node->key);
    if (keyword && keyword->judge) CORE_TRY(keyword->judge(&context, node, value, ok, err));
  }
  j->depth--;
  return CORE_OK;
}

enum core_status val_json_schema_meets(struct val_json_schema *schema,
                                       const struct core_node *value, bool *ok,
                                       struct core_error *err) {
  struct judge judge = {schema, 0};
  return meets(&judge, schema->root, value, ok, err);
}

static bool is_old_draft(const struct core_node *root) {
  static const char *const drafts[] = {"draft-03", "draft-04", "draft-06", "draft-07"};
  const struct core_node *name =
      root->kind == CORE_NODE_MAP ? core_node_get(root, "$schema") : NULL;
  for (size_t i = 0; name && is_text(name) && i < CORE_COUNT_OF(drafts); i++)
    if (strstr(name->text.data, drafts[i])) return true;
  return false;
}

enum core_status val_json_schema_open(const struct core_node *schema, struct val_json_schema **out,
                                      struct core_error *err) {
  struct val_json_schema *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->root = schema;
  s->ref_alone = is_old_draft(schema);
  const enum core_status st = val_schema_check(s, schema, err);
  if (st == CORE_OK)
    *out = s;
  else
    val_json_schema_close(s);
  return st;
}

void val_json_schema_close(struct val_json_schema *schema) {
  if (!schema) return;
  for (size_t i = 0; i < schema->n_patterns; i++) val_regex_close(schema->patterns[i].regex);
  core_free(schema->patterns);
  core_free(schema);
}
