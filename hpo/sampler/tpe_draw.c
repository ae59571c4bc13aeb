/* SPDX-License-Identifier: GPL-3.0-or-later
 * Draws from a Parzen estimator: a kernel by its weight, then each dimension by the inverse of that
 * kernel's distribution function, one uniform number a dimension. */
#include <math.h>

#include "core/lanes.h"
#include "core/stats.h"
#include "hpo/sampler/tpe_parzen.h"

enum { ROW = 32 }; /* numeric dimensions that are drawn together */

/* The first kernel with which the cumulative weight passes the quantile; n: the prior's. */
static size_t draw_kernel(const struct hpo_parzen *parzen, double quantile) {
  const double passed = quantile * hpo_parzen_weights(parzen);
  double sum = 0;
  for (size_t k = 0; k < parzen->n; k++) {
    sum += hpo_parzen_weight(k, parzen->n);
    if (sum > passed) return k;
  }
  return parzen->n;
}

static size_t draw_choice(const struct hpo_parzen *parzen, const struct hpo_parzen_dim *dim,
                          size_t kernel, double quantile) {
  const size_t n = dim->param->n_choices;
  const double share = parzen->options.prior_weight / (double)(parzen->n + 1);
  const double sum = 1 + (double)n * share, miss = share / sum, hit = (1 + share) / sum;
  double k = floor(quantile * (double)n);
  if (kernel < parzen->n) {
    const double seen = (double)dim->code[kernel], below = seen * miss;
    k = quantile < below         ? floor(quantile / miss)
        : quantile < below + hit ? seen
                                 : floor((quantile - hit) / miss) + 1;
  }
  return k < (double)n ? (size_t)k : n - 1;
}

/* Places of numeric dimensions: of each its kernel, its quantile, and then what is drawn. */
struct row {
  size_t n;
  size_t dim[ROW];
  double mu[ROW], inverse[ROW], quantile[ROW], at[ROW];
};

static void add_place(struct row *row, const struct hpo_parzen *parzen, size_t d, size_t kernel,
                      double quantile) {
  const struct hpo_parzen_dim *dim = &parzen->dims[d];
  const bool shaped = dim->kind == HPO_PARZEN_TABLE, prior = kernel == parzen->n;
  const size_t k = shaped && !prior ? dim->code[kernel] : kernel;
  row->dim[row->n] = d;
  row->mu[row->n] = prior ? 0.5 : shaped ? dim->shape_mu[k] : dim->mu[k];
  row->inverse[row->n] = prior ? 1 : shaped ? dim->shape_inverse_sigma[k] : dim->inverse_sigma[k];
  row->quantile[row->n++] = quantile;
}

/* Of the normals cut to [0, 1]. */
CORE_LANES_CLONES
static void draw_places(struct row *row) {
  for (size_t i = 0; i < row->n; i += CORE_LANES) {
    const core_lanes mu = core_lanes_load(row->mu + i), inverse = core_lanes_load(row->inverse + i);
    const core_lanes below = core_lanes_normal_cdf(-mu * inverse);
    const core_lanes upto = core_lanes_normal_cdf((1.0 - mu) * inverse);
    const core_lanes p = below + core_lanes_load(row->quantile + i) * (upto - below);
    core_lanes z = core_lanes_central_quantile(p - 0.5);
    for (size_t j = 0; j < CORE_LANES; j++)
      if (fabs(p[j] - 0.5) > CORE_LANES_CENTRAL) z[j] = core_normal_quantile(fmin(p[j], 1));
    const core_lanes at = mu + z / inverse;
    core_lanes_store(row->at + i,
                     core_lanes_max(core_lanes_min(at, core_lanes_all(1)), core_lanes_all(0)));
  }
}

static void write_places(struct row *row, const struct hpo_parzen *parzen,
                         struct hpo_parzen_value *values) {
  for (size_t i = row->n; i % CORE_LANES != 0; i++) /* fill up the last lanes */
    row->mu[i] = row->quantile[i] = 0.5, row->inverse[i] = 1;
  draw_places(row);
  for (size_t i = 0; i < row->n; i++) {
    const struct hpo_parzen_dim *dim = &parzen->dims[row->dim[i]];
    struct hpo_parzen_value *value = &values[row->dim[i]];
    if (dim->kind == HPO_PARZEN_POINTS)
      value->lo = value->hi = row->at[i];
    else
      hpo_param_cell(dim->param, row->at[i], &value->lo, &value->hi);
  }
  row->n = 0;
}

void hpo_parzen_draw(struct hpo_parzen *parzen, struct core_rng *rng,
                     struct hpo_parzen_value *values) {
  struct row row = {.n = 0};
  hpo_parzen_settle(parzen);
  const size_t kernel = draw_kernel(parzen, core_rng_unit(rng));
  for (size_t d = 0; d < parzen->n_dims; d++) {
    const struct hpo_parzen_dim *dim = &parzen->dims[d];
    const double quantile = core_rng_unit(rng);
    values[d] = (struct hpo_parzen_value){0};
    if (dim->kind == HPO_PARZEN_CHOICE)
      values[d].choice = draw_choice(parzen, dim, kernel, quantile);
    else
      add_place(&row, parzen, d, kernel, quantile);
    if (row.n == ROW) write_places(&row, parzen, values);
  }
  write_places(&row, parzen, values);
}

double hpo_parzen_unit(const struct hpo_param *param, const struct hpo_parzen_value *value) {
  if (param->type == HPO_PARAM_CATEGORICAL) return hpo_param_to_unit(param, (double)value->choice);
  return value->lo + 0.5 * (value->hi - value->lo);
}
