/* SPDX-License-Identifier: GPL-3.0-or-later
 * A suite being written: rules append themselves, each under the sentence that says why. YAML whatever the names and
 * values are. */
#pragma once
#include "validate/profile/profile.h"

struct val_draft {
  struct core_str yaml;
  size_t n_rules;
  int64_t min_rows; /* fewer values say nothing */
  bool first;       /* none was written yet */
};

/* The evidence of the rule that follows, one line above it. */
void val_draft_because(struct val_draft *draft, const char *format, ...) CORE_PRINTF(2, 3);
/* "- NAME: {column: COLUMN"; `column` NULL: of the table. */
void val_draft_rule(struct val_draft *draft, const char *name, const char *column);
void val_draft_scalar(struct val_draft *draft, const char *key, const struct val_scalar *value);
void val_draft_number(struct val_draft *draft, const char *key, double value);
void val_draft_text(struct val_draft *draft, const char *key, const char *text);
/* Whatever is YAML in flow style. */
void val_draft_raw(struct val_draft *draft, const char *key, const char *yaml);
void val_draft_values(struct val_draft *draft, const char *key,
                      const struct val_value_count *values, size_t n);
/* Closes the arguments; critical is not written, as it is the default. */
void val_draft_end(struct val_draft *draft, enum val_severity severity);

/* Text as a YAML scalar: plain where it may be, otherwise in double quotes with escapes. */
void val_draft_quoted(struct core_str *out, const char *text, size_t len);
/* A line of its own, "  # text": nothing in the text ends it. */
void val_draft_comment(struct core_str *out, const char *text);
void val_draft_value(struct core_str *out, const struct val_scalar *value);
/* Like the value in a report: rounded where its digits would only be noise. */
void val_draft_shown(struct core_str *out, const struct val_scalar *value);

/* The next rounder number below (or above) x: two digits of `scale` are kept. */
double val_draft_outward(double x, double scale, bool up);
/* "2,922" in a buffer of the caller. */
const char *val_draft_count(int64_t n, struct core_str *scratch);
