/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/schema.h"

#include <string.h>

#define MAX_FIXED_BYTES (1 << 20)

struct builder {
  const struct val_parquet_element *elements;
  size_t n;
  size_t at; /* the next element */
  struct core_arena *arena;
  struct val_parquet_schema *schema;
  struct core_error *err;
};

static enum core_status take_name(struct builder *b, const struct val_parquet_element *element,
                                  struct val_parquet_node *node) {
  const struct core_slice name = element->name;
  if (memchr(name.data, '\0', name.len))
    return core_fail(b->err, CORE_PARSE, "the schema is corrupt: a column's name has a NUL byte");
  if (core_utf8_valid_prefix(name.data, name.len) != name.len)
    return core_fail(b->err, CORE_PARSE, "the schema is corrupt: a column's name is not UTF-8");
  node->name = core_arena_strndup(b->arena, name.data, name.len);
  return node->name ? CORE_OK : core_fail_nomem(b->err, name.len + 1);
}

static enum core_status take_leaf(struct builder *b, const struct val_parquet_node *node) {
  const struct val_parquet_element *element = node->element;
  struct val_parquet_leaf *leaf = &b->schema->leaves[b->schema->n_leaves++];
  if (element->type < 0 || element->type >= VAL_PHYSICAL_TYPES)
    return core_fail(b->err, CORE_PARSE, "the schema is corrupt: column '%s' has physical type %d",
                     node->name, (int)element->type);
  leaf->node = node;
  leaf->type = (enum val_physical)element->type;
  leaf->width = val_physical_bytes(leaf->type);
  if (leaf->type != VAL_PHYSICAL_FIXED) return CORE_OK;
  if (element->type_length < 1 || element->type_length > MAX_FIXED_BYTES)
    return core_fail(
        b->err, CORE_PARSE,
        "the schema is corrupt: the values of column '%s' have a fixed length of %d bytes",
        node->name, (int)element->type_length);
  leaf->width = (size_t)element->type_length;
  return CORE_OK;
}

static enum core_status take_levels(struct builder *b, struct val_parquet_node *node) {
  const int32_t repetition = node->element->repetition;
  if (repetition < VAL_PARQUET_REQUIRED || repetition > VAL_PARQUET_REPEATED)
    return core_fail(b->err, CORE_PARSE, "the schema is corrupt: column '%s' has repetition %d",
                     node->name, (int)repetition);
  node->repetition = (enum val_parquet_repetition)repetition;
  node->definition =
      (uint8_t)(node->parent->definition + (repetition != VAL_PARQUET_REQUIRED ? 1 : 0));
  node->repeat = (uint8_t)(node->parent->repeat + (repetition == VAL_PARQUET_REPEATED ? 1 : 0));
  return CORE_OK;
}

/* The element at hand and all below it. */
static enum core_status take_node(struct builder *b, const struct val_parquet_node *parent,
                                  int depth, struct val_parquet_node **out) {
  if (b->at == b->n)
    return core_fail(b->err, CORE_PARSE, "the schema is corrupt: a group lacks members");
  if (depth > VAL_PARQUET_MAX_DEPTH)
    return core_fail(b->err, CORE_LIMIT, "the schema is nested deeper than %d levels",
                     VAL_PARQUET_MAX_DEPTH);
  struct val_parquet_node *node = &b->schema->nodes[b->at];
  const struct val_parquet_element *element = node->element = &b->elements[b->at++];
  *out = node;
  node->parent = parent;
  node->first_leaf = b->schema->n_leaves;
  CORE_TRY(take_name(b, element, node));
  if (parent) CORE_TRY(take_levels(b, node));
  const bool group = element->given & VAL_PARQUET_HAS_CHILDREN && element->n_children != 0;
  if (!group && element->given & VAL_PARQUET_HAS_TYPE && parent) {
    CORE_TRY(take_leaf(b, node));
  } else if (element->n_children < 0 || (element->n_children == 0 && parent)) {
    return core_fail(b->err, CORE_PARSE, "the schema is corrupt: group '%s' has %d members",
                     node->name, (int)element->n_children);
  }
  const struct val_parquet_node **link = &node->children;
  for (int32_t i = 0; group && i < element->n_children; i++) {
    struct val_parquet_node *child = NULL;
    CORE_TRY(take_node(b, node, depth + 1, &child));
    *link = child;
    link = &child->next;
    node->n_children++;
  }
  node->n_leaves = b->schema->n_leaves - node->first_leaf;
  return CORE_OK;
}

