/* SPDX-License-Identifier: GPL-3.0-or-later
 * JUnit XML as Jenkins, GitLab and the common GitHub actions read it: a test suite a data file, a
 * test case an expectation, and one for the data's own form. What failed without failing the data
 * is "skipped" with a message, so that a reader shows it in yellow and the job stays green.
 * Mapping: docs/reports.md, "junit". */
#include "core/clock.h"
#include "validate/expect/expectation.h"
#include "validate/report/display.h"
#include "validate/report/phrase.h"
#include "validate/report/seen.h"
#include <stdio.h>
#include <string.h>

enum { GROUPS_SHOWN = 20, TEXT_WIDTH = 400 };

struct junit {
  struct core_sink *sink;
  const struct val_report_options *options;
  struct core_str scratch;
  struct core_error *err;
  enum core_status status;
};

struct totals {
  size_t tests, failures, errors, skipped;
  double seconds;
};

static void xml(struct junit *j, const char *text) {
  core_str_clear(&j->scratch);
  core_str_xml(&j->scratch, text, strlen(text));
  core_sink_text(j->sink, core_str_text(&j->scratch));
}

/* Content over several lines: core_str_xml would write their ends as references. */
static void xml_lines(struct junit *j, const char *text) {
  for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
    core_str_clear(&j->scratch);
    core_str_xml(&j->scratch, text, (size_t)(end - text));
    core_sink_text(j->sink, core_str_text(&j->scratch));
    core_sink_text(j->sink, "\n");
  }
  xml(j, text);
}

static void attribute(struct junit *j, const char *name, const char *text) {
  core_sink_printf(j->sink, " %s=\"", name);
  xml(j, text);
  core_sink_text(j->sink, "\"");
}

static void property(struct junit *j, const char *name, const char *text) {
  core_sink_text(j->sink, "      <property");
  attribute(j, "name", name);
  attribute(j, "value", text);
  core_sink_text(j->sink, "/>\n");
}

static struct totals count_result(const struct val_result *result,
                                  const struct val_report_options *options) {
  struct totals t = {.tests = result->n_verdicts + 1, .seconds = result->seconds};
  t.failures += val_findings_total(&result->findings) > 0;
  for (size_t i = 0; i < result->n_verdicts; i++) {
    const struct val_verdict *v = &result->verdicts[i];
    if (v->success) continue;
    if (!val_report_verdict_fails(v, options))
      t.skipped++;
    else if (v->exception)
      t.errors++;
    else
      t.failures++;
  }
  return t;
}

static void count_attributes(struct junit *j, const struct totals *t) {
  core_sink_printf(j->sink,
                   " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
                   t->tests, t->failures, t->errors, t->skipped, t->seconds);
}

static void body_group(const struct val_verdict *v, const struct val_tally *tally,
                       const struct val_tally_group *group, struct core_str *out) {
  const struct val_failure *first = &v->failures[tally->order[group->start]];
  val_seen_place(first, out);
  core_str_text_append(out, ": ");
  val_display_clipped(out, first->text, TEXT_WIDTH);
  if (group->count > 1) core_str_printf(out, " (%zu times)", group->count);
  core_str_char(out, '\n');
}

static void body_append(struct junit *j, const struct val_verdict *v, struct core_str *out) {
  struct val_tally tally = {0};
  size_t told = 0;
  core_str_char(out, '\n');
  if (v->details_json && !v->is_map) core_str_printf(out, "%s\n", v->details_json);
  const enum core_status st = val_tally_open(&tally, v->failures, v->n_failures, j->err);
  if (st != CORE_OK) j->status = st;
  for (size_t i = 0; i < tally.n_groups && i < GROUPS_SHOWN; i++) {
    body_group(v, &tally, &tally.groups[i], out);
    told += tally.groups[i].count;
  }
  if (v->is_map && (int64_t)told < v->unexpected_count)
    core_str_printf(out, "and %lld more\n", (long long)v->unexpected_count - (long long)told);
  val_tally_close(&tally);
}

static void write_bad_verdict(struct junit *j, const struct val_verdict *v) {
  struct core_str text = {0};
  const bool fails = val_report_verdict_fails(v, j->options);
  if (!fails) core_str_printf(&text, "%s: ", val_severity_name(v->expected->severity));
  val_seen_append(v, TEXT_WIDTH, &text);
  const char *tag = !fails ? "skipped" : v->exception ? "error" : "failure";
  core_sink_printf(j->sink, ">\n      <%s", tag);
  if (fails) attribute(j, "type", v->expected->ops->name);
  attribute(j, "message", core_str_text(&text));
  core_str_clear(&text);
  body_append(j, v, &text);
  core_sink_text(j->sink, ">");
  xml_lines(j, core_str_text(&text));
  core_sink_printf(j->sink, "</%s>\n    </testcase>\n", tag);
  if (text.failed) j->status = core_str_status(&text, j->err);
  core_str_close(&text);
}

/* Identity of a case over runs: the data file and suite as class, column and rule as name. */
static void begin_case(struct junit *j, const struct val_result *result, const char *name) {
  core_sink_text(j->sink, "    <testcase");
  struct core_str class_name = {0};
  core_str_printf(&class_name, "%s:%s", result->suite->name, result->data_name);
  attribute(j, "classname", core_str_text(&class_name));
  attribute(j, "name", name);
  if (class_name.failed) j->status = core_str_status(&class_name, j->err);
  core_str_close(&class_name);
  if (result->suite->path) attribute(j, "file", result->suite->path);
}

