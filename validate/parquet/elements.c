/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/elements.h"

#include <string.h>

#define TEXT_MOST     ((size_t)1 << 30) /* bytes of one column in one batch: offsets have 32 bits */
#define ELEMENTS_MOST ((size_t)1 << 28) /* likewise */

/* ---- their names ---- */

struct lister {
  const struct val_parquet_schema *schema;
  struct core_arena *arena;
  struct val_parquet_elements *out;
  size_t n, field;
  struct core_error *err;
};

static enum core_status list_node(struct lister *l, const struct val_parquet_node *node,
                                  const char *path, unsigned definition);

static enum core_status extend(struct lister *l, const char *path, const char *by, char **out) {
  *out = core_arena_printf(l->arena, "%s%s", path, by);
  if (!*out) return core_fail_nomem(l->err, strlen(path) + strlen(by) + 1);
  if (l->arena->total <= VAL_PARQUET_METADATA_MOST) return CORE_OK;
  return core_fail(l->err, CORE_LIMIT, "the columns' names take more than %zu MiB",
                   VAL_PARQUET_METADATA_MOST >> 20);
}

static enum core_status list_members(struct lister *l, const struct val_parquet_node *node,
                                     const char *path, unsigned definition) {
  for (const struct val_parquet_node *child = node->children; child; child = child->next) {
    char *dotted = NULL, *longer = NULL;
    CORE_TRY(extend(l, path, ".", &dotted));
    CORE_TRY(extend(l, dotted, child->name, &longer));
    CORE_TRY(list_node(l, child, longer, definition));
  }
  return CORE_OK;
}

static enum core_status list_pair(struct lister *l, const struct val_parquet_node *pair,
                                  const char *path) {
  static const char *const names[] = {".key", ".value"};
  const struct val_parquet_node *child = pair->children;
  for (size_t i = 0; i < CORE_COUNT_OF(names) && child; i++, child = child->next) {
    char *longer = NULL;
    CORE_TRY(extend(l, path, names[i], &longer));
    CORE_TRY(list_node(l, child, longer, pair->definition));
  }
  return CORE_OK;
}

/* A node without regard to its own repetition. `definition`: of the innermost one around it that repeats, 0: none does. */
static enum core_status list_once(struct lister *l, const struct val_parquet_node *node,
                                  const char *path, unsigned definition) {
  char *longer = NULL;
  const struct val_parquet_node *repeated = node->children;
  if (node->n_children == 0) {
    if (definition == 0) return CORE_OK;
    char *copy = core_arena_strdup(l->arena, path);
    if (!copy) return core_fail_nomem(l->err, strlen(path) + 1);
    l->out[l->n++] = (struct val_parquet_elements){copy, l->field, node->first_leaf, definition};
    return CORE_OK;
  }
  if (val_nested_is_list(node)) {
    CORE_TRY(extend(l, path, "[]", &longer));
    if (val_nested_wraps_element(node, repeated))
      return list_node(l, repeated->children, longer, repeated->definition);
    return list_once(l, repeated, longer, repeated->definition);
  }
  if (val_nested_is_map(node)) {
    CORE_TRY(extend(l, path, "[]", &longer));
    return list_pair(l, repeated, longer);
  }
  return list_members(l, node, path, definition);
}

static enum core_status list_node(struct lister *l, const struct val_parquet_node *node,
                                  const char *path, unsigned definition) {
  char *longer = NULL;
  if (node->repetition != VAL_PARQUET_REPEATED) return list_once(l, node, path, definition);
  CORE_TRY(extend(l, path, "[]", &longer));
  return list_once(l, node, longer, node->definition);
}

enum core_status val_elements_list(const struct val_parquet_schema *schema,
                                   struct core_arena *arena, struct val_parquet_elements **out,
                                   size_t *n, struct core_error *err) {
  struct lister l = {.schema = schema, .arena = arena, .err = err};
  l.out = core_arena_calloc(arena, schema->n_leaves + 1, sizeof *l.out);
  if (!l.out) return core_fail_nomem(err, schema->n_leaves * sizeof *l.out);
  for (; l.field < schema->n_fields; l.field++) {
    const struct val_parquet_field *field = &schema->fields[l.field];
    if (field->nested) CORE_TRY(list_node(&l, field->node, field->path, 0));
  }
  *out = l.out;
  *n = l.n;
  return CORE_OK;
}

