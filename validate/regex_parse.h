/* SPDX-License-Identifier: GPL-3.0-or-later
 * The plain kind of pattern (validate/regex_dfa.h) as a graph: nodes that a search may stand at, after K. Thompson,
 * "Regular expression search algorithm", CACM 11(6), 1968. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum val_node_kind {
  VAL_NODE_GO,    /* to `a` at once; and to `b` where it is not VAL_NODE_NONE */
  VAL_NODE_BYTE,  /* to `a` over one byte of the set       */
  VAL_NODE_BEGIN, /* to `a` at the beginning of the text   */
  VAL_NODE_END,   /* to `a` at its end                     */
  VAL_NODE_MATCH
};
#define VAL_NODE_NONE UINT16_MAX
#define VAL_NODES     1024

struct val_node {
  enum val_node_kind kind;
  uint16_t a, b;
  uint64_t set[2]; /* of ASCII bytes */
};

struct val_graph {
  struct val_node nodes[VAL_NODES];
  size_t n;
  uint16_t first;
};

/* False where the pattern is not of the plain kind or makes too many nodes. */
bool val_graph_parse(struct val_graph *graph, const char *pattern, size_t len);
