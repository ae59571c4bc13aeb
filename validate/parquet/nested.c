/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/nested.h"

#include <string.h>

#define ROW_MOST ((size_t)256 << 20) /* bytes of one column in one batch */

/* A leaf with a few of its levels and values at hand. */
struct val_nested_leaf {
  struct val_flat flat;
  size_t n, at;    /* levels at hand, the next one    */
  size_t value_at; /* the next of `values`            */
  struct val_flat_values values;
};

/* What is being put together. */
struct assembly {
  struct val_nested *nested;
  int64_t row;
  struct val_findings *findings;
  struct core_error *err;
};

/* `repetition`: the level that the first entry of every leaf below must have here. */
static enum core_status put_node(struct assembly *a, const struct val_parquet_node *node,
                                 unsigned repetition);

enum core_status val_nested_open(struct val_nested *c, const struct val_parquet_file *file,
                                 const struct val_parquet_field *field, size_t max_rows,
                                 struct val_parquet_memory *memory, struct core_error *err) {
  c->field = field;
  c->memory = memory;
  c->max_rows = max_rows;
  c->leaves = core_calloc(field->node->n_leaves, sizeof *c->leaves);
  if (!c->leaves) return core_fail_nomem(err, field->node->n_leaves * sizeof *c->leaves);
  for (; c->n_leaves < field->node->n_leaves; c->n_leaves++) {
    const size_t leaf = field->node->first_leaf + c->n_leaves;
    const enum core_status st = val_flat_open(&c->leaves[c->n_leaves].flat, file, leaf, false,
                                              field->path, 0, false, memory, err);
    if (st == CORE_OK) continue;
    c->n_leaves++;
    return st;
  }
  CORE_TRY(val_parquet_grow(memory, &c->validity, max_rows / 8 + 1, err));
  CORE_TRY(val_parquet_grow(memory, &c->offsets, (max_rows + 1) * sizeof(int32_t), err));
  val_nested_reset(c);
  return CORE_OK;
}

void val_nested_close(struct val_nested *c) {
  for (size_t i = 0; i < c->n_leaves; i++) val_flat_close(&c->leaves[i].flat);
  core_free(c->leaves);
  core_str_close(&c->text);
  if (!c->memory) return;
  val_parquet_release(c->memory, &c->validity);
  val_parquet_release(c->memory, &c->offsets);
}

enum core_status val_nested_begin(struct val_nested *c, size_t group, struct core_error *err) {
  for (size_t i = 0; i < c->n_leaves; i++) {
    c->leaves[i].n = c->leaves[i].at = 0;
    CORE_TRY(val_flat_begin(&c->leaves[i].flat, group, err));
  }
  return CORE_OK;
}

void val_nested_reset(struct val_nested *c) {
  core_str_clear(&c->text);
  c->n_rows = c->n_bytes = 0;
  c->n_null = 0;
  memset(c->validity.bytes, 0, c->max_rows / 8 + 1);
  *(int32_t *)(void *)c->offsets.bytes = 0;
}

/* ---- levels ---- */

static struct val_nested_leaf *leaf_of(const struct assembly *a,
                                       const struct val_parquet_node *node) {
  return &a->nested->leaves[node->first_leaf - a->nested->field->node->first_leaf];
}

/* Has the leaf another level? Fetches more where those at hand are used up. */
static enum core_status look(struct val_nested_leaf *leaf, bool *more, struct core_error *err) {
  *more = true;
  if (leaf->at < leaf->n) return CORE_OK;
  size_t n_values = 0;
  struct val_chunk *chunk = &leaf->flat.chunk;
  leaf->at = leaf->value_at = 0;
  CORE_TRY(val_chunk_levels(chunk, leaf->flat.step, &leaf->n, &n_values, err));
  *more = leaf->n > 0;
  return val_flat_take(&leaf->flat, n_values, &leaf->values, err);
}

