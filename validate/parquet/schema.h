/* SPDX-License-Identifier: GPL-3.0-or-later
 * The tree of fields, from the list that the footer holds (Parquet's README, "Nested Encoding"; LogicalTypes.md). Fields
 * that repeat nowhere become columns of their own, those in structs under a dotted path; a list, a map or another
 * repeated field is one column with all that it contains. */
#pragma once
#include "validate/encoding/physical.h"
#include "validate/parquet/metadata.h"

#define VAL_PARQUET_MAX_DEPTH     32                  /* of nesting */
#define VAL_PARQUET_METADATA_MOST ((size_t)512 << 20) /* bytes in memory */

struct val_parquet_node {
  const struct val_parquet_element *element; /* borrowed from the footer */
  char *name;
  const struct val_parquet_node *parent;
  const struct val_parquet_node *children; /* the first; the others by `next` */
  const struct val_parquet_node *next;     /* sibling */
  size_t n_children;                       /* 0: a leaf */
  size_t first_leaf, n_leaves;             /* all leaves below, itself included */
  enum val_parquet_repetition repetition;
  uint8_t definition, repeat; /* the greatest level of a value here */
};

struct val_parquet_leaf {
  const struct val_parquet_node *node;
  enum val_physical type;
  size_t width; /* bytes of a value; 0: BYTE_ARRAY */
};

/* A column of the table. */
struct val_parquet_field {
  char *path; /* dotted */
  const struct val_parquet_node *node;
  bool nested; /* repeats: a list, a map, or a group with one; else node is a leaf */
};

struct val_parquet_schema {
  struct val_parquet_node *nodes; /* of the elements, in their order; the first is the root */
  struct val_parquet_leaf *leaves;
  struct val_parquet_field *fields;
  size_t n_nodes, n_leaves, n_fields;
};
/* All in the arena. CORE_PARSE: the list makes no tree, or a leaf no sense. */
enum core_status val_parquet_schema_read(const struct val_parquet_file_meta *meta,
                                         struct core_arena *arena, struct val_parquet_schema *out,
                                         struct core_error *err) CORE_MUST_CHECK;

/* What a node is, by logical type or, in older files, converted type. */
bool val_parquet_node_is(const struct val_parquet_node *node,
                         enum val_parquet_logical_member logical,
                         enum val_parquet_converted converted);
