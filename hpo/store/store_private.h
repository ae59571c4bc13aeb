/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the files of this folder share: the open store, and which file does which part of the work. */
#pragma once
#include "hpo/store/store.h"
#include "hpo/store/store_lock.h"
#include "hpo/store/store_sql.h"

#define HPO_STORE_FORMAT      1 /* of the sweepgate_ tables; a newer one is refused */
#define HPO_STORE_VIEW_FORMAT "%s.view"

/* Of ids and order keys; beyond it only a file that was edited, and there would be no room to count on. */
#define HPO_STORE_MAX_KEY ((int64_t)1 << 62)

/* Where a batch stands in the file; put back as it was when the batch fails. */
struct hpo_store_cursor {
  size_t n_trials;       /* of this study                                    */
  int64_t next_trial_id; /* over all studies of the file                     */
  int64_t next_order;    /* the next order key, see docs/storage.md          */
  int64_t data_version;  /* changes when another connection changed the file */
};

struct hpo_store_view; /* the side file that readers get where they cannot read the store */
struct hpo_store_writer;

struct hpo_store {
  char *path;
  struct hpo_sql sql;
  struct hpo_store_lock *lock; /* NULL: open for reading */
  int64_t study_id;
  bool own_tables;             /* false: a file that only Optuna has written to */
  struct hpo_spec spec;        /* as stored */
  struct core_arena arena;     /* of what spec points to beside its own arena */
  struct core_tree space_tree; /* that the spec's space was read from */
  struct hpo_store_cursor cursor;
  int64_t *trial_ids; /* by number; only when open for driving */
  size_t trial_ids_cap;
  struct hpo_store_writer *writer;
  struct hpo_store_view *view;
};

/* store_schema.c: the tables. `check` reads only: CORE_UNSUPPORTED for a version that we do not know, *empty for a file
 * without any table. `ensure` creates what is missing, inside the caller's transaction. */
enum core_status hpo_schema_check(const struct hpo_sql *sql, bool *empty, bool *own_tables,
                                  struct core_error *err) CORE_MUST_CHECK;
enum core_status hpo_schema_ensure(const struct hpo_sql *sql, bool optuna_31,
                                   struct core_error *err) CORE_MUST_CHECK;
/* False for a file of ours that was made before its column asked_order, and not driven since. */
enum core_status hpo_schema_has_asked(const struct hpo_sql *sql, bool *has,
                                      struct core_error *err) CORE_MUST_CHECK;

/* store_study.c: the study's row, found or made, and the spec as stored. */
/* `name` NULL: the only study of the file. CORE_NOT_FOUND with the names that exist. */
enum core_status hpo_store_find_study(struct hpo_store *store, const char *name,
                                      struct core_error *err) CORE_MUST_CHECK;
/* The driver's way: finds the study, makes it when there is none, claims it when only Optuna knows it, and refuses it
 * when it differs from `spec`. */
enum core_status hpo_store_enter_study(struct hpo_store *store, const struct hpo_spec *spec,
                                       double unix_s, struct core_error *err) CORE_MUST_CHECK;
/* Fills store->spec from the file. `infer`: parameters that only other programs' trials have are added to the space. */
enum core_status hpo_store_load_spec(struct hpo_store *store, bool infer,
                                     struct core_error *err) CORE_MUST_CHECK;
void hpo_store_forget_spec(struct hpo_store *store);

/* store_infer.c: appends to `out`, as members of a JSON map, the parameters of trials that are not ours and that `known`
 * (may be NULL) does not have. */
enum core_status hpo_store_infer_params(struct hpo_store *store, const struct hpo_space *known,
                                        struct core_str *out,
                                        struct core_error *err) CORE_MUST_CHECK;

/* Attributes that the store writes by itself, to show Optuna's users what our tables say; replay leaves them out. */
#define HPO_STORE_MIRROR_OUTCOME "sweepgate:outcome"
#define HPO_STORE_MIRROR_MESSAGE "sweepgate:message"
bool hpo_store_is_mirror(const char *key);

/* store_append.c: prepared statements for batches. */
enum core_status hpo_store_writer_open(struct hpo_store *store,
                                       struct core_error *err) CORE_MUST_CHECK;
void hpo_store_writer_close(struct hpo_store *store);
/* Reads where the file's counters stand, inside a transaction. */
enum core_status hpo_store_load_cursor(struct hpo_store *store, struct hpo_store_cursor *out,
                                       struct core_error *err) CORE_MUST_CHECK;

/* store_import.c: gives trials of other programs their place in the order, inside the caller's transaction. */
enum core_status hpo_store_import(struct hpo_store *store, struct core_error *err) CORE_MUST_CHECK;

/* store_view.c: the side file for readers, where they cannot read the store while it is driven. */
enum core_status hpo_store_view_open(struct hpo_store *store,
                                     struct core_error *err) CORE_MUST_CHECK;
/* Replaces it when the last time is long enough ago, judged by unix_s and by how long that took. A side file that cannot
 * be written is left alone: it is a courtesy. */
void hpo_store_view_update(struct hpo_store *store, double unix_s);
void hpo_store_view_close(
    struct hpo_store *store); /* removes it: the store itself can be read again */

/* store_space.c: a space as JSON in the study file's form, and Optuna's distributions. */
void hpo_store_space_json(const struct hpo_space *space, struct core_str *out);
void hpo_store_param_json(const struct hpo_space *space, const struct hpo_param *param,
                          struct core_str *out);
void hpo_store_distribution_json(const struct hpo_param *param, struct core_str *out);
/* One of Optuna's distributions as read; `choices` lives in the tree. CORE_UNSUPPORTED for what we have no parameter for. */
struct hpo_store_distribution {
  struct core_tree tree;
  enum hpo_param_type type;
  bool log;
  double low, high, step;
  const struct core_node *choices;
};
enum core_status hpo_store_distribution_open(struct hpo_store_distribution *out, const char *json,
                                             struct core_error *err) CORE_MUST_CHECK;
void hpo_store_distribution_close(struct hpo_store_distribution *distribution);
/* CORE_INVAL with the difference when `json` is not a distribution that this parameter's trials may have. */
enum core_status hpo_store_distribution_check(const struct hpo_param *param, const char *json,
                                              struct core_error *err) CORE_MUST_CHECK;
enum core_status hpo_store_space_compare(const struct hpo_space *stored,
                                         const struct hpo_space *given,
                                         struct core_error *err) CORE_MUST_CHECK;
