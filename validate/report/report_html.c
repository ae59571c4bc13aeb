/* SPDX-License-Identifier: GPL-3.0-or-later
 * One page for people, in the manner of Great Expectations' Data Docs: what failed first, then a card for every column with
 * its expectations in words, what was seen, the failing values, and what the column looks like. Page rules: html_page.h. */
#include "core/clock.h"
#include "core/num.h"
#include "validate/expect/expectation.h"
#include "validate/report/display.h"
#include "validate/report/html_column.h"
#include "validate/report/phrase.h"
#include "validate/report/seen.h"
#include "validate/report/verdict_groups.h"
#include <string.h>

enum {
  GROUPS_SHOWN = 20,  /* failing values of one expectation */
  LINES_SHOWN = 5,    /* places of one value */
  INDEX_SHOWN = 50,   /* failed expectations in the index on top */
  ROWS_LIMIT = 20000, /* failing values on the page: a page of many megabytes is read by nobody */
  NAME_WIDTH = 160,
  VALUE_WIDTH = 200,
  RULE_WIDTH = 600,
  TEXT_WIDTH = 400
};

struct page {
  struct val_html html;
  const struct val_report_options *options;
  size_t rows_left;
  int64_t n_lists_left_out; /* failing values of so many expectations */
  struct core_error *err;
  enum core_status status;
};

static const struct {
  const char *css, *word;
} marks[] = {[VAL_LEVEL_PASS] = {"good", "met"},
             [VAL_LEVEL_NOTE] = {"note", "note"},
             [VAL_LEVEL_WARNING] = {"warn", "warn"},
             [VAL_LEVEL_ERROR] = {"bad", "FAIL"}};

static void mark(struct page *p, enum val_level level) {
  core_sink_printf(p->html.sink, "<span class=\"b %s\">%s</span>", marks[level].css,
                   marks[level].word);
}

static void str_text(struct page *p, struct core_str *text, size_t width) {
  val_html_text(&p->html, core_str_text(text), width);
  if (text->failed) p->status = core_str_status(text, p->err);
  core_str_close(text);
}

/* ---- failing values ---- */

static void failure_row(struct page *p, const struct val_verdict *v, const struct val_tally *tally,
                        const struct val_tally_group *group) {
  struct core_str places = {0};
  val_html_raw(&p->html, "<tr><td><span class=\"v\">");
  val_html_text(&p->html, *group->first->text ? group->first->text : "(empty text)", VALUE_WIDTH);
  val_html_raw(&p->html, "</span></td><td class=\"n\">");
  if ((int64_t)v->n_failures < v->unexpected_count && v->n_failures > 1)
    val_html_raw(&p->html, "&ge; "); /* not all rows are kept */
  val_html_count(&p->html, (long long)group->count);
  val_html_raw(&p->html, "</td><td>");
  val_seen_places(v, tally, group, LINES_SHOWN, &places);
  str_text(p, &places, TEXT_WIDTH);
  val_html_raw(&p->html, "</td></tr>\n");
}

static void failures(struct page *p, const struct val_verdict *v) {
  struct val_tally tally = {0};
  int64_t told = 0;
  if (v->n_failures == 0) return;
  if (p->rows_left < GROUPS_SHOWN) {
    p->n_lists_left_out++;
    return;
  }
  const enum core_status st = val_tally_open(&tally, v->failures, v->n_failures, p->err);
  if (st != CORE_OK) p->status = st;
  val_tally_sort_by_count(&tally);
  val_html_raw(&p->html,
               "<table><tr><th>value</th><th class=\"n\">times</th><th>where</th></tr>\n");
  for (size_t i = 0; i < tally.n_groups && i < GROUPS_SHOWN; i++) {
    failure_row(p, v, &tally, &tally.groups[i]);
    told += (int64_t)tally.groups[i].count;
    p->rows_left--;
  }
  val_html_raw(&p->html, "</table>\n");
  if (told < v->unexpected_count) {
    val_html_raw(&p->html, "<p class=\"dim small\">and ");
    val_html_count(&p->html, (long long)(v->unexpected_count - told));
    val_html_raw(&p->html, " more failing rows</p>\n");
  }
  val_tally_close(&tally);
}

