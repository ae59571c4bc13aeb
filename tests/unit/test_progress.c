/* SPDX-License-Identifier: GPL-3.0-or-later
 * On a pseudo-terminal and on a pipe. */
#include "core/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/support.h"

/* Reads as many bytes as `expected` has (a terminal passes them on in its own time) and compares. What comes without being
 * expected fails the next comparison. */
static void shows(int fd, const char *expected) {
  char text[4096];
  const size_t want = strlen(expected);
  size_t len = 0;
  struct pollfd ready = {.fd = fd, .events = POLLIN};
  while (len < want && poll(&ready, 1, 10000) == 1) {
    const ssize_t got = read(fd, text + len, sizeof text - 1 - len);
    if (got <= 0) break;
    len += (size_t)got;
  }
  text[len] = '\0';
  assert_string_equal(text, expected);
}

/* A terminal of so many columns: what is written to *terminal is read from *screen. */
static void open_terminal(unsigned short columns, int *screen, int *terminal) {
  *screen = posix_openpt(O_RDWR | O_NOCTTY);
  assert_true(*screen >= 0 && grantpt(*screen) == 0 && unlockpt(*screen) == 0);
  *terminal = open(ptsname(*screen), O_RDWR | O_NOCTTY);
  assert_true(*terminal >= 0);
  struct termios settings;
  assert_int_equal(tcgetattr(*terminal, &settings), 0);
  cfmakeraw(&settings);
  assert_int_equal(tcsetattr(*terminal, TCSANOW, &settings), 0);
  const struct winsize size = {.ws_row = 24, .ws_col = columns};
  assert_int_equal(ioctl(*terminal, TIOCSWINSZ, &size), 0);
}

static void a_terminal_shows_one_line_that_messages_clear(void **state) {
  (void)state;
  int screen, terminal;
  open_terminal(40, &screen, &terminal);
  struct core_log *log = core_log_open(terminal, CORE_LOG_INFO, "s");
  struct core_progress *progress = core_progress_open(terminal, log, 60);
  core_progress_show(progress, 10, false, "%d of 9", 1);
  shows(screen, "\r\033[K1 of 9");
  core_progress_show(progress, 10.05, false, "too early");
  shows(screen, "");
  core_progress_show(progress, 10.06, true, "forced");
  shows(screen, "\r\033[Kforced");
  core_log_info(log, "message");
  shows(screen, "\r\033[Ks: message\n");
  core_log_info(log, "another");
  shows(screen, "s: another\n"); /* nothing is left to clear */
  core_progress_show(progress, 11, false, "again");
  shows(screen, "\r\033[Kagain");
  core_progress_close(progress);
  shows(screen, "\r\033[K");
  core_log_info(log, "end");
  shows(screen, "s: end\n");
  core_log_close(log);
  close(screen);
  close(terminal);
}

static void a_long_line_is_cut_to_the_width_by_characters(void **state) {
  (void)state;
  int screen, terminal;
  open_terminal(6, &screen, &terminal);
  struct core_progress *progress = core_progress_open(terminal, NULL, 60);
  core_progress_show(progress, 1, false, "%s", "äöüßéabc");
  shows(screen, "\r\033[Käöüßé");
  core_progress_show(progress, 2, false, "a\x1b[2Jb");
  shows(screen, "\r\033[Ka\\x1b"); /* escaped, then cut */
  core_progress_close(progress);
  close(screen);
  close(terminal);
}

static void elsewhere_plain_lines_come_now_and_then(void **state) {
  (void)state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  struct core_progress *progress = core_progress_open(ends[1], NULL, 30);
  core_progress_show(progress, 100, false, "first");
  core_progress_show(progress, 129, false, "too early");
  core_progress_show(progress, 130, false, "second");
  core_progress_show(progress, 131, true, "last");
  core_progress_close(progress);
  shows(ends[0], "first\nsecond\nlast\n");
  core_progress_show(NULL, 0, true, "no memory, no line");
  core_progress_close(NULL);
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_terminal_shows_one_line_that_messages_clear),
      cmocka_unit_test(a_long_line_is_cut_to_the_width_by_characters),
      cmocka_unit_test(elsewhere_plain_lines_come_now_and_then),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
