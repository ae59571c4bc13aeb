/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/executor_cases.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/support.h"

/* A trial, what is done to it, and what must come of it. */
struct expected {
  const char *name;
  const char *script;   /* for bash -c; its descriptor 3 is the channel */
  const char *function; /* or one of the library's */
  const char *command;  /* or a program without arguments */
  enum job_report_from from;
  const char *pattern;
  double timeout_s; /* 0: none */
  int64_t prune_at; /* answer prune at this step; 0: never */
  bool stop;        /* stop at the first report */
  enum hpo_outcome outcome;
  const char *message; /* part of it; NULL: not looked at */
  double value;        /* when the outcome is OK */
  int n_reports, n_attrs;
};

#define REPORT(step, value)                                                                        \
  "echo '{\"report\": {\"step\": " #step ", \"value\": " #value "}}' >&3; "
#define ANSWER        "read -r answer <&3; "
#define RESULT(value) "echo '{\"result\": {\"loss\": " #value "}}' >&3; "

static const struct expected cases[] = {
    {.name = "a result and exit 0 is ok",
     .script = RESULT(0.25),
     .outcome = HPO_OUTCOME_OK,
     .value = 0.25},
    {.name = "a bare number is a result",
     .script = "echo '{\"result\": 4}' >&3",
     .outcome = HPO_OUTCOME_OK,
     .value = 4},
    {.name = "a list is a result",
     .script = "echo '{\"result\": [5]}' >&3",
     .outcome = HPO_OUTCOME_OK,
     .value = 5},
    {.name = "a last line without newline counts",
     .script = "printf '{\"result\": 4}' >&3",
     .outcome = HPO_OUTCOME_OK,
     .value = 4},
    {.name = "reports are answered",
     .script = REPORT(1, 0.9) ANSWER
     "test \"$answer\" = '{\"prune\": false}' || exit 9; " REPORT(2, 0.8) ANSWER RESULT(0.8),
     .outcome = HPO_OUTCOME_OK,
     .value = 0.8,
     .n_reports = 2},
    {.name = "pruned when told and ending by itself",
     .script = REPORT(1, 0.9) ANSWER REPORT(2, 0.9) ANSWER
     "test \"$answer\" = '{\"prune\": true}' && exit 10; " RESULT(1),
     .prune_at = 2,
     .outcome = HPO_OUTCOME_PRUNED,
     .message = "pruned after step 2",
     .n_reports = 2},
    {.name = "pruned although it gives a result",
     .script = REPORT(1, 0.9) ANSWER RESULT(0.3),
     .prune_at = 1,
     .outcome = HPO_OUTCOME_PRUNED,
     .n_reports = 1},
    {.name = "pruned by signal when it reports on",
     .script = REPORT(1, 0.9) ANSWER "while :; do " REPORT(2, 0.9) ANSWER "done",
     .prune_at = 1,
     .outcome = HPO_OUTCOME_PRUNED,
     .n_reports = 1},
    {.name = "pruned without asking",
     .script = "echo loss=3; sleep 100",
     .from = JOB_REPORT_STDOUT,
     .prune_at = 1,
     .outcome = HPO_OUTCOME_PRUNED,
     .n_reports = 1},
    {.name = "pruned by signal when it does nothing",
     .script = REPORT(1, 0.9) ANSWER "sleep 100",
     .prune_at = 1,
     .outcome = HPO_OUTCOME_PRUNED,
     .n_reports = 1},
    {.name = "attributes, and what a result names besides",
     .script = "echo '{\"attr\": {\"a\": [1, null], \"b\": \"x\"}}' >&3; "
               "echo '{\"result\": {\"loss\": 1, \"size\": 3}}' >&3",
     .outcome = HPO_OUTCOME_OK,
     .value = 1,
     .n_attrs = 3},
    {.name = "more attributes than the limit",
     .script = "big=$(head -c 900000 /dev/zero | tr '\\0' x); for ((i = 0; i < 30; i++)); do echo "
               "'{\"attr\": {\"a'$i'\": \"'$big'\"}}'; done >&3; sleep 100",
     .outcome = HPO_OUTCOME_PROTOCOL,
     .message = "more than 16 MiB of attributes",
     .n_attrs = 18},
    {.name = "exit 3",
     .script = "echo first >&2; echo 'last words' >&2; exit 3",
     .outcome = HPO_OUTCOME_EXIT,
     .message = "exit code 3\nfirst\nlast words"},
    {.name = "a result but exit 1",
     .script = RESULT(1) "exit 1",
     .outcome = HPO_OUTCOME_EXIT,
     .message = "exit code 1, after it had given its result"},
    {.name = "killed by a signal",
     .script = "kill -SEGV $$",
     .outcome = HPO_OUTCOME_SIGNAL,
     .message = "SIGSEGV"},
    {.name = "timeout",
     .script = "sleep 100",
     .timeout_s = 0.2,
     .outcome = HPO_OUTCOME_TIMEOUT,
     .message = "timeout of"},
    {.name = "timeout when SIGTERM is ignored",
     .script = "trap '' TERM; while :; do sleep 1; done",
     .timeout_s = 0.2,
     .outcome = HPO_OUTCOME_TIMEOUT},
    {.name = "no result", .script = "true", .outcome = HPO_OUTCOME_NO_RESULT, .message = "'loss'"},
    {.name = "another name is no result",
     .script = "echo '{\"result\": {\"los\": 1}}' >&3",
     .outcome = HPO_OUTCOME_NO_RESULT,
     .message = "its result names 'los'",
     .n_attrs = 1},
    {.name = "a result that is not a number",
     .script = RESULT(NaN),
     .outcome = HPO_OUTCOME_NAN,
     .message = "'loss'"},
    {.name = "infinity is a number",
     .script = RESULT(Infinity),
     .outcome = HPO_OUTCOME_OK,
     .value = INFINITY},
    {.name = "a report that is not a number",
     .script = REPORT(1, NaN) ANSWER RESULT(2),
     .outcome = HPO_OUTCOME_OK,
     .value = 2,
     .n_reports = 1},
    {.name = "command missing",
     .command = "sweepgate-no-such-command",
     .outcome = HPO_OUTCOME_START,
     .message = "sweepgate-no-such-command"},
    {.name = "not JSON",
     .script = "echo 'loss 3' >&3; sleep 100",
     .outcome = HPO_OUTCOME_PROTOCOL,
     .message = "loss 3"},
    {.name = "an unknown key",
     .script = "echo '{\"reprot\": {}}' >&3; sleep 100",
     .outcome = HPO_OUTCOME_PROTOCOL,
     .message = "did you mean report"},
    {.name = "a line without end",
     .script = "head -c 3000000 /dev/zero >&3; sleep 100",
     .outcome = HPO_OUTCOME_PROTOCOL,
     .message = "longer than 1 MiB"},
    {.name = "a value that is text",
     .script = "echo '{\"report\": {\"step\": 1, \"value\": \"x\"}}' >&3; sleep 100",
     .outcome = HPO_OUTCOME_PROTOCOL,
     .message = "'value' is"},
    {.name = "end is not a trial's to say",
     .script = "echo '{\"end\": {\"code\": 0}}' >&3; sleep 100",
     .outcome = HPO_OUTCOME_PROTOCOL},
    {.name = "prints much",
     .script = "head -c 100000000 /dev/zero; head -c 1000000 /dev/zero >&2; " RESULT(1),
     .outcome = HPO_OUTCOME_OK,
     .value = 1},
    {.name = "grandchildren do not outlive it",
     .script = "(trap '' TERM; sleep 1000) & (setsid sleep 1000 &) ; " RESULT(1),
     .outcome = HPO_OUTCOME_OK,
     .value = 1},
    {.name = "closes its pipes and lives on",
     .script = RESULT(2) "exec 1>&- 2>&- 3>&-; sleep 0.3",
     .outcome = HPO_OUTCOME_OK,
     .value = 2},
    {.name = "ends before it reads the answer",
     .script = REPORT(1, 1) RESULT(1),
     .outcome = HPO_OUTCOME_OK,
     .value = 1,
     .n_reports = 1},
    {.name = "never reads answers",
     .script = "for ((i = 1; i <= 20000; i++)); do echo '{\"report\": {\"step\": '$i', \"value\": "
               "1}}'; done >&3; " RESULT(7),
     .outcome = HPO_OUTCOME_OK,
     .value = 7,
     .n_reports = 20000},
    {.name = "stopped",
     .script = REPORT(1, 1) ANSWER "sleep 100",
     .stop = true,
     .outcome = HPO_OUTCOME_STOPPED,
     .n_reports = 1},
    {.name = "a finished trial is kept when stopped",
     .script = "trap 'exit 0' TERM; " RESULT(3) REPORT(1, 1) "sleep 100 & wait",
     .stop = true,
     .outcome = HPO_OUTCOME_OK,
     .value = 3,
     .n_reports = 1},
    {.name = "name=value lines",
     .script = "echo '2024-01-01T00:00:00.5Z epoch=3 loss=0.5'; echo 'val-loss=7 loss = 0.25;'",
     .from = JOB_REPORT_STDOUT,
     .outcome = HPO_OUTCOME_OK,
     .value = 0.25,
     .n_reports = 2},
    {.name = "a pattern",
     .script = "echo 'epoch 1: 0.5' >&2; echo 'epoch 2: 0.4' >&2",
     .from = JOB_REPORT_STDERR,
     .pattern = "epoch (?<step>\\d+): (?<value>\\S+)",
     .outcome = HPO_OUTCOME_OK,
     .value = 0.4,
     .n_reports = 2},
    {.name = "lines of both streams",
     .script = "echo loss=2; sleep 0.1; echo loss=1 >&2",
     .from = JOB_REPORT_BOTH,
     .outcome = HPO_OUTCOME_OK,
     .value = 1,
     .n_reports = 2},
    {.name = "no line, no result",
     .script = "echo nothing",
     .from = JOB_REPORT_STDOUT,
     .outcome = HPO_OUTCOME_NO_RESULT},
    {.name = "the last line is not a number",
     .script = "echo loss=1; echo loss=nan",
     .from = JOB_REPORT_STDOUT,
     .outcome = HPO_OUTCOME_NAN,
     .n_reports = 2},
    {.name = "a result goes before lines",
     .script = RESULT(1) "sleep 0.1; echo loss=2",
     .from = JOB_REPORT_STDOUT,
     .outcome = HPO_OUTCOME_OK,
     .value = 1,
     .n_reports = 1},
    {.name = "MPI's and the sweep's variables are as documented",
     .script = "env | grep -q ^OMPI_COMM && exit 1; test \"$SWEEPGATE_TRIAL\" = 1 && test "
               "\"$SWEEPGATE_STUDY\" = cases && "
               "test \"$SWEEPGATE_SEED\" = 7 && test \"$SWEEPGATE_FD\" = 3 && test \"$COLOUR\" = "
               "green && "
               "test \"$SWEEPGATE_PARAMS\" = '{\"x\": 3.0, \"kind\": \"b\"}' || exit 1; " RESULT(1),
     .outcome = HPO_OUTCOME_OK,
     .value = 1},
    {.name = "function: value", .function = "square", .outcome = HPO_OUTCOME_OK, .value = 9},
    {.name = "function: the slot serves again",
     .function = "square",
     .outcome = HPO_OUTCOME_OK,
     .value = 9},
    {.name = "function: reports",
     .function = "curve",
     .outcome = HPO_OUTCOME_OK,
     .value = 0.1,
     .n_reports = 9},
    {.name = "function: pruned",
     .function = "curve",
     .prune_at = 3,
     .outcome = HPO_OUTCOME_PRUNED,
     .n_reports = 3},
    {.name = "function: after a pruned one",
     .function = "curve",
     .outcome = HPO_OUTCOME_OK,
     .value = 0.1,
     .n_reports = 9},
    {.name = "function: choices and attributes",
     .function = "choice",
     .outcome = HPO_OUTCOME_OK,
     .value = 1,
     .n_attrs = 1},
    {.name = "function: crash",
     .function = "crash",
     .outcome = HPO_OUTCOME_SIGNAL,
     .message = "about to crash"},
    {.name = "function: after a crash",
     .function = "square",
     .outcome = HPO_OUTCOME_OK,
     .value = 9},
    {.name = "function: leaves the process",
     .function = "leave",
     .outcome = HPO_OUTCOME_EXIT,
     .message = "exit code 4"},
    {.name = "function: fails",
     .function = "refuse",
     .outcome = HPO_OUTCOME_EXIT,
     .message = "returned 3: the matrix is singular"},
    {.name = "function: sets no value", .function = "forget", .outcome = HPO_OUTCOME_NAN},
    {.name = "function: timeout",
     .function = "forever",
     .timeout_s = 0.2,
     .outcome = HPO_OUTCOME_TIMEOUT},
    {.name = "function: folder, variables, log",
     .function = "surroundings",
     .outcome = HPO_OUTCOME_OK,
     .value = 1},
    {.name = "function: missing",
     .function = "no_such_function",
     .outcome = HPO_OUTCOME_START,
     .message = "no_such_function"},
};

