/* SPDX-License-Identifier: GPL-3.0-or-later
 * The allocator behind every block of the project, and arenas on top of it.
 *
 * The fault counters are the one piece of process-wide state: they are idle (one relaxed load per
 * allocation) until a test arms them. */
#include "core/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool fault_armed;
static atomic_ullong fault_at;
static atomic_ullong fault_count;

void core_mem_fail_at(unsigned long long n) {
  atomic_store(&fault_at, n);
  atomic_store(&fault_count, 0);
  atomic_store(&fault_armed, true);
}

unsigned long long core_mem_count(void) {
  return atomic_load(&fault_count);
}

static bool fault_strikes(void) {
  if (!atomic_load_explicit(&fault_armed, memory_order_relaxed)) return false;
  const unsigned long long n = atomic_fetch_add(&fault_count, 1) + 1;
  const unsigned long long at = atomic_load(&fault_at);
  return at != 0 && n >= at;
}

void *core_alloc(size_t bytes) {
  return fault_strikes() ? NULL : malloc(bytes ? bytes : 1);
}

void *core_calloc(size_t count, size_t bytes) {
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) return NULL;
  if (total == 0) count = bytes = 1;
  return fault_strikes() ? NULL : calloc(count, bytes);
}

void *core_realloc(void *block, size_t count, size_t bytes) {
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) return NULL;
  return fault_strikes() ? NULL : realloc(block, total ? total : 1);
}

void core_free(void *block) {
  free(block);
}

char *core_strdup(const char *text) {
  return core_strndup(text, strlen(text));
}

char *core_strndup(const char *text, size_t len) {
  char *copy = len < SIZE_MAX ? core_alloc(len + 1) : NULL;
  if (!copy) return NULL;
  if (len) memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

enum core_status core_grow(void **array, size_t *capacity, size_t need, size_t element_bytes,
                           struct core_error *err) {
  if (need <= *capacity) return CORE_OK;
  size_t wanted = *capacity > SIZE_MAX / 2 ? need : 2 * *capacity;
  if (wanted < 8) wanted = 8;
  if (wanted < need) wanted = need;
  void *grown = core_realloc(*array, wanted, element_bytes);
  if (!grown) return core_fail_nomem(err, (unsigned long long)need * element_bytes);
  *array = grown;
  *capacity = wanted;
  return CORE_OK;
}

#define ARENA_ALIGN       ((size_t)16)
#define ARENA_FIRST_BYTES ((size_t)4096)
#define ARENA_MOST_BYTES  ((size_t)1 << 20)

struct core_arena_block {
  struct core_arena_block *next;
  size_t capacity;
  _Alignas(16) unsigned char data[];
};

static struct core_arena_block *block_open(struct core_arena *arena, size_t capacity) {
  struct core_arena_block *block = core_alloc(sizeof *block + capacity);
  if (!block) return NULL;
  block->next = NULL;
  block->capacity = capacity;
  arena->total += sizeof *block + capacity;
  return block;
}

void *core_arena_alloc(struct core_arena *arena, size_t bytes) {
  if (bytes > SIZE_MAX / 2) return NULL;
  bytes = bytes ? (bytes + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1) : ARENA_ALIGN;
  struct core_arena_block *head = arena->head;
  if (head && bytes <= head->capacity - arena->used) {
    void *out = head->data + arena->used;
    arena->used += bytes;
    return out;
  }
  size_t capacity = head ? 2 * head->capacity : ARENA_FIRST_BYTES;
  if (capacity > ARENA_MOST_BYTES) capacity = ARENA_MOST_BYTES;
  const bool alone = head && bytes > capacity / 2; /* big: its own block, the head stays in use */
  if (alone || capacity < bytes) capacity = bytes;
  struct core_arena_block *block = block_open(arena, capacity);
  if (!block) return NULL;
  if (alone) {
    block->next = head->next;
    head->next = block;
  } else {
    block->next = head;
    arena->head = block;
    arena->used = bytes;
  }
  return block->data;
}

void *core_arena_calloc(struct core_arena *arena, size_t count, size_t bytes) {
  size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) return NULL;
  void *out = core_arena_alloc(arena, total);
  if (out) memset(out, 0, total);
  return out;
}

char *core_arena_strndup(struct core_arena *arena, const char *text, size_t len) {
  char *copy = len < SIZE_MAX ? core_arena_alloc(arena, len + 1) : NULL;
  if (!copy) return NULL;
  if (len) memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

char *core_arena_strdup(struct core_arena *arena, const char *text) {
  return core_arena_strndup(arena, text, strlen(text));
}

char *core_arena_printf(struct core_arena *arena, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const int len = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *out = len >= 0 ? core_arena_alloc(arena, (size_t)len + 1) : NULL;
  if (out) vsnprintf(out, (size_t)len + 1, format, again);
  va_end(again);
  return out;
}

void core_arena_reset(struct core_arena *arena) {
  struct core_arena_block *largest = arena->head;
  for (struct core_arena_block *b = arena->head; b; b = b->next)
    if (b->capacity > largest->capacity) largest = b;
  for (struct core_arena_block *b = arena->head, *next; b; b = next) {
    next = b->next;
    if (b != largest) core_free(b);
  }
  arena->head = largest;
  arena->used = 0;
  arena->total = largest ? sizeof *largest + largest->capacity : 0;
  if (largest) largest->next = NULL;
}

void core_arena_close(struct core_arena *arena) {
  for (struct core_arena_block *b = arena->head, *next; b; b = next) {
    next = b->next;
    core_free(b);
  }
  *arena = (struct core_arena){0};
}
