/* SPDX-License-Identifier: GPL-3.0-or-later
 * On the left, the iterated integrals of the normal tail give a form without any cancellation. With
 * t = -z, I0(t) = phi(t), I1(t) = Phi(-t) and I2(t) = h(-t), each the integral of the one before
 * from t to infinity, integration by parts gives n I{n+1} = I{n-1} - t I{n}. So their quotients
 * q{n} = I{n} / I{n-1} follow q{n} = 1 / (t + n q{n+1}): a continued fraction of positive terms. */
#include "hpo/gp/logei.h"

#include <math.h>

/* Above, the direct form loses z^2 units in the last place at most, and the fraction would be long. */
#define SEAM (-6)

static const double log_sqrt_two_pi = 0.91893853320467274178;
static const double sqrt_half = 0.70710678118654752440;
static const double one_over_sqrt_two_pi = 0.39894228040143267794;

/* q1 = Phi(-t) / phi(t) and q2 = h(-t) / Phi(-t) for t >= 6. The fraction is cut at a quotient
 * whose fixed point q = 1 / (t + n q) is a good guess for it. */
static void tail_quotients(double t, double *q1, double *q2) {
  const int terms = t > 30 ? 6 : t > 10 ? 14 : 20;
  double q = 2 / (t + sqrt(t * t + 4.0 * terms));
  for (int n = terms; n >= 2; n--) q = 1 / (t + n * q);
  *q2 = q;
  *q1 = 1 / (t + q);
}

static double density(double z) {
  return one_over_sqrt_two_pi * exp(-0.5 * z * z);
}

static double direct_h(double z, double *cdf) {
  *cdf = 0.5 * erfc(-z * sqrt_half);
  return density(z) + z * *cdf;
}

double hpo_log_h(double z, double *slope) {
  if (z > SEAM) {
    double cdf;
    const double h = direct_h(z, &cdf);
    if (slope) *slope = cdf / h;
    return log(h);
  }
  double q1, q2;
  tail_quotients(-z, &q1, &q2);
  if (slope) *slope = 1 / q2;
  return -0.5 * z * z - log_sqrt_two_pi + log(q1) + log(q2);
}

double hpo_logei(double best, double mean, double sigma, double *dmean, double *dsigma) {
  const double z = (best - mean) / sigma;
  if (z > SEAM) {
    double cdf;
    const double h = direct_h(z, &cdf);
    *dmean = -cdf / (h * sigma);
    *dsigma = density(z) / (h * sigma); /* h - z Phi = phi */
    return log(h) + log(sigma);
  }
  double q1, q2;
  tail_quotients(-z, &q1, &q2);
  *dmean = -1 / (q2 * sigma);
  *dsigma = 1 / (q1 * q2 * sigma);
  return -0.5 * z * z - log_sqrt_two_pi + log(q1) + log(q2) + log(sigma);
}
