/* SPDX-License-Identifier: GPL-3.0-or-later
 * A pattern, a zero byte, a text: the search ends, and the automaton, where it answers, says what PCRE2 says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"
#include "tests/fuzz/fuzz.h"
#include "validate/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
  const size_t n = zero ? (size_t)(zero - data) : size;
  const char *text = zero ? (const char *)zero + 1 : "";
  const size_t len = zero ? size - n - 1 : 0;
  struct val_regex *regex = NULL;
  struct core_error err = {0};
  if (val_regex_open((const char *)data, n, VAL_REGEX_UTF8, &regex, &err) != CORE_OK) {
    FUZZ_CHECK(err.message[0] != '\0');
    return 0;
  }
  if (core_utf8_valid_prefix(text, len) == len) {
    size_t half = len / 2;
    while (core_utf8_valid_prefix(text, half) != half) half--;
    const int32_t offsets[] = {0, 0, (int32_t)half, (int32_t)half, (int32_t)len};
    const uint8_t considered = 0xf;
    const struct val_regex_texts texts = {text, offsets, 4, &considered};
    uint8_t many = 0;
    bool found = false;
    if (val_regex_match_texts(regex, &texts, &many, &err) == CORE_OK) {
      for (size_t i = 0; i < 4; i++)
        if (val_regex_search(regex, text + offsets[i], (size_t)(offsets[i + 1] - offsets[i]),
                             &found, &err) == CORE_OK)
          FUZZ_CHECK(found == (many >> i & 1));
    }
  }
  val_regex_close(regex);
  return 0;
}
