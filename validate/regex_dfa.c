/* SPDX-License-Identifier: GPL-3.0-or-later
 * The subset construction over the graph of a pattern: a state is the set of nodes that a search may stand at. A search may
 * begin anywhere, so every state but the first holds what the beginning leads to, too. Three states are never left:
 * nothing can match any more, a match was found, a byte was met that is not looked at here. */
#include "validate/regex_dfa.h"

#include <string.h>

#include "validate/regex_parse.h"

#define WORDS       (VAL_NODES / 64)
#define MOST_STATES 128

enum { DEAD, FOUND, STRANGE, FIRST };

struct val_dfa {
  uint8_t start;
  uint8_t ends[MOST_STATES]; /* a text that ends here matches */
  uint16_t next
      [MOST_STATES]
      [256]; /* the first place of the next state's row, so that a step is one addition and one load */
};
#define ROW(state) ((uint16_t)((unsigned)(state) << 8))

struct nodes {
  uint64_t bits[WORDS];
};

struct builder {
  struct val_graph graph;
  struct nodes sets[MOST_STATES];
  size_t n_states;
  struct nodes standing, match, end; /* the nodes of these kinds; standing: all but GO and BEGIN */
  struct nodes begin; /* where a search begins that is not at the beginning of the text */
  uint16_t stack[VAL_NODES];
  uint8_t alike[128]; /* the least byte that every node takes or refuses as it does this one */
  bool full;
};

static bool has(const struct nodes *nodes, size_t i) {
  return nodes->bits[i >> 6] >> (i & 63) & 1;
}

static void put(struct builder *b, struct nodes *nodes, size_t *n, uint16_t i) {
  if (i == VAL_NODE_NONE || has(nodes, i)) return;
  nodes->bits[i >> 6] |= UINT64_C(1) << (i & 63);
  b->stack[(*n)++] = i;
}

/* Adds all that `first` leads to without a byte. */
static void follow(struct builder *b, uint16_t first, bool at_begin, bool at_end,
                   struct nodes *nodes) {
  size_t n = 0;
  put(b, nodes, &n, first);
  while (n > 0) {
    const struct val_node *node = &b->graph.nodes[b->stack[--n]];
    if (node->kind == VAL_NODE_GO || (node->kind == VAL_NODE_BEGIN && at_begin) ||
        (node->kind == VAL_NODE_END && at_end)) {
      put(b, nodes, &n, node->a);
      put(b, nodes, &n, node->b);
    }
  }
}

static void find_kinds(struct builder *b) {
  for (size_t i = 0; i < b->graph.n; i++) {
    const enum val_node_kind kind = b->graph.nodes[i].kind;
    const uint64_t bit = UINT64_C(1) << (i & 63);
    if (kind != VAL_NODE_GO && kind != VAL_NODE_BEGIN) b->standing.bits[i >> 6] |= bit;
    if (kind == VAL_NODE_MATCH) b->match.bits[i >> 6] |= bit;
    if (kind == VAL_NODE_END) b->end.bits[i >> 6] |= bit;
  }
}

/* Only these make a difference from here on. */
static void keep_standing(const struct builder *b, struct nodes *nodes) {
  for (size_t w = 0; w < WORDS; w++) nodes->bits[w] &= b->standing.bits[w];
}

static bool matches(const struct builder *b, const struct nodes *nodes) {
  uint64_t any = 0;
  for (size_t w = 0; w < WORDS; w++) any |= nodes->bits[w] & b->match.bits[w];
  return any != 0;
}

/* The least bit of a word that is not 0, as the number of its node; it is taken out. */
static size_t take_node(uint64_t *bits, size_t word) {
  const size_t i = word * 64 + (size_t)__builtin_ctzll(*bits);
  *bits &= *bits - 1;
  return i;
}

static bool matches_at_end(struct builder *b, const struct nodes *nodes, bool at_begin) {
  struct nodes further = {{0}};
  for (size_t w = 0; w < WORDS; w++)
    for (uint64_t bits = nodes->bits[w] & b->end.bits[w]; bits;)
      follow(b, b->graph.nodes[take_node(&bits, w)].a, at_begin, true, &further);
  return matches(b, &further);
}

/* The state of a set, a new one if need be. */
static uint8_t state_of(struct builder *b, struct val_dfa *dfa, struct nodes *nodes,
                        bool at_begin) {
  static const struct nodes none = {{0}};
  keep_standing(b, nodes);
  if (matches(b, nodes)) return FOUND;
  if (memcmp(nodes, &none, sizeof none) == 0) return DEAD;
  for (size_t i = FIRST; i < b->n_states && !at_begin; i++)
    if (i != dfa->start && memcmp(&b->sets[i], nodes, sizeof *nodes) == 0) return (uint8_t)i;
  if (b->n_states == MOST_STATES) {
    b->full = true;
    return DEAD;
  }
  b->sets[b->n_states] = *nodes;
  dfa->ends[b->n_states] = matches_at_end(b, nodes, at_begin);
  return (uint8_t)b->n_states++;
}