/* What came of a trial. */
struct seen {
  struct job_event end;
  char message[8192];
  double value;
  int n_reports, n_attrs;
};

static const char *unfit(const struct expected *want, const struct seen *got) {
  if (got->end.outcome != want->outcome) return "another outcome";
  if (want->message && !strstr(got->message, want->message)) return "another message";
  if (got->n_reports != want->n_reports) return "another number of reports";
  if (got->n_attrs != want->n_attrs) return "another number of attributes";
  if (want->outcome == HPO_OUTCOME_OK && (!got->end.has_values || got->value != want->value))
    return "another value";
  if (!got->end.host || !got->end.host[0]) return "no host";
  return NULL;
}

static bool trial_run(struct job_executor *ex, const struct job_start *start,
                      const struct expected *want, struct seen *got, struct core_error *err) {
  if (ex->ops->start(ex, start, err) != CORE_OK) return false;
  for (;;) {
    struct job_event events[16];
    size_t n = 0;
    if (ex->ops->poll(ex, 60, NULL, 0, events, CORE_COUNT_OF(events), &n, err) != CORE_OK)
      return false;
    if (n == 0) return false;
    for (size_t i = 0; i < n; i++) {
      const struct job_event *event = &events[i];
      if (event->number != start->number) return false;
      if (event->kind == JOB_EVENT_REPORT) {
        got->n_reports++;
        const bool prune = want->prune_at && event->report.step >= want->prune_at;
        if (want->stop) ex->ops->stop(ex, event->number);
        if (event->wants_answer || prune) ex->ops->answer(ex, event->number, prune);
      }
      got->n_attrs += event->kind == JOB_EVENT_ATTR;
      if (event->kind != JOB_EVENT_ENDED) continue;
      got->end = *event;
      snprintf(got->message, sizeof got->message, "%s", event->message);
      got->value = event->has_values ? event->values[0] : NAN;
      return i + 1 == n; /* nothing comes after the end */
    }
  }
}

