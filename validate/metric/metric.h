/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a metric: what is accumulated over a table in one pass. One law carries threads, ranks and files:
 *
 *     observe(a then b)  ==  merge(observe a, observe b)      bit for bit, wherever the rows are cut
 *
 * A metric never judges, prints, or reads the input; it sees batches whose validity already counts NaN as null. Its file
 * defines `struct val_metric`, and a header beside it the functions that read the finished value. */
#pragma once
#include "core/mem.h"
#include "validate/batch.h"

struct val_metric;
struct val_metric_ops;
struct val_facts; /* validate/facts.h */

/* What a plan asks for. Requests with the same ops, columns and condition, both without params, are
 * one metric. */
struct val_metric_request {
  const struct val_metric_ops *ops;
  const size_t *columns; /* indices into the schema */
  size_t n_columns;
  const void
      *params;      /* of the metric's own kind, NULL: none; borrowed as long as the metric lives */
  size_t condition; /* 0: it sees every row; k: those that the plan's k-th row condition selects */
};

struct val_metric_context {
  const struct val_schema *schema;
  size_t memory_bytes; /* what a metric that can spill may hold in memory */
  bool partial;        /* this pass will be merged with others: without it `merge` is not called */
};

struct val_metric_ops {
  const char *name;    /* "sum" */
  const char *summary; /* one line */
  bool spills;         /* takes a share of the memory budget, keeps the rest in a temporary file */
  /* Where columns are dictionary-encoded (validate/batch.h) a metric is given them plain, with two exceptions.
   * One column, and neither order nor places matter: each value comes once with how often it occurs (batch->weights). */
  bool weighted;
  /* It is shown the batch as it is. NULL: never. */
  bool (*takes_codes)(const struct val_metric *metric);
  /* May the metric take a column of this type? NULL: any. The planner asks before open. */
  bool (*takes)(enum val_type type);
  enum core_status (*open)(const struct val_metric_request *request,
                           const struct val_metric_context *context, struct val_metric **out,
                           struct core_error *err);
  enum core_status (*observe)(struct val_metric *metric, const struct val_batch *batch,
                              struct core_error *err);
  /* Takes `n_rows` rows by what is known of them (one facts a column of the request) instead of being shown them; false:
   * it must be shown them. Its value afterwards is the same. NULL: always shown. */
  bool (*absorb)(struct val_metric *metric, int64_t n_rows, const struct val_facts *facts);
  /* `later` saw rows that follow those of `into`; it is emptied but must still be closed. Its share of the
   * memory is that of `into`, too, from then on. */
  enum core_status (*merge)(struct val_metric *into, struct val_metric *later,
                            struct core_error *err);
  /* All rows seen so far stand so many rows and lines further down in the input than their batches said. NULL: the metric
   * keeps no places. */
  void (*shift)(struct val_metric *metric, int64_t rows, int64_t lines);
  /* After the last row; the metric is read from here on. */
  enum core_status (*finish)(struct val_metric *metric, struct core_error *err);
  /* Appends the finished value as JSON: the whole of it, so that equal text means equal metrics. */
  enum core_status (*describe)(struct val_metric *metric, struct core_str *out,
                               struct core_error *err);
  void (*close)(struct val_metric *metric); /* accepts NULL */
};

/* The metrics that several expectations may share, NULL-terminated (metric_list.h). */
const struct val_metric_ops *const *val_metric_all(void);
#define X(name) extern const struct val_metric_ops val_metric_##name;
#include "validate/metric/metric_list.h"
#undef X
