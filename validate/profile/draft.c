/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/profile/draft.h"

#include "core/num.h"
#include "validate/report/display.h"
#include <math.h>
#include <string.h>

/* ---- YAML scalars ---- */

static bool is_plain_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A word that no YAML reader takes for anything but text. */
static bool is_plain(const char *text, size_t len) {
  static const char *const words[] = {"true", "false", "null", "yes", "no", "on",  "off",
                                      "y",    "n",     "nan",  "inf", "e",  "none"};
  if (len == 0 || len > 60 || (text[0] >= '0' && text[0] <= '9')) return false;
  for (size_t i = 0; i < len; i++)
    if (!is_plain_char(text[i])) return false;
  for (size_t i = 0; i < CORE_COUNT_OF(words); i++) {
    size_t k = 0;
    while (k < len && (text[k] | 0x20) == words[i][k]) k++;
    if (k == len && !words[i][k]) return false;
  }
  return true;
}

/* What YAML 1.2 calls printable, without line breaks other than those of ASCII and the byte order mark. */
static bool is_printable(uint32_t c) {
  return (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c < 0xd800 && c != 0x2028 && c != 0x2029) ||
         (c >= 0xe000 && c < 0xfffe && c != 0xfeff) || (c >= 0x10000 && c < 0x110000);
}

/* Marks that turn the direction of what follows would make a reviewer read another text than the program. */
static bool turns(uint32_t c) {
  return (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

/* What YAML takes as it is, everything else as an escape; a quote and a backslash likewise when `quoted`. */
static void append_safe(struct core_str *out, const char *text, size_t len, bool quoted) {
  for (size_t i = 0; i < len;) {
    uint32_t c = 0;
    const size_t n = core_utf8_decode(text + i, len - i, &c);
    if (n == 0)
      core_str_text_append(out, "\xef\xbf\xbd");
    else if (quoted && (c == '"' || c == '\\'))
      core_str_printf(out, "\\%c", (char)c);
    else if (is_printable(c) && !turns(c))
      core_str_append(out, text + i, n);
    else
      core_str_printf(out, "\\u%04x", (unsigned)c);
    i += n ? n : 1;
  }
}

void val_draft_quoted(struct core_str *out, const char *text, size_t len) {
  if (is_plain(text, len)) {
    core_str_append(out, text, len);
    return;
  }
  core_str_char(out, '"');
  append_safe(out, text, len, true);
  core_str_char(out, '"');
}

void val_draft_comment(struct core_str *out, const char *text) {
  core_str_text_append(out, "  # ");
  append_safe(out, text, strlen(text), false);
  core_str_char(out, '\n');
}

void val_draft_value(struct core_str *out, const struct val_scalar *value) {
  struct core_str text = {0};
  char digits[CORE_NUM_BYTES];
  if (value->type == VAL_TYPE_DOUBLE) {
    core_format_number(value->number, digits);
    core_str_text_append(out, digits);
  } else if (value->type == VAL_TYPE_STRING) {
    val_draft_quoted(out, value->text.data, value->text.len);
  } else if (val_type_is_time(value->type)) {
    val_scalar_text(value, &text);
    core_str_printf(out, "\"%s\"", core_str_text(&text));
  } else {
    val_scalar_json(value, out);
  }
  if (text.failed) out->failed = true;
  core_str_close(&text);
}

void val_draft_shown(struct core_str *out, const struct val_scalar *value) {
  char digits[CORE_NUM_BYTES];
  struct core_str text = {0};
  if (value->type == VAL_TYPE_DOUBLE) {
    core_format_rounded(value->number, 6, digits);
    core_str_text_append(out, digits);
  } else if (value->type == VAL_TYPE_STRING) {
    core_str_escaped(&text, value->text.data, value->text.len, 40);
    val_draft_quoted(out, core_str_text(&text), text.len);
  } else {
    val_scalar_text(value, out);
  }
  if (text.failed) out->failed = true;
  core_str_close(&text);
}

/* ---- rules ---- */

void val_draft_because(struct val_draft *draft, const char *format, ...) {
  struct core_str text = {0};
  va_list args;
  va_start(args, format);
  core_str_vprintf(&text, format, args);
  va_end(args);
  val_draft_comment(&draft->yaml, core_str_text(&text));
  if (text.failed) draft->yaml.failed = true;
  core_str_close(&text);
}

static void key(struct val_draft *draft, const char *name) {
  core_str_printf(&draft->yaml, "%s%s: ", draft->first ? "" : ", ", name);
  draft->first = false;
}

void val_draft_rule(struct val_draft *draft, const char *name, const char *column) {
  core_str_printf(&draft->yaml, "  - %s: {", name);
  draft->first = true;
  draft->n_rules++;
  if (column) val_draft_text(draft, "column", column);
}

void val_draft_raw(struct val_draft *draft, const char *name, const char *yaml) {
  key(draft, name);
  core_str_text_append(&draft->yaml, yaml);
}

void val_draft_scalar(struct val_draft *draft, const char *name, const struct val_scalar *value) {
  key(draft, name);
  val_draft_value(&draft->yaml, value);
}

void val_draft_number(struct val_draft *draft, const char *name, double value) {
  const struct val_scalar scalar = val_scalar_double(value);
  val_draft_scalar(draft, name, &scalar);
}

void val_draft_text(struct val_draft *draft, const char *name, const char *text) {
  key(draft, name);
  val_draft_quoted(&draft->yaml, text, strlen(text));
}

void val_draft_values(struct val_draft *draft, const char *name,
                      const struct val_value_count *values, size_t n) {
  key(draft, name);
  core_str_char(&draft->yaml, '[');
  for (size_t i = 0; i < n; i++) {
    if (i > 0) core_str_text_append(&draft->yaml, ", ");
    val_draft_value(&draft->yaml, &values[i].value);
  }
  core_str_char(&draft->yaml, ']');
}

void val_draft_end(struct val_draft *draft, enum val_severity severity) {
  if (severity != VAL_SEVERITY_CRITICAL)
    val_draft_text(draft, "severity", val_severity_name(severity));
  core_str_text_append(&draft->yaml, "}\n");
}

/* ---- numbers ---- */

/* Powers of ten up to 1e22 are exact, so that a quotient or product of an integer with one is the nearest double to the
 * decimal that is meant: 3 / 10, not 3 * 0.1. */
double val_draft_outward(double x, double scale, bool up) {
  if (!(scale > 0) || !isfinite(scale) || !isfinite(x)) return x;
  const double digits = floor(log10(scale)) - 1;
  if (fabs(digits) > 22) return x;
  const double power = pow(10, fabs(digits));
  const double units = digits < 0 ? x * power : x / power;
  const double whole = up ? ceil(units) : floor(units);
  const double rounded = digits < 0 ? whole / power : whole * power;
  if (!isfinite(rounded) || (up ? rounded < x : rounded > x)) return x;
  return rounded == 0 ? 0 : rounded;
}

const char *val_draft_count(int64_t n, struct core_str *scratch) {
  core_str_clear(scratch);
  val_display_count(scratch, (long long)n);
  return core_str_text(scratch);
}
