/* SPDX-License-Identifier: GPL-3.0-or-later
 * Independent draws from the prior: each coordinate uniform on [0, 1). The baseline that every
 * other sampler must beat. Bergstra & Bengio, JMLR 13 (2012). */
#include "core/mem.h"
#include "hpo/sampler/sampler.h"

struct hpo_sampler {
  size_t n_params;
};

static const struct core_option random_options[] = {CORE_OPTION_END};

static enum core_status random_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                    struct core_error *err) {
  struct hpo_sampler *sampler = core_calloc(1, sizeof *sampler);
  if (!sampler) return core_fail_nomem(err, sizeof *sampler);
  sampler->n_params = setup->space->n_params;
  *out = sampler;
  return CORE_OK;
}

static enum core_status random_suggest(struct hpo_sampler *sampler, const struct hpo_history *seen,
                                       uint64_t number, struct core_rng *rng, double *x,
                                       struct core_error *err) {
  (void)seen, (void)number, (void)err;
  for (size_t i = 0; i < sampler->n_params; i++) x[i] = core_rng_unit(rng);
  return CORE_OK;
}

static void random_close(struct hpo_sampler *sampler) {
  core_free(sampler);
}

const struct hpo_sampler_ops hpo_sampler_random = {
    .name = "random",
    .summary = "independent draws from the prior",
    .options = random_options,
    .open = random_open,
    .suggest = random_suggest,
    .close = random_close,
};
