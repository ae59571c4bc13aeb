/* SPDX-License-Identifier: GPL-3.0-or-later
 * Metrics: exact arithmetic, order statistics on disk, and the law observe(a then b) == merge(observe a, observe b). */
#include "tests/support/support.h"

#include "tests/support/table.h"
#include "validate/metric/exact_sum.h"
#include "validate/metric/extremes.h"
#include "validate/metric/order.h"
#include "validate/metric/sum.h"
#include "validate/metric/value_counts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- random numbers for tests ---- */

static uint64_t seed;
static uint64_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}
static double wild_double(void) {
  const double sign = next_random() & 1 ? 1 : -1;
  return sign * ldexp((double)(next_random() >> 11), (int)(next_random() % 200) - 150);
}

/* ---- exact sums ---- */

static void cancellation_leaves_the_small_term(void **state) {
  (void)state;
  struct val_exact_sum sum = {0};
  val_exact_add(&sum, 1e100);
  val_exact_add(&sum, 1e-300);
  val_exact_add(&sum, -1e100);
  assert_true(val_exact_round(&sum) == 1e-300);
}

static void order_of_terms_does_not_matter(void **state) {
  (void)state;
  enum { N = 5000 };
  static double x[N];
  seed = 7;
  for (int i = 0; i < N; i++) x[i] = wild_double();
  struct val_exact_sum up = {0}, down = {0}, left = {0}, right = {0};
  for (int i = 0; i < N; i++) val_exact_add(&up, x[i]);
  for (int i = N - 1; i >= 0; i--) val_exact_add(&down, x[i]);
  for (int i = 0; i < N; i++) val_exact_add(i < 1234 ? &left : &right, x[i]);
  val_exact_merge(&left, &right);
  assert_true(val_exact_round(&up) == val_exact_round(&down));
  assert_true(val_exact_round(&up) == val_exact_round(&left));
}

static void same_sum(struct val_exact_sum *a, struct val_exact_sum *b) {
  double x[40], y[40];
  const size_t n = val_exact_split(a, x, 40);
  assert_int_equal(n, val_exact_split(b, y, 40));
  for (size_t i = 0; i < n; i++) assert_true(x[i] == y[i] || (x[i] != x[i] && y[i] != y[i]));
}

/* Alike, wild, with zeros, subnormals, infinities and nulls; of sizes around the limits of the short way. */
static void many_at_a_time_is_one_by_one(void **state) {
  (void)state;
  static const double odd[] = {0,      -0.0,     5e-324, 1e-310, 1e308,
                               -1e308, INFINITY, NAN,    1e-200, 1e200};
  seed = 5;
  for (int round = 0; round < 600; round++) {
    double x[200];
    uint8_t validity[25];
    struct val_exact_sum one = {0}, many = {0}, square = {0}, squares = {0};
    const int spread = round % 10, size = (int)(next_random() % 900) - 450;
    const size_t from = next_random() % 70, to = from + next_random() % 130;
    for (size_t i = 0; i < 200; i++) {
      x[i] = ldexp((double)(next_random() >> 11),
                   (int)(next_random() % (unsigned)(spread + 1)) + size - 53);
      if (next_random() & 1) x[i] = -x[i];
      if (round % 3 == 0 && next_random() % 100 == 0)
        x[i] = odd[next_random() % CORE_COUNT_OF(odd)];
    }
    for (size_t i = 0; i < 25; i++) validity[i] = (uint8_t)(next_random() >> 20);
    const uint8_t *valid = round % 2 ? validity : NULL;
    for (size_t i = from; i < to; i++) {
      if (valid && !(valid[i >> 3] >> (i & 7) & 1)) continue;
      val_exact_add(&one, x[i]);
      val_exact_add_product(&square, x[i], x[i]);
    }
    val_exact_add_many(&many, x, valid, from, to);
    val_exact_add_squares(&squares, x, valid, from, to);
    same_sum(&one, &many);
    same_sum(&square, &squares);
  }
}

