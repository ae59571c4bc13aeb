/* SPDX-License-Identifier: GPL-3.0-or-later
 * The default: asks another sampler, chosen anew for each trial by what is known of the study and
 * its history (auto_policy.h), and says which and why. Every sampler that it may ask sees the whole
 * history, whoever suggested what. */
#include <stdio.h>

#include "core/mem.h"
#include "core/str.h"
#include "hpo/sampler/auto_policy.h"
#include "hpo/sampler/sampler.h"

#define MAX_HELD   8
#define NOTE_BYTES 160

/* A sampler that has been asked before, with its default options. */
struct held {
  const struct hpo_sampler_ops *ops;
  struct core_options options;
  struct hpo_sampler *sampler;
};

struct hpo_sampler {
  struct hpo_sampler_setup setup;
  struct hpo_auto_facts facts; /* the setup's */
  struct held held[MAX_HELD];
  size_t n_held;
  const struct held *latest; /* asked last; NULL: none */
  char note[NOTE_BYTES];
};

static const struct core_option auto_options[] = {CORE_OPTION_END};

static void close_held(struct held *held) {
  if (held->sampler) held->ops->close(held->sampler);
  core_options_close(&held->options);
  *held = (struct held){0};
}

static void auto_close(struct hpo_sampler *s) {
  if (!s) return;
  for (size_t i = 0; i < s->n_held; i++) close_held(&s->held[i]);
  core_free(s);
}

static enum core_status open_held(struct hpo_sampler *s, struct held *held,
                                  const struct hpo_sampler_ops *ops, struct core_error *err) {
  struct hpo_sampler_setup setup = s->setup;
  CORE_TRY(core_options_open(&held->options, ops->options, NULL, ops->name, NULL, err));
  held->ops = ops;
  held->options.pos = s->setup.options->pos;
  setup.options = &held->options;
  return ops->open(&setup, &held->sampler, err);
}

/* The held sampler of that name, opened when it is asked for first. */
static enum core_status find_held(struct hpo_sampler *s, const char *name, struct held **out,
                                  struct core_error *err) {
  for (size_t i = 0; i < s->n_held; i++) {
    *out = &s->held[i];
    if (core_streq((*out)->ops->name, name)) return CORE_OK;
  }
  *out = &s->held[s->n_held];
  const enum core_status st = open_held(s, *out, hpo_sampler_find(name), err);
  if (st == CORE_OK)
    s->n_held++;
  else
    close_held(*out);
  return st;
}

static struct hpo_auto_choice choose(const struct hpo_sampler *s, const struct hpo_history *seen) {
  struct hpo_auto_facts facts = s->facts;
  facts.n_finished = seen->n_finished;
  return hpo_auto_choose(&facts);
}

static enum core_status auto_open(const struct hpo_sampler_setup *setup, struct hpo_sampler **out,
                                  struct core_error *err) {
  struct hpo_sampler *s = core_calloc(1, sizeof *s);
  if (!s) return core_fail_nomem(err, sizeof *s);
  s->setup = *setup;
  s->facts = hpo_auto_facts_of(setup);
  struct held *first; /* opened at once, so that what it refuses is refused with the study file */
  const enum core_status st = find_held(s, hpo_auto_choose(&s->facts).sampler, &first, err);
  if (st == CORE_OK)
    *out = s;
  else
    auto_close(s);
  return st;
}

static enum core_status auto_suggest(struct hpo_sampler *s, const struct hpo_history *seen,
                                     uint64_t number, struct core_rng *rng, double *x,
                                     struct core_error *err) {
  struct held *held = NULL;
  s->latest = NULL;
  CORE_TRY(find_held(s, choose(s, seen).sampler, &held, err));
  CORE_TRY(held->ops->suggest(held->sampler, seen, number, rng, x, err));
  s->latest = held;
  return CORE_OK;
}

static void auto_refine(struct hpo_sampler *s, double *internal) {
  if (s->latest && s->latest->ops->refine) s->latest->ops->refine(s->latest->sampler, internal);
}

static const char *auto_note(struct hpo_sampler *s, const struct hpo_history *seen) {
  const struct hpo_auto_choice choice = choose(s, seen);
  snprintf(s->note, sizeof s->note, "asks %s: %s", choice.sampler, choice.reason);
  return s->note;
}

const struct hpo_sampler_ops hpo_sampler_auto = {
    .name = "auto",
    .summary = "another sampler, chosen by the study and its history (the default)",
    .options = auto_options,
    .open = auto_open,
    .suggest = auto_suggest,
    .close = auto_close,
    .refine = auto_refine,
    .note = auto_note,
};