/* ---- opening ---- */

enum core_status val_elements_open(struct val_elements_column *c,
                                   const struct val_parquet_file *file,
                                   const struct val_parquet_elements *what, bool as_text,
                                   struct val_parquet_memory *memory, struct core_error *err) {
  c->what = what;
  CORE_TRY(val_flat_open(&c->flat, file, what->leaf, as_text, what->path, 0, false, memory, err));
  CORE_TRY(val_parquet_grow(memory, &c->parents, 1, err));
  CORE_TRY(val_parquet_grow(memory, &c->validity, 1, err));
  CORE_TRY(val_parquet_grow(memory, &c->values, 1, err));
  CORE_TRY(val_parquet_grow(memory, &c->offsets, sizeof(int32_t), err));
  val_elements_reset(c);
  return CORE_OK;
}

void val_elements_close(struct val_elements_column *c) {
  struct val_parquet_memory *memory = c->flat.chunk.pages.memory;
  struct val_parquet_buffer *buffers[] = {&c->parents, &c->validity, &c->values, &c->offsets};
  for (size_t i = 0; memory && i < CORE_COUNT_OF(buffers); i++)
    val_parquet_release(memory, buffers[i]);
  val_flat_close(&c->flat);
}

enum core_status val_elements_begin(struct val_elements_column *c, size_t group,
                                    struct core_error *err) {
  c->levels = c->at = 0;
  return val_flat_begin(&c->flat, group, err);
}

void val_elements_reset(struct val_elements_column *c) {
  c->n = c->n_bytes = 0;
  c->n_rows = 0;
  c->n_null = 0;
  *(int32_t *)(void *)c->offsets.bytes = 0;
}

/* ---- elements ---- */

/* Room for `n` more elements. */
static enum core_status reserve(struct val_elements_column *c, size_t n, struct core_error *err) {
  struct val_parquet_memory *memory = c->flat.chunk.pages.memory;
  const struct val_conversion *to = &c->flat.conversion;
  const size_t all = c->n + n;
  if (all > ELEMENTS_MOST)
    return core_fail(err, CORE_LIMIT, "some rows have more than %zu elements in '%s'",
                     ELEMENTS_MOST, c->what->path);
  CORE_TRY(val_parquet_grow(memory, &c->parents, all * sizeof(uint32_t), err));
  CORE_TRY(val_parquet_grow(memory, &c->validity, all / 8 + 1, err));
  if (val_type_is_bytes(to->type))
    return val_parquet_grow(memory, &c->offsets, (all + 1) * sizeof(int32_t), err);
  return val_parquet_grow(memory, &c->values, all * to->bytes + 1, err);
}

static void set_bit(uint8_t *bits, size_t i, bool on) {
  if ((i & 7) == 0) bits[i >> 3] = 0;
  bits[i >> 3] |= (uint8_t)((unsigned)on << (i & 7));
}

static enum core_status put_text(struct val_elements_column *c, struct core_slice text,
                                 struct core_error *err) {
  if (text.len > TEXT_MOST - c->n_bytes)
    return core_fail(err, CORE_LIMIT, "some rows have more than %zu MiB of text in '%s'",
                     TEXT_MOST >> 20, c->what->path);
  CORE_TRY(val_parquet_grow(c->flat.chunk.pages.memory, &c->values, c->n_bytes + text.len, err));
  if (text.len) memcpy(c->values.bytes + c->n_bytes, text.data, text.len);
  c->n_bytes += text.len;
  return CORE_OK;
}

