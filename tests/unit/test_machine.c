/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/machine.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/support.h"

static void the_id_is_the_same_in_a_child(void **state) {
  (void)state;
  char here[CORE_MACHINE_BYTES], there[CORE_MACHINE_BYTES] = "";
  core_machine_id(here);
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    core_machine_id(there);
    _exit(write(ends[1], there, sizeof there) != sizeof there);
  }
  assert_int_equal(read(ends[0], there, sizeof there), sizeof there);
  assert_true(core_machine_has_process(pid)); /* at least as a zombie */
  waitpid(pid, NULL, 0);
  assert_false(core_machine_has_process(pid));
  assert_true(core_machine_has_process(getpid()));
  assert_string_equal(here, there);
  assert_non_null(strchr(here, ' '));
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_id_is_the_same_in_a_child)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
