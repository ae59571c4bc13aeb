/* SPDX-License-Identifier: GPL-3.0-or-later
 * One table a struct of parquet.thrift. The order of the rows is that of the bits in `given`. */
#include "validate/parquet/metadata.h"

#define STRUCT(c_name, thrift_name, least)                                                         \
  const struct val_thrift_struct c_name##_thrift = {.name = (thrift_name),                         \
                                                    .rows = c_name##_rows,                         \
                                                    .n_rows = CORE_COUNT_OF(c_name##_rows),        \
                                                    .bytes = sizeof(struct c_name),                \
                                                    .least_bytes = (least)}
#define INT32(number, c_name, member, needed)                                                      \
  {                                                                                                \
    .id = (number), .kind = VAL_THRIFT_INT32, .offset = offsetof(struct c_name, member),           \
    .required = (needed)                                                                           \
  }
#define INT64(number, c_name, member, needed)                                                      \
  {                                                                                                \
    .id = (number), .kind = VAL_THRIFT_INT64, .offset = offsetof(struct c_name, member),           \
    .required = (needed)                                                                           \
  }
#define BOOL(number, c_name, member)                                                               \
  { .id = (number), .kind = VAL_THRIFT_BOOL, .offset = offsetof(struct c_name, member) }
#define BINARY(number, c_name, member, needed)                                                     \
  {                                                                                                \
    .id = (number), .kind = VAL_THRIFT_BINARY, .offset = offsetof(struct c_name, member),          \
    .required = (needed)                                                                           \
  }
#define NESTED(number, c_name, member, type, needed)                                               \
  {                                                                                                \
    .id = (number), .kind = VAL_THRIFT_STRUCT, .offset = offsetof(struct c_name, member),          \
    .required = (needed), .of = &type##_thrift                                                     \
  }
#define LIST(number, c_name, member, type)                                                         \
  {                                                                                                \
    .id = (number), .kind = VAL_THRIFT_LIST, .offset = offsetof(struct c_name, member),            \
    .required = true, .of = &type##_thrift, .item = VAL_THRIFT_STRUCT                              \
  }
#define PRESENCE(number)                                                                           \
  { .id = (number), .kind = VAL_THRIFT_PRESENCE }

/* ---- logical types ---- */

static const struct val_thrift_row val_parquet_time_unit_rows[] = {PRESENCE(1), PRESENCE(2),
                                                                   PRESENCE(3)};
static STRUCT(val_parquet_time_unit, "TimeUnit", 1);

static const struct val_thrift_row val_parquet_time_type_rows[] = {
    BOOL(1, val_parquet_time_type, utc),
    NESTED(2, val_parquet_time_type, unit, val_parquet_time_unit, true)};
static STRUCT(val_parquet_time_type, "TimestampType", 1);

static const struct val_thrift_row val_parquet_decimal_type_rows[] = {
    INT32(1, val_parquet_decimal_type, scale, true),
    INT32(2, val_parquet_decimal_type, precision, true)};
static STRUCT(val_parquet_decimal_type, "DecimalType", 1);

static const struct val_thrift_row val_parquet_int_type_rows[] = {
    INT32(1, val_parquet_int_type, bits, true), BOOL(2, val_parquet_int_type, is_signed)};
static STRUCT(val_parquet_int_type, "IntType", 1);

static const struct val_thrift_row val_parquet_logical_rows[] = {
    PRESENCE(1),
    PRESENCE(2),
    PRESENCE(3),
    PRESENCE(4),
    NESTED(5, val_parquet_logical, decimal, val_parquet_decimal_type, false),
    PRESENCE(6),
    NESTED(7, val_parquet_logical, time, val_parquet_time_type, false),
    NESTED(8, val_parquet_logical, timestamp, val_parquet_time_type, false),
    NESTED(10, val_parquet_logical, integer, val_parquet_int_type, false),
    PRESENCE(11),
    PRESENCE(12),
    PRESENCE(13),
    PRESENCE(14),
    PRESENCE(15),
    PRESENCE(16),
    PRESENCE(17),
    PRESENCE(18)};
