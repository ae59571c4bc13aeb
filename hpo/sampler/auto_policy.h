/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which sampler `auto` asks for the next trial. A pure function of what is known of the study; the
 * first row of a table of rules that holds. */
#pragma once
#include "hpo/sampler/sampler.h"

struct hpo_auto_facts {
  size_t n_objectives;
  size_t n_free;     /* parameters with more than one value */
  size_t n_numeric;  /* of them: floats and ints */
  size_t n_finished; /* trials that the sampler sees ended */
};

struct hpo_auto_choice {
  const char *sampler; /* a row of the registry */
  const char *reason;  /* a clause for people */
};

/* What the setup says; no trial has ended. */
struct hpo_auto_facts hpo_auto_facts_of(const struct hpo_sampler_setup *setup);
struct hpo_auto_choice hpo_auto_choose(const struct hpo_auto_facts *facts);
