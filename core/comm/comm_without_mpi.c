/* SPDX-License-Identifier: GPL-3.0-or-later
 * Stands in for comm_mpi.c in a build without MPI. */
#include "core/comm/comm.h"

enum core_status core_comm_mpi_open(struct core_comm **out, struct core_error *err) {
  (void)out;
  return core_fail(
      err, CORE_UNSUPPORTED,
      "started as one of several ranks, but built without MPI; build with -DSWEEPGATE_MPI=ON");
}