static enum core_status disagree(struct assembly *a) {
  return core_fail(a->err, CORE_PARSE, "a page is corrupt: the levels of its fields do not agree");
}

/* The leaf's next entry stands at that repetition level, and tells of something below what has `least`. */
static enum core_status expect(struct assembly *a, struct val_nested_leaf *leaf,
                               unsigned repetition, unsigned least, unsigned *definition) {
  bool more = false;
  CORE_TRY(look(leaf, &more, a->err));
  if (!more)
    return core_fail(a->err, CORE_PARSE, "it has fewer values than its row group has rows");
  *definition = leaf->flat.chunk.definitions[leaf->at];
  if (leaf->flat.chunk.repetitions[leaf->at] != repetition || *definition < least)
    return disagree(a);
  return CORE_OK;
}

/* Definition level of what comes next at the node, whose parent is there, by its first leaf. */
static enum core_status peek(struct assembly *a, const struct val_parquet_node *node,
                             unsigned repetition, unsigned *definition) {
  return expect(a, leaf_of(a, node), repetition, node->parent->definition, definition);
}

/* Nothing is below the node: all its leaves say so, at the same level, with one entry each. */
static enum core_status pass_over(struct assembly *a, const struct val_parquet_node *node,
                                  unsigned repetition, unsigned definition) {
  struct val_nested_leaf *leaf = leaf_of(a, node);
  for (size_t i = 0; i < node->n_leaves; i++) {
    unsigned found = 0;
    CORE_TRY(expect(a, &leaf[i], repetition, 0, &found));
    if (found != definition) return disagree(a);
    leaf[i].at++;
  }
  return CORE_OK;
}

/* ---- values ---- */

static enum core_status put_value(struct assembly *a, struct val_nested_leaf *leaf) {
  const struct val_conversion *c = &leaf->flat.conversion;
  const size_t k = leaf->value_at++;
  struct core_str *out = &a->nested->text;
  if (c->type == VAL_TYPE_NULL) {
    core_str_text_append(out, "null");
    return CORE_OK;
  }
  if (leaf->values.bad && leaf->values.bad[k]) {
    val_findings_add(a->findings, c->utf8 ? VAL_FINDING_ENCODING : VAL_FINDING_TYPE, a->row, -1, -1,
                     a->nested->field->path, "a value is %s; it is read as null",
                     c->utf8 ? "not valid UTF-8" : "beyond what its type can hold");
    core_str_text_append(out, "null");
    return CORE_OK;
  }
  struct val_column column = {.type = c->type, .scale = c->scale};
  int32_t offsets[2] = {0, 0};
  if (c->bytes == 0) {
    const struct core_slice text = leaf->values.slices[k];
    if (text.len > ROW_MOST)
      return core_fail(a->err, CORE_LIMIT, "a value has %zu bytes", text.len);
    offsets[1] = (int32_t)text.len;
    column.values.bytes = text.data;
    column.offsets = offsets;
  } else {
    column.values.bits = leaf->values.fixed + k * c->bytes;
  }
  val_column_value_json(&column, 0, out);
  return CORE_OK;
}

static enum core_status put_leaf(struct assembly *a, const struct val_parquet_node *node,
                                 unsigned repetition) {
  struct val_nested_leaf *leaf = leaf_of(a, node);
  unsigned definition = 0;
  CORE_TRY(peek(a, node, repetition, &definition));
  leaf->at++;
  if (definition == node->definition) return put_value(a, leaf);
  core_str_text_append(&a->nested->text, "null");
  return CORE_OK;
}

/* ---- groups ---- */

bool val_nested_is_list(const struct val_parquet_node *node) {
  return node->n_children == 1 &&
         val_parquet_node_is(node, VAL_PARQUET_LOGICAL_LIST, VAL_PARQUET_LIST) &&
         node->children->repetition == VAL_PARQUET_REPEATED;
}

