/* SPDX-License-Identifier: GPL-3.0-or-later
 * Hyperband (Li et al., JMLR 18, 2018, arXiv 1603.06560) over asynchronous halving, as in Optuna: bracket s is successive
 * halving that leaves out the first s rungs; a trial's bracket is drawn by a hash of the study's name and its number, in
 * proportion to the brackets' budgets. The number of brackets is computed in integers, so powers of the factor are exact. */
#include <stdio.h>

#include "core/mem.h"
#include "hpo/pruner/halving.h"

#define MAX_BRACKETS 63 /* steps are 64-bit and the factor at least 2 */

struct hpo_pruner {
  struct hpo_halving rule; /* of bracket 0 */
  struct hpo_rungs rungs;
  int64_t max_resource; /* 0: one more than the first complete trial's last step */
  uint32_t name_crc;    /* of the study's name and an underscore */
  uint8_t *known;       /* the brackets of trials 0 .. n_known - 1: they never change */
  size_t n_known, known_cap;
};

/* The brackets that a history leads to; n is 0 while the longest resource is not known. */
struct brackets {
  size_t n;
  uint64_t budget[MAX_BRACKETS], total;
};

struct bracket_of_trial {
  const struct hpo_pruner *pruner;
  const struct brackets *brackets;
  size_t bracket;
};

static const struct core_option hyperband_options[] = {
    {.name = "min_resource",
     .type = CORE_OPT_INT,
     .fallback = "1",
     .min = 1,
     .max = 9e15,
     .unit = "steps",
     .help = "step of the first rung of the first bracket"},
    {.name = "max_resource",
     .type = CORE_OPT_ANY,
     .unit = "steps",
     .help = "steps of a whole trial, or auto: learnt from the first complete one (the default)"},
    {.name = "reduction_factor",
     .type = CORE_OPT_INT,
     .fallback = "3",
     .min = 2,
     .max = 1e6,
     .help = "one of so many trials passes a rung"},
    HPO_HALVING_BOOTSTRAP_OPTION,
    CORE_OPTION_END};

