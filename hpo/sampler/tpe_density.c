/* SPDX-License-Identifier: GPL-3.0-or-later
 * Densities of a Parzen estimator at many points. Of thousands of narrow kernels few reach a point,
 * so all are screened by their first dimensions, a block at a time in vector loops, and only those
 * that can still add a 1e-17th to the prior's share are followed through the others. A dimension
 * never adds to what a kernel has after its log_scale: that makes the bound. */
#include <math.h>

#include "core/lanes.h"
#include "core/mem.h"
#include "hpo/sampler/tpe_parzen.h"

enum {
  BLOCK = 256,  /* kernels: a block's screened dimensions stay in the first cache */
  SCREENED = 4, /* dimensions */
  GROUP = 16    /* kernels that are passed over together */
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
static double prior_of(const struct hpo_parzen_dim *dim, const struct hpo_parzen_value *value) {
  const double scale = hpo_parzen_log_scale(0.5, 1), z = value->lo - 0.5;
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
    prior += prior_of(&parzen->dims[d], &point[d]);
    if (parzen->dims[d].kind == HPO_PARZEN_CELLS) t.offset += log(point[d].hi - point[d].lo);
  }
  t.reference = prior + t.offset;
  t.least = prior + log(t.share) - NEGLIGIBLE - log((double)parzen->n + 1);
  return t;
}

/* ---- screening ---- */

/* What a block is screened by: squared distances, in widths, to a point's coordinates or to the
 * nearest points of its cells. */
struct screen {
  const double *log_scale;
  const double *mu[SCREENED], *inverse_sigma[SCREENED];
  double lo[SCREENED], hi[SCREENED];
  size_t n_dims;
  bool cells;
};

static struct screen screen_of(const struct hpo_parzen *parzen,
                               const struct hpo_parzen_value *point) {
  struct screen screen = {.log_scale = parzen->log_scale};
  for (size_t i = 0; i < parzen->n_dims && screen.n_dims < SCREENED; i++) {
    const size_t d = parzen->order[i];
    const struct hpo_parzen_dim *dim = &parzen->dims[d];
    if (i == 0) screen.cells = dim->kind == HPO_PARZEN_CELLS;
    if (dim->kind != (screen.cells ? HPO_PARZEN_CELLS : HPO_PARZEN_POINTS)) break;
    screen.mu[screen.n_dims] = dim->mu;
    screen.inverse_sigma[screen.n_dims] = dim->inverse_sigma;
    screen.lo[screen.n_dims] = point[d].lo;
    screen.hi[screen.n_dims++] = point[d].hi;
  }
  return screen;
}

/* Sums of the lanes' kernels, from number k on. */
CORE_LANES_INLINE core_lanes screened_sums(const struct screen *s, size_t k, bool cells) {
  core_lanes squares = core_lanes_all(0);
  for (size_t i = 0; i < s->n_dims; i++) {
    const core_lanes mu = core_lanes_load(s->mu[i] + k);
    core_lanes off = s->lo[i] - mu;
    if (cells) off = core_lanes_max(core_lanes_max(off, mu - s->hi[i]), core_lanes_all(0));
    const core_lanes z = off * core_lanes_load(s->inverse_sigma[i] + k);
    squares += z * z;
  }
  return core_lanes_load(s->log_scale + k) - 0.5 * squares;
}

static double screened_sum(const struct screen *s, size_t k) {
  double squares = 0;
  for (size_t i = 0; i < s->n_dims; i++) {
    double off = s->lo[i] - s->mu[i][k];
    if (s->cells) off = fmax(fmax(off, s->mu[i][k] - s->hi[i]), 0);
    const double z = off * s->inverse_sigma[i][k];
    squares += z * z;
  }
  return s->log_scale[k] - 0.5 * squares;
}

/* Keeps the kernel when its sum is large enough. */
CORE_LANES_INLINE void keep(struct survivors *out, size_t k, double sum, double least) {
  out->kernel[out->n] = (uint32_t)k;
  out->sum[out->n] = sum;
  out->n += sum >= least;
}

