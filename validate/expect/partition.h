/* SPDX-License-Identifier: GPL-3.0-or-later
 * Partition objects: a distribution as a suite writes it. Categories {values, weights}, or bins of a line {bins, weights,
 * tail_weights}: n + 1 edges that rise, the first and last of which may be infinite, and n weights. */
#pragma once
#include "validate/expect/expectation.h"

enum val_partition_kind { VAL_PARTITION_CATEGORIES, VAL_PARTITION_BINS };

struct val_partition {
  enum val_partition_kind kind;
  const struct core_node *values; /* CATEGORIES: the list                */
  double *bins;                   /* BINS: n + 1                         */
  double *weights;                /* n, not negative                     */
  size_t n;
  bool has_tails;
  double tails[2]; /* weights below and above the bins; 0 without */
};

/* From the kwarg `partition_object`, which is there; arrays in `arena`. CORE_INVAL with the place when it is no partition:
 * weights and tails must add up to 1 within 1e-5. */
enum core_status val_partition_read(struct val_partition *out, const struct core_node *node,
                                    struct core_arena *arena,
                                    struct core_error *err) CORE_MUST_CHECK;
/* Reads it for its mistakes alone; wants a kind when `kind` is not NULL. */
enum core_status val_partition_check(const struct val_expected *expected,
                                     const enum val_partition_kind *kind,
                                     struct core_error *err) CORE_MUST_CHECK;

/* A list of numbers as JSON: "[0.5,0.25]". */
void val_numbers_json(const double *x, size_t n, struct core_str *out);

#define VAL_KWARG_PARTITION(needed)                                                                \
  {                                                                                                \
    .name = "partition_object", .type = CORE_OPT_MAP, .required = (needed), .nullable = !(needed), \
    .help = "the expected distribution: values and weights, or bins and weights"                   \
  }
