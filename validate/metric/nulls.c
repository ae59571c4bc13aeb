/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/nulls.h"

#include <inttypes.h>

#include "validate/facts.h"

struct val_metric {
  size_t column;
  int64_t rows, missing;
};

static enum core_status nulls_open(const struct val_metric_request *request,
                                   const struct val_metric_context *context,
                                   struct val_metric **out, struct core_error *err) {
  (void)context;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  *out = m;
  return CORE_OK;
}

static enum core_status nulls_observe(struct val_metric *m, const struct val_batch *batch,
                                      struct core_error *err) {
  (void)err;
  m->rows += (int64_t)batch->n_rows;
  m->missing += batch->columns[m->column].null_count;
  return CORE_OK;
}

static bool nulls_takes_codes(const struct val_metric *m) {
  (void)m;
  return true;
}

static bool nulls_absorb(struct val_metric *m, int64_t n_rows, const struct val_facts *facts) {
  if (!facts->knows_nulls) return false;
  m->rows += n_rows;
  m->missing += facts->n_null;
  return true;
}

static enum core_status nulls_merge(struct val_metric *into, struct val_metric *later,
                                    struct core_error *err) {
  (void)err;
  into->rows += later->rows;
  into->missing += later->missing;
  return CORE_OK;
}

static enum core_status nulls_finish(struct val_metric *m, struct core_error *err) {
  (void)m, (void)err;
  return CORE_OK;
}

static enum core_status nulls_describe(struct val_metric *m, struct core_str *out,
                                       struct core_error *err) {
  core_str_printf(out, "{\"rows\":%" PRId64 ",\"missing\":%" PRId64 "}", m->rows, m->missing);
  return core_str_status(out, err);
}

static void nulls_close(struct val_metric *m) {
  core_free(m);
}

int64_t val_nulls_rows(const struct val_metric *m) {
  return m->rows;
}

int64_t val_nulls_missing(const struct val_metric *m) {
  return m->missing;
}

const struct val_metric_ops val_metric_nulls = {
    .name = "nulls",
    .summary = "rows and nulls of a column",
    .takes_codes = nulls_takes_codes,
    .open = nulls_open,
    .observe = nulls_observe,
    .absorb = nulls_absorb,
    .merge = nulls_merge,
    .finish = nulls_finish,
    .describe = nulls_describe,
    .close = nulls_close,
};
