/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/encoding/physical.h"

static const struct {
  const char *name;
  size_t bytes;
} types[VAL_PHYSICAL_TYPES] = {
    {"BOOLEAN", 1}, {"INT32", 4},  {"INT64", 8},      {"INT96", 12},
    {"FLOAT", 4},   {"DOUBLE", 8}, {"BYTE_ARRAY", 0}, {"FIXED_LEN_BYTE_ARRAY", 0},
};

const char *val_physical_name(enum val_physical type) {
  return types[type].name;
}

size_t val_physical_bytes(enum val_physical type) {
  return types[type].bytes;
}
