/* SPDX-License-Identifier: GPL-3.0-or-later
 * Loops over rows that the compiler turns into vector instructions. Sums go by LANES partial sums in
 * a fixed order, whatever the width of the machine's vectors. */
#include "hpo/gp/kernel.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/compiler.h"

enum { BLOCK = 128, LANES = 8 };

/* exp(x) for x <= 0, within 2 units of the last place; below -700 as at -700. By x = k log 2 + r,
 * |r| <= log(2) / 2, and the Taylor polynomial of degree 13 in r; k comes from adding 1.5 * 2^52, which
 * leaves it in the low bits. */
static inline double exp_negative(double x) {
  static const double to_bits = 0x1.8p52, log2_high = 0x1.62e42fefa0000p-1,
                      log2_low = 0x1.cf79abc9e3b39p-40;
  x = x < -700 ? -700 : x;
  const double shifted = x * 0x1.71547652b82fep0 + to_bits;
  const double k = shifted - to_bits;
  const double r = (x - k * log2_high) - k * log2_low;
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r * r + r + 1;
  uint64_t bits, power;
  memcpy(&power, &shifted, sizeof power);
  memcpy(&bits, &p, sizeof bits);
  bits += power << 52;
  memcpy(&p, &bits, sizeof p);
  return p;
}

static inline bool is_categorical(const struct hpo_gp_kernel *kernel, size_t j) {
  return kernel->categorical != NULL && kernel->categorical[j];
}

/* 0 or 1. A product with it, not a choice: gcc 12 miscompiles a sum of choices for AVX2. */
static inline double differs(double a, double b) {
  return a != b;
}

/* squared[i] = r^2 of n <= BLOCK rows. */
static inline void distances(const struct hpo_gp_kernel *kernel, const double *columns,
                             size_t stride, size_t n, const double *x, double *restrict squared) {
  for (size_t i = 0; i < n; i++) squared[i] = 0;
  for (size_t j = 0; j < kernel->d; j++) {
    const double *restrict column = columns + j * stride;
    const double weight = kernel->weight[j], at = x[j];
    if (is_categorical(kernel, j)) {
      for (size_t i = 0; i < n; i++) squared[i] += weight * differs(column[i], at);
    } else {
      for (size_t i = 0; i < n; i++) {
        const double difference = at - column[i];
        squared[i] += weight * (difference * difference);
      }
    }
  }
}

CORE_VECTOR_CLONES
void hpo_gp_kernel_row(const struct hpo_gp_kernel *kernel, const double *columns, size_t stride,
                       size_t n, const double *x, double *restrict value, double *restrict slope) {
  const double signal = kernel->signal;
  for (size_t start = 0; start < n; start += BLOCK) {
    const size_t length = n - start < BLOCK ? n - start : BLOCK;
    double squared[BLOCK], shared[BLOCK];
    distances(kernel, columns + start, stride, length, x, squared);
    for (size_t i = 0; i < length; i++) {
      const double r = sqrt(squared[i]), decay = signal * exp_negative(-r);
      shared[i] = (1 + r) * decay * (1.0 / 3);
      value[start + i] = (1 + r + squared[i] * (1.0 / 3)) * decay;
    }
    if (slope != NULL) memcpy(slope + start, shared, length * sizeof *shared);
  }
}

static inline double sum_lanes(const double *lane) {
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

static inline double squares(const double *restrict column, const double *restrict t, size_t n,
                             double at) {
  double lane[LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (size_t l = 0; l < LANES; l++) {
      const double difference = at - column[i + l];
      lane[l] += t[i + l] * (difference * difference);
    }
  }
  for (; i < n; i++) rest += t[i] * ((at - column[i]) * (at - column[i]));
  return sum_lanes(lane) + rest;
}

static inline double products(const double *restrict column, const double *restrict other,
                              const double *restrict t, size_t n, double at, double other_at) {
  double lane[LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++)
      lane[l] += t[i + l] * ((at - column[i + l]) * (other_at - other[i + l]));
  for (; i < n; i++) rest += t[i] * ((at - column[i]) * (other_at - other[i]));
  return sum_lanes(lane) + rest;
}

static inline double mismatches(const double *restrict column, const double *restrict t, size_t n,
                                double at) {
  double lane[LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) lane[l] += t[i + l] * differs(column[i + l], at);
  for (; i < n; i++) rest += t[i] * differs(column[i], at);
  return sum_lanes(lane) + rest;
}

static inline double differences(const double *restrict column, const double *restrict t, size_t n,
                                 double at) {
  double lane[LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (size_t l = 0; l < LANES; l++) lane[l] += t[i + l] * (at - column[i + l]);
  for (; i < n; i++) rest += t[i] * (at - column[i]);
  return sum_lanes(lane) + rest;
}

CORE_VECTOR_CLONES
void hpo_gp_kernel_add_squares(const struct hpo_gp_kernel *kernel, const double *columns,
                               size_t stride, size_t n, const double *x, const double *t,
                               double *sums) {
  for (size_t j = 0; j < kernel->d; j++)
    sums[j] += is_categorical(kernel, j) ? mismatches(columns + j * stride, t, n, x[j])
                                         : squares(columns + j * stride, t, n, x[j]);
}

CORE_VECTOR_CLONES
void hpo_gp_kernel_add_products(const struct hpo_gp_kernel *kernel, const double *columns,
                                const double *bys, size_t stride, size_t n, const double *x,
                                const double *by, const double *t, double *sums) {
  for (size_t j = 0; j < kernel->d; j++)
    if (!is_categorical(kernel, j))
      sums[j] += products(columns + j * stride, bys + j * stride, t, n, x[j], by[j]);
}

CORE_VECTOR_CLONES
void hpo_gp_kernel_differences(const struct hpo_gp_kernel *kernel, const double *columns,
                               size_t stride, size_t n, const double *x, const double *t,
                               double *sums) {
  for (size_t j = 0; j < kernel->d; j++)
    sums[j] = is_categorical(kernel, j)
                  ? 0
                  : kernel->weight[j] * differences(columns + j * stride, t, n, x[j]);
}

CORE_VECTOR_CLONES
void hpo_gp_kernel_derivative(const struct hpo_gp_kernel *kernel, size_t j, const double *columns,
                              size_t stride, size_t n, const double *x,
                              const double *restrict slope, double *restrict term) {
  const double *restrict column = columns + j * stride;
  const double weight = is_categorical(kernel, j) ? 0 : kernel->weight[j], at = x[j];
  for (size_t i = 0; i < n; i++) term[i] = -slope[i] * (weight * (at - column[i]));
}
