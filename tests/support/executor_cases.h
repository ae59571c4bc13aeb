/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of jobs/executor/executor.h as cases, each run on one executor. */
#pragma once
#include "jobs/executor/executor.h"

/* Prints a line for each case; returns the number of those that fail. The executor has at least one
 * slot and stays open. `library` holds the functions of tests/objectives/objective_cases.c. */
int executor_cases_run(struct job_executor *executor, const char *library);
