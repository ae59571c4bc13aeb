/* SPDX-License-Identifier: GPL-3.0-or-later
 * One self-contained HTML page: its style lies in it, no script and nothing from elsewhere (its own security policy
 * forbids both), light or dark as the reader has it, as narrow as a phone. Every text is escaped. */
#pragma once
#include "core/sink.h"
#include "core/str.h"

struct val_html {
  struct core_sink *sink;
  struct core_str scratch;
};
void val_html_begin(struct val_html *page, const char *title);
/* CORE_NOMEM when a piece got lost. Frees the scratch. */
enum core_status val_html_end(struct val_html *page, struct core_error *err) CORE_MUST_CHECK;

void val_html_raw(struct val_html *page, const char *markup); /* ours, as it is */
/* Text of the data or the suite: control characters shown as \xNN, cut to `width`, escaped. */
void val_html_text(struct val_html *page, const char *text, size_t width);
void val_html_count(struct val_html *page, long long n); /* "2,922" */
/* "12.5%" of a whole; nothing when that is 0. */
void val_html_percent(struct val_html *page, long long part, long long whole);
/* A row of a list of facts: <dt>name</dt><dd>text</dd>. */
void val_html_fact(struct val_html *page, const char *name, const char *text);
void val_html_fact_count(struct val_html *page, const char *name, long long n);
