/* SPDX-License-Identifier: GPL-3.0-or-later
 * Children that behave and children that do not. The misbehaving ones are shell scripts. */
#include "core/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/support/support.h"

static const double plenty_s = 60;

static struct core_run_result run_shell(const char *script, double timeout_s, size_t cap) {
  const char *const argv[] = {"sh", "-c", script, NULL};
  struct core_run_result result;
  assert_int_equal(core_run(&(struct core_child_spec){.argv = argv}, timeout_s, cap, &result, NULL),
                   CORE_OK);
  return result;
}

static void output_and_exit_code_come_back(void **state) {
  (void)state;
  struct core_run_result r = run_shell("echo out; echo err >&2; exit 3", plenty_s, 1000);
  assert_string_equal(core_str_text(&r.out), "out\n");
  assert_string_equal(core_str_text(&r.err), "err\n");
  assert_true(WIFEXITED(r.wait_status) && WEXITSTATUS(r.wait_status) == 3);
  assert_false(r.timed_out);
  core_run_result_close(&r);
  r = run_shell("kill -SEGV $$", plenty_s, 1000);
  assert_true(WIFSIGNALED(r.wait_status) && WTERMSIG(r.wait_status) == SIGSEGV);
  core_run_result_close(&r);
}

static void floods_on_both_pipes_are_drained_and_capped(void **state) {
  (void)state;
  struct core_run_result r =
      run_shell("head -c 104857600 /dev/zero & head -c 104857600 /dev/zero >&2; wait; exit 7",
                plenty_s, 1000);
  assert_int_equal(r.out.len, 1000);
  assert_int_equal(r.err.len, 1000);
  assert_int_equal(WEXITSTATUS(r.wait_status), 7);
  core_run_result_close(&r);
}

static void a_deadline_ends_a_child_that_ignores_sigterm(void **state) {
  (void)state;
  struct core_run_result r = run_shell("trap '' TERM; while :; do sleep 1000; done", 0.1, 1000);
  assert_true(r.timed_out);
  assert_true(WIFSIGNALED(r.wait_status) && WTERMSIG(r.wait_status) == SIGKILL);
  core_run_result_close(&r);
}

static void a_child_that_closed_its_pipes_is_still_waited_for(void **state) {
  (void)state;
  struct core_run_result r = run_shell("exec >&- 2>&-; sleep 0.1; exit 9", plenty_s, 1000);
  assert_int_equal(WEXITSTATUS(r.wait_status), 9);
  core_run_result_close(&r);
}

static void the_end_of_the_child_ends_the_wait_for_its_grandchildren(void **state) {
  (void)state;
  struct core_run_result r = run_shell("sleep 1000 & echo started", plenty_s, 1000);
  assert_false(r.timed_out);
  assert_string_equal(core_str_text(&r.out), "started\n");
  core_run_result_close(&r);
}

static void wait_until_readable(int fd) {
  struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
  assert_int_equal(poll(&poll_fd, 1, (int)(plenty_s * 1000)), 1);
}

/* Reads lines with process ids until n of them came. */
static void read_pids(struct core_child *child, long *pids, int n) {
  char text[512] = "";
  size_t len = 0;
  for (int lines = 0; lines < n;) {
    wait_until_readable(child->out_fd);
    const long got = core_child_read(&child->out_fd, text + len, sizeof text - 1 - len);
    assert_true(got > 0);
    for (long i = 0; i < got; i++) lines += text[len + (size_t)i] == '\n';
    len += (size_t)got;
  }
  char *at = text;
  for (int i = 0; i < n; i++) pids[i] = strtol(at, &at, 10);
}

static bool is_alive(long pid) {
  char path[64], line[256] = "";
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  FILE *file = fopen(path, "r");
  if (!file) return false;
  const bool read = fgets(line, sizeof line, file) != NULL;
  fclose(file);
  const char *name_end = strrchr(line, ')');
  return read && name_end && name_end[2] != 'Z';
}

static void close_ends_descendants_that_left_the_group(void **state) {
  (void)state;
  /* a grandchild in the group, one in a session of its own, and one that is orphaned there and
   * ignores SIGTERM */
  const char *script = "sleep 1000 & echo $!\n"
                       "setsid sh -c 'echo $$; exec sleep 1000' &\n"
                       "(setsid sh -c 'trap \"\" TERM HUP; echo $$; sleep 1000; :' &)\n"
                       "trap '' TERM; sleep 1000";
  const char *const argv[] = {"sh", "-c", script, NULL};
  struct core_child child;
  assert_int_equal(core_child_start(&(struct core_child_spec){.argv = argv}, &child, NULL),
                   CORE_OK);
  const pid_t pid = child.pid;
  long pids[3];
  read_pids(&child, pids, 3);
  core_child_signal(&child, SIGTERM);
  for (int i = 0; i < 3; i++) assert_true(pids[i] > 0);
  core_child_close(&child);
  for (int i = 0; i < 3; i++) assert_false(is_alive(pids[i]));
  assert_false(is_alive(pid));
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie either */
  assert_int_equal(errno, ECHILD);
  core_child_close(&child); /* idempotent */
}

