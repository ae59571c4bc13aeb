/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/hash.h"

#include <string.h>

#include "tests/support/support.h"

/* XXH3 of nothing with seed 0, as its specification's own checks have it. */
static void the_empty_input_has_the_published_hash(void **state) {
  (void)state;
  char hex[CORE_HASH_HEX_BYTES];
  core_hash_hex(core_hash128("", 0, 0), hex);
  assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
  assert_true(core_hash64("", 0, 0) == UINT64_C(0x2d06800538d394c2));
}

static void streamed_file_and_whole_agree(void **state) {
  (void)state;
  static char bytes[700001];
  for (size_t i = 0; i < sizeof bytes - 1; i++) bytes[i] = (char)('a' + i * 7 % 23);
  const size_t len = strlen(bytes);
  const struct core_hash128 whole = core_hash128(bytes, len, 0);

  struct core_hasher *hasher = core_hasher_open();
  assert_non_null(hasher);
  for (size_t at = 0, step = 1; at < len; at += step, step = step * 3 + 1) {
    core_hasher_update(hasher, bytes + at, len - at < step ? len - at : step);
  }
  core_hasher_update(hasher, NULL, 0);
  const struct core_hash128 streamed = core_hasher_digest(hasher);
  core_hasher_close(hasher);
  assert_true(streamed.low == whole.low && streamed.high == whole.high);

  const char *path = test_path("hashed");
  test_write_file(path, bytes);
  struct core_hash128 of_file;
  assert_int_equal(core_hash_file(path, &of_file, NULL), CORE_OK);
  assert_true(of_file.low == whole.low && of_file.high == whole.high);
}

static void a_changed_byte_or_seed_changes_the_hash(void **state) {
  (void)state;
  assert_true(core_hash64("abc", 3, 0) != core_hash64("abd", 3, 0));
  assert_true(core_hash64("abc", 3, 0) != core_hash64("abc", 3, 1));
}

static void missing_files_and_folders_are_refused_by_name(void **state) {
  (void)state;
  struct core_hash128 hash;
  struct core_error err = {0};
  assert_int_equal(core_hash_file("/no/such/file", &hash, &err), CORE_IO);
  assert_non_null(strstr(err.message, "/no/such/file"));
  core_error_clear(&err);
  assert_int_equal(core_hash_file(test_folder(), &hash, &err), CORE_IO);
  assert_non_null(strstr(err.message, "folder"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_empty_input_has_the_published_hash),
      cmocka_unit_test(streamed_file_and_whole_agree),
      cmocka_unit_test(a_changed_byte_or_seed_changes_the_hash),
      cmocka_unit_test(missing_files_and_folders_are_refused_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
