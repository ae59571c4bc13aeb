/* SPDX-License-Identifier: GPL-3.0-or-later
 * CMA-ES with margin: ints and steps are cells of the unit interval, and a strategy that shrinks
 * inside one cell would never leave it again. After each update every such coordinate keeps at
 * least a small probability of the cells beside its own. Hamano, Saito, Nomura & Shirakawa, GECCO
 * 2022, arXiv 2205.13482. */
#pragma once
#include "hpo/sampler/cmaes_strategy.h"
#include "hpo/space.h"

/* `params`: the strategy's n coordinates; continuous ones are left alone. `margin`: probability
 * that stays outside the mean's own cell, 1 / (n lambda) in the paper. Changes mean and stretch. */
void hpo_cmaes_keep_margin(struct hpo_cmaes *strategy, const struct hpo_param *const *params,
                           double margin);
