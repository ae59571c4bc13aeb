/* SPDX-License-Identifier: GPL-3.0-or-later
 * Who we are, for the driver's lock: host, process, Slurm job. */
#pragma once
#include "hpo/store/store.h"

void job_holder_self(struct hpo_holder *self);