static bool takes(const struct val_node *node, unsigned byte) {
  return node->kind == VAL_NODE_BYTE && node->set[byte >> 6] >> (byte & 63) & 1;
}

static uint8_t state_after(struct builder *b, struct val_dfa *dfa, size_t state, unsigned byte) {
  struct nodes nodes = b->begin;
  if (byte == '\n' || byte >= 0x80) return STRANGE;
  for (size_t w = 0; w < WORDS; w++) {
    for (uint64_t bits = b->sets[state].bits[w]; bits;) {
      const struct val_node *node = &b->graph.nodes[take_node(&bits, w)];
      if (takes(node, byte)) follow(b, node->a, false, false, &nodes);
    }
  }
  return state_of(b, dfa, &nodes, false);
}

/* A pattern tells few classes of bytes apart; where a state leads is found once a class. */
static void find_classes(struct builder *b) {
  for (size_t i = 0; i < b->graph.n; i++) {
    const struct val_node *node = &b->graph.nodes[i];
    uint8_t first_other[128]; /* by class: its least byte that this node treats otherwise */
    memset(first_other, 0xff, sizeof first_other);
    for (unsigned byte = 0; byte < 128; byte++) {
      const uint8_t class = b->alike[byte];
      if (takes(node, byte) == takes(node, class)) continue;
      if (first_other[class] == 0xff) first_other[class] = (uint8_t)byte;
      b->alike[byte] = first_other[class];
    }
  }
}

static void find_next(struct builder *b, struct val_dfa *dfa, size_t state) {
  uint16_t *next = dfa->next[state];
  for (unsigned byte = 128; byte < 256; byte++) next[byte] = ROW(STRANGE);
  for (unsigned byte = 0; byte < 128; byte++) {
    const bool first = b->alike[byte] == byte || byte == '\n' || b->alike[byte] == '\n';
    next[byte] = first ? ROW(state_after(b, dfa, state, byte)) : next[b->alike[byte]];
  }
}

static void build(struct builder *b, struct val_dfa *dfa) {
  struct nodes first = {{0}};
  for (unsigned state = DEAD; state < FIRST; state++)
    for (unsigned byte = 0; byte < 256; byte++) dfa->next[state][byte] = ROW(state);
  b->n_states = FIRST;
  find_kinds(b);
  follow(b, b->graph.first, true, false, &first);
  follow(b, b->graph.first, false, false, &b->begin);
  dfa->start = state_of(b, dfa, &first, true);
  dfa->ends[FOUND] = 1;
  find_classes(b);
  for (size_t state = FIRST; state < b->n_states && !b->full; state++) find_next(b, dfa, state);
}

enum core_status val_dfa_open(const char *pattern, size_t len, struct val_dfa **out,
                              struct core_error *err) {
  *out = NULL;
  struct builder *b = core_calloc(1, sizeof *b);
  struct val_dfa *dfa = core_calloc(1, sizeof *dfa);
  if (!b || !dfa) {
    core_free(b);
    core_free(dfa);
    return core_fail_nomem(err, sizeof *b + sizeof *dfa);
  }
  b->full = !val_graph_parse(&b->graph, pattern, len);
  if (!b->full) build(b, dfa);
  if (b->full)
    core_free(dfa);
  else
    *out = dfa;
  core_free(b);
  return CORE_OK;
}

void val_dfa_close(struct val_dfa *dfa) {
  core_free(dfa);
}

static enum val_dfa_answer answer_of(const struct val_dfa *dfa, unsigned row) {
  const unsigned state = row >> 8;
  if (state == STRANGE) return VAL_DFA_UNKNOWN;
  return dfa->ends[state] ? VAL_DFA_YES : VAL_DFA_NO;
}

enum val_dfa_answer val_dfa_search(const struct val_dfa *dfa, const char *text, size_t len) {
  const uint16_t *next = dfa->next[0];
  unsigned row = ROW(dfa->start);
  for (size_t i = 0; i < len && row >= ROW(FIRST); i++) row = next[row + (unsigned char)text[i]];
  return answer_of(dfa, row);
}

/* Each step waits for the one before it; the other texts fill the wait. Lanes that are through stay as they are. */
void val_dfa_search_lanes(const struct val_dfa *dfa, const char *const text[VAL_DFA_LANES],
                          size_t len, enum val_dfa_answer answer[VAL_DFA_LANES]) {
  const uint16_t *next = dfa->next[0];
  unsigned row[VAL_DFA_LANES];
  for (int k = 0; k < VAL_DFA_LANES; k++) row[k] = ROW(dfa->start);
  for (size_t i = 0; i < len; i++)
    for (int k = 0; k < VAL_DFA_LANES; k++) row[k] = next[row[k] + (unsigned char)text[k][i]];
  for (int k = 0; k < VAL_DFA_LANES; k++) answer[k] = answer_of(dfa, row[k]);
}
