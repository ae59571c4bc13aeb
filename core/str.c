/* SPDX-License-Identifier: GPL-3.0-or-later
 * Growing text, UTF-8 and the escapes of the three outputs (terminal, JSON, XML).
 * Never looks at the locale: UTF-8 is the only encoding. */
#include "core/str.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"

/* Makes room for `more` bytes and the terminator. */
static bool room(struct core_str *s, size_t more) {
  if (s->failed) return false;
  size_t need;
  if (__builtin_add_overflow(s->len, more, &need) || need == SIZE_MAX) {
    s->failed = true;
    return false;
  }
  if (++need <= s->cap) return true;
  size_t cap = s->cap < 32 ? 32 : s->cap;
  while (cap < need) cap = cap > SIZE_MAX / 2 ? need : 2 * cap;
  char *data = core_realloc(s->data, cap, 1);
  if (!data) {
    s->failed = true;
    return false;
  }
  s->data = data;
  s->cap = cap;
  return true;
}

void core_str_append(struct core_str *s, const char *bytes, size_t len) {
  if (!room(s, len)) return;
  if (len) memcpy(s->data + s->len, bytes, len);
  s->len += len;
  s->data[s->len] = '\0';
}

void core_str_text_append(struct core_str *s, const char *text) {
  core_str_append(s, text, strlen(text));
}

void core_str_char(struct core_str *s, char c) {
  core_str_append(s, &c, 1);
}

void core_str_vprintf(struct core_str *s, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  const int len = vsnprintf(NULL, 0, format, args);
  if (len < 0) s->failed = true;
  if (len >= 0 && room(s, (size_t)len)) {
    vsnprintf(s->data + s->len, (size_t)len + 1, format, again);
    s->len += (size_t)len;
  }
  va_end(again);
}

void core_str_printf(struct core_str *s, const char *format, ...) {
  va_list args;
  va_start(args, format);
  core_str_vprintf(s, format, args);
  va_end(args);
}

const char *core_str_text(const struct core_str *s) {
  return s->data ? s->data : "";
}

void core_str_clear(struct core_str *s) {
  s->len = 0;
  s->failed = false;
  if (s->data) s->data[0] = '\0';
}

void core_str_close(struct core_str *s) {
  core_free(s->data);
  *s = (struct core_str){0};
}

enum core_status core_str_status(const struct core_str *s, struct core_error *err) {
  return s->failed ? core_fail_nomem(err, s->cap ? 2 * (unsigned long long)s->cap : 32) : CORE_OK;
}

