/* SPDX-License-Identifier: GPL-3.0-or-later
 * The state machine. Each kind of event has two functions: what it demands of the state (check),
 * and what it does (apply, after a check; takes all memory before it changes anything). */
#include "hpo/study.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/rng.h"
#include "core/str.h"
#include "hpo/bracket.h"

struct hpo_study {
  const struct hpo_spec *spec;
  struct core_arena arena; /* trials and their rows */
  struct hpo_trial **trials;
  size_t trials_cap;
  const struct hpo_trial **finished;
  size_t finished_cap;
  struct hpo_history history; /* points at the two above */
  uint64_t n_of_state[HPO_WAITING + 1];
  struct hpo_sampler *sampler;
  struct hpo_pruner *pruner;
  struct hpo_brackets *brackets; /* NULL unless the pruner has brackets */
  double *unit;                  /* n_params: what the sampler writes */
};

typedef enum core_status check_fn(const struct hpo_study *study, const struct hpo_event *event,
                                  struct core_error *err);
typedef enum core_status apply_fn(struct hpo_study *study, const struct hpo_event *event,
                                  struct core_error *err);

static unsigned long long shown(uint64_t number) {
  return (unsigned long long)number;
}

static enum core_status check_state(const struct hpo_study *study, const struct hpo_event *event,
                                    enum hpo_state state, struct core_error *err) {
  const enum hpo_state is = study->trials[event->number]->state;
  if (is == state) return CORE_OK;
  return core_fail(err, CORE_INVAL, "trial %llu is %s, not %s", shown(event->number),
                   hpo_state_text(is), hpo_state_text(state));
}

static enum core_status check_create(const struct hpo_study *study, const struct hpo_event *event,
                                     struct core_error *err) {
  if (event->number != study->history.n_trials)
    return core_fail(err, CORE_INVAL, "the next trial's number is %zu, not %llu",
                     study->history.n_trials, shown(event->number));
  if (event->state != HPO_RUNNING && event->state != HPO_WAITING)
    return core_fail(err, CORE_INVAL, "trial %llu cannot begin as %s; RUNNING or WAITING",
                     shown(event->number), hpo_state_text(event->state));
  return hpo_space_check(&study->spec->space, event->internal, err);
}

static void place_row(struct hpo_trial *trial, const struct hpo_space *space, double *rows,
                      const double *internal) {
  trial->internal = rows;
  trial->unit = rows + space->n_params;
  trial->values = rows + 2 * space->n_params;
  memcpy(trial->internal, internal, space->n_params * sizeof *internal);
  hpo_space_to_unit(space, internal, trial->unit);
}

static enum core_status apply_create(struct hpo_study *study, const struct hpo_event *event,
                                     struct core_error *err) {
  const struct hpo_space *space = &study->spec->space;
  struct hpo_history *history = &study->history;
  void *array = study->trials;
  CORE_TRY(core_grow(&array, &study->trials_cap, history->n_trials + 1, sizeof(struct hpo_trial *),
                     err));
  study->trials = array;
  history->trials = array;
  const size_t n_values = history->n_objectives > 0 ? history->n_objectives : 1;
  const size_t bytes = (2 * space->n_params + n_values) * sizeof(double);
  struct hpo_trial *trial = core_arena_calloc(&study->arena, 1, sizeof *trial);
  double *rows = core_arena_alloc(&study->arena, bytes);
  if (!trial || !rows) return core_fail_nomem(err, bytes + sizeof *trial);
  place_row(trial, space, rows, event->internal);
  trial->number = event->number;
  trial->state = event->state;
  trial->start_unix_s = event->state == HPO_RUNNING ? event->unix_s : 0;
  trial->finish_index = UINT64_MAX;
  trial->attempt = event->attempt;
  study->trials[history->n_trials++] = trial;
  study->n_of_state[trial->state]++;
  return CORE_OK;
}