bool val_nested_is_map(const struct val_parquet_node *node) {
  return node->n_children == 1 && node->children->repetition == VAL_PARQUET_REPEATED &&
         node->children->n_children >= 1 && node->children->n_children <= 2 &&
         (val_parquet_node_is(node, VAL_PARQUET_LOGICAL_MAP, VAL_PARQUET_MAP) ||
          val_parquet_node_is(node, VAL_PARQUET_LOGICAL_MAP, VAL_PARQUET_MAP_KEY_VALUE));
}

/* The rules of LogicalTypes.md, "Lists", for what a list's repeated field is: the element itself, or a group around it. */
bool val_nested_wraps_element(const struct val_parquet_node *list,
                              const struct val_parquet_node *repeated) {
  const size_t len = strlen(list->name);
  if (repeated->n_children != 1) return false;
  if (repeated->children->repetition == VAL_PARQUET_REPEATED) return false;
  if (strcmp(repeated->name, "array") == 0) return false;
  return !(strncmp(repeated->name, list->name, len) == 0 &&
           strcmp(repeated->name + len, "_tuple") == 0);
}

/* A group without regard to its own repetition. */
static enum core_status put_members(struct assembly *a, const struct val_parquet_node *node,
                                    unsigned repetition) {
  struct core_str *out = &a->nested->text;
  core_str_char(out, '{');
  for (const struct val_parquet_node *child = node->children; child; child = child->next) {
    if (child != node->children) core_str_char(out, ',');
    core_str_json(out, child->name, strlen(child->name));
    core_str_char(out, ':');
    CORE_TRY(put_node(a, child, repetition));
  }
  core_str_char(out, '}');
  return CORE_OK;
}

static enum core_status put_entry(struct assembly *a, const struct val_parquet_node *pair,
                                  unsigned repetition) {
  struct core_str *out = &a->nested->text;
  core_str_text_append(out, "{\"key\":");
  CORE_TRY(put_node(a, pair->children, repetition));
  core_str_text_append(out, ",\"value\":");
  if (pair->children->next)
    CORE_TRY(put_node(a, pair->children->next, repetition));
  else
    core_str_text_append(out, "null");
  core_str_char(out, '}');
  return CORE_OK;
}

/* What a node is once for each time that it occurs. */
static enum core_status put_once(struct assembly *a, const struct val_parquet_node *node,
                                 unsigned repetition);

enum element { ELEMENT_ITSELF, ELEMENT_WRAPPED, ELEMENT_PAIR };

/* All occurrences of a repeated node, as an array. */
static enum core_status put_repeated(struct assembly *a, const struct val_parquet_node *node,
                                     unsigned repetition, enum element element) {
  struct core_str *out = &a->nested->text;
  struct val_nested_leaf *leaf = leaf_of(a, node);
  unsigned definition = 0;
  bool more = true;
  CORE_TRY(peek(a, node, repetition, &definition));
  if (definition < node->definition) {
    core_str_text_append(out, "[]");
    return pass_over(a, node, repetition, definition);
  }
  core_str_char(out, '[');
  for (bool first = true;; first = false) {
    if (!first) core_str_char(out, ',');
    if (out->len > ROW_MOST || out->failed)
      return core_fail(a->err, CORE_LIMIT, "some rows have more than %zu MiB of values",
                       ROW_MOST >> 20);
    if (element == ELEMENT_PAIR)
      CORE_TRY(put_entry(a, node, repetition));
    else if (element == ELEMENT_WRAPPED)
      CORE_TRY(put_node(a, node->children, repetition));
    else
      CORE_TRY(put_once(a, node, repetition));
    CORE_TRY(look(leaf, &more, a->err));
    if (!more || leaf->flat.chunk.repetitions[leaf->at] < node->repeat) break;
    repetition = node->repeat;
    CORE_TRY(expect(a, leaf, repetition, node->definition, &definition));
  }
  core_str_char(out, ']');
  return CORE_OK;
}

