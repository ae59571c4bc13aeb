/* SPDX-License-Identifier: GPL-3.0-or-later
 * The texts that mean "no value". The first byte and the length rule nearly every value out without a comparison. */
#pragma once
#include "core/mem.h"
#include "core/str.h"
#include <stdbool.h>
#include <stdint.h>

struct val_null_tokens {
  struct core_slice *tokens; /* sorted by their first byte */
  size_t n_tokens;
  bool empty;            /* the empty text is one */
  bool borrowed;         /* a copy: the tokens are another's */
  size_t first[256];     /* where the tokens with that first byte begin */
  uint64_t lengths[256]; /* by first byte: bit min(length, 63) */
};

/* Borrows `words` (NULL-terminated); NULL is pandas 2's documented list. */
enum core_status val_null_tokens_init(struct val_null_tokens *nulls, const char *const *words,
                                      struct core_error *err) CORE_MUST_CHECK;
void val_null_tokens_close(struct val_null_tokens *nulls);
bool val_null_tokens_find(const struct val_null_tokens *nulls, const char *text, size_t len);

static inline bool val_null_tokens_has(const struct val_null_tokens *nulls, const char *text,
                                       size_t len) {
  if (len == 0) return nulls->empty;
  const uint64_t lengths = nulls->lengths[(unsigned char)text[0]];
  if (lengths == 0 || !(lengths >> (len < 63 ? len : 63) & 1)) return false;
  return val_null_tokens_find(nulls, text, len);
}
