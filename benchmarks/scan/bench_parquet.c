/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_parquet FILE [COLUMN...]: CPU time of reading a Parquet file into batches, all columns or those named, without
 * looking at a value. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/source.h"
#include "validate/reader/reader.h"

static double cpu_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct val_reader_ops *find(void) {
  for (const struct val_reader_ops *const *ops = val_reader_all(); *ops; ops++)
    if (strcmp((*ops)->name, "parquet") == 0) return *ops;
  return NULL;
}

static enum core_status scan(const char *path, const char *const *needed, int64_t *n_rows,
                             struct core_error *err) {
  const struct val_reader_ops *ops = find();
  const struct val_read_options options = {.needed = needed};
  const struct val_batch *batch = NULL;
  struct core_source *source = NULL;
  struct val_reader *reader = NULL;
  CORE_TRY(core_source_open_file(path, &source, err));
  enum core_status st = ops->open(source, &options, &reader, err);
  while (st == CORE_OK) {
    st = ops->next(reader, &batch, err);
    if (!batch) break;
    *n_rows += (int64_t)batch->n_rows;
  }
  ops->close(reader);
  core_source_close(source);
  return st;
}

int main(int argc, char **argv) {
  struct core_error err = {0};
  int64_t n_rows = 0;
  if (argc < 2) return 2;
  const double began_s = cpu_s();
  if (scan(argv[1], argc > 2 ? (const char *const *)argv + 2 : NULL, &n_rows, &err) != CORE_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  const double seconds = cpu_s() - began_s;
  printf("%lld rows in %.3f s of CPU, %.1f million rows a second\n", (long long)n_rows, seconds,
         (double)n_rows / seconds / 1e6);
  return 0;
}
