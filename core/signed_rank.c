/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/signed_rank.h"

#include <math.h>
#include <stdlib.h>

#include "core/stats.h"

#define MAX_EXACT                                                                                  \
  50 /* beyond, the counts of sign patterns would no longer fit a double's 53 bits */

struct ranks {
  double positive; /* sum of the ranks of positive differences, zeros split */
  double ties;     /* sum of t^3 - t over groups of t equal sizes */
  bool has_zero;
};

static int by_size(const void *a, const void *b) {
  const double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
  return (x > y) - (x < y);
}

/* `d` is ordered by size. */
static struct ranks sum_ranks(const double *d, size_t n) {
  struct ranks out = {.has_zero = d[0] == 0};
  for (size_t from = 0, to; from < n; from = to) {
    for (to = from + 1; to < n && fabs(d[to]) == fabs(d[from]);) to++;
    const double rank = 0.5 * (double)(from + 1 + to), t = (double)(to - from);
    out.ties += t * t * t - t;
    for (size_t i = from; i < to; i++) out.positive += d[i] > 0 ? rank : d[i] == 0 ? rank / 2 : 0;
  }
  return out;
}

/* Share of the 2^n sign patterns of ranks 1 .. n whose positive sum is at least `sum`. */
static bool exact_tail(size_t n, size_t sum, struct core_arena *scratch, double *p) {
  const size_t most = n * (n + 1) / 2;
  double *patterns = core_arena_calloc(scratch, most + 1, sizeof *patterns), above = 0;
  if (!patterns) return false;
  patterns[0] = 1;
  for (size_t rank = 1; rank <= n; rank++)
    for (size_t s = rank * (rank + 1) / 2; s >= rank; s--) patterns[s] += patterns[s - rank];
  for (size_t s = sum; s <= most; s++) above += patterns[s];
  *p = ldexp(above, -(int)n);
  return true;
}

static double normal_tail(double n, const struct ranks *ranks) {
  const double mean = n * (n + 1) / 4;
  const double variance = (n * (n + 1) * (2 * n + 1) - ranks->ties / 2) / 24;
  return core_normal_cdf((mean - ranks->positive) / sqrt(variance));
}

bool core_signed_rank_greater(const double *d, size_t n, struct core_arena *scratch, double *p) {
  double *sorted = core_arena_calloc(scratch, n, sizeof *sorted);
  if (!sorted) return false;
  for (size_t i = 0; i < n; i++) sorted[i] = d[i];
  qsort(sorted, n, sizeof *sorted, by_size);
  const struct ranks ranks = sum_ranks(sorted, n);
  if (n <= MAX_EXACT && !ranks.has_zero) return exact_tail(n, (size_t)ranks.positive, scratch, p);
  *p = normal_tail((double)n, &ranks);
  return true;
}
