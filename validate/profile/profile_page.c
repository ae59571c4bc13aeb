/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/profile/profile_page.h"

#include "core/num.h"
#include "validate/profile/profile.h"
#include "validate/report/html_column.h"
#include "validate/report/json_writer.h"
#include <math.h>

enum { JSON_VERSION = 1, NAME_WIDTH = 200, JSON_VALUES = 100 };

bool val_profile_format_find(struct core_slice name, enum val_profile_format *out) {
  *out = core_slice_is(name, "html") ? VAL_PROFILE_HTML : VAL_PROFILE_JSON;
  return core_slice_is(name, "html") || core_slice_is(name, "json");
}

/* ---- JSON ---- */

static void json_scalar(struct val_json *w, const char *key, const struct val_scalar *value) {
  struct core_str text = {0};
  if (value->type != VAL_TYPE_NULL) val_scalar_json(value, &text);
  if (text.failed) w->scratch.failed = true;
  val_json_raw(w, key, text.len ? core_str_text(&text) : NULL);
  core_str_close(&text);
}

static void json_values(struct val_json *w, const struct val_profile_column *c) {
  val_json_list(w, "values");
  for (size_t i = 0; i < c->n_values && i < JSON_VALUES; i++) {
    val_json_flat_map(w, NULL);
    json_scalar(w, "value", &c->values[i].value);
    val_json_int(w, "count", c->values[i].count);
    val_json_end(w);
  }
  val_json_end(w);
}

static void json_distribution(struct val_json *w, const struct val_profile_column *c) {
  val_json_list(w, "quantiles");
  for (size_t i = 0; i < c->n_quantiles; i++) {
    val_json_flat_map(w, NULL);
    val_json_double(w, "q", c->quantiles[i].q);
    json_scalar(w, "value", &c->quantiles[i].value);
    val_json_end(w);
  }
  val_json_end(w);
  val_json_list(w, "histogram");
  for (size_t i = 0; i < c->n_bars; i++) {
    val_json_flat_map(w, NULL);
    val_json_double(w, "low", c->bars[i].low);
    val_json_double(w, "high", c->bars[i].high);
    val_json_int(w, "count", c->bars[i].count);
    val_json_end(w);
  }
  val_json_end(w);
}

static void json_column(struct val_json *w, const struct val_profile_column *c) {
  val_json_map(w, NULL);
  val_json_text(w, "name", c->name);
  val_json_text(w, "type", val_type_name(c->type));
  if (c->note) val_json_text(w, "note", c->note);
  val_json_int(w, "count", c->n);
  val_json_int(w, "missing", c->n_missing);
  if (c->has_distinct) val_json_int(w, "distinct", c->n_distinct);
  json_scalar(w, "min", &c->least);
  json_scalar(w, "max", &c->greatest);
  if (c->has_moments) val_json_double(w, "mean", c->mean);
  if (c->has_moments && isfinite(c->stdev)) val_json_double(w, "stdev", c->stdev);
  if (c->n_quantiles) json_distribution(w, c);
  if (c->has_values) json_values(w, c);
  if (c->has_shape) {
    val_json_flat_map(w, "lengths");
    val_json_int(w, "min", c->shape.least);
    val_json_int(w, "max", c->shape.most);
    val_json_double(w, "mean", (double)c->shape.n_code_points / (double)c->shape.n);
    val_json_end(w);
  }
  val_json_end(w);
}

static enum core_status write_json(const struct val_result *result, struct core_sink *sink,
                                   struct core_error *err) {
  struct val_json w = {.sink = sink, .strict = true};
  val_json_map(&w, NULL);
  val_json_text(&w, "format", "sweepgate-profile");
  val_json_int(&w, "version", JSON_VERSION);
  val_json_text(&w, "sweepgate_version", SWEEPGATE_VERSION);
  val_json_text(&w, "data", result->data_name);
  val_json_int(&w, "rows", result->n_rows);
  val_json_list(&w, "columns");
  for (size_t i = 0; i < result->profile->n_columns; i++)
    json_column(&w, &result->profile->columns[i]);
  val_json_end(&w);
  val_json_end(&w);
  return val_json_close(&w, err);
}

/* ---- HTML ---- */

static void html_findings(struct val_html *page, const struct val_findings *findings) {
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    if (findings->count[kind] == 0) continue;
    const bool fault = val_finding_is_fault((enum val_finding_kind)kind);
    core_sink_printf(page->sink, "<p><span class=\"b %s\">%s</span> %s (%llu)</p>\n",
                     fault ? "bad" : "note", val_finding_code((enum val_finding_kind)kind),
                     val_finding_meaning((enum val_finding_kind)kind),
                     (unsigned long long)findings->count[kind]);
  }
}

static void html_head(struct val_html *page, const struct val_result *result) {
  char size[CORE_NUM_BYTES];
  val_html_raw(page, "<h1>");
  val_html_text(page, result->data_name, NAME_WIDTH);
  val_html_raw(page, "</h1>\n<p class=\"dim\">");
  val_html_count(page, (long long)result->n_rows);
  val_html_raw(page, result->n_rows == 1 ? " row, " : " rows, ");
  val_html_count(page, (long long)result->n_fields);
  val_html_raw(page, result->n_fields == 1 ? " column" : " columns");
  core_format_bytes((double)result->n_bytes, size);
  if (result->n_bytes >= 0) core_sink_printf(page->sink, ", %s", size);
  val_html_raw(page, "</p>\n");
  html_findings(page, &result->findings);
  val_html_raw(page, "<h2>Columns</h2>\n");
}

static enum core_status write_html(const struct val_result *result, struct core_sink *sink,
                                   struct core_error *err) {
  struct val_html page = {.sink = sink};
  val_html_begin(&page, result->data_name);
  html_head(&page, result);
  for (size_t i = 0; i < result->profile->n_columns; i++) {
    const struct val_profile_column *c = &result->profile->columns[i];
    val_html_raw(&page, "<section class=\"card\"><div class=\"top\"><h3>");
    val_html_text(&page, c->name, NAME_WIDTH);
    core_sink_printf(sink, "</h3><span class=\"dim small\">%s</span></div>\n",
                     val_type_name(c->type));
    val_html_column(&page, c);
    val_html_raw(&page, "</section>\n");
  }
  return val_html_end(&page, err);
}

enum core_status val_profile_page(enum val_profile_format format, const struct val_result *result,
                                  struct core_sink *sink, struct core_error *err) {
  return format == VAL_PROFILE_HTML ? write_html(result, sink, err) : write_json(result, sink, err);
}
