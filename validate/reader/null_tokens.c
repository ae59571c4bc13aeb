/* SPDX-License-Identifier: GPL-3.0-or-later
 * The default list is the one that pandas 2.0 and later document for read_csv ("None" is new in 2.0). */
#include "validate/reader/null_tokens.h"

#include <stdlib.h>
#include <string.h>

static int by_first_byte(const void *a, const void *b) {
  const struct core_slice *x = a, *y = b;
  const int p = x->len ? (unsigned char)x->data[0] : -1,
            q = y->len ? (unsigned char)y->data[0] : -1;
  return (p > q) - (p < q);
}

static const char *const pandas_words[] = {
    "",     "#N/A", "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A",  "NA",       "NULL", "NaN",     "None",     "n/a",  "nan",  "null",   NULL};

enum core_status val_null_tokens_init(struct val_null_tokens *nulls, const char *const *words,
                                      struct core_error *err) {
  *nulls = (struct val_null_tokens){0};
  if (!words) words = pandas_words;
  size_t n = 0;
  while (words[n]) n++;
  nulls->tokens = core_calloc(n, sizeof *nulls->tokens);
  if (!nulls->tokens) return core_fail_nomem(err, n * sizeof *nulls->tokens);
  for (size_t i = 0; i < n; i++) {
    const size_t len = strlen(words[i]);
    nulls->tokens[nulls->n_tokens++] = (struct core_slice){words[i], len};
    if (len == 0)
      nulls->empty = true;
    else
      nulls->lengths[(unsigned char)words[i][0]] |= UINT64_C(1) << (len < 63 ? len : 63);
  }
  if (n) qsort(nulls->tokens, n, sizeof *nulls->tokens, by_first_byte);
  for (size_t i = n; i-- > 0;)
    if (nulls->tokens[i].len) nulls->first[(unsigned char)nulls->tokens[i].data[0]] = i;
  return CORE_OK;
}

void val_null_tokens_close(struct val_null_tokens *nulls) {
  if (!nulls->borrowed) core_free(nulls->tokens);
  *nulls = (struct val_null_tokens){0};
}

bool val_null_tokens_find(const struct val_null_tokens *nulls, const char *text, size_t len) {
  const unsigned char first = (unsigned char)text[0];
  for (size_t i = nulls->first[first]; i < nulls->n_tokens; i++) {
    const struct core_slice *token = &nulls->tokens[i];
    if (token->len == 0 || (unsigned char)token->data[0] != first) return false;
    if (token->len == len && token->data[len - 1] == text[len - 1] &&
        memcmp(token->data, text, len) == 0)
      return true;
  }
  return false;
}