bool val_parquet_node_is(const struct val_parquet_node *node,
                         enum val_parquet_logical_member logical,
                         enum val_parquet_converted converted) {
  const struct val_parquet_element *element = node->element;
  if (element->given & VAL_PARQUET_HAS_LOGICAL && element->logical.given != 0)
    return element->logical.given & VAL_THRIFT_GIVEN((unsigned)logical);
  return element->given & VAL_PARQUET_HAS_CONVERTED && element->converted == (int32_t)converted;
}

/* ---- fields ---- */

static bool stands_alone(const struct val_parquet_node *node) {
  return node->n_children == 0 || node->repetition == VAL_PARQUET_REPEATED ||
         val_parquet_node_is(node, VAL_PARQUET_LOGICAL_LIST, VAL_PARQUET_LIST) ||
         val_parquet_node_is(node, VAL_PARQUET_LOGICAL_MAP, VAL_PARQUET_MAP) ||
         val_parquet_node_is(node, VAL_PARQUET_LOGICAL_MAP, VAL_PARQUET_MAP_KEY_VALUE) ||
         val_parquet_node_is(node, VAL_PARQUET_LOGICAL_VARIANT, VAL_PARQUET_MAP);
}

static enum core_status add_fields(struct builder *b, const struct val_parquet_node *parent,
                                   const char *prefix) {
  for (const struct val_parquet_node *node = parent->children; node; node = node->next) {
    char *path = *prefix ? core_arena_printf(b->arena, "%s.%s", prefix, node->name) : node->name;
    if (b->arena->total > VAL_PARQUET_METADATA_MOST)
      return core_fail(b->err, CORE_LIMIT, "the columns' names take more than %zu MiB",
                       VAL_PARQUET_METADATA_MOST >> 20);
    if (!path) return core_fail_nomem(b->err, strlen(prefix) + 2);
    if (!stands_alone(node)) {
      CORE_TRY(add_fields(b, node, path));
      continue;
    }
    struct val_parquet_field *field = &b->schema->fields[b->schema->n_fields++];
    *field = (struct val_parquet_field){
        path, node, node->n_children > 0 || node->repetition == VAL_PARQUET_REPEATED};
  }
  return CORE_OK;
}

enum core_status val_parquet_schema_read(const struct val_parquet_file_meta *meta,
                                         struct core_arena *arena, struct val_parquet_schema *out,
                                         struct core_error *err) {
  const size_t n = meta->schema.n;
  struct builder b = {
      .elements = meta->schema.items, .n = n, .arena = arena, .schema = out, .err = err};
  struct val_parquet_node *root = NULL;
  *out = (struct val_parquet_schema){.n_nodes = n};
  out->nodes = core_arena_calloc(arena, n + 1, sizeof *out->nodes);
  out->leaves = core_arena_calloc(arena, n + 1, sizeof *out->leaves);
  out->fields = core_arena_calloc(arena, n + 1, sizeof *out->fields);
  if (!out->nodes || !out->leaves || !out->fields)
    return core_fail_nomem(err, n * sizeof *out->nodes);
  CORE_TRY(take_node(&b, NULL, 0, &root));
  if (b.at != n)
    return core_fail(err, CORE_PARSE, "the schema is corrupt: %zu elements belong to no group",
                     n - b.at);
  return add_fields(&b, root, "");
}
