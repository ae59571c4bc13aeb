/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/spill.h"

/* Of what stays in memory: a page is large, and so small that it always does. */
#define LARGE_SHARE 16
#define LEAST_SHARE 1024
/* Bytes of one page that are resident at a time, about, in a few columns and in many. */
#define RESIDENT       ((size_t)1 << 20)
#define RESIDENT_LEAST ((size_t)32 << 10)
#define FAULT_BYTES    ((size_t)64 << 10) /* as much becomes resident at once */
#define PIECE_LEAST    ((size_t)16 << 10)

bool val_spill_wants(const struct val_parquet_memory *memory, size_t held, size_t n) {
  const size_t most = memory->unspilled, others = memory->used - held;
  if (n > most / LARGE_SHARE && others + n > most) return most > 0;
  const size_t resident = memory->n_columns * FAULT_BYTES; /* if all of them go there */
  return most > 0 && n > most / LEAST_SHARE && others + n + resident > most + most / 2;
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
  /* What is written in one piece may become resident in one. */
  const size_t most = val_parquet_share(memory, PIECE_LEAST, SIZE_MAX);
  for (size_t done = 0, step = 0; done < n; done += step) {
    step = n - done < most ? n - done : most;
    CORE_TRY(
        core_scratch_write(memory->scratch, s->at + (int64_t)s->written, bytes + done, step, err));
    s->written += step;
  }
  return CORE_OK;
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

void val_spill_pass(struct val_spill *s, const struct val_parquet_memory *memory, size_t n) {
  s->passed += n;
  if (!s->map || s->passed < val_parquet_share(memory, RESIDENT_LEAST, RESIDENT)) return;
  core_scratch_leave(s->map, mapped(s));
  s->passed = 0;
}

void val_spill_close(struct val_spill *s) {
  core_scratch_unmap(s->map, mapped(s));
  s->map = NULL;
}
