/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate trials`: a study's trials as a table, CSV (RFC 4180) or JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/num.h"
#include "jobs/cli/command.h"
#include "jobs/cli/trial_columns.h"

#define CELL_MAX_WIDTH 28 /* of a table, but for the last column */

static const struct core_option trials_options[] = {
    {.name = "format",
     .type = CORE_OPT_CHOICE,
     .fallback = "table",
     .choices = "table|csv|json",
     .help = "how to print them"},
    {.name = "state",
     .type = CORE_OPT_CHOICE,
     .fallback = "all",
     .choices = "all|running|complete|pruned|fail|waiting",
     .help = "only trials in this state"},
    {.name = "sort",
     .type = CORE_OPT_CHOICE,
     .fallback = "number",
     .choices = "number|value|duration",
     .help = "by number; by value, the best first; by duration, the longest first"},
    {.name = "limit",
     .type = CORE_OPT_INT,
     .min = 0,
     .max = 1e15,
     .unit = "N",
     .help = "print only the first N"},
    JOB_VIEW_OPTION_STUDY,
    CORE_OPTION_END};

/* --- which, and in what order --------------------------------------------------------------------- */

struct entry {
  const struct job_view *view;
  const struct job_view_trial *trial;
};

static int by_number(const struct entry *a, const struct entry *b) {
  return (a->trial->number > b->trial->number) - (a->trial->number < b->trial->number);
}

static int by_value(const void *left, const void *right) {
  const struct entry *a = left;
  const struct entry *b = right;
  if (job_view_better(a->view, a->trial, b->trial)) return -1;
  if (job_view_better(a->view, b->trial, a->trial)) return 1;
  return by_number(a, b);
}

static int by_duration(const void *left, const void *right) {
  const struct entry *a = left;
  const struct entry *b = right;
  const double x = job_view_duration(a->view, a->trial);
  const double y = job_view_duration(b->view, b->trial);
  if (isnan(x) != isnan(y)) return isnan(x) ? 1 : -1;
  if (!isnan(x) && x != y) return x > y ? -1 : 1;
  return by_number(a, b);
}

static bool has_state(const struct job_view_trial *trial, const char *wanted) {
  static const char *const words[] = {"running", "complete", "pruned", "fail", "waiting"};
  return strcmp(wanted, "all") == 0 || strcmp(wanted, words[trial->state]) == 0;
}

static size_t choose(const struct job_view *view, const struct core_options *options,
                     struct entry *entries) {
  const char *state = core_option_text(options, "state");
  const char *sort = core_option_text(options, "sort");
  size_t n = 0;
  for (size_t i = 0; i < view->n_trials; i++)
    if (has_state(&view->trials[i], state)) entries[n++] = (struct entry){view, &view->trials[i]};
  if (n > 0 && strcmp(sort, "value") == 0) qsort(entries, n, sizeof *entries, by_value);
  if (n > 0 && strcmp(sort, "duration") == 0) qsort(entries, n, sizeof *entries, by_duration);
  if (core_option_given(options, "limit") && (uint64_t)core_option_int(options, "limit") < n)
    n = (size_t)core_option_int(options, "limit");
  return n;
}

/* --- CSV ------------------------------------------------------------------------------------------ */

static void csv_field(const char *text, struct core_str *out) {
  if (!strpbrk(text, ",\"\r\n") && *text != ' ') {
    core_str_text_append(out, text);
    return;
  }
  core_str_char(out, '"');
  for (; *text; text++) {
    if (*text == '"') core_str_char(out, '"');
    core_str_char(out, *text);
  }
  core_str_char(out, '"');
}

static void print_csv(const struct job_columns *columns, const struct entry *entries, size_t n,
                      struct core_str *out) {
  struct core_str cell = {0};
  for (size_t c = 0; c < columns->n_columns; c++) {
    if (c > 0) core_str_char(out, ',');
    csv_field(columns->columns[c].name, out);
  }
  core_str_text_append(out, "\r\n");
  for (size_t i = 0; i < n; i++) {
    for (size_t c = 0; c < columns->n_columns; c++) {
      if (c > 0) core_str_char(out, ',');
      core_str_clear(&cell);
      if (job_column_cell(&columns->columns[c], entries[i].view, entries[i].trial, JOB_CELL_CSV,
                          &cell))
        csv_field(core_str_text(&cell), out);
    }
    core_str_text_append(out, "\r\n");
  }
  if (cell.failed) out->failed = true;
  core_str_close(&cell);
}

/* --- JSON ----------------------------------------------------------------------------------------- */

static void print_json(const struct job_columns *columns, const struct entry *entries, size_t n,
                       struct core_str *out) {
  struct core_str cell = {0};
  core_str_char(out, '[');
  for (size_t i = 0; i < n; i++) {
    const char *between = i > 0 ? ",\n {" : "\n {";
    for (size_t c = 0; c < columns->n_columns; c++) {
      const char *name = columns->columns[c].name;
      core_str_clear(&cell);
      if (!job_column_cell(&columns->columns[c], entries[i].view, entries[i].trial, JOB_CELL_JSON,
                           &cell))
        continue;
      core_str_text_append(out, between);
      core_str_json(out, name, strlen(name));
      core_str_text_append(out, ": ");
      core_str_append(out, core_str_text(&cell), cell.len);
      between = ", ";
    }
    core_str_char(out, '}');
  }
  core_str_text_append(out, n > 0 ? "\n]\n" : "]\n");
  if (cell.failed) out->failed = true;
  core_str_close(&cell);
}

/* --- the table ------------------------------------------------------------------------------------ */

/* Bytes of the first `width` characters. */
static size_t bytes_of(const char *text, size_t len, size_t width) {
  size_t at = 0;
  for (size_t i = 0; i < width && at < len; i++) {
    at++;
    while (at < len && ((unsigned char)text[at] & 0xC0) == 0x80) at++;
  }
  return at;
}

/* Appends at most `width` characters, the last one a mark when some were cut. Returns how many. */
static size_t append_cut(const char *text, size_t width, struct core_str *out) {
  const size_t len = strlen(text);
  const size_t count = core_utf8_count(text, len);
  if (count <= width) {
    core_str_append(out, text, len);
    return count;
  }
  if (width == 0) return 0;
  core_str_append(out, text, bytes_of(text, len, width - 1));
  core_str_char(out, '~');
  return width;
}

/* Cells of one line, in one string each; the memory is kept for the next line. */
static void table_cells(const struct job_columns *columns, const struct entry *entry,
                        struct core_str *cells) {
  for (size_t c = 0; c < columns->n_columns; c++) {
    const struct job_column *column = &columns->columns[c];
    core_str_clear(&cells[c]);
    if (!entry)
      job_text_append(column->name, &cells[c]);
    else if (!job_column_cell(column, entry->view, entry->trial, JOB_CELL_TABLE, &cells[c]))
      core_str_char(&cells[c], '-');
  }
}

static void table_line(const struct job_columns *columns, const struct core_str *cells,
                       const size_t *widths, size_t line_width, struct core_str *out) {
  struct core_str line = {0};
  for (size_t c = 0; c < columns->n_columns; c++) {
    const bool last = c + 1 == columns->n_columns;
    if (c > 0) core_str_text_append(&line, "  ");
    size_t used = append_cut(core_str_text(&cells[c]), last ? SIZE_MAX : widths[c], &line);
    for (; !last && used < widths[c]; used++) core_str_char(&line, ' ');
  }
  while (line.len > 0 && line.data[line.len - 1] == ' ') line.data[--line.len] = '\0';
  append_cut(core_str_text(&line), line_width, out);
  core_str_char(out, '\n');
  if (line.failed) out->failed = true;
  core_str_close(&line);
}

/* A terminal's width; no limit elsewhere. */
static size_t terminal_width(void) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return SIZE_MAX;
  return size.ws_col;
}

static void print_table(const struct job_columns *columns, const struct entry *entries, size_t n,
                        struct core_str *out) {
  const size_t line_width = terminal_width();
  struct core_str *cells = core_calloc(columns->n_columns, sizeof *cells);
  size_t *widths = core_calloc(columns->n_columns, sizeof *widths);
  if (!cells || !widths) {
    out->failed = true;
    n = 0;
  }
  for (size_t i = 0; i <= n && !out->failed; i++) {
    table_cells(columns, i == 0 ? NULL : &entries[i - 1], cells);
    for (size_t c = 0; c < columns->n_columns; c++) {
      const size_t width = core_utf8_count(core_str_text(&cells[c]), cells[c].len);
      if (width > widths[c]) widths[c] = width > CELL_MAX_WIDTH ? CELL_MAX_WIDTH : width;
    }
  }
  for (size_t i = 0; i <= n && !out->failed; i++) {
    table_cells(columns, i == 0 ? NULL : &entries[i - 1], cells);
    table_line(columns, cells, widths, line_width, out);
  }
  for (size_t c = 0; cells && c < columns->n_columns; c++) {
    if (cells[c].failed) out->failed = true;
    core_str_close(&cells[c]);
  }
  core_free(widths);
  core_free(cells);
}

/* --- the command ---------------------------------------------------------------------------------- */

static const struct form {
  const char *name;
  void (*print)(const struct job_columns *, const struct entry *, size_t, struct core_str *);
} forms[] = {{"table", print_table}, {"csv", print_csv}, {"json", print_json}};

static enum core_status print_trials(const struct job_view *view,
                                     const struct core_options *options, struct core_str *out,
                                     struct core_error *err) {
  const char *format = core_option_text(options, "format");
  struct job_columns columns;
  CORE_TRY(job_columns_open(&columns, view, strcmp(format, "table") == 0, err));
  struct entry *entries = core_calloc(view->n_trials + 1, sizeof *entries);
  if (entries) {
    const size_t n = choose(view, options, entries);
    for (size_t i = 0; i < CORE_COUNT_OF(forms); i++)
      if (strcmp(forms[i].name, format) == 0) forms[i].print(&columns, entries, n, out);
  }
  job_columns_close(&columns);
  const bool allocated = entries != NULL;
  core_free(entries);
  return allocated ? CORE_OK : core_fail_nomem(err, view->n_trials * sizeof *entries);
}

static int trials_run(const struct core_options *options, const char *const *words,
                      size_t n_words) {
  (void)n_words;
  struct core_error err = {0};
  struct core_str out = {0};
  struct job_view view;
  if (job_view_open(&view, words[0], core_option_text(options, "study"), &err) != CORE_OK)
    return job_exit_failure(&err);
  const enum core_status st = print_trials(&view, options, &out, &err);
  job_view_close(&view);
  if (st == CORE_OK) return job_print(&out);
  core_str_close(&out);
  return job_exit_failure(&err);
}

const struct job_command job_command_trials = {
    .name = "trials",
    .synopsis = "STUDY [options]",
    .summary = "list the trials of a study",
    .description =
        "STUDY is the study file or its storage; the study may be running. CSV and JSON have the "
        "columns of Optuna's data frame\n(number, value or values_0 and on, datetime_start, "
        "datetime_complete, duration, params_NAME, user_attrs_NAME,\nsystem_attrs_NAME, state), "
        "then "
        "outcome, message, host and attempt. Times are UTC. A cell that a trial does not have is\n"
        "empty in CSV, absent in JSON. Infinite numbers are inf and -inf, in JSON as texts. A "
        "duration is in seconds in JSON,\nas pandas writes it in CSV.",
    .options = trials_options,
    .min_words = 1,
    .max_words = 1,
    .run = trials_run,
};
