/* SPDX-License-Identifier: GPL-3.0-or-later
 * Widths follow Unicode's East Asian Width (UAX 11) for the blocks that matter; no locale is asked.
 */
#include "validate/report/display.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct range {
  uint32_t first, last;
};
static const struct range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                                    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                                    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                                    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
static const struct range combining[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},
                                         {0x064B, 0x065F}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},
                                         {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                                         {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
static bool in_ranges(const struct range *ranges, size_t n, uint32_t c) {
  for (size_t i = 0; i < n; i++)
    if (c >= ranges[i].first && c <= ranges[i].last) return true;
  return false;
}

/* Width of the first character and its length in bytes. */
static size_t width_at(const char *text, size_t len, size_t *n_bytes) {
  uint32_t c = 0;
  const size_t n = core_utf8_decode(text, len, &c);
  *n_bytes = n > 0 ? n : 1;
  if (n < 2) return 1;
  if (in_ranges(combining, CORE_COUNT_OF(combining), c)) return 0;
  return in_ranges(wide, CORE_COUNT_OF(wide), c) ? 2 : 1;
}

size_t val_display_width(const char *text, size_t len) {
  size_t width = 0, n = 0;
  for (size_t i = 0; i < len; i += n) width += width_at(text + i, len - i, &n);
  return width;
}

size_t val_display_fit(const char *text, size_t len, size_t max_width) {
  size_t width = 0, end = 0, n = 0;
  for (; end < len; end += n) {
    width += width_at(text + end, len - end, &n);
    if (width > max_width) break;
  }
  return end < len ? end : len;
}

void val_display_clipped(struct core_str *out, const char *text, size_t max_width) {
  struct core_str escaped = {0};
  core_str_escaped(&escaped, text, strlen(text), max_width * 4 + 16);
  const char *shown = core_str_text(&escaped);
  if (val_display_width(shown, escaped.len) <= max_width) {
    core_str_append(out, shown, escaped.len);
  } else {
    core_str_append(out, shown, val_display_fit(shown, escaped.len, max_width - 3));
    core_str_text_append(out, "...");
  }
  if (escaped.failed) out->failed = true;
  core_str_close(&escaped);
}

void val_display_padded(struct core_str *out, const char *text, size_t width) {
  const size_t before = out->len;
  val_display_clipped(out, text, width);
  for (size_t w = out->len > before ? val_display_width(out->data + before, out->len - before) : 0;
       w < width; w++)
    core_str_char(out, ' ');
}

void val_display_count(struct core_str *out, long long count) {
  char digits[32];
  const int n = snprintf(digits, sizeof digits, "%lld", count);
  for (int i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-') core_str_char(out, ',');
    core_str_char(out, digits[i]);
  }
}

void val_display_percent(struct core_str *out, long long part, long long whole) {
  if (whole <= 0) return;
  const double percent = 100.0 * (double)part / (double)whole;
  if (part > 0 && percent < 0.01)
    core_str_text_append(out, "<0.01%");
  else if (part < whole && percent > 99.99)
    core_str_text_append(out, ">99.99%");
  else
    core_str_printf(out, percent >= 10 || part == 0 ? "%.1f%%" : "%.2f%%", percent);
}
