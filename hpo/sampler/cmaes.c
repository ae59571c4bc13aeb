/* SPDX-License-Identifier: GPL-3.0-or-later
 * CMA-ES: a normal distribution over the unit cube that follows the better half of each
 * generation. Hansen, arXiv 1604.00772; ints and steps with margin (cmaes_margin.h), categoricals
 * by their own probabilities (cmaes_choice.h), restarts (cmaes_restart.h). Asks in any number may
 * run at once: a generation ends when lambda trials have ended, and those drawn from an older
 * distribution count too. Until the start-up trials have ended, points come from the shared
 * design. */
#include <math.h>

#include "core/mem.h"
#include "core/str.h"
#include "hpo/sampler/cmaes_search.h"
#include "hpo/sampler/design.h"
#include "hpo/sampler/sampler.h"

struct hpo_sampler {
  struct hpo_cmaes_search *search;
  struct hpo_design *design;
};

static const struct core_option cmaes_options[] = {
    {.name = "x0",
     .type = CORE_OPT_MAP,
     .help = "where the first run starts, {NAME: value} of numeric parameters; default: amid "
             "the better start-up trials"},
    {.name = "sigma0",
     .type = CORE_OPT_DOUBLE,
     .fallback = "0.15",
     .min = 1e-6,
     .max = 1,
     .help = "first standard deviation, as a share of each parameter's range"},
    {.name = "n_startup_trials",
     .type = CORE_OPT_INT,
     .fallback = "10",
     .max = 1e9,
     .unit = "trials",
     .help = "points of an even design until so many trials are complete or pruned"},
    {.name = "popsize",
     .type = CORE_OPT_INT,
     .min = 4,
     .max = 4096,
     .unit = "trials",
     .help = "trials of a generation; default: 4 + ln(parameters)"},
    {.name = "restart_strategy",
     .type = CORE_OPT_CHOICE,
     .fallback = "ipop",
     .choices = "none|ipop|bipop",
     .help = "what follows when a run has converged: larger populations, or large and small ones "
             "in turns"},
    {.name = "inc_popsize",
     .type = CORE_OPT_DOUBLE,
     .fallback = "2",
     .min = 1,
     .max = 100,
     .help = "growth of the population from one large run to the next"},
    {.name = "with_margin",
     .type = CORE_OPT_FLAG,
     .fallback = "true",
     .help = "keep ints and steps from settling on one value"},
    {.name = "use_separable_cma",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "learn variances only; always so beyond 256 numeric parameters"},
    {.name = "consider_pruned_trials",
     .type = CORE_OPT_FLAG,
     .fallback = "true",
     .help = "count pruned trials, behind the complete ones"},
    CORE_OPTION_END};

/* ---- opening ---- */

static enum core_status read_x0(const struct hpo_space *space, const struct core_node *map,
                                double *unit, struct core_error *err) {
  for (size_t k = 0; k < space->n_params; k++) unit[k] = NAN;
  for (const struct core_node *node = map->first; node; node = node->next) {
    const size_t k = hpo_space_find(space, node->key);
    if (k == space->n_params || space->params[k].type == HPO_PARAM_CATEGORICAL)
      return core_fail_at(err, CORE_INVAL, node->key_pos,
                          "sampler 'cmaes': x0 names '%s', which is no numeric parameter",
                          node->key);
    double internal;
    CORE_TRY(hpo_param_parse(&space->params[k], node, &internal, err));
    unit[k] = hpo_param_to_unit(&space->params[k], internal);
  }
  return CORE_OK;
}

static enum hpo_cmaes_regime regime_of(const struct core_options *options) {
  const char *text = core_option_text(options, "restart_strategy");
  if (core_streq(text, "ipop")) return HPO_CMAES_IPOP;
  return core_streq(text, "bipop") ? HPO_CMAES_BIPOP : HPO_CMAES_NO_RESTART;
}

static struct hpo_cmaes_settings settings_of(const struct hpo_sampler_setup *setup) {
  const struct core_options *options = setup->options;
  const bool sized = core_option_given(options, "popsize");
  return (struct hpo_cmaes_settings){
      .space = setup->space,
      .seed = setup->seed,
      .n_startup_trials = (size_t)core_option_int(options, "n_startup_trials"),
      .population = sized ? (size_t)core_option_int(options, "popsize") : 0,
      .sigma0 = core_option_double(options, "sigma0"),
      .regime = regime_of(options),
      .growth = core_option_double(options, "inc_popsize"),
      .separable = core_option_flag(options, "use_separable_cma"),
      .margin = core_option_flag(options, "with_margin"),
      .pruned = core_option_flag(options, "consider_pruned_trials")};
}

static enum core_status open_search(const struct hpo_sampler_setup *setup,
                                    struct hpo_cmaes_search **out, struct core_error *err) {
  struct hpo_cmaes_settings settings = settings_of(setup);
  const struct core_node *x0 = core_option_node(setup->options, "x0");
  if (!x0) return hpo_cmaes_search_open(&settings, out, err);
  double *unit = core_calloc(setup->space->n_params, sizeof *unit);
  if (!unit) return core_fail_nomem(err, setup->space->n_params * sizeof *unit);
  settings.x0 = unit;
  enum core_status st = read_x0(setup->space, x0, unit, err);
  if (st == CORE_OK) st = hpo_cmaes_search_open(&settings, out, err);
  core_free(unit);
  return st;
}

static void cmaes_close(struct hpo_sampler *sampler) {
  if (!sampler) return;
  hpo_cmaes_search_close(sampler->search);
  hpo_design_close(sampler->design);
  core_free(sampler);
}

static enum core_status cmaes_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                   struct core_error *err) {
  if (setup->n_objectives > 1)
    return core_fail_at(
        err, CORE_INVAL, setup->options->pos,
        "sampler 'cmaes' takes one objective, and the study has %zu; random, qmc and grid "
        "take several",
        setup->n_objectives);
  struct hpo_sampler *sampler = core_calloc(1, sizeof *sampler);
  if (!sampler) return core_fail_nomem(err, sizeof *sampler);
  enum core_status st = open_search(setup, &sampler->search, err);
  if (st == CORE_OK) st = hpo_design_open(setup->space, setup->seed, &sampler->design, err);
  if (st == CORE_OK)
    *out = sampler;
  else
    cmaes_close(sampler);
  return st;
}

/* ---- suggesting ---- */

static enum core_status cmaes_suggest(struct hpo_sampler *sampler, const struct hpo_history *seen,
                                      uint64_t number, struct core_rng *rng, double *x,
                                      struct core_error *err) {
  (void)rng; /* the search keys its draws itself, to find them again */
  CORE_TRY(hpo_cmaes_search_follow(sampler->search, seen, err));
  if (!hpo_cmaes_search_has_begun(sampler->search))
    return hpo_design_point(sampler->design, number, x, err);
  return hpo_cmaes_search_draw(sampler->search, seen->whole, number, x, err);
}

const struct hpo_sampler_ops hpo_sampler_cmaes = {
    .name = "cmaes",
    .summary = "a normal distribution that follows the better points (long valleys, many trials)",
    .options = cmaes_options,
    .open = cmaes_open,
    .suggest = cmaes_suggest,
    .close = cmaes_close,
};
