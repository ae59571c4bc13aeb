/* SPDX-License-Identifier: GPL-3.0-or-later
 * The structs of parquet.thrift (Apache Parquet Format) that the reader uses, under the names that it gives them. */
#pragma once
#include "validate/parquet/thrift.h"

enum val_parquet_page_type {
  VAL_PARQUET_DATA_PAGE,
  VAL_PARQUET_INDEX_PAGE,
  VAL_PARQUET_DICTIONARY_PAGE,
  VAL_PARQUET_DATA_PAGE_V2
};

enum val_parquet_repetition { VAL_PARQUET_REQUIRED, VAL_PARQUET_OPTIONAL, VAL_PARQUET_REPEATED };

enum val_parquet_converted {
  VAL_PARQUET_UTF8,
  VAL_PARQUET_MAP,
  VAL_PARQUET_MAP_KEY_VALUE,
  VAL_PARQUET_LIST,
  VAL_PARQUET_ENUM,
  VAL_PARQUET_DECIMAL,
  VAL_PARQUET_DATE,
  VAL_PARQUET_TIME_MILLIS,
  VAL_PARQUET_TIME_MICROS,
  VAL_PARQUET_TIMESTAMP_MILLIS,
  VAL_PARQUET_TIMESTAMP_MICROS,
  VAL_PARQUET_UINT_8,
  VAL_PARQUET_UINT_16,
  VAL_PARQUET_UINT_32,
  VAL_PARQUET_UINT_64,
  VAL_PARQUET_INT_8,
  VAL_PARQUET_INT_16,
  VAL_PARQUET_INT_32,
  VAL_PARQUET_INT_64,
  VAL_PARQUET_JSON,
  VAL_PARQUET_BSON,
  VAL_PARQUET_INTERVAL
};

/* In each struct `given` has one bit a row of its table in metadata.c; VAL_PARQUET_HAS_* below name those that matter. */
struct val_parquet_time_unit {
  uint32_t given; /* bit 0: milliseconds, 1: microseconds, 2: nanoseconds */
};
struct val_parquet_time_type {
  uint32_t given;
  bool utc;
  struct val_parquet_time_unit unit;
};
struct val_parquet_decimal_type {
  uint32_t given;
  int32_t scale, precision;
};
struct val_parquet_int_type {
  uint32_t given;
  int32_t bits;
  bool is_signed;
};

/* A union: bit of the member that is there. */
enum val_parquet_logical_member {
  VAL_PARQUET_LOGICAL_STRING,
  VAL_PARQUET_LOGICAL_MAP,
  VAL_PARQUET_LOGICAL_LIST,
  VAL_PARQUET_LOGICAL_ENUM,
  VAL_PARQUET_LOGICAL_DECIMAL,
  VAL_PARQUET_LOGICAL_DATE,
  VAL_PARQUET_LOGICAL_TIME,
  VAL_PARQUET_LOGICAL_TIMESTAMP,
  VAL_PARQUET_LOGICAL_INTEGER,
  VAL_PARQUET_LOGICAL_UNKNOWN,
  VAL_PARQUET_LOGICAL_JSON,
  VAL_PARQUET_LOGICAL_BSON,
  VAL_PARQUET_LOGICAL_UUID,
  VAL_PARQUET_LOGICAL_FLOAT16,
  VAL_PARQUET_LOGICAL_VARIANT,
  VAL_PARQUET_LOGICAL_GEOMETRY,
  VAL_PARQUET_LOGICAL_GEOGRAPHY
};
struct val_parquet_logical {
  uint32_t given;
  struct val_parquet_decimal_type decimal;
  struct val_parquet_time_type time, timestamp;
  struct val_parquet_int_type integer;
};

struct val_parquet_element { /* SchemaElement */
  uint32_t given;
  int32_t type, type_length, repetition;
  struct core_slice name;
  int32_t n_children, converted, scale, precision;
  struct val_parquet_logical logical;
};
#define VAL_PARQUET_HAS_TYPE       VAL_THRIFT_GIVEN(0)
#define VAL_PARQUET_HAS_REPETITION VAL_THRIFT_GIVEN(2)
#define VAL_PARQUET_HAS_CHILDREN   VAL_THRIFT_GIVEN(4)
#define VAL_PARQUET_HAS_CONVERTED  VAL_THRIFT_GIVEN(5)
#define VAL_PARQUET_HAS_LOGICAL    VAL_THRIFT_GIVEN(8)

struct val_parquet_statistics {
  uint32_t given;
  struct core_slice max, min; /* deprecated: always in signed order */
  int64_t null_count;
  struct core_slice max_value, min_value;
  bool max_exact, min_exact;
  int64_t nan_count;
};
#define VAL_PARQUET_HAS_OLD_MAX    VAL_THRIFT_GIVEN(0)
#define VAL_PARQUET_HAS_OLD_MIN    VAL_THRIFT_GIVEN(1)
#define VAL_PARQUET_HAS_NULL_COUNT VAL_THRIFT_GIVEN(2)
#define VAL_PARQUET_HAS_MAX        VAL_THRIFT_GIVEN(3)
#define VAL_PARQUET_HAS_MIN        VAL_THRIFT_GIVEN(4)
#define VAL_PARQUET_HAS_MAX_EXACT  VAL_THRIFT_GIVEN(5)
#define VAL_PARQUET_HAS_MIN_EXACT  VAL_THRIFT_GIVEN(6)
#define VAL_PARQUET_HAS_NAN_COUNT  VAL_THRIFT_GIVEN(7)

