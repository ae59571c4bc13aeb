/* SPDX-License-Identifier: GPL-3.0-or-later
 * SARIF 2.1.0 (OASIS): a result for each failed expectation, at its line in the suite file, which is what lies in the
 * repository; the failing rows are related locations in the data. A rule is an expectation or a kind of fault, and its id
 * never changes. GitHub shows 5,000 results of a run. Mapping: docs/reports.md, "sarif". */
#include "core/hash.h"
#include "validate/expect/expectation.h"
#include "validate/report/display.h"
#include "validate/report/json_writer.h"
#include "validate/report/phrase.h"
#include "validate/report/seen.h"
#include <string.h>

enum { RESULT_LIMIT = 5000, RELATED_SHOWN = 10, TEXT_WIDTH = 400, VALUE_WIDTH = 200 };

struct log {
  struct val_json json;
  const struct val_report_options *options;
  const char *
      *rules; /* those that can occur: the suite's expectations in its order, then the findings */
  size_t n_rules;
  int64_t n_written, n_left_out;
  struct core_error *err;
  enum core_status status;
};

static const char *level_name(enum val_level level) {
  return level == VAL_LEVEL_ERROR ? "error" : level == VAL_LEVEL_WARNING ? "warning" : "note";
}

/* ---- rules ---- */

static size_t rule_index(const struct log *log, const char *id) {
  size_t i = 0;
  while (i < log->n_rules && strcmp(log->rules[i], id) != 0) i++;
  return i;
}

static void add_rule(struct log *log, const char *id) {
  if (rule_index(log, id) == log->n_rules) log->rules[log->n_rules++] = id;
}

/* Room for every expectation that there is, and every finding. */
static enum core_status collect_rules(struct log *log, const struct val_result *const *results,
                                      size_t n, struct core_error *err) {
  size_t room = VAL_FINDING_KINDS;
  for (size_t i = 0; i < n; i++) room += results[i]->n_verdicts;
  log->rules = core_calloc(room, sizeof *log->rules);
  if (!log->rules) return core_fail_nomem(err, room * sizeof *log->rules);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < results[i]->n_verdicts; k++)
      add_rule(log, results[i]->verdicts[k].expected->ops->name);
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++)
    add_rule(log, val_finding_code((enum val_finding_kind)kind));
  return CORE_OK;
}

static void message(struct log *log, const char *key, const char *text) {
  val_json_flat_map(&log->json, key);
  val_json_text(&log->json, "text", text);
  val_json_end(&log->json);
}

static const char *rule_summary(const char *id) {
  const struct val_expectation_ops *ops = val_expectation_find(id);
  if (ops) return ops->summary;
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++)
    if (strcmp(val_finding_code((enum val_finding_kind)kind), id) == 0)
      return val_finding_meaning((enum val_finding_kind)kind);
  return id;
}

static void write_driver(struct log *log) {
  val_json_map(&log->json, "tool");
  val_json_map(&log->json, "driver");
  val_json_text(&log->json, "name", "Sweepgate");
  val_json_text(&log->json, "version", SWEEPGATE_VERSION);
  val_json_list(&log->json, "rules");
  for (size_t i = 0; i < log->n_rules; i++) {
    val_json_map(&log->json, NULL);
    val_json_text(&log->json, "id", log->rules[i]);
    message(log, "shortDescription", rule_summary(log->rules[i]));
    val_json_end(&log->json);
  }
  val_json_end(&log->json);
  val_json_end(&log->json);
  val_json_end(&log->json);
}

/* ---- places ---- */

/* A URI reference (RFC 3986): a relative path stays relative, an absolute one is a file's. */
static void append_uri(const char *path, struct core_str *out) {
  static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  if (*path == '/') core_str_text_append(out, "file://");
  while (strncmp(path, "./", 2) == 0) path += 2;
  for (; *path; path++) {
    if (strchr(kept, *path))
      core_str_char(out, *path);
    else
      core_str_printf(out, "%%%02X", (unsigned)(unsigned char)*path);
  }
}

static void write_place(struct log *log, const char *path, int64_t line, int64_t column) {
  struct core_str uri = {0};
  append_uri(path, &uri);
  val_json_map(&log->json, "physicalLocation");
  val_json_flat_map(&log->json, "artifactLocation");
  val_json_text(&log->json, "uri", core_str_text(&uri));
  val_json_end(&log->json);
  if (line > 0) {
    val_json_flat_map(&log->json, "region");
    val_json_int(&log->json, "startLine", line);
    if (column > 0) val_json_int(&log->json, "startColumn", column);
    val_json_end(&log->json);
  }
  val_json_end(&log->json);
  if (uri.failed) log->status = core_str_status(&uri, log->err);
  core_str_close(&uri);
}

