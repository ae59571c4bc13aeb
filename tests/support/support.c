/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/support.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256];
static pid_t owner; /* a forked child must not remove its parent's folder */

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
  (void)st, (void)kind, (void)ftw;
  return remove(path);
}

static void remove_folder(void) {
  if (getpid() == owner) nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_folder(void) {
  if (folder[0]) return folder;
  const char *base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/sweepgate-test-XXXXXX", base && *base ? base : "/tmp");
  if (!mkdtemp(folder)) abort();
  owner = getpid();
  atexit(remove_folder);
  return folder;
}

const char *test_path(const char *name) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", test_folder(), name) < 0) abort();
  return path; /* lives as long as the test process, on purpose */
}

void test_write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "wb");
  if (!file || fputs(text, file) == EOF || fclose(file) == EOF) abort();
}

const char *test_data(const char *relative) {
  const char *base = getenv("SWEEPGATE_TEST_DATA");
  char *path = NULL;
  if (asprintf(&path, "%s/%s", base && *base ? base : "../shared", relative) < 0) abort();
  return access(path, R_OK) == 0 ? path : NULL;
}
