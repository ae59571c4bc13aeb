/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/executor/message.h"

#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "tests/support/support.h"

static const char *const argv[] = {"./train", "--lr", "0.1", "", NULL};
static const char *const env[] = {"A=1", NULL};
static const char *const names[] = {"lr", "depth"};
static const char *const metrics[] = {"loss"};
static const double values[] = {0.1, -0.0};
static const struct job_start full_start = {.number = UINT64_MAX,
                                            .attempt = 3,
                                            .seed = 42,
                                            .study = "study",
                                            .params_json = "{\"lr\": 0.1}",
                                            .argv = argv,
                                            .env = env,
                                            .workdir = "/w",
                                            .log = NULL,
                                            .param_names = names,
                                            .param_values = values,
                                            .n_params = 2,
                                            .metrics = metrics,
                                            .n_objectives = 1,
                                            .report_from = JOB_REPORT_STDERR,
                                            .report_pattern = "x(?<value>.)",
                                            .timeout_s = INFINITY};
static const struct job_event full_event = {.kind = JOB_EVENT_ENDED,
                                            .number = 7,
                                            .unix_s = 1.5,
                                            .report = {-5, NAN},
                                            .wants_answer = true,
                                            .outcome = HPO_OUTCOME_SIGNAL,
                                            .has_values = true,
                                            .values = values,
                                            .n_values = 2,
                                            .message = "killed\nlast line",
                                            .host = "node1",
                                            .wait_status = 9};

static struct core_slice slice(const struct core_str *s) {
  return (struct core_slice){core_str_text(s), s->len};
}

static void a_start_comes_out_as_it_went_in(void **state) {
  (void)state;
  struct core_str bytes = {0};
  struct core_arena arena = {0};
  struct job_start out;
  job_message_write_start(&full_start, &bytes);
  assert_int_equal(job_message_read_start(slice(&bytes), &arena, &out, NULL), CORE_OK);
  assert_true(out.number == UINT64_MAX && out.attempt == 3 && out.seed == 42);
  assert_string_equal(out.study, "study");
  assert_string_equal(out.params_json, "{\"lr\": 0.1}");
  for (int i = 0; i < 4; i++) assert_string_equal(out.argv[i], argv[i]);
  assert_null(out.argv[4]);
  assert_string_equal(out.env[0], "A=1");
  assert_null(out.env[1]);
  assert_string_equal(out.workdir, "/w");
  assert_null(out.log);
  assert_null(out.library);
  assert_int_equal(out.n_params, 2);
  assert_string_equal(out.param_names[1], "depth");
  assert_memory_equal(out.param_values, values, sizeof values);
  assert_string_equal(out.metrics[0], "loss");
  assert_int_equal(out.report_from, JOB_REPORT_STDERR);
  assert_string_equal(out.report_pattern, "x(?<value>.)");
  assert_true(isinf(out.timeout_s));
  core_str_close(&bytes);
  core_arena_close(&arena);
}

static void a_library_start_has_no_command(void **state) {
  (void)state;
  const struct job_start start = {.study = "s",
                                  .params_json = "{}",
                                  .library = "l.so",
                                  .function = "f",
                                  .env = NULL,
                                  .timeout_s = 1};
  struct core_str bytes = {0};
  struct core_arena arena = {0};
  struct job_start out;
  job_message_write_start(&start, &bytes);
  assert_int_equal(job_message_read_start(slice(&bytes), &arena, &out, NULL), CORE_OK);
  assert_null(out.argv);
  assert_null(out.env);
  assert_string_equal(out.library, "l.so");
  core_str_close(&bytes);
  core_arena_close(&arena);
}

static void an_event_comes_out_as_it_went_in(void **state) {
  (void)state;
  struct core_str bytes = {0};
  struct core_arena arena = {0};
  struct job_event out;
  job_message_write_event(&full_event, &bytes);
  assert_int_equal(job_message_read_event(slice(&bytes), &arena, &out, NULL), CORE_OK);
  assert_true(out.kind == JOB_EVENT_ENDED && out.number == 7 && out.unix_s == 1.5);
  assert_true(out.report.step == -5 && isnan(out.report.value) && out.wants_answer);
  assert_null(out.key);
  assert_int_equal(out.outcome, HPO_OUTCOME_SIGNAL);
  assert_true(out.has_values && out.n_values == 2);
  assert_memory_equal(out.values, values, sizeof values);
  assert_string_equal(out.message, "killed\nlast line");
  assert_string_equal(out.host, "node1");
  assert_int_equal(out.wait_status, 9);
  core_str_close(&bytes);
  core_arena_close(&arena);
}