static void change_state(struct hpo_study *study, struct hpo_trial *trial, enum hpo_state state) {
  study->n_of_state[trial->state]--;
  study->n_of_state[state]++;
  trial->state = state;
}

static enum core_status check_start(const struct hpo_study *study, const struct hpo_event *event,
                                    struct core_error *err) {
  return check_state(study, event, HPO_WAITING, err);
}

static enum core_status apply_start(struct hpo_study *study, const struct hpo_event *event,
                                    struct core_error *err) {
  (void)err;
  struct hpo_trial *trial = study->trials[event->number];
  trial->start_unix_s = event->unix_s;
  change_state(study, trial, HPO_RUNNING);
  return CORE_OK;
}

static enum core_status check_requeue(const struct hpo_study *study, const struct hpo_event *event,
                                      struct core_error *err) {
  return check_state(study, event, HPO_RUNNING, err);
}

static enum core_status apply_requeue(struct hpo_study *study, const struct hpo_event *event,
                                      struct core_error *err) {
  (void)err;
  struct hpo_trial *trial = study->trials[event->number];
  trial->n_reports = 0;
  trial->start_unix_s = 0;
  trial->attempt = event->attempt;
  change_state(study, trial, HPO_WAITING);
  return CORE_OK;
}

static enum core_status check_report(const struct hpo_study *study, const struct hpo_event *event,
                                     struct core_error *err) {
  if (event->report.step < 0)
    return core_fail(err, CORE_INVAL, "trial %llu reports step %lld; steps count from 0",
                     shown(event->number), (long long)event->report.step);
  return check_state(study, event, HPO_RUNNING, err);
}

/* Steps mostly rise, so the place is looked for from the end. */
static enum core_status apply_report(struct hpo_study *study, const struct hpo_event *event,
                                     struct core_error *err) {
  struct hpo_trial *trial = study->trials[event->number];
  const int64_t step = event->report.step;
  size_t at = trial->n_reports;
  while (at > 0 && trial->reports[at - 1].step > step) at--;
  if (at > 0 && trial->reports[at - 1].step == step) return CORE_OK; /* the first one is kept */
  void *array = trial->reports;
  CORE_TRY(
      core_grow(&array, &trial->reports_cap, trial->n_reports + 1, sizeof *trial->reports, err));
  trial->reports = array;
  memmove(trial->reports + at + 1, trial->reports + at,
          (trial->n_reports - at) * sizeof *trial->reports);
  trial->reports[at] = event->report;
  trial->n_reports++;
  return CORE_OK;
}

static enum core_status check_attr(const struct hpo_study *study, const struct hpo_event *event,
                                   struct core_error *err) {
  (void)study;
  if (event->key && event->json) return CORE_OK;
  return core_fail(err, CORE_INVAL, "an attribute of trial %llu has no key or no value",
                   shown(event->number));
}

/* Nothing that is decided depends on an attribute: the store keeps them. */
static enum core_status apply_attr(struct hpo_study *study, const struct hpo_event *event,
                                   struct core_error *err) {
  (void)study, (void)event, (void)err;
  return CORE_OK;
}

/* How many values a state may end with. */
static bool fits_count(const struct hpo_study *study, const struct hpo_event *event) {
  const size_t n = study->history.n_objectives;
  if (event->state == HPO_COMPLETE) return event->n_values == n;
  if (event->state == HPO_PRUNED) return event->n_values == 0 || (event->n_values == 1 && n == 1);
  return event->n_values == 0;
}

