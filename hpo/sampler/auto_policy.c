/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/sampler/auto_policy.h"

#define MANY_TRIALS     2000 /* from here on a model's cost outweighs what it finds */
#define MANY_PARAMETERS 100

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

static bool always(const struct hpo_auto_facts *f) {
  (void)f;
  return true;
}

static const struct {
  holds_fn *holds;
  struct hpo_auto_choice choice;
} rules[] = {
    {has_several_objectives, {"random", "the models take one objective"}},
    {has_nothing_to_choose, {"random", "every parameter has one value"}},
    {is_large_and_numeric,
     {"cmaes", "more than 2000 trials or 100 parameters, most of them numeric"}},
    {is_large, {"tpe", "more than 2000 trials or 100 parameters, most of them categorical"}},
    {always, {"gp", "the most is learnt from each trial"}},
};

struct hpo_auto_facts hpo_auto_facts_of(const struct hpo_sampler_setup *setup) {
  const struct hpo_space *space = setup->space;
  struct hpo_auto_facts facts = {.n_objectives = setup->n_objectives};
  for (size_t k = 0; k < space->n_params; k++) {
    if (hpo_param_count(&space->params[k]) == 1) continue;
    facts.n_free++;
    facts.n_numeric += space->params[k].type != HPO_PARAM_CATEGORICAL;
  }
  return facts;
}

struct hpo_auto_choice hpo_auto_choose(const struct hpo_auto_facts *facts) {
  size_t i = 0;
  while (!rules[i].holds(facts)) i++; /* the last one always does */
  return rules[i].choice;
}
