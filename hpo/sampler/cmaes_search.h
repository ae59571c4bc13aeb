/* SPDX-License-Identifier: GPL-3.0-or-later
 * CMA-ES over the trials of a study: the state that a history leads to, and what it draws for a
 * trial. Finished trials are taken in the order in which they ended; every lambda of them are one
 * generation, whoever suggested them. A trial's own draw is found again from its number, so that
 * ints count with the value before rounding and trials of an earlier distribution are told
 * apart. */
#pragma once
#include "hpo/history.h"
#include "hpo/sampler/cmaes_restart.h"

struct hpo_cmaes_settings {
  const struct hpo_space *space; /* borrowed */
  uint64_t seed;
  size_t n_startup_trials;
  size_t population; /* 0: by dimension */
  double sigma0;     /* of the unit interval */
  const double *x0;  /* unit row that the first run starts at, NaN: not given; NULL: none. Copied */
  enum hpo_cmaes_regime regime;
  double growth;
  bool separable, margin, pruned;
};

struct hpo_cmaes_search;
enum core_status hpo_cmaes_search_open(const struct hpo_cmaes_settings *settings,
                                       struct hpo_cmaes_search **out,
                                       struct core_error *err) CORE_MUST_CHECK;
void hpo_cmaes_search_close(struct hpo_cmaes_search *search); /* accepts NULL */
/* Takes what the history has finished since the last call; a history that does not continue the
 * last one is taken from its start. After a failure the next call does that too. */
enum core_status hpo_cmaes_search_follow(struct hpo_cmaes_search *search,
                                         const struct hpo_history *history,
                                         struct core_error *err) CORE_MUST_CHECK;
/* Has the strategy begun, or are start-up trials still awaited? */
bool hpo_cmaes_search_has_begun(const struct hpo_cmaes_search *search);
/* The unit row of trial `number` by the distribution at hand. In a finite space it is one that no
 * trial of `whole`, the study's own history, has, when a few draws find such a one. */
enum core_status hpo_cmaes_search_draw(struct hpo_cmaes_search *search,
                                       const struct hpo_history *whole, uint64_t number,
                                       double *unit, struct core_error *err) CORE_MUST_CHECK;

/* For tests and notes: how the search stands. */
struct hpo_cmaes_view {
  const struct hpo_cmaes *strategy;
  const struct hpo_cmaes_plan *plan;
};
struct hpo_cmaes_view hpo_cmaes_search_view(const struct hpo_cmaes_search *search);
