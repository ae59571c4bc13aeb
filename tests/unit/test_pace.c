/* SPDX-License-Identifier: GPL-3.0-or-later
 * When points are computed ahead, and how many. */
#include "tests/support/support.h"

#include <math.h>

#include "jobs/sweep/pace.h"

static struct job_pace pace_of(double suggest_s, double trial_s) {
  struct job_pace pace = {0};
  job_pace_suggested(&pace, suggest_s);
  job_pace_ended(&pace, trial_s);
  return pace;
}

static size_t ahead(double suggest_s, double trial_s, size_t n_running) {
  const struct job_pace pace = pace_of(suggest_s, trial_s);
  return job_pace_ahead(&pace, n_running);
}

static void a_fast_sampler_never_asks_ahead(void **state) {
  (void)state;
  assert_int_equal(ahead(50e-6, 0.001, 64), 0); /* faster than a start   */
  assert_int_equal(ahead(50e-6, 1e-6, 64), 0);  /* however short trials  */
  assert_int_equal(ahead(0.05, 10, 8), 0);      /* half a percent        */
  assert_int_equal(ahead(30, 3600, 1), 0);
}

static void one_slot_knows_every_result(void **state) {
  (void)state;
  assert_int_equal(ahead(0.05, 1, 1), 0);
  assert_int_equal(ahead(10, 1, 1), 0);
}

static void a_slow_one_asks_for_what_will_be_needed(void **state) {
  (void)state;
  assert_int_equal(ahead(0.05, 1, 2), 0); /* a result is worth more where few run */
  assert_int_equal(ahead(0.06, 1, 2), 1);
  assert_int_equal(ahead(0.05, 1, 8), 1);
  assert_int_equal(ahead(0.05, 0.4, 8), 2); /* one end every 50 ms */
  assert_int_equal(ahead(0.05, 0.1, 8), 5);
  assert_int_equal(ahead(0.05, 0.01, 8), 8); /* never more than run */
  assert_int_equal(ahead(0.05, 0, 8), 8);
  assert_int_equal(ahead(0.05, 0, 0), 0);
}

static void nothing_is_known_at_first(void **state) {
  (void)state;
  struct job_pace pace = {0};
  assert_int_equal(job_pace_ahead(&pace, 8), 0);
  job_pace_suggested(&pace, 1);
  assert_int_equal(job_pace_ahead(&pace, 8), 0);
  job_pace_ended(&pace, 1);
  assert_int_equal(job_pace_ahead(&pace, 8), 8);
}

static void the_latest_count(void **state) {
  (void)state;
  struct job_pace pace = pace_of(0, 10);
  for (int i = 0; i < 100; i++) job_pace_suggested(&pace, 1);
  assert_true(fabs(pace.suggest_s - 1) < 0.01);
  job_pace_suggested(&pace, NAN);
  job_pace_ended(&pace, -5); /* a clock that was set back */
  job_pace_ended(&pace, INFINITY);
  assert_true(pace.suggest_s > 0.99 && pace.trial_s == 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fast_sampler_never_asks_ahead),
      cmocka_unit_test(one_slot_knows_every_result),
      cmocka_unit_test(a_slow_one_asks_for_what_will_be_needed),
      cmocka_unit_test(nothing_is_known_at_first),
      cmocka_unit_test(the_latest_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
