/* SPDX-License-Identifier: GPL-3.0-or-later
 * Writes a CSV of orders for the scan benchmark: gen_csv MEGABYTES FILE. The same bytes for the same size, always.
 * Columns: id (rising), code (leading zeros), price and weight (2 decimals, some empty), reading (17 digits), count,
 * country (one of 12), name (text, some quoted with commas, quotes and blanks), mail, day, at, active. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 0x9e3779b97f4a7c15U;

static uint64_t draw(uint64_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (state >> 11) % below;
}

static int row_text(char *out, size_t cap, uint64_t id) {
  static const char *const countries[] = {"DE", "FR", "US", "IN", "CN", "BR",
                                          "NG", "JP", "GB", "MX", "ID", "EG"};
  char price[24] = "", weight[24] = "", name[48];
  if (draw(50) > 0) snprintf(price, sizeof price, "%" PRIu64 ".%02" PRIu64, draw(10000), draw(100));
  if (draw(30) > 0) snprintf(weight, sizeof weight, "%" PRIu64 ".%02" PRIu64, draw(100), draw(100));
  const uint64_t kind = draw(100);
  if (kind == 0)
    snprintf(name, sizeof name, "\"%" PRIx64 ", %" PRIx64 "\"", draw(1U << 24), draw(1U << 16));
  else if (kind == 1)
    snprintf(name, sizeof name, "\"the \"\"%" PRIx64 "\"\" one\"", draw(1U << 24));
  else
    snprintf(name, sizeof name, "item %" PRIx64, draw(UINT64_C(1) << 36));
  return snprintf(out, cap,
                  "%" PRIu64 ",%05" PRIu64 ",%s,%s,0.%017" PRIu64 ",%" PRIu64 ",%s,%s,user%" PRIu64
                  "@mail%" PRIu64 ".example,20%02" PRIu64 "-%02" PRIu64 "-%02" PRIu64
                  ",2023-05-17T%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ",%s\n",
                  id, draw(100000), price, weight, draw(UINT64_C(100000000000000000)),
                  1 + draw(100), countries[draw(12)], name, draw(10000000), draw(100),
                  10 + draw(15), 1 + draw(12), 1 + draw(28), draw(24), draw(60), draw(60),
                  draw(2) ? "true" : "false");
}

int main(int argc, char **argv) {
  const uint64_t megabytes = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
  FILE *file = megabytes > 0 ? fopen(argv[2], "wb") : NULL;
  if (!file) {
    fprintf(stderr, "usage: gen_csv MEGABYTES FILE\n");
    return 2;
  }
  uint64_t written = 0;
  written += (uint64_t)fprintf(
      file, "id,code,price,weight,reading,count,country,name,mail,day,at,active\n");
  for (uint64_t id = 10000001; written < megabytes * 1000000; id++) {
    char row[512];
    const int len = row_text(row, sizeof row, id);
    if (len < 0 || fwrite(row, 1, (size_t)len, file) != (size_t)len) break;
    written += (uint64_t)len;
  }
  if (fclose(file) == EOF || written < megabytes * 1000000) {
    fprintf(stderr, "gen_csv: %s could not be written in full\n", argv[2]);
    return 3;
  }
  return 0;
}
