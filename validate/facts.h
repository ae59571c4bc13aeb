/* SPDX-License-Identifier: GPL-3.0-or-later
 * What an input says of a column's values in one of its parts, so that they need not be read: only what can be relied on. */
#pragma once
#include "validate/scalar.h"

/* Where such a thing is said: what is looked at first comes first. */
enum val_proof { VAL_PROOF_NONE, VAL_PROOF_FOOTER, VAL_PROOF_PAGE_INDEX, VAL_PROOF_BLOOM_FILTER };
#define VAL_PROOF_LAST VAL_PROOF_BLOOM_FILTER
const char *val_proof_name(enum val_proof proof); /* "footer"; of NONE: "read" */

struct val_facts {
  bool knows_nulls;
  int64_t n_null; /* of the part's rows; NaN counts as null, as everywhere */
  bool knows_range;
  struct val_scalar least, greatest; /* every value lies between them; neither need occur */
  bool occur;                        /* but both do */
  /* Is it certain that the value, of the column's type, occurs nowhere in the part? NULL: nobody can tell. */
  bool (*lacks)(const void *with, const struct val_scalar *value);
  const void *with;
};
/* By range or otherwise, a value that compares with those of the column occurs nowhere. */
bool val_facts_lack(const struct val_facts *facts, const struct val_scalar *value);
