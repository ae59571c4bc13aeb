/* SPDX-License-Identifier: GPL-3.0-or-later
 * A format becomes a regular expression with one named group a directive, as in Python's _strptime; what the groups hold
 * is then looked at as a date. */
#include "validate/text/strptime.h"

#include "validate/regex.h"
#include <string.h>

struct val_strptime {
  struct val_regex *regex;
};

static const struct {
  char letter;
  const char *pattern;
} directives[] = {
    {'a', "(?<a>mon|tue|wed|thu|fri|sat|sun)"},
    {'A', "(?<A>monday|tuesday|wednesday|thursday|friday|saturday|sunday)"},
    {'b', "(?<b>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"},
    {'B', "(?<B>january|february|march|april|may|june|july|august|september|october|november|"
          "december)"},
    {'d', "(?<d>3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9])"},
    {'f', "(?<f>[0-9]{1,6})"},
    {'G', "(?<G>[0-9]{4})"},
    {'H', "(?<H>2[0-3]|[01][0-9]|[0-9])"},
    {'I', "(?<I>1[0-2]|0[1-9]|[1-9]| [1-9])"},
    {'j', "(?<j>36[0-6]|3[0-5][0-9]|[12][0-9][0-9]|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])"},
    {'m', "(?<m>1[0-2]|0[1-9]|[1-9])"},
    {'M', "(?<M>[0-5][0-9]|[0-9])"},
    {'p', "(?<p>am|pm)"},
    {'S', "(?<S>6[01]|[0-5][0-9]|[0-9])"},
    {'u', "(?<u>[1-7])"},
    {'U', "(?<U>5[0-3]|[0-4][0-9]|[0-9])"},
    {'V', "(?<V>5[0-3]|0[1-9]|[1-4][0-9]|[0-9])"},
    {'w', "(?<w>[0-6])"},
    {'W', "(?<W>5[0-3]|[0-4][0-9]|[0-9])"},
    {'y', "(?<y>[0-9]{2})"},
    {'Y', "(?<Y>[0-9]{4})"},
    {'z', "(?<z>[+-][0-9]{2}:?[0-5][0-9](:?[0-5][0-9](\\.[0-9]{1,6})?)?|(?-i:Z))"},
    {'Z', "(?<Z>utc|gmt)"},
};

/* Those that stand for others, in the C locale; written with '&' for '%'. */
static const char *expansion(char letter) {
  switch (letter) {
  case 'c':
    return "&a &b &d &H:&M:&S &Y";
  case 'x':
    return "&m/&d/&y";
  case 'X':
    return "&H:&M:&S";
  default:
    return NULL;
  }
}

/* ---- the format ---- */

struct translation {
  struct core_str out;
  bool seen[128];
};

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static void literal(struct translation *t, char c) {
  if (c != '\0' && strchr("\\^$.|?*+()[]{}-#/", c)) core_str_char(&t->out, '\\');
  core_str_char(&t->out, c);
}

static enum core_status translate(struct translation *t, struct core_slice format, char mark,
                                  struct core_error *err);

static enum core_status directive(struct translation *t, char letter, struct core_error *err) {
  const char *others = expansion(letter);
  if (others) return translate(t, (struct core_slice){others, strlen(others)}, '&', err);
  if (letter == '%') {
    core_str_char(&t->out, '%');
    return CORE_OK;
  }
  for (size_t i = 0; i < CORE_COUNT_OF(directives); i++) {
    if (directives[i].letter != letter) continue;
    if (t->seen[(size_t)letter])
      return core_fail(err, CORE_INVAL, "the directive %%%c comes twice in the format", letter);
    t->seen[(size_t)letter] = true;
    core_str_text_append(&t->out, directives[i].pattern);
    return CORE_OK;
  }
  return core_fail(err, CORE_INVAL, "'%%%c' is no directive of strptime", letter);
}

static enum core_status translate(struct translation *t, struct core_slice format, char mark,
                                  struct core_error *err) {
  for (size_t i = 0; i < format.len; i++) {
    if (is_blank(format.data[i])) {
      while (i + 1 < format.len && is_blank(format.data[i + 1])) i++;
      core_str_text_append(&t->out, "\\s+");
    } else if (format.data[i] != mark) {
      literal(t, format.data[i]);
    } else if (++i == format.len) {
      return core_fail(err, CORE_INVAL, "the format ends in a single '%%'");
    } else {
      CORE_TRY(directive(t, format.data[i], err));
    }
  }
  return CORE_OK;
}

