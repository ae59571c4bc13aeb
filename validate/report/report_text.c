/* SPDX-License-Identifier: GPL-3.0-or-later
 * The report for people: faults of the data first, then what failed with the failing rows, then
 * what held, a summary. Lines stay within 100 columns; what comes from the data is escaped and cut.
 */
#include "core/num.h"
#include "validate/expect/expectation.h"
#include "validate/report/display.h"
#include "validate/report/phrase.h"
#include "validate/report/seen.h"
#include <string.h>

enum {
  LINE_WIDTH = 100,
  MARK_WIDTH = 8,    /* "  FAIL  " */
  COLUMN_WIDTH = 24, /* at most, of the field with column names */
  VALUE_WIDTH = 60,
  RULE_WIDTH = 400,  /* of a failed expectation, over several lines */
  GROUPS_SHOWN = 10, /* failing values of one expectation */
  LINES_SHOWN = 3,   /* places of one value */
  FINDINGS_SHOWN = 5 /* of one kind */
};

struct page {
  struct core_sink *sink;
  const struct val_report_options *options;
  struct core_str line;
  size_t column_width;
  enum core_status status;
  struct core_error *err;
};

struct mark {
  const char *word, *colour; /* four letters; ANSI SGR code */
};
static const struct mark pass = {"ok  ", "32"}, fail = {"FAIL", "1;31"}, warn = {"WARN", "33"},
                         note = {"note", "36"}, broken = {"ERR ", "1;31"};

static void emit(struct page *p) {
  if (p->line.failed) p->status = core_str_status(&p->line, p->err);
  core_sink_write(p->sink, core_str_text(&p->line), p->line.len);
  core_sink_text(p->sink, "\n");
  core_str_clear(&p->line);
}

static void coloured(struct page *p, const char *colour, const char *text) {
  if (p->options->colour)
    core_str_printf(&p->line, "\033[%sm%s\033[0m", colour, text);
  else
    core_str_text_append(&p->line, text);
}

static const struct mark *mark_of(const struct page *p, const struct val_verdict *v) {
  if (v->success) return &pass;
  if (val_report_verdict_fails(v, p->options)) return v->exception ? &broken : &fail;
  return v->expected->severity == VAL_SEVERITY_WARNING ? &warn : &note;
}

static void plural(struct core_str *out, long long n, const char *one, const char *many) {
  val_display_count(out, n);
  core_str_printf(out, " %s", n == 1 ? one : many);
}

static void begin_line(struct page *p, const struct mark *mark) {
  core_str_text_append(&p->line, "  ");
  coloured(p, mark->colour, mark->word);
  core_str_text_append(&p->line, "  ");
}

static void write_group(struct page *p, const struct val_verdict *v, const struct val_tally *tally,
                        const struct val_tally_group *group) {
  const bool cut = (int64_t)v->n_failures < v->unexpected_count;
  core_str_printf(&p->line, "%*s", MARK_WIDTH + 4, "");
  val_seen_places(v, tally, group, LINES_SHOWN, &p->line);
  core_str_text_append(&p->line, ": ");
  val_display_clipped(&p->line, group->first->text, VALUE_WIDTH);
  if (group->count > 1) {
    core_str_text_append(&p->line, cut ? "  (at least " : "  (");
    val_display_count(&p->line, (long long)group->count);
    core_str_text_append(&p->line, " times)");
  }
  emit(p);
}

static void write_failures(struct page *p, const struct val_verdict *v) {
  struct val_tally tally = {0};
  size_t told = 0;
  const enum core_status st = val_tally_open(&tally, v->failures, v->n_failures, p->err);
  if (st != CORE_OK) p->status = st;
  for (size_t i = 0; i < tally.n_groups && i < GROUPS_SHOWN; i++) {
    write_group(p, v, &tally, &tally.groups[i]);
    told += tally.groups[i].count;
  }
  if (told > 0 && (long long)told < v->unexpected_count) {
    core_str_printf(&p->line, "%*sand ", MARK_WIDTH + 4, "");
    val_display_count(&p->line, (long long)v->unexpected_count - (long long)told);
    core_str_text_append(&p->line, " more");
    emit(p);
  }
  val_tally_close(&tally);
}

static void append_counts(struct core_str *out, const struct val_verdict *v) {
  const long long judged =
      (long long)(v->counts_missing ? v->element_count - v->missing_count : v->element_count);
  val_display_count(out, (long long)v->unexpected_count);
  core_str_text_append(out, " of ");
  plural(out, judged, "value", "values");
  core_str_text_append(out, v->unexpected_count == 1 ? " fails (" : " fail (");
  val_display_percent(out, (long long)v->unexpected_count, judged);
  core_str_char(out, ')');
  if (!v->counts_missing || v->missing_count == 0) return;
  core_str_text_append(out, ", ");
  val_display_count(out, (long long)v->missing_count);
  core_str_text_append(out, " missing");
}

