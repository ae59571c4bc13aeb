/* SPDX-License-Identifier: GPL-3.0-or-later
 * Suggestions from a thread of their own, so that a slow sampler never delays the handling of
 * reports.
 *
 * The thread owns a second copy of the study that follows the same events. Everything fed before a
 * request is applied before its suggestions are computed, so these depend on the order of events
 * and requests alone, never on timing. */
#pragma once
#include "hpo/study.h"

struct job_asker;
/* `spec` is borrowed, must outlive the asker and is not changed by it. */
enum core_status job_asker_open(const struct hpo_spec *spec, struct job_asker **out,
                                struct core_error *err) CORE_MUST_CHECK;
void job_asker_close(struct job_asker *asker); /* waits for the thread; accepts NULL */

/* Queues copies of events, in order. CREATE events that came from this asker must not be fed back.
 */
enum core_status job_asker_feed(struct job_asker *asker, const struct hpo_event *events, size_t n,
                                struct core_error *err) CORE_MUST_CHECK;
/* Asks for n further points; one request at a time. */
void job_asker_request(struct job_asker *asker, size_t n);
bool job_asker_busy(
    const struct job_asker *asker); /* a request has been made and its answer not been taken */
int job_asker_fd(const struct job_asker *asker); /* readable when an answer is there */

/* Suggestions in the order in which their trials must be created. The asker has applied them
 * already: the caller stores and applies them, or gives up. */
struct job_suggestions {
  size_t n;          /* less than asked for when exhausted */
  bool exhausted;    /* the sampler has nothing left */
  size_t n_fallback; /* how many are random points because the sampler failed */
  uint64_t first_number;
  uint64_t seen;          /* final trials that were seen */
  const double *internal; /* n rows of n_params; valid until the next request */
};
/* False when no answer is there yet. CORE errors (out of memory) are the thread's. */
bool job_asker_take(struct job_asker *asker, struct job_suggestions *out, enum core_status *status,
                    struct core_error *err);
