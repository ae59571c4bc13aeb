/* SPDX-License-Identifier: GPL-3.0-or-later
 * TPE's division of a history into the trials that l(x) is made of (the best tenth, at most 25) and the rest, which makes
 * g(x). Order of merit: COMPLETE by value, then PRUNED by how far they came and the value there. */
#pragma once
#include "core/mem.h"
#include "hpo/history.h"

struct hpo_split {
  const struct hpo_trial **below; /* ascending by number */
  size_t n_below;
  const struct hpo_trial *
      *above; /* ascending by number; trials that are not final are among them when asked for */
  size_t n_above;
};

/* COMPLETE and PRUNED trials: what counts as observed. */
size_t hpo_split_count(const struct hpo_history *seen);
/* `pending`: trials that are not final count as bad (the constant liar). The lists live in the arena. */
enum core_status hpo_split_make(struct hpo_split *out, const struct hpo_history *seen, bool pending,
                                struct core_arena *arena, struct core_error *err) CORE_MUST_CHECK;