static void write_detail(struct page *p, const char *label, const char *text) {
  core_str_printf(&p->line, "%*s%s", MARK_WIDTH + 2, "", label);
  val_display_clipped(&p->line, text, LINE_WIDTH - MARK_WIDTH - 2 - strlen(label));
  emit(p);
}

/* Fills the rest of the line, and lines that begin below its beginning, breaking at blanks where there are any. */
static void write_wrapped(struct page *p, const char *text, size_t indent) {
  struct core_str whole = {0};
  val_display_clipped(&whole, text, RULE_WIDTH);
  const char *rest = core_str_text(&whole);
  size_t len = whole.len;
  for (size_t fit; (fit = val_display_fit(rest, len, LINE_WIDTH - indent)) < len;) {
    size_t end = fit;
    while (end > fit / 2 && rest[end] != ' ') end--;
    if (rest[end] != ' ') end = fit;
    core_str_append(&p->line, rest, end);
    emit(p);
    core_str_printf(&p->line, "%*s", (int)indent, "");
    end += rest[end] == ' ';
    rest += end;
    len -= end;
  }
  core_str_append(&p->line, rest, len);
  if (whole.failed) p->line.failed = true;
  emit(p);
  core_str_close(&whole);
}

static void write_note(struct page *p, const char *text) {
  core_str_printf(&p->line, "%*s", MARK_WIDTH + 2, "");
  write_wrapped(p, text, MARK_WIDTH + 2);
}

/* The rule, and behind it what was seen where that is worth a word although the expectation is met. */
static void append_rule(const struct page *p, const struct val_verdict *v, struct core_str *out) {
  val_phrase_rule(v->expected, out);
  const enum val_severity severity = v->expected->severity;
  if (v->success && v->is_map && v->unexpected_count > 0) {
    core_str_text_append(out, ": ");
    append_counts(out, v);
  } else if (v->success && v->observed_text) {
    core_str_printf(out, ": %s", v->observed_text);
  } else if (severity != VAL_SEVERITY_CRITICAL && val_report_verdict_fails(v, p->options)) {
    core_str_printf(out, " [%s]", val_severity_name(severity));
  }
  if (v->proof && v->expected->ops->kind != VAL_EXPECT_TABLE)
    core_str_printf(out, " (proved by %s)", val_proof_name(v->proof));
}

/* The first line of a verdict; a long name or rule is shown in full only where it failed. */
static void write_head(struct page *p, const struct val_verdict *v) {
  struct core_str domain = {0}, rule = {0};
  const size_t indent = MARK_WIDTH + p->column_width + 2;
  val_phrase_domain(v->expected, &domain);
  append_rule(p, v, &rule);
  if (domain.failed || rule.failed) p->line.failed = true;
  begin_line(p, mark_of(p, v));
  val_display_padded(&p->line, core_str_text(&domain), p->column_width);
  core_str_text_append(&p->line, "  ");
  if (v->success) {
    val_display_clipped(&p->line, core_str_text(&rule), LINE_WIDTH - indent);
    emit(p);
  } else {
    write_wrapped(p, core_str_text(&rule), indent);
    if (val_display_width(core_str_text(&domain), domain.len) > p->column_width)
      write_detail(p, "column ", core_str_text(&domain));
  }
  core_str_close(&domain);
  core_str_close(&rule);
}

static void write_verdict(struct page *p, const struct val_verdict *v) {
  write_head(p, v);
  if (v->success) return;
  if (v->expected->description) write_detail(p, "", v->expected->description);
  if (v->exception) write_detail(p, "could not be judged: ", v->exception);
  if (v->note) write_note(p, v->note);
  if (v->exception) return;
  if (v->observed_text) write_detail(p, "observed ", v->observed_text);
  if (v->details_json && v->expected->ops->kind == VAL_EXPECT_TABLE)
    write_detail(p, "", v->details_json);
  if (!v->is_map) return;
  core_str_printf(&p->line, "%*s", MARK_WIDTH + 2, "");
  append_counts(&p->line, v);
  emit(p);
  write_failures(p, v);
}

static void write_finding(struct page *p, const struct val_finding *finding) {
  core_str_printf(&p->line, "%*s", MARK_WIDTH + 4, "");
  val_seen_finding_place(finding, &p->line);
  if (finding->line > 0 && finding->column) {
    p->line.len -= p->line.failed ? 0 : 2; /* ": " */
    core_str_text_append(&p->line, ", ");
    val_display_clipped(&p->line, finding->column, COLUMN_WIDTH);
    core_str_text_append(&p->line, ": ");
  }
  const size_t used = val_display_width(core_str_text(&p->line), p->line.len);
  val_display_clipped(&p->line, finding->message, LINE_WIDTH - used);
  emit(p);
}

static void write_finding_head(struct page *p, enum val_finding_kind kind, uint64_t count) {
  struct core_str meaning = {0};
  core_str_text_append(&meaning, val_finding_meaning(kind));
  if (count > 1) {
    core_str_text_append(&meaning, " (");
    val_display_count(&meaning, (long long)count);
    core_str_text_append(&meaning, " times)");
  }
  if (meaning.failed) p->line.failed = true;
  begin_line(p, val_finding_is_fault(kind) ? &fail : &note);
  val_display_padded(&p->line, val_finding_code(kind), p->column_width);
  core_str_text_append(&p->line, "  ");
  write_wrapped(p, core_str_text(&meaning), MARK_WIDTH + p->column_width + 2);
  core_str_close(&meaning);
}

