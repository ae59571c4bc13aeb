/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sink.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "tests/support/support.h"

static const char *content(const char *path) {
  static char text[1000];
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  return text;
}

/* Files in the test's folder whose name begins so. */
static int count_files(const char *prefix) {
  int n = 0;
  DIR *folder = opendir(test_folder());
  assert_non_null(folder);
  for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    n += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
  }
  closedir(folder);
  return n;
}

static struct core_sink *open_file(const char *path) {
  struct core_sink *sink;
  assert_int_equal(core_sink_open_file(path, &sink, NULL), CORE_OK);
  return sink;
}

static void a_file_appears_at_close_and_not_before(void **state) {
  (void)state;
  const char *path = test_path("whole.txt");
  test_write_file(path, "old");
  struct core_sink *sink = open_file(path);
  core_sink_text(sink, "new ");
  core_sink_printf(sink, "%d", 42);
  core_sink_flush(sink);
  assert_string_equal(content(path), "old");
  assert_int_equal(core_sink_close(sink, NULL), CORE_OK);
  assert_string_equal(content(path), "new 42");
  assert_int_equal(count_files("whole.txt"), 1);
}

static void an_abandoned_file_leaves_the_old_one_and_nothing_else(void **state) {
  (void)state;
  const char *path = test_path("kept.txt");
  test_write_file(path, "old");
  struct core_sink *sink = open_file(path);
  core_sink_text(sink, "new");
  core_sink_abandon(sink);
  core_sink_abandon(NULL);
  assert_string_equal(content(path), "old");
  assert_int_equal(count_files("kept.txt"), 1);
}

static void replacing_keeps_links_and_permissions(void **state) {
  (void)state;
  const char *target = test_path("target.txt");
  const char *name = test_path("link.txt");
  test_write_file(target, "old");
  assert_int_equal(chmod(target, 0640), 0);
  assert_int_equal(symlink("target.txt", name), 0);
  struct core_sink *sink = open_file(name);
  core_sink_text(sink, "new");
  assert_int_equal(core_sink_close(sink, NULL), CORE_OK);
  assert_string_equal(content(target), "new");
  struct stat st;
  assert_int_equal(lstat(name, &st), 0);
  assert_true(S_ISLNK(st.st_mode));
  assert_int_equal(stat(target, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0640);
}

static void a_full_disk_is_told_at_close_with_the_path(void **state) {
  (void)state;
  struct core_error err = {0};
  struct core_sink *sink = open_file("/dev/full");
  for (int i = 0; i < 100000; i++) core_sink_text(sink, "some text ");
  assert_int_equal(core_sink_close(sink, &err), CORE_IO);
  assert_non_null(strstr(err.message, "/dev/full"));
  assert_non_null(strstr(err.message, "No space left"));
  struct stat st;
  assert_int_equal(stat("/dev/full", &st), 0);
  assert_true(S_ISCHR(st.st_mode)); /* not replaced by a file */
}

static void appending_adds_to_what_is_there(void **state) {
  (void)state;
  const char *path = test_path("log.txt");
  for (int i = 0; i < 2; i++) {
    struct core_sink *sink;
    assert_int_equal(core_sink_open_append(path, &sink, NULL), CORE_OK);
    core_sink_printf(sink, "line %d\n", i);
    core_sink_flush(sink);
    assert_int_equal(core_sink_close(sink, NULL), CORE_OK);
  }
  assert_string_equal(content(path), "line 0\nline 1\n");
}

static void large_writes_keep_their_order(void **state) {
  (void)state;
  static char block[200000];
  struct core_str into = {0};
  struct core_sink *sink;
  assert_int_equal(core_sink_open_memory(&into, &sink, NULL), CORE_OK);
  memset(block, 'x', sizeof block);
  core_sink_text(sink, "<");
  core_sink_write(sink, block, sizeof block);
  core_sink_text(sink, ">");
  for (int i = 0; i < 30000; i++) core_sink_text(sink, "abc");
  core_sink_write(sink, NULL, 0);
  assert_int_equal(core_sink_close(sink, NULL), CORE_OK);
  assert_int_equal(into.len, 2 + sizeof block + 90000);
  assert_memory_equal(into.data, "<xxx", 4);
  assert_memory_equal(into.data + 1 + sizeof block, ">abcabc", 7);
  core_str_close(&into);
}

static void a_descriptor_stays_open_after_close(void **state) {
  (void)state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  struct core_sink *sink;
  assert_int_equal(core_sink_open_fd(ends[1], "<pipe>", &sink, NULL), CORE_OK);
  core_sink_text(sink, "text");
  assert_int_equal(core_sink_close(sink, NULL), CORE_OK);
  assert_int_equal(write(ends[1], "!", 1), 1);
  char buffer[8] = "";
  assert_int_equal(read(ends[0], buffer, sizeof buffer), 5);
  assert_string_equal(buffer, "text!");
  close(ends[0]);
  close(ends[1]);
}

static void places_that_cannot_be_written_are_refused(void **state) {
  (void)state;
  struct core_sink *sink = NULL;
  struct core_error err = {0};
  assert_int_equal(core_sink_open_file("/no/such/folder/x", &sink, &err), CORE_IO);
  assert_non_null(strstr(err.message, "/no/such/folder/x"));
  core_error_clear(&err);
  assert_int_equal(core_sink_open_file(test_folder(), &sink, &err), CORE_IO);
  assert_non_null(strstr(err.message, "folder"));
  assert_int_equal(core_sink_open_append("/no/such/folder/x", &sink, NULL), CORE_IO);
  assert_null(sink);
  assert_int_equal(core_sink_close(NULL, NULL), CORE_OK);
}

static void lost_memory_is_told_at_close(void **state) {
  (void)state;
  const char *path = test_path("memory.txt");
  struct core_sink *sink = open_file(path);
  core_sink_text(sink, "begun ");
  core_mem_fail_at(1);
  core_sink_printf(sink, "%d", 1);
  core_mem_fail_at(0);
  core_sink_text(sink, " ended");
  assert_int_equal(core_sink_close(sink, NULL), CORE_NOMEM);
  assert_int_equal(count_files("memory.txt"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_appears_at_close_and_not_before),
      cmocka_unit_test(an_abandoned_file_leaves_the_old_one_and_nothing_else),
      cmocka_unit_test(replacing_keeps_links_and_permissions),
      cmocka_unit_test(a_full_disk_is_told_at_close_with_the_path),
      cmocka_unit_test(appending_adds_to_what_is_there),
      cmocka_unit_test(large_writes_keep_their_order),
      cmocka_unit_test(a_descriptor_stays_open_after_close),
      cmocka_unit_test(places_that_cannot_be_written_are_refused),
      cmocka_unit_test(lost_memory_is_told_at_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
