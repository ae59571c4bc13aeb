/* SPDX-License-Identifier: GPL-3.0-or-later
 * A page index, taken as that of a column of a type that the first byte chooses; the same bytes as a bloom filter's header. */
#include "tests/fuzz/fuzz.h"
#include "validate/parquet/bloom.h"

/* A file of one row group and one optional column of 1000 values. */
struct one_column {
  struct val_parquet_element element;
  struct val_parquet_node node;
  struct val_parquet_leaf leaf;
  struct val_parquet_order order;
  struct val_parquet_chunk_meta chunk;
  struct val_parquet_row_group group;
  struct val_parquet_file file;
};

static void make(struct one_column *c, uint8_t kind) {
  const enum val_physical type = (enum val_physical)(kind % VAL_PHYSICAL_TYPES);
  *c = (struct one_column){.node = {.definition = 1, .n_leaves = 1}};
  c->element.converted = kind / VAL_PHYSICAL_TYPES % 22;
  c->element.precision = 9;
  c->element.given = VAL_PARQUET_HAS_CONVERTED;
  c->node.element = &c->element;
  c->leaf = (struct val_parquet_leaf){&c->node, type, val_physical_bytes(type)};
  if (type == VAL_PHYSICAL_FIXED) c->leaf.width = 1U + kind % 20;
  c->order.given = 1;
  c->chunk.column.n_values = 1000;
  c->group = (struct val_parquet_row_group){.columns = {&c->chunk, 1}, .n_rows = 1000};
  c->file.meta.given = VAL_PARQUET_HAS_ORDERS;
  c->file.meta.orders = (struct val_thrift_list){&c->order, 1};
  c->file.meta.row_groups = (struct val_thrift_list){&c->group, 1};
  c->file.schema = (struct val_parquet_schema){.leaves = &c->leaf, .n_leaves = 1};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct val_parquet_column_index index;
  struct core_arena arena = {0};
  struct val_facts facts = {.knows_nulls = false};
  struct one_column one;
  size_t used = 0;
  uint32_t n_blocks = 0;
  if (size < 1) return 0;
  make(&one, data[0]);
  const struct val_conversion conversion = val_conversion_of(&one.leaf, false);
  if (val_page_index_read(data + 1, size - 1, &arena, &index, NULL) == CORE_OK) {
    val_page_index_add(&one.file, 0, 0, &conversion, &index, &facts);
    if (facts.knows_range && val_scalar_compare(&facts.least, &facts.greatest) > 0)
      __builtin_trap();
    if (facts.knows_nulls && (facts.n_null < 0 || facts.n_null > 1000)) __builtin_trap();
  }
  core_arena_close(&arena);
  if (val_bloom_header_read(data + 1, size - 1, size - 1, &used, &n_blocks, NULL) == CORE_OK &&
      used + (size_t)n_blocks * VAL_BLOOM_BLOCK > size - 1)
    __builtin_trap();
  return 0;
}
