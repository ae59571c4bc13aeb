/* SPDX-License-Identifier: GPL-3.0-or-later
 * The names of a trial's states and outcomes, as they are stored and shown. */
#include "hpo/trial.h"

#include "core/compiler.h"
#include "core/str.h"

static const char *const outcome_texts[] = {
#define X(name, text) text,
    HPO_OUTCOME_LIST(X)
#undef X
};

const char *hpo_outcome_text(enum hpo_outcome outcome) {
  return outcome_texts[outcome];
}

bool hpo_outcome_parse(const char *text, enum hpo_outcome *out) {
  for (size_t i = 0; i < CORE_COUNT_OF(outcome_texts); i++)
    if (core_streq(outcome_texts[i], text)) {
      *out = (enum hpo_outcome)i;
      return true;
    }
  return false;
}

const char *hpo_state_text(enum hpo_state state) {
  static const char *const texts[] = {"RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"};
  return texts[state];
}

bool hpo_state_is_final(enum hpo_state state) {
  return state == HPO_COMPLETE || state == HPO_PRUNED || state == HPO_FAIL;
}
