/* SPDX-License-Identifier: GPL-3.0-or-later
 * The study's own rows: its name, objectives, space and seed; made, found, compared, read. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "core/clock.h"
#include "core/num.h"
#include "hpo/store/store_private.h"

#define NAME_MAX_BYTES 512 /* of a study, in Optuna's schema */
#define NAMES_SHOWN    10

/* --- found ---------------------------------------------------------------------------------------- */

static enum core_status find_by_name(struct hpo_store *store, const char *name, bool *found,
                                     struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  enum core_status st =
      hpo_sql_prepare(&store->sql, "SELECT study_id FROM studies WHERE study_name = ?", &stmt, err);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 1, name, err);
  if (st == CORE_OK) st = hpo_sql_step(&store->sql, stmt, found, err);
  if (st == CORE_OK && *found) store->study_id = sqlite3_column_int64(stmt, 0);
  sqlite3_finalize(stmt);
  return st;
}

/* "'a', 'b'" */
static enum core_status list_names(const struct hpo_store *store, struct core_str *out,
                                   size_t *n_names, struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  bool row = true;
  *n_names = 0;
  enum core_status st =
      hpo_sql_prepare(&store->sql, "SELECT study_name FROM studies ORDER BY study_id", &stmt, err);
  while (st == CORE_OK && row) {
    st = hpo_sql_step(&store->sql, stmt, &row, err);
    if (st != CORE_OK || !row) break;
    if (*n_names < NAMES_SHOWN)
      core_str_printf(out, "%s'%s'", *n_names > 0 ? ", " : "", hpo_sql_text(stmt, 0));
    if (*n_names == NAMES_SHOWN) core_str_text_append(out, ", ...");
    (*n_names)++;
  }
  sqlite3_finalize(stmt);
  return st == CORE_OK ? core_str_status(out, err) : st;
}

static enum core_status find_the_only(struct hpo_store *store, struct core_error *err) {
  struct core_str names = {0};
  size_t n_names = 0;
  enum core_status st = list_names(store, &names, &n_names, err);
  if (st == CORE_OK && n_names == 0)
    st = core_fail(err, CORE_NOT_FOUND, "storage '%s' holds no study yet", store->path);
  else if (st == CORE_OK && n_names > 1)
    st = core_fail(
        err, CORE_NOT_FOUND,
        "storage '%s' holds %zu studies (%s); say which, by its study file or with --study",
        store->path, n_names, core_str_text(&names));
  core_str_close(&names);
  if (st != CORE_OK) return st;
  return hpo_sql_integer(&store->sql, "SELECT study_id FROM studies", 0, &store->study_id, err);
}

enum core_status hpo_store_find_study(struct hpo_store *store, const char *name,
                                      struct core_error *err) {
  if (!name) return find_the_only(store, err);
  bool found = false;
  CORE_TRY(find_by_name(store, name, &found, err));
  if (found) return CORE_OK;
  struct core_str names = {0};
  size_t n_names = 0;
  enum core_status st = list_names(store, &names, &n_names, err);
  if (st == CORE_OK && n_names == 0)
    st = core_fail(err, CORE_NOT_FOUND, "storage '%s' holds no study yet", store->path);
  else if (st == CORE_OK)
    st = core_fail(err, CORE_NOT_FOUND, "storage '%s' holds no study '%s', only %s", store->path,
                   name, core_str_text(&names));
  core_str_close(&names);
  return st;
}

/* --- made ----------------------------------------------------------------------------------------- */

static void metrics_json(const struct hpo_spec *spec, struct core_str *out) {
  core_str_char(out, '[');
  for (size_t i = 0; i < spec->n_objectives; i++) {
    if (i > 0) core_str_text_append(out, ", ");
    core_str_json(out, spec->objectives[i].metric, strlen(spec->objectives[i].metric));
  }
  core_str_char(out, ']');
}

/* 53 bits, so that every program that reads JSON keeps them all. */
static enum core_status draw_seed(uint64_t *seed, struct core_error *err) {
  if (getrandom(seed, sizeof *seed, 0) != (ssize_t)sizeof *seed)
    return core_fail(err, CORE_IO, "the system gives no random seed; set seed in the study file");
  *seed >>= 11;
  return CORE_OK;
}

