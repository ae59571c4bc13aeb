/* SPDX-License-Identifier: GPL-3.0-or-later
 * Apache Thrift's compact protocol, as far as Parquet uses it (thrift-compact-protocol.md of Apache Thrift). A struct of
 * the file format is described by rows; one reader fills the C struct from them. Nothing in the bytes is believed: every
 * count is held against the bytes that are left, nesting has a limit, and the memory for lists a budget. */
#pragma once
#include "core/mem.h"
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum val_thrift_kind {
  VAL_THRIFT_BOOL,    /* bool                                                */
  VAL_THRIFT_INT32,   /* int32_t; also i8 and i16                            */
  VAL_THRIFT_INT64,   /* int64_t                                             */
  VAL_THRIFT_BINARY,  /* struct core_slice into the bytes that are read      */
  VAL_THRIFT_STRUCT,  /* of `of`, in place                                   */
  VAL_THRIFT_LIST,    /* struct val_thrift_list of `item` (and `of`)         */
  VAL_THRIFT_PRESENCE /* whatever it is, only that it was given; no offset   */
};

struct val_thrift_list {
  void
      *items; /* in the arena: bool, int32_t, int64_t, struct core_slice or the struct, n of them */
  size_t n;
};

struct val_thrift_struct;
struct val_thrift_row {
  int id; /* of the field */
  enum val_thrift_kind kind;
  size_t offset; /* in the C struct */
  bool required;
  const struct val_thrift_struct *of;
  enum val_thrift_kind item; /* of a list: BOOL, INT32, INT64, BINARY or STRUCT */
};
/* The C struct begins with `uint32_t given`: bit i is set when the field of row i was there. */
struct val_thrift_struct {
  const char *name; /* as the specification calls it */
  const struct val_thrift_row *rows;
  size_t n_rows;
  size_t bytes;       /* sizeof the C struct                         */
  size_t least_bytes; /* of one in the file, 0: one; bounds a list's count */
};
#define VAL_THRIFT_GIVEN(row_number) ((uint32_t)1 << (row_number))

/* Fills `out` (zeroed by the call) from the bytes; *used: how many of them the struct took. `arena` takes the lists, as
 * long as it holds no more than `budget` bytes in all. CORE_PARSE names the struct and the field that is wrong. */
enum core_status val_thrift_read(const struct val_thrift_struct *what, const uint8_t *bytes,
                                 size_t len, struct core_arena *arena, size_t budget, void *out,
                                 size_t *used, struct core_error *err) CORE_MUST_CHECK;
