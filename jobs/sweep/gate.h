/* SPDX-License-Identifier: GPL-3.0-or-later
 * The gate: no trial starts on data that fails its suite. Checked before the sweep and before each
 * trial.
 *
 * A verdict is kept with the identity of its files (device, inode, size, modification time), the
 * hash of the data's content and the suite's digest: while the identities stand, a look costs one
 * stat a file (and a walk over folders and patterns, where the data is such). When one changes, the files are hashed and, if their content changed, validated
 * again, on a thread of their own. */
#pragma once
#include "core/str.h"
#include "hpo/store/store.h"
#include "jobs/spec.h"

enum job_gate_state {
  JOB_GATE_OPEN,     /* start */
  JOB_GATE_CHECKING, /* a check is under way: wait for job_gate_fd */
  JOB_GATE_FAILS,    /* a gate with on_failure fail_trial failed: trials fail instead of starting */
  JOB_GATE_CLOSED    /* a gate with on_failure abort failed, or its files cannot be read */
};

struct job_gate;
/* `spec` is borrowed. A study without gates is always open. */
enum core_status job_gate_open(const struct job_spec *spec, struct job_gate **out,
                               struct core_error *err) CORE_MUST_CHECK;
void job_gate_close(struct job_gate *gate); /* waits for a check that runs; accepts NULL */

/* Checks everything now, on the caller's thread. CORE_IO and the like: a file cannot be read (the
 * gate is closed). */
enum core_status job_gate_check(struct job_gate *gate, struct core_error *err) CORE_MUST_CHECK;
/* Looks at the files; starts a check when one changed. Never blocks. */
enum job_gate_state job_gate_look(struct job_gate *gate);
/* Readable when a check that job_gate_look started has ended; job_gate_settle then takes its
 * outcome. */
int job_gate_fd(const struct job_gate *gate);
enum core_status job_gate_settle(struct job_gate *gate, struct core_error *err) CORE_MUST_CHECK;

/* One verdict for each data/suite pair, in the order of the study file. */
struct job_gate_entry {
  const struct job_gate_spec *spec;
  char data_hash[33];
  char suite_hash[33];
  bool success;
  uint64_t n_rows, n_failed;
  double seconds; /* of the last validation */
  struct core_str
      summary; /* JSON: [{"expectation", "column", "unexpected_count"}] of the failed ones */
  struct core_str report;  /* the text report, for people */
  uint64_t version;        /* grows with each validation: has this verdict been shown and stored? */
  int64_t stored_id;       /* for the owner: id in the store */
  uint64_t stored_version; /* for the owner: version that stored_id stands for */
};
size_t job_gate_count(const struct job_gate *gate);
/* Not while a check is under way. */
struct job_gate_entry *job_gate_entry(struct job_gate *gate, size_t index);