/* ---- one expectation ---- */

static void seen(struct page *p, const struct val_verdict *v) {
  struct core_str text = {0};
  if (v->success && v->is_map && v->unexpected_count == 0 && !v->proof)
    return; /* the rule says it all */
  if (v->success && !v->is_map && !v->observed_text && !v->proof) return;
  val_seen_append(v, TEXT_WIDTH, &text);
  val_html_raw(&p->html, v->success ? "<p class=\"dim small\">" : "<p>");
  str_text(p, &text, 2 * TEXT_WIDTH);
  if (v->is_map && v->counts_missing && v->missing_count > 0) {
    val_html_raw(&p->html, "<span class=\"dim\">, ");
    val_html_count(&p->html, (long long)v->missing_count);
    val_html_raw(&p->html, " missing</span>");
  }
  val_html_raw(&p->html, "</p>\n");
}

static void origin(struct page *p, const struct val_verdict *v) {
  core_sink_printf(p->html.sink, "<p class=\"dim small\">%s", v->expected->ops->name);
  if (v->expected->pos.line > 0)
    core_sink_printf(p->html.sink, ", line %d of the suite", v->expected->pos.line);
  if (v->expected->severity != VAL_SEVERITY_CRITICAL)
    core_sink_printf(p->html.sink, ", severity %s", val_severity_name(v->expected->severity));
  val_html_raw(&p->html, "</p>\n");
}

static void verdict(struct page *p, size_t data, size_t i, const struct val_verdict *v) {
  struct core_str rule = {0};
  core_sink_printf(p->html.sink, "<li id=\"d%zue%zu\">", data, i);
  mark(p, val_seen_level(v, p->options));
  val_html_raw(&p->html, "<div><div>");
  val_phrase_rule(v->expected, &rule);
  str_text(p, &rule, RULE_WIDTH);
  val_html_raw(&p->html, "</div>\n");
  if (v->expected->description) {
    val_html_raw(&p->html, "<p class=\"dim small\">");
    val_html_text(&p->html, v->expected->description, TEXT_WIDTH);
    val_html_raw(&p->html, "</p>\n");
  }
  seen(p, v);
  if (!v->success) {
    if (v->is_map && !v->exception) failures(p, v);
    if (v->details_json && v->expected->ops->kind == VAL_EXPECT_TABLE) {
      val_html_raw(&p->html, "<p><code>");
      val_html_text(&p->html, v->details_json, RULE_WIDTH);
      val_html_raw(&p->html, "</code></p>\n");
    }
    origin(p, v);
  }
  val_html_raw(&p->html, "</div></li>\n");
}

/* ---- a column's card ---- */

static void card(struct page *p, const struct val_result *result, size_t data,
                 const struct val_verdict_groups *groups, const struct val_verdict_group *group) {
  const struct val_profile_column *c = result->profile && group->column < result->profile->n_columns
                                           ? &result->profile->columns[group->column]
                                           : NULL;
  val_html_raw(&p->html, "<section class=\"card\"><div class=\"top\"><h3>");
  val_html_text(&p->html, group->domain, NAME_WIDTH);
  val_html_raw(&p->html, "</h3>");
  if (group->column < result->n_fields)
    core_sink_printf(p->html.sink, "<span class=\"dim small\">%s</span>",
                     val_type_name(result->fields[group->column].type));
  val_html_raw(&p->html, "</div>\n<div class=\"two\">\n");
  if (group->n > 0) {
    val_html_raw(&p->html, "<div><ul class=\"x\">\n");
    for (size_t i = 0; i < group->n; i++) {
      const size_t at = groups->order[group->first + i];
      verdict(p, data, at, &result->verdicts[at]);
    }
    val_html_raw(&p->html, "</ul></div>\n");
  }
  if (c) {
    val_html_raw(&p->html, "<div>");
    val_html_column(&p->html, c);
    val_html_raw(&p->html, "</div>\n");
  }
  val_html_raw(&p->html, "</div></section>\n");
}

