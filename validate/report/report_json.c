/* SPDX-License-Identifier: GPL-3.0-or-later
 * Our own machine-readable report: everything that is known, in one shape whatever the suite's
 * dialect. Normative description: docs/reports.md, "json". A change that breaks a reader raises
 * JSON_VERSION. */
#include "validate/expect/expectation.h"
#include "validate/report/json_writer.h"
#include "validate/report/report.h"

enum { JSON_VERSION = 1 };

static void optional_int(struct val_json *w, const char *key, int64_t value, bool present) {
  if (present)
    val_json_int(w, key, value);
  else
    val_json_null(w, key);
}

static void percent(struct val_json *w, const char *key, int64_t part, int64_t whole) {
  if (whole > 0)
    val_json_double(w, key, 100.0 * (double)part / (double)whole);
  else
    val_json_null(w, key);
}

static void write_failures(struct val_json *w, const struct val_verdict *v) {
  val_json_list(w, "failures");
  for (size_t i = 0; i < v->n_failures; i++) {
    const struct val_failure *f = &v->failures[i];
    val_json_flat_map(w, NULL);
    val_json_raw(w, "value", f->json);
    val_json_int(w, "row", f->row);
    if (f->file) {
      val_json_text(w, "file", f->file);
      val_json_int(w, "file_row", f->file_row);
    }
    optional_int(w, "line", f->line, f->line > 0);
    optional_int(w, "byte", f->byte, f->byte >= 0);
    if (f->index_json) val_json_raw(w, "index", f->index_json);
    val_json_end(w);
  }
  val_json_end(w);
  val_json_bool(w, "failures_cut", (int64_t)v->n_failures < v->unexpected_count);
}

static void write_verdict(struct val_json *w, const struct val_verdict *v,
                          const struct val_report_options *options) {
  const struct val_expected *e = v->expected;
  const int64_t judged = v->element_count - (v->counts_missing ? v->missing_count : 0);
  val_json_map(w, NULL);
  val_json_text(w, "expectation", e->ops->name);
  val_json_kwargs(w, "kwargs", e->kwargs_node);
  val_json_text(w, "severity", val_severity_name(e->severity));
  optional_int(w, "suite_line", e->pos.line, e->pos.line > 0);
  if (e->id) val_json_text(w, "id", e->id);
  if (e->description) val_json_text(w, "description", e->description);
  val_json_bool(w, "success", v->success);
  val_json_bool(w, "fails_data", val_report_verdict_fails(v, options));
  val_json_text(w, "exception", v->exception);
  if (v->note) val_json_text(w, "note", v->note);
  if (v->proof) val_json_text(w, "proved_by", val_proof_name(v->proof));
  val_json_raw(w, "observed_value", v->observed_json);
  val_json_raw(w, "details", v->details_json);
  optional_int(w, "element_count", v->element_count, v->has_counts || v->is_map);
  optional_int(w, "missing_count", v->missing_count,
               v->has_counts && (!v->is_map || v->counts_missing));
  optional_int(w, "unexpected_count", v->unexpected_count, v->is_map);
  percent(w, "unexpected_percent", v->unexpected_count, v->is_map ? judged : 0);
  if (v->is_map) write_failures(w, v);
  val_json_end(w);
}

static void write_findings(struct val_json *w, const struct val_findings *findings) {
  val_json_list(w, "findings");
  for (size_t kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    if (findings->count[kind] == 0) continue;
    val_json_map(w, NULL);
    val_json_text(w, "kind", val_finding_code((enum val_finding_kind)kind));
    val_json_bool(w, "fault", val_finding_is_fault((enum val_finding_kind)kind));
    val_json_text(w, "meaning", val_finding_meaning((enum val_finding_kind)kind));
    val_json_int(w, "count", (int64_t)findings->count[kind]);
    val_json_list(w, "examples");
    for (size_t i = 0; i < VAL_FINDINGS_KEPT && i < findings->count[kind]; i++) {
      const struct val_finding *f = &findings->kept[kind][i];
      val_json_flat_map(w, NULL);
      val_json_text(w, "message", f->message);
      val_json_text(w, "column", f->column);
      if (f->file) val_json_text(w, "file", f->file);
      optional_int(w, "row", f->row, f->row >= 0);
      optional_int(w, "line", f->line, f->line > 0);
      optional_int(w, "byte", f->byte, f->byte >= 0);
      val_json_end(w);
    }
    val_json_end(w);
    val_json_end(w);
  }
  val_json_end(w);
}

