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
    struct core_slice texts[5];
    bool found = false, many[5];
    for (size_t i = 0; i < 5; i++) texts[i] = (struct core_slice){text, len};
    texts[1].len = len / 2;
    while (core_utf8_valid_prefix(text, texts[1].len) != texts[1].len) texts[1].len--;
    if (val_regex_match_many(regex, texts, 5, many, &err) == CORE_OK) {
      for (size_t i = 0; i < 5; i++)
        if (val_regex_search(regex, texts[i].data, texts[i].len, &found, &err) == CORE_OK)
          FUZZ_CHECK(found == many[i]);
    }
  }
  val_regex_close(regex);
  return 0;
}
