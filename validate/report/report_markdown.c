/* SPDX-License-Identifier: GPL-3.0-or-later
 * GitHub's Markdown, for step summaries and comments; GitLab and Gitea read it too. A summary of more than 1 MiB is not
 * shown at all, so rows are left out at that size, those that hold before those that fail, and counted. Mapping:
 * docs/reports.md, "markdown". */
#include "core/num.h"
#include "validate/expect/expectation.h"
#include "validate/report/display.h"
#include "validate/report/phrase.h"
#include "validate/report/seen.h"
#include <string.h>

enum {
  LIMIT_BYTES = 1 << 20,
  RESERVE_BYTES = 4096, /* for the ends of open elements and the note on what was left out */
  GROUPS_SHOWN = 5,
  LINES_SHOWN = 3,
  NAME_WIDTH = 120,
  VALUE_WIDTH = 80,
  TEXT_WIDTH = 400
};

struct page {
  struct core_sink *sink;
  const struct val_report_options *options;
  size_t n_written;
  struct core_str part; /* is written whole, or not at all */
  int64_t failed_left_out, met_left_out, findings_left_out, data_left_out;
  struct core_error *err;
  enum core_status status;
};

/* Nothing of the text is read as Markdown or HTML: the marks become references, which never start an element. Where the
 * text is no code, a word joiner keeps @name and #1 from calling people and issues. */
static void escaped(const char *text, bool is_code, struct core_str *out) {
  for (const char *c = text; *c; c++) {
    const bool in_link = (*c == '.' && c > text && c[-1] == 'w') || (*c == ':' && c[1] == '/');
    if (in_link || strchr("\\`*_[]<>|~&$#@", *c))
      core_str_printf(out, "&#%d;", *c);
    else
      core_str_char(out, *c);
    if (!is_code && (*c == '@' || *c == '#')) core_str_text_append(out, "&#8288;");
  }
}

static void append_clipped(const char *text, size_t width, bool is_code, struct core_str *out) {
  struct core_str safe = {0};
  val_display_clipped(&safe, text, width);
  escaped(core_str_text(&safe), is_code, out);
  if (safe.failed) out->failed = true;
  core_str_close(&safe);
}

static void clipped(const char *text, size_t width, struct core_str *out) {
  append_clipped(text, width, false, out);
}

static void code(const char *text, size_t width, struct core_str *out) {
  core_str_text_append(out, "<code>");
  append_clipped(text, width, true, out);
  core_str_text_append(out, "</code>");
}

/* Writes the part when there is room for it; empties it. */
static bool flush(struct page *p) {
  const bool fits = p->n_written + p->part.len + RESERVE_BYTES <= LIMIT_BYTES;
  if (p->part.failed) p->status = core_str_status(&p->part, p->err);
  if (fits) {
    core_sink_write(p->sink, core_str_text(&p->part), p->part.len);
    p->n_written += p->part.len;
  }
  core_str_clear(&p->part);
  return fits;
}

/* Small parts that close what was opened; the reserve is for them. */
static void put(struct page *p, const char *text) {
  core_sink_text(p->sink, text);
  p->n_written += strlen(text);
}

static const char *word(const struct page *p, const struct val_verdict *v) {
  static const char *const words[] = {"ok", "note", "warning", "**FAIL**"};
  return words[val_seen_level(v, p->options)];
}

static void append_failures(struct page *p, const struct val_verdict *v) {
  struct val_tally tally = {0};
  int64_t told = 0;
  const enum core_status st = val_tally_open(&tally, v->failures, v->n_failures, p->err);
  if (st != CORE_OK) p->status = st;
  for (size_t i = 0; i < tally.n_groups && i < GROUPS_SHOWN; i++) {
    core_str_text_append(&p->part, "<br>");
    val_seen_places(v, &tally, &tally.groups[i], LINES_SHOWN, &p->part);
    core_str_text_append(&p->part, ": ");
    code(tally.groups[i].first->text, VALUE_WIDTH, &p->part);
    told += (int64_t)tally.groups[i].count;
  }
  if (told > 0 && told < v->unexpected_count) {
    core_str_text_append(&p->part, "<br>and ");
    val_display_count(&p->part, (long long)(v->unexpected_count - told));
    core_str_text_append(&p->part, " more");
  }
  val_tally_close(&tally);
}

/* | FAIL | column | rule | what was seen | */
static bool write_row(struct page *p, const struct val_verdict *v) {
  struct core_str text = {0}, *out = &p->part;
  core_str_printf(out, "| %s | ", word(p, v));
  val_phrase_domain(v->expected, &text);
  code(core_str_text(&text), NAME_WIDTH, out);
  core_str_text_append(out, " | ");
  core_str_clear(&text);
  val_phrase_rule(v->expected, &text);
  clipped(core_str_text(&text), TEXT_WIDTH, out);
  core_str_text_append(out, " | ");
  core_str_clear(&text);
  val_seen_append(v, TEXT_WIDTH, &text);
  clipped(core_str_text(&text), 2 * TEXT_WIDTH, out);
  if (!v->success && v->is_map && !v->exception) append_failures(p, v);
  core_str_text_append(out, " |\n");
  if (text.failed) out->failed = true;
  core_str_close(&text);
  return flush(p);
}

