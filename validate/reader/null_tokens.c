/* SPDX-License-Identifier: GPL-3.0-or-later
 * The default list is the one that pandas 2.0 and later document for read_csv ("None" is new in 2.0). */
#include "validate/reader/null_tokens.h"

#include <string.h>

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
  return CORE_OK;
}

void val_null_tokens_close(struct val_null_tokens *nulls) {
  if (!nulls->borrowed) core_free(nulls->tokens);
  *nulls = (struct val_null_tokens){0};
}

bool val_null_tokens_find(const struct val_null_tokens *nulls, const char *text, size_t len) {
  for (size_t i = 0; i < nulls->n_tokens; i++) {
    if (nulls->tokens[i].len == len && memcmp(nulls->tokens[i].data, text, len) == 0) return true;
  }
  return false;
}
