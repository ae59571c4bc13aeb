/* SPDX-License-Identifier: GPL-3.0-or-later
 * Four doubles at a time, and the elementary functions that inner loops need on them. Every step is
 * one IEEE operation on each lane (the build forbids contraction), so a function compiled for a
 * wider machine (CORE_LANES_CLONES) gives the same bits, only sooner. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wpsabi" /* how lanes are passed: they never are, all is inlined */
typedef double core_lanes __attribute__((vector_size(32)));
typedef int64_t core_lanes_mask __attribute__((vector_size(32))); /* 0 or -1 a lane */
enum { CORE_LANES = 4 };

/* Before a function: compiled for AVX2 too, chosen when the program is loaded. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__GNUC__) &&        \
    !defined(__clang__) && !defined(SWEEPGATE_SANITIZED)
#define CORE_LANES_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CORE_LANES_CLONES
#endif
#define CORE_LANES_INLINE static inline __attribute__((always_inline))

CORE_LANES_INLINE core_lanes core_lanes_load(const double *from) {
  core_lanes x;
  memcpy(&x, from, sizeof x);
  return x;
}

CORE_LANES_INLINE void core_lanes_store(double *to, core_lanes x) {
  memcpy(to, &x, sizeof x);
}

CORE_LANES_INLINE core_lanes core_lanes_all(double x) {
  const core_lanes all = {x, x, x, x};
  return all;
}

/* Lane by lane: where the mask is set `a`, elsewhere `b`. */
CORE_LANES_INLINE core_lanes core_lanes_choose(core_lanes_mask mask, core_lanes a, core_lanes b) {
  return (core_lanes)((mask & (core_lanes_mask)a) | (~mask & (core_lanes_mask)b));
}

/* `b` where `a` is NaN. */
CORE_LANES_INLINE core_lanes core_lanes_max(core_lanes a, core_lanes b) {
  return core_lanes_choose(a > b, a, b);
}

CORE_LANES_INLINE core_lanes core_lanes_min(core_lanes a, core_lanes b) {
  return core_lanes_choose(a < b, a, b);
}

/* exp(x); 0 below -708, exp(709) above 709. x = k log 2 + r with |r| <= log(2)/2, Taylor's series of
 * exp(r) to r^13. Relative error below 4e-16. */
CORE_LANES_INLINE core_lanes core_lanes_exp(core_lanes x) {
  static const double inverse_factorial[] = {1.0 / 6227020800,
                                             1.0 / 479001600,
                                             1.0 / 39916800,
                                             1.0 / 3628800,
                                             1.0 / 362880,
                                             1.0 / 40320,
                                             1.0 / 5040,
                                             1.0 / 720,
                                             1.0 / 120,
                                             1.0 / 24,
                                             1.0 / 6,
                                             0.5,
                                             1.0,
                                             1.0};
  const core_lanes rounder = core_lanes_all(0x1.8p52); /* adding it rounds to an integer */
  const core_lanes_mask kept = x > -708.0;
  x = core_lanes_min(core_lanes_choose(kept, x, core_lanes_all(0)), core_lanes_all(709));
  const core_lanes shifted = x * 1.4426950408889634 + rounder, k = shifted - rounder;
  const core_lanes r = (x - k * 0x1.62e42fefa38p-1) - k * 0x1.ef35793c7673p-45;
  core_lanes sum = core_lanes_all(inverse_factorial[0]);
  for (size_t i = 1; i < sizeof inverse_factorial / sizeof *inverse_factorial; i++)
    sum = sum * r + inverse_factorial[i];
  const core_lanes_mask exponent = (core_lanes_mask)shifted - (core_lanes_mask)rounder;
  const core_lanes power = (core_lanes)((exponent + 1023) << 52);
  return core_lanes_choose(kept, sum * power, core_lanes_all(0));
}

/* log(x) for positive normal x. x = 2^k m with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh(s) with
 * s = (m - 1)/(m + 1), series to s^23. Absolute error below 2e-16 max(1, |log x|). */
CORE_LANES_INLINE core_lanes core_lanes_log(core_lanes x) {
  const core_lanes_mask bits = (core_lanes_mask)x;
  const core_lanes_mask offset = bits - 0x3fe6a09e667f3bcd; /* the bits of sqrt(1/2) */
  const core_lanes_mask k = offset >> 52;
  const core_lanes m = (core_lanes)(bits - (k << 52));
  const core_lanes s = (m - 1.0) / (m + 1.0), s2 = s * s;
  core_lanes sum = core_lanes_all(1.0 / 23);
  for (int i = 21; i >= 3; i -= 2) sum = sum * s2 + 1.0 / i;
  /* |k| is small: as a double by way of the integers beyond 2^52 */
  const core_lanes rounder = core_lanes_all(0x1.8p52);
  const core_lanes exponent = (core_lanes)((core_lanes_mask)rounder + k) - rounder;
  const core_lanes twice = s + s;
  return exponent * 0x1.62e42fefa38p-1 +
         (twice + (twice * s2 * sum + exponent * 0x1.ef35793c7673p-45));
}

/* Mills' ratio (1 - Phi(t)) / phi(t) for t >= 0. (t + 1) times it is a polynomial in u =
 * (t - 4)/(t + 4), the Chebyshev series to degree 21 (the form of Shepherd and Laframboise, Math.
 * Comp. 36, 1981). Relative error below 5e-15. */