/* Faults and notes; says whether there were any. */
static bool write_findings(struct page *p, const struct val_findings *findings) {
  bool any = false;
  for (size_t kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    const uint64_t count = findings->count[kind];
    if (count == 0) continue;
    any = true;
    write_finding_head(p, (enum val_finding_kind)kind, count);
    size_t shown = 0;
    for (; shown < count && shown < FINDINGS_SHOWN && shown < VAL_FINDINGS_KEPT; shown++)
      write_finding(p, &findings->kept[kind][shown]);
    if (shown == count) continue;
    core_str_printf(&p->line, "%*sand ", MARK_WIDTH + 4, "");
    val_display_count(&p->line, (long long)(count - shown));
    core_str_text_append(&p->line, " more");
    emit(p);
  }
  return any;
}

static void measure_columns(struct page *p, const struct val_result *result) {
  p->column_width = 7; /* "(table)" */
  for (size_t i = 0; i < result->n_verdicts; i++) {
    struct core_str domain = {0};
    val_phrase_domain(result->verdicts[i].expected, &domain);
    const size_t width = val_display_width(core_str_text(&domain), domain.len);
    if (width > p->column_width) p->column_width = width;
    core_str_close(&domain);
  }
  for (size_t kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    const size_t width = strlen(val_finding_code((enum val_finding_kind)kind));
    if (result->findings.count[kind] > 0 && width > p->column_width) p->column_width = width;
  }
  if (p->column_width > COLUMN_WIDTH) p->column_width = COLUMN_WIDTH;
}

static void write_title(struct page *p, const struct val_result *result) {
  char size[CORE_NUM_BYTES];
  if (p->options->colour) core_str_text_append(&p->line, "\033[1m");
  val_display_clipped(&p->line, result->data_name, LINE_WIDTH / 2);
  if (p->options->colour) core_str_text_append(&p->line, "\033[0m");
  core_str_text_append(&p->line, ": ");
  plural(&p->line, (long long)result->n_rows, "row", "rows");
  core_str_text_append(&p->line, ", ");
  plural(&p->line, (long long)result->n_fields, "column", "columns");
  if (result->n_files) {
    core_str_text_append(&p->line, ", ");
    plural(&p->line, (long long)result->n_files, "file", "files");
  }
  if (result->n_bytes >= 0) { /* a pipe has no size */
    core_format_bytes((double)result->n_bytes, size);
    core_str_printf(&p->line, ", %s", size);
  }
  core_str_text_append(&p->line, "; suite ");
  val_display_clipped(&p->line, result->suite->name, LINE_WIDTH / 4);
  emit(p);
}

static void write_summary(struct page *p, const struct val_result *result, size_t name_width) {
  const bool good = val_report_success(result, p->options);
  coloured(p, good ? pass.colour : fail.colour, good ? "passed" : "FAILED");
  core_str_text_append(&p->line, "  ");
  val_display_padded(&p->line, result->data_name, name_width);
  core_str_text_append(&p->line, "  ");
  val_seen_summary(result, &p->line);
  char time[CORE_NUM_BYTES];
  core_format_duration(result->seconds, time);
  core_str_printf(&p->line, " in %s", time);
  emit(p);
}

static void write_result(struct page *p, const struct val_result *result) {
  const size_t failed = result->n_verdicts - result->n_success;
  measure_columns(p, result);
  write_title(p, result);
  if (write_findings(p, &result->findings) && result->n_verdicts > 0) emit(p);
  for (size_t i = 0; i < result->n_verdicts; i++)
    if (!result->verdicts[i].success) write_verdict(p, &result->verdicts[i]);
  if (failed > 0 && result->n_success > 0) emit(p);
  for (size_t i = 0; i < result->n_verdicts; i++)
    if (result->verdicts[i].success) write_verdict(p, &result->verdicts[i]);
  emit(p);
}

static enum core_status text_write(const struct val_result *const *results, size_t n,
                                   const struct val_report_options *options, struct core_sink *sink,
                                   struct core_error *err) {
  struct page p = {.sink = sink, .options = options, .status = CORE_OK, .err = err};
  size_t name_width = 0;
  for (size_t i = 0; i < n; i++) {
    write_result(&p, results[i]);
    const size_t width = val_display_width(results[i]->data_name, strlen(results[i]->data_name));
    if (width > name_width) name_width = width;
  }
  if (name_width > LINE_WIDTH / 2) name_width = LINE_WIDTH / 2;
  for (size_t i = 0; i < n; i++) write_summary(&p, results[i], name_width);
  core_str_close(&p.line);
  return p.status;
}

const struct val_report_ops val_report_text = {
    .name = "text",
    .summary = "for people: failing values with their line numbers",
    .write = text_write,
};
