/* SPDX-License-Identifier: GPL-3.0-or-later
 * The line protocol between a trial and its executor, one JSON object a line (docs/trials.md, normative):
 *
 *   {"report": {"step": 3, "value": 0.21}}    answered by {"prune": false} or {"prune": true}
 *   {"result": {"val_error": 0.18}}           or a bare number with one objective, or a list in their order
 *   {"attr": {"key": <any JSON>, ...}}
 *
 * NaN, Infinity and -Infinity are accepted as Python writes them; null is not a number either. The resident processes
 * of in-process objectives speak it too; `end` is theirs alone. */
#pragma once
#include "core/tree.h"
#include "hpo/trial.h"

#define JOB_PROTOCOL_LINE_BYTES (1024 * 1024)
#define JOB_PROTOCOL_REPORTS    100000             /* of one trial */
#define JOB_PROTOCOL_ATTR_BYTES (16 * 1024 * 1024) /* of one trial's attributes, keys and values */

enum job_message_kind {
  JOB_MESSAGE_NONE, /* an empty line */
  JOB_MESSAGE_REPORT,
  JOB_MESSAGE_RESULT,
  JOB_MESSAGE_ATTR,
  JOB_MESSAGE_END
};
struct job_message {
  enum job_message_kind kind;
  struct hpo_report report;
  const struct core_node *body; /* RESULT: a number, list or map; ATTR, END: a map */
  struct core_tree tree;        /* owns body */
};

/* A line that the protocol does not allow: CORE_INVAL with what is wrong about it. Close the message in any case. */
enum core_status job_message_read(struct job_message *message, const char *line, size_t len,
                                  struct core_error *err) CORE_MUST_CHECK;
void job_message_close(struct job_message *message);

/* Sets values[i] and given[i] of the objectives that a RESULT's body names. Further entries of a map are
 * left alone (job_result_is_other tells them). */
enum core_status job_result_read(const struct core_node *body, const char *const *metrics,
                                 size_t n_metrics, double *values, bool *given,
                                 struct core_error *err) CORE_MUST_CHECK;
/* Is this entry of a result's map something else than an objective? */
bool job_result_is_other(const struct core_node *entry, const char *const *metrics,
                         size_t n_metrics);
