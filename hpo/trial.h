/* SPDX-License-Identifier: GPL-3.0-or-later
 * One evaluation of the objective: its point, its reports, how it ended. Plain data; owned by the study. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hpo_state { HPO_RUNNING, HPO_COMPLETE, HPO_PRUNED, HPO_FAIL, HPO_WAITING }; /* Optuna's five */
enum hpo_direction { HPO_MINIMIZE, HPO_MAXIMIZE };

/* Why a trial ended as it did: the named outcome that `trials` shows. X(NAME, text as stored) */
#define HPO_OUTCOME_LIST(X)                                                                        \
  X(NONE, "") /* not ended */                                                                      \
  X(OK, "ok") /* gave a result and exited 0 */                                                     \
  X(PRUNED, "pruned")                                                                              \
  X(EXIT, "exit")     /* exit code other than 0 */                                                 \
  X(SIGNAL, "signal") /* killed by a signal that was not ours */                                   \
  X(TIMEOUT, "timeout")                                                                            \
  X(NO_RESULT, "no_result") /* exit 0, but no value for every objective */                         \
  X(NAN, "nan")             /* the objective is not a number */                                    \
  X(START, "start")         /* the command could not be started */                                 \
  X(PROTOCOL, "protocol")   /* wrote what the protocol does not allow */                           \
  X(LOST, "lost")           /* its worker, driver or node died */                                  \
  X(GATE, "gate")           /* its data failed the suite */                                        \
  X(STOPPED, "stopped")     /* ended because the sweep was asked to stop */                        \
  X(TOLD, "told")           /* ended by `sweepgate tell` */
enum hpo_outcome {
#define X(name, text) HPO_OUTCOME_##name,
  HPO_OUTCOME_LIST(X)
#undef X
};
const char *hpo_outcome_text(enum hpo_outcome outcome);
bool hpo_outcome_parse(const char *text, enum hpo_outcome *out);
const char *hpo_state_text(enum hpo_state state); /* "COMPLETE" */
bool hpo_state_is_final(enum hpo_state state);    /* COMPLETE, PRUNED or FAIL */

struct hpo_report {
  int64_t step;
  double value;
}; /* value may be NaN or infinite */

struct hpo_trial {
  uint64_t number; /* 0-based, dense */
  enum hpo_state state;
  enum hpo_outcome outcome;
  double *internal; /* n_params; NaN: does not exist here        */
  double *unit;     /* n_params; NaN: does not exist here        */
  double *
      values; /* n_objectives; valid when COMPLETE (all finite or infinite, never NaN) or when a PRUNED
                               trial has its last report here (n_values == 1) */
  size_t n_values; /* 0 when there are none */
  struct hpo_report
      *reports; /* ascending steps; the first report of a step is kept, as in Optuna */
  size_t n_reports, reports_cap;
  double start_unix_s;   /* 0: never started */
  double end_unix_s;     /* 0: not ended */
  uint64_t finish_index; /* order of finishing over the study; UINT64_MAX: not finished */
  int attempt;           /* how many tries failed or were lost before this one */
};