static void one_childs_end_leaves_another_child_alone(void **state) {
  (void)state;
  const char *const argv[] = {"sh", "-c", "setsid sleep 1000 & echo $!; exec sleep 1000", NULL};
  struct core_child a, b;
  long of_a, of_b;
  assert_int_equal(core_child_start(&(struct core_child_spec){.argv = argv}, &a, NULL), CORE_OK);
  assert_int_equal(core_child_start(&(struct core_child_spec){.argv = argv}, &b, NULL), CORE_OK);
  read_pids(&a, &of_a, 1);
  read_pids(&b, &of_b, 1);
  core_child_close(&a);
  assert_true(is_alive(b.pid) && is_alive(of_b));
  assert_false(core_child_reap(&b));
  core_child_close(&b);
  assert_false(is_alive(of_b));
}

static void the_exit_descriptor_tells_of_the_end(void **state) {
  (void)state;
  const char *const argv[] = {"sh", "-c", "exec >&- 2>&-; exit 5", NULL};
  struct core_child child;
  assert_int_equal(core_child_start(&(struct core_child_spec){.argv = argv}, &child, NULL),
                   CORE_OK);
  if (child.exit_fd >= 0) wait_until_readable(child.exit_fd);
  while (!core_child_reap(&child)) core_sleep(0.001);
  assert_int_equal(WEXITSTATUS(child.wait_status), 5);
  core_child_close(&child);
  assert_int_equal(child.exit_fd, -1);
}

static void the_channel_works_both_ways(void **state) {
  (void)state;
  const char *script = "read -r line <&$MY_FD; echo \"got $line\" >&$MY_FD";
  const char *const argv[] = {"bash", "-c", script, NULL}; /* dash knows no descriptor above 9 */
  const struct core_child_spec spec = {.argv = argv, .channel = true, .channel_env = "MY_FD"};
  struct core_child child;
  assert_int_equal(core_child_start(&spec, &child, NULL), CORE_OK);
  assert_int_equal(write(child.channel_fd, "hello\n", 6), 6);
  wait_until_readable(child.channel_fd);
  char answer[32] = "";
  assert_int_equal(core_child_read(&child.channel_fd, answer, sizeof answer - 1), 10);
  assert_string_equal(answer, "got hello\n");
  while (!core_child_reap(&child)) core_sleep(0.001);
  assert_int_equal(core_child_read(&child.channel_fd, answer, sizeof answer), -1);
  assert_int_equal(child.channel_fd, -1);
  core_child_close(&child);
}

static void environment_is_replaced_dropped_and_kept(void **state) {
  (void)state;
  setenv("TEST_KEPT", "kept", 1);
  setenv("TEST_REPLACED", "old", 1);
  setenv("TEST_DROP_ME", "gone", 1);
  const char *const argv[] = {
      "sh", "-c", "echo $TEST_KEPT,$TEST_REPLACED,${TEST_DROP_ME-none},$TEST_NEW", NULL};
  const char *const set[] = {"TEST_REPLACED=new", "TEST_NEW=1=2", NULL};
  const char *const drop[] = {"TEST_DROP_", NULL};
  struct core_run_result r;
  assert_int_equal(
      core_run(&(struct core_child_spec){.argv = argv, .env_set = set, .env_drop = drop}, plenty_s,
               1000, &r, NULL),
      CORE_OK);
  assert_string_equal(core_str_text(&r.out), "kept,new,none,1=2\n");
  core_run_result_close(&r);
}

static void no_descriptor_but_the_standard_ones_is_inherited(void **state) {
  (void)state;
  const int leaky = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as libraries do */
  const char *const sleeper[] = {"sleep", "1000", NULL};
  struct core_child other;
  assert_int_equal(
      core_child_start(
          &(struct core_child_spec){.argv = sleeper, .channel = true, .channel_env = "F"}, &other,
          NULL),
      CORE_OK);
  struct core_run_result r = run_shell("ls /proc/self/fd | tr '\\n' ' '", plenty_s, 1000);
  assert_string_equal(core_str_text(&r.out), "0 1 2 3 "); /* 3 is the folder that ls reads */
  core_run_result_close(&r);
  core_child_close(&other);
  close(leaky);
}

static void signal_settings_are_not_inherited(void **state) {
  (void)state;
  signal(SIGUSR2, SIG_IGN);
  struct core_run_result r = run_shell("kill -USR2 $$; echo survived", plenty_s, 1000);
  assert_true(WIFSIGNALED(r.wait_status) && WTERMSIG(r.wait_status) == SIGUSR2);
  core_run_result_close(&r);
  signal(SIGUSR2, SIG_DFL);
}

static void standard_input_is_empty(void **state) {
  (void)state;
  struct core_run_result r = run_shell("cat; echo end", plenty_s, 1000);
  assert_string_equal(core_str_text(&r.out), "end\n");
  core_run_result_close(&r);
}

