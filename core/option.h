/* SPDX-License-Identifier: GPL-3.0-or-later
 * Option rows: one table row is one option, read by parsing, checking, -h, man pages and the docs.
 *
 * The same rows serve command lines (jobs/cli), sections of a study file (a sampler's keys) and
 * keyword arguments of a suite. Errors name the file, line, column, the value, what would be right,
 * and the nearest spelling of a wrong key. */
#pragma once
#include "core/mem.h"
#include "core/status.h"
#include "core/str.h"
#include "core/tree.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum core_option_type {
  CORE_OPT_FLAG,   /* true/false; on a command line present or --no-NAME     */
  CORE_OPT_INT,    /* int64 within [min, max]                                 */
  CORE_OPT_DOUBLE, /* within [min, max]; an int is accepted                   */
  CORE_OPT_STRING,
  CORE_OPT_CHOICE,   /* one of `choices`, separated by '|'                      */
  CORE_OPT_DURATION, /* seconds: a number or text such as 30m                   */
  CORE_OPT_SIZE,     /* bytes: a number or text such as 64MiB                   */
  CORE_OPT_LIST,     /* a list node (file forms); repeated option (command line) */
  CORE_OPT_MAP,      /* a map node (file forms only)                            */
  CORE_OPT_ANY       /* any node, for the plug-in to judge (file forms only)    */
};

struct core_option {
  const char *name; /* as in a file: "n_startup_trials"; on a command line "--trials"'s "trials" */
  enum core_option_type type;
  const char *fallback; /* default as text, NULL: none (absent unless given)     */
  const char *choices;  /* CHOICE: "abort|fail_trial|warn"; elsewhere NULL       */
  double min, max;      /* INT, DOUBLE, DURATION, SIZE; both 0: no bounds        */
  bool required;
  bool nullable;    /* an explicit null counts as absent                     */
  char letter;      /* command line: 'j' for -j; 0: none                     */
  const char *unit; /* "trials", "s", "FILE": shown in help                  */
  const char *help; /* one sentence without a dot                            */
};
#define CORE_OPTION_END                                                                            \
  { 0 }

struct core_option_value {
  bool given;       /* stood in the input (and was not a null of a nullable option) */
  bool flag;        /* FLAG */
  int64_t integer;  /* INT, SIZE */
  double number;    /* INT, DOUBLE, DURATION, SIZE */
  const char *text; /* STRING, CHOICE: NUL-terminated; elsewhere as written or NULL */
  const struct core_node
      *node; /* the node in the file; for LIST on a command line a list made of the texts */
  struct core_pos pos; /* where it stood, or the section's place for a default */
};

/* Values of one row table, parallel to it. Owns copies of texts in its arena; nodes are borrowed
 * from their tree. */
struct core_options {
  const struct core_option *rows;
  size_t n_rows;
  struct core_option_value *values;
  struct core_arena arena;
  struct core_pos pos; /* of the section */
};

/* Reads the keys of a map by the rows. `section` is named in messages ("sampler 'tpe'"). `ignored`
 * lists further keys that are read elsewhere (NULL-terminated, may be NULL). A NULL or NULL-kind
 * `map` means: all defaults. */
enum core_status core_options_open(struct core_options *out, const struct core_option *rows,
                                   const struct core_node *map, const char *section,
                                   const char *const *ignored,
                                   struct core_error *err) CORE_MUST_CHECK;
/* Reads a command line (argv without program and command). Options may stand anywhere before "--";
 * the other words are counted in *n_words and pointed to by words (room for argc). "--name=value",
 * "--name value", "-j4", "-j 4". */
enum core_status core_options_parse(struct core_options *out, const struct core_option *rows,
                                    int argc, char **argv, const char **words, size_t *n_words,
                                    struct core_error *err) CORE_MUST_CHECK;
void core_options_close(struct core_options *options);

/* By name; the name must be a row's (a bug otherwise: assert). */
const struct core_option_value *core_option_get(const struct core_options *options,
                                                const char *name);
bool core_option_given(const struct core_options *options, const char *name);
bool core_option_flag(const struct core_options *options, const char *name);
int64_t core_option_int(const struct core_options *options, const char *name);
double core_option_double(const struct core_options *options, const char *name);
const char *core_option_text(const struct core_options *options,
                             const char *name); /* NULL when absent and no default */
const struct core_node *core_option_node(const struct core_options *options, const char *name);

/* Appends the rows as help for a terminal (command-line spelling when `command_line`). */
void core_options_help(const struct core_option *rows, bool command_line, struct core_str *out);
/* The two parts that manuals need too: what stands for the value ("N", "FILE", "a|b"), and the
 * remarks in parentheses
 * ("required, from 1 to 8, default 2"; nothing when there is nothing to say). */
void core_option_placeholder(const struct core_option *row, struct core_str *out);
void core_option_remarks(const struct core_option *row, struct core_str *out);
