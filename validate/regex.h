/* SPDX-License-Identifier: GPL-3.0-or-later
 * Regular expressions with Python's `re.search` meaning, on PCRE2 with bounded work. A regex holds
 * its match data: one thread at a time. Python's spellings are translated: \Z, \uXXXX, \UXXXXXXXX,
 * {,n}, leading (?a) and (?u); \d \w \s \b are Unicode unless (?a); `$` matches before a last
 * newline, `.` does not match one. */
#pragma once
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>

struct val_regex;

/* What the searched text may be. Values of a batch are valid UTF-8; what a program printed may be
 * anything (a byte that is not part of a character then matches nothing). */
enum val_regex_text { VAL_REGEX_UTF8, VAL_REGEX_ANY_BYTES };

#define VAL_REGEX_PATTERN_BYTES 65536         /* longer patterns are CORE_LIMIT */
#define VAL_REGEX_TEXT_BYTES    (1024 * 1024) /* longer texts are not searched: CORE_LIMIT */

/* A pattern that does not compile: CORE_INVAL, the sentence names the fault and the 1-based
 * character where it stands. */
enum core_status val_regex_open(const char *pattern, size_t len, enum val_regex_text text,
                                struct val_regex **out, struct core_error *err) CORE_MUST_CHECK;

/* Does the pattern match anywhere in the text? CORE_LIMIT: the search was given up after a fixed
 * amount of work (or the text is too long), which is neither yes nor no; *found is false then. */
enum core_status val_regex_search(struct val_regex *regex, const char *text, size_t len,
                                  bool *found, struct core_error *err) CORE_MUST_CHECK;

/* Texts as a column has them. */
struct val_regex_texts {
  const char *bytes;
  const int32_t *offsets; /* n + 1 */
  size_t n;
  const uint8_t *considered; /* bits: which are asked about */
};
/* The same for many texts, without spans: sets bit i of `found` (zeroed) where text i is considered and matches. Much faster
 * for patterns of the plain kind (validate/regex_dfa.h). Ends at a text that a search is given up on. */
enum core_status val_regex_match_texts(struct val_regex *regex, const struct val_regex_texts *texts,
                                       uint8_t *found, struct core_error *err) CORE_MUST_CHECK;

/* Number of the group `(?<name>...)`, or -1 when the pattern has none of that name. */
int val_regex_group(const struct val_regex *regex, const char *name);
/* Where that group matched in the last text found (group 0: the whole match). False when it took no
 * part. */
bool val_regex_span(const struct val_regex *regex, int group, size_t *start, size_t *len);

void val_regex_close(struct val_regex *regex); /* accepts NULL */
