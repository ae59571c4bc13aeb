/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/scratch.h"

#include <dirent.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include "core/mem.h"
#include "tests/support/support.h"

enum { MANY = 2000, THREADS = 4, ROUNDS = 50 };

static size_t count_descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  size_t n = 0;
  if (!folder) return 0;
  while (readdir(folder)) n++;
  closedir(folder);
  return n;
}

/* What a scratch holds is told from others' by its number and the round. */
static void fill(size_t *words, size_t n, size_t number, size_t round) {
  for (size_t i = 0; i < n; i++) words[i] = number * 1000003 + round * 1009 + i;
}

static void thousands_need_few_descriptors_and_keep_apart(void **state) {
  (void)state;
  static struct core_scratch *scratch[MANY];
  static int64_t appended[MANY], reserved[MANY];
  size_t words[100], seen[100];
  struct rlimit before, few;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  few = (struct rlimit){.rlim_cur = 128, .rlim_max = before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  const size_t descriptors = count_descriptors();
  for (size_t i = 0; i < MANY; i++) {
    assert_int_equal(core_scratch_open(&scratch[i], NULL), CORE_OK);
    fill(words, 100, i, 0);
    assert_int_equal(core_scratch_append(scratch[i], words, sizeof words, &appended[i], NULL),
                     CORE_OK);
    reserved[i] = core_scratch_reserve(scratch[i], sizeof words);
    fill(words, 100, i, 1);
    assert_int_equal(core_scratch_write(scratch[i], reserved[i], words, sizeof words, NULL),
                     CORE_OK);
  }
  for (size_t i = 0; i < MANY; i += 2) core_scratch_close(scratch[i]);
  for (size_t i = 1; i < MANY; i += 2) {
    const void *map;
    fill(words, 100, i, 0);
    assert_int_equal(core_scratch_read(scratch[i], appended[i], seen, sizeof seen, NULL), CORE_OK);
    assert_memory_equal(seen, words, sizeof words);
    fill(words, 100, i, 1);
    assert_int_equal(core_scratch_map(scratch[i], reserved[i], sizeof words, &map, NULL), CORE_OK);
    assert_memory_equal(map, words, sizeof words);
    core_scratch_unmap(map, sizeof words);
    core_scratch_close(scratch[i]);
  }
  assert_int_equal(count_descriptors(), descriptors);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* What is parked outlives the scratch. */
static void a_parked_array_stays_readable(void **state) {
  (void)state;
  struct core_scratch *scratch;
  size_t capacity = 100 * sizeof(size_t), words[100];
  void *array = core_calloc(100, sizeof(size_t));
  assert_non_null(array);
  fill(array, 100, 7, 7);
  fill(words, 100, 7, 7);
  assert_int_equal(core_scratch_open(&scratch, NULL), CORE_OK);
  assert_int_equal(core_scratch_park(scratch, &array, &capacity, sizeof words, NULL), CORE_OK);
  assert_int_equal(capacity, 0);
  core_scratch_leave(array, sizeof words);
  core_scratch_close(scratch);
  assert_memory_equal(array, words, sizeof words);
  core_scratch_free(array, capacity, sizeof words);
}

/* Opens, fills, reads and closes many at a time. */
static void *use_many(void *context) {
  const size_t thread = *(const size_t *)context;
  size_t words[64], seen[64];
  for (size_t round = 0; round < ROUNDS; round++) {
    struct core_scratch *scratch[40];
    int64_t at[40];
    for (size_t i = 0; i < 40; i++) {
      fill(words, 64, 40 * thread + i, round);
      if (core_scratch_open(&scratch[i], NULL) != CORE_OK) return "open";
      if (core_scratch_append(scratch[i], words, sizeof words, &at[i], NULL) != CORE_OK)
        return "append";
    }
    for (size_t i = 0; i < 40; i++) {
      fill(words, 64, 40 * thread + i, round);
      if (core_scratch_read(scratch[i], at[i], seen, sizeof seen, NULL) != CORE_OK) return "read";
      if (memcmp(seen, words, sizeof words) != 0) return "another's bytes";
      core_scratch_close(scratch[i]);
    }
  }
  return NULL;
}

static void threads_do_not_meet_in_a_file(void **state) {
  (void)state;
  pthread_t threads[THREADS];
  size_t numbers[THREADS];
  for (size_t i = 0; i < THREADS; i++) {
    numbers[i] = i;
    assert_int_equal(pthread_create(&threads[i], NULL, use_many, &numbers[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) {
    void *trouble;
    assert_int_equal(pthread_join(threads[i], &trouble), 0);
    assert_null(trouble);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(thousands_need_few_descriptors_and_keep_apart),
      cmocka_unit_test(a_parked_array_stays_readable),
      cmocka_unit_test(threads_do_not_meet_in_a_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
