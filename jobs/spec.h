/* SPDX-License-Identifier: GPL-3.0-or-later
 * The study file whole: the search half (hpo/spec.h) and the jobs half, `gate` and `trial`.
 * Format: docs/formats.md, "Study file"; docs/trials.md. */
#pragma once
#include "hpo/spec.h"
#include "jobs/trial/template.h"

enum job_gate_action { JOB_GATE_ABORT, JOB_GATE_FAIL_TRIAL, JOB_GATE_WARN };
struct job_gate_spec {
  const char *data, *suite; /* absolute paths */
  enum job_gate_action on_failure;
  struct core_pos pos;
};

enum job_report_from { JOB_REPORT_PROTOCOL, JOB_REPORT_STDOUT, JOB_REPORT_STDERR, JOB_REPORT_BOTH };

/* One word of a command. Words of one group (not 0) are left out together when a parameter in any of them does not
 * exist in the trial; words outside of a group use only parameters that always exist. */
struct job_word {
  struct job_template text;
  size_t group;
};

struct job_env {
  const char *name;
  struct job_template value; /* not set when a parameter in it does not exist */
};

struct job_trial_spec {
  struct job_word *words; /* the command; with `shell` exactly one; NULL with a library */
  size_t n_words;
  bool shell;                     /* the word is a script for /bin/sh -c */
  const char *library, *function; /* in-process objective, library absolute; NULL with a command */
  struct core_pos program_pos;    /* of the command or library */
  enum job_report_from report_from;
  const char *report_pattern;  /* named groups value, step, metric; NULL: name=value lines */
  double timeout_s;            /* INFINITY: none */
  int64_t retries;             /* further attempts after a failure */
  struct job_template workdir; /* no pieces: the study file's folder */
  struct job_template log;     /* no pieces: no log */
  struct job_env *env;
  size_t n_env;
};

struct job_spec {
  struct core_tree tree;
  struct hpo_spec hpo;
  const char *path;    /* of the study file */
  const char *folder;  /* absolute folder of the study file: relative paths start here */
  const char *storage; /* absolute */
  struct job_gate_spec *gates;
  size_t n_gates;
  struct job_trial_spec trial;
  bool has_trial; /* a study for ask and tell may have none */
  struct core_arena arena;
};

/* Every mistake (unknown keys, unknown placeholders, a bad pattern, a command and a library) is CORE_INVAL with the
 * position and the nearest spelling. Looks at no file but the study file. */
enum core_status job_spec_open(struct job_spec *spec, const char *path,
                               struct core_error *err) CORE_MUST_CHECK;
/* Before a sweep starts: is there a trial section, and do its program or library exist?
 * Commands whose first word depends on the trial are not looked at. */
enum core_status job_spec_check(const struct job_spec *spec,
                                struct core_error *err) CORE_MUST_CHECK;
void job_spec_close(struct job_spec *spec);
