/* SPDX-License-Identifier: GPL-3.0-or-later
 * Studies for tests: opened from YAML text, driven by short calls. Each call asserts that it succeeds. */
#pragma once
#include "hpo/study.h"
#include "tests/support/support.h"

struct test_study {
  struct core_tree tree;
  struct hpo_spec spec;
  struct hpo_study *study;
};
/* `yaml` holds what differs: space, and where wanted sampler, pruner, objective, seed. Defaults for the rest. */
void test_study_open(struct test_study *t, const char *yaml);
void test_study_close(struct test_study *t);
/* The tree and spec only; a status for those who expect a refusal. */
enum core_status test_spec_open(struct test_study *t, const char *yaml, struct core_error *err);

const struct hpo_trial *test_study_trial(const struct test_study *t, uint64_t number);
uint64_t test_study_ask(struct test_study *t); /* suggest and create, RUNNING */
uint64_t test_study_add(struct test_study *t,
                        const double *internal); /* create at a point          */
void test_study_report(struct test_study *t, uint64_t number, int64_t step, double value);
void test_study_complete(struct test_study *t, uint64_t number, double value);
void test_study_prune(struct test_study *t,
                      uint64_t number); /* with the last report as its value */
void test_study_fail(struct test_study *t, uint64_t number);
void test_study_apply(struct test_study *t, const struct hpo_event *event);
