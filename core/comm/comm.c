/* SPDX-License-Identifier: GPL-3.0-or-later
 * What does not depend on the transport: who started us, what children must not inherit, and waiting. */
#include "core/comm/comm.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/num.h"

static bool is_above_one(const char *name) {
  const char *text = getenv(name);
  int64_t value;
  return text && core_parse_int64(text, strlen(text), &value) && value > 1;
}

/* Open MPI's mpirun and PMI launchers tell the number of ranks. srun --mpi=pmix tells the rank through PMIx and the
 * number as Slurm does; inside a batch script, outside srun, the Slurm variables alone mean nothing. */
bool core_comm_launched(void) {
  if (getenv("OMPI_COMM_WORLD_SIZE")) return is_above_one("OMPI_COMM_WORLD_SIZE");
  if (getenv("PMI_SIZE")) return is_above_one("PMI_SIZE");
  return getenv("PMIX_RANK") && is_above_one("SLURM_STEP_NUM_TASKS");
}

/* A child that inherited these would believe itself to be this rank: MPI programs and mpirun fail below it. A user's
 * own settings are kept: OMPI_ALLOW_RUN_AS_ROOT, SLURM_*. */
const char *const *core_comm_env_prefixes(void) {
  static const char *const prefixes[] = {"OMPI_COMM_",
                                         "OMPI_MCA_",
                                         "OMPI_UNIVERSE_",
                                         "OMPI_APP_",
                                         "OMPI_NUM_",
                                         "OMPI_FILE_",
                                         "OMPI_FIRST_",
                                         "OMPI_COMMAND",
                                         "OMPI_ARGV",
                                         "PMIX_",
                                         "PMI_",
                                         "PMI2_",
                                         "ORTE_",
                                         "OPAL_",
                                         "PRTE_",
                                         "MPI_LOCAL",
                                         "MPIR_",
                                         "HYDI_",
                                         "HYDRA_",
                                         "HFI_NO_BACKTRACE=",
                                         "IPATH_NO_BACKTRACE=",
                                         NULL};
  return prefixes;
}

/* Messages give no descriptor to wait on. A nap of 1 ms costs 1 % of a core, a tenth of it 8 %; but a wait often begins
 * just before an answer comes, so its first naps are short. */
static const double nap_most_s = 0.001;
static const double nap_first_s = 0.0001;
static const double nap_growth = 1.25;

/* True when a descriptor became readable. */
static bool nap(double seconds, const int *fds, size_t n_fds) {
  enum { FDS_MAX = 16 };
  struct pollfd polled[FDS_MAX];
  const size_t n = n_fds < FDS_MAX ? n_fds : FDS_MAX;
  for (size_t i = 0; i < n; i++) polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
  const struct timespec time = {.tv_nsec = (long)(seconds * 1e9)};
  return ppoll(polled, n, &time, NULL) > 0;
}

enum core_status core_comm_wait(struct core_comm *comm, const struct core_clock *clock,
                                double timeout_s, const int *fds, size_t n_fds,
                                struct core_message *message, bool *got, struct core_error *err) {
  const double deadline = clock->monotonic_s(clock) + timeout_s;
  for (double nap_s = nap_first_s;; nap_s = fmin(nap_s * nap_growth, nap_most_s)) {
    CORE_TRY(comm->ops->receive(comm, message, got, err));
    const double left_s = deadline - clock->monotonic_s(clock);
    if (*got || left_s <= 0) return CORE_OK;
    if (nap(fmin(nap_s, left_s), fds, n_fds)) {
      return comm->ops->receive(comm, message, got, err);
    }
  }
}
