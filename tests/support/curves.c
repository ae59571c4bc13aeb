/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/curves.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

void curves_init(struct curves *c, enum hpo_direction direction) {
  *c = (struct curves){.direction = direction};
  c->history = (struct hpo_history){.directions = &c->direction,
                                    .n_objectives = 1,
                                    .trials = c->by_number,
                                    .finished = c->finished};
  c->history.whole = &c->history;
}

struct hpo_trial *curves_trial(struct curves *c) {
  const size_t number = c->history.n_trials;
  assert_true(number < CURVES_TRIALS);
  struct hpo_trial *trial = &c->trials[number];
  *trial =
      (struct hpo_trial){.number = number, .state = HPO_RUNNING, .reports = c->reports[number]};
  c->by_number[number] = trial;
  c->history.n_trials++;
  return trial;
}

void curves_report(struct curves *c, struct hpo_trial *trial, long step, double value) {
  (void)c;
  assert_true(trial->n_reports < CURVES_REPORTS);
  trial->reports[trial->n_reports++] = (struct hpo_report){.step = step, .value = value};
}

void curves_value(struct curves *c, struct hpo_trial *trial, double value) {
  trial->values = &c->values[trial->number];
  trial->values[0] = value;
  trial->n_values = 1;
}

void curves_finish(struct curves *c, struct hpo_trial *trial, enum hpo_state state) {
  trial->state = state;
  if (trial->n_reports > 0 && trial->n_values == 0 && state != HPO_FAIL)
    curves_value(c, trial, trial->reports[trial->n_reports - 1].value);
  if (hpo_history_is_better(&c->history, trial, c->history.best)) c->history.best = trial;
  trial->finish_index = c->history.n_finished;
  c->finished[c->history.n_finished++] = trial;
}

struct hpo_trial *curves_complete(struct curves *c, const double *values, size_t n) {
  struct hpo_trial *trial = curves_trial(c);
  for (size_t i = 0; i < n; i++) curves_report(c, trial, (long)i, values[i]);
  curves_finish(c, trial, HPO_COMPLETE);
  return trial;
}

enum core_status try_open_pruner(struct open_pruner *p, const char *section, const char *study_name,
                                 enum hpo_direction direction, struct core_error *err) {
  static const char *const elsewhere[] = {"name", NULL};
  *p = (struct open_pruner){0};
  CORE_TRY(core_tree_parse(&p->tree, "pruner", section, strlen(section), err));
  p->ops = hpo_pruner_find(core_node_get(p->tree.root, "name")->text.data);
  assert_non_null(p->ops);
  CORE_TRY(core_options_open(&p->options, p->ops->options, p->tree.root, "pruner", elsewhere, err));
  const struct hpo_pruner_setup setup = {.options = &p->options,
                                         .direction = direction,
                                         .study_name = study_name,
                                         .section = p->tree.root};
  return p->ops->open(&setup, &p->pruner, err);
}

void open_pruner(struct open_pruner *p, const char *section, const char *study_name,
                 enum hpo_direction direction) {
  struct core_error err = {0};
  if (try_open_pruner(p, section, study_name, direction, &err) != CORE_OK)
    fail_msg("%s: %s", section, err.message);
}

void close_pruner(struct open_pruner *p) {
  if (p->ops) p->ops->close(p->pruner);
  core_options_close(&p->options);
  core_tree_close(&p->tree);
}
