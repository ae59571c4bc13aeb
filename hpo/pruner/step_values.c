/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/pruner/step_values.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/stats.h"
#include "hpo/pruner/curve.h"

#define FEW 16 /* so many new values are put into their places one by one, more are sorted */

size_t hpo_step_values_below(const struct hpo_step_values *v, double x) {
  size_t low = 0, high = v->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (v->values[middle] < x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void insert(struct hpo_step_values *v, double x) {
  const size_t at = hpo_step_values_below(v, x);
  memmove(v->values + at + 1, v->values + at, (v->n - at) * sizeof *v->values);
  v->values[at] = x;
  v->n++;
}

bool hpo_step_values_follow(struct hpo_step_values *v, const struct hpo_step_rule *rule,
                            const struct hpo_history *seen) {
  const size_t n_new = seen->n_finished - v->n_finished;
  void *array = v->values;
  if (core_grow(&array, &v->cap, v->n + n_new, sizeof *v->values, NULL) != CORE_OK) return false;
  v->values = array;
  for (; v->n_finished < seen->n_finished; v->n_finished++) {
    const struct hpo_trial *trial = seen->finished[v->n_finished];
    if (rule->wanted && !rule->wanted(rule->context, trial)) continue;
    const struct hpo_report *report =
        rule->exact ? hpo_curve_at(trial, rule->step) : hpo_curve_from(trial, rule->step);
    v->n_reported += report != NULL;
    if (!report || isnan(report->value)) continue;
    if (n_new <= FEW)
      insert(v, rule->sign * report->value);
    else
      v->values[v->n++] = rule->sign * report->value;
  }
  if (n_new > FEW) core_sort_doubles(v->values, v->n);
  return true;
}

void hpo_step_values_close(struct hpo_step_values *v) {
  core_free(v->values);
  *v = (struct hpo_step_values){0};
}

bool hpo_open_trials_follow(struct hpo_open_trials *open, const struct hpo_history *seen) {
  void *array = open->numbers;
  const size_t n_new = seen->n_trials - open->n_trials;
  if (core_grow(&array, &open->cap, open->n + n_new, sizeof *open->numbers, NULL) != CORE_OK)
    return false;
  open->numbers = array;
  size_t kept = 0;
  for (size_t i = 0; i < open->n; i++)
    if (!hpo_state_is_final(seen->trials[open->numbers[i]]->state))
      open->numbers[kept++] = open->numbers[i];
  for (; open->n_trials < seen->n_trials; open->n_trials++)
    if (!hpo_state_is_final(seen->trials[open->n_trials]->state))
      open->numbers[kept++] = open->n_trials;
  open->n = kept;
  return true;
}

void hpo_open_trials_close(struct hpo_open_trials *open) {
  core_free(open->numbers);
  *open = (struct hpo_open_trials){0};
}
