/* SPDX-License-Identifier: GPL-3.0-or-later
 * A batch: some thousand rows, column by column, in the Arrow columnar layout (Arrow Columnar Format 1.0; the structs of
 * the Arrow C data interface are in validate/arrow.h), and for each row where its record began in the input. */
#pragma once
#include "core/mem.h"
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(NAME, name in suites and reports, Arrow format string) */
#define VAL_TYPE_LIST(X)                                                                           \
  X(NULL, "null", "n") /* every value is null                                    */                \
  X(BOOL, "bool", "b") /* one bit a value                                        */                \
  X(INT64, "int64", "l")                                                                           \
  X(DOUBLE, "double", "g")                                                                         \
  X(DATE, "date", "tdD")            /* int32 days since 1970-01-01                            */   \
  X(TIMESTAMP, "timestamp", "tsu:") /* int64 microseconds since 1970-01-01, no zone          */    \
  X(TIMESTAMP_UTC, "timestamp_utc", "tsu:UTC") /* the same, from text with a zone            */    \
  X(STRING, "string", "u")    /* int32 offsets into bytes; valid UTF-8                  */         \
  X(DECIMAL, "decimal", "d:") /* 128-bit integer / 10^scale of the column; exact      */           \
  X(TIME, "time", "ttn")      /* int64 nanoseconds since midnight                     */           \
  X(TIMESTAMP_NS, "timestamp_ns", "tsn:") /* int64 nanoseconds since 1970-01-01, no zone */        \
  X(TIMESTAMP_NS_UTC, "timestamp_ns_utc", "tsn:UTC")                                               \
  X(BINARY, "binary", "z") /* int32 offsets into bytes of any kind                    */           \
  X(NESTED, "nested", "u") /* a list, map or struct as JSON text, laid out like STRING */
enum val_type {
#define X(name, text, format) VAL_TYPE_##name,
  VAL_TYPE_LIST(X)
#undef X
};
const char *val_type_name(enum val_type type);
bool val_type_parse(const char *name, enum val_type *out);

struct val_dictionary;

/* Plain: values in arrays. Dictionary-encoded, as in Arrow: `codes` say for each row which entry of `dictionary` it is; there
 * are no values then, and only the functions below that take a row may be asked for one (val_column_decode makes a plain
 * column). Who reads arrays itself is never given the second kind unless it said so (validate/metric/metric.h). */
struct val_column {
  enum val_type type;
  const uint8_t *validity; /* bit i set: value i is not null (LSB first); NULL: no nulls */
  int64_t null_count;
  union {
    const uint8_t *bits;   /* BOOL, LSB first         */
    const int64_t *int64;  /* INT64, TIMESTAMP*, TIME */
    const double *float64; /* DOUBLE                  */
    const int32_t *int32;  /* DATE                    */
    const char *bytes;     /* STRING, BINARY, NESTED  */
    const core_int128 *decimal;
  } values;
  const int32_t *offsets; /* STRING, BINARY, NESTED: n_rows + 1 */
  int scale;              /* DECIMAL */
  const uint32_t *codes;  /* n_rows numbers of entries, of nulls any; NULL: the column is plain */
  const struct val_dictionary *dictionary;
};
/* The values that occur in a column, and perhaps others. */
struct val_dictionary {
  struct val_column entries; /* plain, without nulls */
  size_t n;                  /* 1 at least */
  uint64_t number;           /* equal numbers, equal entries, in the whole program; never 0 */
};

/* A column of elements: those of a list, with the row that each belongs to. */
struct val_elements {
  size_t n;
  const uint32_t *parent; /* n, ascending: index of the row in the batch */
  struct val_column column;
};

struct val_batch {
  size_t n_rows;
  int64_t first_row;  /* 0-based number of the batch's first data row */
  const int64_t *row; /* n_rows: the rows' numbers where some were left out; NULL: first_row + i */
  size_t n_columns;   /* those of the schema, in its order */
  const struct val_column
      *columns; /* type VAL_TYPE_NULL with null_count == n_rows for columns nobody asked for */
  const int64_t
      *line; /* n_rows: 1-based line where the record began; NULL when the format has no lines */
  const int64_t *byte; /* n_rows: 0-based byte offset of its first byte; NULL likewise */
  /* n_rows: each stands for so many rows (1 at least) with these values, wherever they were; NULL: for one. Shown only to
   * metrics that said so. */
  const int64_t *weights;
  /* One a column of elements of the schema, those that nobody asked for empty; NULL: there are none. */
  const struct val_elements *elements;
};

