/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/dataset/field_table.h"

#include <string.h>

#include "core/hash.h"

#define FIRST_SLOTS 64

static size_t *slot_of(const struct val_field_table *table, const char *name) {
  size_t at = (size_t)core_hash64(name, strlen(name), 0) & (table->n_slots - 1);
  while (table->slots[at] && strcmp(table->fields[table->slots[at] - 1].name, name) != 0)
    at = (at + 1) & (table->n_slots - 1);
  return &table->slots[at];
}

size_t val_field_table_find(const struct val_field_table *table, const char *name) {
  if (table->n_slots == 0) return table->n;
  const size_t found = *slot_of(table, name);
  return found ? found - 1 : table->n;
}

/* Half of the slots stay free. */
static enum core_status grow_slots(struct val_field_table *table, struct core_error *err) {
  if (2 * (table->n + 1) < table->n_slots) return CORE_OK;
  const size_t n = table->n_slots ? 2 * table->n_slots : FIRST_SLOTS;
  size_t *slots = core_calloc(n, sizeof *slots);
  if (!slots) return core_fail_nomem(err, n * sizeof *slots);
  core_free(table->slots);
  table->slots = slots;
  table->n_slots = n;
  for (size_t i = 0; i < table->n; i++) *slot_of(table, table->fields[i].name) = i + 1;
  return CORE_OK;
}

enum core_status val_field_table_add(struct val_field_table *table, const struct val_field *field,
                                     struct core_arena *arena, struct core_error *err) {
  void *block = table->fields;
  CORE_TRY(core_grow(&block, &table->cap, table->n + 1, sizeof *table->fields, err));
  table->fields = block;
  CORE_TRY(grow_slots(table, err));
  struct val_field *own = &table->fields[table->n];
  *own = *field;
  own->name = core_arena_strdup(arena, field->name);
  own->note = field->note ? core_arena_strdup(arena, field->note) : NULL;
  if (!own->name || (field->note && !own->note)) return core_fail_nomem(err, strlen(field->name));
  table->n++;
  *slot_of(table, own->name) = table->n;
  return CORE_OK;
}

void val_field_table_close(struct val_field_table *table) {
  core_free(table->fields);
  core_free(table->slots);
  *table = (struct val_field_table){.n = 0};
}
