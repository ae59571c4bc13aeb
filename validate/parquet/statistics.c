/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/statistics.h"

#include <math.h>
#include <string.h>

bool val_statistics_is_ordered(const struct val_parquet_file *file, size_t leaf) {
  const struct val_parquet_order *orders = file->meta.orders.items;
  const bool real = file->schema.leaves[leaf].type != VAL_PHYSICAL_INT96;
  if (!(file->meta.given & VAL_PARQUET_HAS_ORDERS) || file->meta.orders.n != file->schema.n_leaves)
    return false;
  /* By type, or IEEE 754's total order: they differ in NaN and signed zeros, of which nothing is concluded. */
  return real &&
         (orders[leaf].given == VAL_THRIFT_GIVEN(0) || orders[leaf].given == VAL_THRIFT_GIVEN(1));
}

/* The deprecated fields are in signed order, whatever the type: good where the type's own order is that of its integers. */
static bool is_signed(const struct val_parquet_leaf *leaf, const struct val_conversion *c) {
  if (leaf->type != VAL_PHYSICAL_INT32 && leaf->type != VAL_PHYSICAL_INT64) return false;
  if (c->type == VAL_TYPE_DECIMAL) return c->precision != 20 || c->scale != 0; /* else unsigned */
  const struct val_parquet_element *element = leaf->node->element;
  if (element->given & VAL_PARQUET_HAS_LOGICAL &&
      element->logical.given == VAL_THRIFT_GIVEN(VAL_PARQUET_LOGICAL_INTEGER))
    return element->logical.integer.is_signed;
  return !(element->given & VAL_PARQUET_HAS_CONVERTED && element->converted >= VAL_PARQUET_UINT_8 &&
           element->converted <= VAL_PARQUET_UINT_64);
}

bool val_statistics_bound(const struct val_conversion *c, struct core_slice raw,
                          struct val_scalar *out) {
  union {
    uint8_t bytes[sizeof(core_int128)];
    core_int128 aligned;
  } value = {{0}}, in = {{0}};
  uint8_t bad = 0;
  struct val_column column = {.type = c->type, .scale = c->scale, .values.bits = value.bytes};
  if (c->text_bytes || c->type == VAL_TYPE_NULL) return false;
  if (c->bytes == 0) {
    *out = (struct val_scalar){.type = c->type, .text = raw};
    return true;
  }
  if (c->width == 0) {
    if (c->slices(c, &raw, 1, value.bytes, &bad) != 0) return false;
  } else {
    if (raw.len != c->width) return false;
    if (c->same)
      memcpy(value.bytes, raw.data, raw.len);
    else if (c->width > sizeof in.bytes)
      return false;
    else
      memcpy(in.bytes, raw.data, raw.len);
    if (!c->same && c->fixed(c, in.bytes, 1, value.bytes, &bad) != 0) return false;
  }
  *out = val_scalar_at(&column, 0);
  return !(out->type == VAL_TYPE_DOUBLE && isnan(out->number));
}

static void find_range(const struct val_parquet_file *file, size_t leaf,
                       const struct val_conversion *c, const struct val_parquet_statistics *s,
                       struct val_facts *out) {
  struct core_slice least = s->min_value, greatest = s->max_value;
  const uint32_t both = VAL_PARQUET_HAS_MIN | VAL_PARQUET_HAS_MAX;
  const uint32_t exact = VAL_PARQUET_HAS_MIN_EXACT | VAL_PARQUET_HAS_MAX_EXACT;
  const uint32_t old = VAL_PARQUET_HAS_OLD_MIN | VAL_PARQUET_HAS_OLD_MAX;
  out->occur = (s->given & exact) == exact && s->min_exact && s->max_exact;
  if ((s->given & both) != both || !val_statistics_is_ordered(file, leaf)) {
    if ((s->given & old) != old || !is_signed(&file->schema.leaves[leaf], c)) return;
    out->occur = false;
    least = s->min;
    greatest = s->max;
  }
  /* A range that is upside down was not made by the order that we know. */
  out->knows_range = val_statistics_bound(c, least, &out->least) &&
                     val_statistics_bound(c, greatest, &out->greatest) &&
                     val_scalar_compare(&out->least, &out->greatest) <= 0;
}

void val_statistics_nulls(const struct val_parquet_file *file, size_t group, size_t leaf,
                          const struct val_conversion *c, int64_t n_null, int64_t n_nan,
                          struct val_facts *out) {
  const int64_t n_values = val_parquet_column(file, group, leaf)->n_values;
  if (c->type == VAL_TYPE_NULL) {
    out->knows_nulls = true;
    out->n_null = n_values;
    return;
  }
  if (file->schema.leaves[leaf].node->definition == 0) n_null = 0;
  if (n_null < 0 || n_null > n_values) return;
  if (c->type == VAL_TYPE_DOUBLE && n_null < n_values) {
    /* NaN is null here, and there may be some where nobody counted */
    if (n_nan < 0 || n_nan > n_values - n_null) return;
    n_null += n_nan;
  }
  if (c->limit && n_null < n_values && !out->knows_range)
    return; /* a value beyond its type reads as null */
  out->knows_nulls = true;
  out->n_null = n_null;
}

void val_statistics_facts(const struct val_parquet_file *file, size_t group, size_t leaf,
                          const struct val_conversion *c, struct val_facts *out) {
  const struct val_parquet_column *column = val_parquet_column(file, group, leaf);
  const struct val_parquet_statistics *s = &column->statistics;
  const uint32_t given = column->given & VAL_PARQUET_HAS_STATISTICS ? s->given : 0;
  *out = (struct val_facts){.knows_nulls = false};
  if (given) find_range(file, leaf, c, s, out);
  val_statistics_nulls(file, group, leaf, c,
                       given & VAL_PARQUET_HAS_NULL_COUNT ? s->null_count : -1,
                       given & VAL_PARQUET_HAS_NAN_COUNT ? s->nan_count : -1, out);
}
