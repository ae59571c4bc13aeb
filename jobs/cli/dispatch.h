/* SPDX-License-Identifier: GPL-3.0-or-later
 * From argv to a command, and the help texts made of its rows. */
#pragma once
#include "core/str.h"
#include "jobs/cli/command.h"

/* The whole program but for main(): returns the exit code. */
int job_main(int argc, char **argv);
void job_help_command(const struct job_command *command, struct core_str *out);
void job_help_program(struct core_str *out);
