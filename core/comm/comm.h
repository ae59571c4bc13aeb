/* SPDX-License-Identifier: GPL-3.0-or-later
 * Messages between ranks: the only view of the transport that the rest of the program has. comm_self.c is one rank that
 * talks to itself; comm_mpi.c is MPI, and the only file that includes mpi.h.
 *
 * Messages between two ranks arrive in the order sent. send never blocks on the receiver: bytes are copied and delivered
 * by later calls. A waiting rank naps instead of spinning (1 ms, two probes a wake-up: under 2 % of a core). */
#pragma once
#include "core/clock.h"
#include "core/status.h"
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>

struct core_comm;
struct core_message {
  int source;
  int tag;
  struct core_str bytes; /* reused by the next receive */
};

struct core_comm_ops {
  const char *name;
  int (*rank)(const struct core_comm *comm);
  int (*size)(const struct core_comm *comm);
  enum core_status (*send)(struct core_comm *comm, int destination, int tag, const void *bytes,
                           size_t len, struct core_error *err);
  /* *got tells whether a message was there; never waits. */
  enum core_status (*receive)(struct core_comm *comm, struct core_message *message, bool *got,
                              struct core_error *err);
  /* True when every byte sent so far has left this rank. */
  bool (*flushed)(struct core_comm *comm);
  /* Holds a rank for dead: what is sent to it from now on, or still under way, is dropped; close will not be clean. */
  void (*forget)(struct core_comm *comm, int rank);
  /* Ends this rank's part and frees. Clean, if asked for and no rank was forgotten: all ranks take part and leave
   * together, and this returns. Otherwise the process ends here with the exit code, without waiting for anybody: after a
   * loss the library may wait for the dead forever. A comm of one rank always returns. */
  void (*close)(struct core_comm *comm, bool clean, int exit_code);
};
struct core_comm {
  const struct core_comm_ops *ops;
};

/* One rank, no library started. */
enum core_status core_comm_self_open(struct core_comm **out,
                                     struct core_error *err) CORE_MUST_CHECK;
/* Starts MPI. CORE_UNSUPPORTED where it is not built in. Call core_comm_launched first: starting MPI costs 0.2 s or more. */
enum core_status core_comm_mpi_open(struct core_comm **out, struct core_error *err) CORE_MUST_CHECK;
/* Were we started by mpirun or srun as one of several ranks (asked of the environment, MPI is not started)? */
bool core_comm_launched(void);
/* MPI's per-process variables that a child must not inherit: prefixes for core_child_spec.env_drop. */
const char *const *core_comm_env_prefixes(void);

/* Receives within timeout_s of `clock` (0: only looks), napping between probes; returns early with *got false when one of the
 * n_fds descriptors becomes readable. */
enum core_status core_comm_wait(struct core_comm *comm, const struct core_clock *clock,
                                double timeout_s, const int *fds, size_t n_fds,
                                struct core_message *message, bool *got,
                                struct core_error *err) CORE_MUST_CHECK;
