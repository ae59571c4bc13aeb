/* SPDX-License-Identifier: GPL-3.0-or-later
 * Pages that go to a temporary file give what pages in memory give: the same rows, findings and refusals for every file of
 * the collection, whole, cut short and changed. */
#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/parquet_read.h"

#define CHANGED_MOST ((size_t)1000) /* bytes of a file that is tried with each of them changed */

static void read_as(const unsigned char *bytes, size_t len, size_t page_memory,
                    struct parquet_read *read, struct core_error *err, enum core_status *st) {
  const struct val_read_options options = {.page_memory = page_memory, .codes = true};
  *read = (struct parquet_read){.with_rows = true, .max_rows = 20000};
  *err = (struct core_error){0};
  *st = test_parquet_read_bytes(bytes, len, &options, read, err);
}

static void alike(const char *name, const unsigned char *bytes, size_t len) {
  struct parquet_read kept, spilled;
  struct core_error why_kept, why_spilled;
  enum core_status st_kept, st_spilled;
  read_as(bytes, len, 0, &kept, &why_kept, &st_kept);
  read_as(bytes, len, 1, &spilled, &why_spilled, &st_spilled);
  if (st_kept != st_spilled || kept.n_rows != spilled.n_rows)
    fail_msg("%s: in memory %s, by a file %s", name, why_kept.message, why_spilled.message);
  if (strcmp(core_str_text(&kept.rows), core_str_text(&spilled.rows)) != 0)
    fail_msg("%s: other rows", name);
  assert_string_equal(core_str_text(&kept.findings), core_str_text(&spilled.findings));
  test_parquet_read_close(&kept);
  test_parquet_read_close(&spilled);
}

static void each_changed(const char *name, unsigned char *bytes, size_t len) {
  for (size_t cut = 1; cut < len; cut += 1 + len / 200) alike(name, bytes, len - cut);
  for (size_t at = 0; at < len; at++) {
    bytes[at] ^= (unsigned char)(1U << at % 8);
    alike(name, bytes, len);
    bytes[at] ^= (unsigned char)(1U << at % 8);
  }
}

static size_t each_file(const char *folder, const char *wanted) {
  char path[4096];
  size_t n = 0;
  DIR *dir = opendir(folder);
  for (const struct dirent *e; dir && (e = readdir(dir));) {
    size_t len = 0;
    const char *ending = strrchr(e->d_name, '.');
    if (e->d_name[0] == '.' || strcmp(ending ? ending : "", wanted) != 0) continue;
    if (strstr(e->d_name, "large_string")) continue; /* 2 GiB of one letter */
    snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    unsigned char *bytes = test_read_file(path, &len);
    if (!bytes) continue;
    alike(e->d_name, bytes, len);
    if (len < CHANGED_MOST) each_changed(e->d_name, bytes, len);
    core_free(bytes);
    n++;
  }
  if (dir) closedir(dir);
  return n;
}

static void files_of_the_collection(void **state) {
  char path[4096];
  (void)state;
  const char *folder = getenv("SWEEPGATE_TEST_DATA"), *source = getenv("SWEEPGATE_SOURCE");
  if (folder)
    snprintf(path, sizeof path, "%s/parquet-testing/data", folder);
  else
    snprintf(path, sizeof path, "%s/../shared/parquet-testing/data", source ? source : ".");
  if (each_file(path, ".parquet") == 0) skip();
}

static void seeds_of_the_fuzzer(void **state) {
  char path[4096];
  (void)state;
  const char *source = getenv("SWEEPGATE_SOURCE");
  snprintf(path, sizeof path, "%s/tests/fuzz/corpus/parquet_file", source ? source : ".");
  assert_true(each_file(path, "") > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_of_the_collection),
      cmocka_unit_test(seeds_of_the_fuzzer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
