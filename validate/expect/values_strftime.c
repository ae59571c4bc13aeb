/* SPDX-License-Identifier: GPL-3.0-or-later
 * Texts that are dates and times: in one given format, or in any that Python's dateutil reads. */
#include "validate/expect/map.h"

#include "validate/text/spoken_date.h"
#include "validate/text/strptime.h"

static enum core_status text_takes(const struct val_map *map, struct core_error *err) {
  const enum val_type type = map->schema->fields[map->columns[0]].type;
  return type == VAL_TYPE_STRING || type == VAL_TYPE_NULL
             ? CORE_OK
             : val_map_refuse(map, map->columns[0], "text", err);
}

static struct core_slice format_of(const struct val_expected *expected) {
  return core_option_node(&expected->kwargs, "strftime_format")->text;
}

static enum core_status format_open(const struct val_map *map, struct core_arena *arena,
                                    void **state, struct core_error *err) {
  (void)arena;
  struct val_strptime *format = NULL;
  CORE_TRY(val_strptime_open(format_of(map->expected), &format, err));
  *state = format;
  return CORE_OK;
}

static void format_close(void *state) {
  val_strptime_close(state);
}

static enum core_status mark_unformatted(void *state, const struct val_map *map,
                                         const struct val_batch *batch, const uint8_t *considered,
                                         uint8_t *unexpected, struct core_error *err) {
  const struct val_column *column = &batch->columns[map->columns[0]];
  for (size_t i = 0; i < batch->n_rows; i++) {
    bool ok = false;
    if (!val_bit(considered, i)) continue;
    CORE_TRY(val_strptime_match(state, val_column_text(column, i), &ok, err));
    if (!ok) val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

static enum core_status format_check(const struct val_expected *expected, struct core_error *err) {
  struct val_strptime *format = NULL;
  struct core_error why = {0};
  const enum core_status st = val_strptime_open(format_of(expected), &format, &why);
  val_strptime_close(format);
  if (st == CORE_OK || st == CORE_NOMEM)
    return st == CORE_OK ? st : core_fail(err, st, "%s", why.message);
  return core_fail_at(err, CORE_INVAL, core_option_get(&expected->kwargs, "strftime_format")->pos,
                      "strftime_format: %s", why.message);
}

static const struct core_option format_kwargs[] = {
    VAL_KWARGS_MAP,
    {.name = "strftime_format",
     .type = CORE_OPT_STRING,
     .required = true,
     .help = "the format, as Python's strptime has it"},
    CORE_OPTION_END};
static const struct val_predicate formatted = {
    .takes = text_takes, .open = format_open, .mark = mark_unformatted, .close = format_close};
const struct val_expectation_ops val_expect_column_values_to_match_strftime_format = {
    .name = "expect_column_values_to_match_strftime_format",
    .summary = "the texts of a column are dates and times in a given format",
    .kind = VAL_EXPECT_MAP,
    .kwargs = format_kwargs,
    .check = format_check,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &formatted,
};

/* ---- any way of writing ---- */

static enum core_status mark_unspoken(void *state, const struct val_map *map,
                                      const struct val_batch *batch, const uint8_t *considered,
                                      uint8_t *unexpected, struct core_error *err) {
  (void)state, (void)err;
  const struct val_column *column = &batch->columns[map->columns[0]];
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (!val_bit(considered, i)) continue;
    const struct core_slice text = val_column_text(column, i);
    if (!val_is_spoken_date(text.data, text.len)) val_bit_set(unexpected, i);
  }
  return CORE_OK;
}

static const struct core_option any_kwargs[] = {VAL_KWARGS_MAP, CORE_OPTION_END};
static const struct val_predicate any_format = {.takes = text_takes, .mark = mark_unspoken};
const struct val_expectation_ops val_expect_column_values_to_be_dateutil_parseable = {
    .name = "expect_column_values_to_be_dateutil_parseable",
    .summary = "the texts of a column are dates and times as Python's dateutil reads them",
    .kind = VAL_EXPECT_MAP,
    .kwargs = any_kwargs,
    .plan = val_map_plan,
    .judge = val_map_judge,
    .predicate = &any_format,
};
