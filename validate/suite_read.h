/* SPDX-License-Identifier: GPL-3.0-or-later
 * Inside of the suite reader: one expectation out of its node. */
#pragma once
#include "validate/expect/expectation.h"
#include "validate/parameter.h"

/* `written` holds what stands beside the kwargs in Great Expectations' form ({"type", "kwargs", "meta", ...}); NULL in the
 * short form, where `kwargs` holds everything. `name_pos`: where the expectation's name stands. */
struct val_written {
  const char *name;
  struct core_pos name_pos;
  struct core_node *kwargs; /* NULL or a null: none; its parameters are filled in */
  const struct core_node *written;
};
enum core_status val_expected_open(struct val_expected *expected, const struct val_written *from,
                                   const struct val_parameters *parameters,
                                   struct core_arena *arena,
                                   struct core_error *err) CORE_MUST_CHECK;
void val_expected_close(struct val_expected *expected);