static STRUCT(val_parquet_logical, "LogicalType", 1);

/* ---- footer ---- */

static const struct val_thrift_row val_parquet_element_rows[] = {
    INT32(1, val_parquet_element, type, false),
    INT32(2, val_parquet_element, type_length, false),
    INT32(3, val_parquet_element, repetition, false),
    BINARY(4, val_parquet_element, name, true),
    INT32(5, val_parquet_element, n_children, false),
    INT32(6, val_parquet_element, converted, false),
    INT32(7, val_parquet_element, scale, false),
    INT32(8, val_parquet_element, precision, false),
    NESTED(10, val_parquet_element, logical, val_parquet_logical, false)};
static STRUCT(val_parquet_element, "SchemaElement", 3);

static const struct val_thrift_row val_parquet_statistics_rows[] = {
    BINARY(1, val_parquet_statistics, max, false),
    BINARY(2, val_parquet_statistics, min, false),
    INT64(3, val_parquet_statistics, null_count, false),
    BINARY(5, val_parquet_statistics, max_value, false),
    BINARY(6, val_parquet_statistics, min_value, false),
    BOOL(7, val_parquet_statistics, max_exact),
    BOOL(8, val_parquet_statistics, min_exact),
    INT64(9, val_parquet_statistics, nan_count, false)};
static STRUCT(val_parquet_statistics, "Statistics", 1);

static const struct val_thrift_row val_parquet_column_rows[] = {
    INT32(1, val_parquet_column, type, true),
    {.id = 2,
     .kind = VAL_THRIFT_LIST,
     .offset = offsetof(struct val_parquet_column, encodings),
     .item = VAL_THRIFT_INT32},
    INT32(4, val_parquet_column, codec, true),
    INT64(5, val_parquet_column, n_values, true),
    INT64(6, val_parquet_column, unpacked_bytes, true),
    INT64(7, val_parquet_column, packed_bytes, true),
    INT64(9, val_parquet_column, data_offset, true),
    INT64(11, val_parquet_column, dictionary_offset, false),
    NESTED(12, val_parquet_column, statistics, val_parquet_statistics, false),
    INT64(14, val_parquet_column, bloom_offset, false)};
static STRUCT(val_parquet_column, "ColumnMetaData", 13);

static const struct val_thrift_row val_parquet_chunk_meta_rows[] = {
    BINARY(1, val_parquet_chunk_meta, file_path, false),
    NESTED(3, val_parquet_chunk_meta, column, val_parquet_column, false),
    PRESENCE(8),
    PRESENCE(9),
    INT64(6, val_parquet_chunk_meta, column_index_offset, false),
    INT32(7, val_parquet_chunk_meta, column_index_bytes, false)};
static STRUCT(val_parquet_chunk_meta, "ColumnChunk", 3);

static const struct val_thrift_row val_parquet_row_group_rows[] = {
    LIST(1, val_parquet_row_group, columns, val_parquet_chunk_meta),
    INT64(2, val_parquet_row_group, bytes, true), INT64(3, val_parquet_row_group, n_rows, true)};
static STRUCT(val_parquet_row_group, "RowGroup", 7);

static const struct val_thrift_row val_parquet_order_rows[] = {PRESENCE(1), PRESENCE(2),
                                                               PRESENCE(3)};
static STRUCT(val_parquet_order, "ColumnOrder", 1);

static const struct val_thrift_row val_parquet_file_meta_rows[] = {
    INT32(1, val_parquet_file_meta, version, true),
    LIST(2, val_parquet_file_meta, schema, val_parquet_element),
    INT64(3, val_parquet_file_meta, n_rows, true),
    LIST(4, val_parquet_file_meta, row_groups, val_parquet_row_group),
    BINARY(6, val_parquet_file_meta, created_by, false),
    {.id = 7,
     .kind = VAL_THRIFT_LIST,
     .offset = offsetof(struct val_parquet_file_meta, orders),
     .of = &val_parquet_order_thrift,
     .item = VAL_THRIFT_STRUCT},
    PRESENCE(8)};
