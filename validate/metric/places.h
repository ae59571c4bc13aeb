/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where many records began: row, line and byte of each, in about one and a half bytes where records follow each other. */
#pragma once
#include "core/mem.h"
#include <stdint.h>

struct val_place {
  int64_t row, line, byte; /* -1: none */
};

struct val_places_run;
/* Zero-initialised is empty. */
struct val_places {
  struct val_places_run *runs;
  size_t n_runs, cap, n;
};
enum core_status val_places_add(struct val_places *places, struct val_place place,
                                struct core_error *err) CORE_MUST_CHECK;
struct val_place val_places_get(const struct val_places *places, size_t i);
/* Those of `later` come behind; it is empty then. */
enum core_status val_places_join(struct val_places *places, struct val_places *later,
                                 struct core_error *err) CORE_MUST_CHECK;
/* All of them stand so many rows and lines further down than was thought. */
void val_places_shift(struct val_places *places, int64_t rows, int64_t lines);
void val_places_close(struct val_places *places);
