/* SPDX-License-Identifier: GPL-3.0-or-later
 * The only file that knows PCRE2. Compiles with its JIT where the machine has one; every search has
 * a match limit, a depth limit and a heap limit, so that no pattern of a suite can hang a run on
 * one value. */
#include "validate/regex.h"

#include <stdint.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "validate/regex_dfa.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT    1000000 /* backtracks from one starting point; about 10 ms */
#define DEPTH_LIMIT    100000
#define HEAP_LIMIT_KIB 32768

struct val_regex {
  pcre2_general_context *memory;
  pcre2_match_context *limits;
  pcre2_code *code;
  pcre2_match_data *match;
  struct val_dfa *dfa; /* NULL: the pattern is not of the plain kind */
  bool jit;
  bool found; /* the spans are those of a match */
};

static void *regex_alloc(PCRE2_SIZE bytes, void *unused) {
  (void)unused;
  return core_alloc(bytes);
}

static void regex_free(void *block, void *unused) {
  (void)unused;
  core_free(block);
}

/* ------------------------------------------------------------------ Python's spellings to PCRE2's
 */

struct translation {
  const char *in;
  size_t len, at; /* of the input */
  struct core_str out;
  size_t stop; /* the input position is wanted where the output has this length */
  bool in_class;
  bool ascii; /* a leading (?a) */
};

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static char peek(const struct translation *t, size_t ahead) {
  return t->at + ahead < t->len ? t->in[t->at + ahead] : '\0';
}

static void copy(struct translation *t, size_t n) {
  if (n > t->len - t->at) n = t->len - t->at;
  core_str_append(&t->out, t->in + t->at, n);
  t->at += n;
}

/* "\uXXXX" with exactly `digits` hexadecimal digits becomes "\x{XXXX}"; anything else is left for
 * PCRE2 to refuse. */
static void translate_code_point(struct translation *t, size_t digits) {
  for (size_t i = 0; i < digits; i++) {
    if (!is_hex(peek(t, 2 + i))) {
      copy(t, 2);
      return;
    }
  }
  core_str_text_append(&t->out, "\\x{");
  core_str_append(&t->out, t->in + t->at + 2, digits);
  core_str_char(&t->out, '}');
  t->at += 2 + digits;
}

static void translate_escape(struct translation *t) {
  const char c = peek(t, 1);
  if (c == 'u') {
    translate_code_point(t, 4);
  } else if (c == 'U') {
    translate_code_point(t, 8);
  } else if (c == 'Z' && !t->in_class) {
    core_str_text_append(&t->out, "\\z");
    t->at += 2;
  } else {
    copy(t, 2);
  }
}

/* "{,n}" is "{0,n}" in Python and five plain characters in PCRE2 before 10.43. */
static void translate_brace(struct translation *t) {
  size_t i = 1;
  if (peek(t, i) == ',') {
    i++;
    while (is_digit(peek(t, i))) i++;
    if (peek(t, i) == '}') {
      core_str_text_append(&t->out, "{0");
      t->at++;
      return;
    }
  }
  copy(t, 1);
}

/* The opening of a class: a ']' that comes first is an ordinary member. */
static void translate_class(struct translation *t) {
  t->in_class = true;
  copy(t, 1);
  if (peek(t, 0) == '^') copy(t, 1);
  if (peek(t, 0) == ']') copy(t, 1);
}

/* "[:alpha:]" inside a class: its ']' does not end the class. */
static bool translate_posix(struct translation *t) {
  if (peek(t, 1) != ':') return false;
  size_t i = 2;
  while ((peek(t, i) >= 'a' && peek(t, i) <= 'z') || peek(t, i) == '^') i++;
  if (i == 2 || peek(t, i) != ':' || peek(t, i + 1) != ']') return false;
  copy(t, i + 2);
  return true;
}

