/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which machine, and which table of processes of it, this process lives in. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#define CORE_MACHINE_BYTES 128
/* Equal in two processes only if each sees the other's process ids: the kernel's boot id and its process namespace.
 * "" where the system does not tell. Host names will not do: containers and cloned machines share them. */
void core_machine_id(char out[CORE_MACHINE_BYTES]);
/* False only if there is certainly no such process in this process's own table. */
bool core_machine_has_process(pid_t pid);
