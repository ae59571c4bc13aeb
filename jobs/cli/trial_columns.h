/* SPDX-License-Identifier: GPL-3.0-or-later
 * The columns of `sweepgate trials`, named as in Optuna's data frame, and what stands in each cell. */
#pragma once
#include "jobs/cli/study_view.h"

enum job_cell_form {
  JOB_CELL_TABLE, /* short, for a terminal */
  JOB_CELL_CSV,   /* the bare text; quoting is the caller's */
  JOB_CELL_JSON   /* a JSON value */
};

struct job_column {
  const struct job_column_kind *kind; /* opaque */
  size_t index;                       /* of the objective or parameter */
  const char *key;                    /* of the attribute */
  const char *name;                   /* "params_lr"; valid until close */
};

struct job_columns {
  struct job_column *columns;
  size_t n_columns, cap;
  struct core_arena arena;
};

/* All columns, or for a table the ones that a person looks at. */
enum core_status job_columns_open(struct job_columns *columns, const struct job_view *view,
                                  bool table, struct core_error *err) CORE_MUST_CHECK;
void job_columns_close(struct job_columns *columns);

/* Appends the cell; false, and nothing appended, when the trial has no such thing. */
bool job_column_cell(const struct job_column *column, const struct job_view *view,
                     const struct job_view_trial *trial, enum job_cell_form form,
                     struct core_str *out);
