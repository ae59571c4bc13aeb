/* SPDX-License-Identifier: GPL-3.0-or-later
 * Repetition and definition levels of a page (Parquet's README, "Nested Encoding" and "Data Pages"). */
#pragma once
#include "core/status.h"
#include "validate/encoding/bit_packed.h"
#include "validate/encoding/hybrid.h"

struct val_levels {
  uint8_t most; /* 0: there are none, all are 0 */
  bool is_bit_packed;
  struct val_hybrid hybrid;
  struct val_bit_packed bit_packed;
};
/* Levels at the beginning of the bytes of a data page of version 1, for n values; *at moves behind them. */
enum core_status val_levels_open(struct val_levels *levels, uint8_t most, int32_t encoding,
                                 size_t n_values, const uint8_t **at, const uint8_t *end,
                                 struct core_error *err) CORE_MUST_CHECK;
/* Those of version 2, whose number of bytes is in the page's header. */
void val_levels_open_v2(struct val_levels *levels, uint8_t most, const uint8_t *bytes,
                        size_t n_bytes);
/* The next n, none above `most`. */
enum core_status val_levels_read(struct val_levels *levels, uint8_t *out, size_t n,
                                 struct core_error *err) CORE_MUST_CHECK;
