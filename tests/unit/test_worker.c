/* SPDX-License-Identifier: GPL-3.0-or-later
 * The worker's side of the mpi executor; rank 0 is played by the test. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "jobs/executor/message.h"
#include "jobs/executor/ranks.h"
#include "tests/support/fake_comm.h"
#include "tests/support/support.h"

static void leave_comes(bool clean) {
  struct core_str bytes = {0};
  job_message_write_leave(&(struct job_leave){.clean = clean}, &bytes);
  fake_comm_comes(0, JOB_MESSAGE_LEAVE, &bytes);
}

static void start_comes(uint64_t number, const char *script) {
  static const char *const metrics[] = {"loss"};
  const char *const argv[] = {"sh", "-c", script, NULL};
  const struct job_start start = {.number = number,
                                  .study = "s",
                                  .params_json = "{}",
                                  .argv = argv,
                                  .metrics = metrics,
                                  .n_objectives = 1,
                                  .report_from = JOB_REPORT_STDOUT,
                                  .timeout_s = INFINITY};
  struct core_str bytes = {0};
  job_message_write_start(&start, &bytes);
  fake_comm_comes(0, JOB_MESSAGE_START, &bytes);
}

static enum core_status serve(struct core_error *err) {
  return job_worker_serve(&fake_comm.base, &fake_comm_clock, NULL, err);
}

/* The event in a letter, by value: its texts are gone. */
static struct job_event event_of(const struct fake_letter *letter) {
  struct core_arena arena = {0};
  struct job_event event;
  assert_int_equal(
      job_message_read_event((struct core_slice){letter->bytes, letter->len}, &arena, &event, NULL),
      CORE_OK);
  core_arena_close(&arena);
  return event;
}

static void a_worker_greets_and_leaves_when_told(void **state) {
  (void)state;
  for (int clean = 0; clean < 2; clean++) {
    fake_comm_reset(2, 1);
    leave_comes(clean);
    assert_int_equal(serve(NULL), CORE_OK);
    assert_int_equal(fake_comm.sent[0].tag, JOB_MESSAGE_HELLO);
    struct core_arena arena = {0};
    struct job_hello hello;
    const struct core_slice bytes = {fake_comm.sent[0].bytes, fake_comm.sent[0].len};
    assert_int_equal(job_message_read_hello(bytes, &arena, &hello, NULL), CORE_OK);
    assert_int_equal(hello.pid, getpid());
    assert_true(hello.host[0] != '\0');
    core_arena_close(&arena);
    assert_int_equal(fake_comm.forgotten[0], !clean); /* so that closing waits for nobody */
  }
}

static void leave_after_the_end(const struct fake_letter *letter) {
  if (letter->tag == JOB_MESSAGE_EVENT && event_of(letter).kind == JOB_EVENT_ENDED)
    leave_comes(true);
}

static void a_trial_is_run_and_its_events_told_in_order(void **state) {
  (void)state;
  fake_comm_reset(2, 1);
  fake_comm.on_send = leave_after_the_end;
  start_comes(7, "echo loss=3; echo loss=2");
  assert_int_equal(serve(NULL), CORE_OK);
  double values[2] = {0, 0};
  size_t n_reports = 0;
  for (size_t i = 0; i < fake_comm.n_sent; i++) {
    if (fake_comm.sent[i].tag != JOB_MESSAGE_EVENT) continue;
    const struct job_event event = event_of(&fake_comm.sent[i]);
    assert_int_equal(event.number, 7);
    if (event.kind == JOB_EVENT_ENDED) {
      assert_int_equal(event.outcome, HPO_OUTCOME_OK);
    } else {
      assert_true(n_reports < 2);
      values[n_reports++] = event.report.value;
    }
  }
  assert_true(n_reports == 2 && values[0] == 3 && values[1] == 2);
}

static uint64_t n_events, n_credited, most_ahead;