static void write_location(struct log *log, const char *path, int64_t line, int64_t column) {
  val_json_list(&log->json, "locations");
  val_json_map(&log->json, NULL);
  write_place(log, path, line, column);
  val_json_end(&log->json);
  val_json_end(&log->json);
}

static void write_related(struct log *log, const char *path, size_t i, int64_t line,
                          const char *text) {
  struct core_str shown = {0};
  val_display_clipped(&shown, text, VALUE_WIDTH);
  val_json_map(&log->json, NULL);
  val_json_int(&log->json, "id", (int64_t)i);
  write_place(log, path, line, 0);
  message(log, "message", core_str_text(&shown));
  val_json_end(&log->json);
  if (shown.failed) log->status = core_str_status(&shown, log->err);
  core_str_close(&shown);
}

/* ---- results ---- */

/* What makes a result the same one in the next run: the data, the rule, its arguments; not the line, which moves. */
static void write_fingerprint(struct log *log, const char *data, const char *id,
                              const struct core_node *kwargs) {
  struct core_str text = {0};
  char hex[33];
  core_str_printf(&text, "%s\n%s\n", data, id);
  if (kwargs) core_node_json(kwargs, true, &text);
  core_hash_hex(core_hash128(core_str_text(&text), text.len, 0), hex);
  val_json_flat_map(&log->json, "partialFingerprints");
  val_json_text(&log->json, "sweepgateResult/v1", hex);
  val_json_end(&log->json);
  if (text.failed) log->status = core_str_status(&text, log->err);
  core_str_close(&text);
}

/* False when there is no room for one more. */
static bool begin_result(struct log *log, const char *id, enum val_level level, const char *text) {
  if (log->n_written >= RESULT_LIMIT) {
    log->n_left_out++;
    return false;
  }
  log->n_written++;
  val_json_map(&log->json, NULL);
  val_json_text(&log->json, "ruleId", id);
  val_json_int(&log->json, "ruleIndex", (int64_t)rule_index(log, id));
  val_json_text(&log->json, "level", level_name(level));
  message(log, "message", text);
  return true;
}

static void write_counts(struct log *log, const struct val_verdict *v) {
  val_json_flat_map(&log->json, "properties");
  val_json_text(&log->json, "severity", val_severity_name(v->expected->severity));
  if (v->is_map) {
    val_json_int(&log->json, "elementCount", v->element_count);
    val_json_int(&log->json, "unexpectedCount", v->unexpected_count);
  }
  val_json_end(&log->json);
}

static void write_verdict(struct log *log, const struct val_result *result,
                          const struct val_verdict *v) {
  const struct val_expected *e = v->expected;
  struct core_str text = {0}, rule = {0};
  val_phrase_domain(e, &rule);
  core_str_text_append(&rule, ": ");
  val_phrase_rule(e, &rule);
  val_display_clipped(&text, result->data_name, TEXT_WIDTH);
  core_str_text_append(&text, ": ");
  val_display_clipped(&text, core_str_text(&rule), TEXT_WIDTH);
  core_str_text_append(&text, ": ");
  val_seen_append(v, TEXT_WIDTH, &text);
  if (begin_result(log, e->ops->name, val_seen_level(v, log->options), core_str_text(&text))) {
    write_location(log, result->suite->path ? result->suite->path : result->data_name,
                   result->suite->path ? e->pos.line : 0, e->pos.column);
    val_json_list(&log->json, "relatedLocations");
    for (size_t i = 0; i < v->n_failures && i < RELATED_SHOWN; i++)
      write_related(log, v->failures[i].file ? v->failures[i].file : result->data_name, i,
                    v->failures[i].line, v->failures[i].text);
    val_json_end(&log->json);
    write_fingerprint(log, result->data_name, e->ops->name, e->kwargs_node);
    write_counts(log, v);
    val_json_end(&log->json);
  }
  if (text.failed || rule.failed) log->status = core_fail_nomem(log->err, text.len + rule.len);
  core_str_close(&text);
  core_str_close(&rule);
}

