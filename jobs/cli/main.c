/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/cli/dispatch.h"

int main(int argc, char **argv) {
  return job_main(argc, argv);
}
