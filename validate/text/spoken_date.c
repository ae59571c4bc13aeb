/* SPDX-License-Identifier: GPL-3.0-or-later
 * Words, then a walk over them that collects up to three numbers of a date, the clock and a zone; at the end the numbers are
 * told apart as year, month and day. */
#include "validate/text/spoken_date.h"

#include "core/num.h"
#include "core/str.h"
#include <string.h>
#include <strings.h>

#define NONE      (-1)
#define MAX_WORDS VAL_SPOKEN_DATE_BYTES

/* ---- words ---- */

struct words {
  char bytes[2 * VAL_SPOKEN_DATE_BYTES + 2]; /* each followed by NUL */
  const char *at[MAX_WORDS + 1];
  size_t n, used;
};

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}
static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static void add_word(struct words *w, const char *from, size_t len) {
  if (len == 0 || w->n == MAX_WORDS) return;
  char *to = w->bytes + w->used;
  memcpy(to, from, len);
  to[len] = '\0';
  w->used += len + 1;
  w->at[w->n++] = to;
}

/* A run of letters, digits and points that was no plain number falls apart at its points and commas. */
static void add_parts(struct words *w, const char *from, size_t len) {
  size_t start = 0;
  for (size_t i = 0; i < len; i++) {
    if (from[i] != '.' && from[i] != ',') continue;
    add_word(w, from + start, i - start);
    add_word(w, from + i, 1);
    start = i + 1;
  }
  add_word(w, from + start, len - start);
}

/* The end of a run that begins with a letter or a digit. A point may stand inside of both; behind a point letters and
 * digits may change. A comma stands for the point of a number of two digits or more. */
static size_t run_end(const char *text, size_t len, size_t at, bool *letters, bool *dotted) {
  bool word = is_letter(text[at]);
  *letters = word;
  *dotted = false;
  for (size_t i = at + 1; i < len; i++) {
    const char c = text[i];
    const bool after_dot = *dotted && text[i - 1] == '.';
    const bool comma = c == ',' && !word && !*dotted && i - at >= 2;
    if (word ? is_letter(c) : is_digit(c)) continue;
    if (c == '.' || comma) {
      *dotted = true;
    } else if (after_dot && (is_letter(c) || is_digit(c))) {
      word = is_letter(c);
      *letters |= word && i + 1 < len; /* one letter at the very end does not count, as there */
    } else {
      return i;
    }
  }
  return len;
}

static void add_run(struct words *w, const char *from, size_t len, bool letters, bool dotted) {
  size_t points = 0;
  for (size_t i = 0; i < len; i++) points += from[i] == '.';
  const char last = from[len - 1];
  if (dotted && (letters || points > 1 || last == '.' || last == ',')) {
    add_parts(w, from, len);
    return;
  }
  add_word(w, from, len);
  if (!dotted || points > 0) return;
  for (char *c = (char *)(w->bytes + w->used - len - 1); *c; c++)
    if (*c == ',') *c = '.';
}

static void split(struct words *w, const char *text, size_t len) {
  w->n = w->used = 0;
  for (size_t i = 0; i < len;) {
    bool letters = false, dotted = false;
    size_t end = i + 1;
    if (is_letter(text[i]) || is_digit(text[i])) {
      end = run_end(text, len, i, &letters, &dotted);
      add_run(w, text + i, end - i, letters, dotted);
    } else if (text[i]) {
      add_word(w, is_blank(text[i]) ? " " : text + i, 1);
    }
    i = end;
  }
}

/* ---- the vocabulary ---- */

static int find(const char *const *list, size_t n, const char *word) {
  for (size_t i = 0; i < n; i++)
    if (strcasecmp(list[i], word) == 0) return (int)i;
  return NONE;
}

static bool is_jump(const char *word) {
  static const char *const list[] = {" ",   ".",  ",", ";", "-",  "/",  "'",  "at", "on",
                                     "and", "ad", "m", "t", "of", "st", "nd", "rd", "th"};
  return find(list, CORE_COUNT_OF(list), word) != NONE;
}

static bool is_weekday(const char *word) {
  static const char *const list[] = {"mon",       "monday",   "tue",      "tuesday", "wed",
                                     "wednesday", "thu",      "thursday", "fri",     "friday",
                                     "sat",       "saturday", "sun",      "sunday"};
  return find(list, CORE_COUNT_OF(list), word) != NONE;
}

