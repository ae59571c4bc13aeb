/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every point of a grid once, in an order shuffled by the seed. */
#include "core/mem.h"
#include "hpo/sampler/grid_rule.h"

struct hpo_sampler {
  struct hpo_grid_walk walk;
};

static const struct core_option grid_options[] = {
    {.name = "search_space",
     .type = CORE_OPT_MAP,
     .help = "values to try, {NAME: [...]}; parameters without a list are tried whole"},
    CORE_OPTION_END};

static void grid_close(struct hpo_sampler *s) {
  if (s) hpo_grid_walk_close(&s->walk);
  core_free(s);
}

static enum core_status grid_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                  struct core_error *err) {
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  const enum core_status st = hpo_grid_walk_open(
      &s->walk, setup, "grid", true, core_option_node(setup->options, "search_space"), err);
  if (st == CORE_OK)
    *out = s;
  else
    grid_close(s);
  return st;
}

static enum core_status grid_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                     uint64_t number, struct core_rng *rng, double *x,
                                     struct core_error *err) {
  (void)number, (void)rng;
  return hpo_grid_walk_next(&s->walk, seen, x, err);
}

static void grid_refine(struct hpo_sampler *s, double *internal) {
  hpo_grid_walk_refine(&s->walk, internal);
}

const struct hpo_sampler_ops hpo_sampler_grid = {
    .name = "grid",
    .summary = "every point of a grid once, shuffled",
    .options = grid_options,
    .open = grid_open,
    .suggest = grid_suggest,
    .close = grid_close,
    .refine = grid_refine,
};
