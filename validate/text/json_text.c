/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/text/json_text.h"

#include <string.h>

struct scan {
  const char *at, *end;
};

static void skip_blanks(struct scan *s) {
  while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
    s->at++;
}

static bool take(struct scan *s, char c) {
  if (s->at == s->end || *s->at != c) return false;
  s->at++;
  return true;
}

static bool take_word(struct scan *s, const char *word) {
  const size_t len = strlen(word);
  if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0) return false;
  s->at += len;
  return true;
}

static size_t take_digits(struct scan *s) {
  const char *from = s->at;
  while (s->at < s->end && *s->at >= '0' && *s->at <= '9') s->at++;
  return (size_t)(s->at - from);
}

/* A point or an exponent without digits ends the number before it, as in Python; the rest is then one too many. */
static bool take_number(struct scan *s) {
  take(s, '-');
  if (!take(s, '0') && !take_digits(s)) return false;
  struct scan back = *s;
  if (take(s, '.') && !take_digits(s)) *s = back;
  back = *s;
  if (take(s, 'e') || take(s, 'E')) {
    if (!take(s, '+')) take(s, '-');
    if (!take_digits(s)) *s = back;
  }
  return true;
}

static bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool take_escape(struct scan *s) {
  if (s->at == s->end) return false;
  const char c = *s->at++;
  if (c != 'u') return c && strchr("\"\\/bfnrt", c);
  for (int i = 0; i < 4; i++)
    if (s->at == s->end || !is_hex(*s->at++)) return false;
  return true;
}

static bool take_string(struct scan *s) {
  if (!take(s, '"')) return false;
  while (s->at < s->end) {
    const unsigned char c = (unsigned char)*s->at++;
    if (c == '"') return true;
    if (c < 0x20 || (c == '\\' && !take_escape(s))) return false;
  }
  return false;
}

static bool take_scalar(struct scan *s) {
  if (s->at == s->end) return false;
  if (*s->at == '"') return take_string(s);
  return take_word(s, "true") || take_word(s, "false") || take_word(s, "null") ||
         take_word(s, "NaN") || take_word(s, "Infinity") || take_word(s, "-Infinity") ||
         take_number(s);
}

/* "key": */
static bool take_key(struct scan *s) {
  skip_blanks(s);
  if (!take_string(s)) return false;
  skip_blanks(s);
  return take(s, ':');
}

/* After a value: closes what ends here and goes on to the next one. False: a mistake. */
static bool next_value(struct scan *s, const char *open, size_t *depth) {
  while (*depth) {
    const bool map = open[*depth - 1] == '{';
    skip_blanks(s);
    if (take(s, ',')) return !map || take_key(s);
    if (!take(s, map ? '}' : ']')) return false;
    --*depth;
  }
  return true;
}

bool val_json_is_text(const char *text, size_t len) {
  struct scan s = {text, text + len};
  char open[VAL_JSON_DEPTH];
  size_t depth = 0;
  do {
    skip_blanks(&s);
    const bool map = take(&s, '{');
    if (map || take(&s, '[')) {
      if (depth == VAL_JSON_DEPTH) return false;
      open[depth++] = map ? '{' : '[';
      skip_blanks(&s);
      const bool empty = s.at < s.end && *s.at == (map ? '}' : ']');
      if (!empty && map && !take_key(&s)) return false;
      if (!empty) continue;
    } else if (!take_scalar(&s)) {
      return false;
    }
    if (!next_value(&s, open, &depth)) return false;
  } while (depth);
  skip_blanks(&s);
  return s.at == s.end;
}
