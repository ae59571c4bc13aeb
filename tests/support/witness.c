/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/witness.h"

#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "tests/support/support.h"

/* ---- the sampler ---- */

struct hpo_sampler {
  const struct hpo_space *space;
};

static enum core_status witness_open(const struct hpo_sampler_setup *setup,
                                     struct hpo_sampler **out, struct core_error *err) {
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->space = setup->space;
  *out = s;
  return CORE_OK;
}

static uint64_t mix(uint64_t seed, const void *bytes, size_t len) {
  return core_hash64(bytes, len, seed);
}

static uint64_t hash_trial(const struct hpo_trial *trial, size_t n_params, uint64_t seed) {
  const uint64_t facts[] = {trial->number,       (uint64_t)trial->state,   trial->n_values,
                            trial->finish_index, (uint64_t)trial->attempt, trial->n_reports};
  seed = mix(seed, facts, sizeof facts);
  for (size_t i = 0; i < trial->n_reports; i++) {
    seed = mix(seed, &trial->reports[i].step, sizeof trial->reports[i].step);
    seed = mix(seed, &trial->reports[i].value, sizeof trial->reports[i].value);
  }
  seed = mix(seed, trial->values, trial->n_values * sizeof *trial->values);
  return mix(seed, trial->internal, n_params * sizeof *trial->internal);
}

static enum core_status witness_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                        uint64_t number, struct core_rng *rng, double *x,
                                        struct core_error *err) {
  (void)err;
  uint64_t hash = mix(core_rng_u64(rng), &number, sizeof number);
  for (size_t i = 0; i < seen->n_trials; i++)
    hash = hash_trial(seen->trials[i], s->space->n_params, hash);
  for (size_t i = 0; i < s->space->n_params; i++) {
    hash = mix(hash, &i, sizeof i);
    x[i] = (double)(hash >> 11) * 0x1p-53;
  }
  return CORE_OK;
}

static void witness_close(struct hpo_sampler *s) {
  core_free(s);
}

static const struct core_option no_options[] = {CORE_OPTION_END};
const struct hpo_sampler_ops test_sampler_witness = {
    .name = "witness",
    .summary = "a hash of what is seen",
    .options = no_options,
    .open = witness_open,
    .suggest = witness_suggest,
    .close = witness_close,
};

/* ---- once more ---- */

struct record {
  struct core_arena arena;
  struct hpo_event *events; /* attributes left out */
  size_t n, cap;
  const struct hpo_spec *spec;
};

static const double *copy_row(struct record *r, const double *row, size_t n) {
  double *copy = core_arena_alloc(&r->arena, (n + 1) * sizeof *copy);
  assert_non_null(copy);
  memcpy(copy, row, n * sizeof *copy);
  return copy;
}

static enum core_status keep(void *context, const struct hpo_event *event, struct core_error *err) {
  struct record *r = context;
  if (event->kind == HPO_EVENT_ATTR) return CORE_OK;
  CORE_TRY(core_grow((void **)&r->events, &r->cap, r->n + 1, sizeof *r->events, err));
  struct hpo_event *copy = &r->events[r->n++];
  *copy = *event;
  copy->message = copy->host = NULL;
  if (event->internal) copy->internal = copy_row(r, event->internal, r->spec->space.n_params);
  if (event->n_values) copy->values = copy_row(r, event->values, event->n_values);
  return CORE_OK;
}

static void apply(struct hpo_study *study, const struct hpo_event *event) {
  struct core_error err = {0};
  const bool known =
      event->kind == HPO_EVENT_CREATE && event->number < hpo_study_history(study)->n_trials;
  if (!known && hpo_study_apply(study, event, &err) != CORE_OK) fail_msg("%s", err.message);
}

/* What the sampler saw: all up to the place that it was asked at, and the trials before its own. Returns how far the
 * events were applied; whether others lie between is told in *ahead. */
static size_t show(const struct record *r, struct hpo_study *study, size_t next, size_t creation,
                   bool *ahead) {
  const int64_t asked = r->events[creation].asked;
  while (next < creation && (asked == 0 || r->events[next].order < asked))
    apply(study, &r->events[next++]);
  *ahead = false;
  for (size_t i = next; i < creation; i++) {
    if (r->events[i].kind == HPO_EVENT_CREATE)
      apply(study, &r->events[i]);
    else
      *ahead = true;
  }
  return next;
}

struct test_asks test_suggest_again(struct hpo_store *store, const struct hpo_spec *spec) {
  struct record r = {.spec = spec};
  struct test_asks asks = {0};
  struct core_error err = {0};
  struct hpo_study *study = NULL;
  double *row = core_calloc(spec->space.n_params, sizeof *row);
  if (hpo_store_replay(store, keep, &r, &err) != CORE_OK ||
      hpo_study_open(spec, &study, &err) != CORE_OK)
    fail_msg("%s", err.message);
  for (size_t i = 0, next = 0; i < r.n; i++) {
    bool ahead = false;
    if (r.events[i].kind != HPO_EVENT_CREATE) continue;
    next = show(&r, study, next, i, &ahead);
    assert_int_equal(hpo_study_history(study)->n_trials, r.events[i].number);
    if (hpo_study_suggest(study, row, NULL, &err) != CORE_OK) fail_msg("%s", err.message);
    if (memcmp(row, r.events[i].internal, spec->space.n_params * sizeof *row) != 0)
      fail_msg("trial %llu of sampler '%s' is not what is suggested again",
               (unsigned long long)r.events[i].number, spec->sampler->name);
    assert_int_equal(hpo_study_history(study)->n_finished, r.events[i].seen);
    asks.n++;
    asks.ahead += ahead;
  }
  hpo_study_close(study);
  core_free(row);
  core_free(r.events);
  core_arena_close(&r.arena);
  return asks;
}
