/* SPDX-License-Identifier: GPL-3.0-or-later
 * Densities of a Parzen estimator at many points. Of thousands of narrow kernels few reach a point.
 * A dimension never adds to what a kernel has after its log_scale; so a kernel can be dropped as soon
 * as it is below a 1e-17th of what the prior and the kernels before it come to. Continuous dimensions
 * come first, in vector loops over groups of kernels, which are left when none of a group is near;
 * only the kernels that remain are followed through the others. */
#include <math.h>

#include "core/lanes.h"
#include "core/mem.h"
#include "hpo/sampler/tpe_parzen.h"

enum {
  BLOCK = 256,              /* kernels: their first dimensions stay in the first cache */
  FIRST_BLOCK = 32,         /* of them */
  SCREENED = 4,             /* dimensions of cells, where there are no continuous ones */
  STRIDE = 4,               /* dimensions between two looks whether any kernel is near */
  GROUP = HPO_PARZEN_GROUP, /* kernels that are passed over together */
  VECTORS = GROUP / CORE_LANES
};
#define NEGLIGIBLE 40.0 /* exp(-40) = 4e-18 */

/* A point's sum so far: sum = exp(reference) * share. */
struct tally {
  double reference, share;
  double offset; /* added to every kernel: log widths of the cells */
  double least;  /* kernels below (offset not added) are left out */
};

/* Kernels of a block that are still followed, `sum` without the offset. Room to be read in lanes. */
struct survivors {
  size_t n;
  uint32_t kernel[BLOCK + GROUP];
  double sum[BLOCK + GROUP];
};

/* ---- one kernel at a time ---- */

static double log_normal_mean(double a, double b) {
  return core_lanes_log_normal_mean(core_lanes_all(a), core_lanes_all(b))[0];
}

void hpo_parzen_cell_masses(const struct hpo_param *param, double mu, double inverse_sigma,
                            double *log_mass, size_t stride) {
  const double log_scale = hpo_parzen_log_scale(mu, inverse_sigma);
  const uint64_t n = hpo_param_count(param);
  for (uint64_t i = 0; i < n; i++) {
    double lo, hi;
    hpo_param_cell(param, hpo_param_to_unit(param, hpo_param_value(param, i)), &lo, &hi);
    log_mass[i * stride] = log_scale + log(hi - lo) +
                           log_normal_mean((lo - mu) * inverse_sigma, (hi - mu) * inverse_sigma);
  }
}

/* The number of a TABLE's value. */
static size_t value_number(const struct hpo_parzen_dim *dim, const struct hpo_parzen_value *value) {
  const struct hpo_param *p = dim->param;
  const double x = hpo_param_from_unit(p, value->lo + 0.5 * (value->hi - value->lo));
  return (size_t)nearbyint((x - p->low) / p->step);
}

static const double *table_row(const struct hpo_parzen_dim *dim,
                               const struct hpo_parzen_value *value) {
  return dim->log_mass + value_number(dim, value) * dim->n_shapes;
}

/* The prior's log density in one dimension; a cell's without its log width. */
static double prior_of(const struct hpo_parzen_dim *dim, double scale,
                       const struct hpo_parzen_value *value) {
  const double z = value->lo - 0.5;
  switch (dim->kind) {
  case HPO_PARZEN_POINTS:
    return scale - 0.5 * z * z;
  case HPO_PARZEN_CELLS:
    return scale + log_normal_mean(value->lo - 0.5, value->hi - 0.5);
  case HPO_PARZEN_TABLE:
    return table_row(dim, value)[dim->n_shapes - 1];
  case HPO_PARZEN_CHOICE:
    break;
  }
  return -log((double)dim->param->n_choices);
}

static struct tally tally_of(const struct hpo_parzen *parzen,
                             const struct hpo_parzen_value *point) {
  struct tally t = {.share = parzen->options.prior_weight};
  double prior = 0;
  for (size_t d = 0; d < parzen->n_dims; d++) {
    prior += prior_of(&parzen->dims[d], parzen->prior_scale, &point[d]);
    if (parzen->dims[d].kind == HPO_PARZEN_CELLS) t.offset += log(point[d].hi - point[d].lo);
  }
  t.reference = prior + t.offset;
  t.least = prior + log(t.share) - NEGLIGIBLE - log((double)parzen->n + 1);
  return t;
}

/* What is already there may raise the bar. */
static void raise_least(struct tally *t, size_t n_observations) {
  const double all = t->reference - t->offset + log(t->share);
  t->least = fmax(t->least, all - NEGLIGIBLE - log((double)n_observations + 1));
}