static enum core_status insert_claim(struct hpo_store *store, const struct hpo_spec *spec,
                                     const char *space, const char *metrics, double unix_s,
                                     struct core_error *err) {
  uint64_t seed = spec->seed;
  if (!spec->seed_given) CORE_TRY(draw_seed(&seed, err));
  char seed_text[CORE_NUM_BYTES];
  char now[CORE_TIME_BYTES];
  snprintf(seed_text, sizeof seed_text, "%llu", (unsigned long long)seed);
  core_time_format(unix_s, now);
  sqlite3_stmt *stmt = NULL;
  enum core_status st = hpo_sql_prepare(
      &store->sql,
      "INSERT INTO sweepgate_studies (study_id, seed, space_json, metrics_json, "
      "created_by, created_at) VALUES (?, ?, ?, ?, 'sweepgate " SWEEPGATE_VERSION "', ?)",
      &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 2, seed_text, err);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 3, space, err);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 4, metrics, err);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 5, now, err);
  if (st == CORE_OK) st = hpo_sql_run(&store->sql, stmt, err);
  sqlite3_finalize(stmt);
  return st;
}

/* Our row beside Optuna's: space, seed, names of the metrics. */
static enum core_status claim_study(struct hpo_store *store, const struct hpo_spec *spec,
                                    double unix_s, struct core_error *err) {
  struct core_str space = {0};
  struct core_str metrics = {0};
  hpo_store_space_json(&spec->space, &space);
  metrics_json(spec, &metrics);
  enum core_status st = core_str_status(&space, err);
  if (st == CORE_OK) st = core_str_status(&metrics, err);
  if (st == CORE_OK)
    st = insert_claim(store, spec, core_str_text(&space), core_str_text(&metrics), unix_s, err);
  if (st == CORE_OK)
    st = hpo_store_set_study_attr(store, "study:metric_names", core_str_text(&metrics), true, err);
  core_str_close(&space);
  core_str_close(&metrics);
  return st;
}

static enum core_status create_study(struct hpo_store *store, const struct hpo_spec *spec,
                                     double unix_s, struct core_error *err) {
  if (strlen(spec->name) > NAME_MAX_BYTES)
    return core_fail(err, CORE_LIMIT, "the study's name has more than %d bytes; shorten it",
                     NAME_MAX_BYTES);
  sqlite3_stmt *stmt = NULL;
  enum core_status st =
      hpo_sql_prepare(&store->sql, "INSERT INTO studies (study_name) VALUES (?)", &stmt, err);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 1, spec->name, err);
  if (st == CORE_OK) st = hpo_sql_run(&store->sql, stmt, err);
  sqlite3_finalize(stmt);
  stmt = NULL;
  store->study_id = sqlite3_last_insert_rowid(store->sql.db);
  if (st == CORE_OK)
    st = hpo_sql_prepare(&store->sql,
                         "INSERT INTO study_directions (direction, study_id, objective) VALUES "
                         "(?, ?, ?)",
                         &stmt, err);
  for (size_t i = 0; i < spec->n_objectives && st == CORE_OK; i++) {
    const bool up = spec->directions[i] == HPO_MAXIMIZE;
    st = hpo_sql_bind_text(&store->sql, stmt, 1, up ? "MAXIMIZE" : "MINIMIZE", err);
    hpo_sql_bind_int(stmt, 2, store->study_id);
    hpo_sql_bind_int(stmt, 3, (int64_t)i);
    if (st == CORE_OK) st = hpo_sql_run(&store->sql, stmt, err);
  }
  sqlite3_finalize(stmt);
  return st == CORE_OK ? claim_study(store, spec, unix_s, err) : st;
}

/* --- read ----------------------------------------------------------------------------------------- */

