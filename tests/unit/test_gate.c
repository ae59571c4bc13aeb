/* SPDX-License-Identifier: GPL-3.0-or-later
 * The gate: a verdict stands while its files stand, and not a moment longer. */
#include "tests/support/support.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs/sweep/gate.h"

static const char good[] = "x\n1\n2\n3\n";
static const char bad[] = "x\n1\n-5\n3\n";
static const char suite[] =
    "suite: s\nexpectations:\n  - expect_column_values_to_be_between: {column: x, min_value: 0}\n";

struct fixture {
  struct job_gate_spec pair;
  struct job_spec spec;
  struct job_gate *gate;
};

static void fixture_open(struct fixture *f, const char *data, enum job_gate_action action) {
  *f = (struct fixture){.pair = {.data = test_path("data.csv"),
                                 .suite = test_path("suite.yaml"),
                                 .on_failure = action}};
  f->spec.gates = &f->pair;
  f->spec.n_gates = 1;
  test_write_file(f->pair.data, data);
  test_write_file(f->pair.suite, suite);
  assert_int_equal(job_gate_open(&f->spec, &f->gate, NULL), CORE_OK);
}

/* Looks until a check that may have started has ended. */
static enum job_gate_state settled(struct fixture *f) {
  while (job_gate_look(f->gate) == JOB_GATE_CHECKING) {
    struct pollfd fd = {.fd = job_gate_fd(f->gate), .events = POLLIN};
    struct core_error err = {0};
    assert_int_equal(poll(&fd, 1, 60000), 1);
    if (job_gate_settle(f->gate, &err) != CORE_OK) print_message("%s\n", err.message);
  }
  return job_gate_look(f->gate);
}

/* The same bytes under another modification time. */
static void touch(const char *path, long seconds) {
  const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
  assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void unchanged_data_is_not_read_again(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, good, JOB_GATE_ABORT);
  assert_int_equal(job_gate_check(f.gate, NULL), CORE_OK);
  assert_int_equal(job_gate_look(f.gate), JOB_GATE_OPEN);
  assert_int_equal(job_gate_entry(f.gate, 0)->version, 1);
  assert_int_equal(job_gate_check(f.gate, NULL), CORE_OK);
  touch(f.pair.data, 1000);
  assert_int_equal(job_gate_look(f.gate), JOB_GATE_CHECKING); /* hashed, but not validated again */
  assert_int_equal(settled(&f), JOB_GATE_OPEN);
  assert_int_equal(job_gate_entry(f.gate, 0)->version, 1);
  job_gate_close(f.gate);
}

static void data_that_goes_bad_closes_the_gate_and_repaired_opens_it(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, good, JOB_GATE_ABORT);
  assert_int_equal(job_gate_check(f.gate, NULL), CORE_OK);
  test_write_file(f.pair.data, bad);
  touch(f.pair.data, 2000);
  assert_int_equal(settled(&f), JOB_GATE_CLOSED);
  assert_int_equal(job_gate_entry(f.gate, 0)->n_failed, 1);
  assert_non_null(strstr(core_str_text(&job_gate_entry(f.gate, 0)->report), "-5"));
  assert_non_null(strstr(core_str_text(&job_gate_entry(f.gate, 0)->summary), "\"min_value\": 0"));
  test_write_file(f.pair.data, good);
  touch(f.pair.data, 3000);
  assert_int_equal(settled(&f), JOB_GATE_OPEN);
  job_gate_close(f.gate);
}

static void a_changed_suite_judges_again(void **state) {
  (void)state;
  struct fixture f;
  fixture_open(&f, good, JOB_GATE_ABORT);
  assert_int_equal(job_gate_check(f.gate, NULL), CORE_OK);
  test_write_file(f.pair.suite,
                  "suite: s\nexpectations:\n  - expect_table_row_count_to_equal: {value: 99}\n");
  touch(f.pair.suite, 2000);
  assert_int_equal(settled(&f), JOB_GATE_CLOSED);
  job_gate_close(f.gate);
}

static void each_action_has_its_state(void **state) {
  (void)state;
  const struct {
    enum job_gate_action action;
    enum job_gate_state state;
  } rows[] = {{JOB_GATE_ABORT, JOB_GATE_CLOSED},
              {JOB_GATE_FAIL_TRIAL, JOB_GATE_FAILS},
              {JOB_GATE_WARN, JOB_GATE_OPEN}};
  for (size_t i = 0; i < CORE_COUNT_OF(rows); i++) {
    struct fixture f;
    fixture_open(&f, bad, rows[i].action);
    assert_int_equal(job_gate_check(f.gate, NULL), CORE_OK);
    assert_int_equal(job_gate_look(f.gate), rows[i].state);
    job_gate_close(f.gate);
  }
}

static void data_that_vanishes_closes_the_gate(void **state) {
  (void)state;
  struct fixture f;
  struct core_error err = {0};
  fixture_open(&f, good, JOB_GATE_WARN);
  assert_int_equal(job_gate_check(f.gate, NULL), CORE_OK);
  assert_int_equal(unlink(f.pair.data), 0);
  assert_int_equal(settled(&f), JOB_GATE_CLOSED);
  assert_int_not_equal(job_gate_check(f.gate, &err), CORE_OK);
  assert_non_null(strstr(err.message, "data.csv"));
  job_gate_close(f.gate);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unchanged_data_is_not_read_again),
      cmocka_unit_test(data_that_goes_bad_closes_the_gate_and_repaired_opens_it),
      cmocka_unit_test(a_changed_suite_judges_again),
      cmocka_unit_test(each_action_has_its_state),
      cmocka_unit_test(data_that_vanishes_closes_the_gate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