static int case_run(struct job_executor *ex, const char *library, const struct expected *want) {
  static const char *const metrics[] = {"loss"};
  static const char *const env[] = {"COLOUR=green", NULL};
  static const char *const names[] = {"x", "kind"};
  static const double values[] = {3, 1};
  const char *const script[] = {"bash", "-c", want->script, NULL};
  const char *const command[] = {want->command, NULL};
  const struct job_start start = {.number = 1,
                                  .seed = 7,
                                  .study = "cases",
                                  .params_json = "{\"x\": 3.0, \"kind\": \"b\"}",
                                  .argv = want->script    ? script
                                          : want->command ? command
                                                          : NULL,
                                  .env = env,
                                  .workdir = test_path("outer/inner"),
                                  .log = test_path("logs/deep/1.log"),
                                  .library = want->function ? library : NULL,
                                  .function = want->function,
                                  .param_names = names,
                                  .param_values = values,
                                  .n_params = 2,
                                  .metrics = metrics,
                                  .n_objectives = 1,
                                  .report_from = want->from,
                                  .report_pattern = want->pattern,
                                  .timeout_s = want->timeout_s > 0 ? want->timeout_s : INFINITY};
  struct seen got = {0};
  struct core_error err = {0};
  const size_t free_before = ex->ops->free_slots(ex);
  const char *why = trial_run(ex, &start, want, &got, &err) ? unfit(want, &got) : "no clean end";
  if (!why && ex->ops->free_slots(ex) != free_before) why = "its slot is not free";
  printf("%s %s: %s\n", why ? "FAIL" : "ok  ", ex->ops->name, want->name);
  if (why)
    printf("  %s; outcome '%s', value %f, %d reports, %d attributes, message: %s%s\n", why,
           hpo_outcome_text(got.end.outcome), got.value, got.n_reports, got.n_attrs, got.message,
           err.message);
  fflush(stdout);
  return why != NULL;
}

