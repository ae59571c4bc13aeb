/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/ending.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "core/num.h"

static bool complete(const struct job_ending *e) {
  for (size_t i = 0; i < e->n_objectives; i++)
    if (!e->given[i]) return false;
  return true;
}

static bool exited_well(const struct job_ending *e) {
  if (e->library) return e->code == 0;
  return WIFEXITED(e->wait_status) && WEXITSTATUS(e->wait_status) == 0;
}

static bool has_nan(const struct job_ending *e, size_t *which) {
  for (size_t i = 0; i < e->n_objectives; i++) {
    if (!e->given[i] || !isnan(e->values[i])) continue;
    *which = i;
    return true;
  }
  return false;
}

static void missing_say(const struct job_ending *e, struct core_str *message) {
  core_str_text_append(message, "it ended well, but gave no value for ");
  const char *comma = "";
  for (size_t i = 0; i < e->n_objectives; i++) {
    if (e->given[i]) continue;
    core_str_printf(message, "%s'%s'", comma, e->metrics[i]);
    comma = ", ";
  }
  if (e->other) core_str_printf(message, "; its result names '%s'", e->other);
}

/* It ended of itself: by its values, exit code or signal. */
static enum hpo_outcome own_end(const struct job_ending *e, struct core_str *message) {
  size_t which = 0;
  if (exited_well(e)) {
    if (has_nan(e, &which)) {
      core_str_printf(message, "the objective '%s' is not a number", e->metrics[which]);
      return HPO_OUTCOME_NAN;
    }
    if (complete(e)) return HPO_OUTCOME_OK;
    missing_say(e, message);
    return HPO_OUTCOME_NO_RESULT;
  }
  const char *after = e->n_objectives && complete(e) ? ", after it had given its result" : "";
  if (e->library) {
    core_str_printf(message, "the objective function returned %d%s%s", e->code,
                    e->said ? ": " : after, e->said ? e->said : "");
    return HPO_OUTCOME_EXIT;
  }
  if (WIFSIGNALED(e->wait_status)) {
    const int number = WTERMSIG(e->wait_status);
    const char *name = sigabbrev_np(number);
    core_str_printf(message, "killed by signal %d (SIG%s)%s%s", number, name ? name : "?",
                    WCOREDUMP(e->wait_status) ? ", core dumped" : "", after);
    return HPO_OUTCOME_SIGNAL;
  }
  const int code = WEXITSTATUS(e->wait_status);
  core_str_printf(message, "exit code %d%s%s", code,
                  code == 127   ? " (a shell says so when a command is not found)"
                  : code == 126 ? " (a shell says so when a file cannot be executed)"
                                : "",
                  after);
  return HPO_OUTCOME_EXIT;
}

enum hpo_outcome job_ending_judge(const struct job_ending *e, struct core_str *message) {
  char number[CORE_NUM_BYTES];
  switch (e->why) {
  case JOB_WHY_PRUNED:
    core_str_text_append(message, "pruned");
    if (e->last_step >= 0) core_str_printf(message, " after step %" PRId64, e->last_step);
    return HPO_OUTCOME_PRUNED;
  case JOB_WHY_TIMEOUT:
    core_format_duration(e->timeout_s, number);
    core_str_printf(message, "ended because it ran longer than its timeout of %s", number);
    return HPO_OUTCOME_TIMEOUT;
  case JOB_WHY_PROTOCOL:
    core_str_text_append(message, e->fault);
    return HPO_OUTCOME_PROTOCOL;
  case JOB_WHY_STOPPED:
    /* A finished evaluation is not thrown away because a stop came while it ended. */
    if (exited_well(e) && own_end(e, message) == HPO_OUTCOME_OK) return HPO_OUTCOME_OK;
    core_str_clear(message);
    core_str_text_append(message, "ended because the sweep was asked to stop");
    return HPO_OUTCOME_STOPPED;
  case JOB_WHY_NONE:
    break;
  }
  if (e->fault) {
    core_str_text_append(message, e->fault);
    return HPO_OUTCOME_START;
  }
  return own_end(e, message);
}
