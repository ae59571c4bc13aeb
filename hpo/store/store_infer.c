/* SPDX-License-Identifier: GPL-3.0-or-later
 * A space for trials that another program made: each parameter as wide as all of its distributions together. Nothing
 * tells when a parameter existed, so no condition is inferred. */
#include <math.h>
#include <string.h>

#include "hpo/store/store_private.h"

#define MAX_PARAMS  100000
#define MAX_CHOICES 1000000

/* Parameters as far as they are known; names and choices live in the arena. */
struct inference {
  struct hpo_param *params;
  size_t n_params;
  size_t params_cap;
  struct core_arena arena;
};

static enum core_status fail_mixed(const char *name, struct core_error *err) {
  return core_fail(
      err, CORE_UNSUPPORTED,
      "parameter '%s' has distributions of different kinds in its trials; name a study "
      "in which it has one",
      name);
}

static enum core_status read_choices(struct inference *in, struct hpo_param *param,
                                     const struct core_node *list, struct core_error *err) {
  if (list->n_children == 0 || list->n_children > MAX_CHOICES)
    return core_fail(err, CORE_UNSUPPORTED, "parameter '%s' has %zu choices", param->name,
                     list->n_children);
  struct hpo_choice *choices = core_arena_calloc(&in->arena, list->n_children, sizeof *choices);
  if (!choices) return core_fail_nomem(err, list->n_children * sizeof *choices);
  for (const struct core_node *node = list->first; node; node = node->next) {
    struct hpo_choice *choice = &choices[param->n_choices++];
    if (node->kind == CORE_NODE_LIST || node->kind == CORE_NODE_MAP)
      return core_fail(err, CORE_UNSUPPORTED,
                       "parameter '%s' has %s as a choice; only null, booleans, numbers and texts "
                       "are supported",
                       param->name, core_node_kind_name(node->kind));
    *choice = (struct hpo_choice){.kind = node->kind,
                                  .boolean = node->boolean,
                                  .integer = node->integer,
                                  .number = node->number};
    choice->text =
        core_arena_strndup(&in->arena, node->text.data ? node->text.data : "", node->text.len);
    if (!choice->text) return core_fail_nomem(err, node->text.len);
  }
  param->choices = choices;
  return CORE_OK;
}

static enum core_status add_param(struct inference *in, const char *name,
                                  const struct hpo_store_distribution *from,
                                  struct core_error *err) {
  if (in->n_params == MAX_PARAMS)
    return core_fail(err, CORE_LIMIT, "the trials have more than %d parameters", MAX_PARAMS);
  CORE_TRY(
      core_grow((void **)&in->params, &in->params_cap, in->n_params + 1, sizeof *in->params, err));
  struct hpo_param *param = &in->params[in->n_params];
  *param = (struct hpo_param){.name = core_arena_strdup(&in->arena, name),
                              .type = from->type,
                              .low = from->low,
                              .high = from->high,
                              .step = from->step,
                              .log = from->log};
  if (!param->name) return core_fail_nomem(err, strlen(name) + 1);
  if (from->choices) CORE_TRY(read_choices(in, param, from->choices, err));
  in->n_params++;
  return CORE_OK;
}

/* A number's range grows to hold both; choices must be the same, as Optuna demands too. */
static enum core_status merge_param(struct hpo_param *param, const char *json,
                                    const struct hpo_store_distribution *from,
                                    struct core_error *err) {
  if (hpo_store_distribution_check(param, json, NULL) != CORE_OK)
    return fail_mixed(param->name, err);
  if (param->type == HPO_PARAM_CATEGORICAL) return CORE_OK;
  const bool same_grid = from->step == param->step && from->low == param->low;
  param->low = fmin(param->low, from->low);
  param->high = fmax(param->high, from->high);
  if (!same_grid) param->step = param->type == HPO_PARAM_INT ? 1 : 0;
  return CORE_OK;
}

static enum core_status take_row(struct inference *in, const struct hpo_space *known,
                                 const char *name, const char *json, struct core_error *err) {
  if (known && hpo_space_find(known, name) < known->n_params) return CORE_OK;
  struct hpo_store_distribution from;
  CORE_TRY(hpo_store_distribution_open(&from, json, err));
  size_t at = 0;
  while (at < in->n_params && strcmp(in->params[at].name, name) != 0) at++;
  const enum core_status st = at == in->n_params ? add_param(in, name, &from, err)
                                                 : merge_param(&in->params[at], json, &from, err);
  hpo_store_distribution_close(&from);
  return st;
}

static const char query_foreign[] =
    "SELECT param_name, distribution_json FROM trial_params WHERE trial_id IN (SELECT trial_id "
    "FROM "
    "trials WHERE study_id = ?) GROUP BY param_name, distribution_json ORDER BY min(param_id)";
static const char query_own[] =
    "SELECT param_name, distribution_json FROM trial_params WHERE trial_id IN (SELECT trial_id "
    "FROM "
    "trials WHERE study_id = ? AND trial_id NOT IN (SELECT trial_id FROM sweepgate_trials)) "
    "GROUP BY param_name, distribution_json ORDER BY min(param_id)";

enum core_status hpo_store_infer_params(struct hpo_store *store, const struct hpo_space *known,
                                        struct core_str *out, struct core_error *err) {
  struct inference in = {0};
  sqlite3_stmt *stmt = NULL;
  bool row = true;
  enum core_status st =
      hpo_sql_prepare(&store->sql, store->own_tables ? query_own : query_foreign, &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  while (st == CORE_OK && row) {
    st = hpo_sql_step(&store->sql, stmt, &row, err);
    if (st == CORE_OK && row)
      st = take_row(&in, known, hpo_sql_text(stmt, 0), hpo_sql_text(stmt, 1), err);
  }
  for (size_t i = 0; i < in.n_params && st == CORE_OK; i++) {
    core_str_text_append(out, i > 0 || (known && known->n_params > 0) ? ", " : "");
    core_str_json(out, in.params[i].name, strlen(in.params[i].name));
    core_str_text_append(out, ": ");
    hpo_store_param_json(NULL, &in.params[i], out);
  }
  sqlite3_finalize(stmt);
  core_arena_close(&in.arena);
  core_free(in.params);
  return st == CORE_OK ? core_str_status(out, err) : st;
}
