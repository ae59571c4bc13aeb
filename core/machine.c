/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/machine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void core_machine_id(char out[CORE_MACHINE_BYTES]) {
  char boot[40] = "", space[48] = "";
  FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
  const bool known = file && fgets(boot, sizeof boot, file);
  if (file) fclose(file);
  const ssize_t len = readlink("/proc/self/ns/pid", space, sizeof space - 1);
  boot[strcspn(boot, "\n")] = '\0';
  out[0] = '\0';
  if (known && len > 0) snprintf(out, CORE_MACHINE_BYTES, "%s %s", boot, space);
}

bool core_machine_has_process(pid_t pid) {
  return kill(pid, 0) == 0 || errno != ESRCH;
}
