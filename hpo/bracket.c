/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/bracket.h"

#include "core/mem.h"

/* A growing list of borrowed trials. */
struct trial_list {
  const struct hpo_trial **trials;
  size_t n, cap;
};

struct bracket {
  struct trial_list all, finished;
  struct hpo_history history;
};

struct hpo_brackets {
  const struct hpo_pruner_ops *ops;
  struct hpo_pruner *pruner;
  const struct hpo_history *whole;
  struct bracket *brackets;
  size_t n_brackets, cap;
  size_t n_trials, n_finished; /* of the whole, already sorted in */
};

static enum core_status list_append(struct trial_list *list, const struct hpo_trial *trial,
                                    struct core_error *err) {
  void *array = list->trials;
  CORE_TRY(core_grow(&array, &list->cap, list->n + 1, sizeof(struct hpo_trial *), err));
  list->trials = array;
  list->trials[list->n++] = trial;
  return CORE_OK;
}

/* Bracket `k`, made when new. */
static enum core_status bracket_get(struct hpo_brackets *b, size_t k, struct bracket **out,
                                    struct core_error *err) {
  void *array = b->brackets;
  CORE_TRY(core_grow(&array, &b->cap, k + 1, sizeof *b->brackets, err));
  b->brackets = array;
  for (; b->n_brackets <= k; b->n_brackets++)
    b->brackets[b->n_brackets] =
        (struct bracket){.history = {.space = b->whole->space,
                                     .directions = b->whole->directions,
                                     .n_objectives = b->whole->n_objectives,
                                     .whole = b->whole}};
  *out = &b->brackets[k];
  return CORE_OK;
}

static void keep_best(struct hpo_history *history, const struct hpo_trial *trial) {
  if (hpo_history_is_better(history, trial, history->best)) history->best = trial;
}

/* Sorts the trials that came and finished since the last call into their brackets. */
static enum core_status follow(struct hpo_brackets *b, struct core_error *err) {
  struct bracket *bracket;
  for (; b->n_trials < b->whole->n_trials; b->n_trials++) {
    const struct hpo_trial *trial = b->whole->trials[b->n_trials];
    CORE_TRY(bracket_get(b, b->ops->bracket(b->pruner, b->whole, trial->number), &bracket, err));
    CORE_TRY(list_append(&bracket->all, trial, err));
  }
  for (; b->n_finished < b->whole->n_finished; b->n_finished++) {
    const struct hpo_trial *trial = b->whole->finished[b->n_finished];
    CORE_TRY(bracket_get(b, b->ops->bracket(b->pruner, b->whole, trial->number), &bracket, err));
    CORE_TRY(list_append(&bracket->finished, trial, err));
    keep_best(&bracket->history, trial);
  }
  return CORE_OK;
}

enum core_status hpo_brackets_view(struct hpo_brackets *b, uint64_t number,
                                   const struct hpo_history **out, struct core_error *err) {
  struct bracket *bracket;
  *out = b->whole;
  const size_t k = b->ops->bracket(b->pruner, b->whole, number);
  if (k == HPO_BRACKET_UNKNOWN) return CORE_OK;
  CORE_TRY(follow(b, err));
  CORE_TRY(bracket_get(b, k, &bracket, err));
  struct hpo_history *history = &bracket->history;
  history->trials = bracket->all.trials;
  history->n_trials = bracket->all.n;
  history->finished = bracket->finished.trials;
  history->n_finished = bracket->finished.n;
  *out = history;
  return CORE_OK;
}

enum core_status hpo_brackets_open(const struct hpo_pruner_ops *ops, struct hpo_pruner *pruner,
                                   const struct hpo_history *whole, struct hpo_brackets **out,
                                   struct core_error *err) {
  struct hpo_brackets *b = core_calloc(1, sizeof *b);
  if (!b) return core_fail_nomem(err, sizeof *b);
  b->ops = ops;
  b->pruner = pruner;
  b->whole = whole;
  *out = b;
  return CORE_OK;
}

void hpo_brackets_close(struct hpo_brackets *b) {
  if (!b) return;
  for (size_t i = 0; i < b->n_brackets; i++) {
    core_free(b->brackets[i].all.trials);
    core_free(b->brackets[i].finished.trials);
  }
  core_free(b->brackets);
  core_free(b);
}
