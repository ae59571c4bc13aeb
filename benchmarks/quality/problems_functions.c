/* SPDX-License-Identifier: GPL-3.0-or-later
 * Continuous test functions in their own coordinates, as published: Dixon & Szego (1978), Hartman
 * (1973), Rosenbrock (1960), Ackley (1987), Styblinski & Tang (1990), Levy & Montalvo (1985),
 * Schwefel (1981), Michalewicz (1992); ellipsoid and bent cigar as in COCO (Hansen, 2009). */
#include <math.h>

#include "benchmarks/quality/problems_private.h"

static const double pi = 3.14159265358979323846;

static double branin(const double *z, size_t n) {
  (void)n;
  const double b = 5.1 / (4 * pi * pi), c = 5 / pi, t = 1 / (8 * pi);
  const double valley = z[1] - b * z[0] * z[0] + c * z[0] - 6;
  return valley * valley + 10 * (1 - t) * cos(z[0]) + 10;
}
static const double branin_at[] = {3.14159265358979323846, 2.275};
const struct bench_function bench_branin = {
    .value = branin, .at = branin_at, .least = 0.39788735772973816};

static double hartmann6(const double *z, size_t n) {
  static const double height[4] = {1.0, 1.2, 3.0, 3.2};
  static const double a[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                 {0.05, 10, 17, 0.1, 8, 14},
                                 {3, 3.5, 1.7, 10, 17, 8},
                                 {17, 8, 0.05, 10, 0.1, 14}};
  static const double p[4][6] = {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
                                 {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
                                 {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
                                 {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
  double sum = 0;
  for (size_t i = 0; i < 4; i++) {
    double q = 0;
    for (size_t j = 0; j < n; j++) q += a[i][j] * (z[j] - p[i][j]) * (z[j] - p[i][j]);
    sum -= height[i] * exp(-q);
  }
  return sum;
}
static const double hartmann6_at[] = {0.20168951, 0.15001069, 0.47687398,
                                      0.27533243, 0.31165162, 0.65730053};
const struct bench_function bench_hartmann6 = {
    .value = hartmann6, .at = hartmann6_at, .least = -3.32236801141551};

static double styblinski(const double *z, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double s = z[i] * z[i];
    sum += s * s - 16 * s + 5 * z[i];
  }
  return sum / 2 + 39.16616570377142 * (double)n;
}
const struct bench_function bench_styblinski = {.value = styblinski, .at_each = -2.903534027771177};

static double levy(const double *z, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double w = z[i] / 4; /* of the optimum's neighbourhood: 1 + (x - 1) / 4 is 1 + w */
    const double s = i + 1 < n ? sin(pi * (1 + w) + 1) : sin(2 * pi * (1 + w));
    sum += w * w * (1 + (i + 1 < n ? 10 : 1) * s * s);
  }
  const double first = sin(pi * (1 + z[0] / 4));
  return sum + first * first;
}
const struct bench_function bench_levy = {.value = levy, .placed = true};

static double rosenbrock(const double *z, size_t n) {
  double sum = 0;
  for (size_t i = 0; i + 1 < n; i++) {
    const double valley = z[i + 1] - z[i] * z[i];
    sum += 100 * valley * valley + (1 - z[i]) * (1 - z[i]);
  }
  return sum;
}
const struct bench_function bench_rosenbrock = {.value = rosenbrock, .at_each = 1, .placed = true};

static double ellipsoid(const double *z, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += pow(1e6, (double)i / (double)(n - 1)) * z[i] * z[i];
  return sum;
}
const struct bench_function bench_ellipsoid = {.value = ellipsoid, .placed = true, .rotated = true};

static double bent_cigar(const double *z, size_t n) {
  double sum = 0;
  for (size_t i = 1; i < n; i++) sum += z[i] * z[i];
  return z[0] * z[0] + 1e4 * sum;
}
const struct bench_function bench_bent_cigar = {
    .value = bent_cigar, .placed = true, .rotated = true};

static double ackley(const double *z, size_t n) {
  double squares = 0, cosines = 0;
  for (size_t i = 0; i < n; i++) {
    squares += z[i] * z[i];
    cosines += cos(2 * pi * z[i]);
  }
  return -20 * exp(-0.2 * sqrt(squares / (double)n)) - exp(cosines / (double)n) + 20 + exp(1);
}
const struct bench_function bench_ackley = {.value = ackley, .placed = true};

static double rastrigin(const double *z, size_t n) {
  double sum = 10 * (double)n;
  for (size_t i = 0; i < n; i++) sum += z[i] * z[i] - 10 * cos(2 * pi * z[i]);
  return sum;
}
const struct bench_function bench_rastrigin = {.value = rastrigin, .placed = true};

static double schwefel(const double *z, size_t n) {
  double sum = 418.98288727243374 * (double)n;
  for (size_t i = 0; i < n; i++) {
    const double beyond = fmax(fabs(z[i]) - 500, 0); /* its published box, which may be moved out */
    const double inside = fmin(fmax(z[i], -500), 500);
    sum += beyond * beyond - inside * sin(sqrt(fabs(inside)));
  }
  return sum;
}
const struct bench_function bench_schwefel = {.value = schwefel, .at_each = 420.968746};

static double michalewicz(const double *z, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum -= sin(z[i]) * pow(sin((double)(i + 1) * z[i] * z[i] / pi), 20);
  return sum;
}
static const double michalewicz_at[] = {2.20290552, 1.57079633, 1.28499157, 1.92305847, 1.72046977};
const struct bench_function bench_michalewicz = {
    .value = michalewicz, .at = michalewicz_at, .least = -4.687658179};

/* Ten to the power of a rotated quadratic form that levels out: from 1e-6 to 1e6 on [0, 1]^n. */
static double powers(const double *z, size_t n) {
  double sum = 0, weights = 0;
  for (size_t i = 0; i < n; i++) {
    const double weight = pow(10, (double)i / (double)(n - 1));
    sum += weight * z[i] * z[i];
    weights += weight;
  }
  return pow(10, 6 - 12 * exp(-12 * sum / weights));
}
const struct bench_function bench_powers = {
    .value = powers, .least = 1e-6, .placed = true, .rotated = true};

static double sphere(const double *z, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += z[i] * z[i];
  return sum;
}
const struct bench_function bench_sphere = {.value = sphere, .placed = true};
