/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/report/html_page.h"

#include "validate/report/display.h"
#include <string.h>

enum { FACT_WIDTH = 200 };

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"generator\" content=\"sweepgate " SWEEPGATE_VERSION "\">\n<title>";

/* Colours have 4.5 to 1 contrast on their ground, in both modes. */
static const char style[] =
    "</title>\n<style>\n"
    ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2430;--dim:#5a6676;"
    "--line:#d9dee6;--bar:#4477aa;--soft:#e8ecf2;--bad:#b3261e;--badbg:#fdecea;--warn:#8a5300;"
    "--warnbg:#fff3df;--note:#1f5f99;--notebg:#e6f1fb;--good:#1e6b3a;--goodbg:#e6f4ea}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1b2129;--ink:#e6eaf0;"
    "--dim:#9aa7b8;--line:#323b47;--bar:#7fb0dd;--soft:#28303a;--bad:#ff8a80;--badbg:#43211f;"
    "--warn:#ffc266;--warnbg:#3d2f15;--note:#8cc4f5;--notebg:#1a3147;--good:#7fd49b;"
    "--goodbg:#173524}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"
    "\"Segoe UI\",Roboto,sans-serif;overflow-wrap:anywhere}\n"
    "main{max-width:1080px;margin:0 auto;padding:20px 16px 60px}\n"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 4px}h2{font-size:1.2rem;margin:32px 0 10px}"
    "h3{font-size:1.05rem;margin:0}\n"
    "code,.v{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em;"
    "white-space:pre-wrap}\n"
    "a{color:var(--note)}p{margin:6px 0}.dim{color:var(--dim)}.small{font-size:.875rem}\n"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px;"
    "margin:0 0 14px}\n"
    ".top{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline;margin-bottom:8px}\n"
    ".b{display:inline-block;border-radius:4px;padding:0 7px;font-size:.8rem;font-weight:600;"
    "white-space:nowrap;line-height:1.6}\n"
    ".bad{color:var(--bad);background:var(--badbg)}.warn{color:var(--warn);background:"
    "var(--warnbg)}.note{color:var(--note);background:var(--notebg)}.good{color:var(--good);"
    "background:var(--goodbg)}\n"
    "dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(96px,1fr));gap:8px 12px;"
    "margin:0}dl div{min-width:0}dt{color:var(--dim);font-size:.8rem}dd{margin:0;"
    "font-variant-numeric:tabular-nums}\n"
    ".two{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:18px}\n"
    ".two>div:only-child{grid-column:1/-1}"
    "@media(max-width:760px){.two{grid-template-columns:minmax(0,1fr)}}\n"
    "ul.x{list-style:none;margin:0;padding:0}ul.x>li{display:grid;grid-template-columns:64px "
    "minmax(0,1fr);gap:2px 10px;padding:7px 0;border-top:1px solid var(--line)}"
    "ul.x>li:first-child{border-top:0}ul.x>li>.b{justify-self:start;align-self:start;"
    "margin-top:2px}\n"
    "@media(max-width:480px){ul.x>li{grid-template-columns:52px minmax(0,1fr);gap:2px 8px}}\n"
    "table{border-collapse:collapse;width:100%;font-size:.875rem;margin:8px 0}"
    "th{text-align:left;font-weight:600;color:var(--dim);white-space:nowrap}td{overflow-wrap:break-"
    "word}td .v{overflow-wrap:anywhere}th,td{padding:3px 8px 3px 0;"
    "border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;"
    "white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    ".col{display:flex;flex-wrap:wrap;gap:12px 24px}.col>.ch{flex:1 1 "
    "240px;max-width:440px;min-width:0}"
    ".col>dl{flex:2 1 240px;align-content:start}"
    "svg{display:block;width:100%;height:auto;fill:var(--bar)}svg .axis{stroke:var(--line)}\n"
    ".ends{display:flex;justify-content:space-between;gap:12px;color:var(--dim);font-size:.8rem;"
    "margin-bottom:8px}\n"
    ".m{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr) auto;gap:2px 8px;"
    "align-items:center;font-size:.875rem}.m .t{background:var(--soft);height:10px;"
    "border-radius:2px}.m .t i{display:block;height:10px;border-radius:2px;background:var(--bar);"
    "min-width:1px}.m .c{color:var(--dim);text-align:right;font-variant-numeric:tabular-nums}\n"
    ".m .v{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}\n"
    "details>summary{cursor:pointer;color:var(--dim)}\n"
    "@media print{body{background:#fff}.card{break-inside:avoid}}\n"
    "</style>\n</head>\n<body>\n<main>\n";

void val_html_begin(struct val_html *page, const char *title) {
  core_sink_text(page->sink, head);
  val_html_text(page, title, FACT_WIDTH);
  core_sink_text(page->sink, style);
}

enum core_status val_html_end(struct val_html *page, struct core_error *err) {
  core_sink_text(page->sink, "<p class=\"dim small\">sweepgate " SWEEPGATE_VERSION
                             "</p>\n</main>\n</body>\n</html>\n");
  const enum core_status st = core_str_status(&page->scratch, err);
  core_str_close(&page->scratch);
  return st;
}

void val_html_raw(struct val_html *page, const char *markup) {
  core_sink_text(page->sink, markup);
}

void val_html_text(struct val_html *page, const char *text, size_t width) {
  struct core_str shown = {0};
  val_display_clipped(&shown, text, width);
  core_str_clear(&page->scratch);
  core_str_xml(&page->scratch, core_str_text(&shown), shown.len);
  if (shown.failed) page->scratch.failed = true;
  core_sink_write(page->sink, core_str_text(&page->scratch), page->scratch.len);
  core_str_close(&shown);
}

void val_html_count(struct val_html *page, long long n) {
  core_str_clear(&page->scratch);
  val_display_count(&page->scratch, n);
  core_sink_text(page->sink, core_str_text(&page->scratch));
}

void val_html_percent(struct val_html *page, long long part, long long whole) {
  struct core_str text = {0};
  val_display_percent(&text, part, whole);
  val_html_text(page, core_str_text(&text), FACT_WIDTH); /* it may begin with < */
  core_str_close(&text);
}

static void begin_fact(struct val_html *page, const char *name) {
  core_sink_printf(page->sink, "<div><dt>%s</dt><dd>", name);
}

void val_html_fact(struct val_html *page, const char *name, const char *text) {
  begin_fact(page, name);
  val_html_text(page, text, FACT_WIDTH);
  core_sink_text(page->sink, "</dd></div>\n");
}

void val_html_fact_count(struct val_html *page, const char *name, long long n) {
  begin_fact(page, name);
  val_html_count(page, n);
  core_sink_text(page->sink, "</dd></div>\n");
}
