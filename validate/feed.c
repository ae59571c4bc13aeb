/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/feed.h"

#include "validate/proof.h"

static bool is_stopped(const struct val_feed *feed) {
  return feed->is_stopped && feed->is_stopped(feed->with);
}

static enum core_status feed_batches(const struct val_feed *feed, const struct val_batch *batch,
                                     struct val_pass *pass, struct core_error *err) {
  if (!batch) CORE_TRY(feed->ops->next(feed->reader, &batch, err));
  while (batch) {
    if (is_stopped(feed)) return CORE_INTERRUPTED;
    CORE_TRY(val_pass_observe(pass, batch, err));
    CORE_TRY(feed->ops->next(feed->reader, &batch, err));
  }
  return CORE_OK;
}

static enum core_status feed_parts(const struct val_feed *feed, struct val_facts *facts,
                                   bool *wanted, struct val_pass *pass, struct core_error *err) {
  for (int64_t rows; (rows = feed->ops->part_rows(feed->reader)) >= 0;) {
    if (is_stopped(feed)) return CORE_INTERRUPTED;
    CORE_TRY(
        val_proof_take(feed->ops, feed->reader, rows, feed->n_columns, pass, facts, wanted, err));
    CORE_TRY(feed->ops->part_begin(feed->reader, wanted, err));
    CORE_TRY(feed_batches(feed, NULL, pass, err));
  }
  return CORE_OK;
}

enum core_status val_feed_pass(const struct val_feed *feed, struct val_pass *pass,
                               struct core_error *err) {
  if (!feed->by_parts) return feed_batches(feed, feed->first, pass, err);
  struct val_facts *facts = core_calloc(feed->n_columns + 1, sizeof *facts);
  bool *wanted = core_calloc(feed->n_columns + 1, sizeof *wanted);
  const enum core_status st = facts && wanted
                                  ? feed_parts(feed, facts, wanted, pass, err)
                                  : core_fail_nomem(err, feed->n_columns * sizeof *facts);
  core_free(facts);
  core_free(wanted);
  return st;
}
