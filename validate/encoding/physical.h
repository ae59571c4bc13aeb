/* SPDX-License-Identifier: GPL-3.0-or-later
 * Parquet's physical types, numbered as in the file (parquet.thrift, enum Type), and values between the layers. */
#pragma once
#include "core/str.h"
#include <stddef.h>
#include <stdint.h>

enum val_physical {
  VAL_PHYSICAL_BOOLEAN,
  VAL_PHYSICAL_INT32,
  VAL_PHYSICAL_INT64,
  VAL_PHYSICAL_INT96,
  VAL_PHYSICAL_FLOAT,
  VAL_PHYSICAL_DOUBLE,
  VAL_PHYSICAL_BYTE_ARRAY,
  VAL_PHYSICAL_FIXED /* FIXED_LEN_BYTE_ARRAY */
};
#define VAL_PHYSICAL_TYPES 8
const char *val_physical_name(enum val_physical type); /* "INT32" */
/* Bytes of one decoded value: a boolean takes a whole byte; 0 for BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY. */
size_t val_physical_bytes(enum val_physical type);
