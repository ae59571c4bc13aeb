/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/mem.h"

#include <string.h>

#include "tests/support/support.h"

static int no_faults(void **state) {
  (void)state;
  core_mem_fail_at(0);
  return 0;
}

static void nothing_can_be_allocated_and_freed(void **state) {
  (void)state;
  void *a = core_alloc(0), *b = core_calloc(0, 8), *c = core_realloc(NULL, 0, 8);
  assert_non_null(a);
  assert_non_null(b);
  assert_non_null(c);
  core_free(a);
  core_free(b);
  core_free(c);
  core_free(NULL);
}

static void products_that_overflow_are_refused(void **state) {
  (void)state;
  char *block = core_strdup("kept");
  assert_null(core_calloc(SIZE_MAX / 2, 3));
  assert_null(core_realloc(block, SIZE_MAX / 2, 3));
  assert_string_equal(block, "kept");
  core_free(block);
  struct core_arena arena = {0};
  assert_null(core_arena_calloc(&arena, SIZE_MAX / 2, 3));
  assert_null(core_arena_alloc(&arena, SIZE_MAX));
  assert_null(core_arena_alloc(&arena, SIZE_MAX - 8));
  assert_null(core_arena_strndup(&arena, "", SIZE_MAX));
  core_arena_close(&arena);
}

static void growing_keeps_what_was_there(void **state) {
  (void)state;
  int *array = NULL;
  size_t capacity = 0;
  for (size_t n = 0; n < 1000; n++) {
    assert_int_equal(core_grow((void **)&array, &capacity, n + 1, sizeof *array, NULL), CORE_OK);
    assert_true(capacity > n);
    array[n] = (int)n;
  }
  for (size_t n = 0; n < 1000; n++) assert_int_equal(array[n], n);
  int *const before = array;
  const size_t capacity_before = capacity;
  struct core_error err = {0};
  assert_int_equal(core_grow((void **)&array, &capacity, SIZE_MAX / 2, sizeof *array, &err),
                   CORE_NOMEM);
  assert_int_equal(err.status, CORE_NOMEM);
  assert_ptr_equal(array, before);
  assert_int_equal(capacity, capacity_before);
  core_free(array);
}

static void the_nth_allocation_and_all_after_it_fail(void **state) {
  (void)state;
  core_mem_fail_at(3);
  void *a = core_alloc(1), *b = core_calloc(1, 1);
  assert_non_null(a);
  assert_non_null(b);
  assert_null(core_strdup("x"));
  assert_null(core_alloc(1));
  assert_int_equal(core_mem_count(), 4);
  core_mem_fail_at(0);
  assert_int_equal(core_mem_count(), 0);
  void *c = core_alloc(1);
  assert_non_null(c);
  assert_int_equal(core_mem_count(), 1);
  core_free(a);
  core_free(b);
  core_free(c);
}

static void arena_memory_is_aligned_and_disjoint(void **state) {
  (void)state;
  struct core_arena arena = {0};
  unsigned char *parts[600];
  size_t sizes[600];
  size_t asked = 0;
  for (size_t i = 0; i < 600; i++) {
    sizes[i] = i % 97 == 0 ? 40000 + i : (i * 7) % 300;
    parts[i] = core_arena_alloc(&arena, sizes[i]);
    assert_non_null(parts[i]);
    assert_int_equal((uintptr_t)parts[i] % 16, 0);
    memset(parts[i], (int)(i % 251), sizes[i]);
    asked += sizes[i];
  }
  for (size_t i = 0; i < 600; i++)
    for (size_t j = 0; j < sizes[i]; j++) assert_int_equal(parts[i][j], i % 251);
  assert_true(arena.total >= asked);
  core_arena_close(&arena);
  assert_int_equal(arena.total, 0);
  assert_null(arena.head);
}

static void a_reset_arena_serves_again_without_allocating(void **state) {
  (void)state;
  struct core_arena arena = {0};
  for (int i = 0; i < 100; i++) assert_non_null(core_arena_alloc(&arena, 1000));
  core_arena_reset(&arena);
  core_mem_fail_at(0);
  for (int i = 0; i < 20; i++) assert_non_null(core_arena_alloc(&arena, 1000));
  assert_int_equal(core_mem_count(), 0);
  core_arena_close(&arena);
  core_arena_reset(&arena); /* empty ones too */
}

static void arena_texts_are_terminated_copies(void **state) {
  (void)state;
  struct core_arena arena = {0};
  assert_string_equal(core_arena_strndup(&arena, "abcdef", 3), "abc");
  assert_string_equal(core_arena_strdup(&arena, ""), "");
  assert_string_equal(core_arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
  const int *zeros = core_arena_calloc(&arena, 100, sizeof *zeros);
  for (int i = 0; i < 100; i++) assert_int_equal(zeros[i], 0);
  core_arena_close(&arena);
}

static void a_full_arena_stays_usable(void **state) {
  (void)state;
  struct core_arena arena = {0};
  char *kept = core_arena_strdup(&arena, "kept");
  core_mem_fail_at(1);
  assert_null(core_arena_alloc(&arena, 100000));
  assert_non_null(core_arena_alloc(&arena, 16));
  core_mem_fail_at(0);
  assert_non_null(core_arena_alloc(&arena, 100000));
  assert_string_equal(kept, "kept");
  core_arena_close(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(nothing_can_be_allocated_and_freed, no_faults),
      cmocka_unit_test_teardown(products_that_overflow_are_refused, no_faults),
      cmocka_unit_test_teardown(growing_keeps_what_was_there, no_faults),
      cmocka_unit_test_teardown(the_nth_allocation_and_all_after_it_fail, no_faults),
      cmocka_unit_test_teardown(arena_memory_is_aligned_and_disjoint, no_faults),
      cmocka_unit_test_teardown(a_reset_arena_serves_again_without_allocating, no_faults),
      cmocka_unit_test_teardown(arena_texts_are_terminated_copies, no_faults),
      cmocka_unit_test_teardown(a_full_arena_stays_usable, no_faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
