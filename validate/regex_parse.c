/* SPDX-License-Identifier: GPL-3.0-or-later
 * A repetition is read as often as it has copies: the parser goes back to where the repeated part began. */
#include "validate/regex_parse.h"

#include <string.h>

#include "core/str.h"

#define MOST_DEPTH 40
#define MOST_TIMES 500

struct set {
  uint64_t bits[2];
};

/* Nodes from `in` to `out`, which is a VAL_NODE_GO that leads nowhere yet. */
struct part {
  uint16_t in, out;
};

struct parser {
  struct val_graph *graph;
  const char *text;
  size_t len, at;
  unsigned depth;
  bool fold;   /* (?i) */
  bool failed; /* not plain, or too large */
};

static struct part parse_choice(struct parser *p);

/* ---- nodes ---- */

static uint16_t add_node(struct parser *p, enum val_node_kind kind, uint16_t a, uint16_t b) {
  if (p->graph->n == VAL_NODES) p->failed = true;
  if (p->failed) return 0;
  p->graph->nodes[p->graph->n] = (struct val_node){.kind = kind, .a = a, .b = b};
  return (uint16_t)p->graph->n++;
}

static uint16_t add_out(struct parser *p) {
  return add_node(p, VAL_NODE_GO, VAL_NODE_NONE, VAL_NODE_NONE);
}

static struct part step(struct parser *p, enum val_node_kind kind) {
  const uint16_t out = add_out(p);
  return (struct part){add_node(p, kind, out, VAL_NODE_NONE), out};
}

static struct part nothing(struct parser *p) {
  const uint16_t out = add_out(p);
  return (struct part){out, out};
}

static struct part chain(struct parser *p, struct part a, struct part b) {
  p->graph->nodes[a.out].a = b.in;
  return (struct part){a.in, b.out};
}

static struct part either(struct parser *p, struct part a, struct part b) {
  const uint16_t out = add_out(p);
  p->graph->nodes[a.out].a = out;
  p->graph->nodes[b.out].a = out;
  return (struct part){add_node(p, VAL_NODE_GO, a.in, b.in), out};
}

/* Any number of times. */
static struct part star(struct parser *p, struct part a) {
  const uint16_t out = add_out(p);
  const uint16_t in = add_node(p, VAL_NODE_GO, a.in, out);
  p->graph->nodes[a.out].a = in;
  return (struct part){in, out};
}

/* ---- sets of bytes ---- */

static void set_add(struct set *set, unsigned from, unsigned to) {
  for (unsigned c = from; c <= to && c < 128; c++) set->bits[c >> 6] |= UINT64_C(1) << (c & 63);
}

static void set_join(struct set *set, const struct set *other, bool inverted) {
  for (int i = 0; i < 2; i++) set->bits[i] |= inverted ? ~other->bits[i] : other->bits[i];
}

/* \d \w \s and their opposites. */
static bool set_of_letter(char letter, struct set *out) {
  struct set set = {{0, 0}};
  switch (letter | 0x20) {
  case 'd':
    set_add(&set, '0', '9');
    break;
  case 'w':
    set_add(&set, '0', '9');
    set_add(&set, 'A', 'Z');
    set_add(&set, '_', '_');
    set_add(&set, 'a', 'z');
    break;
  case 's':
    set_add(&set, '\t', '\r');
    set_add(&set, ' ', ' ');
    break;
  default:
    return false;
  }
  set_join(out, &set, !(letter & 0x20));
  return true;
}

/* The character that an escape stands for; false: none of the plain ones. */
static bool escaped_char(char c, unsigned *out) {
  static const char from[] = "tnrfa", to[] = "\t\n\r\f\a";
  const char *at = c ? strchr(from, c) : NULL;
  const bool word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                    c == '\0' || (unsigned char)c >= 0x80;
  if (!at && word) return false;
  *out = at ? (unsigned char)to[at - from] : (unsigned char)c;
  return true;
}

