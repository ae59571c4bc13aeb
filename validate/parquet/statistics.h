/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the footer's statistics of a column chunk are worth (parquet.thrift, Statistics and ColumnOrder): nothing is taken
 * from them that the specification leaves open, or that writers are known to have got wrong. */
#pragma once
#include "validate/facts.h"
#include "validate/parquet/convert.h"
#include "validate/parquet/footer.h"

/* Were minima and maxima chosen by an order that we know? Without it they mean nothing. */
bool val_statistics_is_ordered(const struct val_parquet_file *file, size_t leaf);
/* A minimum or maximum as a value of the column, text borrowed from `raw`; false: it is none. */
bool val_statistics_bound(const struct val_conversion *conversion, struct core_slice raw,
                          struct val_scalar *out);
/* Puts into the facts how many of the chunk's values are null, from how many nulls and NaN (-1: nobody counted) it has;
 * the range must be there before. */
void val_statistics_nulls(const struct val_parquet_file *file, size_t group, size_t leaf,
                          const struct val_conversion *conversion, int64_t n_null, int64_t n_nan,
                          struct val_facts *out);
/* Text in the facts points into the footer. */
void val_statistics_facts(const struct val_parquet_file *file, size_t group, size_t leaf,
                          const struct val_conversion *conversion, struct val_facts *out);
