/* SPDX-License-Identifier: GPL-3.0-or-later
 * Counts the values of each class and where the first one stood; the rest is arithmetic on eight numbers. */
#include "validate/reader/column_look.h"

#define N_CLASSES 8

struct look {
  size_t count[N_CLASSES]; /* by the bit of the class */
  size_t first[N_CLASSES]; /* row, where there is one  */
  size_t total;
};

static size_t bit_of(unsigned class_) {
  size_t bit = 0;
  while (class_ > 1) class_ >>= 1, bit++;
  return bit;
}

static unsigned look_at(size_t slot, const struct val_csv_block *block,
                        const struct val_null_tokens *nulls, struct look *look) {
  const struct val_csv_field *field = block->fields + slot;
  unsigned seen = 0;
  for (size_t row = 0; row < block->n_records; row++, field += block->n_fields) {
    const char *text = block->bytes + field->start;
    if (field->len == VAL_CSV_ABSENT || val_null_tokens_has(nulls, text, field->len)) continue;
    const unsigned class_ = val_infer_class(text, field->len);
    const size_t bit = bit_of(class_);
    if (look->count[bit]++ == 0) look->first[bit] = row;
    look->total++;
    seen |= class_;
  }
  return seen;
}

/* The classes that go together in a column, `seen` being those it has: an integer beyond int64 goes with doubles only. */
static unsigned family(size_t i, unsigned seen) {
  static const unsigned families[] = {VAL_CLASS_INT | VAL_CLASS_DOUBLE, VAL_CLASS_BOOL,
                                      VAL_CLASS_DATE | VAL_CLASS_TIMESTAMP, VAL_CLASS_ZONED};
  if (i >= CORE_COUNT_OF(families)) return 0;
  return i == 0 && seen & VAL_CLASS_DOUBLE ? families[0] | VAL_CLASS_BIG_INT : families[i];
}

static size_t count_of(const struct look *look, unsigned classes) {
  size_t n = 0;
  for (size_t bit = 0; bit < N_CLASSES; bit++)
    if (classes >> bit & 1) n += look->count[bit];
  return n;
}

/* What the column is by rule; 0: text. */
static unsigned rule_of(const struct look *look, unsigned before, unsigned seen) {
  for (size_t i = 0; family(i, seen) != 0; i++) {
    const unsigned classes = family(i, seen);
    if (before ? (before & ~classes) == 0 : 2 * count_of(look, classes) >= look->total)
      return classes;
  }
  return 0;
}

static void find_odd(const struct look *look, size_t slot, const struct val_csv_block *block,
                     unsigned before, unsigned seen, struct val_odd_value *odd) {
  const unsigned rule = rule_of(look, before, before | seen);
  size_t row = block->n_records;
  for (size_t bit = 0; bit < N_CLASSES; bit++)
    if (look->count[bit] && !(rule >> bit & 1) && look->first[bit] < row) row = look->first[bit];
  if (rule == 0 || row == block->n_records) return;
  const struct val_csv_field *field = block->fields + row * block->n_fields + slot;
  *odd = (struct val_odd_value){
      val_infer_type((before | seen) & rule), row, {block->bytes + field->start, field->len}};
}

unsigned val_column_look(size_t slot, const struct val_csv_block *block,
                         const struct val_null_tokens *nulls, unsigned before,
                         struct val_odd_value *odd) {
  struct look look = {0};
  if (odd) *odd = (struct val_odd_value){.otherwise = VAL_TYPE_NULL};
  if (val_infer_is_final(before)) return before;
  const unsigned seen = look_at(slot, block, nulls, &look);
  if (odd && val_infer_type(before | seen) == VAL_TYPE_STRING &&
      val_infer_type(before) != VAL_TYPE_STRING)
    find_odd(&look, slot, block, before, seen, odd);
  return before | seen;
}
