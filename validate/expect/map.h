/* SPDX-License-Identifier: GPL-3.0-or-later
 * The core of every expectation that is judged row by row. A plug-in supplies only a predicate, which marks the
 * unexpected rows of a batch; leaving out nulls, counting, failing rows with their places, `mostly` and index columns
 * are done here, once. */
#pragma once
#include "validate/expect/row_tally.h"

/* A predicate's own state lives in `void *`, made by open; arrays over a batch, no call per value. */
struct val_predicate {
  enum val_null_rule nulls; /* of one-column maps; pairs and more columns have ignore_row_if */
  /* May the columns have these types? Fails with a sentence when not: the expectation then cannot be evaluated. NULL: any. */
  enum core_status (*takes)(const struct val_map *map, struct core_error *err);
  /* `arena` lives as long as the state. NULL: no state. */
  enum core_status (*open)(const struct val_map *map, struct core_arena *arena, void **state,
                           struct core_error *err);
  /* Sets bit i of `unexpected` (zeroed, LSB first) for rows that fail. Rows that are not in `considered` may be marked
   * or not: they do not count. */
  enum core_status (*mark)(void *state, const struct val_map *map, const struct val_batch *batch,
                           const uint8_t *considered, uint8_t *unexpected, struct core_error *err);
  /* Only for predicates that compare with the row before: the state of the rows that follow is joined to `into`; says
   * whether their first considered row, which nothing stood before until now, is unexpected. */
  bool (*join)(void *into, const void *later);
  void (*close)(void *state); /* NULL: nothing but the arena */
  /* One-column maps: is every considered one of `n_rows` rows expected, by what is known of them? NULL: cannot be told. */
  bool (*holds)(const void *state, int64_t n_rows, const struct val_facts *facts);
  const struct val_metric_ops
      *metric; /* NULL: val_metric_map; another one whose struct begins with a val_row_tally */
};

/* In val_expectation_ops, with .predicate. */
enum core_status val_map_plan(const struct val_expected *expected, struct val_plan *plan,
                              struct core_error *err);
enum core_status val_map_judge(const struct val_expected *expected,
                               const struct val_evidence *evidence, struct val_verdict *verdict,
                               struct core_error *err);
extern const struct val_metric_ops val_metric_map;

/* NOLINTBEGIN(bugprone-macro-parentheses): `i` is declared by the macro */
/* VAL_MARK_ROWS(n_rows, bits, i, condition): sets bit i where the condition on row i holds, eight rows at a time. */
#define VAL_MARK_ROWS(n_rows, bits, i, condition)                                                  \
  for (size_t val_at = 0; val_at < (n_rows); val_at += 8) {                                        \
    unsigned val_byte = 0;                                                                         \
    const size_t val_end = (n_rows)-val_at < 8 ? (n_rows) : val_at + 8;                            \
    for (size_t i = val_at; i < val_end; i++)                                                      \
      val_byte |= (unsigned)((condition) ? 1 : 0) << (i - val_at);                                 \
    (bits)[val_at >> 3] = (uint8_t)val_byte;                                                       \
  }
/* NOLINTEND(bugprone-macro-parentheses) */

static inline bool val_bit(const uint8_t *bits, size_t i) {
  return bits[i >> 3] >> (i & 7) & 1;
}
static inline void val_bit_set(uint8_t *bits, size_t i) {
  bits[i >> 3] |= (uint8_t)(1U << (i & 7));
}

/* "column 'x' holds values of type double, not text": how `takes` refuses. */
enum core_status val_map_refuse(const struct val_map *map, size_t column, const char *wanted,
                                struct core_error *err);

/* `check` of multicolumn expectations: column_list is a list of at least one name. */
enum core_status val_map_check_list(const struct val_expected *expected, struct core_error *err);

/* `check` where old versions compared values of different kinds; Great Expectations 0.18 refuses it too. */
enum core_status val_map_check_cross_type(const struct val_expected *expected,
                                          struct core_error *err);
#define VAL_KWARG_CROSS_TYPE                                                                       \
  {                                                                                                \
    .name = "allow_cross_type_comparisons", .type = CORE_OPT_FLAG, .fallback = "false",            \
    .nullable = true, .help = "false, or refused: text and numbers do not compare"                 \
  }

#define VAL_KWARGS_MAP VAL_KWARG_COLUMN, VAL_KWARG_MOSTLY
#define VAL_KWARGS_PAIR                                                                            \
  {.name = "column_A", .type = CORE_OPT_STRING, .required = true, .help = "the first column"},     \
      {.name = "column_B",                                                                         \
       .type = CORE_OPT_STRING,                                                                    \
       .required = true,                                                                           \
       .help = "the second column"},                                                               \
      {.name = "ignore_row_if",                                                                    \
       .type = CORE_OPT_CHOICE,                                                                    \
       .fallback = "both_values_are_missing",                                                      \
       .nullable = true,                                                                           \
       .choices = "both_values_are_missing|either_value_is_missing|neither",                       \
       .help = "which rows are left out"},                                                         \
      VAL_KWARG_MOSTLY
#define VAL_KWARGS_MULTICOLUMN                                                                     \
  {.name = "column_list", .type = CORE_OPT_LIST, .required = true, .help = "the columns"},         \
      {.name = "ignore_row_if",                                                                    \
       .type = CORE_OPT_CHOICE,                                                                    \
       .fallback = "all_values_are_missing",                                                       \
       .nullable = true,                                                                           \
       .choices = "all_values_are_missing|any_value_is_missing|never",                             \
       .help = "which rows are left out"},                                                         \
      VAL_KWARG_MOSTLY