STRUCT(val_parquet_file_meta, "FileMetaData", 1);

/* ---- pages ---- */

static const struct val_thrift_row val_parquet_data_page_rows[] = {
    INT32(1, val_parquet_data_page, n_values, true),
    INT32(2, val_parquet_data_page, encoding, true),
    INT32(3, val_parquet_data_page, definition_encoding, true),
    INT32(4, val_parquet_data_page, repetition_encoding, true)};
static STRUCT(val_parquet_data_page, "DataPageHeader", 1);

static const struct val_thrift_row val_parquet_dictionary_page_rows[] = {
    INT32(1, val_parquet_dictionary_page, n_values, true),
    INT32(2, val_parquet_dictionary_page, encoding, true)};
static STRUCT(val_parquet_dictionary_page, "DictionaryPageHeader", 1);

static const struct val_thrift_row val_parquet_data_page_v2_rows[] = {
    INT32(1, val_parquet_data_page_v2, n_values, true),
    INT32(2, val_parquet_data_page_v2, n_nulls, true),
    INT32(3, val_parquet_data_page_v2, n_rows, true),
    INT32(4, val_parquet_data_page_v2, encoding, true),
    INT32(5, val_parquet_data_page_v2, definition_bytes, true),
    INT32(6, val_parquet_data_page_v2, repetition_bytes, true),
    BOOL(7, val_parquet_data_page_v2, packed)};
static STRUCT(val_parquet_data_page_v2, "DataPageHeaderV2", 1);

static const struct val_thrift_row val_parquet_page_rows[] = {
    INT32(1, val_parquet_page, type, true),
    INT32(2, val_parquet_page, unpacked_bytes, true),
    INT32(3, val_parquet_page, packed_bytes, true),
    INT32(4, val_parquet_page, crc, false),
    NESTED(5, val_parquet_page, data, val_parquet_data_page, false),
    NESTED(7, val_parquet_page, dictionary, val_parquet_dictionary_page, false),
    NESTED(8, val_parquet_page, data_v2, val_parquet_data_page_v2, false)};
STRUCT(val_parquet_page, "PageHeader", 1);

/* ---- beside the pages ---- */

#define PLAIN_LIST(number, c_name, member, type, needed)                                           \
  {                                                                                                \
    .id = (number), .kind = VAL_THRIFT_LIST, .offset = offsetof(struct c_name, member),            \
    .required = (needed), .item = (type)                                                           \
  }
static const struct val_thrift_row val_parquet_column_index_rows[] = {
    PLAIN_LIST(1, val_parquet_column_index, null_pages, VAL_THRIFT_BOOL, true),
    PLAIN_LIST(2, val_parquet_column_index, min_values, VAL_THRIFT_BINARY, true),
    PLAIN_LIST(3, val_parquet_column_index, max_values, VAL_THRIFT_BINARY, true),
    INT32(4, val_parquet_column_index, order, true),
    PLAIN_LIST(5, val_parquet_column_index, null_counts, VAL_THRIFT_INT64, false),
    PLAIN_LIST(8, val_parquet_column_index, nan_counts, VAL_THRIFT_INT64, false)};
STRUCT(val_parquet_column_index, "ColumnIndex", 1);

static const struct val_thrift_row val_parquet_only_rows[] = {PRESENCE(1)};
static STRUCT(val_parquet_only, "a union of BloomFilterHeader", 1);

static const struct val_thrift_row val_parquet_bloom_rows[] = {
    INT32(1, val_parquet_bloom, n_bytes, true),
    NESTED(2, val_parquet_bloom, algorithm, val_parquet_only, true),
    NESTED(3, val_parquet_bloom, hash, val_parquet_only, true),
    NESTED(4, val_parquet_bloom, compression, val_parquet_only, true)};
STRUCT(val_parquet_bloom, "BloomFilterHeader", 1);