/* Integers of 52 bits, added in an int64 beside. */
static void agrees_with_integers(void **state) {
  (void)state;
  seed = 11;
  for (int round = 0; round < 2000; round++) {
    struct val_exact_sum sum = {0};
    int64_t total = 0, found = 0;
    for (int i = 0; i < 50; i++) {
      const int64_t v = (int64_t)(next_random() >> 12) - (INT64_C(1) << 51);
      total += v;
      val_exact_add(&sum, (double)v);
    }
    assert_true(val_exact_round(&sum) == (double)total);
    assert_true(val_exact_int64(&sum, &found));
    assert_int_equal(found, total);
  }
}

/* As many full mantissas in one place as would overflow 64 bits without carries. */
static void carries_are_moved_in_time(void **state) {
  (void)state;
  struct val_exact_sum sum = {0};
  for (int i = 0; i < 10000; i++) val_exact_add(&sum, 1.9999999999999998); /* 2 - 2^-52 */
  val_exact_add(&sum, -20000);
  assert_true(val_exact_round(&sum) == -10000 * ldexp(1, -52));
}

static void ties_round_to_even(void **state) {
  (void)state;
  struct val_exact_sum sum = {0};
  val_exact_add(&sum, 9007199254740992.0); /* 2^53 */
  val_exact_add(&sum, 1);
  assert_true(val_exact_round(&sum) == 9007199254740992.0);
  val_exact_add(&sum, 5e-324);
  assert_true(val_exact_round(&sum) == 9007199254740994.0);
  val_exact_add(&sum, -5e-324);
  val_exact_add(&sum, 2);
  assert_true(val_exact_round(&sum) == 9007199254740996.0);
}

static void smallest_and_greatest_survive(void **state) {
  (void)state;
  struct val_exact_sum sum = {0};
  for (int i = 0; i < 3; i++) val_exact_add(&sum, 5e-324);
  assert_true(val_exact_round(&sum) == 1.5e-323);
  struct val_exact_sum big = {0};
  val_exact_add(&big, 1.7976931348623157e308);
  val_exact_add(&big, 1.7976931348623157e308);
  assert_true(isinf(val_exact_round(&big)));
  val_exact_add(&big, -1.7976931348623157e308);
  assert_true(val_exact_round(&big) == 1.7976931348623157e308);
}

static void infinities_add_as_ieee_says(void **state) {
  (void)state;
  struct val_exact_sum sum = {0};
  val_exact_add(&sum, (double)INFINITY);
  val_exact_add(&sum, 1);
  assert_true(isinf(val_exact_round(&sum)) && val_exact_round(&sum) > 0);
  val_exact_add(&sum, -(double)INFINITY);
  assert_true(isnan(val_exact_round(&sum)));
}

static void parts_add_up(void **state) {
  (void)state;
  seed = 3;
  struct val_exact_sum sum = {0}, again = {0};
  double parts[64];
  for (int i = 0; i < 100; i++) val_exact_add(&sum, wild_double());
  const size_t n = val_exact_split(&sum, parts, 64);
  assert_true(n > 1 && n < 64);
  for (size_t i = 0; i < n; i++) val_exact_add(&again, parts[i]);
  for (size_t i = 0; i < n; i++) val_exact_add(&sum, -parts[i]);
  assert_true(val_exact_round(&sum) == 0);
  assert_true(val_exact_round(&again) == parts[0]);
}

/* ---- helpers over a metric ---- */

static struct val_metric *open_metric(const struct val_metric_ops *ops,
                                      const struct val_schema *schema, size_t column,
                                      size_t memory_bytes) {
  struct core_error err = {0};
  struct val_metric *m = NULL;
  const struct val_metric_request request = {ops, &column, 1, NULL, 0};
  const struct val_metric_context context = {schema, memory_bytes, true};
  assert_int_equal(ops->open(&request, &context, &m, &err), CORE_OK);
  return m;
}

static void describe(const struct val_metric_ops *ops, struct val_metric *m, struct core_str *out) {
  struct core_error err = {0};
  core_str_clear(out);
  assert_int_equal(ops->finish(m, &err), CORE_OK);
  assert_int_equal(ops->describe(m, out, &err), CORE_OK);
}

