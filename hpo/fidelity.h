/* SPDX-License-Identifier: GPL-3.0-or-later
 * One order of merit over trials that came unequally far.
 *
 * Levels are the steps at which pruned trials stopped (of steps within a factor of 1.5 the lowest), and the end. A trial's
 * value at a level is its first report at or after that step; at the end, its objective. Trials are first ordered by
 * their values at the lowest level; then, level by level, those that came further are ordered anew by their values there,
 * among the places that they held. So values are compared at equal steps only, later values count more, and a trial
 * that ran to its end for want of competitors gains nothing by that. */
#pragma once
#include "core/mem.h"
#include "hpo/history.h"

/* The COMPLETE and PRUNED trials of a single-objective history, the best first, into ranked[n_finished]; returns how many.
 * Without pruned trials it is the order of the objective. Equals keep the order of the level before, at first that of their
 * numbers. NaN at a level is worse than any number; trials that were pruned at a NaN or without a report come last.
 * SIZE_MAX without memory. What is taken from the arena is the caller's to reset. */
size_t hpo_fidelity_rank(const struct hpo_history *seen, const struct hpo_trial **ranked,
                         struct core_arena *arena) CORE_MUST_CHECK;