static inline int64_t val_batch_row(const struct val_batch *batch, size_t i) {
  return batch->row ? batch->row[i] : batch->first_row + (int64_t)i;
}
static inline int64_t val_batch_weight(const struct val_batch *batch, size_t i) {
  return batch->weights ? batch->weights[i] : 1;
}
/* Do the values lie in `bytes`, by `offsets`? */
static inline bool val_type_is_bytes(enum val_type type) {
  return type == VAL_TYPE_STRING || type == VAL_TYPE_BINARY || type == VAL_TYPE_NESTED;
}
/* Is a value one word, neither bytes nor wider? */
static inline bool val_type_is_word(enum val_type type) {
  return type != VAL_TYPE_NULL && type != VAL_TYPE_DECIMAL && !val_type_is_bytes(type);
}
static inline bool val_column_is_null(const struct val_column *column, size_t row) {
  return column->type == VAL_TYPE_NULL ||
         (column->validity && !(column->validity[row >> 3] >> (row & 7) & 1));
}
static inline bool val_column_bool(const struct val_column *column, size_t row) {
  return column->values.bits[row >> 3] >> (row & 7) & 1;
}
static inline struct core_slice val_column_text(const struct val_column *column, size_t row) {
  if (column->codes) {
    row = column->codes[row];
    column = &column->dictionary->entries;
  }
  const int32_t start = column->offsets[row];
  const struct core_slice text = {column->values.bytes + start,
                                  (size_t)(column->offsets[row + 1] - start)};
  return text; /* no compound literal: C++ reads this too */
}

/* One value as Python's str() gives it ("2012-01-01", "5.0", "True", text as it is) and as JSON (dates and timestamps as
 * ISO strings; NaN and infinities as Python writes them; decimals as numbers with all their digits; binary values as text
 * where they are printable UTF-8, else "0x" and hexadecimal digits). Null gives "null". */
void val_column_value_text(const struct val_column *column, size_t row, struct core_str *out);
void val_column_value_json(const struct val_column *column, size_t row, struct core_str *out);

struct val_field {
  const char *name;
  enum val_type type;
  bool declared; /* by the suite; otherwise inferred */
  /* What a person should know about the type: which value made text of a column of numbers. Safe to print; NULL: nothing. */
  const char *note;
  int precision, scale; /* DECIMAL */
  size_t parent;        /* of a column of elements: the field that they are in */
};
struct val_schema {
  const struct val_field *fields; /* val_schema_width of them */
  size_t n_fields;                /* the columns of the table */
  /* Behind them, the columns of elements: "tags[]" has those of the lists in "tags". They have rows of their own. */
  size_t n_elements;
};
static inline size_t val_schema_width(const struct val_schema *schema) {
  return schema->n_fields + schema->n_elements;
}
/* Copies all that the fields hold into the arena. */
enum core_status val_schema_copy(const struct val_schema *schema, struct core_arena *arena,
                                 struct val_schema *out, struct core_error *err) CORE_MUST_CHECK;
/* Index of the first column of that name, or n_fields; of the column of elements, or the schema's width. */
size_t val_schema_find(const struct val_schema *schema, const char *name);
size_t val_schema_find_elements(const struct val_schema *schema, const char *name);

/* ISO 8601 text <-> days and microseconds, proleptic Gregorian. "YYYY-MM-DD"; "YYYY-MM-DD[T ]hh:mm[:ss[.f{1,6}]][Z|+hh[:mm]]". */
bool val_date_parse(const char *text, size_t len, int32_t *days);
bool val_timestamp_parse(const char *text, size_t len, int64_t *us, bool *zoned);
/* "hh:mm[:ss[.f{1,9}]]" <-> nanoseconds since midnight. */
bool val_time_parse(const char *text, size_t len, int64_t *ns);
void val_time_text(int64_t ns, struct core_str *out);
void val_date_text(int32_t days, struct core_str *out);
void val_timestamp_text(int64_t us, bool zoned, struct core_str *out);
void val_timestamp_ns_text(int64_t ns, bool zoned, struct core_str *out);
