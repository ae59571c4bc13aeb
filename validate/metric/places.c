/* SPDX-License-Identifier: GPL-3.0-or-later
 * A run is a string of steps, each from one place to the next: one byte where the next record is the next row and the next
 * line, less than 255 bytes on; otherwise 255 and the place in full. Every so many steps the place itself is kept, so that
 * one is found without going through all. */
#include "validate/metric/places.h"

#include <string.h>

static int64_t next_line(int64_t line) {
  return line < 0 ? line : line + 1;
}

static enum core_status new_run(struct val_places *p, struct core_error *err) {
  void *block = p->runs;
  CORE_TRY(core_grow(&block, &p->cap, p->n_runs + 1, sizeof *p->runs, err));
  p->runs = block;
  p->runs[p->n_runs++] = (struct val_places_run){.n = 0};
  return CORE_OK;
}

enum core_status val_places_add_slow(struct val_places *p, struct val_place place,
                                     struct core_error *err) {
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): where there are runs there is an array of them */
  if (p->n_runs == 0 || p->runs[p->n_runs - 1].closed) CORE_TRY(new_run(p, err));
  struct val_places_run *run = &p->runs[p->n_runs - 1];
  const int64_t step = place.byte - run->last.byte;
  if (run->n % VAL_PLACES_MARK_STEPS == 0) {
    CORE_TRY(core_grow((void **)&run->marks, &run->marks_cap, run->n_marks + 1, sizeof *run->marks,
                       err));
    run->marks[run->n_marks++] = (struct val_places_mark){place, run->n_steps};
  } else {
    if (run->steps_cap - run->n_steps < 1 + sizeof place)
      CORE_TRY(core_grow((void **)&run->steps, &run->steps_cap, run->n_steps + 1 + sizeof place, 1,
                         err));
    if (place.row == run->last.row + 1 && place.line == next_line(run->last.line) && step >= 0 &&
        step < VAL_PLACES_IN_FULL) {
      run->steps[run->n_steps++] = (uint8_t)step;
    } else {
      run->steps[run->n_steps++] = VAL_PLACES_IN_FULL;
      memcpy(run->steps + run->n_steps, &place, sizeof place);
      run->n_steps += sizeof place;
    }
  }
  run->last = place;
  run->n++;
  p->n++;
  return CORE_OK;
}

enum core_status val_places_add_rows(struct val_places *p, int64_t row, size_t n,
                                     struct core_error *err) {
  for (size_t some; n > 0; n -= some, row += (int64_t)some) {
    some = 1;
    CORE_TRY(val_places_add(p, (struct val_place){row, -1, -1}, err));
    struct val_places_run *run = &p->runs[p->n_runs - 1];
    const size_t until_mark =
        (VAL_PLACES_MARK_STEPS - run->n % VAL_PLACES_MARK_STEPS) % VAL_PLACES_MARK_STEPS;
    size_t more = n - 1 < until_mark ? n - 1 : until_mark;
    if (more > run->steps_cap - run->n_steps) more = run->steps_cap - run->n_steps;
    memset(run->steps + run->n_steps, 0, more);
    run->n_steps += more;
    run->last.row += (int64_t)more;
    run->n += more;
    p->n += more;
    some += more;
  }
  return CORE_OK;
}

/* The place behind one, by the step at *at, which moves on. */
static struct val_place step_on(const struct val_places_run *run, struct val_place place,
                                size_t *at) {
  const uint8_t step = run->steps[(*at)++];
  if (step != VAL_PLACES_IN_FULL)
    return (struct val_place){place.row + 1, next_line(place.line), place.byte + step};
  memcpy(&place, run->steps + *at, sizeof place);
  *at += sizeof place;
  return place;
}

static struct val_place shifted(const struct val_places_run *run, struct val_place place) {
  place.row += run->rows;
  if (place.line >= 0) place.line += run->lines;
  return place;
}

struct val_place val_places_get(const struct val_places *p, size_t i) {
  const struct val_places_run *run = p->runs;
  for (; i >= run->n; run++) i -= run->n;
  const struct val_places_mark *mark = &run->marks[i / VAL_PLACES_MARK_STEPS];
  struct val_place place = mark->place;
  size_t at = mark->at;
  for (size_t k = i % VAL_PLACES_MARK_STEPS; k > 0; k--) place = step_on(run, place, &at);
  return shifted(run, place);
}

/* What was read of a run from a file need not stay in memory. */
static void leave(const struct val_places_run *run) {
  if (run->marks_cap == 0) core_scratch_leave(run->marks, run->n_marks * sizeof *run->marks);
  if (run->steps_cap == 0 && run->steps) core_scratch_leave(run->steps, run->n_steps);
}

struct val_place val_places_next(struct val_places_cursor *c) {
  const struct val_places_run *run = &c->places->runs[c->run];
  c->before = c->i % VAL_PLACES_MARK_STEPS ? step_on(run, c->before, &c->at)
                                           : run->marks[c->i / VAL_PLACES_MARK_STEPS].place;
  if (++c->i == run->n) {
    leave(run);
    c->run++;
    c->i = c->at = 0;
  }
  return shifted(run, c->before);
}

enum core_status val_places_park(struct val_places *p, struct core_scratch *scratch,
                                 struct core_error *err) {
  for (size_t i = 0; i < p->n_runs; i++) {
    struct val_places_run *run = &p->runs[i];
    run->closed = true;
    CORE_TRY(core_scratch_park(scratch, (void **)&run->marks, &run->marks_cap,
                               run->n_marks * sizeof *run->marks, err));
    CORE_TRY(core_scratch_park(scratch, (void **)&run->steps, &run->steps_cap, run->n_steps, err));
  }
  return CORE_OK;
}

enum core_status val_places_join(struct val_places *p, struct val_places *later,
                                 struct core_error *err) {
  if (later->n_runs == 0) return CORE_OK;
  CORE_TRY(core_grow((void **)&p->runs, &p->cap, p->n_runs + later->n_runs, sizeof *p->runs, err));
  memcpy(p->runs + p->n_runs, later->runs, later->n_runs * sizeof *p->runs);
  p->n_runs += later->n_runs;
  p->n += later->n;
  for (size_t i = 0; i < p->n_runs; i++) p->runs[i].closed = true;
  later->n_runs = later->n = 0;
  return CORE_OK;
}

void val_places_shift(struct val_places *p, int64_t rows, int64_t lines) {
  for (size_t i = 0; i < p->n_runs; i++) {
    p->runs[i].rows += rows;
    p->runs[i].lines += lines;
    p->runs[i].closed = true;
  }
}

size_t val_places_bytes(const struct val_places *p) {
  size_t n = 0;
  for (size_t i = 0; i < p->n_runs; i++)
    n += p->runs[i].marks_cap * sizeof *p->runs[i].marks + p->runs[i].steps_cap;
  return n;
}

void val_places_close(struct val_places *p) {
  for (size_t i = 0; i < p->n_runs; i++) {
    struct val_places_run *run = &p->runs[i];
    core_scratch_free(run->marks, run->marks_cap, run->n_marks * sizeof *run->marks);
    core_scratch_free(run->steps, run->steps_cap, run->n_steps);
  }
  core_free(p->runs);
  *p = (struct val_places){0};
}