/* ---- screening ---- */

/* The dimensions that come first: all continuous ones; without them, some of cells, which are
 * screened by the squared distances, in widths, to their nearest points. */
struct screen {
  const double *log_scale;
  const double **mu, **inverse_sigma; /* [n_dims] */
  double *lo, *hi;                    /* [points][n_dims] */
  size_t n_dims;
  bool cells;
};

static enum core_status screen_open(struct screen *screen, const struct hpo_parzen *parzen,
                                    const struct hpo_parzen_value *points, size_t n_points,
                                    struct core_arena *arena, struct core_error *err) {
  const size_t n = parzen->n_dims;
  *screen = (struct screen){.log_scale = parzen->log_scale,
                            .mu = core_arena_calloc(arena, 2 * n, sizeof(double *)),
                            .lo = core_arena_calloc(arena, 2 * n * n_points, sizeof(double))};
  if (!screen->mu || !screen->lo) return core_fail_nomem(err, 2 * n * n_points * sizeof(double));
  screen->inverse_sigma = screen->mu + n;
  screen->hi = screen->lo + n * n_points;
  for (; screen->n_dims < n; screen->n_dims++) {
    const struct hpo_parzen_dim *dim = &parzen->dims[parzen->order[screen->n_dims]];
    if (screen->n_dims == 0) screen->cells = dim->kind == HPO_PARZEN_CELLS;
    if (dim->kind != (screen->cells ? HPO_PARZEN_CELLS : HPO_PARZEN_POINTS)) break;
    if (screen->cells && screen->n_dims == SCREENED) break;
    screen->mu[screen->n_dims] = dim->mu;
    screen->inverse_sigma[screen->n_dims] = dim->inverse_sigma;
  }
  for (size_t p = 0; p < n_points; p++)
    for (size_t i = 0; i < screen->n_dims; i++) {
      const struct hpo_parzen_value *value = &points[p * n + parzen->order[i]];
      screen->lo[p * screen->n_dims + i] = value->lo;
      screen->hi[p * screen->n_dims + i] = value->hi;
    }
  return CORE_OK;
}

/* Adds dimension i's squared distances of a group. */
CORE_LANES_INLINE void add_squares(const struct screen *s, size_t i, double lo, double hi, size_t k,
                                   bool cells, core_lanes *squares) {
  for (size_t v = 0; v < VECTORS; v++) {
    const core_lanes mu = core_lanes_load(s->mu[i] + k + v * CORE_LANES);
    core_lanes off = lo - mu;
    if (cells) off = core_lanes_max(core_lanes_max(off, mu - hi), core_lanes_all(0));
    const core_lanes z = off * core_lanes_load(s->inverse_sigma[i] + k + v * CORE_LANES);
    squares[v] += z * z;
  }
}

CORE_LANES_INLINE bool any_within(const core_lanes *squares, const core_lanes *most) {
  core_lanes_mask any = {0};
  for (size_t v = 0; v < VECTORS; v++) any |= squares[v] <= most[v];
  return ((any[0] | any[1]) | (any[2] | any[3])) != 0;
}

/* Keeps the kernel when its sum is large enough. */
CORE_LANES_INLINE void keep(struct survivors *out, size_t k, double sum, double least) {
  out->kernel[out->n] = (uint32_t)k;
  out->sum[out->n] = sum;
  out->n += sum >= least;
}

CORE_LANES_INLINE void screen_groups(const struct screen *s, size_t p, size_t from, size_t to,
                                     double least, bool cells, struct survivors *out) {
  const double *lo = s->lo + p * s->n_dims, *hi = s->hi + p * s->n_dims;
  for (size_t k = from; k < to; k += GROUP) {
    core_lanes squares[VECTORS], most[VECTORS];
    for (size_t v = 0; v < VECTORS; v++) {
      squares[v] = core_lanes_all(0);
      most[v] = 2.0 * (core_lanes_load(s->log_scale + k + v * CORE_LANES) - least);
    }
    bool near = true;
    for (size_t i = 0; i < s->n_dims && near;) {
      const size_t end = i + STRIDE < s->n_dims ? i + STRIDE : s->n_dims;
      for (; i < end; i++) add_squares(s, i, lo[i], hi[i], k, cells, squares);
      near = any_within(squares, most);
    }
    for (size_t j = 0; near && j < GROUP; j++)
      keep(out, k + j, s->log_scale[k + j] - 0.5 * squares[j / CORE_LANES][j % CORE_LANES], least);
  }
}