static const char *const wide_table =
    "{\"i\": [5, -3, null, 5, 9007199254740993, -9223372036854775807, 0, null, 5, 7, 7, 1],"
    "\"d\": [0.1, 0.2, 1e300, null, -1e300, 1e-300, -0.0, 0.0, null, 0.1, 3.5, 1e16],"
    "\"b\": [true, false, null, true, true, false, null, true, false, false, true, true],"
    "\"s\": [\"b\", \"\", null, \"b\", \"\\u00e9\", \"z\", \"a\", \"aa\", null, \"b\", "
    "\"\\ud83d\\ude00\", \"z\"],"
    "\"t:timestamp\": [\"2020-01-01T00:00:00\", null, \"1969-12-31T23:59:59.999999\", "
    "\"2020-01-01T00:00:00\","
    " \"2021-01-01T00:00:00\", null, null, \"2000-01-01T12:00:00\", \"2020-01-01T00:00:00\","
    " \"2020-01-02T00:00:00\", \"2020-01-03T00:00:00\", null],"
    "\"day:date\": [\"2020-01-01\", null, \"1969-12-31\", \"2020-02-29\", null, null, "
    "\"0001-01-01\", \"9999-12-31\","
    " \"2020-01-01\", null, \"2020-01-01\", \"2020-01-01\"],"
    "\"n\": [null, null, null, null, null, null, null, null, null, null, null, null]}";

/* Every metric, every column that it takes, every place to cut, little memory so that what can spill does. */
static void merging_equals_observing(void **state) {
  (void)state;
  struct core_error err = {0};
  struct test_table *t = test_table_open(wide_table);
  const struct val_schema *schema = test_table_schema(t);
  const size_t n = test_table_rows(t);
  struct core_str whole = {0}, merged = {0};
  size_t tried = 0;
  for (const struct val_metric_ops *const *ops = val_metric_all(); *ops; ops++) {
    for (size_t c = 0; c < schema->n_fields; c++) {
      if ((*ops)->takes && !(*ops)->takes(schema->fields[c].type)) continue;
      struct val_metric *m = open_metric(*ops, schema, c, 64);
      assert_int_equal((*ops)->observe(m, test_table_batch(t, 0, n), &err), CORE_OK);
      describe(*ops, m, &whole);
      (*ops)->close(m);
      for (size_t cut = 0; cut <= n; cut++) {
        struct val_metric *a = open_metric(*ops, schema, c, 64),
                          *b = open_metric(*ops, schema, c, 64);
        assert_int_equal((*ops)->observe(a, test_table_batch(t, 0, cut), &err), CORE_OK);
        assert_int_equal((*ops)->observe(b, test_table_batch(t, cut, n), &err), CORE_OK);
        assert_int_equal((*ops)->merge(a, b, &err), CORE_OK);
        (*ops)->close(b);
        describe(*ops, a, &merged);
        assert_string_equal(whole.data, merged.data);
        (*ops)->close(a);
        tried++;
      }
    }
  }
  assert_true(tried > 300);
  core_str_close(&whole);
  core_str_close(&merged);
  test_table_close(t);
}