bool core_slice_equal(struct core_slice a, struct core_slice b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool core_slice_is(struct core_slice a, const char *text) {
  return core_slice_equal(a, (struct core_slice){text, strlen(text)});
}

bool core_streq(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Unicode 15, table 3-7: what the second byte may be depends on the first; further ones are 80..BF.
 */
size_t core_utf8_decode(const char *bytes, size_t len, uint32_t *code_point) {
  if (len == 0) return 0;
  const unsigned char *b = (const unsigned char *)bytes;
  if (b[0] < 0x80) {
    *code_point = b[0];
    return 1;
  }
  if (b[0] < 0xC2 || b[0] > 0xF4) return 0;
  const size_t n = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
  const unsigned low = b[0] == 0xE0 ? 0xA0 : b[0] == 0xF0 ? 0x90 : 0x80;
  const unsigned high = b[0] == 0xED ? 0x9F : b[0] == 0xF4 ? 0x8F : 0xBF;
  if (len < n || b[1] < low || b[1] > high) return 0;
  uint32_t value = b[0] & (0x7FU >> n);
  for (size_t i = 1; i < n; i++) {
    if (b[i] < 0x80 || b[i] > 0xBF) return 0;
    value = (value << 6) | (b[i] & 0x3FU);
  }
  *code_point = value;
  return n;
}

size_t core_utf8_valid_prefix(const char *bytes, size_t len) {
  size_t i = 0;
  while (i < len) {
    uint64_t eight;
    if (len - i >= sizeof eight) {
      memcpy(&eight, bytes + i, sizeof eight);
      if ((eight & UINT64_C(0x8080808080808080)) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    uint32_t ignored;
    const size_t n = core_utf8_decode(bytes + i, len - i, &ignored);
    if (n == 0) break;
    i += n;
  }
  return i;
}

size_t core_utf8_count(const char *bytes, size_t len) {
  size_t count = 0;
  for (size_t i = 0; i < len; count++) {
    uint32_t ignored;
    if ((unsigned char)bytes[i] < 0x80) {
      i++;
      continue;
    }
    const size_t n = core_utf8_decode(bytes + i, len - i, &ignored);
    i += n ? n : 1;
  }
  return count;
}

/* Controls, and characters that reorder or break a line on a terminal. */
static bool is_printable(uint32_t c) {
  return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && !(c >= 0x2028 && c <= 0x202E) &&
         !(c >= 0x2066 && c <= 0x2069) && c != 0x200E && c != 0x200F && c != 0xFEFF;
}

#define ESCAPE_UNIT_BYTES 20 /* four bytes as \xNN, and the terminator */

/* Writes the escape of the first character of the input and says in *used how many bytes that was.
 */
static size_t escape_unit(const char *bytes, size_t len, size_t *used,
                          char out[ESCAPE_UNIT_BYTES]) {
  static const char hex[] = "0123456789abcdef";
  uint32_t c = 0;
  const size_t n = core_utf8_decode(bytes, len, &c);
  *used = n ? n : 1;
  if (n && is_printable(c)) {
    memcpy(out, bytes, n);
    return n;
  }
  const char *const short_forms = "\nn\tt\rr";
  for (const char *p = short_forms; *p; p += 2) {
    if (bytes[0] != p[0]) continue;
    out[0] = '\\';
    out[1] = p[1];
    return 2;
  }
  for (size_t i = 0; i < *used; i++) {
    const unsigned char b = (unsigned char)bytes[i];
    out[4 * i] = '\\';
    out[4 * i + 1] = 'x';
    out[4 * i + 2] = hex[b >> 4];
    out[4 * i + 3] = hex[b & 15];
  }
  return 4 * *used;
}

void core_str_escaped(struct core_str *s, const char *bytes, size_t len, size_t max_bytes) {
  for (size_t i = 0, used; i < len; i += used) {
    char unit[ESCAPE_UNIT_BYTES];
    const size_t n = escape_unit(bytes + i, len - i, &used, unit);
    if (i + used > max_bytes) {
      core_str_text_append(s, "...");
      return;
    }
    core_str_append(s, unit, n);
  }
}

size_t core_escape(char *out, size_t out_bytes, const char *bytes, size_t len) {
  static const char dots[] = "...";
  if (out_bytes == 0) return 0;
  const size_t room_bytes = out_bytes - 1;
  size_t written = 0, cut_at = 0; /* cut_at: the last length that leaves room for the dots */
  for (size_t i = 0, used; i < len; i += used) {
    char unit[ESCAPE_UNIT_BYTES];
    const size_t n = escape_unit(bytes + i, len - i, &used, unit);
    if (written + n > room_bytes) {
      written = cut_at;
      for (const char *d = dots; *d && written < room_bytes; d++) out[written++] = *d;
      break;
    }
    memcpy(out + written, unit, n);
    written += n;
    if (written + sizeof dots - 1 <= room_bytes) cut_at = written;
  }
  out[written] = '\0';
  return written;
}

void core_str_json(struct core_str *s, const char *bytes, size_t len) {
  static const char *const named[128] = {
      ['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
      ['\n'] = "\\n", ['\r'] = "\\r",  ['\t'] = "\\t"};
  core_str_char(s, '"');
  for (size_t i = 0; i < len;) {
    uint32_t c = 0;
    const size_t n = core_utf8_decode(bytes + i, len - i, &c);
    if (n == 0)
      core_str_text_append(s, "\xEF\xBF\xBD");
    else if (c < 128 && named[c])
      core_str_text_append(s, named[c]);
    else if (c < 0x20)
      core_str_printf(s, "\\u%04x", (unsigned)c);
    else
      core_str_append(s, bytes + i, n);
    i += n ? n : 1;
  }
  core_str_char(s, '"');
}

/* XML 1.0, production 2. Tab and line ends are written as references: attributes would lose them
 * otherwise. */
static bool is_xml_char(uint32_t c) {
  return (c >= 0x20 && c != 0xFFFE && c != 0xFFFF) || c == '\t' || c == '\n' || c == '\r';
}

void core_str_xml(struct core_str *s, const char *bytes, size_t len) {
  static const char *const named[128] = {
      ['&'] = "&amp;",   ['<'] = "&lt;",  ['>'] = "&gt;",   ['"'] = "&quot;",
      ['\''] = "&apos;", ['\t'] = "&#9;", ['\n'] = "&#10;", ['\r'] = "&#13;"};
  for (size_t i = 0; i < len;) {
    uint32_t c = 0;
    const size_t n = core_utf8_decode(bytes + i, len - i, &c);
    if (n == 0 || !is_xml_char(c))
      core_str_text_append(s, "\xEF\xBF\xBD");
    else if (c < 128 && named[c])
      core_str_text_append(s, named[c]);
    else
      core_str_append(s, bytes + i, n);
    i += n ? n : 1;
  }
}

#define NEAREST_MOST 63 /* longer words are not misspelt keys */

static unsigned char lower(char c) {
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static unsigned least(unsigned a, unsigned b) {
  return a < b ? a : b;
}

/* Damerau, CACM 7 (1964), in the optimal string alignment form: insert, delete, replace, swap
 * neighbours. */
static unsigned edit_distance(const char *a, size_t n, const char *b, size_t m) {
  unsigned rows[3][NEAREST_MOST + 1];
  unsigned *before = rows[0], *last = rows[1], *now = rows[2];
  for (size_t j = 0; j <= m; j++) before[j] = last[j] = (unsigned)j;
  for (size_t i = 1; i <= n; i++) {
    now[0] = (unsigned)i;
    for (size_t j = 1; j <= m; j++) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + !same);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        now[j] = least(now[j], before[j - 2] + 1);
    }
    unsigned *oldest = before;
    before = last;
    last = now;
    now = oldest;
  }
  return last[m];
}

const char *core_nearest(const char *word, const char *const *candidates) {
  const size_t n = strlen(word);
  if (n == 0 || n > NEAREST_MOST) return NULL;
  const char *best = NULL;
  unsigned within = (unsigned)(n / 3 > 2 ? n / 3 : 2);
  if (within >= n) within = (unsigned)n - 1; /* something has to be shared */
  for (; *candidates; candidates++) {
    const size_t m = strlen(*candidates);
    if (m > NEAREST_MOST) continue;
    const unsigned distance = edit_distance(word, n, *candidates, m);
    if (distance > within || (best && distance == within)) continue;
    best = *candidates;
    within = distance;
    if (distance == 0) break;
  }
  return best;
}
