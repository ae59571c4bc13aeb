/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which sampler `auto` asks for the next trial. A pure function of what is known of the study; the
 * first row of a table of rules that holds. */
#pragma once
#include "hpo/sampler/sampler.h"

struct hpo_auto_facts {
  size_t n_objectives;
  size_t n_free;     /* parameters with more than one value */
  size_t n_numeric;  /* of them: floats and ints */
  int64_t trials;    /* the study's budget; -1: no limit */
  size_t n_finished; /* trials that the sampler sees ended */
  size_t n_idle; /* of them, since one was better than all before by a hundredth of their spread */
  uint64_t number; /* of the trial to suggest for */
};

struct hpo_auto_choice {
  const char *sampler; /* a row of the registry */
  const char *reason;  /* a clause for people */
};

/* What the setup says; the history's part is 0. */
struct hpo_auto_facts hpo_auto_facts_of(const struct hpo_sampler_setup *setup);
/* Fills in what the history says. O(n). */
void hpo_auto_facts_see(struct hpo_auto_facts *facts, const struct hpo_history *seen,
                        uint64_t number);
struct hpo_auto_choice hpo_auto_choose(const struct hpo_auto_facts *facts);
