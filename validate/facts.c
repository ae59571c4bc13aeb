/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/facts.h"

#include <math.h>

const char *val_proof_name(enum val_proof proof) {
  static const char *const names[] = {"read", "footer", "page index", "bloom filter"};
  return names[proof];
}

bool val_facts_lack(const struct val_facts *facts, const struct val_scalar *value) {
  if (value->type == VAL_TYPE_DOUBLE && isnan(value->number)) return true; /* it equals nothing */
  if (facts->knows_range && val_types_compare(value->type, facts->least.type) &&
      (val_scalar_compare(value, &facts->least) < 0 ||
       val_scalar_compare(value, &facts->greatest) > 0))
    return true;
  return facts->lacks && facts->lacks(facts->with, value);
}
