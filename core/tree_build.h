/* SPDX-License-Identifier: GPL-3.0-or-later
 * How the YAML and the JSON reader grow a tree: one builder with the limits and the duplicate check
 * of both. Internal to core/{tree,yaml,json}.c. */
#pragma once
#include "core/tree.h"

#define CORE_TREE_MAX_BYTES ((size_t)64 << 20)
#define CORE_TREE_MAX_NODES ((size_t)4 << 20) /* about 0.6 GB */
#define CORE_TREE_MAX_DEPTH 100

struct core_builder_level {
  struct core_node *node;
  struct core_node *last; /* its youngest child */
};

struct core_builder {
  struct core_tree *tree;
  const char *name; /* lives in the tree's arena */
  size_t n_nodes;
  size_t depth;
  struct core_builder_level levels[CORE_TREE_MAX_DEPTH];
  const char *key; /* of the entry whose value comes next, NULL when none is pending */
  struct core_pos key_pos;
};

/* Opens a list or a map below the current one; its children follow until core_builder_leave. */
enum core_status core_builder_enter(struct core_builder *b, enum core_node_kind kind,
                                    struct core_pos pos, struct core_error *err) CORE_MUST_CHECK;
/* Closes it; refuses duplicate keys. */
enum core_status core_builder_leave(struct core_builder *b, struct core_error *err) CORE_MUST_CHECK;
/* Only inside a map, before each of its values. */
enum core_status core_builder_key(struct core_builder *b, const char *text, size_t len,
                                  struct core_pos pos, struct core_error *err) CORE_MUST_CHECK;
/* Adds a scalar whose text is given; the kind's own field is set by the caller. */
enum core_status core_builder_scalar(struct core_builder *b, enum core_node_kind kind,
                                     const char *text, size_t len, struct core_pos pos,
                                     struct core_node **out,
                                     struct core_error *err) CORE_MUST_CHECK;
/* True inside a map where the next text is a key. */
bool core_builder_wants_key(const struct core_builder *b);
/* Line and column (in code points) of a byte of the input. */
struct core_pos core_builder_place(const char *name, const char *bytes, size_t offset);
