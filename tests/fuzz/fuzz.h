/* SPDX-License-Identifier: GPL-3.0-or-later
 * A fuzz target: one function of some bytes that must come back, whatever they are. It aborts where a promise is broken. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, in every build. */
#define FUZZ_CHECK(claim)                                                                          \
  do {                                                                                             \
    if (!(claim)) {                                                                                \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim);                          \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)
