/* SPDX-License-Identifier: GPL-3.0-or-later
 * Runs a fuzz target over files and folders of inputs without libFuzzer, so that the corpora are ordinary tests: each input
 * as it is, cut short at each byte, and with each byte changed (the last two for inputs of at most 4 KiB). */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (1 << 22)
#define CUT_BYTES  4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int n_inputs;

/* A copy of exactly its size, for the sanitizers. */
static void run(const uint8_t *data, size_t size) {
  uint8_t *copy = malloc(size ? size : 1);
  if (!copy) exit(1);
  memcpy(copy, data, size);
  LLVMFuzzerTestOneInput(copy, size);
  free(copy);
}

static void run_variants(uint8_t *data, size_t size) {
  static const uint8_t masks[] = {0x01, 0x80, 0xff};
  run(data, size);
  n_inputs++;
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

static int run_path(const char *path) {
  static uint8_t data[MOST_BYTES];
  DIR *folder = opendir(path);
  if (folder) {
    int st = 0;
    for (struct dirent *e; (e = readdir(folder));) {
      char inside[4096];
      if (e->d_name[0] == '.') continue;
      snprintf(inside, sizeof inside, "%s/%s", path, e->d_name);
      st |= run_path(inside);
    }
    closedir(folder);
    return st;
  }
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    return 1;
  }
  const size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  run_variants(data, size);
  return 0;
}

int main(int argc, char **argv) {
  int st = 0;
  for (int i = 1; i < argc; i++) st |= run_path(argv[i]);
  printf("%d inputs\n", n_inputs);
  return st || n_inputs == 0;
}
