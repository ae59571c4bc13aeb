/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/plateau.h"

#include <math.h>
#include <stdlib.h>

#include "core/stats.h"

#define NEIGHBOURS 8
#define LEAST_LOG  (-1e3) /* at a row itself */

struct neighbour {
  double distance2;
  size_t row;
};

/* The squared distance, or anything that is not below `limit`. */
static double distance2(const struct hpo_plateau *p, const double *a, const double *b,
                        double limit) {
  double sum = 0;
  for (size_t j = 0; j < p->d && sum < limit; j++) {
    const double step = p->categorical[j] ? a[j] != b[j] : a[j] - b[j];
    sum += p->weight[j] * step * step;
  }
  return sum;
}

/* The nearest rows of row i, nearest first; their number. */
static size_t find_neighbours(const struct hpo_plateau *p, size_t i,
                              struct neighbour nearest[NEIGHBOURS]) {
  size_t n = 0;
  for (size_t k = 0; k < p->n; k++) {
    const double limit = n < NEIGHBOURS ? INFINITY : nearest[n - 1].distance2;
    const double r2 = distance2(p, p->rows + i * p->d, p->rows + k * p->d, limit);
    if (k == i || !(r2 < limit)) continue;
    size_t at = n < NEIGHBOURS ? n++ : n - 1;
    for (; at > 0 && r2 < nearest[at - 1].distance2; at--) nearest[at] = nearest[at - 1];
    nearest[at] = (struct neighbour){r2, k};
  }
  return n;
}

static double reach2_of(const struct hpo_plateau *p, const double *values, size_t i) {
  struct neighbour nearest[NEIGHBOURS];
  for (size_t k = find_neighbours(p, i, nearest); k-- > 0;)
    if (values[nearest[k].row] == values[i]) return nearest[k].distance2;
  return 0;
}

/* The values that are numbers, ascending; their number. */
static size_t sort_values(const double *values, size_t n, double *sorted) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++)
    if (!isnan(values[i])) sorted[m++] = values[i];
  core_sort_doubles(sorted, m);
  return m;
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static bool is_in(const double *sorted, size_t n, double value) {
  return !isnan(value) && bsearch(&value, sorted, n, sizeof *sorted, by_value) != NULL;
}

/* Keeps one of each value that stands more than once. */
static size_t keep_repeated(double *sorted, size_t m) {
  size_t kept = 0;
  for (size_t i = 1; i < m; i++)
    if (sorted[i] == sorted[i - 1] && (kept == 0 || sorted[kept - 1] != sorted[i]))
      sorted[kept++] = sorted[i];
  return kept;
}

static void set_weights(struct hpo_plateau *p, const double *scales) {
  for (size_t j = 0; j < p->d; j++) {
    const double scale = p->categorical[j] ? 1 : fmin(scales[j], 1);
    p->weight[j] = 1 / (scale * scale);
  }
}

enum core_status hpo_plateau_find(struct hpo_plateau *out, const struct hpo_features *features,
                                  const double *rows, const double *values, size_t n,
                                  const double *scales, struct core_arena *arena,
                                  struct core_error *err) {
  const size_t d = features->d;
  *out = (struct hpo_plateau){.rows = rows, .n = n, .d = d, .categorical = features->categorical};
  out->weight = core_arena_calloc(arena, d + 2 * n + 1, sizeof *out->weight);
  if (!out->weight) return core_fail_nomem(err, (d + 2 * n + 1) * sizeof *out->weight);
  double *reach2 = out->weight + d, *sorted = reach2 + n;
  const size_t m = sort_values(values, n, sorted);
  while (out->ties_of_best + 1 < m && sorted[out->ties_of_best + 1] == sorted[0])
    out->ties_of_best++;
  const size_t n_repeated = keep_repeated(sorted, m);
  if (n_repeated == 0) return CORE_OK;
  set_weights(out, scales);
  for (size_t i = 0; i < n; i++)
    if (is_in(sorted, n_repeated, values[i])) reach2[i] = reach2_of(out, values, i);
  out->reach2 = reach2;
  return CORE_OK;
}

double hpo_plateau_log_new(const struct hpo_plateau *p, const double *row) {
  if (!p->reach2) return 0;
  double least = INFINITY;
  size_t nearest = 0;
  for (size_t i = 0; i < p->n; i++) {
    const double r2 = distance2(p, row, p->rows + i * p->d, least);
    if (!(r2 < least)) continue;
    least = r2;
    nearest = i;
  }
  if (!(least < p->reach2[nearest])) return 0;
  return fmax(0.5 * (double)p->d * log(least / p->reach2[nearest]), LEAST_LOG);
}