CORE_LANES_INLINE void screen_groups(const struct screen *s, size_t from, size_t to, double least,
                                     bool cells, struct survivors *out) {
  for (size_t k = from; k < to; k += GROUP) {
    core_lanes sums[GROUP / CORE_LANES];
    core_lanes_mask any = {0};
    for (size_t i = 0; i < GROUP / CORE_LANES; i++) {
      sums[i] = screened_sums(s, k + i * CORE_LANES, cells);
      any |= sums[i] >= least;
    }
    if ((any[0] | any[1] | any[2] | any[3]) == 0) continue;
    for (size_t i = 0; i < GROUP; i++)
      keep(out, k + i, sums[i / CORE_LANES][i % CORE_LANES], least);
  }
}

CORE_LANES_CLONES
static void screen_block(const struct screen *s, size_t from, size_t to, double least,
                         struct survivors *out) {
  const size_t grouped = from + (to - from) / GROUP * GROUP;
  out->n = 0;
  if (s->cells)
    screen_groups(s, from, grouped, least, true, out);
  else
    screen_groups(s, from, grouped, least, false, out);
  for (size_t k = grouped; k < to; k++) keep(out, k, screened_sum(s, k), least);
  if (s->cells) /* what is exact comes later */
    for (size_t i = 0; i < out->n; i++) out->sum[i] = s->log_scale[out->kernel[i]];
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
  double sums[BLOCK] = {0}, hit, miss;
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
static size_t screen(const struct hpo_parzen *parzen, const struct hpo_parzen_value *point,
                     const struct screen *s, size_t from, size_t to, double least,
                     struct survivors *out) {
  if (s->n_dims == 0) return screen_choices(parzen, point, from, to, least, out);
  screen_block(s, from, to, least, out);
  return s->cells ? 0 : s->n_dims;
}

/* ---- the other dimensions ---- */

static void add_points(const struct hpo_parzen_dim *dim, double at, struct survivors *s) {
  for (size_t i = 0; i < s->n; i++) {
    const double z = (at - dim->mu[s->kernel[i]]) * dim->inverse_sigma[s->kernel[i]];
    s->sum[i] -= 0.5 * (z * z);
  }
}

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
    case HPO_PARZEN_POINTS:
      add_points(dim, point[d].lo, s);
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
  for (size_t i = 0; i < s->n; i++) most = s->sum[i] > most ? s->sum[i] : most;
  if (s->n == 0) return;
  if (most + t->offset > t->reference) {
    t->share *= exp(t->reference - (most + t->offset));
    t->reference = most + t->offset;
  }
  t->share += share_of(s, n_observations, t->reference - t->offset);
}

enum core_status hpo_parzen_log_densities(struct hpo_parzen *parzen,
                                          const struct hpo_parzen_value *points, size_t n_points,
                                          double *out, struct core_error *err) {
  struct survivors survivors;
  struct tally *tallies = core_calloc(n_points, sizeof *tallies);
  struct screen *screens = core_calloc(n_points, sizeof *screens);
  const enum core_status st =
      tallies && screens ? CORE_OK : core_fail_nomem(err, n_points * sizeof *screens);
  hpo_parzen_settle(parzen);
  for (size_t p = 0; p < n_points && st == CORE_OK; p++) {
    tallies[p] = tally_of(parzen, points + p * parzen->n_dims);
    screens[p] = screen_of(parzen, points + p * parzen->n_dims);
  }
  for (size_t from = 0; from < parzen->n && st == CORE_OK; from += BLOCK) {
    const size_t to = from + BLOCK < parzen->n ? from + BLOCK : parzen->n;
    for (size_t p = 0; p < n_points; p++) {
      const struct hpo_parzen_value *point = points + p * parzen->n_dims;
      const size_t done =
          screen(parzen, point, &screens[p], from, to, tallies[p].least, &survivors);
      follow(parzen, point, done, tallies[p].least, &survivors);
      count(&tallies[p], &survivors, parzen->n);
    }
  }
  const double log_weights = log(hpo_parzen_weights(parzen));
  for (size_t p = 0; p < n_points && st == CORE_OK; p++)
    out[p] = tallies[p].reference + log(tallies[p].share) - log_weights;
  core_free(screens);
  core_free(tallies);
  return st;
}