static void count_ahead(const struct fake_letter *letter) {
  if (letter->tag != JOB_MESSAGE_EVENT) return;
  n_events++;
  if (n_events - n_credited > most_ahead) most_ahead = n_events - n_credited;
  leave_after_the_end(letter);
}

/* Rank 0 is slow: it takes what has come only when the worker has nothing to say. */
static void give_credit(void) {
  if (n_events - n_credited < JOB_RANKS_EVENTS_AHEAD) return;
  struct core_str bytes = {0};
  job_message_write_credit(&(struct job_credit){.n_events = n_events - n_credited}, &bytes);
  n_credited = n_events;
  fake_comm_comes(0, JOB_MESSAGE_CREDIT, &bytes);
}

static void a_flood_waits_for_rank_0(void **state) {
  (void)state;
  fake_comm_reset(2, 1);
  fake_comm.step_s = 0.0001; /* no beats between */
  n_events = n_credited = most_ahead = 0;
  fake_comm.on_send = count_ahead;
  fake_comm.on_idle = give_credit;
  start_comes(0, "i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo loss=$i; done");
  assert_int_equal(serve(NULL), CORE_OK);
  assert_int_equal(n_events, 3001);
  assert_int_equal(most_ahead, JOB_RANKS_EVENTS_AHEAD);
}

static void leave_when_late(void) {
  if (fake_comm.now_s > 1000 + 20 && fake_comm.n_coming == 0) leave_comes(true);
}

static void beats_come_every_second(void **state) {
  (void)state;
  fake_comm_reset(2, 1);
  fake_comm.step_s = 0.1;
  fake_comm.on_idle = leave_when_late;
  assert_int_equal(serve(NULL), CORE_OK);
  assert_in_range(fake_comm_n_sent(0, JOB_MESSAGE_BEAT), 8, 21);
}

static void a_worker_leaves_a_dead_rank_0_with_its_trial_ended(void **state) {
  (void)state;
  fake_comm_reset(2, 1);
  fake_comm.step_s = 1;
  fake_comm.tick_s = 0.0001; /* the local executor's waits are to end too */
  struct core_error err = {0};
  start_comes(0, "sleep 1000");
  assert_int_equal(serve(&err), CORE_IO);
  assert_non_null(strstr(err.message, "rank 0 has not been heard"));
  assert_true(fake_comm.now_s - 1000 >= JOB_RANKS_DRIVER_SILENCE_S);
  assert_true(fake_comm.forgotten[0]);
}

static void sleep_for_a_day(void) {
  if (fake_comm.now_s < 1000 + 60) fake_comm.now_s += 86400;
  if (fake_comm.now_s > 1000 + 86400 + JOB_RANKS_DRIVER_SILENCE_S / 2 && fake_comm.n_coming == 1)
    leave_comes(true);
}

static void a_suspended_job_is_nobodys_silence(void **state) {
  (void)state;
  fake_comm_reset(2, 1);
  fake_comm.step_s = 1;
  fake_comm.on_idle = sleep_for_a_day;
  struct core_str nothing = {0};
  fake_comm_comes(0, JOB_MESSAGE_BEAT, &nothing);
  assert_int_equal(serve(NULL), CORE_OK);
}

static void nonsense_from_rank_0_ends_the_worker(void **state) {
  (void)state;
  fake_comm_reset(2, 1);
  struct core_error err = {0};
  struct core_str bytes = {0};
  core_str_text_append(&bytes, "nonsense");
  fake_comm_comes(0, JOB_MESSAGE_START, &bytes);
  assert_int_equal(serve(&err), CORE_PARSE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_worker_greets_and_leaves_when_told),
      cmocka_unit_test(a_trial_is_run_and_its_events_told_in_order),
      cmocka_unit_test(a_flood_waits_for_rank_0),
      cmocka_unit_test(beats_come_every_second),
      cmocka_unit_test(a_worker_leaves_a_dead_rank_0_with_its_trial_ended),
      cmocka_unit_test(a_suspended_job_is_nobodys_silence),
      cmocka_unit_test(nonsense_from_rank_0_ends_the_worker),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
