/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the tests and benchmarks of the store share: a study without a study file, events without a sweep. */
#pragma once
#include "hpo/store/store.h"

/* A spec made by hand: `space_json` in the study file's form. Aborts on a mistake. */
struct test_store_study {
  struct hpo_spec spec;
  struct core_tree tree;
  struct hpo_objective objective;
  enum hpo_direction direction;
};
void test_store_study_open(struct test_store_study *study, const char *name,
                           const char *space_json);
void test_store_study_close(struct test_store_study *study);

extern const struct hpo_holder test_holder; /* this process, since one fixed moment */

struct hpo_event test_create(uint64_t number, const double *internal, uint64_t seen);
struct hpo_event test_report(uint64_t number, int64_t step, double value);
struct hpo_event test_attr(uint64_t number, const char *key, const char *json, bool system);
/* COMPLETE with *value, or FAIL when `value` is NULL. */
struct hpo_event test_finish(uint64_t number, const double *value);

/* Every event as a line of text, in the order of the replay; the memory is the caller's. */
char *test_transcript(struct hpo_store *store);
void test_describe(const struct hpo_event *event, size_t n_params, struct core_str *out);