struct val_parquet_column { /* ColumnMetaData */
  uint32_t given;
  int32_t type;
  struct val_thrift_list encodings; /* int32_t */
  int32_t codec;
  int64_t n_values, unpacked_bytes, packed_bytes;
  int64_t data_offset, dictionary_offset;
  struct val_parquet_statistics statistics;
  int64_t bloom_offset;
};
#define VAL_PARQUET_HAS_STATISTICS VAL_THRIFT_GIVEN(8)
#define VAL_PARQUET_HAS_BLOOM      VAL_THRIFT_GIVEN(9)

struct val_parquet_chunk_meta { /* ColumnChunk */
  uint32_t given;
  struct core_slice file_path;
  struct val_parquet_column column;
  int64_t column_index_offset;
  int32_t column_index_bytes;
};
#define VAL_PARQUET_HAS_FILE_PATH VAL_THRIFT_GIVEN(0)
#define VAL_PARQUET_HAS_COLUMN    VAL_THRIFT_GIVEN(1)
#define VAL_PARQUET_HAS_CRYPTO    (VAL_THRIFT_GIVEN(2) | VAL_THRIFT_GIVEN(3))
#define VAL_PARQUET_HAS_INDEX     (VAL_THRIFT_GIVEN(4) | VAL_THRIFT_GIVEN(5))

struct val_parquet_row_group {
  uint32_t given;
  struct val_thrift_list columns; /* struct val_parquet_chunk_meta */
  int64_t bytes, n_rows;
};

struct val_parquet_order { /* ColumnOrder: bit 0 by type, 1 IEEE 754 total order, 2 INT96 as time */
  uint32_t given;
};

struct val_parquet_file_meta { /* FileMetaData */
  uint32_t given;
  int32_t version;
  struct val_thrift_list schema; /* struct val_parquet_element */
  int64_t n_rows;
  struct val_thrift_list row_groups; /* struct val_parquet_row_group */
  struct core_slice created_by;
  struct val_thrift_list orders; /* struct val_parquet_order, one a leaf */
};
#define VAL_PARQUET_HAS_ORDERS     VAL_THRIFT_GIVEN(5)
#define VAL_PARQUET_HAS_ENCRYPTION VAL_THRIFT_GIVEN(6)

struct val_parquet_data_page {
  uint32_t given;
  int32_t n_values, encoding, definition_encoding, repetition_encoding;
};
struct val_parquet_dictionary_page {
  uint32_t given;
  int32_t n_values, encoding;
};
struct val_parquet_data_page_v2 {
  uint32_t given;
  int32_t n_values, n_nulls, n_rows, encoding, definition_bytes, repetition_bytes;
  bool packed;
};
#define VAL_PARQUET_HAS_PACKED VAL_THRIFT_GIVEN(6)
struct val_parquet_page { /* PageHeader */
  uint32_t given;
  int32_t type, unpacked_bytes, packed_bytes, crc;
  struct val_parquet_data_page data;
  struct val_parquet_dictionary_page dictionary;
  struct val_parquet_data_page_v2 data_v2;
};
#define VAL_PARQUET_HAS_CRC        VAL_THRIFT_GIVEN(3)
#define VAL_PARQUET_HAS_DATA       VAL_THRIFT_GIVEN(4)
#define VAL_PARQUET_HAS_DICTIONARY VAL_THRIFT_GIVEN(5)
#define VAL_PARQUET_HAS_DATA_V2    VAL_THRIFT_GIVEN(6)

/* ColumnIndex: one item a page in each list. */
struct val_parquet_column_index {
  uint32_t given;
  struct val_thrift_list null_pages;             /* bool */
  struct val_thrift_list min_values, max_values; /* struct core_slice */
  int32_t order;
  struct val_thrift_list null_counts, nan_counts; /* int64_t */
};
#define VAL_PARQUET_HAS_NULL_COUNTS VAL_THRIFT_GIVEN(4)
#define VAL_PARQUET_HAS_NAN_COUNTS  VAL_THRIFT_GIVEN(5)

struct val_parquet_only { /* a union of which we know the first member */
  uint32_t given;
};
struct val_parquet_bloom { /* BloomFilterHeader */
  uint32_t given;
  int32_t n_bytes;
  struct val_parquet_only algorithm, hash, compression;
};

extern const struct val_thrift_struct val_parquet_file_meta_thrift, val_parquet_page_thrift,
    val_parquet_column_index_thrift, val_parquet_bloom_thrift;
