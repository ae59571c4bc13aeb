/* SPDX-License-Identifier: GPL-3.0-or-later
 * Growing text, borrowed slices, escaping of untrusted bytes, and the nearest spelling for error
 * messages. */
#pragma once
#include "core/compiler.h"
#include "core/status.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that grows. Zero-initialised is the empty string. `failed` sticks once memory ran out:
 * append freely, check once with core_str_status. data is NUL-terminated whenever it is not NULL;
 * core_str_text never gives NULL. */
struct core_str {
  char *data;
  size_t len;
  size_t cap;
  bool failed;
};
void core_str_append(struct core_str *s, const char *bytes, size_t len);
void core_str_text_append(struct core_str *s, const char *text);
void core_str_char(struct core_str *s, char c);
void core_str_printf(struct core_str *s, const char *format, ...) CORE_PRINTF(2, 3);
void core_str_vprintf(struct core_str *s, const char *format, va_list args) CORE_PRINTF(2, 0);
const char *core_str_text(const struct core_str *s); /* valid until the next change of s */
void core_str_clear(struct core_str *s);             /* keeps the memory */
void core_str_close(struct core_str *s);
enum core_status core_str_status(const struct core_str *s, struct core_error *err) CORE_MUST_CHECK;

/* Bytes that somebody else owns; not NUL-terminated. */
struct core_slice {
  const char *data;
  size_t len;
};
bool core_slice_equal(struct core_slice a, struct core_slice b);
bool core_slice_is(struct core_slice a, const char *text);
bool core_streq(const char *a, const char *b); /* NULL equals only NULL */

/* Appends for a person: printable UTF-8 as it is, control characters and invalid bytes as \n, \t,
 * \xNN; cut with "..." after max_bytes of input. */
void core_str_escaped(struct core_str *s, const char *bytes, size_t len, size_t max_bytes);
/* The same into fixed storage without allocating: always terminated when out_bytes > 0, never cut
 * inside a character, ends in "..." when it had to be cut. Returns the length written. */
size_t core_escape(char *out, size_t out_bytes, const char *bytes, size_t len);
/* Appends a JSON string literal with its quotes (RFC 8259); invalid UTF-8 becomes U+FFFD. */
void core_str_json(struct core_str *s, const char *bytes, size_t len);
/* Appends text escaped for XML content and attributes; characters that XML 1.0 forbids become
 * U+FFFD. */
void core_str_xml(struct core_str *s, const char *bytes, size_t len);

/* Decodes one code point: its length in bytes, or 0 when the input is empty or starts with an
 * invalid sequence. */
size_t core_utf8_decode(const char *bytes, size_t len, uint32_t *code_point);
/* Length of the valid UTF-8 prefix of the input (== len when all is valid; Unicode 15, table 3-7).
 */
size_t core_utf8_valid_prefix(const char *bytes, size_t len);
/* Number of code points in valid UTF-8; invalid bytes count one each. */
size_t core_utf8_count(const char *bytes, size_t len);

/* The candidate nearest to `word` by Damerau-Levenshtein distance (case ignored), or NULL when none
 * is within a third of the word's length (at least 2). `candidates` ends with NULL. The hint of
 * every "unknown key" message. */
const char *core_nearest(const char *word, const char *const *candidates);
