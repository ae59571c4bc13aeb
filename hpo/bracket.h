/* SPDX-License-Identifier: GPL-3.0-or-later
 * A study's trials split by bracket: what the sampler sees under a pruner with brackets (Optuna's
 * filtered study). Follows the study incrementally; within the hpo room only. */
#pragma once
#include "hpo/history.h"
#include "hpo/pruner/pruner.h"

struct hpo_brackets;
/* `whole` is borrowed and may grow between calls. */
enum core_status hpo_brackets_open(const struct hpo_pruner_ops *ops, struct hpo_pruner *pruner,
                                   const struct hpo_history *whole, struct hpo_brackets **out,
                                   struct core_error *err) CORE_MUST_CHECK;
void hpo_brackets_close(struct hpo_brackets *brackets); /* accepts NULL */
/* The history that the sampler sees for trial `number`: the whole one while brackets are not known
 * yet. Valid until the study changes. On failure the view is the whole history. */
enum core_status hpo_brackets_view(struct hpo_brackets *brackets, uint64_t number,
                                   const struct hpo_history **out,
                                   struct core_error *err) CORE_MUST_CHECK;
