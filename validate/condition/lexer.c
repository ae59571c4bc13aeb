/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/condition/lexer.h"

#include "core/num.h"
#include <stdio.h>
#include <string.h>

/* Longer signs first. */
static const char *const signs[] = {"**", "//", "==", "!=", "<=", ">=", "<", ">", "(", ")",
                                    "[",  "]",  ",",  ".",  "=",  "+",  "-", "*", "/", "%",
                                    "^",  "&",  "|",  "~",  "@",  ":",  "{", "}"};

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Bytes of other scripts are letters: column names are in every language. */
static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* Counted on from the last place, so that a long text is walked once. */
static size_t place(struct val_lexer *lexer) {
  lexer->n_counted += core_utf8_count(lexer->counted, (size_t)(lexer->next - lexer->counted));
  lexer->counted = lexer->next;
  return lexer->n_counted + 1;
}

static enum core_status read_number(struct val_lexer *lexer, struct core_error *err) {
  const char *p = lexer->next;
  bool whole = true;
  while (p < lexer->end && is_digit(*p)) p++;
  if (p < lexer->end && *p == '.') {
    whole = false;
    for (p++; p < lexer->end && is_digit(*p);) p++;
  }
  if (p < lexer->end && (*p == 'e' || *p == 'E')) {
    const char *q = p + 1;
    if (q < lexer->end && (*q == '+' || *q == '-')) q++;
    if (q < lexer->end && is_digit(*q)) {
      whole = false;
      for (p = q; p < lexer->end && is_digit(*p);) p++;
    }
  }
  const size_t len = (size_t)(p - lexer->next);
  struct val_token *token = &lexer->token;
  token->kind = VAL_TOKEN_NUMBER;
  token->text = (struct core_slice){lexer->next, len};
  token->value = val_scalar_int64(0);
  if (!whole || !core_parse_int64(lexer->next, len, &token->value.integer)) {
    double number = 0;
    if (!core_parse_double(lexer->next, len, &number))
      return core_fail(err, CORE_INVAL, "'%.*s' at character %zu is no number", (int)len,
                       lexer->next, token->at);
    token->value = val_scalar_double(number);
  }
  lexer->next = p;
  return CORE_OK;
}

static char resolve(char c) {
  switch (c) {
  case 'n':
    return '\n';
  case 't':
    return '\t';
  case 'r':
    return '\r';
  default:
    return c;
  }
}

/* Python's texts; of the escapes those that data holds: \n \t \r \\ \' \". Others keep their backslash. */
static enum core_status read_text(struct val_lexer *lexer, struct core_error *err) {
  const char quote = *lexer->next, *p = lexer->next + 1;
  while (p < lexer->end && *p != quote) p += *p == '\\' && p + 1 < lexer->end ? 2 : 1;
  if (p >= lexer->end)
    return core_fail(err, CORE_INVAL, "the %c at character %zu is not closed", quote,
                     lexer->token.at);
  const char *from = lexer->next + 1;
  char *out = core_arena_alloc(lexer->arena, (size_t)(p - from) + 1);
  size_t n = 0;
  if (!out) return core_fail_nomem(err, (size_t)(p - from) + 1);
  for (const char *c = from; c < p; c++) {
    const bool escape = *c == '\\' && c + 1 < p && strchr("ntr\\'\"", c[1]);
    out[n++] = escape ? resolve(*++c) : *c;
  }
  out[n] = '\0';
  lexer->token.kind = VAL_TOKEN_TEXT;
  lexer->token.text = (struct core_slice){out, n};
  lexer->next = p + 1;
  return CORE_OK;
}

static bool in_name(const struct val_lexer *lexer, const char *p) {
  if (is_letter(*p) || is_digit(*p)) return true;
  return *p && lexer->name_marks && strchr(lexer->name_marks, *p);
}