static enum core_status load_directions(struct hpo_store *store, struct core_error *err) {
  struct hpo_spec *spec = &store->spec;
  sqlite3_stmt *stmt = NULL;
  size_t cap = 0;
  bool row = true;
  enum core_status st = hpo_sql_prepare(
      &store->sql, "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective",
      &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  while (st == CORE_OK && row) {
    st = hpo_sql_step(&store->sql, stmt, &row, err);
    if (st != CORE_OK || !row) break;
    if (spec->n_objectives == HPO_MAX_OBJECTIVES)
      st = core_fail(err, CORE_LIMIT, "study '%s' in storage '%s' has more than %d objectives",
                     spec->name, store->path, HPO_MAX_OBJECTIVES);
    if (st == CORE_OK)
      st = core_grow((void **)&spec->directions, &cap, spec->n_objectives + 1,
                     sizeof *spec->directions, err);
    if (st == CORE_OK) /* NOT_SET is what Optuna writes before it knows; it minimizes then */
      spec->directions[spec->n_objectives++] =
          strcmp(hpo_sql_text(stmt, 0), "MAXIMIZE") == 0 ? HPO_MAXIMIZE : HPO_MINIMIZE;
  }
  sqlite3_finalize(stmt);
  if (st == CORE_OK && spec->n_objectives == 0)
    st = core_fail(err, CORE_PARSE, "study '%s' in storage '%s' has no objective", spec->name,
                   store->path);
  return st;
}

/* Names from a JSON list; "value", or "value_0" and on, for what it does not name. */
static enum core_status load_metrics(struct hpo_store *store, const char *json,
                                     struct core_error *err) {
  struct hpo_spec *spec = &store->spec;
  struct core_tree tree = {0};
  enum core_status st = CORE_OK;
  spec->objectives = core_arena_calloc(&store->arena, spec->n_objectives, sizeof *spec->objectives);
  if (!spec->objectives) return core_fail_nomem(err, spec->n_objectives * sizeof *spec->objectives);
  const bool named = core_tree_parse_json(&tree, "metrics", json, strlen(json), NULL) == CORE_OK &&
                     tree.root->kind == CORE_NODE_LIST;
  const struct core_node *node = named ? tree.root->first : NULL;
  for (size_t i = 0; i < spec->n_objectives && st == CORE_OK; i++) {
    struct hpo_objective *objective = &spec->objectives[i];
    objective->direction = spec->directions[i];
    if (node && node->kind == CORE_NODE_STRING)
      objective->metric = core_arena_strndup(&store->arena, node->text.data, node->text.len);
    else if (spec->n_objectives == 1)
      objective->metric = core_arena_strdup(&store->arena, "value");
    else
      objective->metric = core_arena_printf(&store->arena, "value_%zu", i);
    if (!objective->metric) st = core_fail_nomem(err, 0);
    node = node ? node->next : NULL;
  }
  core_tree_close(&tree);
  return st;
}

static enum core_status open_space(struct hpo_store *store, const char *json, size_t len,
                                   struct core_error *err) {
  core_tree_close(&store->space_tree);
  hpo_space_close(&store->spec.space);
  memset(&store->spec.space, 0, sizeof store->spec.space);
  CORE_TRY(core_tree_parse_json(&store->space_tree, store->path, json, len, err));
  if (store->space_tree.root->kind == CORE_NODE_MAP && store->space_tree.root->n_children == 0)
    return CORE_OK; /* a study of Optuna without a trial: a space of no parameters */
  return hpo_space_open(&store->spec.space, store->space_tree.root, err);
}

static enum core_status load_space(struct hpo_store *store, const char *stored, bool infer,
                                   struct core_error *err) {
  CORE_TRY(open_space(store, stored, strlen(stored), err));
  if (!infer) return CORE_OK;
  struct core_str more = {0};
  struct core_str text = {0};
  const char *end = strrchr(stored, '}');
  enum core_status st = hpo_store_infer_params(store, &store->spec.space, &more, err);
  if (st == CORE_OK && more.len > 0 && end) {
    core_str_append(&text, stored, (size_t)(end - stored));
    core_str_append(&text, more.data, more.len);
    core_str_char(&text, '}');
    st = core_str_status(&text, err);
    if (st == CORE_OK) st = open_space(store, text.data, text.len, err);
  }
  core_str_close(&more);
  core_str_close(&text);
  return st;
}

static enum core_status load_name(struct hpo_store *store, struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  bool row = false;
  enum core_status st =
      hpo_sql_prepare(&store->sql, "SELECT study_name FROM studies WHERE study_id = ?", &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  if (st == CORE_OK) st = hpo_sql_step(&store->sql, stmt, &row, err);
  if (st == CORE_OK) {
    store->spec.name = core_arena_strdup(&store->arena, row ? hpo_sql_text(stmt, 0) : "");
    if (!store->spec.name) st = core_fail_nomem(err, 0);
  }
  sqlite3_finalize(stmt);
  return st;
}

static const char query_claimed[] = "SELECT seed, space_json, metrics_json, budget_trials FROM "
                                    "sweepgate_studies WHERE study_id = ?";
static const char query_unclaimed[] = /* Optuna's study alone */
    "SELECT NULL, '{}', (SELECT value_json FROM study_system_attributes WHERE study_id = ?1 AND "
    "\"key\" = 'study:metric_names'), NULL";

static enum core_status load_row(struct hpo_store *store, bool claimed, bool infer,
                                 struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  bool row = false;
  enum core_status st =
      hpo_sql_prepare(&store->sql, claimed ? query_claimed : query_unclaimed, &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  if (st == CORE_OK) st = hpo_sql_step(&store->sql, stmt, &row, err);
  if (st == CORE_OK && !row)
    st = core_fail(err, CORE_PARSE, "study %lld of storage '%s' vanished",
                   (long long)store->study_id, store->path);
  if (st == CORE_OK) {
    const char *seed = hpo_sql_text(stmt, 0);
    store->spec.seed_given = core_parse_uint64(seed, strlen(seed), &store->spec.seed);
    store->spec.trials = hpo_sql_is_null(stmt, 3) ? -1 : sqlite3_column_int64(stmt, 3);
    st = load_metrics(store, hpo_sql_text(stmt, 2), err);
  }
  if (st == CORE_OK) {
    const char *space = hpo_sql_text(stmt, 1);
    st = load_space(store, *space ? space : "{}", infer, err);
  }
  sqlite3_finalize(stmt);
  return st;
}

static enum core_status is_claimed(const struct hpo_store *store, bool *claimed,
                                   struct core_error *err) {
  *claimed = false;
  if (!store->own_tables) return CORE_OK;
  sqlite3_stmt *stmt = NULL;
  enum core_status st = hpo_sql_prepare(
      &store->sql, "SELECT 1 FROM sweepgate_studies WHERE study_id = ?", &stmt, err);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 1, store->study_id);
  if (st == CORE_OK) st = hpo_sql_step(&store->sql, stmt, claimed, err);
  sqlite3_finalize(stmt);
  return st;
}

enum core_status hpo_store_load_spec(struct hpo_store *store, bool infer, struct core_error *err) {
  bool claimed = false;
  CORE_TRY(load_name(store, err));
  CORE_TRY(load_directions(store, err));
  CORE_TRY(is_claimed(store, &claimed, err));
  return load_row(store, claimed, infer, err);
}

void hpo_store_forget_spec(struct hpo_store *store) {
  hpo_space_close(&store->spec.space);
  core_tree_close(&store->space_tree);
  core_free(store->spec.directions);
  core_arena_close(&store->arena);
  memset(&store->spec, 0, sizeof store->spec);
}

/* --- compared ------------------------------------------------------------------------------------- */

static enum core_status compare_objectives(const struct hpo_store *store,
                                           const struct hpo_spec *spec, bool names,
                                           struct core_error *err) {
  const struct hpo_spec *stored = &store->spec;
  static const char *const words[] = {"minimize", "maximize"};
  if (stored->n_objectives != spec->n_objectives)
    return core_fail(err, CORE_INVAL,
                     "the study file has %zu objectives, the study '%s' in storage '%s' has %zu; "
                     "restore them, or give the study another name or storage",
                     spec->n_objectives, spec->name, store->path, stored->n_objectives);
  for (size_t i = 0; i < spec->n_objectives; i++) {
    const struct hpo_objective *now = &spec->objectives[i];
    const struct hpo_objective *was = &stored->objectives[i];
    if (now->direction != was->direction)
      return core_fail(err, CORE_INVAL,
                       "objective '%s' is to %s in the study file, to %s in storage '%s'; restore "
                       "it, or give the study another name or storage",
                       now->metric, words[now->direction], words[was->direction], store->path);
    if (names && strcmp(now->metric, was->metric) != 0)
      return core_fail(err, CORE_INVAL,
                       "the objective is '%s' in the study file, '%s' in storage '%s'; restore it, "
                       "or give the study another name or storage",
                       now->metric, was->metric, store->path);
  }
  return CORE_OK;
}

static enum core_status store_budget(const struct hpo_store *store, const struct hpo_spec *spec,
                                     struct core_error *err) {
  sqlite3_stmt *stmt = NULL;
  enum core_status st = hpo_sql_prepare(&store->sql,
                                        "UPDATE sweepgate_studies SET budget_trials = ?1 WHERE "
                                        "study_id = ?2 AND budget_trials IS NOT ?1",
                                        &stmt, err);
  if (st == CORE_OK && spec->trials >= 0) hpo_sql_bind_int(stmt, 1, spec->trials);
  if (st == CORE_OK) hpo_sql_bind_int(stmt, 2, store->study_id);
  if (st == CORE_OK) st = hpo_sql_run(&store->sql, stmt, err);
  sqlite3_finalize(stmt);
  return st;
}

/* The same space in another order: ours becomes the study file's, because points are rows in that order. */
static enum core_status store_order(struct hpo_store *store, const struct hpo_spec *spec,
                                    struct core_error *err) {
  const struct hpo_space *stored = &store->spec.space;
  bool same = true;
  for (size_t i = 0; i < stored->n_params; i++)
    same = same && strcmp(stored->params[i].name, spec->space.params[i].name) == 0;
  if (same) return CORE_OK;
  struct core_str json = {0};
  sqlite3_stmt *stmt = NULL;
  hpo_store_space_json(&spec->space, &json);
  enum core_status st = core_str_status(&json, err);
  if (st == CORE_OK)
    st = hpo_sql_prepare(
        &store->sql, "UPDATE sweepgate_studies SET space_json = ? WHERE study_id = ?", &stmt, err);
  if (st == CORE_OK) st = hpo_sql_bind_text(&store->sql, stmt, 1, core_str_text(&json), err);
  if (st == CORE_OK) {
    hpo_sql_bind_int(stmt, 2, store->study_id);
    st = hpo_sql_run(&store->sql, stmt, err);
  }
  sqlite3_finalize(stmt);
  core_str_close(&json);
  if (st != CORE_OK) return st;
  hpo_store_forget_spec(store);
  return hpo_store_load_spec(store, false, err);
}

/* Finds the study, makes it, or makes Optuna's ours. */
static enum core_status find_or_create(struct hpo_store *store, const struct hpo_spec *spec,
                                       double unix_s, struct core_error *err) {
  bool found = false;
  bool claimed = false;
  CORE_TRY(find_by_name(store, spec->name, &found, err));
  if (!found) return create_study(store, spec, unix_s, err);
  CORE_TRY(is_claimed(store, &claimed, err));
  if (claimed) return CORE_OK;
  /* Its distributions are compared row by row when its trials are imported. */
  CORE_TRY(hpo_store_load_spec(store, false, err));
  CORE_TRY(compare_objectives(store, spec, false, err));
  hpo_store_forget_spec(store);
  return claim_study(store, spec, unix_s, err);
}

enum core_status hpo_store_enter_study(struct hpo_store *store, const struct hpo_spec *spec,
                                       double unix_s, struct core_error *err) {
  CORE_TRY(find_or_create(store, spec, unix_s, err));
  CORE_TRY(hpo_store_load_spec(store, false, err));
  CORE_TRY(compare_objectives(store, spec, true, err));
  CORE_TRY(hpo_store_space_compare(&store->spec.space, &spec->space, err));
  CORE_TRY(store_order(store, spec, err));
  return store_budget(store, spec, err);
}
