/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fields by their names: those of one dataset, each once, in the order in which they came. */
#pragma once
#include "core/mem.h"
#include "validate/batch.h"

struct val_field_table {
  struct val_field *fields;
  size_t n, cap;
  size_t *slots; /* index + 1 by the hash of the name */
  size_t n_slots;
};

/* The field of that name; n: there is none. */
size_t val_field_table_find(const struct val_field_table *table, const char *name);
/* One that is not there yet; its texts are copied into the arena. */
enum core_status val_field_table_add(struct val_field_table *table, const struct val_field *field,
                                     struct core_arena *arena,
                                     struct core_error *err) CORE_MUST_CHECK;
void val_field_table_close(struct val_field_table *table);
