/* SPDX-License-Identifier: GPL-3.0-or-later
 * The loop that all kernels share, compiled into each for its own instruction set. Before it is included a kernel defines
 * KERNEL_TARGET (an attribute or nothing), struct marks (what it compares with), and
 *     static KERNEL_TARGET inline void look(const unsigned char *bytes, const struct marks *marks, struct found *found);
 * which answers for 64 bytes at once, bit i for byte i. Read by the kernels only; no include guard, on purpose. */
static KERNEL_TARGET inline void add_places(const struct found *found, uint32_t base,
                                            struct val_csv_index *index) {
  uint64_t all = found->delimiter | found->special, special = found->special;
  const size_t n = (size_t)__builtin_popcountll(all);
  uint32_t *at = index->at + index->n, *to = index->special + index->n_special;
  const uint32_t first = (uint32_t)index->n;
  /* One special byte is written whether there is one or not: most blocks of 64 bytes have one or none. */
  *to = first + (uint32_t)__builtin_popcountll(all & ((special & (0 - special)) - 1));
  to += special != 0;
  for (special &= special - 1; special; special &= special - 1)
    *to++ = first + (uint32_t)__builtin_popcountll(all & ((special & (0 - special)) - 1));
  index->n_special = (size_t)(to - index->special);
  index->n += n;
  /* Eight are written at a time; what is too many is overwritten by the next block. */
  for (size_t done = 0; done < n; done += 8) {
    for (size_t i = 0; i < 8; i++) {
      at[done + i] = base + (uint32_t)(all ? __builtin_ctzll(all) : 0);
      all &= all - 1;
    }
  }
}

static KERNEL_TARGET unsigned find(const char *bytes, size_t from, size_t to, char delimiter,
                                   char quote, struct val_csv_index *index) {
  const struct marks marks = marks_of((unsigned char)delimiter, (unsigned char)quote);
  uint64_t high = 0, nul = 0;
  for (size_t at = from; at < to; at += 64) {
    struct found found;
    look((const unsigned char *)bytes + at, &marks, &found);
    if (to - at < 64) {
      const uint64_t mask = (UINT64_C(1) << (to - at)) - 1;
      found.delimiter &= mask;
      found.special &= mask;
      found.high &= mask;
      found.nul &= mask;
    }
    high |= found.high;
    nul |= found.nul;
    add_places(&found, (uint32_t)at, index);
  }
  return (high ? (unsigned)VAL_CSV_HIGH : 0U) | (nul ? (unsigned)VAL_CSV_NUL : 0U);
}
