/* SPDX-License-Identifier: GPL-3.0-or-later
 * A trial that sleeps and says when: bench_sleeper SECONDS FILE appends "PARENT START END" (seconds of the monotonic
 * clock) to FILE, and prints a loss. Its parent is the process that serves its slot. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/num.h"

int main(int argc, char **argv) {
  const struct core_clock *clock = core_clock_system();
  const double start_s = clock->monotonic_s(clock);
  double seconds;
  if (argc != 3 || !core_parse_double(argv[1], strlen(argv[1]), &seconds)) return 2;
  core_sleep(seconds);
  const int fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (fd < 0) return 3;
  puts("loss=1");
  fflush(stdout);
  return dprintf(fd, "%d %.6f %.6f\n", (int)getppid(), start_s, clock->monotonic_s(clock)) < 0;
}
