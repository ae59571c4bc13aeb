/* SPDX-License-Identifier: GPL-3.0-or-later
 * GSL's generators leave out the origin; here it is point 0, so that the first 2^k Sobol points are a net. Nested
 * scrambling (Owen 1995) keeps that property, and unlike a mere shift it breaks the alignment of coordinates whose first
 * few points move together, which the many dimensions of a short sequence have. */
#include "core/qmc.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_qrng.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"

#define SOBOL_DIGITS 30 /* binary digits of GSL's Sobol points */
static const double sobol_scale = (double)(1u << SOBOL_DIGITS);

struct core_qmc {
  enum core_qmc_kind kind;
  size_t dim;
  gsl_qrng *generator;
  uint64_t given; /* points taken from the generator: it gives point number given + 1 next */
  double *last;   /* the latest of them, as it came */
  bool scramble;
  uint64_t *keys; /* one a coordinate, from the seed */
};

static enum core_status qmc_fill(struct core_qmc *qmc, bool scramble, uint64_t seed,
                                 struct core_error *err) {
  const bool sobol = qmc->kind == CORE_QMC_SOBOL;
  /* GSL would end the process on an error; this switch is the library's own, and it is only ever turned off. */
  gsl_set_error_handler_off();
  qmc->generator = gsl_qrng_alloc(sobol ? gsl_qrng_sobol : gsl_qrng_halton, (unsigned)qmc->dim);
  qmc->last = core_calloc(qmc->dim, sizeof *qmc->last);
  qmc->keys = core_calloc(qmc->dim, sizeof *qmc->keys);
  qmc->scramble = scramble;
  if (!qmc->generator || !qmc->last || !qmc->keys)
    return core_fail_nomem(err, qmc->dim * sizeof *qmc->last);
  struct core_rng rng;
  core_rng_init(&rng, seed, 0, CORE_RNG_SAMPLER);
  for (size_t i = 0; i < qmc->dim; i++) qmc->keys[i] = core_rng_u64(&rng);
  return CORE_OK;
}

enum core_status core_qmc_open(enum core_qmc_kind kind, size_t dim, bool scramble, uint64_t seed,
                               struct core_qmc **out, struct core_error *err) {
  const size_t dim_max = kind == CORE_QMC_SOBOL ? CORE_QMC_SOBOL_MAX_DIM : CORE_QMC_HALTON_MAX_DIM;
  if (dim == 0 || dim > dim_max) {
    return core_fail(err, CORE_LIMIT, "%s points have 1 to %zu dimensions, not %zu",
                     kind == CORE_QMC_SOBOL ? "Sobol" : "Halton", dim_max, dim);
  }
  struct core_qmc *qmc = core_calloc(1, sizeof *qmc);
  if (!qmc) return core_fail_nomem(err, sizeof *qmc);
  qmc->kind = kind;
  qmc->dim = dim;
  const enum core_status status = qmc_fill(qmc, scramble, seed, err);
  if (status != CORE_OK) {
    core_qmc_close(qmc);
    return status;
  }
  *out = qmc;
  return CORE_OK;
}

/* Finalizer of splitmix64 (Steele et al., OOPSLA 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

static double to_unit(uint64_t bits) {
  return (double)(bits >> 11) * 0x1p-53;
}

/* Each digit is turned or not by a coin that belongs to the digits before it; the place within the last digit's cell is
 * drawn. */
static double scramble_digits(double x, uint64_t key) {
  const uint32_t digits = (uint32_t)(x * sobol_scale); /* exact */
  uint32_t turned = 0;
  for (int bit = SOBOL_DIGITS - 1; bit >= 0; bit--) {
    const uint64_t before = (UINT64_C(1) << SOBOL_DIGITS | digits) >> (bit + 1);
    turned |= ((digits >> bit ^ (uint32_t)(mix(key + before) >> 63)) & 1u) << bit;
  }
  return (turned + to_unit(mix(~key - digits))) / sobol_scale;
}

static double shift_modulo(double x, double shift) {
  const double sum = x + shift;
  return sum < 1 ? sum : sum - 1;
}

static double scrambled(const struct core_qmc *qmc, size_t i) {
  if (!qmc->scramble) return qmc->last[i];
  return qmc->kind == CORE_QMC_SOBOL ? scramble_digits(qmc->last[i], qmc->keys[i])
                                     : shift_modulo(qmc->last[i], to_unit(qmc->keys[i]));
}

enum core_status core_qmc_point(struct core_qmc *qmc, uint64_t index, double *x,
                                struct core_error *err) {
  if (qmc->kind == CORE_QMC_SOBOL && index >= (uint64_t)sobol_scale) {
    return core_fail(err, CORE_LIMIT, "there are 2^30 Sobol points, no number %llu",
                     (unsigned long long)index);
  }
  if (index < qmc->given) {
    gsl_qrng_init(qmc->generator);
    qmc->given = 0;
    memset(qmc->last, 0, qmc->dim * sizeof *qmc->last);
  }
  for (; qmc->given < index; qmc->given++) gsl_qrng_get(qmc->generator, qmc->last);
  for (size_t i = 0; i < qmc->dim; i++) x[i] = scrambled(qmc, i);
  return CORE_OK;
}

void core_qmc_close(struct core_qmc *qmc) {
  if (!qmc) return;
  if (qmc->generator) gsl_qrng_free(qmc->generator);
  core_free(qmc->last);
  core_free(qmc->keys);
  core_free(qmc);
}
