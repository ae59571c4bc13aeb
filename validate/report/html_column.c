/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/report/html_column.h"

#include "core/num.h"
#include "validate/report/display.h"
#include <math.h>
#include <string.h>

enum {
  VALUES_SHOWN = 10,
  VALUES_INSTEAD_OF_BARS = 12, /* so few numbers are shown one by one */
  VALUE_WIDTH = 60,
  CHART_WIDTH = 240,
  CHART_HEIGHT = 64
};

static void rounded(double value, struct core_str *out) {
  char digits[CORE_NUM_BYTES];
  core_format_rounded(value, 6, digits);
  core_str_text_append(out, digits);
}

static void shown(const struct val_scalar *value, struct core_str *out) {
  if (value->type == VAL_TYPE_DOUBLE)
    rounded(value->number, out);
  else
    val_scalar_text(value, out);
}

static void fact_scalar(struct val_html *page, const char *name, const struct val_scalar *value) {
  struct core_str text = {0};
  if (value->type == VAL_TYPE_NULL) return;
  shown(value, &text);
  val_html_fact(page, name, core_str_text(&text));
  if (text.failed) page->scratch.failed = true;
  core_str_close(&text);
}

static void fact_number(struct val_html *page, const char *name, double value) {
  char digits[CORE_NUM_BYTES];
  if (!isfinite(value)) return;
  core_format_rounded(value, 6, digits);
  val_html_fact(page, name, digits);
}

static void fact_missing(struct val_html *page, const struct val_profile_column *c) {
  struct core_str text = {0};
  val_display_count(&text, (long long)c->n_missing);
  if (c->n_missing > 0) {
    core_str_text_append(&text, " (");
    val_display_percent(&text, c->n_missing, c->n + c->n_missing);
    core_str_char(&text, ')');
  }
  val_html_fact(page, "missing", core_str_text(&text));
  core_str_close(&text);
}

static void facts(struct val_html *page, const struct val_profile_column *c) {
  static const struct {
    double q;
    const char *name;
  } told[] = {{0.05, "5%"}, {0.25, "25%"}, {0.5, "median"}, {0.75, "75%"}, {0.95, "95%"}};
  val_html_raw(page, "<dl>\n");
  val_html_fact_count(page, "values", (long long)c->n);
  fact_missing(page, c);
  if (c->has_distinct) val_html_fact_count(page, "different", (long long)c->n_distinct);
  if (c->has_moments) fact_number(page, "mean", c->mean);
  if (c->has_moments) fact_number(page, "std. deviation", c->stdev);
  fact_scalar(page, "least", &c->least);
  for (size_t i = 0; i < CORE_COUNT_OF(told); i++) {
    const struct val_profile_quantile *q = val_profile_quantile(c, told[i].q);
    if (q) fact_scalar(page, told[i].name, &q->value);
  }
  fact_scalar(page, "greatest", &c->greatest);
  if (c->has_shape) {
    const struct val_scalar least = val_scalar_int64(c->shape.least),
                            most = val_scalar_int64(c->shape.most);
    fact_scalar(page, "shortest", &least);
    fact_scalar(page, "longest", &most);
    fact_number(page, "mean length", (double)c->shape.n_code_points / (double)c->shape.n);
  }
  val_html_raw(page, "</dl>\n");
}

/* ---- charts ---- */

static void bar_title(struct val_html *page, const struct val_profile_column *c, size_t i) {
  const struct val_profile_bar *bar = &c->bars[i];
  struct core_str text = {0};
  rounded(bar->low, &text);
  if (c->type != VAL_TYPE_INT64 || bar->high - bar->low > 1) {
    core_str_text_append(&text, " to ");
    rounded(bar->high, &text);
  }
  core_str_text_append(&text, ": ");
  val_display_count(&text, (long long)bar->count);
  val_html_raw(page, "<title>");
  val_html_text(page, core_str_text(&text), VALUE_WIDTH);
  val_html_raw(page, "</title>");
  core_str_close(&text);
}

