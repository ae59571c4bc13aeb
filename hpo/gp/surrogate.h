/* SPDX-License-Identifier: GPL-3.0-or-later
 * The model of a whole history: which rows it holds, when it is fitted, how losses become targets.
 *
 * Its hyperparameters are fitted when the number of observations reaches a point of a schedule (every
 * one up to 30, then in steps of a tenth, 50 at most), from the observations up to that point alone;
 * later ones are appended until the next point. So a model made afresh is, bit for bit, the model
 * that followed. Beyond HPO_SURROGATE_ROWS it holds a choice made at the point of the schedule: the
 * rows nearest to the best one, the best, and others spread over the past; so its cost is bounded. */
#pragma once
#include "core/mem.h"
#include "hpo/gp/model.h"
#include "hpo/gp/observed.h"

#define HPO_SURROGATE_ROWS 400

struct hpo_surrogate;
/* `features` is borrowed; deterministic: the objective has no noise. */
enum core_status hpo_surrogate_open(const struct hpo_features *features, bool deterministic,
                                    struct hpo_surrogate **out,
                                    struct core_error *err) CORE_MUST_CHECK;
void hpo_surrogate_close(struct hpo_surrogate *surrogate); /* accepts NULL */

/* Follows to the first n > 0 observations; `restarted`: what was followed is not their beginning.
 * After a failure the next call makes it afresh. */
enum core_status hpo_surrogate_follow(struct hpo_surrogate *surrogate,
                                      const struct hpo_observed *observed, size_t n, bool restarted,
                                      struct core_arena *scratch,
                                      struct core_error *err) CORE_MUST_CHECK;

struct hpo_gp *hpo_surrogate_model(const struct hpo_surrogate *surrogate);
size_t hpo_surrogate_count(const struct hpo_surrogate *surrogate);          /* its rows */
const double *hpo_surrogate_rows(const struct hpo_surrogate *surrogate);    /* count x d */
const double *hpo_surrogate_targets(const struct hpo_surrogate *surrogate); /* [count] */
const double *hpo_surrogate_losses(const struct hpo_surrogate *surrogate);  /* [count] */
/* [count] standard deviations with which the losses are known: above 0 of estimates */
const double *hpo_surrogate_spreads(const struct hpo_surrogate *surrogate);
/* [count] as they were observed, to tell which are the same: hpo_observed_value */
const double *hpo_surrogate_values(const struct hpo_surrogate *surrogate);
/* [d] length-scales, of the model's warped features and, near the best row, of the features */
const double *hpo_surrogate_lengths(const struct hpo_surrogate *surrogate);
const double *hpo_surrogate_scales(const struct hpo_surrogate *surrogate);
double hpo_surrogate_noise(const struct hpo_surrogate *surrogate); /* its variance, of targets' 1 */