/* A value that comes with a weight counts as if it had come so often: alone, before and behind plain rows. */
static void weights_are_repetitions(void **state) {
  (void)state;
  enum { MOST = 12 };
  static const int64_t weights[MOST] = {1, 3, 1, 2, 1000, 7, 1, 1, 2, 5, 300, 4};
  struct core_error err = {0};
  struct test_table *t = test_table_open(wide_table);
  const struct val_schema *schema = test_table_schema(t);
  const size_t n = test_table_rows(t);
  struct core_str one_by_one = {0}, weighted = {0};
  size_t tried = 0;
  assert_true(n <= MOST);
  for (const struct val_metric_ops *const *ops = val_metric_all(); *ops; ops++) {
    for (size_t c = 0; c < schema->n_fields && (*ops)->weighted; c++) {
      if ((*ops)->takes && !(*ops)->takes(schema->fields[c].type)) continue;
      for (size_t plain = 0; plain < 3; plain++) { /* rows that come plain: none, before, behind */
        struct val_metric *a = open_metric(*ops, schema, c, 64),
                          *b = open_metric(*ops, schema, c, (size_t)1 << 20);
        for (size_t i = 0; i < n; i++) {
          struct val_batch row = *test_table_batch(t, i, i + 1);
          if (row.columns[c].null_count) continue;
          for (int64_t k = 0; k < weights[i]; k++)
            assert_int_equal((*ops)->observe(a, &row, &err), CORE_OK);
          const bool apart = (plain == 1 && i < 4) || (plain == 2 && i >= 4);
          for (int64_t k = 0; apart && k < weights[i]; k++)
            assert_int_equal((*ops)->observe(b, &row, &err), CORE_OK);
          row.weights = &weights[i];
          if (!apart) assert_int_equal((*ops)->observe(b, &row, &err), CORE_OK);
        }
        describe(*ops, a, &one_by_one);
        describe(*ops, b, &weighted);
        assert_string_equal(one_by_one.data, weighted.data);
        (*ops)->close(a);
        (*ops)->close(b);
        tried++;
      }
    }
  }
  assert_true(tried > 50);
  core_str_close(&one_by_one);
  core_str_close(&weighted);
  test_table_close(t);
}

static void exact_times_are_exact(void **state) {
  (void)state;
  for (int k = 0; k < 2000; k++) {
    struct val_exact_sum by_one = {0}, at_once = {0};
    const double x = wild_double();
    const int64_t times = (int64_t)(next_random() % 50);
    for (int64_t i = 0; i < times; i++) val_exact_add(&by_one, x);
    val_exact_add_times(&at_once, x, times);
    val_exact_add_times(&by_one, -x, (int64_t)1 << 41);
    val_exact_add_times(&at_once, -x, ((int64_t)1 << 41) - 1);
    val_exact_add(&at_once, -x);
    assert_true(val_exact_round(&by_one) == val_exact_round(&at_once));
  }
}

static void metrics_say_what_they_are(void **state) {
  (void)state;
  for (const struct val_metric_ops *const *ops = val_metric_all(); *ops; ops++) {
    assert_true((*ops)->name && *(*ops)->name);
    assert_true((*ops)->summary && *(*ops)->summary);
    assert_true((*ops)->open && (*ops)->observe && (*ops)->merge && (*ops)->finish &&
                (*ops)->describe && (*ops)->close);
    (*ops)->close(NULL);
  }
}

/* Texts of many lengths, most of them several times, some longer than a read of the file: counted in little memory as in much. */
static void counts_on_disk_are_those_in_memory(void **state) {
  (void)state;
  enum { ROWS = 400, BATCHES = 20, LONG = 50000 };
  static const struct val_field field = {.name = "s", .type = VAL_TYPE_STRING};
  const struct val_schema schema = {.fields = &field, .n_fields = 1};
  const struct val_metric_ops *ops = &val_metric_value_counts;
  struct core_error err = {0};
  struct core_str in_memory = {0}, on_disk = {0};
  struct val_metric *rich = open_metric(ops, &schema, 0, (size_t)1 << 30);
  struct val_metric *poor = open_metric(ops, &schema, 0, 20000);
  seed = 5;
  for (int b = 0; b < BATCHES; b++) {
    int32_t offsets[ROWS + 1] = {0};
    struct core_str bytes = {0};
    for (int i = 0; i < ROWS; i++) {
      const size_t before = bytes.len;
      core_str_printf(&bytes, "%d", (int)(next_random() % 3000));
      if (i == 7) /* a long one in each batch, alike in some */
        for (int k = 0; k < LONG; k++) core_str_char(&bytes, (char)('a' + b % 3));
      assert_true(bytes.len > before);
      offsets[i + 1] = (int32_t)bytes.len;
    }
    const struct val_column column = {
        .type = VAL_TYPE_STRING, .offsets = offsets, .values.bytes = core_str_text(&bytes)};
    const struct val_batch batch = {.n_rows = ROWS, .n_columns = 1, .columns = &column};
    assert_int_equal(ops->observe(rich, &batch, &err), CORE_OK);
    assert_int_equal(ops->observe(poor, &batch, &err), CORE_OK);
    core_str_close(&bytes);
  }
  describe(ops, rich, &in_memory);
  describe(ops, poor, &on_disk);
  assert_string_equal(in_memory.data, on_disk.data);
  assert_true(val_value_counts_n(poor) > 1000);
  assert_int_equal(val_value_counts_n(poor), val_value_counts_n(rich));
  ops->close(rich);
  ops->close(poor);
  core_str_close(&in_memory);
  core_str_close(&on_disk);
}