static void write_finding_row(struct page *p, const struct val_findings *findings, int kind) {
  const uint64_t count = findings->count[kind];
  core_str_printf(&p->part, "| %s | data | <code>%s</code>: %s | %llu",
                  val_finding_is_fault((enum val_finding_kind)kind) ? "**FAIL**" : "note",
                  val_finding_code((enum val_finding_kind)kind),
                  val_finding_meaning((enum val_finding_kind)kind), (unsigned long long)count);
  for (uint64_t i = 0; i < count && i < GROUPS_SHOWN; i++) {
    const struct val_finding *f = &findings->kept[kind][i];
    core_str_text_append(&p->part, "<br>");
    if (f->file) code(f->file, TEXT_WIDTH, &p->part);
    if (f->file) core_str_text_append(&p->part, f->line > 0 ? " " : ": ");
    if (f->line > 0) core_str_printf(&p->part, "line %lld: ", (long long)f->line);
    code(f->message, TEXT_WIDTH, &p->part);
  }
  core_str_text_append(&p->part, " |\n");
  if (!flush(p)) p->findings_left_out++;
}

static bool write_heading(struct page *p, const struct val_result *result) {
  struct core_str text = {0}, *out = &p->part;
  char time[CORE_NUM_BYTES], size[CORE_NUM_BYTES];
  core_str_printf(out, "### %s: ", val_report_success(result, p->options) ? "passed" : "FAILED");
  code(result->data_name, NAME_WIDTH, out);
  core_str_text_append(out, "\n\n");
  val_seen_summary(result, &text);
  core_str_printf(out, "%s.\n", core_str_text(&text));
  val_display_count(out, (long long)result->n_rows);
  core_str_text_append(out, result->n_rows == 1 ? " row, " : " rows, ");
  val_display_count(out, (long long)result->n_fields);
  core_str_text_append(out, result->n_fields == 1 ? " column" : " columns");
  core_format_bytes((double)result->n_bytes, size);
  if (result->n_bytes >= 0) core_str_printf(out, ", %s", size);
  core_str_text_append(out, "; suite ");
  code(result->suite->name, NAME_WIDTH, out);
  core_format_duration(result->seconds, time);
  core_str_printf(out, "; %s.\n\n", time);
  if (text.failed) out->failed = true;
  core_str_close(&text);
  return flush(p);
}

static const char table_head[] = "| | column | expectation | seen |\n|---|---|---|---|\n";

/* The heading of a data file and what is wrong with it. */
static void write_bad(struct page *p, const struct val_result *result) {
  size_t n_findings = 0;
  const size_t n_failed = result->n_verdicts - result->n_success;
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++)
    n_findings += result->findings.count[kind] > 0;
  if (!write_heading(p, result)) {
    p->data_left_out++;
    p->findings_left_out += (int64_t)n_findings;
    p->failed_left_out += (int64_t)n_failed;
    return;
  }
  if (n_findings + n_failed == 0) return;
  put(p, table_head);
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++)
    if (result->findings.count[kind] > 0) write_finding_row(p, &result->findings, kind);
  for (size_t i = 0; i < result->n_verdicts; i++)
    if (!result->verdicts[i].success && !write_row(p, &result->verdicts[i])) p->failed_left_out++;
  put(p, "\n");
}

/* What holds, folded away. */
static void write_met(struct page *p, const struct val_result *result) {
  if (result->n_success == 0) return;
  core_str_text_append(&p->part, "<details><summary>");
  val_display_count(&p->part, (long long)result->n_success);
  core_str_printf(&p->part, " expectation%s met: ", result->n_success == 1 ? "" : "s");
  clipped(result->data_name, NAME_WIDTH, &p->part);
  core_str_printf(&p->part, "</summary>\n\n%s", table_head);
  if (!flush(p)) {
    p->met_left_out += (int64_t)result->n_success;
    return;
  }
  for (size_t i = 0; i < result->n_verdicts; i++)
    if (result->verdicts[i].success && !write_row(p, &result->verdicts[i])) p->met_left_out++;
  put(p, "\n</details>\n\n");
}

static void append_left_out(struct core_str *out, int64_t n, const char *what) {
  if (n == 0) return;
  core_str_text_append(out, out->len ? ", " : "");
  val_display_count(out, (long long)n);
  core_str_text_append(out, what);
}

static void write_left_out(struct page *p) {
  struct core_str text = {0};
  append_left_out(&text, p->data_left_out, " data files");
  append_left_out(&text, p->findings_left_out, " kinds of faults or notes");
  append_left_out(&text, p->failed_left_out, " failed expectations");
  append_left_out(&text, p->met_left_out, " expectations that are met");
  if (text.len)
    core_sink_printf(p->sink,
                     "**Left out, as a summary may have 1 MiB: %s.** The counts above are of "
                     "all.\n",
                     core_str_text(&text));
  if (text.failed) p->status = core_str_status(&text, p->err);
  core_str_close(&text);
}

static enum core_status markdown_write(const struct val_result *const *results, size_t n,
                                       const struct val_report_options *options,
                                       struct core_sink *sink, struct core_error *err) {
  struct page p = {.sink = sink, .options = options, .err = err, .status = CORE_OK};
  for (size_t i = 0; i < n; i++) write_bad(&p, results[i]);
  for (size_t i = 0; i < n; i++) write_met(&p, results[i]);
  write_left_out(&p);
  core_str_close(&p.part);
  return p.status;
}

const struct val_report_ops val_report_markdown = {
    .name = "markdown",
    .summary = "a table for a step summary or a comment",
    .write = markdown_write,
};
