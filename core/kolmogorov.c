/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/kolmogorov.h"

#include "core/mem.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define MATRIX_MAX 2000 /* beyond, the power of a matrix takes too long */
#define PI         3.14159265358979323846

/* d * sum over j of C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j): all terms are positive. */
double core_smirnov_sf(size_t n, double d) {
  const double count = (double)n;
  double sum = 0;
  if (n == 0 || isnan(d)) return (double)NAN;
  if (d <= 0) return 1;
  if (d >= 1) return 0;
  const double log_n = lgamma(count + 1);
  for (size_t j = 0; (double)j <= count * (1 - d); j++) {
    const double at = (double)j, below = d + at / count, above = 1 - below;
    if (above <= 0) {
      sum += j == n ? exp((at - 1) * log(below)) : 0;
      continue;
    }
    sum += exp(log_n - lgamma(at + 1) - lgamma(count - at + 1) + (at - 1) * log(below) +
               (count - at) * log(above));
  }
  const double p = d * sum;
  return p < 1 ? p : 1;
}

/* ---- the matrix power ---- */

struct power {
  double *h, *v, *t; /* m x m each */
  size_t m;
};

static void multiply(const double *a, const double *b, double *out, size_t m) {
  memset(out, 0, m * m * sizeof *out);
  for (size_t i = 0; i < m; i++)
    for (size_t k = 0; k < m; k++)
      for (size_t j = 0; j < m; j++) out[i * m + j] += a[i * m + k] * b[k * m + j];
}

/* Divided by 1e140 when the middle grows beyond it. */
static void scale(double *a, size_t m, int *exponent) {
  if (a[(m / 2) * m + m / 2] < 1e140) return;
  for (size_t i = 0; i < m * m; i++) a[i] *= 1e-140;
  *exponent += 140;
}

static void fill(const struct power *p, double rest) {
  const size_t m = p->m;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < m; j++) p->h[i * m + j] = i + 1 >= j ? 1 : 0;
  for (size_t i = 0; i < m; i++) {
    p->h[i * m] -= pow(rest, (double)i + 1);
    p->h[(m - 1) * m + i] -= pow(rest, (double)(m - i));
  }
  p->h[(m - 1) * m] += 2 * rest - 1 > 0 ? pow(2 * rest - 1, (double)m) : 0;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j <= i + 1 && j < m; j++)
      if (i + 1 > j) p->h[i * m + j] /= tgamma((double)(i + 1 - j) + 1);
}

/* h to the n by squaring; the result is left in v, times 10^exponent. */
static int raise(struct power *p, size_t n) {
  const size_t m = p->m;
  int of_h = 0, of_v = 0;
  memset(p->v, 0, m * m * sizeof *p->v);
  for (size_t i = 0; i < m; i++) p->v[i * m + i] = 1;
  for (; n; n >>= 1) {
    if (n & 1) {
      multiply(p->v, p->h, p->t, m);
      memcpy(p->v, p->t, m * m * sizeof *p->v);
      of_v += of_h;
      scale(p->v, m, &of_v);
    }
    multiply(p->h, p->h, p->t, m);
    memcpy(p->h, p->t, m * m * sizeof *p->h);
    of_h *= 2;
    scale(p->h, m, &of_h);
  }
  return of_v;
}

/* P(D_n < d); NaN when memory ran out. */
static double cdf_matrix(size_t n, double d) {
  const double nd = (double)n * d;
  const size_t k = (size_t)nd + 1, m = 2 * k - 1;
  double *memory = core_calloc(3 * m * m, sizeof *memory);
  if (!memory) return (double)NAN;
  struct power p = {memory, memory + m * m, memory + 2 * m * m, m};
  fill(&p, (double)k - nd);
  const int exponent = raise(&p, n);
  double log_p = log(p.v[(k - 1) * m + k - 1]) + exponent * log(10.0);
  log_p += lgamma((double)n + 1) - (double)n * log((double)n);
  core_free(memory);
  return exp(log_p);
}

/* ---- the limit ---- */

/* Kolmogorov's limit at a shifted argument: J. Vrbik, "Small-sample corrections to Kolmogorov-Smirnov test statistic",
 * Pioneer J. Theor. Appl. Stat. 15 (2018). 1 - 2 sum (-1)^(k-1) exp(-2 k^2 x^2), or its theta transform for small x. */
static double sf_limit(size_t n, double d) {
  const double root = sqrt((double)n), x0 = d * root;
  const double x = x0 + 1 / (6 * root) + (x0 - 1) / (4 * (double)n);
  double sum = 0;
  if (x < 1) {
    for (int k = 1; k < 20; k += 2) sum += exp(-PI * PI * k * k / (8 * x * x));
    return 1 - sqrt(2 * PI) / x * sum;
  }
  for (int k = 1; k < 20; k++) sum += (k % 2 ? 1 : -1) * exp(-2.0 * k * k * x * x);
  return 2 * sum;
}

/* ---- which of them ---- */

double core_kolmogorov_sf(size_t n, double d) {
  const double count = (double)n, nd = count * d, nd2 = nd * d;
  if (n == 0 || isnan(d)) return (double)NAN;
  if (d >= 1) return 0;
  if (nd <= 0.5) return 1;
  if (nd <= 1) /* Ruben & Gambino: the values lie one in each of n equal parts */
    return 1 - exp(lgamma(count + 1) - count * log(count) + count * log(2 * nd - 1));
  if (nd >= count - 1) return 2 * pow(1 - d, count);
  if (d >= 0.5) return 2 * core_smirnov_sf(n, d);
  const bool tail = n <= 140 ? nd2 > 4 : nd2 >= 2.2;
  if (tail) return nd2 >= 370 ? 0 : 2 * core_smirnov_sf(n, d);
  const double p = n <= MATRIX_MAX ? 1 - cdf_matrix(n, d) : sf_limit(n, d);
  return p < 0 ? 0 : p > 1 ? 1 : p;
}