static enum core_status put_once(struct assembly *a, const struct val_parquet_node *node,
                                 unsigned repetition) {
  if (node->n_children == 0) return put_leaf(a, node, repetition);
  if (val_nested_is_list(node)) {
    const struct val_parquet_node *repeated = node->children;
    return put_repeated(a, repeated, repetition,
                        val_nested_wraps_element(node, repeated) ? ELEMENT_WRAPPED
                                                                 : ELEMENT_ITSELF);
  }
  if (val_nested_is_map(node)) return put_repeated(a, node->children, repetition, ELEMENT_PAIR);
  return put_members(a, node, repetition);
}

static enum core_status put_node(struct assembly *a, const struct val_parquet_node *node,
                                 unsigned repetition) {
  unsigned definition = 0;
  if (node->repetition == VAL_PARQUET_REPEATED)
    return put_repeated(a, node, repetition, ELEMENT_ITSELF);
  if (node->repetition == VAL_PARQUET_REQUIRED || node->n_children == 0)
    return put_once(a, node, repetition);
  CORE_TRY(peek(a, node, repetition, &definition));
  if (definition >= node->definition) return put_once(a, node, repetition);
  core_str_text_append(&a->nested->text, "null");
  return pass_over(a, node, repetition, definition);
}

/* ---- rows ---- */

/* A row ends where the next level that repeats nothing begins, for all leaves alike. */
static enum core_status check_end(struct assembly *a) {
  for (size_t i = 0; i < a->nested->n_leaves; i++) {
    struct val_nested_leaf *leaf = &a->nested->leaves[i];
    bool more = false;
    CORE_TRY(look(leaf, &more, a->err));
    if (more && leaf->flat.chunk.repetitions[leaf->at] != 0) return disagree(a);
  }
  return CORE_OK;
}

/* The column is null where the field itself is, or a struct around it. */
static enum core_status put_row(struct assembly *a) {
  struct val_nested *c = a->nested;
  const struct val_parquet_node *node = c->field->node;
  const unsigned there = node->definition - (node->repetition == VAL_PARQUET_REPEATED ? 1U : 0U);
  unsigned definition = 0;
  CORE_TRY(expect(a, leaf_of(a, node), 0, 0, &definition));
  if (definition < there) {
    c->n_null++;
    CORE_TRY(pass_over(a, node, 0, definition));
  } else {
    c->validity.bytes[c->n_rows >> 3] |= (uint8_t)(1U << (c->n_rows & 7));
    CORE_TRY(node->repetition == VAL_PARQUET_REPEATED ? put_repeated(a, node, 0, ELEMENT_ITSELF)
                                                      : put_once(a, node, 0));
  }
  return check_end(a);
}

enum core_status val_nested_fill(struct val_nested *c, size_t n, int64_t first_row,
                                 struct val_findings *findings, struct core_error *err) {
  struct assembly a = {.nested = c, .findings = findings, .err = err};
  int32_t *offsets = (int32_t *)(void *)c->offsets.bytes;
  for (size_t i = 0; i < n; i++) {
    a.row = first_row + (int64_t)i;
    CORE_TRY(put_row(&a));
    CORE_TRY(core_str_status(&c->text, err));
    if (c->text.len > ROW_MOST)
      return core_fail(err, CORE_LIMIT, "some rows have more than %zu MiB of values",
                       ROW_MOST >> 20);
    c->n_bytes = c->text.len;
    offsets[++c->n_rows] = (int32_t)c->text.len;
  }
  return CORE_OK;
}

struct val_column val_nested_column(const struct val_nested *c) {
  return (struct val_column){.type = VAL_TYPE_NESTED,
                             .null_count = c->n_null,
                             .validity = c->n_null > 0 ? c->validity.bytes : NULL,
                             .values.bytes = core_str_text(&c->text),
                             .offsets = (const int32_t *)(const void *)c->offsets.bytes};
}
