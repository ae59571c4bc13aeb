/* SPDX-License-Identifier: GPL-3.0-or-later
 * All allocation of the project: plain blocks, and arenas for scratch that dies together. Tests can
 * make the n-th allocation fail. Threads may allocate at the same time; one arena belongs to one
 * thread at a time. */
#pragma once
#include "core/compiler.h"
#include "core/status.h"
#include <stddef.h>

/* NULL when out of memory (or when the fault says so). A size of 0 gives a pointer that may be
 * freed. */
void *core_alloc(size_t bytes) CORE_MUST_CHECK;
/* Zeroed; NULL too when count * bytes overflows. */
void *core_calloc(size_t count, size_t bytes) CORE_MUST_CHECK;
/* As realloc: on failure NULL is returned and the old block stays valid. count * bytes is checked.
 */
void *core_realloc(void *block, size_t count, size_t bytes) CORE_MUST_CHECK;
void core_free(void *block); /* accepts NULL */
char *core_strdup(const char *text) CORE_MUST_CHECK;
char *core_strndup(const char *text, size_t len) CORE_MUST_CHECK;

/* Makes room for at least `need` elements of `element_bytes` in a growing array: doubles *capacity.
 * On failure nothing changed. */
enum core_status core_grow(void **array, size_t *capacity, size_t need, size_t element_bytes,
                           struct core_error *err) CORE_MUST_CHECK;

/* Fault injection, for tests: the n-th allocation from now (1 = the next) and all after it fail; 0
 * turns it off. Process-wide. core_mem_count() counts allocations since the last call of
 * core_mem_fail_at. */
void core_mem_fail_at(unsigned long long n);
unsigned long long core_mem_count(void);

/* An arena hands out aligned memory that is freed all at once. Zero-initialised is a valid empty
 * arena. */
struct core_arena_block;
struct core_arena {
  struct core_arena_block *head;
  size_t used;  /* bytes handed out of the head block           */
  size_t total; /* bytes held from the allocator, for budgets    */
};
void *core_arena_alloc(struct core_arena *arena,
                       size_t bytes) CORE_MUST_CHECK; /* 16-byte aligned */
void *core_arena_calloc(struct core_arena *arena, size_t count, size_t bytes) CORE_MUST_CHECK;
char *core_arena_strndup(struct core_arena *arena, const char *text, size_t len) CORE_MUST_CHECK;
char *core_arena_strdup(struct core_arena *arena, const char *text) CORE_MUST_CHECK;
char *core_arena_printf(struct core_arena *arena, const char *format, ...) CORE_MUST_CHECK
    CORE_PRINTF(2, 3);
/* Forgets everything handed out, keeps the largest block for reuse: the inner loops' reset. */
void core_arena_reset(struct core_arena *arena);
void core_arena_close(struct core_arena *arena);