/* Continues a checksum over more text. ISO 3309, as in zip files and Python's binascii; begins and ends inverted. */
static uint32_t crc32_extend(uint32_t crc, const char *text) {
  for (; *text; text++) {
    crc ^= (unsigned char)*text;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return crc;
}

/* ceil(n * factor^s / (s + 1)), saturating. */
static uint64_t budget_of(size_t n, uint64_t factor, uint64_t s) {
  uint64_t budget = n;
  for (uint64_t i = 0; i < s; i++)
    if (__builtin_mul_overflow(budget, factor, &budget)) return UINT64_MAX / MAX_BRACKETS;
  budget = budget / (s + 1) + (budget % (s + 1) != 0);
  return budget < UINT64_MAX / MAX_BRACKETS ? budget : UINT64_MAX / MAX_BRACKETS;
}

static void make_brackets(const struct hpo_pruner *pruner, const struct hpo_history *seen,
                          struct brackets *out) {
  const uint64_t factor = (uint64_t)pruner->rule.reduction_factor;
  uint64_t longest = (uint64_t)pruner->max_resource, reach = (uint64_t)pruner->rule.min_resource;
  *out = (struct brackets){0};
  if (longest == 0) longest = (uint64_t)(hpo_halving_first_length(seen) + 1);
  if (longest == 0) return;
  for (out->n = 1;
       out->n < MAX_BRACKETS && !__builtin_mul_overflow(reach, factor, &reach) && reach <= longest;)
    out->n++;
  for (size_t i = 0; i < out->n; i++) {
    out->budget[i] = budget_of(out->n, factor, out->n - 1 - i);
    out->total += out->budget[i];
  }
}

static size_t bracket_number(const struct hpo_pruner *pruner, const struct brackets *brackets,
                             uint64_t number) {
  char digits[24];
  snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
  uint64_t place = ~crc32_extend(pruner->name_crc, digits) % brackets->total;
  size_t bracket = 0;
  while (place >= brackets->budget[bracket]) place -= brackets->budget[bracket++];
  return bracket;
}

/* Notes the brackets of all trials; without memory for it they are computed anew each time. */
static void note_brackets(struct hpo_pruner *pruner, const struct brackets *brackets, size_t n) {
  void *array = pruner->known;
  if (core_grow(&array, &pruner->known_cap, n, sizeof *pruner->known, NULL) != CORE_OK) return;
  pruner->known = array;
  for (; pruner->n_known < n; pruner->n_known++)
    pruner->known[pruner->n_known] = (uint8_t)bracket_number(pruner, brackets, pruner->n_known);
}

static bool competes(const void *context, const struct hpo_trial *trial) {
  const struct bracket_of_trial *mine = context;
  const struct hpo_pruner *pruner = mine->pruner;
  return mine->bracket == (trial->number < pruner->n_known
                               ? pruner->known[trial->number]
                               : bracket_number(pruner, mine->brackets, trial->number));
}

static enum core_status hyperband_open(const struct hpo_pruner_setup *setup,
                                       struct hpo_pruner **out, struct core_error *err) {
  int64_t max_resource = 0;
  const int64_t min_resource = core_option_int(setup->options, "min_resource");
  CORE_TRY(hpo_halving_read_resource(setup->options, "max_resource", &max_resource, err));
  if (max_resource != 0 && max_resource < min_resource)
    return core_fail_at(err, CORE_INVAL, core_option_get(setup->options, "max_resource")->pos,
                        "max_resource %lld is below min_resource %lld", (long long)max_resource,
                        (long long)min_resource);
  struct hpo_pruner *pruner = core_calloc(1, sizeof *pruner);
  if (!pruner) return core_fail_nomem(err, sizeof *pruner);
  pruner->name_crc = crc32_extend(crc32_extend(0xFFFFFFFFu, setup->study_name), "_");
  pruner->max_resource = max_resource;
  pruner->rule =
      (struct hpo_halving){.min_resource = min_resource,
                           .reduction_factor = core_option_int(setup->options, "reduction_factor"),
                           .bootstrap_count = core_option_int(setup->options, "bootstrap_count"),
                           .direction = setup->direction};
  *out = pruner;
  return CORE_OK;
}

static bool hyperband_prune(struct hpo_pruner *pruner, const struct hpo_history *seen,
                            const struct hpo_trial *trial) {
  struct brackets brackets;
  make_brackets(pruner, seen, &brackets);
  if (brackets.n == 0) return false;
  note_brackets(pruner, &brackets, seen->n_trials);
  const struct bracket_of_trial mine = {pruner, &brackets,
                                        bracket_number(pruner, &brackets, trial->number)};
  struct hpo_halving rule = pruner->rule;
  rule.early_stopping_rate = (int64_t)mine.bracket;
  return hpo_halving_prune(&rule, &pruner->rungs, seen, trial,
                           &(struct hpo_competition){mine.bracket, competes, &mine});
}

static size_t hyperband_bracket(struct hpo_pruner *pruner, const struct hpo_history *seen,
                                uint64_t number) {
  struct brackets brackets;
  make_brackets(pruner, seen, &brackets);
  if (brackets.n == 0) return HPO_BRACKET_UNKNOWN;
  return bracket_number(pruner, &brackets, number);
}

static void hyperband_close(struct hpo_pruner *pruner) {
  if (!pruner) return;
  hpo_rungs_close(&pruner->rungs);
  core_free(pruner->known);
  core_free(pruner);
}

const struct hpo_pruner_ops hpo_pruner_hyperband = {
    .name = "hyperband",
    .summary = "several brackets of successive halving, from eager to patient",
    .options = hyperband_options,
    .open = hyperband_open,
    .prune = hyperband_prune,
    .bracket = hyperband_bracket,
    .close = hyperband_close,
};
