/* SPDX-License-Identifier: GPL-3.0-or-later
 * Transform and hyperparameters learnt together: of a few output transforms, the one under which
 * the Gaussian process gives the losses the highest density (a warped Gaussian process: Snelson,
 * Rasmussen & Ghahramani, NIPS 2003). A transform that makes losses look normal may bend a function
 * that was smooth; this one is chosen by what the model makes of it. Inputs are warped (hpo/gp/warp.h)
 * by the same measure, where the shape allows it: noise and stationary functions stay as they are. */
#pragma once
#include "hpo/gp/model.h"
#include "hpo/gp/transform.h"

#define HPO_GP_CHOICE_ROWS 100 /* on a subset of so many rows at most */

/* Given rows x[n x d], finite losses[n] and the standard deviations spreads[n] with which they are
 * known (NULL: exactly): t becomes the transform, learnt from all losses, theta
 * what hpo_gp_fit makes of x and the targets, with at most max_evals evaluations after the choice.
 * A function of the arguments alone; theta is output only. */
enum core_status hpo_gp_fit_targets(struct hpo_gp *gp, struct hpo_gp_transform *t, const double *x,
                                    const double *losses, const double *spreads, size_t n,
                                    double *theta, unsigned max_evals,
                                    struct core_error *err) CORE_MUST_CHECK;
