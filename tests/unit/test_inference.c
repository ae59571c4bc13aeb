/* SPDX-License-Identifier: GPL-3.0-or-later
 * Types of columns: the class of every sort of text, and that a column's type is that of the whole column, in whatever
 * order its values come and wherever batches end. */
#include <string.h>

#include "tests/support/csv_dump.h"
#include "tests/support/support.h"
#include "validate/reader/infer.h"

static void texts_have_their_class(void **state) {
  (void)state;
  static const struct {
    unsigned expected;
    const char *texts[20];
  } rows[] = {
      {VAL_CLASS_INT,
       {"0", "-0", "5", "-5", " 5", "5\t", "9223372036854775807", "-9223372036854775808",
        "20120101"}},
      {VAL_CLASS_BIG_INT,
       {"9223372036854775808", "-9223372036854775809", "123456789012345678901234567890"}},
      {VAL_CLASS_DOUBLE,
       {"1.5", "-1.5", "+1.5", "1e5", "1E-5", "+1e5", ".5", "5.", "0.5", "-0.5", "inf", "-inf",
        "Infinity", "nan", "1e999", " 1.5 ", "123e-00005", "1.0"}},
      {VAL_CLASS_BOOL, {"true", "True", "TRUE", "false", "False", "FALSE"}},
      {VAL_CLASS_DATE, {"2012-01-01", "2000-02-29"}},
      {VAL_CLASS_TIMESTAMP, {"2012-01-01 10:00", "2012-01-01T10:00:00.5"}},
      {VAL_CLASS_ZONED, {"2012-01-01T10:00:00Z", "2012-01-01 10:00+02:00"}},
      {VAL_CLASS_TEXT, {"007",   "-007", "+5",         "+4917012345678",
                        "00.5",  "0x10", "1,000",      "1_000",
                        "tRue",  "t",    "2012-02-30", " 2012-01-01",
                        "12:30", "-",    "+",          ".",
                        "1.2.3", " ",    "e5",         "1e"}},
      {VAL_CLASS_TEXT,
       {"$5", "5%", "in", "infinit", "none", "- 5", "1 2", "\xd9\xa1", "true ", "2012-01-01T",
        "--5", "1e5.5"}},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(rows); i++) {
    for (size_t k = 0; k < CORE_COUNT_OF(rows[i].texts) && rows[i].texts[k]; k++) {
      const char *text = rows[i].texts[k];
      if (val_infer_class(text, strlen(text)) != rows[i].expected) {
        fail_msg("'%s' is of class %u, not %u", text, val_infer_class(text, strlen(text)),
                 rows[i].expected);
      }
    }
  }
}

static void classes_make_types(void **state) {
  (void)state;
  static const struct {
    unsigned classes;
    enum val_type type;
  } rows[] = {
      {0, VAL_TYPE_NULL},
      {VAL_CLASS_INT, VAL_TYPE_INT64},
      {VAL_CLASS_INT | VAL_CLASS_DOUBLE, VAL_TYPE_DOUBLE},
      {VAL_CLASS_INT | VAL_CLASS_BIG_INT, VAL_TYPE_STRING},
      {VAL_CLASS_INT | VAL_CLASS_BIG_INT | VAL_CLASS_DOUBLE, VAL_TYPE_DOUBLE},
      {VAL_CLASS_BOOL | VAL_CLASS_INT, VAL_TYPE_STRING},
      {VAL_CLASS_DATE | VAL_CLASS_TIMESTAMP, VAL_TYPE_TIMESTAMP},
      {VAL_CLASS_ZONED, VAL_TYPE_TIMESTAMP_UTC},
      {VAL_CLASS_ZONED | VAL_CLASS_TIMESTAMP, VAL_TYPE_STRING},
      {VAL_CLASS_DATE | VAL_CLASS_INT, VAL_TYPE_STRING},
      {VAL_CLASS_TEXT, VAL_TYPE_STRING},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(rows); i++) {
    assert_int_equal(val_infer_type(rows[i].classes), rows[i].type);
  }
  for (unsigned a = 0; a < 256; a++) { /* final means final */
    for (unsigned b = 0; b < 256 && val_infer_is_final(a); b++) {
      assert_int_equal(val_infer_type(a | b), val_infer_type(a));
    }
  }
}

static const char *const samples[] = {"12",
                                      "99999999999999999999",
                                      "1.5",
                                      "true",
                                      "2012-01-01",
                                      "2012-01-01 10:00",
                                      "2012-01-01T10:00Z",
                                      "x"};

/* Every set of classes, its values in a shuffled order with nulls between, one row a batch. */
static void type_is_that_of_the_whole_column(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int round = 0; round < 4; round++) {
    for (unsigned classes = 0; classes < 256; classes++) {
      size_t order[8], n = 0;
      for (size_t i = 0; i < 8; i++) {
        if (classes >> i & 1) order[n++] = i;
      }
      for (size_t i = n; i > 1; i--) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        const size_t k = (size_t)(seed >> 33) % i, kept = order[k];
        order[k] = order[i - 1];
        order[i - 1] = kept;
      }
      struct core_str text = {0};
      core_str_text_append(&text, "c,n\n");
      for (size_t i = 0; i < n; i++)
        core_str_printf(&text, "%s%s,%zu\n", round & 1 ? "NA,0\n" : "", samples[order[i]], i);
      struct core_source *source = NULL;
      struct csv_dump dump;
      const struct val_read_options options = {.header = true, .batch_rows = 1 + (size_t)round / 2};
      assert_int_equal(core_source_open_memory("c", text.data, text.len, &source, NULL), CORE_OK);
      assert_int_equal(test_csv_dump(source, &options, &dump, NULL), CORE_OK);
      char expected[64] = "";
      strncat(expected, "c:", 3);
      strncat(expected, val_type_name(val_infer_type(classes)), 20);
      strncat(expected, n ? " n:int64" : " n:null", 10);
      assert_string_equal(core_str_text(&dump.schema), expected);
      assert_true(dump.restarts <= 1);
      assert_int_equal(dump.n_rows, n * (round & 1 ? 2 : 1));
      assert_int_equal(dump.findings.len, 0);
      test_csv_dump_close(&dump);
      core_source_close(source);
      core_str_close(&text);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_have_their_class),
      cmocka_unit_test(classes_make_types),
      cmocka_unit_test(type_is_that_of_the_whole_column),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
