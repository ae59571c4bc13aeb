/* SPDX-License-Identifier: GPL-3.0-or-later
 * YAML and JSON documents as one tree in which every node knows its file, line and column.
 *
 * Scalars follow the YAML 1.2 core schema (so `no` and `on` are strings); JSON files ending in
 * .json (or text starting with '{' or '[' that is valid JSON) go through the JSON reader. Python's
 * NaN, Infinity and -Infinity are accepted in JSON. Refused with a position: duplicate keys,
 * aliases, several documents, nesting beyond 100, inputs beyond 64 MiB. */
#pragma once
#include "core/mem.h"
#include "core/status.h"
#include "core/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum core_node_kind {
  CORE_NODE_NULL,
  CORE_NODE_BOOL,
  CORE_NODE_INT,
  CORE_NODE_DOUBLE,
  CORE_NODE_STRING,
  CORE_NODE_LIST,
  CORE_NODE_MAP
};

struct core_node {
  enum core_node_kind kind;
  struct core_pos pos;     /* of the value                                                       */
  struct core_pos key_pos; /* of the key, where the node is a map's entry                        */
  const char *key;         /* NUL-terminated, NULL outside a map                                 */
  struct core_node *first; /* children of a list or map, in the order of the document            */
  struct core_node *next;  /* next sibling                                                       */
  size_t n_children;
  bool boolean;
  int64_t integer;
  double number;          /* set for INT too, converted                                         */
  struct core_slice text; /* STRING: the value; other scalars: as written. NUL-terminated as well */
};

/* A document owns all of its nodes and texts. */
struct core_tree {
  struct core_arena arena;
  struct core_node *root; /* a NULL node for an empty document */
};

/* Reads a file by its name ("-" is standard input). CORE_IO when it cannot be read, CORE_INVAL when
 * malformed. */
enum core_status core_tree_open(struct core_tree *tree, const char *path,
                                struct core_error *err) CORE_MUST_CHECK;
/* From memory; `name` stands in positions. */
enum core_status core_tree_parse(struct core_tree *tree, const char *name, const char *bytes,
                                 size_t len, struct core_error *err) CORE_MUST_CHECK;
/* JSON only. */
enum core_status core_tree_parse_json(struct core_tree *tree, const char *name, const char *bytes,
                                      size_t len, struct core_error *err) CORE_MUST_CHECK;
void core_tree_close(struct core_tree *tree);

const struct core_node *core_node_get(const struct core_node *map,
                                      const char *key); /* NULL when absent */
const struct core_node *core_node_at(const struct core_node *list, size_t index);
const char *core_node_kind_name(enum core_node_kind kind); /* "a list" */
/* Appends the node as JSON, compact, doubles in shortest form; NaN and infinities as NaN, Infinity,
 * -Infinity when `python` (what Python's json module reads), as null otherwise. */
void core_node_json(const struct core_node *node, bool python, struct core_str *out);
bool core_node_is_number(const struct core_node *node); /* INT or DOUBLE */
/* Deep equality by value, positions ignored; 1 equals 1.0, true does not equal 1. Map order is
 * ignored. */
bool core_node_equal(const struct core_node *a, const struct core_node *b);
