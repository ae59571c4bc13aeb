/* SPDX-License-Identifier: GPL-3.0-or-later
 * A child process run to its end, its output kept up to a bound. */
#include <math.h>
#include <poll.h>
#include <signal.h>

#include "core/clock.h"
#include "core/subprocess.h"

enum { DRAIN_BYTES = 1 << 16 };
static const double look_again_s = 0.02; /* where the kernel cannot tell of an exit */

/* Reads what is there now; keeps at most cap bytes in all, drops the rest. */
static void drain(int *fd, struct core_str *kept, size_t cap) {
  static const int reads_max = 16; /* a flood must not keep us from the deadline */
  char buffer[DRAIN_BYTES];
  for (int i = 0; i < reads_max; i++) {
    const long got = core_child_read(fd, buffer, sizeof buffer);
    if (got <= 0) return;
    const size_t room = cap > kept->len ? cap - kept->len : 0;
    core_str_append(kept, buffer, (size_t)got < room ? (size_t)got : room);
  }
}

static void wait_for_news(const struct core_child *child, double left_s) {
  struct pollfd fds[] = {{.fd = child->out_fd, .events = POLLIN},
                         {.fd = child->err_fd, .events = POLLIN},
                         {.fd = child->exit_fd, .events = POLLIN}};
  const double wait_s = child->exit_fd < 0 ? fmin(left_s, look_again_s) : left_s;
  (void)poll(fds, 3, (int)fmin(ceil(wait_s * 1000), 1e9));
}

enum core_status core_run(const struct core_child_spec *spec, double timeout_s, size_t cap,
                          struct core_run_result *result, struct core_error *err) {
  *result = (struct core_run_result){0};
  struct core_child child;
  CORE_TRY(core_child_start(spec, &child, err));
  const struct core_clock *clock = core_clock_system();
  const double deadline = clock->monotonic_s(clock) + timeout_s;
  bool exited = false;
  while (!exited) {
    const double left_s = deadline - clock->monotonic_s(clock);
    if (left_s <= 0) {
      result->timed_out = true;
      break;
    }
    wait_for_news(&child, left_s);
    exited = core_child_reap(
        &child); /* asked first: what it wrote before its end is then drained below */
    drain(&child.out_fd, &result->out, cap);
    drain(&child.err_fd, &result->err, cap);
  }
  core_child_close(&child);
  result->wait_status = child.wait_status;
  enum core_status status = core_str_status(&result->out, err);
  if (status == CORE_OK) status = core_str_status(&result->err, err);
  if (status != CORE_OK) core_run_result_close(result);
  return status;
}

void core_run_result_close(struct core_run_result *result) {
  core_str_close(&result->out);
  core_str_close(&result->err);
}