static void histogram(struct val_html *page, const struct val_profile_column *c) {
  int64_t most = 1;
  for (size_t i = 0; i < c->n_bars; i++)
    if (c->bars[i].count > most) most = c->bars[i].count;
  core_sink_printf(page->sink,
                   "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"histogram\">"
                   "<line class=\"axis\" x1=\"0\" x2=\"%d\" y1=\"%d.5\" y2=\"%d.5\"/>\n",
                   CHART_WIDTH, CHART_HEIGHT + 1, CHART_WIDTH, CHART_HEIGHT, CHART_HEIGHT);
  const double width = (double)CHART_WIDTH / (double)c->n_bars;
  for (size_t i = 0; i < c->n_bars; i++) {
    if (c->bars[i].count == 0) continue;
    const double height = fmax(1, CHART_HEIGHT * (double)c->bars[i].count / (double)most);
    core_sink_printf(page->sink, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\">",
                     (double)i * width, CHART_HEIGHT - height, fmax(0.5, width - 1), height);
    bar_title(page, c, i);
    val_html_raw(page, "</rect>\n");
  }
  val_html_raw(page, "</svg>\n<div class=\"ends\"><span>");
  struct core_str text = {0};
  shown(&c->least, &text);
  val_html_text(page, core_str_text(&text), VALUE_WIDTH);
  val_html_raw(page, "</span><span>");
  core_str_clear(&text);
  shown(&c->greatest, &text);
  val_html_text(page, core_str_text(&text), VALUE_WIDTH);
  val_html_raw(page, "</span></div>\n");
  core_str_close(&text);
}

static void value_bar(struct val_html *page, const struct val_profile_column *c, size_t i) {
  struct core_str text = {0};
  shown(&c->values[i].value, &text);
  val_html_raw(page, "<span class=\"v\">");
  val_html_text(page, text.len ? core_str_text(&text) : "(empty text)", VALUE_WIDTH);
  core_sink_printf(page->sink,
                   "</span><span class=\"t\"><i style=\"width:%.1f%%\"></i></span>"
                   "<span class=\"c\">",
                   100.0 * (double)c->values[i].count / (double)c->values[0].count);
  val_html_count(page, (long long)c->values[i].count);
  val_html_raw(page, "</span>\n");
  if (text.failed) page->scratch.failed = true;
  core_str_close(&text);
}

static void value_bars(struct val_html *page, const struct val_profile_column *c) {
  val_html_raw(page, "<div class=\"m\">\n");
  for (size_t i = 0; i < c->n_values && i < VALUES_SHOWN; i++) value_bar(page, c, i);
  val_html_raw(page, "</div>\n");
  if (c->n_values <= VALUES_SHOWN) return;
  val_html_raw(page, "<p class=\"dim small\">and ");
  val_html_count(page, (long long)(c->n_values - VALUES_SHOWN));
  val_html_raw(page, " other values</p>\n");
}

/* Nothing where a chart would show one bar, or every value once. */
static void chart(struct val_html *page, const struct val_profile_column *c) {
  const bool few = c->has_values && c->n_values <= VALUES_INSTEAD_OF_BARS;
  const bool bars = c->n_bars > 1 && !few;
  if (c->n == 0 || (!bars && (!c->has_values || c->n_distinct == c->n))) return;
  val_html_raw(page, "<div class=\"ch\">\n");
  if (bars)
    histogram(page, c);
  else
    value_bars(page, c);
  val_html_raw(page, "</div>\n");
}

void val_html_column(struct val_html *page, const struct val_profile_column *c) {
  if (c->note) {
    val_html_raw(page, "<p class=\"small dim\">");
    val_html_text(page, c->note, 400);
    val_html_raw(page, "</p>\n");
  }
  val_html_raw(page, "<div class=\"col\">\n");
  chart(page, c);
  facts(page, c);
  val_html_raw(page, "</div>\n");
}
