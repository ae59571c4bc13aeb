/* SPDX-License-Identifier: GPL-3.0-or-later
 * The points that a study's trials have, in whatever state: for samplers that repeat none. A set of
 * internal rows that follows the study, about 16 to 32 bytes a trial. */
#pragma once
#include "hpo/history.h"

struct hpo_taken {                /* all zeros is a valid empty set */
  const struct hpo_trial **slots; /* open addressing over the trials' own rows */
  size_t cap;                     /* a power of two, at least twice n; or 0 */
  size_t n;                       /* trials of the study that are in it: numbers below n */
};
/* Adds the trials that came since the last call. `whole` is the study's own history, which
 * grows. */
enum core_status hpo_taken_follow(struct hpo_taken *taken, const struct hpo_history *whole,
                                  struct core_error *err) CORE_MUST_CHECK;
/* Does a trial have this internal row? NaN (does not exist) equals NaN. After the first follow. */
bool hpo_taken_has(const struct hpo_taken *taken, const double *internal, size_t n_params);
void hpo_taken_close(struct hpo_taken *taken);