/* "(?aim)" at the very start: `a` and `u` are Python's alone. */
static void translate_flags(struct translation *t) {
  if (t->len < 4 || memcmp(t->in, "(?", 2) != 0) return;
  size_t end = 2;
  while (end < t->len && t->in[end] && strchr("aimsux", t->in[end])) end++;
  if (end == 2 || end >= t->len || t->in[end] != ')') return;
  struct core_str kept = {0};
  for (size_t i = 2; i < end; i++) {
    if (t->in[i] == 'a')
      t->ascii = true;
    else if (t->in[i] != 'u')
      core_str_char(&kept, t->in[i]);
  }
  if (kept.len > 0) core_str_printf(&t->out, "(?%s)", core_str_text(&kept));
  if (kept.failed) t->out.failed = true;
  core_str_close(&kept);
  t->at = end + 1;
}

static void translate(struct translation *t) {
  translate_flags(t);
  while (t->at < t->len && t->out.len < t->stop && !t->out.failed) {
    const char c = t->in[t->at];
    if (c == '\\') {
      translate_escape(t);
    } else if (t->in_class) {
      if (c == '[' && translate_posix(t)) continue;
      if (c == ']') t->in_class = false;
      copy(t, 1);
    } else if (c == '[') {
      translate_class(t);
    } else if (c == '{') {
      translate_brace(t);
    } else {
      copy(t, 1);
    }
  }
}

/* ------------------------------------------------------------------ compiling */

/* The fault's place is known in the translated pattern; people see the one that they wrote. */
static enum core_status compile_fault(const char *pattern, size_t len, int code, size_t offset,
                                      struct core_error *err) {
  struct translation t = {.in = pattern, .len = len, .stop = offset};
  translate(&t);
  core_str_close(&t.out);
  PCRE2_UCHAR why[256];
  if (pcre2_get_error_message(code, why, sizeof why) < 0) why[0] = '\0';
  const size_t shown = core_utf8_count(pattern, t.at < len ? t.at : len);
  return core_fail(err, CORE_INVAL, "regular expression '%.*s': %s, at character %zu",
                   len > 200 ? 200 : (int)len, pattern, (const char *)why, shown + 1);
}

static enum core_status compile(struct val_regex *regex, const char *pattern, size_t len,
                                enum val_regex_text text, struct core_error *err) {
  struct translation t = {.in = pattern, .len = len, .stop = SIZE_MAX};
  pcre2_compile_context *context = pcre2_compile_context_create(regex->memory);
  translate(&t);
  enum core_status st = core_str_status(&t.out, err);
  if (st == CORE_OK && !context) st = core_fail_nomem(err, len);
  if (st != CORE_OK) goto out;
  pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_ALT_CIRCUMFLEX;
  if (!t.ascii) options |= PCRE2_UCP;
  if (text == VAL_REGEX_ANY_BYTES) options |= PCRE2_MATCH_INVALID_UTF;
  int code = 0;
  size_t offset = 0;
  regex->code =
      pcre2_compile((PCRE2_SPTR)core_str_text(&t.out), t.out.len, options, &code, &offset, context);
  if (!regex->code && code == PCRE2_ERROR_HEAP_FAILED)
    st = core_fail_nomem(err, len);
  else if (!regex->code)
    st = compile_fault(pattern, len, code, offset, err);
out:
  pcre2_compile_context_free(context);
  core_str_close(&t.out);
  return st;
}

static enum core_status prepare_match(struct val_regex *regex, struct core_error *err) {
  regex->match = pcre2_match_data_create_from_pattern(regex->code, regex->memory);
  regex->limits = pcre2_match_context_create(regex->memory);
  if (!regex->match || !regex->limits) return core_fail_nomem(err, sizeof *regex);
  pcre2_set_match_limit(regex->limits, MATCH_LIMIT);
  pcre2_set_depth_limit(regex->limits, DEPTH_LIMIT);
  pcre2_set_heap_limit(regex->limits, HEAP_LIMIT_KIB);
  regex->jit = pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0;
  return CORE_OK;
}