/* Keeps the kernels of [from, to) that may be large enough at point p. `from` and `to` are ends of
 * groups, or `to` is that of all kernels, beyond which nothing is kept. */
CORE_LANES_CLONES
static void screen_block(const struct screen *s, size_t p, size_t from, size_t to, double least,
                         struct survivors *out) {
  out->n = 0;
  if (s->cells)
    screen_groups(s, p, from, to, least, true, out);
  else
    screen_groups(s, p, from, to, least, false, out);
  for (size_t i = 0; s->cells && i < out->n; i++) /* what is exact comes later */
    out->sum[i] = s->log_scale[out->kernel[i]];
}

/* Log probability of the observed choice, and of each other one. */
static void log_odds(const struct hpo_parzen *parzen, const struct hpo_parzen_dim *dim, double *hit,
                     double *miss) {
  const double share = parzen->options.prior_weight / (double)(parzen->n + 1);
  const double log_sum = log(1 + (double)dim->param->n_choices * share);
  *hit = log(1 + share) - log_sum;
  *miss = log(share) - log_sum;
}

CORE_LANES_CLONES
static void add_odds(const uint32_t *code, size_t n, uint32_t choice, double hit, double miss,
                     double *sums) {
  for (size_t k = 0; k < n; k++) sums[k] += code[k] == choice ? hit : miss;
}

/* Where there are neither points nor cells to screen by: by all choices. Returns their number. */
static size_t screen_choices(const struct hpo_parzen *parzen, const struct hpo_parzen_value *point,
                             size_t from, size_t to, double least, struct survivors *out) {
  double sums[BLOCK + GROUP] = {0}, hit, miss;
  size_t i = 0;
  for (; i < parzen->n_dims; i++) {
    const struct hpo_parzen_dim *dim = &parzen->dims[parzen->order[i]];
    if (dim->kind != HPO_PARZEN_CHOICE) break;
    log_odds(parzen, dim, &hit, &miss);
    add_odds(dim->code + from, to - from, (uint32_t)point[parzen->order[i]].choice, hit, miss,
             sums);
  }
  out->n = 0;
  for (size_t k = from; k < to; k++) keep(out, k, sums[k - from], least);
  return i;
}

/* The kernels of a block that a point may feel. Returns how many dimensions their sums have. */
static size_t screen(const struct hpo_parzen *parzen, const struct hpo_parzen_value *points,
                     const struct screen *s, size_t p, size_t from, size_t to, double least,
                     struct survivors *out) {
  if (s->n_dims == 0)
    return screen_choices(parzen, points + p * parzen->n_dims, from, to, least, out);
  screen_block(s, p, from, to, least, out);
  return s->cells ? 0 : s->n_dims;
}

/* ---- the other dimensions ---- */

CORE_LANES_CLONES
static void add_cells(const struct hpo_parzen_dim *dim, double lo, double hi, struct survivors *s) {
  for (size_t i = s->n; i % CORE_LANES != 0; i++) { /* fill up the last lanes */
    s->kernel[i] = s->kernel[s->n - 1];
    s->sum[i] = 0;
  }
  for (size_t i = 0; i < s->n; i += CORE_LANES) {
    core_lanes mu, inverse;
    for (size_t j = 0; j < CORE_LANES; j++) {
      mu[j] = dim->mu[s->kernel[i + j]];
      inverse[j] = dim->inverse_sigma[s->kernel[i + j]];
    }
    const core_lanes mean = core_lanes_log_normal_mean((lo - mu) * inverse, (hi - mu) * inverse);
    core_lanes_store(s->sum + i, core_lanes_load(s->sum + i) + mean);
  }
}

static void add_table(const struct hpo_parzen_dim *dim, const struct hpo_parzen_value *value,
                      struct survivors *s) {
  const double *row = table_row(dim, value);
  for (size_t i = 0; i < s->n; i++) s->sum[i] += row[dim->code[s->kernel[i]]];
}

static void add_choice(const struct hpo_parzen *parzen, const struct hpo_parzen_dim *dim,
                       size_t choice, struct survivors *s) {
  double hit, miss;
  log_odds(parzen, dim, &hit, &miss);
  for (size_t i = 0; i < s->n; i++) s->sum[i] += dim->code[s->kernel[i]] == choice ? hit : miss;
}

static void drop_negligible(struct survivors *s, double least) {
  size_t n = 0;
  for (size_t i = 0; i < s->n; i++) {
    s->kernel[n] = s->kernel[i];
    s->sum[n] = s->sum[i];
    n += s->sum[i] >= least;
  }
  s->n = n;
}