static void write_files(struct val_json *w, const struct val_result *result) {
  if (result->n_files == 0) return;
  val_json_list(w, "files");
  for (size_t i = 0; i < result->n_files; i++) {
    const struct val_file_rows *file = &result->files[i];
    val_json_flat_map(w, NULL);
    val_json_text(w, "name", file->path);
    val_json_int(w, "first_row", file->first_row);
    val_json_int(w, "rows", file->n_rows);
    optional_int(w, "bytes", file->bytes, file->bytes >= 0);
    val_json_end(w);
  }
  val_json_end(w);
}

static void write_data(struct val_json *w, const struct val_result *result) {
  val_json_map(w, "data");
  val_json_text(w, "name", result->data_name);
  val_json_int(w, "rows", result->n_rows);
  optional_int(w, "bytes", result->n_bytes, result->n_bytes >= 0);
  write_files(w, result);
  val_json_list(w, "columns");
  for (size_t i = 0; i < result->n_fields; i++) {
    val_json_flat_map(w, NULL);
    val_json_text(w, "name", result->fields[i].name);
    val_json_text(w, "type", val_type_name(result->fields[i].type));
    val_json_bool(w, "declared", result->fields[i].declared);
    val_json_end(w);
  }
  val_json_end(w);
  val_json_end(w);
  val_json_flat_map(w, "suite");
  val_json_text(w, "name", result->suite->name);
  val_json_text(w, "path", result->suite->path);
  val_json_text(w, "digest", result->suite->digest);
  val_json_end(w);
}

static void write_statistics(struct val_json *w, const struct val_result *result) {
  int64_t failed[] = {0, 0, 0};
  for (size_t i = 0; i < result->n_verdicts; i++)
    failed[result->verdicts[i].expected->severity] += !result->verdicts[i].success;
  val_json_map(w, "statistics");
  val_json_int(w, "evaluated_expectations", (int64_t)result->n_verdicts);
  val_json_int(w, "successful_expectations", (int64_t)result->n_success);
  val_json_int(w, "unsuccessful_expectations", (int64_t)(result->n_verdicts - result->n_success));
  percent(w, "success_percent", (int64_t)result->n_success, (int64_t)result->n_verdicts);
  val_json_int(w, "failed_critical", failed[VAL_SEVERITY_CRITICAL]);
  val_json_int(w, "failed_warning", failed[VAL_SEVERITY_WARNING]);
  val_json_int(w, "failed_info", failed[VAL_SEVERITY_INFO]);
  val_json_int(w, "findings", (int64_t)val_findings_total(&result->findings));
  val_json_end(w);
}

static void write_result(struct val_json *w, const struct val_result *result,
                         const struct val_report_options *options) {
  val_json_map(w, NULL);
  val_json_bool(w, "success", val_report_success(result, options));
  write_data(w, result);
  val_json_time(w, "started", result->started_unix_s, false);
  val_json_double(w, "seconds", result->seconds);
  write_statistics(w, result);
  write_findings(w, &result->findings);
  val_json_list(w, "verdicts");
  for (size_t i = 0; i < result->n_verdicts; i++) write_verdict(w, &result->verdicts[i], options);
  val_json_end(w);
  val_json_end(w);
}

static enum core_status json_write(const struct val_result *const *results, size_t n,
                                   const struct val_report_options *options, struct core_sink *sink,
                                   struct core_error *err) {
  struct val_json w = {.sink = sink, .strict = true};
  bool success = true;
  for (size_t i = 0; i < n; i++) success = success && val_report_success(results[i], options);
  val_json_map(&w, NULL);
  val_json_text(&w, "format", "sweepgate-validation");
  val_json_int(&w, "version", JSON_VERSION);
  val_json_text(&w, "sweepgate_version", SWEEPGATE_VERSION);
  val_json_bool(&w, "success", success);
  val_json_list(&w, "results");
  for (size_t i = 0; i < n; i++) write_result(&w, results[i], options);
  val_json_end(&w);
  val_json_end(&w);
  return val_json_close(&w, err);
}

const struct val_report_ops val_report_json = {
    .name = "json",
    .summary = "for programs: every count, every kept failing row with line and byte",
    .write = json_write,
};
