/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/cli/dispatch.h"
#include "jobs/trial/slot.h"

int main(int argc, char **argv) {
  if (job_slot_asked(argc, argv)) return job_slot_main(argc, argv);
  return job_main(argc, argv);
}
