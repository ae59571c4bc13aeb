/* SPDX-License-Identifier: GPL-3.0-or-later
 * The logarithm of the expected improvement, which stays informative where the improvement itself
 * is too small for a double. Ament et al., "Unexpected improvements to expected improvement for
 * Bayesian optimization", NeurIPS 2023 (arXiv 2310.20708).
 *
 *   h(z) = phi(z) + z Phi(z);   EI = sigma h(z), z = (best - mean) / sigma, smaller is better.
 *
 * Error of hpo_log_h: below 1e-13 of its value for every finite z, beside 1e-16 absolute where it
 * crosses 0. NaN in gives NaN out. */
#pragma once

/* log h(z). *slope (may be NULL) is its derivative, Phi(z) / h(z). -inf below about -1.3e154. */
double hpo_log_h(double z, double *slope);

/* log EI below `best` of N(mean, sigma^2), sigma > 0; dmean and dsigma are its derivatives. */
double hpo_logei(double best, double mean, double sigma, double *dmean, double *dsigma);
