/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the footer's statistics of a column chunk are worth (parquet.thrift, Statistics and ColumnOrder): nothing is taken
 * from them that the specification leaves open, or that writers are known to have got wrong. */
#pragma once
#include "validate/facts.h"
#include "validate/parquet/convert.h"
#include "validate/parquet/footer.h"

/* Text in the facts points into the footer. */
void val_statistics_facts(const struct val_parquet_file *file, size_t group, size_t leaf,
                          const struct val_conversion *conversion, struct val_facts *out);