static void write_finding(struct log *log, const struct val_result *result, int kind) {
  const struct val_findings *f = &result->findings;
  const char *id = val_finding_code((enum val_finding_kind)kind);
  const bool fault = val_finding_is_fault((enum val_finding_kind)kind);
  struct core_str text = {0};
  val_display_clipped(&text, result->data_name, TEXT_WIDTH);
  core_str_printf(&text, ": %s (%llu)", val_finding_meaning((enum val_finding_kind)kind),
                  (unsigned long long)f->count[kind]);
  if (begin_result(log, id, fault ? VAL_LEVEL_ERROR : VAL_LEVEL_NOTE, core_str_text(&text))) {
    write_location(log, f->kept[kind][0].file ? f->kept[kind][0].file : result->data_name,
                   f->kept[kind][0].line, 0);
    val_json_list(&log->json, "relatedLocations");
    for (size_t i = 0; i < f->count[kind] && i < RELATED_SHOWN; i++)
      write_related(log, f->kept[kind][i].file ? f->kept[kind][i].file : result->data_name, i,
                    f->kept[kind][i].line, f->kept[kind][i].message);
    val_json_end(&log->json);
    write_fingerprint(log, result->data_name, id, NULL);
    val_json_end(&log->json);
  }
  if (text.failed) log->status = core_str_status(&text, log->err);
  core_str_close(&text);
}

/* Those of one level over all data files: errors come first, so that the limit leaves out the least. */
static void write_level(struct log *log, const struct val_result *const *results, size_t n,
                        enum val_level level) {
  for (size_t i = 0; i < n; i++) {
    for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
      const bool fault = val_finding_is_fault((enum val_finding_kind)kind);
      if (results[i]->findings.count[kind] > 0 &&
          level == (fault ? VAL_LEVEL_ERROR : VAL_LEVEL_NOTE))
        write_finding(log, results[i], kind);
    }
    for (size_t k = 0; k < results[i]->n_verdicts; k++)
      if (val_seen_level(&results[i]->verdicts[k], log->options) == level)
        write_verdict(log, results[i], &results[i]->verdicts[k]);
  }
}

static void write_invocation(struct log *log) {
  val_json_list(&log->json, "invocations");
  val_json_map(&log->json, NULL);
  val_json_bool(&log->json, "executionSuccessful", true);
  if (log->n_left_out > 0) {
    struct core_str text = {0};
    core_str_printf(&text, "%lld of %lld results are left out: a viewer shows %d of a run",
                    (long long)log->n_left_out, (long long)log->n_left_out + log->n_written,
                    RESULT_LIMIT);
    val_json_list(&log->json, "toolExecutionNotifications");
    val_json_map(&log->json, NULL);
    val_json_text(&log->json, "level", "warning");
    message(log, "message", core_str_text(&text));
    val_json_end(&log->json);
    val_json_end(&log->json);
    if (text.failed) log->status = core_str_status(&text, log->err);
    core_str_close(&text);
  }
  val_json_end(&log->json);
  val_json_end(&log->json);
}

static void write_run(struct log *log, const struct val_result *const *results, size_t n) {
  val_json_map(&log->json, NULL);
  write_driver(log);
  val_json_text(&log->json, "columnKind", "unicodeCodePoints");
  val_json_list(&log->json, "results");
  for (int level = VAL_LEVEL_ERROR; level >= VAL_LEVEL_NOTE; level--)
    write_level(log, results, n, (enum val_level)level);
  val_json_end(&log->json);
  write_invocation(log);
  val_json_end(&log->json);
}

static enum core_status sarif_write(const struct val_result *const *results, size_t n,
                                    const struct val_report_options *options,
                                    struct core_sink *sink, struct core_error *err) {
  struct log log = {
      .json = {.sink = sink, .strict = true}, .options = options, .err = err, .status = CORE_OK};
  CORE_TRY(collect_rules(&log, results, n, err));
  val_json_map(&log.json, NULL);
  val_json_text(&log.json, "$schema",
                "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                "sarif-schema-2.1.0.json");
  val_json_text(&log.json, "version", "2.1.0");
  val_json_list(&log.json, "runs");
  write_run(&log, results, n);
  val_json_end(&log.json);
  val_json_end(&log.json);
  core_free(log.rules);
  const enum core_status st = val_json_close(&log.json, err);
  return st == CORE_OK ? log.status : st;
}

const struct val_report_ops val_report_sarif = {
    .name = "sarif",
    .summary = "SARIF 2.1.0 for code scanning, at the suite's lines",
    .write = sarif_write,
};
