/* SPDX-License-Identifier: GPL-3.0-or-later
 * Workflow commands of GitHub Actions: lines that the runner turns into annotations at the suite's lines. GitHub keeps 10
 * annotations of a kind a step (and 50 a job), and drops what is beyond without a word; so where there are more, the last
 * of a kind says how many were left out. Mapping: docs/reports.md, "github". */
#include "validate/expect/expectation.h"
#include "validate/report/display.h"
#include "validate/report/phrase.h"
#include "validate/report/seen.h"
#include <string.h>

enum {
  KIND_LIMIT = 10,
  GROUPS_SHOWN = 5,
  LINES_SHOWN = 3,
  TITLE_WIDTH = 160,
  VALUE_WIDTH = 80,
  TEXT_WIDTH = 400
};

static const char *const kinds[] = {
    [VAL_LEVEL_NOTE] = "notice", [VAL_LEVEL_WARNING] = "warning", [VAL_LEVEL_ERROR] = "error"};

struct commands {
  struct core_sink *sink;
  const struct val_report_options *options;
  int64_t total[VAL_LEVEL_ERROR + 1], told[VAL_LEVEL_ERROR + 1];
  struct core_str title, message, line;
  struct core_error *err;
  enum core_status status;
};

/* The runner reads a line: what would end it, or a property, is written as it wants it. */
static void escaped(const char *text, bool property, struct core_str *out) {
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special)
      core_str_printf(out, "%%%02X", c);
    else
      core_str_char(out, *text);
  }
}

static void property(const char *name, const char *text, struct core_str *out) {
  struct core_str safe = {0};
  core_str_escaped(&safe, text, strlen(text), 4096); /* a line end in a path is one no more */
  core_str_printf(out, "%s=", name);
  escaped(core_str_text(&safe), true, out);
  if (safe.failed) out->failed = true;
  core_str_close(&safe);
}

/* Writes the command of `title` and `message`, and empties both. */
static void command(struct commands *c, enum val_level level, const char *file, int64_t line,
                    int64_t column) {
  struct core_str *out = &c->line;
  core_str_printf(out, "::%s ", kinds[level]);
  if (file) {
    property("file", file, out);
    if (line > 0) core_str_printf(out, ",line=%lld", (long long)line);
    if (line > 0 && column > 0) core_str_printf(out, ",col=%lld", (long long)column);
    core_str_char(out, ',');
  }
  core_str_text_append(out, "title=");
  escaped(core_str_text(&c->title), true, out);
  core_str_text_append(out, "::");
  escaped(core_str_text(&c->message), false, out);
  core_str_char(out, '\n');
  if (c->title.failed || c->message.failed || out->failed)
    c->status = core_fail_nomem(c->err, out->len);
  core_sink_write(c->sink, core_str_text(out), out->len);
  core_str_clear(out);
  core_str_clear(&c->title);
  core_str_clear(&c->message);
}

/* Is there room for one more of the kind? The last place goes to the note on what was left out. */
static bool admits(struct commands *c, enum val_level level) {
  const int64_t room = c->total[level] > KIND_LIMIT ? KIND_LIMIT - 1 : KIND_LIMIT;
  if (c->told[level] >= room) return false;
  c->told[level]++;
  return true;
}

static void append_failures(struct commands *c, const struct val_verdict *v) {
  struct val_tally tally = {0};
  int64_t told = 0;
  const enum core_status st = val_tally_open(&tally, v->failures, v->n_failures, c->err);
  if (st != CORE_OK) c->status = st;
  for (size_t i = 0; i < tally.n_groups && i < GROUPS_SHOWN; i++) {
    core_str_char(&c->message, '\n');
    val_seen_places(v, &tally, &tally.groups[i], LINES_SHOWN, &c->message);
    core_str_text_append(&c->message, ": ");
    val_display_clipped(&c->message, tally.groups[i].first->text, VALUE_WIDTH);
    told += (int64_t)tally.groups[i].count;
  }
  if (told > 0 && told < v->unexpected_count)
    core_str_printf(&c->message, "\nand %lld more", (long long)(v->unexpected_count - told));
  val_tally_close(&tally);
}