enum core_status val_regex_open(const char *pattern, size_t len, enum val_regex_text text,
                                struct val_regex **out, struct core_error *err) {
  *out = NULL;
  if (len > VAL_REGEX_PATTERN_BYTES) {
    return core_fail(err, CORE_LIMIT, "a regular expression of %zu bytes; at most %d are taken",
                     len, VAL_REGEX_PATTERN_BYTES);
  }
  struct val_regex *regex = core_calloc(1, sizeof *regex);
  if (!regex) return core_fail_nomem(err, sizeof *regex);
  regex->memory = pcre2_general_context_create(regex_alloc, regex_free, NULL);
  enum core_status st = regex->memory ? CORE_OK : core_fail_nomem(err, sizeof *regex);
  if (st == CORE_OK) st = compile(regex, pattern, len, text, err);
  if (st == CORE_OK) st = prepare_match(regex, err);
  if (st == CORE_OK && text == VAL_REGEX_UTF8) st = val_dfa_open(pattern, len, &regex->dfa, err);
  if (st != CORE_OK) {
    val_regex_close(regex);
    return st;
  }
  *out = regex;
  return CORE_OK;
}

void val_regex_close(struct val_regex *regex) {
  if (!regex) return;
  val_dfa_close(regex->dfa);
  pcre2_match_data_free(regex->match);
  pcre2_match_context_free(regex->limits);
  pcre2_code_free(regex->code);
  pcre2_general_context_free(regex->memory);
  core_free(regex);
}

/* ------------------------------------------------------------------ searching */

static int search_once(struct val_regex *regex, PCRE2_SPTR text, size_t len) {
  if (regex->jit) {
    const int rc = pcre2_jit_match(regex->code, text, len, 0, 0, regex->match, regex->limits);
    if (rc != PCRE2_ERROR_JIT_STACKLIMIT) return rc;
  }
  return pcre2_match(regex->code, text, len, 0, PCRE2_NO_JIT, regex->match, regex->limits);
}

static enum core_status search_fault(int code, struct core_error *err) {
  if (code == PCRE2_ERROR_NOMEMORY) return core_fail_nomem(err, 0);
  PCRE2_UCHAR why[128];
  if (pcre2_get_error_message(code, why, sizeof why) < 0) why[0] = '\0';
  return core_fail(err, CORE_LIMIT,
                   "a regular expression was given up on a value: %s; simplify its repetitions",
                   (const char *)why);
}

enum core_status val_regex_search(struct val_regex *regex, const char *text, size_t len,
                                  bool *found, struct core_error *err) {
  *found = regex->found = false;
  if (len > VAL_REGEX_TEXT_BYTES) {
    return core_fail(
        err, CORE_LIMIT,
        "a value of %zu bytes is too long for a regular expression; at most %d are searched", len,
        VAL_REGEX_TEXT_BYTES);
  }
  const int rc = search_once(regex, (PCRE2_SPTR)(text ? text : ""), len);
  if (rc == PCRE2_ERROR_NOMATCH) return CORE_OK;
  if (rc < 0) return search_fault(rc, err);
  *found = regex->found = true;
  return CORE_OK;
}

/* ---- many texts ---- */

#define BLOCK       1024 /* texts */
#define LONG_LENGTH 64   /* longer ones go one by one */

static enum core_status match_one(struct val_regex *regex, const struct val_regex_texts *texts,
                                  size_t i, uint8_t *found, struct core_error *err) {
  const char *text = texts->bytes + texts->offsets[i];
  const size_t len = (size_t)(texts->offsets[i + 1] - texts->offsets[i]);
  enum val_dfa_answer answer = VAL_DFA_UNKNOWN;
  bool is_found = false;
  if (regex->dfa && len <= VAL_REGEX_TEXT_BYTES) answer = val_dfa_search(regex->dfa, text, len);
  if (answer == VAL_DFA_UNKNOWN) CORE_TRY(val_regex_search(regex, text, len, &is_found, err));
  if (is_found || answer == VAL_DFA_YES) found[i >> 3] |= (uint8_t)(1U << (i & 7));
  return CORE_OK;
}