static void start_fails(const char *command, const char *workdir, enum core_status status,
                        const char *reason) {
  const char *const argv[] = {command, NULL};
  struct core_child child;
  struct core_error err = {0};
  assert_int_equal(
      core_child_start(&(struct core_child_spec){.argv = argv, .workdir = workdir}, &child, &err),
      status);
  assert_true(child.pid <= 0);
  if (!strstr(err.message, reason)) fail_msg("'%s' does not say '%s'", err.message, reason);
  core_child_close(&child);
}

static void what_cannot_be_started_is_told_with_the_reason(void **state) {
  (void)state;
  const char *plain = test_path("plain.txt");
  const char *headless = test_path("headless");
  const char *lost = test_path("lost");
  while (waitpid(-1, NULL, 0) > 0) {
  } /* descendants that earlier tests ended and that came to us */
  test_write_file(plain, "text\n");
  test_write_file(headless, "echo no first line\n");
  test_write_file(lost, "#!/no/such/interpreter\n");
  assert_int_equal(chmod(headless, 0755) | chmod(lost, 0755), 0);
  start_fails("no-such-command-here", NULL, CORE_NOT_FOUND, "not found in PATH");
  start_fails("/no/such/command", NULL, CORE_NOT_FOUND, "No such file");
  start_fails("", NULL, CORE_NOT_FOUND, "not found");
  start_fails(plain, NULL, CORE_IO, "Permission denied");
  start_fails(test_folder(), NULL, CORE_IO, "Permission denied");
  start_fails(headless, NULL, CORE_IO, "#!");
  start_fails(lost, NULL, CORE_NOT_FOUND, "interpreter");
  start_fails("true", "/no/such/folder", CORE_NOT_FOUND, "/no/such/folder");
  start_fails("true", plain, CORE_IO, "Not a directory");
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left behind */
}

static void a_relative_command_starts_from_the_working_folder(void **state) {
  (void)state;
  const char *script = test_path("here.sh");
  test_write_file(script, "#!/bin/sh\npwd\n");
  assert_int_equal(chmod(script, 0755), 0);
  const char *const argv[] = {"./here.sh", NULL};
  struct core_run_result r;
  assert_int_equal(core_run(&(struct core_child_spec){.argv = argv, .workdir = test_folder()},
                            plenty_s, 1000, &r, NULL),
                   CORE_OK);
  assert_non_null(strstr(core_str_text(&r.out), "sweepgate-test-"));
  core_run_result_close(&r);
}

static void a_killed_parent_takes_its_child_along(void **state) {
  (void)state;
  int pipe_ends[2];
  assert_int_equal(pipe(pipe_ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const char *const argv[] = {"sleep", "1000", NULL};
    struct core_child child;
    if (core_child_start(&(struct core_child_spec){.argv = argv}, &child, NULL) != CORE_OK)
      _exit(1);
    const ssize_t sent = write(pipe_ends[1], &child.pid, sizeof child.pid);
    (void)sent;
    pause();
    _exit(0);
  }
  pid_t grandchild;
  assert_int_equal(read(pipe_ends[0], &grandchild, sizeof grandchild), sizeof grandchild);
  assert_true(is_alive(grandchild));
  kill(parent, SIGKILL);
  waitpid(parent, NULL, 0);
  const struct core_clock *clock = core_clock_system();
  for (const double end = clock->monotonic_s(clock) + plenty_s;
       is_alive(grandchild) && clock->monotonic_s(clock) < end;) {
    core_sleep(0.001);
  }
  assert_false(is_alive(grandchild));
  waitpid(grandchild, NULL, WNOHANG); /* ours now, as a subreaper */
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

static void a_child_never_started_may_be_closed(void **state) {
  (void)state;
  struct core_child child = {0};
  core_child_close(&child);
  core_child_signal(&child, SIGKILL);
  assert_int_equal(fcntl(0, F_GETFD) < 0, 0); /* descriptor 0 was not taken for ours */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(output_and_exit_code_come_back),
      cmocka_unit_test(floods_on_both_pipes_are_drained_and_capped),
      cmocka_unit_test(a_deadline_ends_a_child_that_ignores_sigterm),
      cmocka_unit_test(a_child_that_closed_its_pipes_is_still_waited_for),
      cmocka_unit_test(the_end_of_the_child_ends_the_wait_for_its_grandchildren),
      cmocka_unit_test(close_ends_descendants_that_left_the_group),
      cmocka_unit_test(one_childs_end_leaves_another_child_alone),
      cmocka_unit_test(the_exit_descriptor_tells_of_the_end),
      cmocka_unit_test(the_channel_works_both_ways),
      cmocka_unit_test(environment_is_replaced_dropped_and_kept),
      cmocka_unit_test(no_descriptor_but_the_standard_ones_is_inherited),
      cmocka_unit_test(signal_settings_are_not_inherited),
      cmocka_unit_test(standard_input_is_empty),
      cmocka_unit_test(what_cannot_be_started_is_told_with_the_reason),
      cmocka_unit_test(a_relative_command_starts_from_the_working_folder),
      cmocka_unit_test(a_killed_parent_takes_its_child_along),
      cmocka_unit_test(a_child_never_started_may_be_closed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
