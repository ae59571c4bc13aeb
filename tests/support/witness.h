/* SPDX-License-Identifier: GPL-3.0-or-later
 * Can what was suggested be computed again from what was stored? */
#pragma once
#include "hpo/store/store.h"
#include "hpo/study.h"

/* A sampler whose points are a hash of everything that a sampler may see: number, states, points, reports, values, the
 * order of ends. Whoever shows it anything else gets another point. Takes the options of `random`. */
extern const struct hpo_sampler_ops test_sampler_witness;

struct test_asks {
  size_t n;     /* points that were suggested again, each the same bit for bit */
  size_t ahead; /* of these: an event other than a creation lies between the point and its trial */
};
/* Computes every suggestion of a stored study again, by its place in the order; `spec` is the one that it was driven
 * with. Fails the test at the first that differs. */
struct test_asks test_suggest_again(struct hpo_store *store, const struct hpo_spec *spec);
