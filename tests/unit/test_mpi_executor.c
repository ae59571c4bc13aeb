/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rank 0's side of the mpi executor against workers that are played by the test, on a clock that the test owns. */
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/comm/comm.h"
#include "core/machine.h"
#include "jobs/executor/message.h"
#include "jobs/executor/ranks.h"
#include "tests/support/fake_comm.h"
#include "tests/support/support.h"

/* ---- the workers' part ---- */

static void beats(int rank) {
  struct core_str nothing = {0};
  fake_comm_comes(rank, JOB_MESSAGE_BEAT, &nothing);
}

static void greets_as(int rank, const char *machine, pid_t pid) {
  struct core_str bytes = {0};
  const struct job_hello hello = {.host = "there", .machine = machine, .pid = pid};
  job_message_write_hello(&hello, &bytes);
  fake_comm_comes(rank, JOB_MESSAGE_HELLO, &bytes);
}

static void greets(int rank) {
  greets_as(rank, "another machine", 1);
}

static void tells(int rank, const struct job_event *event) {
  struct core_str bytes = {0};
  job_message_write_event(event, &bytes);
  fake_comm_comes(rank, JOB_MESSAGE_EVENT, &bytes);
}

static void ends(int rank, uint64_t number) {
  tells(rank, &(struct job_event){.kind = JOB_EVENT_ENDED,
                                  .number = number,
                                  .outcome = HPO_OUTCOME_OK,
                                  .message = "",
                                  .host = "there"});
}

/* ---- rank 0's part ---- */

static struct job_executor *executor;

static int set_up(void **state) {
  (void)state;
  fake_comm_reset(3, 0);
  assert_int_equal(job_executor_mpi_open(&fake_comm.base, &fake_comm_clock, NULL, &executor, NULL),
                   CORE_OK);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  executor->ops->close(executor, true);
  return 0;
}

/* The only event that comes within so many (fake) seconds; kind -1: none came. */
static struct job_event next_event(double within_s) {
  struct job_event event = {0};
  size_t n = 0;
  for (const double end = fake_comm.now_s + within_s; n == 0 && fake_comm.now_s < end;) {
    assert_int_equal(executor->ops->poll(executor, 0.01, NULL, 0, &event, 1, &n, NULL), CORE_OK);
  }
  if (n == 0) event.kind = (enum job_event_kind) - 1;
  return event;
}

static bool is_none(struct job_event event) {
  return event.kind == (enum job_event_kind) - 1;
}

static void start(uint64_t number) {
  static const char *const argv[] = {"true", NULL};
  const struct job_start trial = {
      .number = number, .study = "s", .params_json = "{}", .argv = argv};
  assert_int_equal(executor->ops->start(executor, &trial, NULL), CORE_OK);
}

static size_t n_sent(int rank, int tag) {
  return fake_comm_n_sent(rank, tag);
}

static void greet_all(void) {
  greets(1);
  greets(2);
  (void)next_event(0.1);
  assert_int_equal(executor->ops->free_slots(executor), 2);
}

/* ---- the laws ---- */

static void a_worker_is_given_nothing_before_it_has_spoken(void **state) {
  (void)state;
  assert_int_equal(executor->ops->slots(executor), 2);
  assert_int_equal(executor->ops->free_slots(executor), 0);
  greets(2);
  (void)next_event(0.1);
  assert_int_equal(executor->ops->free_slots(executor), 1);
  start(0);
  assert_int_equal(n_sent(2, JOB_MESSAGE_START), 1);
  assert_int_equal(n_sent(1, JOB_MESSAGE_START), 0);
}