/* ---- order statistics ---- */

static struct val_batch doubles_batch(const double *x, size_t n, struct val_column *column) {
  *column = (struct val_column){.type = VAL_TYPE_DOUBLE, .values.float64 = x};
  return (struct val_batch){.n_rows = n, .n_columns = 1, .columns = column};
}

static int by_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void runs_on_disk_select_exactly(void **state) {
  (void)state;
  enum { N = 20000 };
  static double x[N], sorted[N];
  static const struct val_field field = {.name = "x", .type = VAL_TYPE_DOUBLE};
  const struct val_schema schema = {.fields = &field, .n_fields = 1};
  struct core_error err = {0};
  struct val_column column;
  seed = 99;
  for (int i = 0; i < N; i++) x[i] = i % 5 ? wild_double() : (double)(next_random() % 7) - 3;
  memcpy(sorted, x, sizeof sorted);
  qsort(sorted, N, sizeof *sorted, by_double);
  struct val_metric *a = open_metric(&val_metric_order, &schema, 0, 16384);
  struct val_metric *b = open_metric(&val_metric_order, &schema, 0, 16384);
  const struct val_batch first = doubles_batch(x, 12345, &column);
  assert_int_equal(val_metric_order.observe(a, &first, &err), CORE_OK);
  const struct val_batch second = doubles_batch(x + 12345, 5000, &column);
  assert_int_equal(val_metric_order.observe(b, &second, &err), CORE_OK);
  assert_int_equal(val_metric_order.merge(a, b, &err), CORE_OK);
  val_metric_order.close(b);
  const struct val_batch third = doubles_batch(x + 17345, N - 17345, &column);
  assert_int_equal(val_metric_order.observe(a, &third, &err), CORE_OK);
  assert_int_equal(val_metric_order.finish(a, &err), CORE_OK);
  assert_int_equal(val_order_count(a), N);
  for (int64_t rank = 0; rank < N; rank += 37) {
    struct val_scalar value;
    assert_int_equal(val_order_select(a, rank, &value, &err), CORE_OK);
    assert_true(value.number == sorted[rank]);
  }
  val_metric_order.close(a);
}

static void a_missing_temporary_folder_is_said(void **state) {
  (void)state;
  enum { N = 2000 };
  static double x[N];
  static const struct val_field field = {.name = "x", .type = VAL_TYPE_DOUBLE};
  const struct val_schema schema = {.fields = &field, .n_fields = 1};
  struct core_error err = {0};
  struct val_column column;
  char *old = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
  setenv("TMPDIR", "/nonexistent/folder", 1);
  struct val_metric *m = open_metric(&val_metric_order, &schema, 0, 0);
  const struct val_batch batch = doubles_batch(x, N, &column);
  assert_int_equal(val_metric_order.observe(m, &batch, &err), CORE_IO);
  assert_non_null(strstr(err.message, "/nonexistent/folder"));
  val_metric_order.close(m);
  if (old)
    setenv("TMPDIR", old, 1);
  else
    unsetenv("TMPDIR");
  free(old);
}

/* ---- sums of columns ---- */

