/* SPDX-License-Identifier: GPL-3.0-or-later
 * Words of the small languages inside a suite's texts: row conditions and parameter expressions. A token borrows from
 * the text; places are 1-based characters of it. */
#pragma once
#include "core/mem.h"
#include "core/str.h"
#include "validate/scalar.h"

enum val_token_kind {
  VAL_TOKEN_END,
  VAL_TOKEN_NUMBER, /* `value` is an INT64 or a DOUBLE */
  VAL_TOKEN_TEXT,   /* "..." or '...'; `text` without quotes, backslashes resolved */
  VAL_TOKEN_NAME,   /* a word; also `in backticks` (then `quoted`) */
  VAL_TOKEN_SIGN    /* one of the signs below, in `text` */
};

struct val_token {
  enum val_token_kind kind;
  struct core_slice text;
  struct val_scalar value;
  bool quoted;
  size_t at; /* 1-based character */
};

struct val_lexer {
  const char *next, *end;
  const char *counted; /* up to here there are n_counted characters */
  size_t n_counted;
  const char
      *name_marks; /* characters besides letters, digits and '_' that a name may hold inside */
  struct core_arena *arena; /* resolved texts */
  struct val_token token;   /* the one at hand */
};

/* Reads the first token. CORE_INVAL: a text that is not closed, a character that starts nothing, a number too long. */
enum core_status val_lexer_open(struct val_lexer *lexer, const char *text, size_t len,
                                const char *name_marks, struct core_arena *arena,
                                struct core_error *err) CORE_MUST_CHECK;
enum core_status val_lexer_advance(struct val_lexer *lexer, struct core_error *err) CORE_MUST_CHECK;
/* Is the token at hand that sign, or that bare word? */
bool val_lexer_is(const struct val_lexer *lexer, const char *text);
/* The same, and goes on to the next token when it is. */
enum core_status val_lexer_take(struct val_lexer *lexer, const char *text, bool *taken,
                                struct core_error *err) CORE_MUST_CHECK;
/* CORE_INVAL unless it is: "expected ')' at character 7, found 'x'". */
enum core_status val_lexer_want(struct val_lexer *lexer, const char *text,
                                struct core_error *err) CORE_MUST_CHECK;
/* "expected WHAT at character 7, found 'x'": always CORE_INVAL. */
enum core_status val_lexer_expected(const struct val_lexer *lexer, const char *what,
                                    struct core_error *err);
