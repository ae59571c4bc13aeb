/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/executor/queue.h"

#include <string.h>

struct job_event *job_queue_add(struct job_queue *queue) {
  if (core_grow((void **)&queue->events, &queue->cap, queue->n + 1, sizeof *queue->events, NULL) !=
      CORE_OK)
    return NULL;
  struct job_event *event = &queue->events[queue->n++];
  *event = (struct job_event){0};
  return event;
}

struct core_arena *job_queue_arena(struct job_queue *queue) {
  return &queue->arenas[queue->current];
}

bool job_queue_empty(const struct job_queue *queue) {
  return queue->next == queue->n;
}

size_t job_queue_take(struct job_queue *queue, struct job_event *events, size_t cap) {
  const size_t waiting = queue->n - queue->next;
  const size_t n = waiting < cap ? waiting : cap;
  if (n == 0) return 0;
  memcpy(events, queue->events + queue->next, n * sizeof *events);
  queue->next += n;
  if (queue->next < queue->n) return n;
  /* All are out. What points into the other arena went out in an earlier call. */
  queue->next = queue->n = 0;
  queue->current = !queue->current;
  core_arena_reset(&queue->arenas[queue->current]);
  return n;
}

void job_queue_close(struct job_queue *queue) {
  core_free(queue->events);
  core_arena_close(&queue->arenas[0]);
  core_arena_close(&queue->arenas[1]);
  *queue = (struct job_queue){0};
}