/* Follows a block's survivors through the dimensions that were not screened (or not exactly). */
static void follow(const struct hpo_parzen *parzen, const struct hpo_parzen_value *point,
                   size_t first, double least, struct survivors *s) {
  for (size_t i = first; i < parzen->n_dims && s->n > 0; i++) {
    const size_t d = parzen->order[i];
    const struct hpo_parzen_dim *dim = &parzen->dims[d];
    switch (dim->kind) {
    case HPO_PARZEN_POINTS: /* screened */
      break;
    case HPO_PARZEN_CELLS:
      add_cells(dim, point[d].lo, point[d].hi, s);
      break;
    case HPO_PARZEN_TABLE:
      add_table(dim, &point[d], s);
      break;
    case HPO_PARZEN_CHOICE:
      add_choice(parzen, dim, point[d].choice, s);
      break;
    }
    drop_negligible(s, least);
  }
}

/* ---- sums ---- */

/* The sum of weight * exp(sum) over the survivors, by exp(reference). */
CORE_LANES_CLONES
static double share_of(struct survivors *s, size_t n_observations, double reference) {
  core_lanes share = core_lanes_all(0);
  for (size_t i = s->n; i % CORE_LANES != 0; i++) s->sum[i] = -INFINITY;
  for (size_t i = 0; i < s->n; i += CORE_LANES) {
    core_lanes weight = core_lanes_all(0);
    for (size_t j = 0; j < CORE_LANES && i + j < s->n; j++)
      weight[j] = hpo_parzen_weight(s->kernel[i + j], n_observations);
    share += weight * core_lanes_exp(core_lanes_load(s->sum + i) - reference);
  }
  return (share[0] + share[1]) + (share[2] + share[3]);
}

static void count(struct tally *t, struct survivors *s, size_t n_observations) {
  double most = -INFINITY;
  /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): screen filled in the first n */
  for (size_t i = 0; i < s->n; i++) most = s->sum[i] > most ? s->sum[i] : most;
  if (s->n == 0) return;
  if (most + t->offset > t->reference) {
    t->share *= exp(t->reference - (most + t->offset));
    t->reference = most + t->offset;
  }
  t->share += share_of(s, n_observations, t->reference - t->offset);
}

/* Adds the kernels of [from, to) to all tallies. */
static void count_block(const struct hpo_parzen *parzen, const struct screen *s,
                        const struct hpo_parzen_value *points, size_t n_points, size_t from,
                        size_t to, struct tally *tallies) {
  struct survivors survivors;
  for (size_t p = 0; p < n_points; p++) {
    struct tally *t = &tallies[p];
    const size_t done = screen(parzen, points, s, p, from, to, t->least, &survivors);
    follow(parzen, points + p * parzen->n_dims, done, t->least, &survivors);
    count(t, &survivors, parzen->n);
    if (survivors.n > 0) raise_least(t, parzen->n);
  }
}

/* The newest kernels are counted first, few, for they are the likeliest to be near and raise the bar
 * for all others. */
enum core_status hpo_parzen_log_densities(struct hpo_parzen *parzen,
                                          const struct hpo_parzen_value *points, size_t n_points,
                                          double *out, struct core_error *err) {
  struct screen s = {0};
  struct core_arena arena = {0};
  struct tally *tallies = core_arena_calloc(&arena, n_points, sizeof *tallies);
  enum core_status st = tallies ? CORE_OK : core_fail_nomem(err, n_points * sizeof *tallies);
  hpo_parzen_settle(parzen);
  if (st == CORE_OK) st = screen_open(&s, parzen, points, n_points, &arena, err);
  for (size_t p = 0; p < n_points && st == CORE_OK; p++)
    tallies[p] = tally_of(parzen, points + p * parzen->n_dims);
  size_t size = FIRST_BLOCK;
  for (size_t to = parzen->n; to > 0 && st == CORE_OK; size = size < BLOCK ? 2 * size : BLOCK) {
    const size_t from = to > size ? (to - size) / GROUP * GROUP : 0;
    count_block(parzen, &s, points, n_points, from, to, tallies);
    to = from;
  }
  const double log_weights = log(hpo_parzen_weights(parzen));
  for (size_t p = 0; p < n_points && st == CORE_OK; p++)
    out[p] = tallies[p].reference + log(tallies[p].share) - log_weights;
  core_arena_close(&arena);
  return st;
}
