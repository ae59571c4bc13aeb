/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a command: a new one is a new file jobs/cli/cmd_NAME.c and a row here. X(C name). Included several times. */
X(run)
X(validate)
X(profile)
X(ask)
X(tell)
X(status)
X(best)
X(trials)
X(trial_report)
X(version)
X(help)
