/* SPDX-License-Identifier: GPL-3.0-or-later
 * The list of readers. */
#include "validate/reader/reader.h"

#define X(name) extern const struct val_reader_ops val_reader_##name;
#include "validate/reader/reader_list.h"
#undef X

static const struct val_reader_ops *const all[] = {
#define X(name) &val_reader_##name,
#include "validate/reader/reader_list.h"
#undef X
    NULL};

const struct val_reader_ops *const *val_reader_all(void) {
  return all;
}
