/* SPDX-License-Identifier: GPL-3.0-or-later
 * The covariance matrix adaptation evolution strategy itself, over R^n: a normal distribution that
 * moves by the ranks of its samples. Knows no trial, no space and no random numbers. Hansen, "The
 * CMA Evolution Strategy: A Tutorial", arXiv 1604.00772, with active weights; the separable
 * variant is Ros & Hansen, PPSN 2008; limits for points that were not sampled here, Hansen, arXiv
 * 1110.4181.
 *
 * x = mean + sigma * stretch .* (B D z),   z ~ N(0, I),   C = B D^2 B'
 *
 * `stretch` is 1 unless somebody widens a coordinate from outside (cmaes_margin.h). */
#pragma once
#include "core/mem.h"
#include <stdbool.h>
#include <stdint.h>

struct hpo_cmaes_rates {
  double mu_eff;           /* variance-effective selection mass */
  double c_sigma, d_sigma; /* step size path: rate, damping */
  double c_path;           /* covariance path: rate */
  double c_one, c_mu;      /* covariance: rates of the rank-one and rank-mu updates */
  double chi;              /* E |N(0, I)| */
};

struct hpo_cmaes {
  size_t n;      /* dimensions; 0 is possible */
  size_t lambda; /* samples of a generation, at least 3 */
  bool separable;
  struct hpo_cmaes_rates rates;
  double *weights; /* lambda; the first half positive with sum 1, then negative */
  /* the distribution */
  double sigma;
  double *mean, *stretch;
  double *cov;   /* C: n x n, symmetric; separable: its diagonal */
  double *basis; /* eigenvector k of C is basis[k * n ..]; NULL when separable */
  double *axis;  /* D: square roots of the eigenvalues; separable: standard deviations */
  double *path_sigma, *path_cov;
  uint64_t generation;            /* updates so far */
  double *steps, *lengths, *work; /* scratch: lambda x n; lambda; 3 n */
  struct core_arena arena;
};

/* One sample of a generation. */
struct hpo_cmaes_sample {
  const double *x; /* n */
  bool foreign;    /* not drawn from the distribution at hand: its step is limited in length */
};

/* Samples of a generation by default: 4 + ln n, rounded. The usual 4 + 3 ln n reaches as far only
 * in thousands of samples; over hundreds, the shorter generations are ahead. */
size_t hpo_cmaes_population(size_t n);
/* Mean and sigma are set by the caller before use; C = I. */
enum core_status hpo_cmaes_open(struct hpo_cmaes *strategy, size_t n, size_t lambda, bool separable,
                                struct core_error *err) CORE_MUST_CHECK;
void hpo_cmaes_close(struct hpo_cmaes *strategy); /* accepts one that is all zeros */
/* Copies what a draw needs between strategies of the same n and kind. */
void hpo_cmaes_copy_distribution(struct hpo_cmaes *to, const struct hpo_cmaes *from);

/* The point that z[n] leads to; `x` may not overlap `z`. */
void hpo_cmaes_place(const struct hpo_cmaes *strategy, const double *z, double *x);
/* Moves the distribution by lambda samples, best first. A generation without finite steps, or whose
 * covariance has no decomposition, is CORE_INVAL: the strategy must then be opened anew. */
enum core_status hpo_cmaes_update(struct hpo_cmaes *strategy,
                                  const struct hpo_cmaes_sample *samples,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Standard deviation of coordinate j. */
double hpo_cmaes_deviation(const struct hpo_cmaes *strategy, size_t j);
/* Largest over smallest eigenvalue of C; 1 for n = 0. */
double hpo_cmaes_condition(const struct hpo_cmaes *strategy);