static void fold_set(const struct parser *p, struct set *set) {
  for (unsigned c = 'a'; p->fold && c <= 'z'; c++) {
    const unsigned upper = c - 0x20;
    const bool any = (set->bits[1] >> (c & 63) & 1) || (set->bits[1] >> (upper & 63) & 1);
    if (!any) continue;
    set_add(set, c, c);
    set_add(set, upper, upper);
  }
}

static struct part step_over(struct parser *p, struct set set) {
  const struct part part = step(p, VAL_NODE_BYTE);
  if (p->failed) return part;
  fold_set(p, &set);
  memcpy(p->graph->nodes[part.in].set, set.bits, sizeof set.bits);
  return part;
}

/* ---- reading ---- */

static bool more(const struct parser *p) {
  return p->at < p->len && !p->failed;
}

static char peek(const struct parser *p, size_t ahead) {
  return p->at + ahead < p->len ? p->text[p->at + ahead] : '\0';
}

static bool eat(struct parser *p, char c) {
  if (!more(p) || p->text[p->at] != c) return false;
  p->at++;
  return true;
}

/* One character of any language; what is not ASCII matches no text that is looked at here. */
static unsigned take_char(struct parser *p) {
  uint32_t c = 0;
  const size_t n = core_utf8_decode(p->text + p->at, p->len - p->at, &c);
  if (n == 0) p->failed = true;
  p->at += n;
  return c;
}

/* A member of a class: *single is false for \d and its like, which went into the set. */
static unsigned class_member(struct parser *p, struct set *set, bool *single) {
  unsigned c = 0;
  *single = true;
  if (peek(p, 0) == '[' && (peek(p, 1) == ':' || peek(p, 1) == '.' || peek(p, 1) == '='))
    p->failed = true;
  if (!eat(p, '\\')) return take_char(p);
  if (more(p) && set_of_letter(p->text[p->at], set))
    *single = false;
  else if (!more(p) || !escaped_char(p->text[p->at], &c))
    p->failed = true;
  if (!p->failed) p->at++;
  return c;
}

static struct part parse_class(struct parser *p) {
  struct set set = {{0, 0}}, out = {{0, 0}};
  const bool inverted = eat(p, '^');
  bool first = true;
  while (more(p) && (first || p->text[p->at] != ']')) {
    bool single = false, range_end = false;
    const unsigned low = class_member(p, &set, &single);
    unsigned high = low;
    first = false;
    if (peek(p, 0) == '-' && peek(p, 1) != ']') {
      p->at++;
      if (!single || !more(p)) p->failed = true; /* "[\w-x]" is read in more than one way */
      high = class_member(p, &set, &range_end);
      if (!range_end || high < low) p->failed = true;
    }
    if (single) set_add(&set, low, high);
  }
  if (!eat(p, ']')) p->failed = true;
  fold_set(p, &set); /* before it is turned round */
  set_join(&out, &set, inverted);
  return step_over(p, out);
}

static struct part parse_group(struct parser *p) {
  struct part part = {0, 0};
  if (peek(p, 0) == '?') {
    if (peek(p, 1) != ':') p->failed = true;
    p->at += 2;
  }
  if (++p->depth > MOST_DEPTH) p->failed = true;
  if (!p->failed) part = parse_choice(p);
  p->depth--;
  if (!eat(p, ')')) p->failed = true;
  return part;
}

static struct part parse_escape(struct parser *p) {
  struct set set = {{0, 0}};
  unsigned c = 0;
  const char letter = peek(p, 0);
  p->at++;
  if (letter == 'A') return step(p, VAL_NODE_BEGIN);
  if (letter == 'Z') return step(p, VAL_NODE_END);
  if (set_of_letter(letter, &set)) return step_over(p, set);
  if (!escaped_char(letter, &c)) p->failed = true;
  set_add(&set, c, c);
  return step_over(p, set);
}