static void write_verdict(struct commands *c, const struct val_result *result,
                          const struct val_verdict *v) {
  const enum val_level level = val_seen_level(v, c->options);
  struct core_str rule = {0};
  if (level == VAL_LEVEL_PASS || !admits(c, level)) return;
  val_phrase_domain(v->expected, &rule);
  core_str_text_append(&rule, ": ");
  val_phrase_rule(v->expected, &rule);
  val_display_clipped(&c->title, core_str_text(&rule), TITLE_WIDTH);
  val_display_clipped(&c->message, result->data_name, TEXT_WIDTH);
  core_str_text_append(&c->message, ": ");
  val_seen_append(v, TEXT_WIDTH, &c->message);
  if (v->is_map && !v->exception) append_failures(c, v);
  command(c, level, result->suite->path, v->expected->pos.line, v->expected->pos.column);
  if (rule.failed) c->status = core_str_status(&rule, c->err);
  core_str_close(&rule);
}

static void write_findings(struct commands *c, const struct val_result *result) {
  for (int k = 0; k < VAL_FINDING_KINDS; k++) {
    const enum val_finding_kind kind = (enum val_finding_kind)k;
    const uint64_t count = result->findings.count[k];
    const enum val_level level = val_finding_is_fault(kind) ? VAL_LEVEL_ERROR : VAL_LEVEL_NOTE;
    if (count == 0 || !admits(c, level)) continue;
    core_str_text_append(&c->title, val_finding_code(kind));
    core_str_printf(&c->message, "%s (%llu)", val_finding_meaning(kind), (unsigned long long)count);
    for (uint64_t i = 0; i < count && i < GROUPS_SHOWN; i++) {
      const struct val_finding *f = &result->findings.kept[k][i];
      core_str_char(&c->message, '\n');
      val_seen_finding_place(f, &c->message);
      val_display_clipped(&c->message, f->message, TEXT_WIDTH);
    }
    const struct val_finding *first = &result->findings.kept[k][0];
    command(c, level, first->file ? first->file : result->data_name, first->line, 0);
  }
}

static void write_left_out(struct commands *c) {
  for (int level = VAL_LEVEL_ERROR; level >= VAL_LEVEL_NOTE; level--) {
    const int64_t rest = c->total[level] - c->told[level];
    if (rest == 0) continue;
    core_str_printf(&c->title, "%lld more", (long long)rest);
    core_str_printf(&c->message,
                    "%lld of %lld %ss are not shown: GitHub keeps %d a step; the other reports "
                    "have them all",
                    (long long)rest, (long long)c->total[level], kinds[level], KIND_LIMIT);
    command(c, (enum val_level)level, NULL, 0, 0);
  }
}

static enum core_status github_write(const struct val_result *const *results, size_t n,
                                     const struct val_report_options *options,
                                     struct core_sink *sink, struct core_error *err) {
  struct commands c = {.sink = sink, .options = options, .err = err, .status = CORE_OK};
  for (int level = VAL_LEVEL_NOTE; level <= VAL_LEVEL_ERROR; level++)
    c.total[level] = val_seen_count(results, n, options, (enum val_level)level);
  for (size_t i = 0; i < n; i++) {
    write_findings(&c, results[i]);
    for (size_t k = 0; k < results[i]->n_verdicts; k++)
      write_verdict(&c, results[i], &results[i]->verdicts[k]);
  }
  write_left_out(&c);
  core_str_close(&c.title);
  core_str_close(&c.message);
  core_str_close(&c.line);
  return c.status;
}

const struct val_report_ops val_report_github = {
    .name = "github",
    .summary = "annotations of a GitHub Actions workflow, at the suite's lines",
    .write = github_write,
};
