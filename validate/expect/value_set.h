/* SPDX-License-Identifier: GPL-3.0-or-later
 * A set of values as written in a suite, made ready for a column of one type: asking costs no allocation. Equality is
 * Python's: 1 == 1.0 == true, text never equals a number; for dates and timestamps text stands for them. */
#pragma once
#include "validate/metric/hashes.h"
#include "validate/scalar.h"
#include "validate/text/short_text.h"

struct val_short_text {
  uint64_t word;
  uint64_t len_plus_1; /* 0: free */
};

struct val_value_set {
  enum val_type type;
  uint64_t *keys; /* ascending; types whose values are 64 bits */
  size_t n;
  struct val_hashes texts; /* STRING, BINARY, DECIMAL */
  /* STRING: those of at most eight bytes, by their words. 1 << bits slots, at most a quarter of them taken. */
  struct val_short_text *shorts;
  unsigned bits;
};
/* Items that can equal no value of the type are left out, null among them. The set must be closed. */
enum core_status val_value_set_open(struct val_value_set *set, const struct core_node *list,
                                    enum val_type type, struct core_error *err) CORE_MUST_CHECK;
/* An item of the list as a value that compares with those of the type; false: it can equal none of them. */
bool val_value_set_item(const struct core_node *item, enum val_type type, struct val_scalar *out);
/* Text is in the set? */
static inline bool val_value_set_has_short(const struct val_value_set *set, const char *text,
                                           size_t len) {
  const uint64_t word = val_short_text_word(text, len);
  const size_t mask = ((size_t)1 << set->bits) - 1;
  size_t at = val_short_text_slot(word, len, set->bits);
  for (; set->shorts[at].len_plus_1; at = (at + 1) & mask)
    if (set->shorts[at].word == word && set->shorts[at].len_plus_1 == len + 1) return true;
  return false;
}
bool val_value_set_has(const struct val_value_set *set, const struct val_column *column,
                       size_t row); /* not null */
bool val_value_set_has_scalar(const struct val_value_set *set,
                              const struct val_scalar *value); /* of the set's type */
void val_value_set_close(struct val_value_set *set);

/* The hash that val_hash_value gives for the column's value that equals the one written; null has the hash of null.
 * False: no value of the type equals it. For sets of tuples. */
bool val_written_hash(const struct core_node *node, enum val_type type, struct core_hash128 *out);
