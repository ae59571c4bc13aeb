/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a sampler: proposes points. A sampler sees the history and writes one unit-cube
 * row; it never launches, prints, reads the clock, or talks to other processes.
 *
 * Law: a suggestion is a function of (options, seed, trial number, history in its order) alone.
 * State kept between calls may only make the same answer cheaper: a fresh sampler given the same
 * history gives the same row, bit for bit. All calls of one sampler come with the growing history
 * of one study, or, under a pruner with brackets, with parts of it in turns. The space turns the
 * row into a point (hpo_space_to_internal): every row is in bounds by construction, coordinates of
 * parameters that do not exist are ignored. */
#pragma once
#include "core/option.h"
#include "core/rng.h"
#include "core/status.h"
#include "hpo/history.h"

struct hpo_sampler; /* each sampler file defines its own */

/* What a sampler is opened with; all borrowed, must outlive it. */
struct hpo_sampler_setup {
  const struct hpo_space *space;
  const struct core_options *options; /* by the ops' option rows */
  const enum hpo_direction *directions;
  size_t n_objectives;
  uint64_t seed;
};

struct hpo_sampler_ops {
  const char *name;    /* as written in a study file: "tpe" */
  const char *summary; /* one line for help */
  const struct core_option
      *options; /* ends with CORE_OPTION_END; Optuna's names where it has them */
  enum core_status (*open)(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                           struct core_error *err);
  /* Writes x[space->n_params] for trial `number`; rng is keyed by (seed, number, CORE_RNG_SAMPLER).
   * CORE_EXHAUSTED: nothing is left to suggest (a finished grid). */
  enum core_status (*suggest)(struct hpo_sampler *sampler, const struct hpo_history *seen,
                              uint64_t number, struct core_rng *rng, double *x,
                              struct core_error *err);
  void (*close)(struct hpo_sampler *sampler); /* accepts NULL */
  /* Optional (NULL): puts the exact values of the point just suggested into its internal row, for
   * samplers that mean values which a unit coordinate only holds to the last digit but one (listed
   * values of a continuous parameter). */
  void (*refine)(struct hpo_sampler *sampler, double *internal);
  /* Optional (NULL): a clause for the log on what the sampler would do next and why, where it has a
   * choice. Changes no suggestion; valid until the next call. */
  const char *(*note)(struct hpo_sampler *sampler, const struct hpo_history *seen);
};

const struct hpo_sampler_ops *const *hpo_sampler_all(void);       /* NULL-terminated registry */
const struct hpo_sampler_ops *hpo_sampler_find(const char *name); /* NULL when there is none */
/* Reads a `sampler` section (NULL: absent, `fallback` is meant): the row and its options. */
enum core_status hpo_sampler_read(const struct core_node *section, const char *fallback,
                                  const struct hpo_sampler_ops **ops, struct core_options *options,
                                  struct core_error *err) CORE_MUST_CHECK;
