/* SPDX-License-Identifier: GPL-3.0-or-later
 * The driver's state, for its own files: driver.c (the loop and its end), driver_admit.c (the gate, and where trials come
 * from), driver_events.c (what trials say, and the batch). Nobody else includes this. */
#pragma once
#include "core/mem.h"
#include "jobs/sweep/asker.h"
#include "jobs/sweep/driver.h"
#include "jobs/sweep/pace.h"

#define DRIVER_EVENTS_PER_POLL 512

/* One event of the batch and what follows once it is stored. */
struct driver_step {
  struct hpo_event event;
  bool from_asker;   /* the asker has applied it already */
  bool start;        /* start the trial on a free slot */
  bool wants_answer; /* REPORT: the trial waits for the pruner's word */
};

/* Numbers of trials, first in first out. */
struct driver_queue {
  uint64_t *numbers;
  size_t head, n, cap;
};

struct driver {
  const struct job_driver_setup *setup;
  struct hpo_study *study;
  struct job_asker *asker;
  struct core_arena scratch; /* dies with the batch */
  struct driver_step *steps;
  size_t n_steps, steps_cap;
  struct hpo_event *plain; /* the batch as the store takes it; then what of it the asker gets */
  size_t plain_cap;
  struct driver_queue ready;
  struct driver_queue asked; /* trials that `ask` gave away: not ours to end or repeat */
  struct job_pace pace;
  size_t n_running;
  size_t n_claimed; /* slots that steps of the batch will take */
  bool draining;    /* start nothing more */
  bool stopping;    /* running trials were told to end */
  bool exhausted;
  double started_s;
  char sampler_note[160]; /* what was said last of the sampler's choice */
  struct job_sweep *sweep;
  struct job_event polled[DRIVER_EVENTS_PER_POLL];
};

double driver_now_s(const struct driver *d);
double driver_now_unix_s(const struct driver *d);
size_t driver_free_slots(const struct driver *d); /* that no step of the batch has claimed */
size_t driver_n_ready(const struct driver *d);
/* Nothing more is started; the first reason given is the sweep's end. */
void driver_drain(struct driver *d, enum job_sweep_end end);

/* Each adds to the batch. */
enum core_status driver_push_step(struct driver *d, const struct driver_step *step,
                                  struct core_error *err) CORE_MUST_CHECK;
enum core_status driver_push(struct driver_queue *queue, uint64_t number,
                             struct core_error *err) CORE_MUST_CHECK;
enum core_status driver_admit_ready(struct driver *d, struct core_error *err) CORE_MUST_CHECK;
enum core_status driver_take_suggestions(struct driver *d, struct core_error *err) CORE_MUST_CHECK;
void driver_note_pace(struct driver *d, const struct hpo_event *event);
enum core_status driver_take_event(struct driver *d, const struct job_event *event,
                                   struct core_error *err) CORE_MUST_CHECK;

enum core_status driver_publish_verdicts(struct driver *d, struct core_error *err) CORE_MUST_CHECK;
enum core_status driver_settle_gate(struct driver *d, struct core_error *err) CORE_MUST_CHECK;
/* Asks for as many points as there are slots that nobody else will take, and ahead. */
void driver_request_suggestions(struct driver *d);
/* Stores the batch, then lets it have its effects. */
enum core_status driver_commit(struct driver *d, struct core_error *err) CORE_MUST_CHECK;
