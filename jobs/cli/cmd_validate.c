/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate validate`: data files through a suite, reports out, the verdict as exit code. Reports
 * and their places: docs/reports.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "jobs/cli/command.h"
#include "jobs/cli/csv_words.h"
#include "validate/dataset/dataset.h"
#include "validate/report/failures_csv.h"
#include "validate/report/report.h"
#include "validate/suite_doubts.h"
#include "validate/validate.h"

static const struct core_option validate_options[] = {
    {.name = "suite",
     .letter = 's',
     .type = CORE_OPT_STRING,
     .required = true,
     .unit = "SUITE",
     .help = "what is expected: our YAML, or Great Expectations' JSON (0.x and 1.x)"},
    {.name = "report",
     .letter = 'r',
     .type = CORE_OPT_LIST,
     .unit = "FORMAT[=FILE]",
     .help = "write a report: text, json, gx, junit, markdown, github, sarif or html; may be given "
             "several times"},
    {.name = "csv",
     .type = CORE_OPT_LIST,
     .unit = "KEY=VALUE",
     .help = "how text is written, before what the suite says: delimiter, quote, header, encoding; "
             "--csv auto has it found out; may be given several times"},
    {.name = "allow-drift",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "files of one dataset may have different columns; what a file lacks is null"},
    {.name = "each",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "judge each DATA on its own instead of all as one dataset"},
    {.name = "result-format",
     .type = CORE_OPT_CHOICE,
     .choices = "BOOLEAN_ONLY|BASIC|SUMMARY|COMPLETE",
     .unit = "LEVEL",
     .help = "how much of each expectation is reported, in place of the suite's own level"},
    {.name = "fail-on",
     .type = CORE_OPT_CHOICE,
     .choices = "critical|warning|info",
     .fallback = "critical",
     .unit = "SEVERITY",
     .help = "the least severity whose failure makes the exit code 1"},
    {.name = "failures",
     .type = CORE_OPT_STRING,
     .unit = "FILE",
     .help = "write every failing row as CSV: its record, line, byte, column, value, expectation"},
    {.name = "failures-budget",
     .type = CORE_OPT_SIZE,
     .fallback = "64MiB",
     .min = 1024,
     .max = 1e15,
     .unit = "SIZE",
     .help = "memory for failing rows; counts are exact beyond it"},
    {.name = "jobs",
     .letter = 'j',
     .type = CORE_OPT_INT,
     .fallback = "1",
     .min = 1,
     .max = 256,
     .unit = "N",
     .help = "threads that read the data; the results are the same"},
    {.name = "memory",
     .type = CORE_OPT_SIZE,
     .min = 1048576,
     .max = 1e15,
     .unit = "SIZE",
     .help = "memory for exact order statistics and sets of values, which go on in temporary "
             "files beyond it (otherwise 64MiB each, 1GiB in all)"},
    {.name = "strict-empty",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "an expectation that looked at no value fails"},
    {.name = "strict-suite",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help =
         "a doubtful suite, or one that names a column the data has not, is a mistake: exit code "
         "2 before the data is read"},
    {.name = "gx-quirks",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "as Great Expectations does it where that is odd: docs/gx-users.md lists the cases"},
    {.name = "no-statistics",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "read every value; nothing is concluded from what a Parquet file says of its values"},
    {.name = "parameters",
     .type = CORE_OPT_STRING,
     .unit = "FILE",
     .help = "values for the suite's parameters: a map in YAML or JSON, before the suite's own"},
    {.name = "parameter",
     .letter = 'p',
     .type = CORE_OPT_LIST,
     .unit = "NAME=VALUE",
     .help =
         "the value of one parameter, before those of --parameters; may be given several times"},
    CORE_OPTION_END};

enum { DOUBTS_SHOWN = 20 };

struct target {
  const struct val_report_ops *ops;
  const char *path; /* NULL: standard output */
};

struct run {
  struct val_suite suite;
  struct core_tree parameters[2]; /* --parameter, --parameters */
  struct val_limits limits;
  const char *failures; /* --failures; NULL: none */
  struct val_report_options report;
  struct target *targets;
  size_t n_targets;
  struct val_result *results; /* room for one a data file */
  const struct val_result **views;
  size_t n_results;
  int code;
};

/* Usage before unreadable before bad data: the first thing to repair. */
static void worsen(struct run *run, int code) {
  static const int order[] = {JOB_EXIT_GOOD, JOB_EXIT_DATA_FAILED, JOB_EXIT_UNREADABLE,
                              JOB_EXIT_USAGE};
  for (size_t i = CORE_COUNT_OF(order); i-- > 0;) {
    if (run->code == order[i]) return;
    if (code == order[i]) {
      run->code = code;
      return;
    }
  }
  run->code = code;
}

static enum core_status unknown_format(const char *name, struct core_error *err) {
  const char *names[16] = {NULL};
  struct core_str list = {0};
  size_t n = 0;
  for (const struct val_report_ops *const *r = val_report_all(); *r && n + 1 < 16; r++) {
    core_str_printf(&list, "%s%s", n > 0 ? ", " : "", (*r)->name);
    names[n++] = (*r)->name;
  }
  const char *near = core_nearest(name, names);
  const enum core_status st = core_fail(
      err, CORE_INVAL, "--report: unknown format '%s'; %s%s%s one of %s", name,
      near ? "did you mean '" : "", near ? near : "", near ? "'?" : "give", core_str_text(&list));
  core_str_close(&list);
  return st;
}

/* "junit=report.xml"; the text lives as long as the options. */
static enum core_status target_parse(struct target *out, const char *text, struct core_arena *arena,
                                     struct core_error *err) {
  const char *equals = strchr(text, '=');
  char *name = core_arena_strndup(arena, text, equals ? (size_t)(equals - text) : strlen(text));
  if (!name) return core_fail_nomem(err, strlen(text));
  out->ops = val_report_find(name);
  out->path = equals && strcmp(equals + 1, "-") != 0 ? equals + 1 : NULL;
  if (!out->ops) return unknown_format(name, err);
  if (out->path && !*out->path)
    return core_fail(err, CORE_INVAL, "--report %s: a file name is missing after '='", text);
  return CORE_OK;
}

static enum core_status targets_check(const struct run *run, struct core_error *err) {
  for (size_t i = 0; i < run->n_targets; i++)
    for (size_t k = 0; k < i; k++) {
      const struct target *a = &run->targets[k], *b = &run->targets[i];
      if (!a->path && !b->path)
        return core_fail(err, CORE_INVAL,
                         "reports '%s' and '%s' would both go to standard output; give one of them "
                         "a file, as in --report %s=FILE",
                         a->ops->name, b->ops->name, b->ops->name);
      if (a->path && core_streq(a->path, b->path))
        return core_fail(err, CORE_INVAL, "two reports would be written to '%s'", a->path);
    }
  return CORE_OK;
}

/* The text report is shown unless standard output is taken or the text was asked for elsewhere. */
static bool wants_text(const struct run *run) {
  for (size_t i = 0; i < run->n_targets; i++)
    if (!run->targets[i].path || core_streq(run->targets[i].ops->name, "text")) return false;
  return true;
}

static enum core_status targets_open(struct run *run, const struct core_options *options,
                                     struct core_error *err) {
  const struct core_node *list = core_option_node(options, "report");
  run->targets = core_calloc((list ? list->n_children : 0) + 1, sizeof *run->targets);
  if (!run->targets) return core_fail_nomem(err, sizeof *run->targets);
  for (const struct core_node *text = list ? list->first : NULL; text; text = text->next) {
    CORE_TRY(target_parse(&run->targets[run->n_targets], text->text.data, &run->suite.arena, err));
    run->n_targets++;
  }
  CORE_TRY(targets_check(run, err));
  if (wants_text(run))
    run->targets[run->n_targets++] = (struct target){val_report_find("text"), NULL};
  return CORE_OK;
}

static enum core_status check_stdin(const char *suite, const char *const *words, size_t n_words,
                                    struct core_error *err) {
  size_t readers = strcmp(suite, "-") == 0;
  for (size_t i = 0; i < n_words; i++) readers += strcmp(words[i], "-") == 0;
  if (readers > 1) return core_fail(err, CORE_INVAL, "standard input ('-') can be read only once");
  return CORE_OK;
}

/* NAME=VALUE, VALUE read as YAML: a number, a text, a list. */
static enum core_status parameter_json(const char *text, struct core_str *out,
                                       struct core_error *err) {
  struct core_tree value;
  const char *equals = strchr(text, '=');
  if (!equals || equals == text)
    return core_fail(err, CORE_INVAL, "--parameter %s: it must be NAME=VALUE", text);
  CORE_TRY(core_tree_parse(&value, "--parameter", equals + 1, strlen(equals + 1), err));
  core_str_json(out, text, (size_t)(equals - text));
  core_str_char(out, ':');
  core_node_json(value.root, true, out);
  core_tree_close(&value);
  return CORE_OK;
}

static enum core_status parameters_open(struct run *run, const struct core_options *options,
                                        struct core_error *err) {
  const struct core_node *list = core_option_node(options, "parameter");
  const char *path = core_option_text(options, "parameters");
  struct core_str json = {0};
  enum core_status st = CORE_OK;
  for (const struct core_node *one = list ? list->first : NULL; st == CORE_OK && one;
       one = one->next) {
    core_str_char(&json, one == list->first ? '{' : ',');
    st = parameter_json(one->text.data, &json, err);
  }
  if (list && list->first) core_str_char(&json, '}');
  if (st == CORE_OK) st = core_str_status(&json, err);
  if (st == CORE_OK && json.len)
    st = core_tree_parse_json(&run->parameters[0], "--parameter", json.data, json.len, err);
  core_str_close(&json);
  if (st == CORE_OK && path) st = core_tree_open(&run->parameters[1], path, err);
  if (st == CORE_OK && path && run->parameters[1].root->kind != CORE_NODE_MAP)
    st = core_fail(err, CORE_INVAL, "--parameters %s: it must be a map of values", path);
  return st;
}

struct told {
  const char *label; /* "warning: ", or nothing where a doubt is a mistake */
  size_t n;
};

static void tell_doubt(const struct core_error *doubt, void *with) {
  struct told *told = with;
  char text[CORE_ERROR_FILE_BYTES + CORE_ERROR_MESSAGE_BYTES + 64];
  if (told->n++ >= DOUBTS_SHOWN) return;
  core_error_text(doubt, text, sizeof text);
  fprintf(stderr, "sweepgate: %s%s\n", told->label, text);
}

/* What nobody can have meant is said, and is a mistake where that is asked for. */
static enum core_status doubts_tell(const struct run *run, struct core_error *err) {
  struct told told = {run->limits.strict_columns ? "" : "warning: ", 0};
  size_t n = 0;
  CORE_TRY(val_suite_doubts(&run->suite, tell_doubt, &told, &n, err));
  if (n > DOUBTS_SHOWN)
    fprintf(stderr, "sweepgate: %s: and %zu more of the kind\n", run->suite.path, n - DOUBTS_SHOWN);
  if (n == 0 || !run->limits.strict_columns) return CORE_OK;
  return core_fail(err, CORE_INVAL, "%s: %zu doubt%s about the suite, with --strict-suite",
                   run->suite.path, n, n == 1 ? "" : "s");
}

static enum core_status suite_open(struct run *run, const char *path, bool gx_quirks,
                                   struct core_error *err) {
  const struct core_clock *clock = core_clock_system();
  const struct val_suite_settings settings = {
      .parameters = {run->parameters[0].root, run->parameters[1].root},
      .gx_quirks = gx_quirks,
      .has_now = true,
      .now_unix_s = clock->unix_s(clock)};
  return val_suite_open(&run->suite, path, &settings, err);
}

static void override_format(struct val_suite *suite, const char *name) {
  static const char *const names[] = {"BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE"};
  for (size_t i = 0; name && i < CORE_COUNT_OF(names); i++)
    for (size_t k = 0; strcmp(name, names[i]) == 0 && k < suite->n_expected; k++)
      suite->expected[k].format = (enum val_result_format)i;
}

static enum core_status run_open(struct run *run, const struct core_options *options,
                                 const char *const *words, size_t n_words, struct core_error *err) {
  const char *suite = core_option_text(options, "suite"),
             *fail_on = core_option_text(options, "fail-on");
  CORE_TRY(check_stdin(suite, words, n_words, err));
  run->failures = core_option_text(options, "failures");
  run->limits =
      (struct val_limits){.failures_bytes = (size_t)core_option_int(options, "failures-budget"),
                          .all_failures = run->failures != NULL,
                          .strict_columns = core_option_flag(options, "strict-suite"),
                          .no_statistics = core_option_flag(options, "no-statistics"),
                          .memory_bytes = (size_t)core_option_int(options, "memory"),
                          .n_threads = (size_t)core_option_int(options, "jobs"),
                          .strict_empty = core_option_flag(options, "strict-empty")};
  CORE_TRY(parameters_open(run, options, err));
  CORE_TRY(suite_open(run, suite, core_option_flag(options, "gx-quirks"), err));
  CORE_TRY(job_csv_options(options, &run->suite.arena, &run->suite.read, err));
  if (core_option_flag(options, "allow-drift")) run->suite.read.allow_drift = true;
  CORE_TRY(doubts_tell(run, err));
  CORE_TRY(targets_open(run, options, err));
  for (size_t i = 0; i < run->n_targets; i++)
    run->limits.profile = run->limits.profile || run->targets[i].ops->profile;
  override_format(&run->suite, core_option_text(options, "result-format"));
  run->report.fail_on_warning = strcmp(fail_on, "warning") == 0;
  run->report.fail_on_info = strcmp(fail_on, "info") == 0;
  run->results = core_calloc(n_words, sizeof *run->results);
  run->views = core_calloc(n_words, sizeof *run->views);
  if (!run->results || !run->views) return core_fail_nomem(err, n_words * sizeof *run->results);
  return CORE_OK;
}

static void run_close(struct run *run) {
  for (size_t i = 0; i < run->n_results; i++) val_result_close(&run->results[i]);
  core_free(run->results);
  core_free(run->views);
  core_free(run->targets);
  val_suite_close(&run->suite); /* before the parameters: its arguments may lie in them */
  for (size_t i = 0; i < CORE_COUNT_OF(run->parameters); i++) core_tree_close(&run->parameters[i]);
}

static enum core_status run_words(struct run *run, const char *const *words, size_t n_words,
                                  struct val_result *result, struct core_error *err) {
  struct val_dataset dataset;
  CORE_TRY(val_dataset_open(&dataset, words, n_words, err));
  const enum core_status st =
      val_validate_dataset(&dataset, &run->suite, &run->limits, result, err);
  val_dataset_close(&dataset);
  return st;
}

/* One dataset; one that cannot be read does not keep others from being judged. */
static void run_data(struct run *run, const char *const *words, size_t n_words) {
  struct core_error err = {0};
  const struct core_clock *clock = core_clock_system();
  struct val_result *result = &run->results[run->n_results];
  const double started_unix_s = clock->unix_s(clock), began_s = clock->monotonic_s(clock);
  if (run_words(run, words, n_words, result, &err) != CORE_OK) {
    worsen(run, job_exit_failure(&err));
    val_result_close(result);
    *result = (struct val_result){0};
    return;
  }
  result->started_unix_s = started_unix_s;
  result->seconds = clock->monotonic_s(clock) - began_s;
  run->views[run->n_results++] = result;
  if (!val_report_success(result, &run->report)) worsen(run, JOB_EXIT_DATA_FAILED);
}

static bool wants_colour(void) {
  const char *term = getenv("TERM"), *refused = getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && !(refused && *refused) && term && strcmp(term, "dumb") != 0;
}

static enum core_status write_report(const struct run *run, const struct target *target,
                                     struct core_error *err) {
  struct core_sink *sink = NULL;
  struct val_report_options options = run->report;
  if (target->path) {
    CORE_TRY(core_sink_open_file(target->path, &sink, err));
  } else {
    CORE_TRY(core_sink_open_fd(STDOUT_FILENO, "standard output", &sink, err));
    options.colour = wants_colour();
  }
  const enum core_status st = target->ops->write(run->views, run->n_results, &options, sink, err);
  if (st == CORE_OK) return core_sink_close(sink, err);
  core_sink_abandon(sink);
  return st;
}

/* Says when the budget left rows out: the file alone would not show it. */
static enum core_status write_failures(const struct run *run, struct core_error *err) {
  struct core_sink *sink = NULL;
  int64_t n_left_out = 0;
  CORE_TRY(core_sink_open_file(run->failures, &sink, err));
  const enum core_status st = val_failures_csv(run->views, run->n_results, sink, &n_left_out, err);
  if (st != CORE_OK) {
    core_sink_abandon(sink);
    return st;
  }
  if (n_left_out > 0)
    fprintf(stderr,
            "sweepgate: %s: %lld failing rows are left out; --failures-budget gives more room\n",
            run->failures, (long long)n_left_out);
  return core_sink_close(sink, err);
}

static int validate_run(const struct core_options *options, const char *const *words,
                        size_t n_words) {
  struct core_error err = {0};
  struct run run = {.code = JOB_EXIT_GOOD};
  if (run_open(&run, options, words, n_words, &err) != CORE_OK) {
    run.code = job_exit_failure(&err);
    goto out;
  }
  const size_t together = core_option_flag(options, "each") ? 1 : n_words;
  for (size_t i = 0; i < n_words && run.code != JOB_EXIT_USAGE; i += together)
    run_data(&run, words + i, together);
  for (size_t i = 0; i < run.n_targets && run.n_results > 0; i++) {
    core_error_clear(&err);
    if (write_report(&run, &run.targets[i], &err) != CORE_OK) worsen(&run, job_exit_failure(&err));
  }
  core_error_clear(&err);
  if (run.failures && run.n_results > 0 && write_failures(&run, &err) != CORE_OK)
    worsen(&run, job_exit_failure(&err));
out:
  run_close(&run);
  return run.code;
}

const struct job_command job_command_validate = {
    .name = "validate",
    .synopsis = "DATA... --suite SUITE [--report FORMAT[=FILE]]...",
    .summary = "check data files against a suite of expectations",
    .description =
        "Reads DATA and judges every expectation of SUITE. DATA is CSV (as it is, or packed with "
        "gzip or\n"
        "zstd) or Parquet: a file, '-' for standard input, a folder, or a pattern in quotes such "
        "as\n"
        "'day=*/*.csv'. Several files are one dataset, with one verdict; --each judges every DATA "
        "alone.\n"
        "Without --report, or with reports to files only, a text for people goes to standard "
        "output.\n"
        "A report file appears whole or not at all.\n\n"
        "Exit codes: 0 the data is good; 1 an expectation failed at the severity of --fail-on, or "
        "the\n"
        "data is malformed; 2 a mistake on the command line or in the suite; 3 data, the suite "
        "file\n"
        "or a report file could not be read or written.",
    .options = validate_options,
    .min_words = 1,
    .max_words = SIZE_MAX,
    .run = validate_run,
};