static int month_of(const char *word) {
  static const char *const list[] = {
      "jan", "january", "feb",  "february", "mar",  "march",    "apr",    "april", "may",
      "may", "jun",     "june", "jul",      "july", "aug",      "august", "sep",   "september",
      "oct", "october", "nov",  "november", "dec",  "december", "sept"};
  const int i = find(list, CORE_COUNT_OF(list), word);
  return i == NONE ? NONE : i == 24 ? 9 : i / 2 + 1;
}

/* 0 hours, 1 minutes, 2 seconds. */
static int unit_of(const char *word) {
  static const char *const list[] = {"h",       "hour", "hours",  "m",      "minute",
                                     "minutes", "s",    "second", "seconds"};
  const int i = find(list, CORE_COUNT_OF(list), word);
  return i == NONE ? NONE : i / 3;
}

static int half_of(const char *word) {
  static const char *const list[] = {"am", "a", "pm", "p"};
  const int i = find(list, CORE_COUNT_OF(list), word);
  return i == NONE ? NONE : i / 2;
}

static bool all_digits(const char *word) {
  const char *p = word;
  while (is_digit(*p)) p++;
  return p > word && !*p;
}

/* ---- what was found ---- */

struct found {
  struct words words;
  size_t at;      /* the word at hand */
  int numbers[4]; /* of a date, as they came; a fourth is one too many */
  size_t n_numbers;
  int year_at, month_at; /* which of them is surely one */
  int hour, minute, second;
  bool weekday, zone_name, zone_offset;
};

static const char *word(const struct found *f, size_t ahead) {
  return f->at + ahead < f->words.n ? f->words.at[f->at + ahead] : NULL;
}

static bool word_is(const struct found *f, size_t ahead, const char *text) {
  const char *w = word(f, ahead);
  return w && strcmp(w, text) == 0;
}

/* Digits only, as a number that cannot overflow. */
static bool read_int(const char *digits, size_t len, int *out) {
  int value = 0;
  if (len == 0) return false;
  for (size_t i = 0; i < len; i++) {
    if (!is_digit(digits[i])) return false;
    value = value > 9999999 ? value : value * 10 + (digits[i] - '0');
  }
  *out = value;
  return true;
}

enum label { PLAIN, YEAR, MONTH };

static bool add_number(struct found *f, int value, enum label label) {
  if (f->n_numbers == CORE_COUNT_OF(f->numbers)) return false;
  int *place = label == YEAR ? &f->year_at : label == MONTH ? &f->month_at : NULL;
  if (place && *place != NONE) return false;
  if (place) *place = (int)f->n_numbers;
  f->numbers[f->n_numbers++] = value;
  return true;
}

/* Three digits or more are a year. */
static bool add_digits(struct found *f, const char *digits, size_t len, enum label label) {
  int value = 0;
  if (!read_int(digits, len, &value)) return false;
  return add_number(f, value, len > 2 ? YEAR : label);
}

static bool add_word_number(struct found *f, const char *w) {
  return w && add_digits(f, w, strlen(w), PLAIN);
}

/* The month's name, or a number. */
static bool add_part(struct found *f, const char *w) {
  if (!w) return false;
  const int month = month_of(w);
  return month != NONE ? add_number(f, month, MONTH) : add_word_number(f, w);
}

/* ---- the clock ---- */

static bool set_seconds(struct found *f, const char *w) {
  const char *point = strchr(w, '.');
  const size_t len = point ? (size_t)(point - w) : strlen(w);
  int fraction = 0;
  if (!read_int(w, len, &f->second)) return false;
  return !point || read_int(point + 1, strlen(point + 1), &fraction);
}

static void set_minutes(struct found *f, double value) {
  const double rest = value - (double)(long long)value;
  f->minute = value > 1e6 ? 1000000 : (int)value;
  f->second = rest > 0 ? (int)(60 * rest) : NONE;
}

static bool to_number(const char *w, double *out) {
  return is_digit(*w) && core_parse_double(w, strlen(w), out);
}

static bool set_unit(struct found *f, const char *w, double value, int unit) {
  if (unit == 2) return set_seconds(f, w);
  if (unit == 1) {
    set_minutes(f, value);
  } else if (unit == 0) {
    const double rest = value - (double)(long long)value;
    f->hour = value > 1e6 ? 1000000 : (int)value;
    if (rest > 0) f->minute = (int)(60 * rest);
  }
  return true;
}

static void set_half(struct found *f, int hour, int half) {
  f->hour = hour < 12 && half == 1 ? hour + 12 : hour == 12 && half == 0 ? 0 : hour;
}

