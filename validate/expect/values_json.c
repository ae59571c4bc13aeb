/* SPDX-License-Identifier: GPL-3.0-or-later
 * Texts that hold JSON: any at all, or such that meets a schema. */
#include "validate/expect/map.h"

#include "validate/text/json_schema.h"
#include "validate/text/json_text.h"

/* ---- parseable ---- */

/* A value that is not text is no JSON text, whatever it would be written out. */
static enum core_status mark_unparseable(void *state, const struct val_map *map,
                                         const struct val_batch *batch, const uint8_t *considered,
                                         uint8_t *unexpected, struct core_error *err) {
  (void)state, (void)err;
  const struct val_column *column = &batch->columns[map->columns[0]];
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (!val_bit(considered, i)) continue;
    struct core_slice text = {"", 0};
    if (column->type == VAL_TYPE_STRING) text = val_column_text(column, i);
    if (!val_json_is_text(text.data, text.len)) val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

static const struct core_option parseable_kwargs[] = {VAL_KWARGS_MAP, CORE_OPTION_END};
static const struct val_predicate parseable = {.mark = mark_unparseable};
const struct val_expectation_ops val_expect_column_values_to_be_json_parseable = {
    .name = "expect_column_values_to_be_json_parseable",
    .summary = "the values of a column are JSON texts",
    .kind = VAL_EXPECT_MAP,
    .kwargs = parseable_kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &parseable,
};

/* ---- a schema ---- */

static enum core_status schema_takes(const struct val_map *map, struct core_error *err) {
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  return type == VAL_TYPE_STRING || type == VAL_TYPE_NULL
             ? CORE_OK
             : val_map_refuse(map, map->columns[0], "text", err);
}

static enum core_status schema_open(const struct val_map *map, struct core_arena *arena,
                                    void **state, struct core_error *err) {
  (void)arena;
  struct val_json_schema *schema = NULL;
  CORE_TRY(
      val_json_schema_open(core_option_node(&map->expected->kwargs, "json_schema"), &schema, err));
  *state = schema;
  return CORE_OK;
}

static void schema_close(void *state) {
  val_json_schema_close(state);
}

static enum core_status meets(struct val_json_schema *schema, struct core_slice text, bool *ok,
                              struct core_error *err) {
  struct core_tree tree;
  struct core_error why = {0};
  const enum core_status parsed = core_tree_parse_json(&tree, "value", text.data, text.len, &why);
  if (parsed == CORE_NOMEM) return core_fail(err, parsed, "%s", why.message);
  if (parsed != CORE_OK)
    return core_fail(err, CORE_UNSUPPORTED, "'%.*s' is no JSON: %s",
                     (int)(text.len < 64 ? text.len : 64), text.data, why.message);
  const enum core_status st = val_json_schema_meets(schema, tree.root, ok, err);
  core_tree_close(&tree);
  return st;
}

static enum core_status mark_unmet(void *state, const struct val_map *map,
                                   const struct val_batch *batch, const uint8_t *considered,
                                   uint8_t *unexpected, struct core_error *err) {
  const struct val_column *column = &batch->columns[map->columns[0]];
  for (size_t i = 0; i < batch->n_rows; i++) {
    bool ok = true;
    if (!val_bit(considered, i)) continue;
    CORE_TRY(meets(state, val_column_text(column, i), &ok, err));
    if (!ok) val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

static enum core_status schema_check(const struct val_expected *expected, struct core_error *err) {
  struct val_json_schema *schema = NULL;
  CORE_TRY(val_json_schema_open(core_option_node(&expected->kwargs, "json_schema"), &schema, err));
  val_json_schema_close(schema);
  return CORE_OK;
}

static const struct core_option schema_kwargs[] = {
    VAL_KWARGS_MAP,
    {.name = "json_schema", .type = CORE_OPT_ANY, .required = true, .help = "the JSON Schema"},
    CORE_OPTION_END};
static const struct val_predicate schema = {
    .takes = schema_takes, .open = schema_open, .mark = mark_unmet, .close = schema_close};
const struct val_expectation_ops val_expect_column_values_to_match_json_schema = {
    .name = "expect_column_values_to_match_json_schema",
    .summary = "the values of a column are JSON that meets a schema",
    .kind = VAL_EXPECT_MAP,
    .kwargs = schema_kwargs,
    .check = schema_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &schema,
};
