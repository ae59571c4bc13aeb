/* SPDX-License-Identifier: GPL-3.0-or-later
 * What rank 0 and its workers say to each other, as bytes: little-endian, each message led by a version, every length
 * checked against what is left. The kind of a message is its tag. A message that does not parse exactly is refused; its
 * sender runs another version, or its bytes were damaged. */
#pragma once
#include "core/mem.h"
#include "core/str.h"
#include "jobs/executor/executor.h"

enum job_message_kind {
  JOB_MESSAGE_HELLO = 1, /* worker: here I am, on this host                             */
  JOB_MESSAGE_BEAT,      /* both: still alive                                           */
  JOB_MESSAGE_START,     /* rank 0: run this trial                                      */
  JOB_MESSAGE_ANSWER,    /* rank 0: to a report                                         */
  JOB_MESSAGE_STOP,      /* rank 0: end the trial                                       */
  JOB_MESSAGE_EVENT,     /* worker: what an executor's poll gave                        */
  JOB_MESSAGE_CREDIT,    /* rank 0: so many events were taken, more may be sent         */
  JOB_MESSAGE_LEAVE      /* rank 0: the sweep is over                                   */
};

struct job_hello {
  const char *host;
  const char *machine; /* core_machine_id */
  int64_t pid;
};
struct job_answer {
  uint64_t number;
  bool prune;
};
struct job_stop {
  uint64_t number;
};
struct job_credit {
  uint64_t n_events;
};
struct job_leave {
  bool clean; /* all ranks leave together; otherwise each by itself */
};

/* Each appends to `out`, whose `failed` tells of lost memory. */
void job_message_write_hello(const struct job_hello *hello, struct core_str *out);
void job_message_write_start(const struct job_start *start, struct core_str *out);
void job_message_write_answer(const struct job_answer *answer, struct core_str *out);
void job_message_write_stop(const struct job_stop *stop, struct core_str *out);
void job_message_write_event(const struct job_event *event, struct core_str *out);
void job_message_write_credit(const struct job_credit *credit, struct core_str *out);
void job_message_write_leave(const struct job_leave *leave, struct core_str *out);

/* Each reads a whole message; texts and lists are copied into the arena. CORE_PARSE, CORE_NOMEM. */
enum core_status job_message_read_hello(struct core_slice bytes, struct core_arena *arena,
                                        struct job_hello *out,
                                        struct core_error *err) CORE_MUST_CHECK;
enum core_status job_message_read_start(struct core_slice bytes, struct core_arena *arena,
                                        struct job_start *out,
                                        struct core_error *err) CORE_MUST_CHECK;
enum core_status job_message_read_answer(struct core_slice bytes, struct core_arena *arena,
                                         struct job_answer *out,
                                         struct core_error *err) CORE_MUST_CHECK;
enum core_status job_message_read_stop(struct core_slice bytes, struct core_arena *arena,
                                       struct job_stop *out,
                                       struct core_error *err) CORE_MUST_CHECK;
enum core_status job_message_read_event(struct core_slice bytes, struct core_arena *arena,
                                        struct job_event *out,
                                        struct core_error *err) CORE_MUST_CHECK;
enum core_status job_message_read_credit(struct core_slice bytes, struct core_arena *arena,
                                         struct job_credit *out,
                                         struct core_error *err) CORE_MUST_CHECK;
enum core_status job_message_read_leave(struct core_slice bytes, struct core_arena *arena,
                                        struct job_leave *out,
                                        struct core_error *err) CORE_MUST_CHECK;
