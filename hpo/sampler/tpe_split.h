/* SPDX-License-Identifier: GPL-3.0-or-later
 * TPE's division of a history into the trials that l(x) is made of (the best tenth, at most 25;
 * a PRUNED one counts half) and the rest, which makes g(x). The order of merit is that of hpo/fidelity.h: by value where all are COMPLETE;
 * PRUNED trials by what they would have come to. Follows a growing history and says which
 * trials moved. */
#pragma once
#include "core/mem.h"
#include "hpo/history.h"

enum { HPO_SPLIT_MAX_BELOW = 25 };

enum hpo_side {
  HPO_SIDE_NONE, /* FAIL; not final, unless such trials count as bad */
  HPO_SIDE_BELOW,
  HPO_SIDE_ABOVE
};

struct hpo_merit {
  double loss; /* of a COMPLETE trial */
  const struct hpo_trial *trial;
};

struct hpo_split {
  bool pending;                    /* trials that are not final are above (the constant liar) */
  const struct hpo_trial **trials; /* the history as it was followed: its trials, ... */
  size_t n_trials, trials_cap;
  const struct hpo_trial **finished; /* ... and those that were final */
  size_t n_finished, finished_cap;
  uint8_t *side, *told; /* enum hpo_side of each of `trials`; as it was last told by a move */
  size_t side_cap, told_cap;
  size_t *touched; /* indices of trials that may have moved, some of them twice */
  size_t n_touched, touched_cap;
  size_t n_observed, n_pruned;                /* COMPLETE and PRUNED trials; PRUNED ones */
  struct hpo_merit best[HPO_SPLIT_MAX_BELOW]; /* from the best on */
  size_t n_best;
  struct core_arena scratch; /* of one update */
};

struct hpo_move {
  const struct hpo_trial *trial;
  enum hpo_side from, to;
};

/* Is `seen` what was followed so far, or more of it? True for an empty split. */
bool hpo_split_follows(const struct hpo_split *split, const struct hpo_history *seen);
/* Takes in what is new in a history that it follows. After a failure it has to be closed. */
enum core_status hpo_split_update(struct hpo_split *split, const struct hpo_history *seen,
                                  struct core_error *err) CORE_MUST_CHECK;
/* The next trial that changed sides since that was last told; false when there is none. */
bool hpo_split_move(struct hpo_split *split, struct hpo_move *out);
void hpo_split_close(struct hpo_split *split); /* leaves it empty; accepts one that is all zeros */