static void events_come_in_order_and_the_end_frees_the_slot(void **state) {
  (void)state;
  greet_all();
  start(0);
  start(1);
  assert_int_equal(executor->ops->free_slots(executor), 0);
  assert_int_equal(executor->ops->start(executor, &(struct job_start){.number = 2}, NULL),
                   CORE_BUSY);
  tells(1, &(struct job_event){
               .kind = JOB_EVENT_REPORT, .number = 0, .report = {1, 0.5}, .wants_answer = true});
  ends(1, 0);
  struct job_event event = next_event(1);
  assert_true(event.kind == JOB_EVENT_REPORT && event.report.value == 0.5 && event.wants_answer);
  event = next_event(1);
  assert_true(event.kind == JOB_EVENT_ENDED && event.number == 0 &&
              event.outcome == HPO_OUTCOME_OK);
  assert_string_equal(event.host, "there");
  assert_true(event.unix_s >= 1000); /* our clock, not the worker's */
  assert_int_equal(executor->ops->free_slots(executor), 1);
}

static void answers_and_stops_go_to_the_rank_of_the_trial(void **state) {
  (void)state;
  greet_all();
  start(10);
  start(11);
  executor->ops->answer(executor, 11, true);
  executor->ops->stop(executor, 10);
  executor->ops->answer(executor, 99, true); /* nobody's trial */
  assert_int_equal(n_sent(2, JOB_MESSAGE_ANSWER), 1);
  assert_int_equal(n_sent(1, JOB_MESSAGE_ANSWER), 0);
  assert_int_equal(n_sent(1, JOB_MESSAGE_STOP), 1);
}

static void a_silent_worker_is_lost_with_its_trial(void **state) {
  (void)state;
  greet_all();
  start(0);
  start(1);
  for (double end = fake_comm.now_s + JOB_RANKS_WORKER_SILENCE_S - 3; fake_comm.now_s < end;) {
    beats(2);
    assert_true(is_none(next_event(1)));
  }
  beats(2);
  const struct job_event event = next_event(5);
  assert_true(event.kind == JOB_EVENT_ENDED && event.number == 0 &&
              event.outcome == HPO_OUTCOME_LOST);
  assert_non_null(strstr(event.message, "rank 1 on there has not been heard"));
  assert_string_equal(event.host, "there");
  assert_int_equal(executor->ops->slots(executor), 1);
  assert_true(
      fake_comm.forgotten[1]); /* the fake comm fails the test if anything more is sent there */
  ends(1, 0);
  ends(2, 1);
  assert_int_equal(next_event(1).number, 1); /* and nothing more is taken from there */
}

static void a_neighbours_death_shows_at_once(void **state) {
  (void)state;
  const pid_t pid = fork(); /* a process id of nobody */
  if (pid == 0) _exit(0);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  char machine[CORE_MACHINE_BYTES];
  core_machine_id(machine);
  greets_as(1, "another machine", pid); /* there, the same number may be anybody */
  (void)next_event(0.1);
  start(0);
  greets_as(2, machine, getpid());
  (void)next_event(0.1);
  start(1);
  assert_true(is_none(next_event(3)));
  greets_as(2, machine, pid);
  const struct job_event event = next_event(3);
  assert_true(event.number == 1 && event.outcome == HPO_OUTCOME_LOST);
  assert_non_null(strstr(event.message, "has died"));
  assert_int_equal(executor->ops->slots(executor), 1);
}

static void an_idle_worker_may_be_lost_too(void **state) {
  (void)state;
  greet_all();
  for (double end = fake_comm.now_s + JOB_RANKS_WORKER_SILENCE_S + 1; fake_comm.now_s < end;) {
    beats(2);
    assert_true(is_none(next_event(1)));
  }
  assert_int_equal(executor->ops->slots(executor), 1);
  assert_int_equal(executor->ops->free_slots(executor), 1);
}

static void a_stopped_trial_on_a_silent_worker_is_given_up_sooner(void **state) {
  (void)state;
  greet_all();
  start(0);
  executor->ops->stop(executor, 0);
  const double begun_s = fake_comm.now_s;
  for (struct job_event event = {.kind = JOB_EVENT_REPORT}; event.kind != JOB_EVENT_ENDED;
       event = next_event(1)) {
    beats(2);
    assert_true(fake_comm.now_s - begun_s < JOB_RANKS_STOPPING_SILENCE_S + 3);
  }
  assert_true(fake_comm.now_s - begun_s >=
              JOB_RANKS_STOPPING_SILENCE_S - 1); /* it was heard before that */
}

