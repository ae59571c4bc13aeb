/* SPDX-License-Identifier: GPL-3.0-or-later
 * What option rows say to a person: help for a terminal, and what would have been right in error
 * messages. */
#include <math.h>
#include <string.h>

#include "core/num.h"
#include "core/option.h"
#include "core/option_value.h"

/* How each type is named: in messages, and as a placeholder in help. */
static const struct {
  const char *wanted;
  const char *placeholder;
} types[] = {
    [CORE_OPT_FLAG] = {"true or false", "true|false"},
    [CORE_OPT_INT] = {"an integer", "N"},
    [CORE_OPT_DOUBLE] = {"a number", "X"},
    [CORE_OPT_STRING] = {"a text", "TEXT"},
    [CORE_OPT_CHOICE] = {"one of ", "CHOICE"},
    [CORE_OPT_DURATION] = {"a duration such as 30s, 5m or 1h30m", "TIME"},
    [CORE_OPT_SIZE] = {"a size such as 500kB or 64MiB", "SIZE"},
    [CORE_OPT_LIST] = {"a list", "LIST"},
    [CORE_OPT_MAP] = {"a map", "MAP"},
    [CORE_OPT_ANY] = {"a value", "VALUE"},
};

static void append_number(const struct core_option *row, double number, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  if (row->type == CORE_OPT_DURATION)
    core_format_duration(number, text);
  else
    core_format_number(number, text);
  core_str_text_append(out, text);
}

static void append_bounds(const struct core_option *row, struct core_str *out) {
  if (row->min == 0 && row->max == 0) return;
  const bool above = row->min > -HUGE_VAL, below = row->max < HUGE_VAL;
  if (above) core_str_text_append(out, below ? " from " : " of at least ");
  if (above) append_number(row, row->min, out);
  if (below) core_str_text_append(out, above ? " to " : " of at most ");
  if (below) append_number(row, row->max, out);
}

static void append_choices(const struct core_option *row, struct core_str *out) {
  for (const char *c = row->choices; c && *c; c++) {
    if (*c == '|')
      core_str_text_append(out, ", ");
    else
      core_str_char(out, *c);
  }
}

void core_option_wanted(const struct core_option *row, struct core_str *out) {
  core_str_text_append(out, types[row->type].wanted);
  if (row->type == CORE_OPT_CHOICE) append_choices(row, out);
  append_bounds(row, out);
  if (row->nullable) core_str_text_append(out, " or null");
}

#define HINT_CHOICES 32

void core_option_hint(const struct core_option *row, const char *given, struct core_str *out) {
  if (row->type != CORE_OPT_CHOICE || !row->choices) return;
  char *copy = core_strdup(row->choices);
  if (!copy) return;
  const char *names[HINT_CHOICES + 1] = {NULL};
  size_t n = 0;
  for (char *p = copy; p && n < HINT_CHOICES;) {
    char *bar = strchr(p, '|');
    if (bar) *bar = '\0';
    names[n++] = p;
    p = bar ? bar + 1 : NULL;
  }
  const char *near = core_nearest(given, names);
  if (near) core_str_printf(out, "; did you mean '%s'?", near);
  core_free(copy);
}

void core_option_placeholder(const struct core_option *row, struct core_str *out) {
  if (row->unit)
    core_str_text_append(out, row->unit);
  else if (row->type == CORE_OPT_CHOICE && row->choices)
    core_str_text_append(out, row->choices);
  else
    core_str_text_append(out, types[row->type].placeholder);
}

void core_option_remarks(const struct core_option *row, struct core_str *out) {
  struct core_str bounds = {0};
  append_bounds(row, &bounds);
  const char *separator = "";
  if (row->required) {
    core_str_text_append(out, "required");
    separator = ", ";
  }
  if (bounds.len > 1) {
    core_str_printf(out, "%s%s", separator, core_str_text(&bounds) + 1);
    separator = ", ";
  }
  if (row->unit && row->type == CORE_OPT_CHOICE && row->choices) {
    core_str_text_append(out, separator);
    core_str_text_append(out, "one of ");
    append_choices(row, out);
    separator = ", ";
  }
  const bool plain_flag = row->type == CORE_OPT_FLAG && core_streq(row->fallback, "false");
  if (row->fallback && !plain_flag)
    core_str_printf(out, "%sdefault %s", separator, *row->fallback ? row->fallback : "\"\"");
  out->failed |= bounds.failed;
  core_str_close(&bounds);
}

static void append_head(const struct core_option *row, bool command_line, struct core_str *out) {
  if (!command_line) {
    core_str_printf(out, "  %s: ", row->name);
    core_option_placeholder(row, out);
    return;
  }
  const bool turns_off = row->type == CORE_OPT_FLAG && core_streq(row->fallback, "true");
  if (row->letter && !turns_off)
    core_str_printf(out, "  -%c, ", row->letter);
  else
    core_str_text_append(out, "      ");
  core_str_printf(out, "--%s", turns_off ? "no-" : "");
  for (const char *c = row->name; *c; c++) core_str_char(out, *c == '_' ? '-' : *c);
  if (row->type == CORE_OPT_FLAG) return;
  core_str_char(out, ' ');
  core_option_placeholder(row, out);
}

#define HELP_COLUMN  28
#define HELP_COLUMNS 96

/* From the end of the head to HELP_COLUMN, on a new line when the head is too long. */
static void append_pad(struct core_str *out, const struct core_str *head) {
  const size_t width = core_utf8_count(core_str_text(head), head->len);
  if (width + 2 > HELP_COLUMN)
    core_str_printf(out, "\n%*s", HELP_COLUMN, "");
  else
    core_str_printf(out, "%*s", (int)(HELP_COLUMN - width), "");
}

/* Words from HELP_COLUMN on, broken before HELP_COLUMNS. */
static void append_wrapped(struct core_str *out, const char *text) {
  size_t column = HELP_COLUMN;
  for (bool first = true; *text; first = false) {
    text += strspn(text, " ");
    const size_t bytes = strcspn(text, " "), width = core_utf8_count(text, bytes);
    if (!first && column + 1 + width > HELP_COLUMNS) {
      core_str_printf(out, "\n%*s", HELP_COLUMN, "");
      column = HELP_COLUMN;
    } else if (!first && bytes) {
      core_str_char(out, ' ');
      column++;
    }
    core_str_append(out, text, bytes);
    column += width;
    text += bytes;
  }
}

void core_options_help(const struct core_option *rows, bool command_line, struct core_str *out) {
  for (const struct core_option *row = rows; row->name; row++) {
    struct core_str head = {0}, body = {0}, remarks = {0};
    append_head(row, command_line, &head);
    core_str_text_append(out, core_str_text(&head));
    core_option_remarks(row, &remarks);
    core_str_text_append(&body, row->help ? row->help : "");
    if (remarks.len) core_str_printf(&body, "%s(%s)", body.len ? " " : "", core_str_text(&remarks));
    if (body.len) append_pad(out, &head);
    append_wrapped(out, core_str_text(&body));
    core_str_char(out, '\n');
    out->failed |= head.failed || body.failed || remarks.failed;
    core_str_close(&head);
    core_str_close(&body);
    core_str_close(&remarks);
  }
}
