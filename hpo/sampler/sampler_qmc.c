/* SPDX-License-Identifier: GPL-3.0-or-later
 * Quasi-random points: trial k gets point k of a Sobol or Halton sequence, which fills the space more evenly than random
 * draws. Sobol beyond 40 parameters, which the generator does not have, becomes Halton. */
#include "core/mem.h"
#include "core/qmc.h"
#include "core/str.h"
#include "hpo/sampler/sampler.h"

struct hpo_sampler {
  struct core_qmc *points;
};

static const struct core_option qmc_options[] = {
    {.name = "qmc_type",
     .type = CORE_OPT_CHOICE,
     .fallback = "sobol",
     .choices = "sobol|halton",
     .help = "the sequence; sobol beyond 40 parameters becomes halton"},
    {.name = "scramble",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "scramble the sequence at random, by the study's seed"},
    CORE_OPTION_END};

static void qmc_close(struct hpo_sampler *s) {
  if (s) core_qmc_close(s->points);
  core_free(s);
}

static enum core_status qmc_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                 struct core_error *err) {
  const size_t dim = setup->space->n_params;
  const bool sobol = core_streq(core_option_text(setup->options, "qmc_type"), "sobol") &&
                     dim <= CORE_QMC_SOBOL_MAX_DIM;
  if (dim > CORE_QMC_HALTON_MAX_DIM)
    return core_fail_at(
        err, CORE_INVAL, setup->options->pos,
        "sampler 'qmc' takes up to %d parameters, and the space has %zu; use random",
        CORE_QMC_HALTON_MAX_DIM, dim);
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  const enum core_status st =
      core_qmc_open(sobol ? CORE_QMC_SOBOL : CORE_QMC_HALTON, dim,
                    core_option_flag(setup->options, "scramble"), setup->seed, &s->points, err);
  if (st == CORE_OK)
    *out = s;
  else
    qmc_close(s);
  return st;
}

static enum core_status qmc_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                    uint64_t number, struct core_rng *rng, double *x,
                                    struct core_error *err) {
  (void)seen, (void)rng;
  return core_qmc_point(s->points, number, x, err);
}

const struct hpo_sampler_ops hpo_sampler_qmc = {
    .name = "qmc",
    .summary = "a low-discrepancy sequence: even cover without a model",
    .options = qmc_options,
    .open = qmc_open,
    .suggest = qmc_suggest,
    .close = qmc_close,
};
