/* SPDX-License-Identifier: GPL-3.0-or-later
 * What an attempt's end is called, and the sentence that says why. A pure function. */
#pragma once
#include "core/str.h"
#include "jobs/executor/executor.h"

/* Why we ended it, or will; the first reason stands. */
enum job_why { JOB_WHY_NONE, JOB_WHY_PRUNED, JOB_WHY_TIMEOUT, JOB_WHY_STOPPED, JOB_WHY_PROTOCOL };

struct job_ending {
  enum job_why why;
  const char *fault; /* START (why NONE) or PROTOCOL: the sentence; NULL: it did start */
  double timeout_s;
  bool library; /* the function returned `code` and said `said`; otherwise wait_status */
  int code;
  const char *said; /* NULL: nothing */
  int wait_status;
  const char *const *metrics;
  const double *values;
  const bool *given;
  size_t n_objectives;
  const char *other; /* what a result named that is no objective; NULL: nothing */
  int64_t last_step; /* of the last report; -1: none */
};
/* The outcome; a sentence is appended to `message` for all but OK. */
enum hpo_outcome job_ending_judge(const struct job_ending *ending, struct core_str *message);