static double stdev_of(const double *x, size_t n) {
  static const struct val_field field = {.name = "x", .type = VAL_TYPE_DOUBLE};
  const struct val_schema schema = {.fields = &field, .n_fields = 1};
  struct core_error err = {0};
  struct val_column column;
  const struct val_batch batch = doubles_batch(x, n, &column);
  struct val_metric *sum = open_metric(&val_metric_sum, &schema, 0, 0);
  struct val_metric *squares = open_metric(&val_metric_squares, &schema, 0, 0);
  assert_int_equal(val_metric_sum.observe(sum, &batch, &err), CORE_OK);
  assert_int_equal(val_metric_squares.observe(squares, &batch, &err), CORE_OK);
  const double stdev = val_sum_stdev(sum, squares);
  val_metric_sum.close(sum);
  val_metric_squares.close(squares);
  return stdev;
}

static void stdev_does_not_cancel(void **state) {
  (void)state;
  const double far[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
  const double near[] = {4, 7, 13, 16};
  const double same[] = {0.1, 0.1, 0.1};
  assert_true(stdev_of(far, 4) == stdev_of(near, 4));
  assert_true(fabs(stdev_of(near, 4) - 5.477225575051661) < 1e-15);
  assert_true(stdev_of(same, 3) == 0);
  assert_true(isnan(stdev_of(same, 1)));
}

static void integers_sum_exactly(void **state) {
  (void)state;
  struct core_error err = {0};
  struct test_table *t = test_table_open(
      "{\"i\": [9223372036854775807, -9223372036854775807, 4611686018427387905, null]}");
  struct val_metric *m = open_metric(&val_metric_sum, test_table_schema(t), 0, 0);
  assert_int_equal(val_metric_sum.observe(m, test_table_batch(t, 0, 4), &err), CORE_OK);
  const struct val_scalar total = val_sum_total(m);
  assert_int_equal(total.type, VAL_TYPE_INT64);
  assert_true(total.integer == INT64_C(4611686018427387905));
  assert_int_equal(val_sum_count(m), 3);
  val_metric_sum.close(m);
  test_table_close(t);
}

static void wide_integers_have_exact_squares(void **state) {
  (void)state;
  struct core_error err = {0};
  struct test_table *t =
      test_table_open("{\"i\": [4611686018427387904, 4611686018427387906, 4611686018427387908]}");
  struct val_metric *sum = open_metric(&val_metric_sum, test_table_schema(t), 0, 0);
  struct val_metric *squares = open_metric(&val_metric_squares, test_table_schema(t), 0, 0);
  assert_int_equal(val_metric_sum.observe(sum, test_table_batch(t, 0, 3), &err), CORE_OK);
  assert_int_equal(val_metric_squares.observe(squares, test_table_batch(t, 0, 3), &err), CORE_OK);
  assert_true(val_sum_stdev(sum, squares) == 2);
  val_metric_sum.close(sum);
  val_metric_squares.close(squares);
  test_table_close(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cancellation_leaves_the_small_term),
      cmocka_unit_test(order_of_terms_does_not_matter),
      cmocka_unit_test(agrees_with_integers),
      cmocka_unit_test(many_at_a_time_is_one_by_one),
      cmocka_unit_test(carries_are_moved_in_time),
      cmocka_unit_test(ties_round_to_even),
      cmocka_unit_test(smallest_and_greatest_survive),
      cmocka_unit_test(infinities_add_as_ieee_says),
      cmocka_unit_test(parts_add_up),
      cmocka_unit_test(merging_equals_observing),
      cmocka_unit_test(weights_are_repetitions),
      cmocka_unit_test(exact_times_are_exact),
      cmocka_unit_test(metrics_say_what_they_are),
      cmocka_unit_test(counts_on_disk_are_those_in_memory),
      cmocka_unit_test(runs_on_disk_select_exactly),
      cmocka_unit_test(a_missing_temporary_folder_is_said),
      cmocka_unit_test(stdev_does_not_cancel),
      cmocka_unit_test(integers_sum_exactly),
      cmocka_unit_test(wide_integers_have_exact_squares),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
