/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/str.h"
#include "tests/support/support.h"

/* All that is left, read in steps of `step`; valid until the next call. */
static const char *rest(struct core_source *source, size_t step) {
  static struct core_str text;
  core_str_clear(&text);
  for (;;) {
    char buffer[4096];
    size_t got;
    assert_int_equal(core_source_read(source, buffer, step, &got, NULL), CORE_OK);
    if (got == 0) return core_str_text(&text);
    core_str_append(&text, buffer, got);
  }
}

static void a_file_is_read_whole_and_again(void **state) {
  (void)state;
  const char *path = test_path("in.txt");
  test_write_file(path, "one\ntwo\n");
  struct core_source *source;
  assert_int_equal(core_source_open_file(path, &source, NULL), CORE_OK);
  assert_int_equal(core_source_size(source), 8);
  assert_string_equal(core_source_name(source), path);
  assert_string_equal(rest(source, 3), "one\ntwo\n");
  assert_int_equal(core_source_rewind(source, NULL), CORE_OK);
  assert_string_equal(rest(source, 4096), "one\ntwo\n");
  core_source_close(source);
}

static void memory_is_read_whole_and_again(void **state) {
  (void)state;
  struct core_source *source;
  assert_int_equal(core_source_open_memory("given", "abcdef", 6, &source, NULL), CORE_OK);
  assert_string_equal(rest(source, 4), "abcdef");
  assert_int_equal(core_source_rewind(source, NULL), CORE_OK);
  assert_string_equal(rest(source, 100), "abcdef");
  core_source_close(source);
  assert_int_equal(core_source_open_memory("empty", NULL, 0, &source, NULL), CORE_OK);
  assert_string_equal(rest(source, 4), "");
  core_source_close(source);
}

/* Standard input becomes a pipe that holds `text`. */
static void feed_stdin(const char *text) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], text, strlen(text)), (long)strlen(text));
  close(ends[1]);
  assert_int_equal(dup2(ends[0], 0), 0);
  close(ends[0]);
}

static void a_kept_pipe_can_be_rewound_at_any_point(void **state) {
  (void)state;
  feed_stdin("0123456789");
  struct core_source *source;
  assert_int_equal(core_source_open_file("-", &source, NULL), CORE_OK);
  assert_string_equal(core_source_name(source), "<stdin>");
  assert_int_equal(core_source_size(source), -1);
  assert_int_equal(core_source_keep(source, NULL), CORE_OK);
  char buffer[4];
  size_t got;
  assert_int_equal(core_source_read(source, buffer, 4, &got, NULL), CORE_OK);
  assert_int_equal(got, 4);
  assert_int_equal(core_source_rewind(source, NULL), CORE_OK);
  assert_string_equal(rest(source, 3), "0123456789");
  assert_int_equal(core_source_rewind(source, NULL), CORE_OK);
  assert_string_equal(rest(source, 100), "0123456789");
  core_source_close(source);
}

static void a_pipe_that_was_not_kept_refuses_to_rewind(void **state) {
  (void)state;
  feed_stdin("abc");
  struct core_source *source;
  struct core_error err = {0};
  assert_int_equal(core_source_open_file("-", &source, NULL), CORE_OK);
  assert_int_equal(core_source_rewind(source, NULL), CORE_OK); /* nothing read: nothing lost */
  assert_string_equal(rest(source, 2), "abc");
  assert_int_equal(core_source_rewind(source, &err), CORE_UNSUPPORTED);
  core_error_clear(&err);
  assert_int_equal(core_source_keep(source, &err), CORE_INVAL);
  core_source_close(source);
}

static void a_redirected_file_is_seekable_from_where_it_stands(void **state) {
  (void)state;
  const char *path = test_path("redirected.txt");
  test_write_file(path, "skipped,used");
  assert_non_null(freopen(path, "r", stdin));
  assert_int_equal(lseek(0, 8, SEEK_SET), 8);
  struct core_source *source;
  assert_int_equal(core_source_open_file("-", &source, NULL), CORE_OK);
  assert_int_equal(core_source_size(source), 4);
  assert_string_equal(rest(source, 10), "used");
  assert_int_equal(core_source_rewind(source, NULL), CORE_OK);
  assert_string_equal(rest(source, 10), "used");
  core_source_close(source);
}

static void refused(const char *path, const char *reason) {
  struct core_source *source = NULL;
  struct core_error err = {0};
  assert_int_equal(core_source_open_file(path, &source, &err), CORE_IO);
  assert_null(source);
  if (!strstr(err.message, reason)) fail_msg("'%s' does not say '%s'", err.message, reason);
}

static void missing_unreadable_and_folders_are_refused(void **state) {
  (void)state;
  refused("/no/such/file.csv", "/no/such/file.csv");
  refused("/no/such/file.csv", "No such file");
  refused(test_folder(), "folder");
  refused("", "''");
  if (geteuid() != 0) { /* root may read all */
    const char *path = test_path("secret");
    test_write_file(path, "x");
    assert_int_equal(chmod(path, 0), 0);
    refused(path, "Permission denied");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_is_read_whole_and_again),
      cmocka_unit_test(memory_is_read_whole_and_again),
      cmocka_unit_test(a_kept_pipe_can_be_rewound_at_any_point),
      cmocka_unit_test(a_pipe_that_was_not_kept_refuses_to_rewind),
      cmocka_unit_test(a_redirected_file_is_seekable_from_where_it_stands),
      cmocka_unit_test(missing_unreadable_and_folders_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
