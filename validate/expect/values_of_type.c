/* SPDX-License-Identifier: GPL-3.0-or-later
 * The type of a column, under the names that pandas, numpy, Python, Spark and SQL give it. A column of text is judged
 * value by value, as Great Expectations judges pandas' object columns: each value is text. */
#include "validate/expect/aggregate.h"

#include "validate/expect/map.h"
#include "validate/metric/nulls.h"
#include "validate/plan.h"
#include <string.h>
#include <strings.h>

/* Names without what stands in parentheses or brackets, compared without case; and what is observed for each type. */
static const char *const bool_names[] = {
    "bool", "bool_", "bool8", "boolean", "BooleanType", "BooleanDtype", "bit", "tinyint", NULL};
static const char *const int64_names[] = {"int",         "int_",     "int64",    "long",
                                          "integer",     "bigint",   "int8",     "Int64Dtype",
                                          "IntegerType", "LongType", "longlong", NULL};
static const char *const double_names[] = {
    "float",   "float_",  "float64", "double",    "double_precision", "double precision", "real",
    "numeric", "decimal", "number",  "FloatType", "DoubleType",       "Float64Dtype",     NULL};
static const char *const date_names[] = {"date", "datetime.date", "DateType", NULL};
static const char *const timestamp_names[] = {
    "datetime64", "datetime",      "datetime.datetime",
    "timestamp",  "TimestampType", "timestamp without time zone",
    "datetime2",  "smalldatetime", NULL};
static const char *const zoned_names[] = {
    "Timestamp",           "timestamptz",   "timestamp with time zone", "DatetimeTZDtype",
    "DatetimeTZDtypeType", "TimestampType", "datetimeoffset",           NULL};
static const char *const string_names[] = {
    "str",        "str_",        "string",    "text",
    "varchar",    "char",        "character", "character varying",
    "nvarchar",   "nchar",       "ntext",     "unicode",
    "StringType", "StringDtype", NULL};
static const char *const decimal_names[] = {"decimal",    "numeric",     "number", "Decimal",
                                            "decimal128", "DecimalType", NULL};
static const char *const time_names[] = {"time", "datetime.time", "time without time zone", NULL};
static const char *const binary_names[] = {"bytes", "binary",     "varbinary",
                                           "blob",  "BinaryType", NULL};
static const char *const nested_names[] = {"list",      "dict",       "array",   "struct", "map",
                                           "ArrayType", "StructType", "MapType", NULL};
/* No column here ever has these: they are known so that a list written for a database is not refused. */
static const char *const other_names[] = {
    "int16",       "int32",     "uint8",     "uint16",     "uint32",     "uint64",  "smallint",
    "mediumint",   "tinyint",   "ShortType", "ByteType",   "float16",    "float32", "bytes",
    "binary",      "varbinary", "blob",      "BinaryType", "list",       "dict",    "json",
    "jsonb",       "uuid",      "complex",   "complex128", "category",   "time",    "interval",
    "array",       "struct",    "map",       "ArrayType",  "StructType", "MapType", "NoneType",
    "timedelta64", NULL};
static const char *const object_names[] = {"object", "object_", "O", NULL};

static const struct {
  enum val_type type;
  const char *observed;
  const char *const *names;
} types[] = {
    {VAL_TYPE_BOOL, "bool_", bool_names},
    {VAL_TYPE_INT64, "int64", int64_names},
    {VAL_TYPE_DOUBLE, "float64", double_names},
    {VAL_TYPE_DATE, "date", date_names},
    {VAL_TYPE_TIMESTAMP, "datetime64", timestamp_names},
    {VAL_TYPE_TIMESTAMP_UTC, "Timestamp", zoned_names},
    {VAL_TYPE_STRING, "str", string_names},
    {VAL_TYPE_DECIMAL, "Decimal", decimal_names},
    {VAL_TYPE_TIME, "time", time_names},
    {VAL_TYPE_TIMESTAMP_NS, "datetime64", timestamp_names},
    {VAL_TYPE_TIMESTAMP_NS_UTC, "Timestamp", zoned_names},
    {VAL_TYPE_BINARY, "bytes", binary_names},
    {VAL_TYPE_NESTED, "list", nested_names},
};

static bool named(const char *const *names, const char *name) {
  size_t n = strcspn(name, "([");
  while (n && name[n - 1] == ' ') n--;
  for (; *names; names++)
    if (strlen(*names) == n && strncasecmp(*names, name, n) == 0) return true;
  return false;
}

static bool type_named(enum val_type type, const char *name) {
  for (size_t i = 0; i < CORE_COUNT_OF(types); i++)
    if (types[i].type == type) return named(types[i].names, name);
  return false;
}

static bool known_name(const char *name) {
  for (size_t i = 0; i < CORE_COUNT_OF(types); i++)
    if (named(types[i].names, name)) return true;
  return named(object_names, name) || named(other_names, name);
}

