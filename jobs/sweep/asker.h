/* SPDX-License-Identifier: GPL-3.0-or-later
 * Suggestions from a thread of their own, so that a slow sampler never delays the handling of
 * reports, and that the next ones can be there before a slot is free.
 *
 * The thread owns a second copy of the study that follows the same events. Each suggestion says up
 * to which event the copy had come when it was computed: with that, the events and the seed, anybody
 * can compute it again. Every point that was asked for becomes the next trial or, at the end of a
 * sweep, is forgotten; none is replaced by a better one.
 *
 * Point k + 1 counts point k as running, whether or not its trial has been created meanwhile. */
#pragma once
#include "core/clock.h"
#include "hpo/study.h"

struct job_asker;
/* `spec` and `clock` are borrowed, must outlive the asker and are not changed by it. The clock is
 * read by the thread. */
enum core_status job_asker_open(const struct hpo_spec *spec, const struct core_clock *clock,
                                struct job_asker **out, struct core_error *err) CORE_MUST_CHECK;
void job_asker_close(struct job_asker *asker); /* waits for the point at hand; accepts NULL */

/* Queues copies of events, in order; `next_order` is the place in the order of events (hpo_event)
 * that follows theirs. CREATE events that came from this asker must not be fed back. */
enum core_status job_asker_feed(struct job_asker *asker, const struct hpo_event *events, size_t n,
                                int64_t next_order, struct core_error *err) CORE_MUST_CHECK;
/* Asks for n further points. Each is computed from all that was fed before its turn; in a
 * deterministic study from what was fed before the request, and while points are owed there nothing
 * may be asked for. */
void job_asker_request(struct job_asker *asker, size_t n);
/* Points asked for and not taken; 0 after CORE_EXHAUSTED. */
size_t job_asker_owed(const struct job_asker *asker);

/* Readable when points have become ready since job_asker_hear. */
int job_asker_fd(const struct job_asker *asker);
void job_asker_hear(struct job_asker *asker);

/* A point for the next trial. The asker has applied its creation already: the caller stores and
 * applies it, or gives up. */
struct job_suggestion {
  uint64_t number; /* of its trial            */
  uint64_t seen;   /* final trials that were seen */
  int64_t asked;   /* hpo_event's             */
  double seconds;  /* what it took            */
  bool fallback;   /* a random point, because the sampler failed */
};
/* Takes the next point into row[n_params]; *got is false when none is ready. CORE_EXHAUSTED once
 * the sampler has nothing left and all before that was taken. Other errors (out of memory, an event
 * that does not fit) are the thread's, which has stopped. */
enum core_status job_asker_take(struct job_asker *asker, struct job_suggestion *out, double *row,
                                bool *got, struct core_error *err) CORE_MUST_CHECK;
