/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/text/like.h"

#include <string.h>

static unsigned char fold(char c, enum val_like dialect) {
  const unsigned char byte = (unsigned char)c;
  return dialect != VAL_LIKE_POSTGRESQL && byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static size_t character(struct core_slice text, size_t at) {
  uint32_t ignored;
  const size_t len = core_utf8_decode(text.data + at, text.len - at, &ignored);
  return len ? len : 1;
}

/* The bracket that ends the set at pattern[at] == '['; 0 when there is none. */
static size_t set_end(struct core_slice pattern, size_t at) {
  size_t i = at + 1;
  if (i < pattern.len && pattern.data[i] == '^') i++;
  for (i++; i < pattern.len; i++)
    if (pattern.data[i] == ']') return i;
  return 0;
}

/* Code point at `at`, which moves behind it; ASCII letters folded. */
static uint32_t take(struct core_slice text, size_t *at) {
  uint32_t c = 0;
  const size_t len = core_utf8_decode(text.data + *at, text.len - *at, &c);
  if (!len) c = (unsigned char)text.data[*at];
  *at += len ? len : 1;
  return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool in_set(struct core_slice set, uint32_t c) {
  const bool inverted = set.len && set.data[0] == '^';
  bool found = false;
  for (size_t at = inverted; at < set.len;) {
    const uint32_t low = take(set, &at);
    uint32_t high = low;
    if (at + 1 < set.len && set.data[at] == '-') {
      at++;
      high = take(set, &at);
    }
    found |= c >= low && c <= high;
  }
  return found != inverted;
}

/* One element of the pattern against the text at *t; both move on when it matches. */
static bool step(struct core_slice pattern, size_t *p, struct core_slice text, size_t *t,
                 enum val_like dialect) {
  const char c = pattern.data[*p];
  if (*t == text.len) return false;
  if (c == '_') {
    *t += character(text, *t);
    ++*p;
    return true;
  }
  if (c == '[' && dialect == VAL_LIKE_MSSQL) {
    const size_t end = set_end(pattern, *p);
    const struct core_slice set = {pattern.data + *p + 1, end - *p - 1};
    size_t next = *t;
    if (!in_set(set, take(text, &next))) return false;
    *t = next;
    *p = end + 1;
    return true;
  }
  const size_t escape = c == '\\' && dialect == VAL_LIKE_POSTGRESQL;
  if (fold(pattern.data[*p + escape], dialect) != fold(text.data[*t], dialect)) return false;
  *p += 1 + escape;
  ++*t;
  return true;
}

bool val_like_match(struct core_slice pattern, struct core_slice text, enum val_like dialect) {
  size_t p = 0, t = 0, after = 0, again = 0; /* behind the last %, and where its next try begins */
  bool wild = false;
  while (t < text.len || p < pattern.len) {
    if (p < pattern.len && pattern.data[p] == '%') {
      after = ++p;
      again = t;
      wild = true;
    } else if (p < pattern.len && step(pattern, &p, text, &t, dialect)) {
      continue;
    } else if (wild && again < text.len) {
      again += character(text, again);
      t = again;
      p = after;
    } else {
      return false;
    }
  }
  return true;
}

enum core_status val_like_check(struct core_slice pattern, enum val_like dialect,
                                struct core_error *err) {
  for (size_t i = 0; i < pattern.len; i++) {
    if (pattern.data[i] == '\\' && dialect == VAL_LIKE_POSTGRESQL) {
      if (++i == pattern.len)
        return core_fail(err, CORE_INVAL, "the pattern ends in its escape character '\\'");
    } else if (pattern.data[i] == '[' && dialect == VAL_LIKE_MSSQL) {
      const size_t end = set_end(pattern, i);
      if (!end) return core_fail(err, CORE_INVAL, "a set '[' of the pattern is not closed");
      i = end;
    }
  }
  return CORE_OK;
}
