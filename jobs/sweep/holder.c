/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/holder.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"

void job_holder_self(struct hpo_holder *self) {
  const struct core_clock *clock = core_clock_system();
  const char *job = getenv("SLURM_JOB_ID");
  *self = (struct hpo_holder){.pid = getpid(), .since_unix_s = clock->unix_s(clock)};
  if (gethostname(self->host, sizeof self->host - 1) != 0) self->host[0] = '\0';
  snprintf(self->job, sizeof self->job, "%s", job ? job : "");
}