/* The log of the case before: what was printed, no more than the limit. */
static int log_checked(const struct job_executor *ex) {
  struct stat log;
  const int bad = stat(test_path("logs/deep/1.log"), &log) != 0 || log.st_size == 0 ||
                  log.st_size > 17 * 1024 * 1024;
  printf("%s %s: the log is there and bounded\n", bad ? "FAIL" : "ok  ", ex->ops->name);
  return bad;
}

/* A poll with nothing to wait for ends in time, or when a descriptor wakes it. */
static int wakes_checked(struct job_executor *ex) {
  int fds[2];
  struct job_event event;
  size_t n = 0;
  if (pipe(fds) != 0 || write(fds[1], "x", 1) != 1) return 1;
  int bad = ex->ops->poll(ex, 60, &fds[0], 1, &event, 1, &n, NULL) != CORE_OK || n != 0;
  close(fds[0]);
  close(fds[1]);
  bad |= ex->ops->poll(ex, 0.01, NULL, 0, &event, 1, &n, NULL) != CORE_OK || n != 0;
  printf("%s %s: an idle poll ends\n", bad ? "FAIL" : "ok  ", ex->ops->name);
  return bad;
}

int executor_cases_run(struct job_executor *executor, const char *library) {
  int bad = wakes_checked(executor);
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    bad += case_run(executor, library, &cases[i]);
    if (strcmp(cases[i].name, "prints much") == 0) bad += log_checked(executor);
  }
  return bad;
}
