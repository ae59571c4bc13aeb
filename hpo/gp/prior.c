/* SPDX-License-Identifier: GPL-3.0-or-later
 * Priors on theta. Hvarfner, Hellsten & Nardi (2402.02229) take LogNormal(sqrt 2 + log(d) / 2,
 * sqrt 3) for a length-scale; as a density of the log its mode is where the density of the
 * length-scale itself has its own, sqrt 2 + log(d) / 2 - 3. Around that mode the prior here is
 * narrower, since from few points a fit sees differences between length-scales that are not there,
 * and has Student's tails, since some parameters do nothing. */
#include <math.h>

#include "hpo/gp/model_state.h"

#define LOG_LENGTH_LOW  (-5.3) /* 0.005: a two-hundredth of the cube      */
#define LOG_LENGTH_HIGH 6.9    /* 1000: as good as without this feature  */
#define TAILS           3.0    /* of length-scales: one that does nothing may be very long */
#define LOG_SIGNAL_LOW  (-7)
#define LOG_SIGNAL_HIGH 9
#define LOG_NOISE_HIGH  2
#define LOG_WARP_MOST   2.3 /* 10 and 1/10 */
#define NOISE_START     0.1 /* see hpo_gp_theta_default */

struct hpo_gp_prior hpo_gp_prior_default(size_t d) {
  return (struct hpo_gp_prior){
      .length_mean = sqrt(2) + 0.5 * log((double)(d > 0 ? d : 1)) - 3,
      .length_sd = 1,
      .signal_mean = 0,
      .signal_sd = 1.5,
      .noise_mean = log(1e-4),
      .noise_sd = 3,
      .noise_floor = 1e-6,
      .warp_sd = 0.75,
  };
}

size_t hpo_gp_theta_size(const struct hpo_gp_shape *shape) {
  return shape->d + 2 + (shape->warpable != NULL ? 2 * shape->d : 0);
}

void hpo_gp_theta_default(const struct hpo_gp_shape *shape, double *theta) {
  const struct hpo_gp_prior *prior = &shape->prior;
  const double floor = log(prior->noise_floor);
  for (size_t j = 0; j < shape->d; j++) theta[j] = prior->length_mean;
  theta[shape->d] = prior->signal_mean;
  theta[shape->d + 1] = prior->noise_fixed ? floor : fmax(log(NOISE_START), floor);
  for (size_t j = shape->d + 2; j < hpo_gp_theta_size(shape); j++) theta[j] = 0;
}

void hpo_gp_theta_bounds(const struct hpo_gp_shape *shape, double *low, double *high) {
  const size_t d = shape->d;
  for (size_t j = 0; j < d; j++) {
    low[j] = LOG_LENGTH_LOW;
    high[j] = LOG_LENGTH_HIGH;
  }
  low[d] = LOG_SIGNAL_LOW;
  high[d] = LOG_SIGNAL_HIGH;
  low[d + 1] = log(shape->prior.noise_floor);
  high[d + 1] = shape->prior.noise_fixed ? low[d + 1] : fmax(LOG_NOISE_HIGH, low[d + 1]);
  for (size_t j = 0; shape->warpable != NULL && j < 2 * d; j++) {
    high[d + 2 + j] = shape->warpable[j % d] ? LOG_WARP_MOST : 0;
    low[d + 2 + j] = -high[d + 2 + j];
  }
}

static double log_normal(double x, double mean, double sd, double *gradient) {
  const double z = (x - mean) / sd;
  if (gradient != NULL) *gradient += -z / sd;
  return -0.5 * z * z;
}

/* Student's density of TAILS degrees of freedom. */
static double log_student(double x, double mean, double sd, double *gradient) {
  const double z = (x - mean) / sd, rest = 1 + z * z / TAILS;
  if (gradient != NULL) *gradient += -(TAILS + 1) / TAILS * z / (sd * rest);
  return -0.5 * (TAILS + 1) * log(rest);
}

/* Up to a constant. Adds its gradient. */
double hpo_gp_log_prior(const struct hpo_gp_shape *shape, bool warps, const double *theta,
                        double *gradient) {
  const struct hpo_gp_prior *prior = &shape->prior;
  const size_t d = shape->d;
  double sum = 0;
  for (size_t j = 0; j < d; j++)
    sum += log_student(theta[j], prior->length_mean, prior->length_sd,
                       gradient != NULL ? gradient + j : NULL);
  sum += log_normal(theta[d], prior->signal_mean, prior->signal_sd,
                    gradient != NULL ? gradient + d : NULL);
  sum += log_normal(theta[d + 1], prior->noise_mean, prior->noise_sd,
                    gradient != NULL ? gradient + d + 1 : NULL);
  for (size_t j = d + 2; warps && j < hpo_gp_theta_size(shape); j++)
    sum += log_normal(theta[j], 0, prior->warp_sd, gradient != NULL ? gradient + j : NULL);
  return sum;
}
