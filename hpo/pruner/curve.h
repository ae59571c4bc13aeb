/* SPDX-License-Identifier: GPL-3.0-or-later
 * Small questions about one trial's reports that several pruners ask. Reports stand in ascending order of their steps. */
#pragma once
#include "hpo/history.h"
#include <stdbool.h>

/* The trial's report at exactly that step, NULL when it has none. */
const struct hpo_report *hpo_curve_at(const struct hpo_trial *trial, int64_t step);
/* The first report at or after that step, NULL when the trial has not come that far. */
const struct hpo_report *hpo_curve_from(const struct hpo_trial *trial, int64_t step);
/* Best of n reports by direction, NaN left out; NaN when there is nothing else. */
double hpo_curve_best(const struct hpo_report *reports, size_t n, enum hpo_direction direction);
/* Is `a` strictly better than `b`? */
bool hpo_curve_better(double a, double b, enum hpo_direction direction);
/* Pruners look at steps warmup, warmup + interval, ...: is the trial's newest report the first one at or after such a step?
 * Steps before the warm-up never are. */
bool hpo_curve_is_due(const struct hpo_trial *trial, int64_t warmup_steps, int64_t interval_steps);
