/* SPDX-License-Identifier: GPL-3.0-or-later
 * A suite: what is expected of a table. Read from our YAML form, or Great Expectations' JSON of 0.x
 * (`expectation_type`) and 1.x (`type`). Format: docs/formats.md, "Suite file". */
#pragma once
#include "core/option.h"
#include "core/tree.h"
#include "validate/reader/reader.h"

enum val_severity { VAL_SEVERITY_INFO, VAL_SEVERITY_WARNING, VAL_SEVERITY_CRITICAL };
const char *val_severity_name(enum val_severity severity);
bool val_severity_parse(const char *name, enum val_severity *out);

enum val_result_format {
  VAL_FORMAT_BOOLEAN_ONLY,
  VAL_FORMAT_BASIC,
  VAL_FORMAT_SUMMARY,
  VAL_FORMAT_COMPLETE
};

struct val_expectation_ops; /* validate/expect/expectation.h */
struct val_condition;       /* validate/condition/condition.h */

/* One row of the suite, checked: the expectation exists, its keyword arguments are its own. */
struct val_expected {
  const struct val_expectation_ops *ops;
  struct core_options kwargs;          /* by ops->kwargs */
  const struct core_node *kwargs_node; /* as written */
  struct val_condition *condition;     /* which rows it looks at; NULL: all */
  const struct core_node *meta;        /* NULL: none */
  const struct core_node *notes;       /* GX 1.x; NULL: none */
  const char *id, *description;        /* GX 1.x; NULL: none */
  enum val_severity severity;          /* default critical */
  enum val_result_format format;       /* its own result_format, or the suite's default (SUMMARY) */
  size_t partial_count;                /* partial_unexpected_count, default 20 */
  const char *const *index_columns; /* unexpected_index_column_names, NULL-terminated; NULL: none */
  bool exclude_values;              /* exclude_unexpected_values */
  bool include_rows;                /* include_unexpected_rows */
  bool index_query;                 /* return_unexpected_index_query: true */
  bool stop_on_exception;           /* catch_exceptions: false */
  bool gx_quirks;                   /* the suite's */
  struct core_pos pos;
};

/* Which vocabulary the file was written in: GX-shaped results answer in the same one. */
enum val_dialect { VAL_DIALECT_OWN, VAL_DIALECT_GX_0, VAL_DIALECT_GX_1 };

struct val_suite {
  struct core_tree tree;
  struct core_arena arena;
  const char *name;
  const char *path;
  enum val_dialect dialect;
  bool gx_quirks; /* as Great Expectations does it, where that is odd (docs/gx-users.md) */
  const struct core_node *meta; /* NULL: none */
  struct val_read_options read; /* csv, columns */
  struct val_expected *expected;
  size_t n_expected;
  char digest[33]; /* hex hash of the file's bytes: the gate's cache key */
};
/* What is not in the file. Zero-initialised: no parameters but the suite's own, and no clock. */
struct val_suite_settings {
  const struct core_node *parameters[2]; /* maps that go before the suite's own, the first first */
  bool gx_quirks;
  bool has_now;
  double now_unix_s; /* what now() gives in a parameter's expression */
};
/* `settings` may be NULL. Every mistake is CORE_INVAL with its line and column; "0 expectations" is a mistake. */
enum core_status val_suite_open(struct val_suite *suite, const char *path,
                                const struct val_suite_settings *settings,
                                struct core_error *err) CORE_MUST_CHECK;
enum core_status val_suite_parse(struct val_suite *suite, const char *name, const char *bytes,
                                 size_t len, const struct val_suite_settings *settings,
                                 struct core_error *err) CORE_MUST_CHECK;
void val_suite_close(struct val_suite *suite);
