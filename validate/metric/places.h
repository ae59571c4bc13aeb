/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where many records began: row, line and byte of each, in about one and a half bytes where records follow each other.
 * They may go to a file. */
#pragma once
#include "core/mem.h"
#include "core/scratch.h"
#include <stdbool.h>
#include <stdint.h>

struct val_place {
  int64_t row, line, byte; /* -1: none */
};

#define VAL_PLACES_MARK_STEPS 64
#define VAL_PLACES_IN_FULL    255

struct val_places_mark {
  struct val_place place;
  size_t at; /* of the steps behind it */
};

struct val_places_run {
  size_t n;
  struct val_place last;
  struct val_places_mark *marks;
  uint8_t *steps;
  size_t n_marks, marks_cap, n_steps, steps_cap; /* caps 0: mapped from a file */
  int64_t rows, lines;                           /* to be added */
  bool closed;                                   /* nothing is added to it any more */
};

/* Zero-initialised is empty. */
struct val_places {
  struct val_places_run *runs;
  size_t n_runs, cap, n;
};
enum core_status val_places_add_slow(struct val_places *places, struct val_place place,
                                     struct core_error *err) CORE_MUST_CHECK;
static inline enum core_status val_places_add(struct val_places *places, struct val_place place,
                                              struct core_error *err) {
  struct val_places_run *run = places->n_runs ? &places->runs[places->n_runs - 1] : NULL;
  if (!run || run->closed || run->n % VAL_PLACES_MARK_STEPS == 0 ||
      run->n_steps == run->steps_cap || place.row != run->last.row + 1 ||
      place.line != run->last.line + (run->last.line >= 0) ||
      (uint64_t)(place.byte - run->last.byte) >= VAL_PLACES_IN_FULL)
    return val_places_add_slow(places, place, err);
  run->steps[run->n_steps++] = (uint8_t)(place.byte - run->last.byte);
  run->last = place;
  run->n++;
  places->n++;
  return CORE_OK;
}
/* n rows that follow each other, without line and byte. */
enum core_status val_places_add_rows(struct val_places *places, int64_t row, size_t n,
                                     struct core_error *err) CORE_MUST_CHECK;
struct val_place val_places_get(const struct val_places *places, size_t i);
/* All places in order, one at a time: a cursor begins as {places}; not behind the last. */
struct val_places_cursor {
  const struct val_places *places;
  size_t run, i, at;       /* the place that is next, in its run, and the byte of its step */
  struct val_place before; /* the one before, in its run's own counting */
};
struct val_place val_places_next(struct val_places_cursor *cursor);
/* Those of `later` come behind; it is empty then. */
enum core_status val_places_join(struct val_places *places, struct val_places *later,
                                 struct core_error *err) CORE_MUST_CHECK;
/* All of them stand so many rows and lines further down than was thought. */
void val_places_shift(struct val_places *places, int64_t rows, int64_t lines);
/* Marks and steps go to a file; nothing else changes. */
enum core_status val_places_park(struct val_places *places, struct core_scratch *scratch,
                                 struct core_error *err) CORE_MUST_CHECK;
size_t val_places_bytes(const struct val_places *places); /* of memory; what is parked is not */
void val_places_close(struct val_places *places);
