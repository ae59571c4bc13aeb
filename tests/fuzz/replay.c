/* SPDX-License-Identifier: GPL-3.0-or-later
 * replay FILE...: runs a fuzz target over inputs that were found before, one after another; it ends badly where a fuzzer
 * would. So every build, with or without a fuzzer, is tested on the corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

static int replay(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    return 1;
  }
  const long size = ftell(file);
  rewind(file);
  uint8_t *bytes =
      size >= 0 ? malloc((size_t)size + !size) : NULL; /* of its size: nothing behind it */
  if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
    fprintf(stderr, "%s: cannot be read\n", path);
    fclose(file);
    free(bytes);
    return 1;
  }
  fclose(file);
  LLVMFuzzerTestOneInput(bytes, (size_t)size);
  free(bytes);
  return 0;
}

int main(int argc, char **argv) {
  int bad = argc < 2;
  for (int i = 1; i < argc; i++) bad |= replay(argv[i]);
  printf("%d inputs\n", argc - 1);
  return bad;
}