/* At most VAL_DFA_LANES texts of one length; lanes to spare look at the first of them again. */
static enum core_status match_lanes(struct val_regex *regex, const struct val_regex_texts *texts,
                                    const uint16_t *order, size_t first, size_t n, size_t len,
                                    uint8_t *found, struct core_error *err) {
  const char *text[VAL_DFA_LANES];
  enum val_dfa_answer answer[VAL_DFA_LANES];
  for (size_t k = 0; k < VAL_DFA_LANES; k++)
    text[k] = texts->bytes + texts->offsets[first + order[k < n ? k : 0]];
  val_dfa_search_lanes(regex->dfa, text, len, answer);
  for (size_t k = 0; k < n; k++) {
    const size_t i = first + order[k];
    if (answer[k] == VAL_DFA_UNKNOWN) CORE_TRY(match_one(regex, texts, i, found, err));
    found[i >> 3] |= (uint8_t)((unsigned)(answer[k] == VAL_DFA_YES) << (i & 7));
  }
  return CORE_OK;
}

/* Numbers of the texts that are considered, those of a length together: end[len] is behind the last of them. */
static void by_length(const struct val_regex_texts *texts, size_t first, size_t n, uint16_t *order,
                      uint16_t *end) {
  const int32_t *offsets = texts->offsets + first;
  uint8_t class[BLOCK];
  uint16_t count[LONG_LENGTH + 2] = {0}; /* the last: not considered */
  for (size_t i = 0; i < n; i++) {
    const size_t len = (size_t)(offsets[i + 1] - offsets[i]), at = first + i;
    const bool asked = texts->considered[at >> 3] >> (at & 7) & 1;
    class[i] = !asked ? LONG_LENGTH + 1 : len < LONG_LENGTH ? (uint8_t)len : LONG_LENGTH;
    count[class[i]]++;
  }
  end[0] = 0;
  for (size_t len = 1; len < LONG_LENGTH + 2; len++)
    end[len] = (uint16_t)(end[len - 1] + count[len - 1]);
  for (size_t i = 0; i < n; i++) order[end[class[i]]++] = (uint16_t)i;
}

static enum core_status match_block(struct val_regex *regex, const struct val_regex_texts *texts,
                                    size_t first, size_t n, uint8_t *found,
                                    struct core_error *err) {
  uint16_t order[BLOCK], end[LONG_LENGTH + 2];
  size_t at = 0;
  by_length(texts, first, n, order, end);
  for (size_t len = 0; len < LONG_LENGTH; len++)
    for (size_t some; at < end[len]; at += some) {
      some = end[len] - at < VAL_DFA_LANES ? end[len] - at : VAL_DFA_LANES;
      CORE_TRY(match_lanes(regex, texts, order + at, first, some, len, found, err));
    }
  for (; at < end[LONG_LENGTH]; at++)
    CORE_TRY(match_one(regex, texts, first + order[at], found, err));
  return CORE_OK;
}

enum core_status val_regex_match_texts(struct val_regex *regex, const struct val_regex_texts *texts,
                                       uint8_t *found, struct core_error *err) {
  for (size_t i = 0; regex->dfa && i < texts->n; i += BLOCK) {
    const size_t rest = texts->n - i;
    CORE_TRY(match_block(regex, texts, i, rest < BLOCK ? rest : BLOCK, found, err));
  }
  for (size_t i = 0; !regex->dfa && i < texts->n; i++)
    if (texts->considered[i >> 3] >> (i & 7) & 1) CORE_TRY(match_one(regex, texts, i, found, err));
  return CORE_OK;
}

int val_regex_group(const struct val_regex *regex, const char *name) {
  const int group = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);
  return group > 0 ? group : -1;
}

bool val_regex_span(const struct val_regex *regex, int group, size_t *start, size_t *len) {
  if (!regex->found || group < 0 || (uint32_t)group >= pcre2_get_ovector_count(regex->match))
    return false;
  const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(regex->match);
  const PCRE2_SIZE from = spans[2 * group], to = spans[2 * group + 1];
  if (from == PCRE2_UNSET || to < from) return false; /* \K can put the start behind the end */
  *start = from;
  *len = to - from;
  return true;
}