/* ---- which types are wanted ---- */

/* type_ alone, or the items of type_list; NULL: any type will do. */
static const struct core_node *first_name(const struct val_expected *expected, bool *list) {
  *list = core_streq(expected->ops->kwargs[2].name, "type_list");
  const struct core_option_value *value =
      core_option_get(&expected->kwargs, *list ? "type_list" : "type_");
  if (!value->given) return NULL;
  return *list ? value->node->first : value->node;
}

static bool wanted(const struct val_expected *expected, enum val_type type, bool as_object) {
  bool list;
  const struct core_node *name = first_name(expected, &list);
  for (; name; name = list ? name->next : NULL)
    if (as_object ? named(object_names, name->text.data) : type_named(type, name->text.data))
      return true;
  return false;
}

static bool anything_goes(const struct val_expected *expected) {
  return !core_option_get(&expected->kwargs, expected->ops->kwargs[2].name)->given;
}

static enum core_status type_check(const struct val_expected *expected, struct core_error *err) {
  bool list;
  const struct core_node *name = first_name(expected, &list);
  for (; name; name = list ? name->next : NULL) {
    if (name->kind != CORE_NODE_STRING)
      return core_fail_at(err, CORE_INVAL, name->pos, "a type is named by text, not by %s",
                          core_node_kind_name(name->kind));
    if (!list && !known_name(name->text.data))
      return core_fail_at(
          err, CORE_INVAL, name->pos,
          "unknown type '%s'; known are int64, float64, bool, str, date, datetime64 "
          "and their names in Python, Spark and SQL",
          name->text.data);
  }
  return CORE_OK;
}

/* ---- value by value ---- */

static enum core_status mark_text(void *state, const struct val_map *map,
                                  const struct val_batch *batch, const uint8_t *considered,
                                  uint8_t *unexpected, struct core_error *err) {
  (void)state, (void)err;
  if (!wanted(map->expected, VAL_TYPE_STRING, false) && !anything_goes(map->expected))
    memcpy(unexpected, considered, (batch->n_rows + 7) / 8);
  return CORE_OK;
}

/* ---- planning and judging ---- */

static bool by_value(const struct val_expected *expected, enum val_type type) {
  return type == VAL_TYPE_NULL ||
         (type == VAL_TYPE_STRING && !wanted(expected, type, true) && !anything_goes(expected));
}

static enum core_status type_plan(const struct val_expected *expected, struct val_plan *plan,
                                  struct core_error *err) {
  size_t column = 0;
  CORE_TRY(val_plan_column(plan, expected, "column", &column, err));
  if (by_value(expected, plan->schema->fields[column].type))
    return val_map_plan(expected, plan, err);
  return val_plan_metric(plan, &val_metric_nulls, &column, 1, NULL, err);
}

static enum core_status type_judge(const struct val_expected *expected,
                                   const struct val_evidence *evidence, struct val_verdict *verdict,
                                   struct core_error *err) {
  const size_t column =
      val_schema_find(evidence->schema, core_option_text(&expected->kwargs, "column"));
  const enum val_type type = evidence->schema->fields[column].type;
  struct val_scalar observed = {.type = VAL_TYPE_STRING, .text = {"object_", 7}};
  if (by_value(expected, type)) return val_map_judge(expected, evidence, verdict, err);
  for (size_t i = 0; i < CORE_COUNT_OF(types); i++)
    if (types[i].type == type && type != VAL_TYPE_STRING)
      observed.text = (struct core_slice){types[i].observed, strlen(types[i].observed)};
  verdict->success =
      anything_goes(expected) || type == VAL_TYPE_STRING || wanted(expected, type, false);
  return val_observe_scalar(&observed, evidence->arena, verdict, err);
}

/* ---- rows ---- */

static const struct val_predicate of_type = {.mark = mark_text};

static const struct core_option one_kwargs[] = {
    VAL_KWARGS_MAP,
    {.name = "type_", .type = CORE_OPT_STRING, .required = true, .help = "the type's name"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_values_to_be_of_type = {
    .name = "expect_column_values_to_be_of_type",
    .summary = "the values of a column have a type",
    .kind = VAL_EXPECT_MAP,
    .kwargs = one_kwargs,
    .check = type_check,
    .plan = type_plan,
    .judge = type_judge,
    .predicate = &of_type,
};

static const struct core_option list_kwargs[] = {
    VAL_KWARGS_MAP,
    {.name = "type_list", .type = CORE_OPT_LIST, .nullable = true, .help = "the types' names"},
    CORE_OPTION_END};
const struct val_expectation_ops val_expect_column_values_to_be_in_type_list = {
    .name = "expect_column_values_to_be_in_type_list",
    .summary = "the values of a column have one of several types",
    .kind = VAL_EXPECT_MAP,
    .kwargs = list_kwargs,
    .check = type_check,
    .plan = type_plan,
    .judge = type_judge,
    .predicate = &of_type,
};
