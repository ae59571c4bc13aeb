/* SPDX-License-Identifier: GPL-3.0-or-later
 * Events of an executor that wait to be given to the driver, with the texts that they point to. */
#pragma once
#include "jobs/executor/executor.h"

struct job_queue {
  struct core_arena arenas[2]; /* texts of waiting events, and of those given out last */
  int current;
  struct job_event *events;
  size_t next, n, cap; /* events[next..n) wait */
};
/* A zeroed event at the end of the queue, or NULL: out of memory. */
struct job_event *job_queue_add(struct job_queue *queue);
/* For the texts of events that were just added. */
struct core_arena *job_queue_arena(struct job_queue *queue);
bool job_queue_empty(const struct job_queue *queue);
/* Moves up to cap events out; returns how many. Their texts live until the next call. */
size_t job_queue_take(struct job_queue *queue, struct job_event *events, size_t cap);
void job_queue_close(struct job_queue *queue);
