/* SPDX-License-Identifier: GPL-3.0-or-later
 * TPE's two estimators of every block of parameters, kept while a history grows. Under a pruner with
 * brackets the sampler sees parts of the history in turns: each of a few has a model of its own. */
#pragma once
#include "hpo/sampler/tpe_parzen.h"
#include "hpo/sampler/tpe_split.h"

/* Parameters that exist together; those with one value only are members without a model. */
struct hpo_tpe_block {
  size_t *members, *dims;
  size_t n_members, n_dims;
};

struct hpo_tpe_pair {
  struct hpo_parzen below, above; /* l(x) and g(x) */
};

struct hpo_tpe_model {
  struct hpo_split split;
  struct hpo_tpe_pair *pairs; /* of each block; NULL: not opened */
  size_t n_pairs;
  uint64_t last_used;
};

enum { HPO_TPE_MODELS = 8 };
/* All borrowed but the models. */
struct hpo_tpe_models {
  const struct hpo_space *space;
  const struct hpo_tpe_block *blocks;
  size_t n_blocks;
  struct hpo_parzen_options parzen;
  bool pending; /* trials that are not final count as bad */
  struct hpo_tpe_model models[HPO_TPE_MODELS];
  uint64_t uses;
};

/* The model of this history, brought up to date: what a model made from scratch would be. Valid
 * until the next call. */
enum core_status hpo_tpe_models_get(struct hpo_tpe_models *models, const struct hpo_history *seen,
                                    struct hpo_tpe_model **out,
                                    struct core_error *err) CORE_MUST_CHECK;
void hpo_tpe_models_close(struct hpo_tpe_models *models);
