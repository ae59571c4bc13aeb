/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/spill.h"

#define LEAST_SHARE 16 /* of what stays in memory: what is smaller than one such part always does */
#define RESIDENT    ((size_t)1 << 20) /* bytes of one page at a time, about */

bool val_spill_wants(const struct val_parquet_memory *memory, size_t n) {
  return memory->unspilled > 0 && n > memory->unspilled / LEAST_SHARE &&
         n > memory->unspilled -
                 (memory->used < memory->unspilled ? memory->used : memory->unspilled);
}

static size_t mapped(const struct val_spill *s) {
  return s->n + VAL_PARQUET_SLACK;
}

enum core_status val_spill_begin(struct val_spill *s, struct val_parquet_memory *memory, size_t n,
                                 struct core_error *err) {
  val_spill_close(s);
  if (!memory->scratch) CORE_TRY(core_scratch_open(&memory->scratch, err));
  s->n = n;
  s->written = s->passed = 0;
  if (mapped(s) <= s->cap) return CORE_OK;
  s->cap = mapped(s) + n / 4; /* the next page is often a little larger */
  s->at = core_scratch_reserve(memory->scratch, s->cap);
  return CORE_OK;
}

enum core_status val_spill_add(struct val_spill *s, struct val_parquet_memory *memory,
                               const uint8_t *bytes, size_t n, struct core_error *err) {
  if (n > s->n - s->written)
    return core_fail(err, CORE_PARSE, "a page is corrupt: it has more than the %zu bytes it claims",
                     s->n);
  const int64_t to = s->at + (int64_t)s->written;
  s->written += n;
  return core_scratch_write(memory->scratch, to, bytes, n, err);
}

enum core_status val_spill_map(struct val_spill *s, struct val_parquet_memory *memory,
                               const uint8_t **out, struct core_error *err) {
  static const uint8_t slack[VAL_PARQUET_SLACK];
  if (s->written != s->n)
    return core_fail(err, CORE_PARSE, "a page is corrupt: it has %zu of the %zu bytes it claims",
                     s->written, s->n);
  CORE_TRY(core_scratch_write(memory->scratch, s->at + (int64_t)s->n, slack, sizeof slack, err));
  CORE_TRY(core_scratch_map(memory->scratch, s->at, mapped(s), &s->map, err));
  *out = s->map;
  return CORE_OK;
}

void val_spill_pass(struct val_spill *s, size_t n) {
  s->passed += n;
  if (!s->map || s->passed < RESIDENT) return;
  core_scratch_leave(s->map, mapped(s));
  s->passed = 0;
}

void val_spill_close(struct val_spill *s) {
  core_scratch_unmap(s->map, mapped(s));
  s->map = NULL;
}