CORE_LANES_INLINE core_lanes core_lanes_mills(core_lanes t) {
  static const double even[] = {
      2.24134225042359366e-08,  -2.25681395775397622e-07, 1.31266635243628895e-06,
      -6.49032701590412529e-06, 3.41258087024632066e-05,  -2.20204409887211487e-04,
      1.74184640996805887e-03,  -1.25391033277381450e-02, -8.07080096976684203e-02,
      3.50918802352104611e-02,  1.18326191456780139e+00};
  static const double odd[] = {
      3.97508628160331565e-09,  -2.05792308932452871e-08, -3.78282380309332820e-08,
      1.05056075158084033e-06,  -8.62431301371150031e-06, 5.32739011379915208e-05,
      -2.36703460438650207e-04, -7.15950650042082907e-04, 4.49591290557996640e-02,
      7.16904812022555182e-02,  -2.42399670521817406e-01};
  const core_lanes u = (t - 4.0) / (t + 4.0), u2 = u * u;
  core_lanes p = core_lanes_all(even[0]), q = core_lanes_all(odd[0]);
  for (size_t i = 1; i < sizeof even / sizeof *even; i++) {
    p = p * u2 + even[i];
    q = q * u2 + odd[i];
  }
  return (p + u * q) / (t + 1.0);
}

/* Phi(z). Absolute error below 1e-15. */
CORE_LANES_INLINE core_lanes core_lanes_normal_cdf(core_lanes z) {
  const core_lanes far = core_lanes_max(z, -z);
  const core_lanes tail =
      0.3989422804014327 * core_lanes_exp(-0.5 * far * far) * core_lanes_mills(far);
  return core_lanes_choose(z < 0.0, tail, 1.0 - tail);
}

/* Phi's inverse for p within 0.425 of a half, where it is q times a ratio of polynomials in q^2,
 * q = p - 1/2 (Wichura's AS 241, Appl. Statist. 37, 1988). Relative error below 1e-15. */
#define CORE_LANES_CENTRAL 0.425
CORE_LANES_INLINE core_lanes core_lanes_central_quantile(core_lanes q) {
  static const double above[] = {2.5090809287301226727e3, 3.3430575583588128105e4,
                                 6.7265770927008700853e4, 4.5921953931549871457e4,
                                 1.3731693765509461125e4, 1.9715909503065514427e3,
                                 1.3314166789178437745e2, 3.3871328727963666080};
  static const double below[] = {5.2264952788528545610e3, 2.8729085735721942674e4,
                                 3.9307895800092710610e4, 2.1213794301586595867e4,
                                 5.3941960214247511077e3, 6.8718700749205790830e2,
                                 4.2313330701600911252e1, 1};
  const core_lanes r = CORE_LANES_CENTRAL * CORE_LANES_CENTRAL - q * q;
  core_lanes a = core_lanes_all(above[0]), b = core_lanes_all(below[0]);
  for (size_t i = 1; i < sizeof above / sizeof *above; i++) {
    a = a * r + above[i];
    b = b * r + below[i];
  }
  return q * a / b;
}

/* log of the mean of sqrt(2 pi) phi over [a, b], a < b: log((Phi(b) - Phi(a)) sqrt(2 pi)/(b - a)).
 * Between like signs by Mills' ratios at both ends, scaled by phi at the nearer one, so that no tail
 * is too far; across 0 by what the tails leave; a narrow interval by the series in its half width.
 * Absolute error below 1e-11 where the result is above -100. */
CORE_LANES_INLINE core_lanes core_lanes_log_normal_mean(core_lanes a, core_lanes b) {
  const core_lanes zero = core_lanes_all(0), width = b - a;
  const core_lanes left = core_lanes_max(a, -a), right = core_lanes_max(b, -b);
  const core_lanes near = core_lanes_min(left, right), far = core_lanes_max(left, right);
  const core_lanes_mask across = (a < zero) & (b > zero), narrow = width < 5e-3;
  const core_lanes near_exponent = -0.5 * near * near;
  const core_lanes near_tail = core_lanes_mills(near);
  const core_lanes far_tail =
      core_lanes_mills(far) * core_lanes_exp(-0.5 * (far - near) * (far + near));
  const core_lanes whole = core_lanes_all(2.5066282746310002); /* sqrt(2 pi) */
  const core_lanes beside = near_tail - far_tail;
  const core_lanes around = whole - core_lanes_exp(near_exponent) * (near_tail + far_tail);
  core_lanes mean = core_lanes_choose(across, around, beside) / width;
  core_lanes exponent = core_lanes_choose(across, zero, near_exponent);
  const core_lanes middle = 0.5 * (a + b), h2 = 0.25 * width * width, m2 = middle * middle;
  const core_lanes sixth = ((m2 - 15.0) * m2 + 45.0) * m2 - 15.0;
  const core_lanes fourth = (m2 - 6.0) * m2 + 3.0;
  const core_lanes series =
      1.0 + h2 * ((m2 - 1.0) * (1.0 / 6) + h2 * (fourth * (1.0 / 120) + h2 * sixth * (1.0 / 5040)));
  mean = core_lanes_choose(narrow, series, mean);
  exponent = core_lanes_choose(narrow, -0.5 * m2, exponent);
  return exponent + core_lanes_log(core_lanes_max(mean, core_lanes_all(0x1p-1022)));
}
