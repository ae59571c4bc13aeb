/* SPDX-License-Identifier: GPL-3.0-or-later
 * A study's trials as they stand in the file, each with its place in the order of events; trials of other programs get
 * one here, after everything that has one, by their times. */
#pragma once
#include "hpo/store/store_private.h"

struct hpo_store_row {
  int64_t id;
  int64_t created, started, finished; /* order keys; 0: did not happen */
  double start_unix_s, end_unix_s;    /* 0: not known */
  uint64_t seen;
  int64_t asked; /* order key; 0: `created` */
  enum hpo_state state;
  enum hpo_outcome outcome;
  int attempt;
  const char *message, *host; /* NULL: none */
  bool own;                   /* has a row in our table */
  bool imported;              /* its reports and attributes have no place in the order */
  bool placed;                /* a key of it was made up here, and is not in the file yet */
};

struct hpo_store_rows {
  struct hpo_store_row *rows; /* by trial number */
  size_t n_rows;
  size_t rows_cap;
  struct core_arena arena;
};

enum core_status hpo_store_rows_open(const struct hpo_store *store, struct hpo_store_rows *rows,
                                     struct core_error *err) CORE_MUST_CHECK;
void hpo_store_rows_close(struct hpo_store_rows *rows);
/* The number of a trial id, n_rows when it is another study's; `hint` is where to look first. */
size_t hpo_store_rows_find(const struct hpo_store_rows *rows, int64_t trial_id, size_t hint);

/* store_points.c */
struct hpo_store_points {
  double *internal; /* n_rows x n_params; NaN: does not exist in this trial */
  double *values;   /* n_rows x n_objectives */
  size_t *n_values;
};
enum core_status hpo_store_points_open(const struct hpo_store *store,
                                       const struct hpo_store_rows *rows,
                                       struct hpo_store_points *points,
                                       struct core_error *err) CORE_MUST_CHECK;
void hpo_store_points_close(struct hpo_store_points *points);
/* A value and its type in the column after it, as Optuna splits what SQL has no number for. */
double hpo_store_read_value(sqlite3_stmt *stmt, int column);
