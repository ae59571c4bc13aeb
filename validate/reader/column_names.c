/* SPDX-License-Identifier: GPL-3.0-or-later
 * Looks names up in a small open-addressing table, so that a hundred thousand equal names take no quadratic time. */
#include "validate/reader/column_names.h"

#include <string.h>

#include "core/hash.h"

struct name_table {
  const char **slots; /* NULL: free */
  size_t *next;       /* beside each name: the suffix to try next for its duplicates */
  size_t mask;
};

static size_t name_slot(const struct name_table *table, const char *name) {
  size_t at = (size_t)core_hash64(name, strlen(name), 0) & table->mask;
  while (table->slots[at] && strcmp(table->slots[at], name) != 0) at = (at + 1) & table->mask;
  return at;
}

/* The text of a header field. A NUL byte would hide what follows it: it is shown as U+FFFD. */
static char *field_name(const struct val_csv_block *record, size_t i, struct core_arena *arena) {
  const struct val_csv_field field = record->fields[i];
  const char *text = record->bytes + field.start;
  struct core_str name = {0};
  for (size_t k = 0; k < field.len; k++) {
    if (text[k])
      core_str_char(&name, text[k]);
    else
      core_str_text_append(&name, "\xef\xbf\xbd");
  }
  char *copy = name.failed ? NULL : core_arena_strndup(arena, core_str_text(&name), name.len);
  core_str_close(&name);
  return copy;
}

/* "a", then "a.1", "a.2", ...: the first that no column has yet. */
static const char *distinct_name(struct name_table *table, const char *name,
                                 const struct val_csv_block *record, struct core_arena *arena,
                                 struct val_findings *findings) {
  const size_t first = name_slot(table, name);
  size_t at = first;
  const char *given = name;
  while (table->slots[at]) {
    given = core_arena_printf(arena, "%s.%zu", name, ++table->next[first]);
    if (!given) return NULL;
    at = name_slot(table, given);
  }
  table->slots[at] = given;
  if (at != first) {
    val_findings_add(findings, VAL_FINDING_DUPLICATE_COLUMN, -1, record->line[0], record->byte[0],
                     given, "a column before it is named '%s' too; it is called '%s'", name, given);
  }
  return given;
}

static const char *column_name(struct name_table *table, const struct val_csv_block *record,
                               size_t i, bool header, struct core_arena *arena,
                               struct val_findings *findings) {
  if (!header) return core_arena_printf(arena, "%zu", i);
  const char *name = field_name(record, i, arena);
  if (!name) return NULL;
  if (name[0] == '\0') {
    name = core_arena_printf(arena, "Unnamed: %zu", i);
    if (!name) return NULL;
    val_findings_add(findings, VAL_FINDING_BLANK_HEADER, -1, record->line[0], record->byte[0], name,
                     "column %zu has no name; it is called '%s'", i + 1, name);
  }
  return distinct_name(table, name, record, arena, findings);
}

enum core_status val_column_names_of(const struct val_csv_block *record, bool header,
                                     struct core_arena *arena, struct val_findings *findings,
                                     const char ***names, struct core_error *err) {
  const size_t n = record->n_fields;
  size_t slots = 16;
  while (slots < 2 * n) slots *= 2;
  struct name_table table = {core_calloc(slots, sizeof(char *)), core_calloc(slots, sizeof(size_t)),
                             slots - 1};
  *names = core_arena_calloc(arena, n, sizeof **names);
  bool good = table.slots && table.next && *names;
  for (size_t i = 0; i < n && good; i++) {
    (*names)[i] = column_name(&table, record, i, header, arena, findings);
    good = (*names)[i] != NULL;
  }
  core_free(table.slots);
  core_free(table.next);
  return good ? CORE_OK : core_fail_nomem(err, n * sizeof **names);
}