static void write_verdict(struct junit *j, const struct val_result *result,
                          const struct val_verdict *v) {
  struct core_str name = {0}, whole = {0};
  val_phrase_domain(v->expected, &whole);
  core_str_text_append(&whole, ": ");
  val_phrase_rule(v->expected, &whole);
  val_display_clipped(&name, core_str_text(&whole), TEXT_WIDTH);
  begin_case(j, result, core_str_text(&name));
  if (v->expected->pos.line > 0) core_sink_printf(j->sink, " line=\"%d\"", v->expected->pos.line);
  core_sink_text(j->sink, " time=\"0\"");
  if (v->success && v->proof)
    core_sink_printf(j->sink, ">\n      <system-out>proved by %s</system-out>\n    </testcase>\n",
                     val_proof_name(v->proof));
  else if (v->success)
    core_sink_text(j->sink, "/>\n");
  else
    write_bad_verdict(j, v);
  if (name.failed || whole.failed)
    j->status = core_str_status(name.failed ? &name : &whole, j->err);
  core_str_close(&name);
  core_str_close(&whole);
}

static void findings_append(const struct val_findings *findings, bool faults,
                            struct core_str *out) {
  for (size_t kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    if (findings->count[kind] == 0) continue;
    if (val_finding_is_fault((enum val_finding_kind)kind) != faults) continue;
    core_str_printf(out, "%s (%llu): %s\n", val_finding_code((enum val_finding_kind)kind),
                    (unsigned long long)findings->count[kind],
                    val_finding_meaning((enum val_finding_kind)kind));
    for (size_t i = 0; i < VAL_FINDINGS_KEPT && i < findings->count[kind]; i++) {
      const struct val_finding *f = &findings->kept[kind][i];
      val_seen_finding_place(f, out);
      if (f->line > 0 && f->column) core_str_printf(out, "%s: ", f->column);
      val_display_clipped(out, f->message, TEXT_WIDTH);
      core_str_char(out, '\n');
    }
  }
}

/* The case of the data's own form: faults fail it, notes are its output. */
static void write_form(struct junit *j, const struct val_result *result) {
  const uint64_t total = val_findings_total(&result->findings);
  struct core_str faults = {0}, notes = {0};
  findings_append(&result->findings, true, &faults);
  findings_append(&result->findings, false, &notes);
  begin_case(j, result, "(data): must be well formed");
  core_sink_text(j->sink, faults.len + notes.len == 0 ? " time=\"0\"/>\n" : " time=\"0\">\n");
  if (faults.len > 0) {
    core_sink_printf(j->sink,
                     "      <failure type=\"findings\" message=\"%llu fault%s in the data\">\n",
                     (unsigned long long)total, total == 1 ? "" : "s");
    xml_lines(j, core_str_text(&faults));
    core_sink_text(j->sink, "</failure>\n");
  }
  if (notes.len > 0) {
    core_sink_text(j->sink, "      <system-out>");
    xml_lines(j, core_str_text(&notes));
    core_sink_text(j->sink, "</system-out>\n");
  }
  if (faults.len + notes.len > 0) core_sink_text(j->sink, "    </testcase>\n");
  if (faults.failed || notes.failed)
    j->status = core_str_status(faults.failed ? &faults : &notes, j->err);
  core_str_close(&faults);
  core_str_close(&notes);
}

static void write_properties(struct junit *j, const struct val_result *result) {
  char rows[32];
  snprintf(rows, sizeof rows, "%lld", (long long)result->n_rows);
  core_sink_text(j->sink, "    <properties>\n");
  property(j, "data", result->data_name);
  property(j, "rows", rows);
  property(j, "suite", result->suite->name);
  property(j, "suite_digest", result->suite->digest);
  property(j, "sweepgate_version", SWEEPGATE_VERSION);
  core_sink_text(j->sink, "    </properties>\n");
}

static void write_result(struct junit *j, const struct val_result *result) {
  const struct totals t = count_result(result, j->options);
  char when[CORE_TIME_BYTES];
  core_time_format(result->started_unix_s, when);
  when[10] = 'T';
  when[19] = '\0'; /* whole seconds: what the schema of the format allows */
  core_sink_text(j->sink, "  <testsuite");
  attribute(j, "name", result->data_name);
  count_attributes(j, &t);
  attribute(j, "timestamp", when);
  core_sink_text(j->sink, ">\n");
  write_properties(j, result);
  write_form(j, result);
  for (size_t i = 0; i < result->n_verdicts; i++) write_verdict(j, result, &result->verdicts[i]);
  core_sink_text(j->sink, "  </testsuite>\n");
}

static enum core_status junit_write(const struct val_result *const *results, size_t n,
                                    const struct val_report_options *options,
                                    struct core_sink *sink, struct core_error *err) {
  struct junit j = {.sink = sink, .options = options, .err = err, .status = CORE_OK};
  struct totals sum = {0};
  for (size_t i = 0; i < n; i++) {
    const struct totals t = count_result(results[i], options);
    sum.tests += t.tests, sum.failures += t.failures, sum.errors += t.errors;
    sum.skipped += t.skipped, sum.seconds += t.seconds;
  }
  core_sink_text(sink,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sweepgate\"");
  count_attributes(&j, &sum);
  core_sink_text(sink, ">\n");
  for (size_t i = 0; i < n; i++) write_result(&j, results[i]);
  core_sink_text(sink, "</testsuites>\n");
  if (j.scratch.failed) j.status = core_str_status(&j.scratch, err);
  core_str_close(&j.scratch);
  return j.status;
}

const struct val_report_ops val_report_junit = {
    .name = "junit",
    .summary = "JUnit XML for Jenkins, GitLab and GitHub actions",
    .write = junit_write,
};