static void nobody_is_lost_while_we_were_not_listening(void **state) {
  (void)state;
  greet_all();
  start(0);
  fake_comm.now_s += 3600; /* the whole job was suspended */
  assert_true(is_none(next_event(5)));
  assert_int_equal(executor->ops->slots(executor), 2);
  ends(1, 0);
  assert_int_equal(next_event(1).outcome, HPO_OUTCOME_OK);
  assert_true(is_none(next_event(2 * JOB_RANKS_WORKER_SILENCE_S)));
  assert_int_equal(executor->ops->slots(executor), 0); /* but silence counts again */
}

static void nonsense_costs_a_rank_its_place(void **state) {
  (void)state;
  greet_all();
  start(0);
  start(1);
  struct core_str bytes = {0};
  core_str_text_append(&bytes, "not a message");
  fake_comm_comes(1, JOB_MESSAGE_EVENT, &bytes);
  struct job_event event = next_event(1);
  assert_true(event.number == 0 && event.outcome == HPO_OUTCOME_LOST);
  ends(2, 77); /* a trial that it never got */
  event = next_event(1);
  assert_true(event.number == 1 && event.outcome == HPO_OUTCOME_LOST);
  assert_int_equal(executor->ops->slots(executor), 0);
}

static void workers_hear_from_us_and_get_credit(void **state) {
  (void)state;
  greet_all();
  start(0);
  for (int i = 0; i < JOB_RANKS_EVENTS_AHEAD; i++) {
    tells(1, &(struct job_event){.kind = JOB_EVENT_REPORT, .number = 0, .report = {i, 1}});
  }
  for (int i = 0; i < JOB_RANKS_EVENTS_AHEAD; i++) assert_int_equal(next_event(1).report.step, i);
  assert_int_equal(n_sent(1, JOB_MESSAGE_CREDIT), 2);
  for (double end = fake_comm.now_s + 3 * JOB_RANKS_DRIVER_BEAT_S; fake_comm.now_s < end;) {
    beats(1);
    beats(2);
    (void)next_event(1);
  }
  assert_true(n_sent(2, JOB_MESSAGE_BEAT) >= 3);
}

static void all_leave_together_unless_one_is_lost(void **state) {
  (void)state;
  greet_all();
  for (int lost = 0; lost < 2; lost++) {
    if (lost) {
      assert_int_equal(set_up(NULL), 0);
      greet_all();
      while (!fake_comm.forgotten[1]) {
        beats(2);
        (void)next_event(1);
      }
    }
    executor->ops->close(executor, true);
    assert_int_equal(n_sent(1, JOB_MESSAGE_LEAVE), !lost);
    assert_int_equal(n_sent(2, JOB_MESSAGE_LEAVE), 1);
    const struct fake_letter *last = &fake_comm.sent[fake_comm.n_sent - 1];
    struct core_arena arena = {0};
    struct job_leave leave;
    assert_int_equal(
        job_message_read_leave((struct core_slice){last->bytes, last->len}, &arena, &leave, NULL),
        CORE_OK);
    assert_int_equal(leave.clean, !lost);
    core_arena_close(&arena);
  }
  assert_int_equal(set_up(NULL), 0); /* for tear_down */
}

#define LAW(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      LAW(a_worker_is_given_nothing_before_it_has_spoken),
      LAW(events_come_in_order_and_the_end_frees_the_slot),
      LAW(answers_and_stops_go_to_the_rank_of_the_trial),
      LAW(a_silent_worker_is_lost_with_its_trial),
      LAW(a_neighbours_death_shows_at_once),
      LAW(an_idle_worker_may_be_lost_too),
      LAW(a_stopped_trial_on_a_silent_worker_is_given_up_sooner),
      LAW(nobody_is_lost_while_we_were_not_listening),
      LAW(nonsense_costs_a_rank_its_place),
      LAW(workers_hear_from_us_and_get_credit),
      LAW(all_leave_together_unless_one_is_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
