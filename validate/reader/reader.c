/* SPDX-License-Identifier: GPL-3.0-or-later
 * The list of readers. */
#include "validate/reader/reader.h"

#include <string.h>

#include "validate/input/unpack.h"

#define PEEK_BYTES 4096

#define X(name) extern const struct val_reader_ops val_reader_##name;
#include "validate/reader/reader_list.h"
#undef X

static const struct val_reader_ops *const all[] = {
#define X(name) &val_reader_##name,
#include "validate/reader/reader_list.h"
#undef X
    NULL};

bool val_read_needs(const char *const *needed, const char *name) {
  return !needed || val_read_needs_elements(needed, name);
}

bool val_read_needs_elements(const char *const *elements, const char *name) {
  for (size_t i = 0; elements && elements[i]; i++)
    if (strcmp(elements[i], name) == 0) return true;
  return false;
}

const struct val_reader_ops *const *val_reader_all(void) {
  return all;
}

enum core_status val_reader_choose(struct core_source *source, const struct val_reader_ops **out,
                                   struct core_error *err) {
  unsigned char first[PEEK_BYTES];
  size_t n = 0;
  CORE_TRY(val_peek(source, first, sizeof first, &n, err));
  for (size_t i = CORE_COUNT_OF(all) - 1; i-- > 0;) { /* the last one is NULL */
    if (!all[i]->claims(core_source_name(source), first, n)) continue;
    *out = all[i];
    return CORE_OK;
  }
  return core_fail(err, CORE_PARSE, "%s: no reader knows this kind of file",
                   core_source_name(source));
}