static enum core_status check_weeks(const struct translation *t, struct core_error *err) {
  const bool day = t->seen['a'] || t->seen['A'] || t->seen['u'] || t->seen['w'];
  if (t->seen['G'] && (!t->seen['V'] || !day))
    return core_fail(err, CORE_INVAL, "the directive 'G' wants 'V' and a day of the week");
  if (t->seen['V'] && (!t->seen['G'] || !day))
    return core_fail(err, CORE_INVAL, "the directive 'V' wants 'G' and a day of the week");
  if (t->seen['G'] && t->seen['j'])
    return core_fail(err, CORE_INVAL, "the directive 'j' wants 'Y', not 'G'");
  return CORE_OK;
}

enum core_status val_strptime_open(struct core_slice format, struct val_strptime **out,
                                   struct core_error *err) {
  struct translation t = {.seen = {false}};
  struct val_strptime *made = core_calloc(1, sizeof *made);
  if (!made) return core_fail_nomem(err, sizeof *made);
  core_str_text_append(&t.out, "(?i)\\A(?:");
  enum core_status st = translate(&t, format, '%', err);
  core_str_text_append(&t.out, ")\\z");
  if (st == CORE_OK) st = check_weeks(&t, err);
  if (st == CORE_OK) st = core_str_status(&t.out, err);
  if (st == CORE_OK) st = val_regex_open(t.out.data, t.out.len, VAL_REGEX_UTF8, &made->regex, err);
  core_str_close(&t.out);
  if (st == CORE_OK)
    *out = made;
  else
    val_strptime_close(made);
  return st;
}

void val_strptime_close(struct val_strptime *format) {
  if (!format) return;
  val_regex_close(format->regex);
  core_free(format);
}

/* ---- the date ---- */

static bool group(const struct val_strptime *format, struct core_slice text, const char *name,
                  struct core_slice *out) {
  const int number = val_regex_group(format->regex, name);
  size_t start = 0, len = 0;
  if (number < 0 || !val_regex_span(format->regex, number, &start, &len)) return false;
  *out = (struct core_slice){text.data + start, len};
  return true;
}

static int number_of(const struct val_strptime *format, struct core_slice text, const char *name,
                     int otherwise) {
  struct core_slice digits;
  int value = 0;
  if (!group(format, text, name, &digits)) return otherwise;
  for (size_t i = 0; i < digits.len; i++)
    if (digits.data[i] != ' ') value = value * 10 + (digits.data[i] - '0');
  return value;
}

static int month_of(const struct val_strptime *format, struct core_slice text) {
  static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
  struct core_slice word;
  if (!group(format, text, "b", &word) && !group(format, text, "B", &word))
    return number_of(format, text, "m", 1);
  for (int i = 0; i < 12; i++) {
    int same = 0;
    while (same < 3 && (word.data[same] | 0x20) == names[3 * i + same]) same++;
    if (same == 3) return i + 1;
  }
  return 1;
}

static int year_of(const struct val_strptime *format, struct core_slice text) {
  const int two = number_of(format, text, "y", -1);
  if (two >= 0) return two <= 68 ? 2000 + two : 1900 + two;
  return number_of(format, text, "Y", number_of(format, text, "G", 1900));
}

static int days_in(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : days[(month + 11) % 12];
}

/* A zone is less than a day away from UTC. */
static bool zone_exists(const struct val_strptime *format, struct core_slice text) {
  struct core_slice zone;
  if (!group(format, text, "z", &zone) || zone.len < 3) return true;
  return (zone.data[1] - '0') * 10 + (zone.data[2] - '0') < 24;
}

/* A day of the year, or a week and a day of it, says the date by itself; Python then does not look at day and month. */
static bool date_exists(const struct val_strptime *format, struct core_slice text) {
  struct core_slice found;
  const int year = year_of(format, text), day = number_of(format, text, "d", 1);
  if (year < 1) return false;
  if (group(format, text, "j", &found) || group(format, text, "V", &found)) return true;
  const bool week = group(format, text, "U", &found) || group(format, text, "W", &found);
  const bool weekday = group(format, text, "a", &found) || group(format, text, "A", &found) ||
                       group(format, text, "w", &found) || group(format, text, "u", &found);
  return (week && weekday) || day <= days_in(year, month_of(format, text));
}

enum core_status val_strptime_match(struct val_strptime *format, struct core_slice text, bool *ok,
                                    struct core_error *err) {
  CORE_TRY(val_regex_search(format->regex, text.data, text.len, ok, err));
  if (*ok)
    *ok = number_of(format, text, "S", 0) < 60 && zone_exists(format, text) &&
          date_exists(format, text);
  return CORE_OK;
}