/* What a repetition may stand behind; *fixed: it may not, for that is an anchor. */
static struct part parse_atom(struct parser *p, bool *fixed) {
  struct set set = {{0, 0}};
  const char c = p->text[p->at];
  *fixed = c == '^' || c == '$' || (c == '\\' && (peek(p, 1) == 'A' || peek(p, 1) == 'Z'));
  if (strchr("*+?{", c)) p->failed = true; /* also a NUL */
  if (p->failed) return (struct part){0, 0};
  if (eat(p, '(')) return parse_group(p);
  if (eat(p, '[')) return parse_class(p);
  if (eat(p, '^')) return step(p, VAL_NODE_BEGIN);
  if (eat(p, '$')) return step(p, VAL_NODE_END);
  if (eat(p, '\\')) return parse_escape(p);
  if (eat(p, '.')) {
    set_add(&set, 0, 127); /* a line feed is never looked at */
    return step_over(p, set);
  }
  const unsigned low = take_char(p);
  set_add(&set, low, low);
  return step_over(p, set);
}

static bool take_number(struct parser *p, unsigned *out) {
  const size_t start = p->at;
  for (*out = 0; more(p) && p->text[p->at] >= '0' && p->text[p->at] <= '9'; p->at++)
    if (*out <= MOST_TIMES) *out = *out * 10 + (unsigned)(p->text[p->at] - '0');
  return p->at > start;
}

/* *most 0: without end. False: there is no repetition. */
static bool parse_times(struct parser *p, unsigned *least, unsigned *most) {
  *least = *most = 0;
  if (eat(p, '*')) return true;
  if (eat(p, '+')) {
    *least = 1;
    return true;
  }
  if (eat(p, '?')) {
    *most = 1;
    return true;
  }
  if (!eat(p, '{')) return false;
  const bool has_least = take_number(p, least), comma = eat(p, ',');
  const bool has_most = comma ? take_number(p, most) : true;
  if (!comma) *most = *least;
  /* "{}", "{,}", "{x" are plain characters to some and "{0}" is nothing at all */
  if (!eat(p, '}') || (!has_least && !(comma && has_most)) || (has_most && *most == 0) ||
      *least > MOST_TIMES || *most > MOST_TIMES || (has_most && *most < *least))
    p->failed = true;
  return true;
}

static struct part parse_piece(struct parser *p) {
  const size_t start = p->at;
  bool fixed = false;
  unsigned least = 0, most = 0;
  struct part atom = parse_atom(p, &fixed);
  if (p->failed || !parse_times(p, &least, &most)) return atom;
  eat(p, '?'); /* as few as possible: whether there is a match stays the same */
  if (fixed || (more(p) && strchr("*+?{", p->text[p->at]))) p->failed = true;
  const size_t end = p->at;
  const unsigned copies = most ? most : least + 1;
  struct part all = nothing(p);
  for (unsigned i = 0; i < copies && !p->failed; i++) {
    if (i > 0) {
      p->at = start;
      atom = parse_atom(p, &fixed);
    }
    if (i >= least) atom = most ? either(p, atom, nothing(p)) : star(p, atom);
    if (!p->failed) all = chain(p, all, atom);
  }
  p->at = end;
  return all;
}

static struct part parse_sequence(struct parser *p) {
  struct part all = nothing(p);
  while (more(p) && p->text[p->at] != '|' && p->text[p->at] != ')') {
    const struct part piece = parse_piece(p);
    if (!p->failed) all = chain(p, all, piece);
  }
  return all;
}

static struct part parse_choice(struct parser *p) {
  struct part all = parse_sequence(p);
  while (eat(p, '|')) {
    const struct part other = parse_sequence(p);
    if (!p->failed) all = either(p, all, other);
  }
  return all;
}

bool val_graph_parse(struct val_graph *graph, const char *pattern, size_t len) {
  struct parser p = {.graph = graph, .text = pattern, .len = len};
  graph->n = 0;
  if (len >= 4 && memcmp(pattern, "(?i)", 4) == 0) {
    p.fold = true;
    p.at = 4;
  }
  const struct part all = parse_choice(&p);
  const uint16_t match = add_node(&p, VAL_NODE_MATCH, VAL_NODE_NONE, VAL_NODE_NONE);
  if (p.failed || p.at != len) return false;
  graph->nodes[all.out].a = match;
  graph->first = all.in;
  return true;
}