/* ---- a data file ---- */

static void findings(struct page *p, const struct val_findings *all) {
  for (int k = 0; k < VAL_FINDING_KINDS; k++) {
    const enum val_finding_kind kind = (enum val_finding_kind)k;
    if (all->count[k] == 0) continue;
    val_html_raw(&p->html, "<section class=\"card\"><div class=\"top\">");
    mark(p, val_finding_is_fault(kind) ? VAL_LEVEL_ERROR : VAL_LEVEL_NOTE);
    core_sink_printf(p->html.sink, "<h3>%s</h3><span class=\"dim small\">%s (",
                     val_finding_meaning(kind), val_finding_code(kind));
    val_html_count(&p->html, (long long)all->count[k]);
    val_html_raw(&p->html, ")</span></div>\n<table>\n");
    for (uint64_t i = 0; i < VAL_FINDINGS_KEPT && i < all->count[k]; i++) {
      const struct val_finding *f = &all->kept[k][i];
      val_html_raw(&p->html, "<tr><td class=\"n\">");
      if (f->file) val_html_text(&p->html, f->file, NAME_WIDTH);
      if (f->line > 0)
        core_sink_printf(p->html.sink, "%sline %lld", f->file ? " " : "", (long long)f->line);
      val_html_raw(&p->html, "</td><td>");
      val_html_text(&p->html, f->message, TEXT_WIDTH);
      val_html_raw(&p->html, "</td></tr>\n");
    }
    val_html_raw(&p->html, "</table></section>\n");
  }
}

/* Links to what failed, so that nobody scrolls for it. */
static void failed_index(struct page *p, const struct val_result *result, size_t data) {
  size_t told = 0;
  const size_t n_failed = result->n_verdicts - result->n_success;
  if (n_failed == 0) return;
  val_html_raw(&p->html, "<div class=\"card\"><ul class=\"x\">\n");
  for (size_t i = 0; i < result->n_verdicts && told < INDEX_SHOWN; i++) {
    const struct val_verdict *v = &result->verdicts[i];
    struct core_str text = {0};
    if (v->success) continue;
    told++;
    val_html_raw(&p->html, "<li>");
    mark(p, val_seen_level(v, p->options));
    core_sink_printf(p->html.sink, "<div><a href=\"#d%zue%zu\">", data, i);
    val_phrase_domain(v->expected, &text);
    core_str_text_append(&text, ": ");
    val_phrase_rule(v->expected, &text);
    str_text(p, &text, NAME_WIDTH);
    val_html_raw(&p->html, "</a><div class=\"dim small\">");
    val_seen_append(v, NAME_WIDTH, &text);
    str_text(p, &text, NAME_WIDTH);
    val_html_raw(&p->html, "</div></div></li>\n");
  }
  val_html_raw(&p->html, "</ul>\n");
  if (told < n_failed) {
    val_html_raw(&p->html, "<p class=\"dim\">and ");
    val_html_count(&p->html, (long long)(n_failed - told));
    val_html_raw(&p->html, " more, below</p>\n");
  }
  val_html_raw(&p->html, "</div>\n");
}

