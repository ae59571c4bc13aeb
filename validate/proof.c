/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/proof.h"

#include <string.h>

enum core_status val_proof_take(const struct val_reader_ops *ops, struct val_reader *reader,
                                int64_t n_rows, size_t n_columns, struct val_pass *pass,
                                struct val_facts *facts, bool *wanted, struct core_error *err) {
  bool open = true;
  memset(wanted, true, n_columns * sizeof *wanted);
  for (int proof = VAL_PROOF_FOOTER; proof <= VAL_PROOF_LAST && open; proof++) {
    open = false;
    for (size_t i = 0; i < n_columns; i++)
      if (wanted[i]) ops->part_facts(reader, i, (enum val_proof)proof, &facts[i]);
    memset(wanted, 0, n_columns * sizeof *wanted);
    CORE_TRY(val_pass_absorb(pass, n_rows, (enum val_proof)proof, facts, wanted, err));
    for (size_t i = 0; i < n_columns; i++) open |= wanted[i];
  }
  return CORE_OK;
}