static void the_small_messages_come_out_as_they_went_in(void **state) {
  (void)state;
  struct core_str bytes = {0};
  struct core_arena arena = {0};
  struct job_hello hello;
  job_message_write_hello(&(struct job_hello){"node7", "boot pid:[1]", 123}, &bytes);
  assert_int_equal(job_message_read_hello(slice(&bytes), &arena, &hello, NULL), CORE_OK);
  assert_string_equal(hello.host, "node7");
  assert_string_equal(hello.machine, "boot pid:[1]");
  assert_int_equal(hello.pid, 123);
  core_str_clear(&bytes);
  struct job_answer answer;
  job_message_write_answer(&(struct job_answer){5, true}, &bytes);
  assert_int_equal(job_message_read_answer(slice(&bytes), &arena, &answer, NULL), CORE_OK);
  assert_true(answer.number == 5 && answer.prune);
  core_str_clear(&bytes);
  struct job_stop stop;
  job_message_write_stop(&(struct job_stop){6}, &bytes);
  assert_int_equal(job_message_read_stop(slice(&bytes), &arena, &stop, NULL), CORE_OK);
  assert_int_equal(stop.number, 6);
  core_str_clear(&bytes);
  struct job_credit credit;
  job_message_write_credit(&(struct job_credit){512}, &bytes);
  assert_int_equal(job_message_read_credit(slice(&bytes), &arena, &credit, NULL), CORE_OK);
  assert_int_equal(credit.n_events, 512);
  core_str_clear(&bytes);
  struct job_leave leave;
  job_message_write_leave(&(struct job_leave){true}, &bytes);
  assert_int_equal(job_message_read_leave(slice(&bytes), &arena, &leave, NULL), CORE_OK);
  assert_true(leave.clean);
  core_str_close(&bytes);
  core_arena_close(&arena);
}

/* Every reader is given the bytes; none may read outside (the sanitizer watches: the block ends where they end). */
static int read_all(const char *data, size_t len, struct core_arena *arena) {
  char *exact = core_alloc(len);
  assert_non_null(exact);
  if (len > 0) memcpy(exact, data, len);
  const struct core_slice bytes = {exact, len};
  struct job_start start;
  struct job_event event;
  struct job_hello hello;
  struct job_answer answer;
  struct job_leave leave;
  int n_good = 0;
  n_good += job_message_read_start(bytes, arena, &start, NULL) == CORE_OK;
  n_good += job_message_read_event(bytes, arena, &event, NULL) == CORE_OK;
  n_good += job_message_read_hello(bytes, arena, &hello, NULL) == CORE_OK;
  n_good += job_message_read_answer(bytes, arena, &answer, NULL) == CORE_OK;
  n_good += job_message_read_leave(bytes, arena, &leave, NULL) == CORE_OK;
  core_free(exact);
  core_arena_reset(arena);
  return n_good;
}

static void truncated_and_lengthened_messages_are_refused(void **state) {
  (void)state;
  struct core_str texts[2] = {{0}, {0}};
  struct core_arena arena = {0};
  job_message_write_start(&full_start, &texts[0]);
  job_message_write_event(&full_event, &texts[1]);
  for (int k = 0; k < 2; k++) {
    struct job_start start;
    struct job_event event;
    for (size_t len = 0; len < texts[k].len; len++) {
      const struct core_slice cut = {texts[k].data, len};
      struct core_error err = {0};
      const enum core_status status = k == 0 ? job_message_read_start(cut, &arena, &start, &err)
                                             : job_message_read_event(cut, &arena, &event, &err);
      assert_int_equal(status, CORE_PARSE);
      assert_non_null(strstr(err.message, "version"));
      (void)read_all(texts[k].data, len, &arena);
    }
    core_str_char(&texts[k], 'x');
    assert_int_equal(read_all(texts[k].data, texts[k].len, &arena), 0);
    core_str_close(&texts[k]);
  }
  core_arena_close(&arena);
}

static void another_version_is_refused(void **state) {
  (void)state;
  struct core_str bytes = {0};
  struct core_arena arena = {0};
  struct job_leave leave;
  job_message_write_leave(&(struct job_leave){true}, &bytes);
  bytes.data[0]++;
  assert_int_equal(job_message_read_leave(slice(&bytes), &arena, &leave, NULL), CORE_PARSE);
  core_str_close(&bytes);
  core_arena_close(&arena);
}

static void damaged_messages_neither_crash_nor_take_much_memory(void **state) {
  (void)state;
  struct core_str texts[2] = {{0}, {0}};
  struct core_arena arena = {0};
  struct core_rng rng;
  core_rng_init(&rng, 1, 0, CORE_RNG_TEST);
  job_message_write_start(&full_start, &texts[0]);
  job_message_write_event(&full_event, &texts[1]);
  for (int round = 0; round < 20000; round++) {
    char bytes[1024];
    const struct core_str *text = &texts[round % 2];
    assert_true(text->len < sizeof bytes);
    memcpy(bytes, text->data, text->len);
    for (uint64_t n = 1 + core_rng_below(&rng, 4); n > 0; n--) {
      const uint32_t value = core_rng_u32(&rng);
      bytes[8 + core_rng_below(&rng, text->len - 8)] = (char)(value % 3 == 0 ? 0xff : value >> 8);
    }
    (void)read_all(bytes, text->len, &arena);
    assert_true(arena.total < 1 << 16);
  }
  core_str_close(&texts[0]);
  core_str_close(&texts[1]);
  core_arena_close(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_start_comes_out_as_it_went_in),
      cmocka_unit_test(a_library_start_has_no_command),
      cmocka_unit_test(an_event_comes_out_as_it_went_in),
      cmocka_unit_test(the_small_messages_come_out_as_they_went_in),
      cmocka_unit_test(truncated_and_lengthened_messages_are_refused),
      cmocka_unit_test(another_version_is_refused),
      cmocka_unit_test(damaged_messages_neither_crash_nor_take_much_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