static void summary(struct page *p, const struct val_result *result) {
  char text[CORE_TIME_BYTES > CORE_NUM_BYTES ? CORE_TIME_BYTES : CORE_NUM_BYTES];
  val_html_raw(&p->html, "<div class=\"card\"><dl>\n");
  val_html_fact_count(&p->html, "rows", (long long)result->n_rows);
  val_html_fact_count(&p->html, "columns", (long long)result->n_fields);
  core_format_bytes((double)result->n_bytes, text);
  if (result->n_bytes >= 0) val_html_fact(&p->html, "size", text);
  val_html_fact(&p->html, "suite", result->suite->name);
  core_time_format(result->started_unix_s, text);
  text[19] = '\0';
  if (result->started_unix_s > 0) val_html_fact(&p->html, "started (UTC)", text);
  core_format_duration(result->seconds, text);
  val_html_fact(&p->html, "took", text);
  val_html_raw(&p->html, "</dl></div>\n");
}

static void title(struct page *p, const struct val_result *result, size_t data) {
  const bool good = val_report_success(result, p->options);
  struct core_str text = {0};
  core_sink_printf(p->html.sink, "<h1 id=\"d%zu\"><span class=\"b %s\">%s</span> ", data,
                   good ? "good" : "bad", good ? "passed" : "FAILED");
  val_html_text(&p->html, result->data_name, NAME_WIDTH);
  val_html_raw(&p->html, "</h1>\n<p>");
  val_seen_summary(result, &text);
  str_text(p, &text, TEXT_WIDTH);
  val_html_raw(&p->html, "</p>\n");
}

static void result_section(struct page *p, const struct val_result *result, size_t data) {
  struct val_verdict_groups groups = {0};
  title(p, result, data);
  summary(p, result);
  findings(p, &result->findings);
  failed_index(p, result, data);
  const enum core_status st = val_verdict_groups_open(&groups, result, p->err);
  if (st != CORE_OK) p->status = st;
  val_html_raw(&p->html, "<h2>By column</h2>\n");
  for (size_t i = 0; i < groups.n; i++) card(p, result, data, &groups, &groups.groups[i]);
  val_verdict_groups_close(&groups);
}

static void contents(struct page *p, const struct val_result *const *results, size_t n) {
  val_html_raw(&p->html, "<h1>Validation of ");
  val_html_count(&p->html, (long long)n);
  val_html_raw(&p->html, " data files</h1>\n<div class=\"card\"><ul class=\"x\">\n");
  for (size_t i = 0; i < n; i++) {
    const bool good = val_report_success(results[i], p->options);
    struct core_str text = {0};
    core_sink_printf(p->html.sink, "<li><span class=\"b %s\">%s</span><div><a href=\"#d%zu\">",
                     good ? "good" : "bad", good ? "passed" : "FAILED", i);
    val_html_text(&p->html, results[i]->data_name, NAME_WIDTH);
    val_html_raw(&p->html, "</a> <span class=\"dim\">");
    val_seen_summary(results[i], &text);
    str_text(p, &text, TEXT_WIDTH);
    val_html_raw(&p->html, "</span></div></li>\n");
  }
  val_html_raw(&p->html, "</ul></div>\n");
}

static enum core_status html_write(const struct val_result *const *results, size_t n,
                                   const struct val_report_options *options, struct core_sink *sink,
                                   struct core_error *err) {
  struct page p = {.html = {.sink = sink},
                   .options = options,
                   .rows_left = ROWS_LIMIT,
                   .err = err,
                   .status = CORE_OK};
  val_html_begin(&p.html, n == 1 ? results[0]->data_name : "Validation");
  if (n > 1) contents(&p, results, n);
  for (size_t i = 0; i < n; i++) result_section(&p, results[i], i);
  if (p.n_lists_left_out > 0) {
    val_html_raw(&p.html, "<p>The failing values of ");
    val_html_count(&p.html, (long long)p.n_lists_left_out);
    val_html_raw(&p.html, " expectations are left out to keep the page readable; their counts are "
                          "exact, and --failures writes every row.</p>\n");
  }
  const enum core_status st = val_html_end(&p.html, err);
  return st == CORE_OK ? p.status : st;
}

const struct val_report_ops val_report_html = {
    .name = "html",
    .summary = "one self-contained page for people, with statistics of the columns",
    .profile = true,
    .write = html_write,
};