/* Where "h", "m", "s" or their long forms belong to the number at hand: behind it, or before it. */
static bool find_unit(const struct found *f, size_t *at) {
  const size_t i = f->at, n = f->words.n;
  const char *const *w = f->words.at;
  if (i + 1 < n && unit_of(w[i + 1]) != NONE)
    *at = i + 1;
  else if (i + 2 < n && strcmp(w[i + 1], " ") == 0 && unit_of(w[i + 2]) != NONE)
    *at = i + 2;
  else if (i > 0 && unit_of(w[i - 1]) != NONE)
    *at = i - 1;
  else if (i > 1 && i + 1 == n && strcmp(w[i - 1], " ") == 0 && unit_of(w[i - 2]) != NONE)
    *at = i - 2;
  else
    return false;
  return true;
}

/* "12h", "12 hours"; the 4 of "12h04" is one unit smaller than what stands before it. */
static bool take_unit(struct found *f, const char *w, double value, size_t unit_at) {
  const int unit = unit_of(f->words.at[unit_at]) + (unit_at < f->at);
  if (unit_at > f->at) f->at = unit_at;
  return set_unit(f, w, value, unit);
}

/* "17:13[:46[.5]]" */
static bool take_clock(struct found *f, double value) {
  double minutes = 0;
  const char *w = word(f, 2);
  f->hour = value > 1e6 ? 1000000 : (int)value;
  if (!w || !to_number(w, &minutes)) return false;
  set_minutes(f, minutes);
  if (word(f, 4) && word_is(f, 3, ":")) {
    if (!set_seconds(f, word(f, 4))) return false;
    f->at += 2;
  }
  f->at += 2;
  return true;
}

/* ---- numbers ---- */

static bool two_digits(const char *w, size_t at, int *out) {
  return read_int(w + at, 2, out);
}

/* "991231", or "235959[.5]" once there is a date. */
static bool take_six(struct found *f, const char *w) {
  if (f->n_numbers == 0 && !strchr(w, '.'))
    return add_digits(f, w, 2, PLAIN) && add_digits(f, w + 2, 2, PLAIN) &&
           add_digits(f, w + 4, 2, PLAIN);
  return two_digits(w, 0, &f->hour) && two_digits(w, 2, &f->minute) && set_seconds(f, w + 4);
}

/* "19991231[2359[59]]" */
static bool take_eight(struct found *f, const char *w, size_t len) {
  if (!add_digits(f, w, 4, YEAR) || !add_digits(f, w + 4, 2, PLAIN) ||
      !add_digits(f, w + 6, 2, PLAIN))
    return false;
  if (len > 8 && (!two_digits(w, 8, &f->hour) || !two_digits(w, 10, &f->minute))) return false;
  return len <= 12 || two_digits(w, 12, &f->second);
}

/* "01-31[-99]", "1/Jan/99", "1.2.2003" */
static bool take_separated(struct found *f, const char *w) {
  const char *separator = word(f, 1), *second = word(f, 2);
  if (!add_word_number(f, w)) return false;
  if (second && !is_jump(second)) {
    const int month = month_of(second);
    if (all_digits(second) ? !add_word_number(f, second)
                           : month == NONE || !add_number(f, month, MONTH))
      return false;
    if (word(f, 3) && word_is(f, 3, separator)) {
      if (!add_part(f, word(f, 4))) return false;
      f->at += 2;
    }
    f->at++;
  }
  f->at++;
  return true;
}

/* A number alone: an hour before "am", or part of a date. */
static bool add_value(struct found *f, double value) {
  const int whole = value > 1e7 ? 10000000 : (int)value;
  return add_number(f, whole, value > 100 ? YEAR : PLAIN);
}

static bool take_alone(struct found *f, double value) {
  const int half = word(f, 2) ? half_of(word(f, 2)) : NONE;
  if (half != NONE) {
    set_half(f, value > 1e6 ? 1000000 : (int)value, half);
    f->at++;
  } else if (!add_value(f, value)) {
    return false;
  }
  f->at++;
  return true;
}

static int days_in(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : days[month - 1];
}

static bool could_be_day(const struct found *f, double value) {
  if (f->month_at == NONE) return value >= 1 && value <= 31;
  const int month = f->numbers[f->month_at];
  const int year = f->year_at == NONE ? 2000 : f->numbers[f->year_at];
  return month >= 1 && month <= 12 && value >= 1 && value <= days_in(year, month);
}

