/* SPDX-License-Identifier: GPL-3.0-or-later
 * The study file whole: the search half (hpo/spec.h) and the jobs half, `gate` and `trial`.
 * Format: docs/formats.md, "Study file". */
#pragma once
#include "hpo/spec.h"

enum job_gate_action { JOB_GATE_ABORT, JOB_GATE_FAIL_TRIAL, JOB_GATE_WARN };
struct job_gate_spec { const char *data, *suite; enum job_gate_action on_failure; struct core_pos pos; };

enum job_report_from { JOB_REPORT_PROTOCOL, JOB_REPORT_STDOUT, JOB_REPORT_STDERR, JOB_REPORT_BOTH };
struct job_trial_spec {
  const char *const *command;      /* templates with {name} placeholders; NULL with a library */
  bool shell;                      /* command is one string for /bin/sh -c */
  const char *library, *function;  /* in-process objective; NULL with a command */
  enum job_report_from report_from;
  const char *report_pattern;      /* PCRE2 with named groups step and value; NULL: Katib-style name=value lines */
  double timeout_s;                /* INFINITY: none */
  int64_t retries;                 /* further attempts after a failure */
  const char *workdir;             /* template; NULL: the study file's folder */
  const char *log;                 /* template of the per-trial log; default STORAGE-without-suffix.logs/{trial}.log */
  const char *const *env;          /* NAME=VALUE templates, NULL-terminated */
};
struct job_spec {
  struct core_tree tree;
  struct hpo_spec hpo;
  const char *path;                /* of the study file */
  const char *folder;              /* absolute folder of the study file: relative paths start here */
  const char *storage;             /* absolute */
  struct job_gate_spec *gates;
  size_t n_gates;
  struct job_trial_spec trial;
  bool has_trial;                  /* a study for ask and tell may have none */
  struct core_arena arena;
};
/* Unknown placeholders, unknown keys, a bad pattern: CORE_INVAL with the position and the nearest spelling. */
enum core_status job_spec_open(struct job_spec *spec, const char *path, struct core_error *err) CORE_MUST_CHECK;
void job_spec_close(struct job_spec *spec);
