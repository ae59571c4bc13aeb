/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate profile`: what the columns of a data file look like, and a suite drafted from it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "jobs/cli/command.h"
#include "jobs/cli/csv_words.h"
#include "validate/dataset/dataset.h"
#include "validate/profile/profile_page.h"
#include "validate/profile/suite_draft.h"
#include "validate/validate.h"

static const struct core_option profile_options[] = {
    {.name = "output",
     .letter = 'o',
     .type = CORE_OPT_STRING,
     .unit = "FILE",
     .help = "write the drafted suite there; without this and without reports it goes to standard "
             "output"},
    {.name = "report",
     .letter = 'r',
     .type = CORE_OPT_LIST,
     .unit = "FORMAT[=FILE]",
     .help = "write the statistics of the columns: html or json; may be given several times"},
    {.name = "name",
     .type = CORE_OPT_STRING,
     .unit = "NAME",
     .help = "of the suite; default: that of the data file"},
    {.name = "min-rows",
     .type = CORE_OPT_INT,
     .fallback = "30",
     .min = 1,
     .max = 1e12,
     .unit = "N",
     .help = "no rule is made from fewer rows or values"},
    {.name = "delimiter",
     .type = CORE_OPT_STRING,
     .unit = "CHAR",
     .help = "between two fields; what of the dialect is not given is found out from the data"},
    {.name = "quote", .type = CORE_OPT_STRING, .unit = "CHAR", .help = "around a field"},
    {.name = "header", .type = CORE_OPT_FLAG, .help = "the first record names the columns"},
    {.name = "encoding",
     .type = CORE_OPT_CHOICE,
     .choices = "utf-8|latin-1",
     .help = "of the text"},
    {.name = "csv",
     .type = CORE_OPT_LIST,
     .unit = "KEY=VALUE",
     .help = "the same by the keys of a suite's csv section; may be given several times"},
    {.name = "null-value",
     .type = CORE_OPT_LIST,
     .unit = "TEXT",
     .help = "a field that means null, in place of pandas' list; may be given several times"},
    CORE_OPTION_END};

struct target {
  enum val_profile_format format;
  const char *path; /* NULL: standard output */
};

struct run {
  struct val_suite suite; /* without expectations: it says how the data is read */
  struct core_arena arena;
  struct target *targets;
  size_t n_targets;
  const char *output;
  bool draft_to_stdout;
  struct val_suite_draft draft;
  struct val_result result;
};

static enum core_status read_char(const struct core_options *options, const char *name, char *out,
                                  struct core_error *err) {
  const char *text = core_option_text(options, name);
  if (!text) return CORE_OK;
  if (strcmp(text, "\\t") == 0) text = "\t";
  if (strlen(text) != 1 || (unsigned char)text[0] >= 0x80 || text[0] == '\n' || text[0] == '\r')
    return core_fail(err, CORE_INVAL, "--%s must be one ASCII character, not '%s'", name, text);
  *out = text[0];
  return CORE_OK;
}

static enum core_status read_nulls(struct run *run, const struct core_options *options,
                                   struct core_error *err) {
  const struct core_node *list = core_option_node(options, "null-value");
  if (!list || !list->first) return CORE_OK;
  const char **values = core_arena_calloc(&run->arena, list->n_children + 1, sizeof *values);
  if (!values) return core_fail_nomem(err, list->n_children * sizeof *values);
  size_t n = 0;
  for (const struct core_node *item = list->first; item; item = item->next)
    values[n++] = item->text.data;
  run->suite.read.null_values = values;
  return CORE_OK;
}

static enum core_status target_parse(struct run *run, const char *text, struct core_error *err) {
  const char *equals = strchr(text, '=');
  const size_t len = equals ? (size_t)(equals - text) : strlen(text);
  struct target *out = &run->targets[run->n_targets];
  if (!val_profile_format_find((struct core_slice){text, len}, &out->format))
    return core_fail(err, CORE_INVAL, "--report: unknown format '%.*s'; give one of html, json",
                     (int)len, text);
  out->path = equals && strcmp(equals + 1, "-") != 0 ? equals + 1 : NULL;
  if (out->path && !*out->path)
    return core_fail(err, CORE_INVAL, "--report %s: a file name is missing after '='", text);
  run->n_targets++;
  return CORE_OK;
}

/* Two documents on one output would be none. */
static enum core_status targets_check(const struct run *run, struct core_error *err) {
  size_t to_stdout = run->draft_to_stdout;
  for (size_t i = 0; i < run->n_targets; i++) {
    to_stdout += !run->targets[i].path;
    for (size_t k = 0; k < i; k++)
      if (run->targets[i].path && core_streq(run->targets[i].path, run->targets[k].path))
        return core_fail(err, CORE_INVAL, "two reports would be written to '%s'",
                         run->targets[i].path);
    if (run->targets[i].path && core_streq(run->targets[i].path, run->output))
      return core_fail(err, CORE_INVAL, "a report and the suite would both be written to '%s'",
                       run->output);
  }
  if (to_stdout > 1)
    return core_fail(err, CORE_INVAL,
                     "only one document can go to standard output; give the "
                     "others a file, as in --report html=FILE");
  return CORE_OK;
}

static enum core_status targets_open(struct run *run, const struct core_options *options,
                                     struct core_error *err) {
  const struct core_node *list = core_option_node(options, "report");
  run->targets =
      core_arena_calloc(&run->arena, (list ? list->n_children : 0) + 1, sizeof *run->targets);
  if (!run->targets) return core_fail_nomem(err, sizeof *run->targets);
  for (const struct core_node *text = list ? list->first : NULL; text; text = text->next)
    CORE_TRY(target_parse(run, text->text.data, err));
  run->output = core_option_text(options, "output");
  run->draft_to_stdout = run->output ? strcmp(run->output, "-") == 0 : run->n_targets == 0;
  return targets_check(run, err);
}

static enum core_status run_open(struct run *run, const struct core_options *options,
                                 struct core_error *err) {
  run->suite.name = run->suite.path = "profile";
  struct val_read_options *read = &run->suite.read;
  *read = (struct val_read_options){.sniff = VAL_SNIFF_ALL, .header = true, .allow_drift = true};
  if (core_option_given(options, "header")) {
    read->header = core_option_flag(options, "header");
    read->sniff &= ~(unsigned)VAL_SNIFF_HEADER;
  }
  read->encoding = core_option_text(options, "encoding");
  if (read->encoding) read->sniff &= ~(unsigned)VAL_SNIFF_ENCODING;
  CORE_TRY(read_char(options, "delimiter", &read->delimiter, err));
  if (read->delimiter) read->sniff &= ~(unsigned)VAL_SNIFF_DELIMITER;
  CORE_TRY(read_char(options, "quote", &read->quote, err));
  if (read->quote) read->sniff &= ~(unsigned)VAL_SNIFF_QUOTE;
  CORE_TRY(job_csv_options(options, &run->arena, read, err));
  if ((run->suite.read.delimiter ? run->suite.read.delimiter : ',') == run->suite.read.quote)
    return core_fail(err, CORE_INVAL, "--delimiter and --quote are the same character");
  CORE_TRY(read_nulls(run, options, err));
  CORE_TRY(targets_open(run, options, err));
  run->draft = (struct val_suite_draft){.name = core_option_text(options, "name"),
                                        .min_rows = core_option_int(options, "min-rows"),
                                        .read = &run->result.found};
  return CORE_OK;
}

static enum core_status sink_open(const char *path, struct core_sink **out,
                                  struct core_error *err) {
  return path ? core_sink_open_file(path, out, err)
              : core_sink_open_fd(STDOUT_FILENO, "standard output", out, err);
}

static enum core_status write_draft(const struct run *run, struct core_error *err) {
  struct core_sink *sink = NULL;
  if (!run->output && !run->draft_to_stdout) return CORE_OK;
  CORE_TRY(sink_open(run->draft_to_stdout ? NULL : run->output, &sink, err));
  const enum core_status st = val_suite_draft(&run->result, &run->draft, sink, err);
  if (st == CORE_OK) return core_sink_close(sink, err);
  core_sink_abandon(sink);
  return st;
}

static enum core_status write_report(const struct run *run, const struct target *target,
                                     struct core_error *err) {
  struct core_sink *sink = NULL;
  CORE_TRY(sink_open(target->path, &sink, err));
  const enum core_status st = val_profile_page(target->format, &run->result, sink, err);
  if (st == CORE_OK) return core_sink_close(sink, err);
  core_sink_abandon(sink);
  return st;
}

/* What was found out of the data, where it is not what one would think. */
static void tell(const struct run *run) {
  static const enum val_finding_kind kinds[] = {VAL_FINDING_DIALECT, VAL_FINDING_FILES_DIFFER};
  const struct val_read_options *found = &run->result.found;
  const bool odd = (found->delimiter && found->delimiter != ',') ||
                   (found->quote && found->quote != '"') || !found->header || found->encoding;
  for (size_t i = odd ? 0 : 1; i < CORE_COUNT_OF(kinds); i++)
    for (uint64_t k = 0; k < run->result.findings.count[kinds[i]] && k < VAL_FINDINGS_KEPT; k++) {
      const struct val_finding *one = &run->result.findings.kept[kinds[i]][k];
      fprintf(stderr, "sweepgate: note: %s%s%s\n", one->file ? one->file : "",
              one->file ? ": " : "", one->message);
    }
}

static enum core_status profile_data(struct run *run, const char *const *words, size_t n_words,
                                     struct core_error *err) {
  struct val_dataset dataset;
  const struct val_limits limits = {.profile = true};
  const struct core_clock *clock = core_clock_system();
  const double started_unix_s = clock->unix_s(clock), began_s = clock->monotonic_s(clock);
  CORE_TRY(val_dataset_open(&dataset, words, n_words, err));
  const enum core_status st =
      val_validate_dataset(&dataset, &run->suite, &limits, &run->result, err);
  val_dataset_close(&dataset);
  CORE_TRY(st);
  tell(run);
  run->result.started_unix_s = started_unix_s;
  run->result.seconds = clock->monotonic_s(clock) - began_s;
  for (size_t i = 0; i < run->n_targets; i++) CORE_TRY(write_report(run, &run->targets[i], err));
  return write_draft(run, err);
}

static int profile_run(const struct core_options *options, const char *const *words,
                       size_t n_words) {
  struct core_error err = {0};
  struct run run = {0};
  enum core_status st = run_open(&run, options, &err);
  if (st == CORE_OK) st = profile_data(&run, words, n_words, &err);
  val_result_close(&run.result);
  core_arena_close(&run.arena);
  return st == CORE_OK ? JOB_EXIT_GOOD : job_exit_failure(&err);
}

const struct job_command job_command_profile = {
    .name = "profile",
    .synopsis = "DATA... [-o SUITE] [--report FORMAT[=FILE]]...",
    .summary = "describe the columns of a data file and draft a suite from them",
    .description =
        "Reads DATA (a file, '-' for standard input, a folder, a pattern in quotes; several are "
        "one "
        "dataset)\n"
        "and writes a suite that holds on it, each rule under the evidence for it: for you to "
        "read, loosen and tighten. Too few rows make no rules "
        "(--min-rows).\n"
        "--report html or json shows the statistics of every column.\n\n"
        "Exit codes: 0 done; 2 a mistake on the command line, or too few rows; 3 the data could "
        "not be\n"
        "read or a file not be written.",
    .options = profile_options,
    .min_words = 1,
    .max_words = SIZE_MAX,
    .run = profile_run,
};
