/* SPDX-License-Identifier: GPL-3.0-or-later
 * Hostile sizes in bounded memory: a gigabyte in one field, a hundred thousand columns
 * and one more. Peak memory is measured in a child, so that no case sees another's. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/csv_dump.h"
#include "tests/support/support.h"

#define MEGABYTE   1000000
#define MOST_BYTES (200 * MEGABYTE)

struct outcome {
  enum core_status status;
  int line;
  long peak_bytes;
  uint64_t count[VAL_FINDING_KINDS];
  int64_t n_rows;
};

/* Reads without writing rows down. */
static enum core_status skim(const char *path, struct outcome *outcome, struct core_error *err) {
  const struct val_reader_ops *ops = val_reader_all()[0];
  const struct val_read_options options = {.header = true};
  struct core_source *source = NULL;
  struct val_reader *reader = NULL;
  const struct val_batch *batch = NULL;
  CORE_TRY(core_source_open_file(path, &source, err));
  enum core_status st = ops->open(source, &options, &reader, err);
  while (st == CORE_OK) {
    st = ops->next(reader, &batch, err);
    if (st == CORE_EXISTS) {
      outcome->n_rows = 0;
      st = ops->rewind(reader, err);
      continue;
    }
    if (!batch) break;
    outcome->n_rows += (int64_t)batch->n_rows;
  }
  if (reader) memcpy(outcome->count, ops->findings(reader)->count, sizeof outcome->count);
  ops->close(reader);
  core_source_close(source);
  return st;
}

static struct outcome skim_apart(const char *path) {
  struct outcome outcome = {.status = CORE_IO};
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    struct core_error err = {0};
    struct rusage used;
    outcome.status = skim(path, &outcome, &err);
    outcome.line = err.line;
    getrusage(RUSAGE_SELF, &used);
    outcome.peak_bytes = used.ru_maxrss * 1024L;
    _exit(write(ends[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 1);
  }
  close(ends[1]);
  assert_int_equal(read(ends[0], &outcome, sizeof outcome), sizeof outcome);
  close(ends[0]);
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
#ifndef SWEEPGATE_SANITIZED
  if (outcome.peak_bytes > MOST_BYTES) fail_msg("%ld bytes resident", outcome.peak_bytes);
#endif
  return outcome;
}

/* A file of `bytes` bytes, mostly a hole: NUL bytes that take no disk. */
static const char *hole_file(const char *name, const char *start, off_t bytes) {
  const char *path = test_path(name);
  test_write_file(path, start);
  assert_int_equal(truncate(path, bytes), 0);
  return path;
}

static void repeat_into(FILE *file, const char *text, size_t times) {
  for (size_t i = 0; i < times; i++) assert_true(fputs(text, file) >= 0);
}

static void a_gigabyte_in_quotes(void **state) {
  (void)state;
  const struct outcome o = skim_apart(hole_file("quoted.csv", "a,b\n1,2\n3,\"", 1000L * MEGABYTE));
  assert_int_equal(o.status, CORE_LIMIT);
  assert_int_equal(o.line, 3);
}

static void a_gigabyte_without_quotes(void **state) {
  (void)state;
  const struct outcome o = skim_apart(hole_file("bare.csv", "a,b\n1,2\n3,", 1000L * MEGABYTE));
  assert_int_equal(o.status, CORE_LIMIT);
  assert_int_equal(o.line, 3);
}

static void a_gigabyte_of_header(void **state) {
  (void)state;
  const struct outcome o = skim_apart(hole_file("header.csv", "a", 1000L * MEGABYTE));
  assert_int_equal(o.status, CORE_LIMIT);
  assert_int_equal(o.line, 1);
}

static FILE *new_file(const char **path, const char *name) {
  *path = test_path(name);
  FILE *file = fopen(*path, "wb");
  assert_non_null(file);
  return file;
}

static void megabytes_of_blanks_in_a_line(void **state) {
  (void)state;
  const char *path = NULL;
  FILE *file = new_file(&path, "blanks.csv");
  char blanks[4097];
  memset(blanks, ' ', sizeof blanks - 1);
  blanks[sizeof blanks - 1] = '\0';
  repeat_into(file, "a\n", 1);
  repeat_into(file, blanks, 20 * MEGABYTE / 4096);
  fclose(file);
  const struct outcome o = skim_apart(path);
  assert_int_equal(o.status, CORE_LIMIT);
  assert_int_equal(o.line, 2);
}

static void a_record_of_many_long_fields(void **state) {
  (void)state;
  const char *path = NULL;
  FILE *file = new_file(&path, "record.csv");
  char field[1001];
  memset(field, 'x', sizeof field - 1);
  field[sizeof field - 1] = '\0';
  field[0] = ',';
  repeat_into(file, "a,b\n", 1);
  repeat_into(file, field, 80 * MEGABYTE / 1000);
  fclose(file);
  assert_int_equal(skim_apart(path).status, CORE_LIMIT);
}

static void as_many_columns_as_there_may_be(void **state) {
  (void)state;
  for (int extra = 0; extra < 2; extra++) {
    const char *path = NULL;
    FILE *file = new_file(&path, extra ? "wider.csv" : "wide.csv");
    for (int row = 0; row < 3; row++) {
      for (int i = 0; i < 100000 + extra; i++) fprintf(file, "%s%d", i ? "," : "", i + row);
      fputc('\n', file);
    }
    fclose(file);
    const struct outcome o = skim_apart(path);
    assert_int_equal(o.status, extra ? CORE_LIMIT : CORE_OK);
    assert_int_equal(o.n_rows, extra ? 0 : 2);
  }
}

static void a_hundred_thousand_equal_names(void **state) {
  (void)state;
  const char *path = NULL;
  FILE *file = new_file(&path, "equal.csv");
  repeat_into(file, "a,", 99999);
  repeat_into(file, "a\n", 1);
  fclose(file);
  const struct outcome o = skim_apart(path);
  assert_int_equal(o.status, CORE_OK);
  assert_int_equal(o.count[VAL_FINDING_DUPLICATE_COLUMN], 99999);
}

/* Findings without number: each is counted, few are kept. */
static void every_row_is_at_fault(void **state) {
  (void)state;
  const char *path = NULL;
  FILE *file = new_file(&path, "faults.csv");
  repeat_into(file, "a,b\n", 1);
  repeat_into(file, "\xff\",x,y\n", 300000);
  fclose(file);
  const struct outcome o = skim_apart(path);
  assert_int_equal(o.status, CORE_OK);
  assert_int_equal(o.n_rows, 300000);
  assert_int_equal(o.count[VAL_FINDING_RAGGED], 300000);
  assert_int_equal(o.count[VAL_FINDING_ENCODING], 300000);
  assert_int_equal(o.count[VAL_FINDING_STRAY_QUOTE], 300000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_gigabyte_in_quotes),
      cmocka_unit_test(a_gigabyte_without_quotes),
      cmocka_unit_test(a_gigabyte_of_header),
      cmocka_unit_test(megabytes_of_blanks_in_a_line),
      cmocka_unit_test(a_record_of_many_long_fields),
      cmocka_unit_test(as_many_columns_as_there_may_be),
      cmocka_unit_test(a_hundred_thousand_equal_names),
      cmocka_unit_test(every_row_is_at_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
