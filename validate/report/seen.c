/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/report/seen.h"

#include "validate/report/display.h"

enum val_level val_seen_level(const struct val_verdict *v,
                              const struct val_report_options *options) {
  if (v->success) return VAL_LEVEL_PASS;
  if (val_report_verdict_fails(v, options)) return VAL_LEVEL_ERROR;
  return v->expected->severity == VAL_SEVERITY_WARNING ? VAL_LEVEL_WARNING : VAL_LEVEL_NOTE;
}

int64_t val_seen_judged(const struct val_verdict *v) {
  return v->element_count - (v->counts_missing ? v->missing_count : 0);
}

void val_seen_append(const struct val_verdict *v, size_t width, struct core_str *out) {
  if (v->exception) {
    val_display_clipped(out, v->exception, width);
  } else if (v->is_map) {
    const long long judged = (long long)val_seen_judged(v);
    core_str_printf(out, "%lld of %lld values fail (", (long long)v->unexpected_count, judged);
    val_display_percent(out, (long long)v->unexpected_count, judged);
    core_str_char(out, ')');
  } else if (v->observed_text) {
    core_str_text_append(out, "observed ");
    val_display_clipped(out, v->observed_text, width);
  } else {
    core_str_text_append(out, v->success ? "met" : "not met");
  }
  if (v->proof) core_str_printf(out, "; proved by %s", val_proof_name(v->proof));
  if (!v->note) return;
  core_str_text_append(out, "; ");
  val_display_clipped(out, v->note, width);
}

static long long number_of(const struct val_failure *failure) {
  return failure->line > 0 ? (long long)failure->line
                           : (long long)(failure->file ? failure->file_row : failure->row) + 1;
}

#define FILE_WIDTH 60

static void append_file(const char *file, const char *behind, struct core_str *out) {
  if (!file) return;
  val_display_clipped(out, file, FILE_WIDTH);
  core_str_text_append(out, behind);
}

void val_seen_place(const struct val_failure *failure, struct core_str *out) {
  append_file(failure->file, " ", out);
  core_str_printf(out, "%s %lld", failure->line > 0 ? "line" : "row", number_of(failure));
}

void val_seen_finding_place(const struct val_finding *finding, struct core_str *out) {
  append_file(finding->file, finding->line > 0 ? " " : ": ", out);
  if (finding->line > 0) core_str_printf(out, "line %lld: ", (long long)finding->line);
}

void val_seen_places(const struct val_verdict *v, const struct val_tally *tally,
                     const struct val_tally_group *group, size_t most, struct core_str *out) {
  const size_t shown = group->count < most ? group->count : most;
  const char *file = NULL;
  for (size_t i = 0; i < shown; i++) {
    const struct val_failure *f = &v->failures[tally->order[group->start + i]];
    const bool begins = i == 0 || !core_streq(f->file, file);
    file = f->file;
    if (i > 0) core_str_text_append(out, begins ? "; " : ", ");
    if (begins) {
      append_file(file, " ", out);
      core_str_printf(out, "%s%s ", group->first->line > 0 ? "line" : "row",
                      group->count > 1 && !file ? "s" : "");
    }
    core_str_printf(out, "%lld", number_of(f));
  }
  if (group->count == shown) return;
  core_str_text_append(out, " and ");
  val_display_count(out, (long long)(group->count - shown));
  core_str_text_append(out, " more");
}

static void append_severities(const struct val_result *result, struct core_str *out) {
  const char *between = "; failed: ";
  for (int severity = VAL_SEVERITY_CRITICAL; severity >= VAL_SEVERITY_INFO; severity--) {
    long long n = 0;
    for (size_t k = 0; k < result->n_verdicts; k++)
      n += !result->verdicts[k].success && (int)result->verdicts[k].expected->severity == severity;
    if (n == 0) continue;
    core_str_text_append(out, between);
    val_display_count(out, n);
    core_str_printf(out, " %s", val_severity_name((enum val_severity)severity));
    between = ", ";
  }
}

void val_seen_summary(const struct val_result *result, struct core_str *out) {
  const uint64_t faults = val_findings_total(&result->findings);
  val_display_count(out, (long long)result->n_success);
  core_str_text_append(out, " of ");
  val_display_count(out, (long long)result->n_verdicts);
  core_str_text_append(out, result->n_verdicts == 1 ? " expectation met" : " expectations met");
  append_severities(result, out);
  if (faults == 0) return;
  core_str_text_append(out, "; ");
  val_display_count(out, (long long)faults);
  core_str_text_append(out, faults == 1 ? " fault" : " faults");
}

static int64_t findings_at(const struct val_findings *findings, enum val_level level) {
  int64_t n = 0;
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    const bool fault = val_finding_is_fault((enum val_finding_kind)kind);
    if (level != (fault ? VAL_LEVEL_ERROR : VAL_LEVEL_NOTE)) continue;
    n += findings->count[kind] > 0;
  }
  return n;
}

int64_t val_seen_count(const struct val_result *const *results, size_t n,
                       const struct val_report_options *options, enum val_level level) {
  int64_t total = 0;
  for (size_t i = 0; i < n; i++) {
    total += findings_at(&results[i]->findings, level);
    for (size_t k = 0; k < results[i]->n_verdicts; k++)
      total += val_seen_level(&results[i]->verdicts[k], options) == level;
  }
  return total;
}
