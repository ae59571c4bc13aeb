/* SPDX-License-Identifier: GPL-3.0-or-later
 * replay FOLDER: runs a fuzz target over every input of its corpus without a fuzzer, so that each build is tested on what was
 * found before: an input as it is, cut short at each byte, and with each byte changed (the last two for inputs of at most
 * 4 KiB). It ends badly where a fuzzer would. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define MOST_BYTES ((size_t)1 << 22)
#define CUT_BYTES  4096

/* In memory of exactly its size, so that the sanitizers see a step beyond it. */
static void run(const uint8_t *data, size_t size) {
  uint8_t *copy = malloc(size + !size);
  if (!copy) exit(1);
  memcpy(copy, data, size);
  LLVMFuzzerTestOneInput(copy, size);
  free(copy);
}

static void run_variants(uint8_t *data, size_t size) {
  static const uint8_t masks[] = {0x01, 0x80, 0xff};
  run(data, size);
  if (size > CUT_BYTES) return;
  for (size_t cut = 0; cut < size; cut++) run(data, cut);
  for (size_t at = 0; at < size; at++) {
    for (size_t i = 0; i < sizeof masks; i++) {
      data[at] ^= masks[i];
      run(data, size);
      data[at] ^= masks[i];
    }
  }
}

static bool run_file(const char *folder, const char *name) {
  static uint8_t data[MOST_BYTES];
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    return false;
  }
  const size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  run_variants(data, size);
  return true;
}

int main(int argc, char **argv) {
  DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
  int n_inputs = 0;
  bool good = true;
  if (!folder) {
    fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  for (const struct dirent *e; (e = readdir(folder));) {
    if (e->d_name[0] == '.') continue;
    good &= run_file(argv[1], e->d_name);
    n_inputs++;
  }
  closedir(folder);
  printf("%d inputs\n", n_inputs);
  return good && n_inputs ? 0 : 1;
}
