/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every point of a finite space once, in an order shuffled by the seed: a grid of all values. */
#include "core/mem.h"
#include "hpo/sampler/grid_rule.h"

struct hpo_sampler {
  struct hpo_grid_walk walk;
};

static const struct core_option brute_force_options[] = {CORE_OPTION_END};

static void brute_force_close(struct hpo_sampler *s) {
  if (s) hpo_grid_walk_close(&s->walk);
  core_free(s);
}

static enum core_status brute_force_open(const struct hpo_sampler_setup *setup,
                                         struct hpo_sampler **out, struct core_error *err) {
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  const enum core_status st = hpo_grid_walk_open(&s->walk, setup, "brute_force", false, NULL, err);
  if (st == CORE_OK)
    *out = s;
  else
    brute_force_close(s);
  return st;
}

static enum core_status brute_force_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                            uint64_t number, struct core_rng *rng, double *x,
                                            struct core_error *err) {
  (void)number, (void)rng;
  return hpo_grid_walk_next(&s->walk, seen, x, err);
}

static void brute_force_refine(struct hpo_sampler *s, double *internal) {
  hpo_grid_walk_refine(&s->walk, internal);
}

const struct hpo_sampler_ops hpo_sampler_brute_force = {
    .name = "brute_force",
    .summary = "every point of a finite space once, shuffled",
    .options = brute_force_options,
    .open = brute_force_open,
    .suggest = brute_force_suggest,
    .close = brute_force_close,
    .refine = brute_force_refine,
};
