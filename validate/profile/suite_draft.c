/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/profile/suite_draft.h"

#include "validate/profile/rule.h"
#include <string.h>

static const struct val_rule_ops *const rules[] = {
#define X(name) &val_rule_##name,
#include "validate/profile/rule_list.h"
#undef X
    NULL};

/* libyaml takes keys of up to 1024 characters; a declared column is a key. */
enum { KEY_BYTES = 256 };

static void write_head(struct val_draft *d, const struct val_result *result,
                       const struct val_suite_draft *how) {
  const char *slash = strrchr(result->data_name, '/');
  const char *base = slash ? slash + 1 : result->data_name;
  const char *dot = strrchr(base, '.');
  const size_t stem = dot && dot > base ? (size_t)(dot - base) : strlen(base);
  struct core_str rows = {0}, columns = {0};
  core_str_text_append(&d->yaml, "# A draft, made by `sweepgate profile` from ");
  val_draft_quoted(&d->yaml, base, strlen(base));
  core_str_printf(&d->yaml, ": %s rows, %s columns.\n", val_draft_count(result->n_rows, &rows),
                  val_draft_count((int64_t)result->n_fields, &columns));
  core_str_text_append(
      &d->yaml,
      "# The evidence stands above each rule. Read it: loosen what is not a rule of your data, "
      "tighten what is.\nsuite: ");
  if (how->name)
    val_draft_quoted(&d->yaml, how->name, strlen(how->name));
  else
    val_draft_quoted(&d->yaml, base, stem);
  core_str_char(&d->yaml, '\n');
  core_str_close(&rows);
  core_str_close(&columns);
}

static void write_csv(struct val_draft *d, const struct val_read_options *read) {
  struct core_str csv = {0};
  if (read->delimiter && read->delimiter != ',') {
    core_str_text_append(&csv, ", delimiter: ");
    val_draft_quoted(&csv, &read->delimiter, 1);
  }
  if (read->quote && read->quote != '"') {
    core_str_text_append(&csv, ", quote: ");
    val_draft_quoted(&csv, &read->quote, 1);
  }
  if (!read->header) core_str_text_append(&csv, ", header: false");
  if (read->encoding && strcmp(read->encoding, "utf-8") != 0)
    core_str_printf(&csv, ", encoding: %s", read->encoding);
  for (const char *const *v = read->null_values; v && *v; v++) {
    core_str_text_append(&csv, v == read->null_values ? ", null_values: [" : ", ");
    val_draft_quoted(&csv, *v, strlen(*v));
  }
  if (read->null_values) core_str_text_append(&csv, *read->null_values ? "]" : ", null_values: []");
  if (csv.len) core_str_printf(&d->yaml, "csv: {%s}\n", csv.data + 2);
  if (csv.failed) d->yaml.failed = true;
  core_str_close(&csv);
}

static void write_types(struct val_draft *d, const struct val_profile *profile) {
  bool any = false;
  for (size_t i = 0; i < profile->n_columns; i++) {
    const struct val_profile_column *c = &profile->columns[i];
    if (c->type == VAL_TYPE_NULL || c->n < d->min_rows || strlen(c->name) > KEY_BYTES) continue;
    if (!any) core_str_text_append(&d->yaml, "columns:\n");
    any = true;
    if (c->note) val_draft_comment(&d->yaml, c->note);
    core_str_text_append(&d->yaml, "  ");
    val_draft_quoted(&d->yaml, c->name, strlen(c->name));
    core_str_printf(&d->yaml, ": %s\n", val_type_name(c->type));
  }
}

static void write_column(struct val_draft *d, const struct val_profile *profile,
                         const struct val_profile_column *c) {
  struct core_str n = {0}, missing = {0}, name = {0};
  core_str_escaped(&name, c->name, strlen(c->name), 120);
  core_str_text_append(&d->yaml, "\n  # ---- ");
  val_draft_quoted(&d->yaml, core_str_text(&name), name.len);
  core_str_printf(&d->yaml, ": %s, %s values, %s null\n", val_type_name(c->type),
                  val_draft_count(c->n, &n), val_draft_count(c->n_missing, &missing));
  const size_t before = d->n_rules;
  for (const struct val_rule_ops *const *rule = rules; *rule; rule++) (*rule)->draft(profile, c, d);
  if (c->n < d->min_rows)
    val_draft_because(d, "too few values for a rule about them");
  else if (d->n_rules == before)
    val_draft_because(d, "nothing here looks like a rule");
  core_str_close(&n);
  core_str_close(&missing);
  core_str_close(&name);
}

enum core_status val_suite_draft(const struct val_result *result, const struct val_suite_draft *how,
                                 struct core_sink *sink, struct core_error *err) {
  const struct val_profile *profile = result->profile;
  struct val_draft d = {.min_rows = how->min_rows};
  if (profile->n_rows < how->min_rows)
    return core_fail(err, CORE_INVAL,
                     "%s: %lld rows are too few to make rules from; give at least %lld, or lower "
                     "--min-rows",
                     result->data_name, (long long)profile->n_rows, (long long)how->min_rows);
  write_head(&d, result, how);
  write_csv(&d, how->read);
  write_types(&d, profile);
  core_str_text_append(&d.yaml, "expectations:\n");
  for (const struct val_rule_ops *const *rule = rules; *rule; rule++)
    (*rule)->draft(profile, NULL, &d);
  for (size_t i = 0; i < profile->n_columns; i++) {
    write_column(&d, profile, &profile->columns[i]);
    core_sink_write(sink, core_str_text(&d.yaml), d.yaml.len);
    if (!d.yaml.failed) core_str_clear(&d.yaml);
  }
  const enum core_status st = core_str_status(&d.yaml, err);
  core_sink_write(sink, core_str_text(&d.yaml), d.yaml.len);
  core_str_close(&d.yaml);
  return st;
}
