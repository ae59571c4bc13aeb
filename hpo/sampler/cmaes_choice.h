/* SPDX-License-Identifier: GPL-3.0-or-later
 * Categorical parameters beside CMA-ES: one probability for each choice, which the ranks of a
 * generation move by natural gradient. Hamano et al., "CatCMA", GECCO 2024, arXiv 2405.09962; the
 * length of a step adapts to how far the gradients agree, as in Akimoto et al., "Adaptive
 * stochastic natural gradient", ICML 2019. */
#pragma once
#include "core/mem.h"
#include "core/rng.h"

#define HPO_CMAES_NO_CHOICE ((size_t)-1) /* the parameter does not exist in this trial */

struct hpo_cmaes_choices {
  size_t n;        /* categorical parameters */
  size_t *counts;  /* of choices, at least 2 */
  size_t *starts;  /* where a parameter's probabilities begin */
  size_t n_all;    /* choices of all parameters */
  double *p;       /* n_all */
  double *path;    /* n_all: agreement of past gradients */
  double gathered; /* weight that the path has gathered */
  double caution;  /* divides the length of a step; at least 1 */
  double *gradient;
  struct core_arena arena;
};

/* Uniform probabilities over counts[k] choices of each of n parameters. */
enum core_status hpo_cmaes_choices_open(struct hpo_cmaes_choices *choices, const size_t *counts,
                                        size_t n, struct core_error *err) CORE_MUST_CHECK;
void hpo_cmaes_choices_close(struct hpo_cmaes_choices *choices);
void hpo_cmaes_choices_reset(struct hpo_cmaes_choices *choices); /* uniform again */
/* Draws one choice a parameter into drawn[n]. */
void hpo_cmaes_choices_draw(const double *p, const struct hpo_cmaes_choices *choices,
                            struct core_rng *rng, size_t *drawn);
/* Moves the probabilities towards the choices of n_rows samples, rows[i][n], weighted. */
void hpo_cmaes_choices_update(struct hpo_cmaes_choices *choices, const size_t *const *rows,
                              const double *weights, size_t n_rows);