static enum core_status check_finish(const struct hpo_study *study, const struct hpo_event *event,
                                     struct core_error *err) {
  const unsigned long long number = shown(event->number);
  const enum hpo_state is = study->trials[event->number]->state;
  if (!hpo_state_is_final(event->state))
    return core_fail(err, CORE_INVAL, "trial %llu cannot end as %s; COMPLETE, PRUNED or FAIL",
                     number, hpo_state_text(event->state));
  if (is != HPO_RUNNING && !(is == HPO_WAITING && event->state == HPO_FAIL))
    return core_fail(err, CORE_INVAL, "trial %llu is %s and cannot become %s", number,
                     hpo_state_text(is), hpo_state_text(event->state));
  if (!fits_count(study, event))
    return core_fail(err, CORE_INVAL, "trial %llu ends as %s with %zu values; the study has %zu",
                     number, hpo_state_text(event->state), event->n_values,
                     study->history.n_objectives);
  for (size_t i = 0; i < event->n_values; i++)
    if (isnan(event->values[i]))
      return core_fail(err, CORE_INVAL, "trial %llu: objective '%s' is NaN; such a trial is FAIL",
                       number, study->spec->objectives[i].metric);
  return CORE_OK;
}

static enum core_status apply_finish(struct hpo_study *study, const struct hpo_event *event,
                                     struct core_error *err) {
  struct hpo_history *history = &study->history;
  struct hpo_trial *trial = study->trials[event->number];
  void *array = study->finished;
  CORE_TRY(core_grow(&array, &study->finished_cap, history->n_finished + 1,
                     sizeof(struct hpo_trial *), err));
  study->finished = array;
  history->finished = array;
  for (size_t i = 0; i < event->n_values; i++) trial->values[i] = event->values[i];
  trial->n_values = event->n_values;
  trial->outcome = event->outcome;
  trial->end_unix_s = event->unix_s;
  trial->finish_index = history->n_finished;
  study->finished[history->n_finished++] = trial;
  change_state(study, trial, event->state);
  if (hpo_history_is_better(history, trial, history->best)) history->best = trial;
  return CORE_OK;
}

static const struct {
  check_fn *check;
  apply_fn *apply;
} kinds[] = {
    [HPO_EVENT_CREATE] = {check_create, apply_create},
    [HPO_EVENT_START] = {check_start, apply_start},
    [HPO_EVENT_REQUEUE] = {check_requeue, apply_requeue},
    [HPO_EVENT_REPORT] = {check_report, apply_report},
    [HPO_EVENT_ATTR] = {check_attr, apply_attr},
    [HPO_EVENT_FINISH] = {check_finish, apply_finish},
};

enum core_status hpo_study_check(const struct hpo_study *study, const struct hpo_event *event,
                                 struct core_error *err) {
  if (event->kind != HPO_EVENT_CREATE && event->number >= study->history.n_trials)
    return core_fail(err, CORE_INVAL, "there is no trial %llu; the study has %zu",
                     shown(event->number), study->history.n_trials);
  return kinds[event->kind].check(study, event, err);
}

enum core_status hpo_study_apply(struct hpo_study *study, const struct hpo_event *event,
                                 struct core_error *err) {
  CORE_TRY(hpo_study_check(study, event, err));
  return kinds[event->kind].apply(study, event, err);
}

static enum core_status open_plugins(struct hpo_study *study, struct core_error *err) {
  const struct hpo_spec *spec = study->spec;
  if (spec->sampler) {
    const struct hpo_sampler_setup setup = hpo_spec_sampler_setup(spec);
    CORE_TRY(spec->sampler->open(&setup, &study->sampler, err));
  }
  if (!spec->pruner) return CORE_OK;
  const struct hpo_pruner_setup setup = hpo_spec_pruner_setup(spec);
  CORE_TRY(spec->pruner->open(&setup, &study->pruner, err));
  if (!spec->pruner->bracket || spec->n_objectives != 1) return CORE_OK;
  return hpo_brackets_open(spec->pruner, study->pruner, &study->history, &study->brackets, err);
}

