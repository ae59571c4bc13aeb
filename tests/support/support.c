/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/support.h"

#include <ftw.h>
#include <math.h>
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

/* Paths live as long as the test process; the list keeps them reachable, so that they are no leaks. */
static struct kept {
  struct kept *next;
  char path[1024];
} * kept_paths;

static const char *keep_path(const char *folder_part, const char *name) {
  struct kept *kept = malloc(sizeof *kept);
  if (!kept) abort();
  const int len = snprintf(kept->path, sizeof kept->path, "%s/%s", folder_part, name);
  if (len < 0 || (size_t)len >= sizeof kept->path) abort();
  kept->next = kept_paths;
  kept_paths = kept;
  return kept->path;
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
  return keep_path(test_folder(), name);
}

void test_write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "wb");
  if (!file || fputs(text, file) == EOF || fclose(file) == EOF) abort();
}

const char *test_data(const char *relative) {
  const char *base = getenv("SWEEPGATE_TEST_DATA");
  const char *path = keep_path(base && *base ? base : "../shared", relative);
  return access(path, R_OK) == 0 ? path : NULL;
}

void assert_near(double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance * (1 + fabs(wanted))))
    fail_msg("%.17g is not %.17g", got, wanted);
}