static void read_name(struct val_lexer *lexer) {
  const char *p = lexer->next;
  while (p < lexer->end && in_name(lexer, p)) p++;
  lexer->token.kind = VAL_TOKEN_NAME;
  lexer->token.text = (struct core_slice){lexer->next, (size_t)(p - lexer->next)};
  lexer->next = p;
}

static enum core_status read_backticks(struct val_lexer *lexer, struct core_error *err) {
  const char *from = lexer->next + 1;
  const char *close = memchr(from, '`', (size_t)(lexer->end - from));
  if (!close)
    return core_fail(err, CORE_INVAL, "the ` at character %zu is not closed", lexer->token.at);
  lexer->token.kind = VAL_TOKEN_NAME;
  lexer->token.quoted = true;
  lexer->token.text = (struct core_slice){from, (size_t)(close - from)};
  lexer->next = close + 1;
  return CORE_OK;
}

static enum core_status read_sign(struct val_lexer *lexer, struct core_error *err) {
  const size_t left = (size_t)(lexer->end - lexer->next);
  for (size_t i = 0; i < CORE_COUNT_OF(signs); i++) {
    const size_t len = strlen(signs[i]);
    if (len > left || memcmp(lexer->next, signs[i], len) != 0) continue;
    lexer->token.kind = VAL_TOKEN_SIGN;
    lexer->token.text = (struct core_slice){signs[i], len};
    lexer->next += len;
    return CORE_OK;
  }
  return core_fail(err, CORE_INVAL, "'%c' at character %zu means nothing here", *lexer->next,
                   lexer->token.at);
}

enum core_status val_lexer_advance(struct val_lexer *lexer, struct core_error *err) {
  while (lexer->next < lexer->end && strchr(" \t\r\n", *lexer->next) && *lexer->next) lexer->next++;
  const char *p = lexer->next;
  lexer->token = (struct val_token){.kind = VAL_TOKEN_END, .at = place(lexer)};
  if (p == lexer->end) return CORE_OK;
  if (is_digit(*p) || (*p == '.' && p + 1 < lexer->end && is_digit(p[1])))
    return read_number(lexer, err);
  if (*p == '"' || *p == '\'') return read_text(lexer, err);
  if (*p == '`') return read_backticks(lexer, err);
  if (is_letter(*p)) {
    read_name(lexer);
    return CORE_OK;
  }
  return read_sign(lexer, err);
}

enum core_status val_lexer_open(struct val_lexer *lexer, const char *text, size_t len,
                                const char *name_marks, struct core_arena *arena,
                                struct core_error *err) {
  *lexer = (struct val_lexer){
      .name_marks = name_marks, .next = text, .end = text + len, .counted = text, .arena = arena};
  return val_lexer_advance(lexer, err);
}

bool val_lexer_is(const struct val_lexer *lexer, const char *text) {
  const struct val_token *token = &lexer->token;
  return (token->kind == VAL_TOKEN_SIGN || (token->kind == VAL_TOKEN_NAME && !token->quoted)) &&
         core_slice_is(token->text, text);
}

enum core_status val_lexer_take(struct val_lexer *lexer, const char *text, bool *taken,
                                struct core_error *err) {
  *taken = val_lexer_is(lexer, text);
  return *taken ? val_lexer_advance(lexer, err) : CORE_OK;
}

enum core_status val_lexer_expected(const struct val_lexer *lexer, const char *what,
                                    struct core_error *err) {
  const struct val_token *token = &lexer->token;
  if (token->kind == VAL_TOKEN_END)
    return core_fail(err, CORE_INVAL, "expected %s at the end", what);
  return core_fail(err, CORE_INVAL, "expected %s at character %zu, found '%.*s'", what, token->at,
                   (int)(token->text.len < 40 ? token->text.len : 40), token->text.data);
}

enum core_status val_lexer_want(struct val_lexer *lexer, const char *text, struct core_error *err) {
  char what[16];
  if (val_lexer_is(lexer, text)) return val_lexer_advance(lexer, err);
  snprintf(what, sizeof what, "'%s'", text);
  return val_lexer_expected(lexer, what, err);
}
