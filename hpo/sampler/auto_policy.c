/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/auto_policy.h"

#include <math.h>

#define MANY_TRIALS     2000 /* from here on a model's cost outweighs what it finds */
#define MANY_PARAMETERS 100
#define IDLE_TRIALS     10   /* without a gain, after which a model may be in a trap of choices */
#define GAIN            0.01 /* of the spread of the first trials, the least that counts */
#define FIRST_TRIALS    10

typedef bool holds_fn(const struct hpo_auto_facts *facts);

static bool has_several_objectives(const struct hpo_auto_facts *f) {
  return f->n_objectives > 1;
}

static bool has_nothing_to_choose(const struct hpo_auto_facts *f) {
  return f->n_free == 0;
}

static bool is_large(const struct hpo_auto_facts *f) {
  return f->n_finished >= MANY_TRIALS || f->n_free > MANY_PARAMETERS;
}

static bool is_large_and_numeric(const struct hpo_auto_facts *f) {
  return is_large(f) && 2 * f->n_numeric >= f->n_free;
}

/* A model that is sure of the wrong choices proposes no others; TPE's draws keep a share of them. */
static bool is_idle_among_choices(const struct hpo_auto_facts *f) {
  return f->n_numeric < f->n_free && f->n_idle >= IDLE_TRIALS;
}

static bool always(const struct hpo_auto_facts *f) {
  (void)f;
  return true;
}

static const struct {
  holds_fn *holds;
  struct hpo_auto_choice choice;
  const char *in_turns; /* asked for trials of odd numbers; NULL: the same one */
} rules[] = {
    {has_several_objectives, {"random", "the models take one objective"}, NULL},
    {has_nothing_to_choose, {"random", "every parameter has one value"}, NULL},
    {is_large_and_numeric,
     {"cmaes", "more than 2000 trials or 100 parameters, most of them numeric"},
     NULL},
    {is_large, {"tpe", "more than 2000 trials or 100 parameters, most of them categorical"}, NULL},
    {is_idle_among_choices,
     {"gp",
      "in turns with tpe while nothing better is found, so as not to stay with the wrong choices"},
     "tpe"},
    {always, {"gp", "the most is learnt from each trial"}, NULL},
};

struct hpo_auto_facts hpo_auto_facts_of(const struct hpo_sampler_setup *setup) {
  const struct hpo_space *space = setup->space;
  struct hpo_auto_facts facts = {.n_objectives = setup->n_objectives, .trials = setup->trials};
  for (size_t k = 0; k < space->n_params; k++) {
    if (hpo_param_count(&space->params[k]) == 1) continue;
    facts.n_free++;
    facts.n_numeric += space->params[k].type != HPO_PARAM_CATEGORICAL;
  }
  return facts;
}

static size_t count_idle(const struct hpo_history *seen) {
  double best = INFINITY, worst = -INFINITY;
  size_t idle = 0;
  for (size_t i = 0; i < seen->n_finished; i++, idle++) {
    const struct hpo_trial *trial = seen->finished[i];
    if (trial->state != HPO_COMPLETE) continue;
    const double loss = hpo_history_loss(seen, trial);
    if (i < FIRST_TRIALS && isfinite(loss)) worst = fmax(worst, loss);
    if (!(loss < best)) continue;
    if (!(best - loss <= GAIN * (worst - best))) idle = 0;
    best = loss;
  }
  return idle;
}

void hpo_auto_facts_see(struct hpo_auto_facts *facts, const struct hpo_history *seen,
                        uint64_t number) {
  facts->n_finished = seen->n_finished;
  facts->number = number;
  facts->n_idle = facts->n_objectives == 1 ? count_idle(seen) : 0;
}

struct hpo_auto_choice hpo_auto_choose(const struct hpo_auto_facts *facts) {
  size_t i = 0;
  while (!rules[i].holds(facts)) i++; /* the last one always does */
  struct hpo_auto_choice choice = rules[i].choice;
  if (rules[i].in_turns && facts->number % 2 == 1) choice.sampler = rules[i].in_turns;
  return choice;
}