enum core_status hpo_study_open(const struct hpo_spec *spec, struct hpo_study **out,
                                struct core_error *err) {
  struct hpo_study *study = core_calloc(1, sizeof *study);
  if (!study) return core_fail_nomem(err, sizeof *study);
  study->spec = spec;
  study->history = (struct hpo_history){.space = &spec->space,
                                        .directions = spec->directions,
                                        .n_objectives = spec->n_objectives,
                                        .whole = &study->history};
  study->unit = core_calloc(spec->space.n_params, sizeof *study->unit);
  enum core_status st =
      study->unit ? open_plugins(study, err) : core_fail_nomem(err, sizeof *study->unit);
  if (st == CORE_OK)
    *out = study;
  else
    hpo_study_close(study);
  return st;
}

void hpo_study_close(struct hpo_study *study) {
  if (!study) return;
  hpo_brackets_close(study->brackets);
  if (study->spec->pruner) study->spec->pruner->close(study->pruner);
  if (study->spec->sampler) study->spec->sampler->close(study->sampler);
  for (size_t i = 0; i < study->history.n_trials; i++) core_free(study->trials[i]->reports);
  core_free(study->trials);
  core_free(study->finished);
  core_free(study->unit);
  core_arena_close(&study->arena);
  core_free(study);
}

enum core_status hpo_study_suggest(struct hpo_study *study, double *internal, bool *fallback,
                                   struct core_error *err) {
  const struct hpo_spec *spec = study->spec;
  const uint64_t number = study->history.n_trials;
  const struct hpo_history *seen = &study->history;
  struct core_rng rng;
  if (fallback) *fallback = false;
  if (!spec->sampler) return core_fail(err, CORE_UNSUPPORTED, "the study has no sampler");
  enum core_status st = CORE_OK;
  if (study->brackets) st = hpo_brackets_view(study->brackets, number, &seen, NULL);
  core_rng_init(&rng, spec->seed, number, CORE_RNG_SAMPLER);
  if (st == CORE_OK)
    st = spec->sampler->suggest(study->sampler, seen, number, &rng, study->unit, err);
  if (st == CORE_EXHAUSTED) return st;
  if (st != CORE_OK) {
    core_error_clear(err);
    core_rng_init(&rng, spec->seed, number, CORE_RNG_SAMPLER);
    for (size_t i = 0; i < spec->space.n_params; i++) study->unit[i] = core_rng_unit(&rng);
    if (fallback) *fallback = true;
  }
  hpo_space_to_internal(&spec->space, study->unit, internal);
  if (st == CORE_OK && spec->sampler->refine) spec->sampler->refine(study->sampler, internal);
  return CORE_OK;
}

const char *hpo_study_sampler_note(struct hpo_study *study) {
  const struct hpo_sampler_ops *ops = study->spec->sampler;
  return ops && ops->note ? ops->note(study->sampler, &study->history) : "";
}

bool hpo_study_should_prune(struct hpo_study *study, uint64_t number) {
  const struct hpo_pruner_ops *ops = study->spec->pruner;
  if (!ops || study->history.n_objectives != 1 || number >= study->history.n_trials) return false;
  const struct hpo_trial *trial = study->trials[number];
  if (trial->state != HPO_RUNNING || trial->n_reports == 0) return false;
  return ops->prune(study->pruner, &study->history, trial);
}

const struct hpo_history *hpo_study_history(const struct hpo_study *study) {
  return &study->history;
}

const struct hpo_spec *hpo_study_spec(const struct hpo_study *study) {
  return study->spec;
}

struct hpo_counts hpo_study_counts(const struct hpo_study *study) {
  return (struct hpo_counts){.running = study->n_of_state[HPO_RUNNING],
                             .complete = study->n_of_state[HPO_COMPLETE],
                             .pruned = study->n_of_state[HPO_PRUNED],
                             .fail = study->n_of_state[HPO_FAIL],
                             .waiting = study->n_of_state[HPO_WAITING]};
}

uint64_t hpo_trial_seed(uint64_t study_seed, uint64_t number) {
  struct core_rng rng;
  core_rng_init(&rng, study_seed, number, CORE_RNG_TRIAL_SEED);
  return core_rng_u64(&rng) >> 1;
}
