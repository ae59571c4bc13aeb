/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_scan FILE.csv [REPEATS]: how fast a CSV is read, step by step, best of the repeats. First the limits of the machine:
 * reading alone, and every kernel's index of structural bytes. Then libcsv alone with callbacks that only count (as it
 * comes, and with its trimming of blanks off); our tokenizer by libcsv and by the scanner; our reader with every column
 * typed. */
#include <csv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "validate/csv/csv_kernel.h"
#include "validate/csv/tokenizer.h"
#include "validate/reader/reader.h"

#define BLOCK_BYTES 262144

static double now_s(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(const struct core_error *err) {
  fprintf(stderr, "bench_scan: %s\n", err->message);
  exit(3);
}

static void count_field(void *bytes, size_t len, void *data) {
  (void)bytes;
  *(size_t *)data += len;
}

static void count_record(int terminator, void *data) {
  (void)terminator, (void)data;
}

static int no_space(unsigned char c) {
  (void)c;
  return 0;
}

static void run_libcsv(const char *path, bool trims) {
  static char block[BLOCK_BYTES];
  struct csv_parser parser;
  size_t sum = 0, n = 0;
  FILE *file = fopen(path, "rb");
  if (!file || csv_init(&parser, 0) != 0) {
    perror(path);
    exit(3);
  }
  setvbuf(file, NULL, _IONBF, 0);
  if (!trims) csv_set_space_func(&parser, no_space);
  while ((n = fread(block, 1, sizeof block, file)) > 0)
    csv_parse(&parser, block, n, count_field, count_record, &sum);
  csv_fini(&parser, count_field, count_record, &sum);
  csv_free(&parser);
  fclose(file);
}

static void libcsv_as_it_comes(const char *path) {
  run_libcsv(path, true);
}

static void libcsv_without_trimming(const char *path) {
  run_libcsv(path, false);
}

static void our_lines(const char *path) {
  struct core_error err = {0};
  struct core_source *source = NULL;
  struct val_lines lines;
  struct val_findings findings = {0};
  struct val_piece piece = {.len = 1};
  if (core_source_open_file(path, &source, &err) ||
      val_lines_init(&lines, source, 0, &findings, &err))
    fail(&err);
  lines.delimiter = ',';
  lines.quote = '"';
  while (piece.len > 0) {
    if (val_lines_next(&lines, &piece, &err)) fail(&err);
  }
  val_lines_close(&lines);
  val_findings_close(&findings);
  core_source_close(source);
}

/* What the machine allows: the bytes into a buffer, and nothing else. */
static void just_read(const char *path) {
  static char block[BLOCK_BYTES];
  FILE *file = fopen(path, "rb");
  if (!file) exit(3);
  setvbuf(file, NULL, _IONBF, 0);
  while (fread(block, 1, sizeof block, file) > 0) {
  }
  fclose(file);
}

/* And the index of each block, forgotten at once. */
static void index_with(const char *path, const char *name) {
  static char block[BLOCK_BYTES + VAL_CSV_SLACK];
  static uint32_t at[BLOCK_BYTES + 2 * VAL_CSV_SLACK], special[BLOCK_BYTES + 2 * VAL_CSV_SLACK];
  const struct val_csv_kernel *kernel = val_csv_kernel_find(name);
  FILE *file = fopen(path, "rb");
  size_t n = 0;
  if (!file || !kernel) exit(3);
  setvbuf(file, NULL, _IONBF, 0);
  while ((n = fread(block, 1, BLOCK_BYTES, file)) > 0) {
    struct val_csv_index index = {at + 1, 0, special, 0};
    (void)kernel->find(block, 0, n, ',', '"', &index);
  }
  fclose(file);
}

static void best_index(const char *path) {
  index_with(path, NULL);
}

static void portable_index(const char *path) {
  index_with(path, "portable");
}

static void tokens_by(const char *path, const char *kernel) {
  const struct val_csv_dialect dialect = {
      .delimiter = ',', .quote = '"', .max_field_bytes = 1 << 24, .kernel = kernel};
  struct core_error err = {0};
  struct core_source *source = NULL;
  struct val_csv_tokenizer *t = NULL;
  struct val_findings findings = {0};
  struct val_csv_block block;
  if (core_source_open_file(path, &source, &err) ||
      val_csv_open(source, &dialect, &findings, &t, &err) || val_csv_first(t, &block, &err)) {
    fail(&err);
  }
  bool *keep = malloc(block.n_fields + 1);
  if (!keep) exit(3);
  memset(keep, true, block.n_fields + 1);
  if (val_csv_expect(t, block.n_fields, keep, 8192, 1 << 20, &err)) fail(&err);
  do {
    if (val_csv_next(t, &block, &err)) fail(&err);
  } while (block.n_records > 0);
  free(keep);
  val_csv_close(t);
  val_findings_close(&findings);
  core_source_close(source);
}

static void tokens_by_libcsv(const char *path) {
  tokens_by(path, "libcsv");
}

static void our_tokens(const char *path) {
  tokens_by(path, NULL);
}

static void our_reader(const char *path) {
  const struct val_reader_ops *ops = val_reader_all()[0];
  const struct val_read_options options = {.header = true};
  struct core_error err = {0};
  struct core_source *source = NULL;
  struct val_reader *reader = NULL;
  const struct val_batch *batch = NULL;
  if (core_source_open_file(path, &source, &err) || ops->open(source, &options, &reader, &err))
    fail(&err);
  do {
    enum core_status st = ops->next(reader, &batch, &err);
    if (st == CORE_EXISTS) {
      fprintf(stderr, "bench_scan: types contradicted, read twice\n");
      st = ops->rewind(reader, &err);
      if (st == CORE_OK) st = ops->next(reader, &batch, &err);
    }
    if (st != CORE_OK) fail(&err);
  } while (batch);
  ops->close(reader);
  core_source_close(source);
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(const char *path);
  } steps[] = {
      {"limit: reading", just_read},
      {"limit: reading, index", best_index},
      {"limit: reading, portable index", portable_index},
      {"libcsv alone, empty callbacks", libcsv_as_it_comes},
      {"libcsv alone, no trimming", libcsv_without_trimming},
      {"our lines (positions, encoding)", our_lines},
      {"our tokenizer, libcsv inside", tokens_by_libcsv},
      {"our tokenizer, the scanner", our_tokens},
      {"our reader, all columns typed", our_reader},
  };
  if (argc < 2) {
    fprintf(stderr, "usage: bench_scan FILE.csv [REPEATS]\n");
    return 2;
  }
  const long repeats = argc > 2 ? strtol(argv[2], NULL, 10) : 3;
  FILE *file = fopen(argv[1], "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    perror(argv[1]);
    return 3;
  }
  const double gigabytes = (double)ftell(file) / 1e9;
  fclose(file);
  double first = 0;
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    double wall = 1e9, cpu = 1e9; /* the least of each: the machine may be shared */
    for (long k = 0; k < repeats; k++) {
      const double wall_start = now_s(CLOCK_MONOTONIC), cpu_start = now_s(CLOCK_PROCESS_CPUTIME_ID);
      steps[i].run(argv[1]);
      wall = fmin(wall, now_s(CLOCK_MONOTONIC) - wall_start);
      cpu = fmin(cpu, now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_start);
    }
    if (steps[i].run == libcsv_as_it_comes) first = cpu;
    printf("%-36s %7.3f s  %6.3f GB/s; CPU %7.3f s  %6.3f GB/s", steps[i].name, wall,
           gigabytes / wall, cpu, gigabytes / cpu);
    if (first > 0) printf(", %4.2f x libcsv's", cpu / first);
    printf("\n");
  }
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  printf("peak resident %.1f MB\n", (double)used.ru_maxrss / 1e3);
  return 0;
}
