/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/pruner/halving.h"

#include <math.h>

#include "core/mem.h"
#include "hpo/pruner/curve.h"

#define MIN_WITNESSES 6  /* complete trials; fewer say nothing about a rung */
#define MAX_WITNESSES 40 /* the latest */

int64_t hpo_halving_first_length(const struct hpo_history *seen) {
  for (size_t i = 0; i < seen->n_finished; i++) {
    const struct hpo_trial *trial = seen->finished[i];
    if (trial->state == HPO_COMPLETE && trial->n_reports > 0)
      return trial->reports[trial->n_reports - 1].step;
  }
  return -1;
}

enum core_status hpo_halving_read_resource(const struct core_options *options, const char *name,
                                           int64_t *steps, struct core_error *err) {
  const struct core_option_value *value = core_option_get(options, name);
  *steps = 0;
  if (!value->given ||
      (value->node->kind == CORE_NODE_STRING && core_slice_is(value->node->text, "auto")))
    return CORE_OK;
  if (value->node->kind == CORE_NODE_INT && value->node->integer >= 1) {
    *steps = value->node->integer;
    return CORE_OK;
  }
  return core_fail_at(
      err, CORE_INVAL, value->pos, "'%s' is '%.*s', not a number of steps (1 or more) or auto",
      name, (int)value->node->text.len, value->node->text.data ? value->node->text.data : "");
}

/* The step of the rung after the one at `step`; INT64_MAX beyond all steps. */
static int64_t next_step(const struct hpo_halving *rule, int64_t step) {
  if (rule->spacing > 0) {
    const double next = fmax(round((double)step * rule->spacing), (double)step + 1);
    return next < 0x1p62 ? (int64_t)next : INT64_MAX;
  }
  return __builtin_mul_overflow(step, rule->reduction_factor, &step) ? INT64_MAX : step;
}

static int64_t first_step(const struct hpo_halving *rule, int64_t min_resource) {
  int64_t step = min_resource;
  for (int64_t i = 0; i < rule->early_stopping_rate && step < INT64_MAX; i++)
    step = next_step(rule, step);
  return step;
}

struct hpo_rung {
  size_t bracket;
  int64_t step;
  struct hpo_step_values values;
};

void hpo_rungs_close(struct hpo_rungs *rungs) {
  for (size_t i = 0; i < rungs->n; i++) hpo_step_values_close(&rungs->rungs[i].values);
  core_free(rungs->rungs);
  hpo_open_trials_close(&rungs->open);
  *rungs = (struct hpo_rungs){0};
}

/* The rung's values of all finished competitors; NULL without memory. */
static const struct hpo_step_values *rung_values(struct hpo_rungs *rungs,
                                                 const struct hpo_step_rule *rule,
                                                 const struct hpo_history *seen, size_t bracket) {
  size_t i = 0;
  while (i < rungs->n && (rungs->rungs[i].step != rule->step || rungs->rungs[i].bracket != bracket))
    i++;
  if (i == rungs->n) {
    void *array = rungs->rungs;
    if (core_grow(&array, &rungs->cap, i + 1, sizeof *rungs->rungs, NULL) != CORE_OK) return NULL;
    rungs->rungs = array;
    rungs->rungs[rungs->n++] = (struct hpo_rung){.bracket = bracket, .step = rule->step};
  }
  struct hpo_step_values *values = &rungs->rungs[i].values;
  return hpo_step_values_follow(values, rule, seen) ? values : NULL;
}

/* Values at a rung, and those that are better than the one judged. */
struct standing {
  int64_t n, n_better;
};

static void count_trial(struct standing *standing, const struct hpo_step_rule *rule,
                        const struct hpo_trial *trial, double value) {
  if (rule->wanted && !rule->wanted(rule->context, trial)) return;
  const struct hpo_report *report = hpo_curve_from(trial, rule->step);
  if (!report || isnan(report->value)) return;
  standing->n++;
  standing->n_better += rule->sign * report->value < value;
}

/* Beside the latest trials that came to the rung. */
static struct standing stand_late(const struct hpo_step_rule *rule, const struct hpo_history *seen,
                                  const struct hpo_trial *trial, double value, int64_t window) {
  struct standing standing = {.n = 1};
  for (size_t i = seen->n_trials; i-- > 0 && standing.n < window;)
    if (seen->trials[i]->number != trial->number)
      count_trial(&standing, rule, seen->trials[i], value);
  return standing;
}

