/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/report/failures_csv.h"

#include "validate/expect/expectation.h"
#include <inttypes.h>
#include <string.h>

/* In quotes where it must be (RFC 4180). */
static void field(const char *text, struct core_str *out) {
  if (!strpbrk(text, ",\"\r\n") && *text) {
    core_str_text_append(out, text);
    return;
  }
  core_str_char(out, '"');
  for (const char *c = text; *c; c++) {
    if (*c == '"') core_str_char(out, '"');
    core_str_char(out, *c);
  }
  core_str_char(out, '"');
}

/* -1: there is none, and the field is empty. */
static void number(int64_t value, struct core_str *out) {
  if (value >= 0) core_str_printf(out, "%" PRId64, value);
}

/* "x", or "x+y" of several. */
static void columns(const struct val_expected *expected, struct core_str *out) {
  static const char *const names[] = {"column", "column_A", "column_B"};
  for (const struct core_option *row = expected->ops->kwargs; row->name; row++) {
    for (size_t i = 0; i < CORE_COUNT_OF(names); i++) {
      if (!core_streq(row->name, names[i])) continue;
      if (out->len) core_str_char(out, '+');
      core_str_text_append(out, core_option_text(&expected->kwargs, row->name));
    }
    if (!core_streq(row->name, "column_list")) continue;
    const struct core_node *list = core_option_node(&expected->kwargs, row->name);
    for (const struct core_node *item = list->first; item; item = item->next) {
      if (out->len) core_str_char(out, '+');
      core_str_text_append(out, item->text.data);
    }
  }
}

static void one_row(const struct val_result *result, size_t number_of, const char *named,
                    const struct val_failure *failure, struct core_str *out) {
  field(failure->file ? failure->file : result->data_name, out);
  core_str_printf(out, ",%zu,%s,", number_of, result->verdicts[number_of - 1].expected->ops->name);
  field(named, out);
  core_str_char(out, ',');
  number((failure->file ? failure->file_row : failure->row) + 1, out);
  core_str_char(out, ',');
  number(failure->line, out);
  core_str_char(out, ',');
  number(failure->byte, out);
  core_str_char(out, ',');
  field(failure->text, out);
  core_str_char(out, '\n');
}

static enum core_status one_verdict(const struct val_result *result, size_t i,
                                    struct core_sink *sink, struct core_error *err) {
  const struct val_verdict *v = &result->verdicts[i];
  struct core_str named = {0}, line = {0};
  columns(v->expected, &named);
  enum core_status st = core_str_status(&named, err);
  for (size_t k = 0; st == CORE_OK && k < v->n_kept; k++) {
    core_str_clear(&line);
    one_row(result, i + 1, core_str_text(&named), &v->failures[k], &line);
    st = core_str_status(&line, err);
    if (st == CORE_OK) core_sink_write(sink, line.data, line.len);
  }
  core_str_close(&named);
  core_str_close(&line);
  return st;
}

enum core_status val_failures_csv(const struct val_result *const *results, size_t n,
                                  struct core_sink *sink, int64_t *n_left_out,
                                  struct core_error *err) {
  static const char head[] = "data,number,expectation,column,record,line,byte,value\n";
  *n_left_out = 0;
  core_sink_write(sink, head, sizeof head - 1);
  for (size_t r = 0; r < n; r++)
    for (size_t i = 0; i < results[r]->n_verdicts; i++) {
      const struct val_verdict *v = &results[r]->verdicts[i];
      if (!v->is_map) continue;
      CORE_TRY(one_verdict(results[r], i, sink, err));
      *n_left_out += v->unexpected_count - (int64_t)v->n_kept;
    }
  return CORE_OK;
}
