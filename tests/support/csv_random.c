/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/csv_random.h"

#include <string.h>

#include "core/compiler.h"

uint64_t test_csv_random(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 33;
}

struct table {
  uint64_t *seed;
  char *text;
  size_t len, most;
  char delimiter, quote;
};

static size_t draw(struct table *t, size_t n) {
  return (size_t)test_csv_random(t->seed) % n;
}

static void put(struct table *t, const char *bytes, size_t n) {
  for (size_t i = 0; i < n && t->len < t->most; i++) t->text[t->len++] = bytes[i];
}

static void put_char(struct table *t, char c) {
  put(t, &c, 1);
}

static void put_quoted(struct table *t) {
  static const char *const parts[] = {
      "", "x", "\n", "\r\n", "\r", ",", ";", "\t", " ", "longer text with more bytes", "\xc3\xa9"};
  put_char(t, t->quote);
  for (size_t n = draw(t, 4); n > 0; n--) {
    const size_t pick = draw(t, CORE_COUNT_OF(parts) + 2);
    if (pick < CORE_COUNT_OF(parts)) {
      put(t, parts[pick], strlen(parts[pick]));
    } else {
      put_char(t, t->quote);
      put_char(t, t->quote);
    }
  }
  put_char(t, t->quote);
}

static void put_field(struct table *t, size_t quoted) {
  static const char *const values[] = {"",
                                       "1",
                                       "23",
                                       "-4.5",
                                       "abc",
                                       "x y",
                                       " ",
                                       "NA",
                                       "true",
                                       "007",
                                       "1e5",
                                       "2020-01-02",
                                       "12345678901234567",
                                       "\xe2\x82\xac",
                                       "2020-01-02T03:04:05"};
  if (draw(t, 100) < quoted) {
    put_quoted(t);
    return;
  }
  const char *value = values[draw(t, CORE_COUNT_OF(values))];
  for (; *value; value++)
    if (*value != t->delimiter && *value != t->quote) put_char(t, *value);
}

size_t test_csv_random_table(uint64_t *seed, char *text, size_t most, char delimiter, char quote,
                             size_t faults) {
  static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\n \t\n", "\r\n\r\n"};
  static const char awkward[] = "\"\",;\n\r\t '0\0\xff\xc3\x80";
  struct table t = {seed, text, 0, most, delimiter, quote};
  const size_t width = 1 + draw(&t, 12), quoted = draw(&t, 3) ? draw(&t, 10) : 60;
  const size_t n_ends = draw(&t, 3) ? 1 : CORE_COUNT_OF(ends);
  if (draw(&t, 8) == 0) put(&t, "\xef\xbb\xbf", 3);
  const size_t want = most - draw(&t, most / 2);
  while (t.len < want) {
    for (size_t i = 0; i < width; i++) {
      if (i) put_char(&t, delimiter);
      put_field(&t, quoted);
    }
    const char *end = ends[draw(&t, n_ends)];
    put(&t, end, strlen(end));
  }
  for (; faults > 0 && t.len; faults--)
    text[draw(&t, t.len)] = awkward[draw(&t, sizeof awkward - 1)];
  return t.len - (draw(&t, 4) == 0 && t.len > 1);
}