/* Beside all trials that came to the rung. Without memory to keep their values these are read off the trials. */
static struct standing stand_overall(const struct hpo_step_rule *rule, struct hpo_rungs *rungs,
                                     const struct hpo_history *seen, const struct hpo_trial *trial,
                                     double value, size_t bracket) {
  struct standing standing = {.n = 1};
  const struct hpo_step_values *kept =
      hpo_open_trials_follow(&rungs->open, seen) ? rung_values(rungs, rule, seen, bracket) : NULL;
  if (kept) {
    standing.n += (int64_t)kept->n;
    standing.n_better = (int64_t)hpo_step_values_below(kept, value);
  }
  for (size_t i = 0; i < (kept ? rungs->open.n : seen->n_trials); i++) {
    const struct hpo_trial *other = seen->trials[kept ? rungs->open.numbers[i] : i];
    if (other->number != trial->number) count_trial(&standing, rule, other, value);
  }
  return standing;
}

/* Is `value` among the best floor(n / factor) of the n values at the rung, its own included, or the best of all? */
static bool passes(const struct hpo_halving *rule, struct hpo_rungs *rungs,
                   const struct hpo_history *seen, const struct hpo_trial *trial, int64_t step,
                   const struct hpo_competition *competition) {
  const struct hpo_step_rule at = {.step = step,
                                   .sign = rule->direction == HPO_MAXIMIZE ? -1 : 1,
                                   .wanted = competition->member,
                                   .context = competition->context};
  const double value = at.sign * trial->reports[trial->n_reports - 1].value;
  const struct standing standing =
      rule->window > 0 ? stand_late(&at, seen, trial, value, rule->window)
                       : stand_overall(&at, rungs, seen, trial, value, competition->bracket);
  const int64_t best = standing.n / rule->reduction_factor;
  return standing.n > rule->bootstrap_count && standing.n_better < (best > 0 ? best : 1);
}

static int order(double a, double b) {
  return (a > b) - (a < b);
}

/* Does the order of values at a step foretell that of the ends better than a coin? Not if more pairs of the latest complete
 * trials are swapped than are in the same order (Kendall's tau below 0); yes while there are few of them. */
static bool foretells(const struct hpo_halving *rule, const struct hpo_history *seen, int64_t step,
                      const struct hpo_competition *competition) {
  double here[MAX_WITNESSES], end[MAX_WITNESSES];
  const double sign = rule->direction == HPO_MAXIMIZE ? -1 : 1;
  size_t n = 0;
  for (size_t i = seen->n_finished; i-- > 0 && n < MAX_WITNESSES;) {
    const struct hpo_trial *trial = seen->finished[i];
    if (trial->state != HPO_COMPLETE) continue;
    if (competition->member && !competition->member(competition->context, trial)) continue;
    const struct hpo_report *report = hpo_curve_from(trial, step);
    if (!report || isnan(report->value)) continue;
    here[n] = sign * report->value;
    end[n++] = hpo_history_loss(seen, trial);
  }
  int concord = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) concord += order(here[i], here[j]) * order(end[i], end[j]);
  return n < MIN_WITNESSES || concord >= 0;
}

/* The first of them are complete, so few are looked at. */
static bool has_started(const struct hpo_halving *rule, const struct hpo_history *seen) {
  int64_t n_complete = 0;
  for (size_t i = 0; i < seen->n_finished && n_complete < rule->startup; i++)
    n_complete += seen->finished[i]->state == HPO_COMPLETE;
  return n_complete >= rule->startup;
}

bool hpo_halving_prune(const struct hpo_halving *rule, struct hpo_rungs *rungs,
                       const struct hpo_history *seen, const struct hpo_trial *trial,
                       const struct hpo_competition *competition) {
  const struct hpo_report *last = &trial->reports[trial->n_reports - 1];
  const bool first = trial->n_reports < 2;
  int64_t min_resource = rule->min_resource;
  if (!has_started(rule, seen)) return false;
  if (min_resource == 0) {
    const int64_t length = hpo_halving_first_length(seen);
    if (length < 0) return false;
    min_resource = length / rule->auto_share > 1 ? length / rule->auto_share : 1;
  }
  bool prune = false;
  for (int64_t step = first_step(rule, min_resource);
       !prune && step <= last->step && step < INT64_MAX; step = next_step(rule, step)) {
    if (!first && trial->reports[trial->n_reports - 2].step >= step) continue; /* passed earlier */
    if (rule->min_resource == 0 && !isnan(last->value) && !foretells(rule, seen, step, competition))
      continue;
    prune = isnan(last->value) || !passes(rule, rungs, seen, trial, step, competition);
  }
  return prune;
}
