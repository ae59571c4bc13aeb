/* SPDX-License-Identifier: GPL-3.0-or-later
 * Manual pages and shell completion, written from the commands' own option rows. */
#pragma once
#include "core/str.h"
#include "jobs/cli/command.h"

/* The page sweepgate-COMMAND(1), or with NULL sweepgate(1), in roff with the man macros. */
void job_manual_page(const struct job_command *command, struct core_str *out);
/* A completion script for bash. */
void job_manual_completion(struct core_str *out);