static bool take_number(struct found *f, const char *w) {
  const size_t len = strlen(w);
  const char *next = word(f, 1);
  double value = 0;
  size_t unit_at = 0;
  if (!to_number(w, &value)) return false;
  const bool clock_follows = next && (strcmp(next, ":") == 0 || unit_of(next) != NONE);
  if (f->n_numbers == 3 && (len == 2 || len == 4) && f->hour == NONE && !clock_follows)
    return two_digits(w, 0, &f->hour) && (len == 2 || two_digits(w, 2, &f->minute));
  if (len == 6 || (len > 6 && w[6] == '.' && !memchr(w, '.', 6))) return take_six(f, w);
  if (len == 8 || len == 12 || len == 14) return take_eight(f, w, len);
  if (find_unit(f, &unit_at)) return take_unit(f, w, value, unit_at);
  if (word(f, 2) && next && strcmp(next, ":") == 0) return take_clock(f, value);
  if (next && strlen(next) == 1 && strchr("-/.", *next)) return take_separated(f, w);
  if (!next || is_jump(next)) return take_alone(f, value);
  if (half_of(next) != NONE && value < 24) {
    set_half(f, (int)value, half_of(next));
    f->at++;
    return true;
  }
  return could_be_day(f, value) && add_value(f, value);
}

/* ---- names, halves of the day, zones ---- */

/* "Jan-01[-99]", "Jan of 01" */
static bool take_month(struct found *f, int month) {
  const char *next = word(f, 1);
  if (!add_number(f, month, MONTH)) return false;
  if (next && (strcmp(next, "-") == 0 || strcmp(next, "/") == 0)) {
    if (!add_word_number(f, word(f, 2))) return false;
    if (word(f, 3) && word_is(f, 3, next)) {
      if (!add_word_number(f, word(f, 4))) return false;
      f->at += 2;
    }
    f->at += 2;
  } else if (word(f, 4) && word_is(f, 1, " ") && word_is(f, 3, " ") &&
             strcasecmp(word(f, 2), "of") == 0) {
    int year = 0;
    if (all_digits(word(f, 4)) && (!read_int(word(f, 4), strlen(word(f, 4)), &year) ||
                                   !add_number(f, year < 100 ? year + 2000 : year, YEAR)))
      return false;
    f->at += 4;
  }
  return true;
}

static bool take_half(struct found *f, int half) {
  if (f->hour == NONE || f->hour > 12) return false;
  set_half(f, f->hour, half);
  return true;
}

static bool is_utc(const char *w) {
  return strcasecmp(w, "utc") == 0 || strcasecmp(w, "gmt") == 0 || strcasecmp(w, "z") == 0;
}

static bool is_zone_name(const struct found *f, const char *w) {
  const size_t len = strlen(w);
  if (f->hour == NONE || f->zone_name || f->zone_offset || len > 5) return false;
  for (size_t i = 0; i < len; i++)
    if (w[i] < 'A' || w[i] > 'Z') return strcmp(w, "z") == 0;
  return true;
}

/* "UTC"; of "GMT+3" the name says nothing about the offset. */
static void take_zone_name(struct found *f, const char *w) {
  const bool offset_follows = word_is(f, 1, "+") || word_is(f, 1, "-");
  f->zone_name = !(offset_follows && is_utc(w));
  f->zone_offset = !offset_follows && is_utc(w) && strcmp(w, "z") != 0;
}

/* "+03", "-0300", "-03:00", with a name in brackets behind it. */
static bool take_offset(struct found *f) {
  const char *w = word(f, 1);
  int part = 0;
  if (!w) return false;
  const size_t len = strlen(w);
  if (len == 4) {
    if (!read_int(w, 4, &part)) return false;
  } else if (word(f, 2) && word_is(f, 2, ":")) {
    if (!read_int(w, len, &part) || !word(f, 3) || !read_int(word(f, 3), strlen(word(f, 3)), &part))
      return false;
    f->at += 2;
  } else if (len > 2 || !read_int(w, len, &part)) {
    return false;
  }
  f->zone_offset = true;
  if (word(f, 5) && is_jump(word(f, 2)) && word_is(f, 3, "(") && word_is(f, 5, ")") &&
      strlen(word(f, 4)) >= 3 && !f->zone_name) {
    const bool offset = f->zone_offset;
    f->zone_offset = false;
    if (is_zone_name(f, word(f, 4))) {
      f->zone_name = true;
      f->at += 4;
    }
    f->zone_offset = offset;
  }
  f->at++;
  return true;
}

static bool is_number_word(const char *w) {
  return is_digit(*w) || strcasecmp(w, "nan") == 0 || strcasecmp(w, "inf") == 0 ||
         strcasecmp(w, "infinity") == 0;
}

