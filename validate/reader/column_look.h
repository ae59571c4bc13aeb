/* SPDX-License-Identifier: GPL-3.0-or-later
 * Looks at a column of text fields before anything is built from it: which classes its values have, and which value it
 * was that made text of a column that otherwise reads as something else. */
#pragma once
#include "validate/csv/csv_block.h"
#include "validate/reader/infer.h"
#include "validate/reader/null_tokens.h"

/* The first value that does not go with the others of its column. */
struct val_odd_value {
  enum val_type
      otherwise; /* what the column would be without such values; VAL_TYPE_NULL: there is none */
  size_t row;    /* of the block */
  struct core_slice text; /* borrowed from the block */
};

/* The classes (validate/reader/infer.h) of the values of one column of a block, added to `before`, those of the rows
 * above. A column that was text already is not looked at again. `odd` is filled where this block made text of the column:
 * what the rows above were is the rule, and in their absence what at least half of the block's values are; a column
 * without such a rule is text in its own right. May be NULL. */
unsigned val_column_look(size_t slot, const struct val_csv_block *block,
                         const struct val_null_tokens *nulls, unsigned before,
                         struct val_odd_value *odd);