/* The next value to the next element, there or not: there is room, but for text. */
static enum core_status put_value(struct val_elements_column *c, bool valid,
                                  struct core_error *err) {
  const struct val_conversion *to = &c->flat.conversion;
  const size_t k = valid ? c->value_at - 1 : 0;
  if (to->type == VAL_TYPE_NULL) return CORE_OK;
  if (val_type_is_bytes(to->type)) {
    if (valid) CORE_TRY(put_text(c, c->read.slices[k], err));
    ((int32_t *)(void *)c->offsets.bytes)[c->n + 1] = (int32_t)c->n_bytes;
  } else if (to->type == VAL_TYPE_BOOL) {
    set_bit(c->values.bytes, c->n, valid && c->read.fixed[k] & 1);
  } else {
    uint8_t *place = c->values.bytes + c->n * to->bytes;
    if (valid)
      memcpy(place, c->read.fixed + k * to->bytes, to->bytes);
    else
      memset(place, 0, to->bytes);
  }
  return CORE_OK;
}

static void note_bad(const struct val_elements_column *c, int64_t row,
                     struct val_findings *findings) {
  const bool text = c->flat.conversion.utf8;
  val_findings_add(findings, text ? VAL_FINDING_ENCODING : VAL_FINDING_TYPE, row, -1, -1,
                   c->what->path, "a value is %s; it is read as null",
                   text ? "not valid UTF-8" : "beyond what its type can hold");
}

static enum core_status put_element(struct val_elements_column *c, bool valid, int64_t row,
                                    struct val_findings *findings, struct core_error *err) {
  if (valid) {
    const size_t k = c->value_at++;
    if (c->read.bad && c->read.bad[k]) {
      note_bad(c, row, findings);
      valid = false;
    }
  }
  if (c->flat.conversion.type == VAL_TYPE_NULL) valid = false;
  CORE_TRY(put_value(c, valid, err));
  ((uint32_t *)(void *)c->parents.bytes)[c->n] = c->n_rows - 1;
  set_bit(c->validity.bytes, c->n, valid);
  c->n_null += !valid;
  c->n++;
  return CORE_OK;
}

/* Fetches levels where those at hand are used up; *more: there are some. */
static enum core_status look(struct val_elements_column *c, bool *more, struct core_error *err) {
  *more = true;
  if (c->at < c->levels) return CORE_OK;
  size_t n_values = 0;
  c->at = c->value_at = 0;
  CORE_TRY(val_chunk_levels(&c->flat.chunk, c->flat.step, &c->levels, &n_values, err));
  *more = c->levels > 0;
  return val_flat_take(&c->flat, n_values, &c->read, err);
}

enum core_status val_elements_fill(struct val_elements_column *c, size_t n, int64_t first_row,
                                   struct val_findings *findings, struct core_error *err) {
  const struct val_chunk *chunk = &c->flat.chunk;
  const unsigned full = chunk->leaf->node->definition;
  const uint32_t first = c->n_rows, end = first + (uint32_t)n;
  for (bool more = true;;) {
    CORE_TRY(look(c, &more, err));
    if (!more) break;
    CORE_TRY(reserve(c, c->levels - c->at, err));
    for (; c->at < c->levels; c->at++) {
      if (chunk->repetitions[c->at] == 0 && c->n_rows == end) return CORE_OK;
      c->n_rows += chunk->repetitions[c->at] == 0;
      const unsigned definition = chunk->definitions[c->at];
      if (c->n_rows == first)
        return core_fail(err, CORE_PARSE, "a page is corrupt: a row begins in its middle");
      if (definition >= c->what->definition)
        CORE_TRY(
            put_element(c, definition == full, first_row + (c->n_rows - 1 - first), findings, err));
    }
  }
  if (c->n_rows == end) return CORE_OK;
  return core_fail(err, CORE_PARSE, "it has fewer values than its row group has rows");
}

struct val_elements val_elements_given(const struct val_elements_column *c) {
  const struct val_conversion *to = &c->flat.conversion;
  const bool text = val_type_is_bytes(to->type);
  struct val_elements out = {
      .n = c->n,
      .parent = (const uint32_t *)(const void *)c->parents.bytes,
      .column = {.type = to->type, .null_count = c->n_null, .scale = to->scale}};
  if (to->type == VAL_TYPE_NULL) return out;
  if (c->n_null > 0) out.column.validity = c->validity.bytes;
  out.column.values.bits = c->values.bytes;
  if (text) out.column.offsets = (const int32_t *)(const void *)c->offsets.bytes;
  return out;
}