static bool take_word(struct found *f) {
  const char *w = word(f, 0);
  const int month = month_of(w), half = half_of(w);
  if (is_number_word(w)) return take_number(f, w);
  if (is_weekday(w)) {
    f->weekday = true;
    return true;
  }
  if (month != NONE) return take_month(f, month);
  if (half != NONE) return take_half(f, half);
  if (is_zone_name(f, w)) {
    take_zone_name(f, w);
    return true;
  }
  if (f->hour != NONE && (strcmp(w, "+") == 0 || strcmp(w, "-") == 0)) return take_offset(f);
  return is_jump(w);
}

/* ---- which number is what ---- */

struct date {
  int year, month, day;
};

static void set_date(struct date *d, int year, int month, int day) {
  *d = (struct date){year, month, day};
}

/* Two are known by name: the third is what is left. */
static bool resolve_named(const struct found *f, struct date *d) {
  const size_t known = (size_t)(f->year_at != NONE) + (size_t)(f->month_at != NONE);
  if (f->n_numbers == 0 || (f->n_numbers != known && !(f->n_numbers == 3 && known == 2)))
    return false;
  if (f->year_at != NONE) d->year = f->numbers[f->year_at];
  if (f->month_at != NONE) d->month = f->numbers[f->month_at];
  if (f->n_numbers == 3) d->day = f->numbers[3 - f->year_at - f->month_at];
  return true;
}

static void resolve_few(const struct found *f, struct date *d) {
  const int *n = f->numbers;
  if (f->n_numbers == 1 || f->month_at != NONE) {
    const bool named = f->month_at != NONE;
    const int other = named && f->month_at == 0 ? n[f->n_numbers - 1] : n[0];
    if (named) d->month = n[f->month_at];
    if (f->n_numbers > 1 || !named) *(other > 31 ? &d->year : &d->day) = other;
  } else if (n[0] > 31) {
    set_date(d, n[0], n[1], NONE);
  } else if (n[1] > 31) {
    set_date(d, n[1], n[0], NONE);
  } else {
    set_date(d, NONE, n[0], n[1]);
  }
}

static void resolve_three(const struct found *f, struct date *d) {
  const int *n = f->numbers;
  if (f->month_at == 0)
    n[1] > 31 ? set_date(d, n[1], n[0], n[2]) : set_date(d, n[2], n[0], n[1]);
  else if (f->month_at == 1)
    n[0] > 31 ? set_date(d, n[0], n[1], n[2]) : set_date(d, n[2], n[1], n[0]);
  else if (f->month_at == 2)
    n[1] > 31 ? set_date(d, n[1], n[2], n[0]) : set_date(d, n[0], n[2], n[1]);
  else if (n[0] > 31 || f->year_at == 0)
    set_date(d, n[0], n[1], n[2]);
  else if (n[0] > 12)
    set_date(d, n[2], n[1], n[0]);
  else
    set_date(d, n[2], n[0], n[1]);
}

static bool resolve(const struct found *f, struct date *d) {
  set_date(d, NONE, NONE, NONE);
  if (resolve_named(f, d) || f->n_numbers == 0) return true;
  if (f->n_numbers > 3) return false;
  if (f->n_numbers < 3)
    resolve_few(f, d);
  else
    resolve_three(f, d);
  return true;
}

static bool within(int value, int low, int high) {
  return value == NONE || (value >= low && value <= high);
}

/* Two digits are a year of this time, of which only 2000 is leap and 1900 not. */
static bool exists(const struct found *f, const struct date *d) {
  const int year = d->year == NONE                       ? 2000
                   : d->year < 100 && f->year_at == NONE ? d->year + 2000
                                                         : d->year;
  if (!within(year, 1, 9999) || !within(d->month, 1, 12)) return false;
  if (!within(f->hour, 0, 23) || !within(f->minute, 0, 59) || !within(f->second, 0, 59))
    return false;
  return within(d->day, 1, days_in(year, d->month == NONE ? 1 : d->month));
}

bool val_is_spoken_date(const char *text, size_t len) {
  struct found f = {
      .year_at = NONE, .month_at = NONE, .hour = NONE, .minute = NONE, .second = NONE};
  struct date date;
  if (len > VAL_SPOKEN_DATE_BYTES) return false;
  split(&f.words, text, len);
  for (; f.at < f.words.n; f.at++)
    if (!take_word(&f)) return false;
  const bool clock = f.hour != NONE || f.minute != NONE || f.second != NONE;
  if (f.n_numbers == 0 && !clock && !f.weekday && !f.zone_offset) return false;
  return resolve(&f, &date) && exists(&f, &date);
}
