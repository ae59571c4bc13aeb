/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a reader: turns bytes into batches in one forward pass with bounded memory. Structural faults of the
 * data (ragged rows, bad encoding) are findings, not statuses; only what cannot be read at all is a status. */
#pragma once
#include "core/source.h"
#include "validate/batch.h"
#include "validate/facts.h"
#include "validate/finding.h"

/* Parts of a text's dialect that are to be found out from its first bytes, where they are not declared. */
enum {
  VAL_SNIFF_DELIMITER = 1,
  VAL_SNIFF_QUOTE = 2,
  VAL_SNIFF_HEADER = 4,
  VAL_SNIFF_ENCODING = 8,
  VAL_SNIFF_ALL = 15
};

/* The classes (validate/reader/infer.h) that a column's values have in files that come before this one. */
struct val_seed {
  const char *name;
  unsigned classes;
};

/* How text becomes values (docs/csv.md); from the suite's `csv` and `columns` keys. What is pointed to is borrowed until
 * the reader is closed. */
struct val_read_options {
  char delimiter, quote; /* 0: the default (',', a tab for "x.tsv"; '"') */
  bool header;
  unsigned sniff; /* VAL_SNIFF_* */
  const char
      *encoding; /* "utf-8" (a BOM is skipped) or "latin-1"; NULL: UTF-8, or UTF-16 with its mark */
  const struct val_seed
      *seeds; /* of columns whose type is to be found; those without one have none */
  size_t n_seeds;
  bool settled; /* the seeds hold for all values of all files: nothing is guessed */
  const char *const *null_values;   /* NULL-terminated; NULL: pandas' documented list */
  const struct val_field *declared; /* columns with declared types */
  size_t n_declared;
  const char *const *needed;   /* names of the columns to be typed and given; NULL: all */
  const char *const *elements; /* those of columns of elements to be given; NULL: none */
  bool allow_drift;            /* files of one dataset may have different columns */
  bool codes;                  /* columns may come dictionary-encoded (validate/batch.h) */
  size_t batch_rows;           /* 0: the default */
  size_t
      page_memory; /* of all columns: beyond it large pages go to a temporary file; 0: the default, 64 MiB */
  size_t max_field_bytes;  /* 0: the default, 16 MiB; a longer field is CORE_LIMIT with its line */
  size_t least_part_bytes; /* 0: the default, 4 MiB; an input is not split into smaller parts */
};

/* Is the column of that name to be given? `needed` is NULL-terminated; NULL: all are. */
bool val_read_needs(const char *const *needed, const char *name);
/* Likewise of elements, where NULL is none. */
bool val_read_needs_elements(const char *const *elements, const char *name);

/* A section of the input, for a thread of its own: `reader` is used like any other, and is closed by who asked for it. */
struct val_reader_part {
  struct val_reader *reader;
  int64_t rows_before,
      lines_before; /* filled by join: what its rows' numbers and lines are to be raised by */
};

struct val_reader;
struct val_reader_ops {
  const char *name; /* "csv" */
  const char *summary;
  bool typed; /* the input has types of its own: the schema is final once it is open */
  /* Does this input look like ours? By name ("x.csv") and first bytes. */
  bool (*claims)(const char *name, const unsigned char *first, size_t n);
  enum core_status (*open)(struct core_source *source, const struct val_read_options *options,
                           struct val_reader **out, struct core_error *err);
  /* Types over the whole input: final once `next` has ended. Valid until close. */
  const struct val_schema *(*schema)(const struct val_reader *reader);
  /* The next batch, borrowed until the next call; NULL at the end. CORE_EXISTS: a later value did not fit the type that
   * its column had so far; the schema is corrected and the pass must start again: drop what was observed, call rewind. */
  enum core_status (*next)(struct val_reader *reader, const struct val_batch **batch,
                           struct core_error *err);
  enum core_status (*rewind)(struct val_reader *reader, struct core_error *err);
  /* Inputs of parts that say something of themselves; all three or none. Rows of the part that comes next; -1: there is
   * none. */
  int64_t (*part_rows)(const struct val_reader *reader);
  /* Of a column in that part: with FOOTER what the input's directory says, and for further proofs, in their order, what is
   * to be found elsewhere, added to it. Valid until the next part's. */
  void (*part_facts)(struct val_reader *reader, size_t column, enum val_proof proof,
                     struct val_facts *out);
  /* Begins it: `next` gives its batches and then NULL. Columns that are not wanted are not read, and given as those that
   * nobody asked for. Not to be mixed with a `next` that was not preceded by it. */
  enum core_status (*part_begin)(struct val_reader *reader, const bool *wanted,
                                 struct core_error *err);
  /* Asked after the first batch: at most *n consecutive sections that cover the whole input, whatever was read of it, with
   * the types found so far; *n says how many, 0 or 1: it is not worth it. `reader` itself is not used until they are
   * closed, other than by join and close. NULL, like join: this kind of input is not split. */
  enum core_status (*split)(struct val_reader *reader, struct val_reader_part *parts, size_t *n,
                            struct core_error *err);
  /* After each part gave its last batch. *whole: where one ended, the next one began; otherwise the cuts were wrong, what
   * the parts gave is worth nothing, and `reader` is to be rewound and read alone. The parts' findings are now its own. */
  enum core_status (*join)(struct val_reader *reader, struct val_reader_part *parts, size_t n,
                           bool *whole, struct core_error *err);
  const struct val_findings *(*findings)(const struct val_reader *reader); /* valid until close */
  /* Readers whose types follow from the values; NULL, all three, for those whose inputs have types. The classes seen in a
   * column so far, seeds included. */
  unsigned (*classes)(const struct val_reader *reader, size_t column);
  /* Looks at all that is left of the input: classes and types are final then. */
  enum core_status (*settle)(struct val_reader *reader, struct core_error *err);
  /* What was found out of the dialect, as options that declare it; the texts are valid until close. */
  void (*found)(const struct val_reader *reader, struct val_read_options *options);
  void (*close)(struct val_reader *reader);
};
const struct val_reader_ops *const *val_reader_all(void);
/* The reader that claims the input, by its name and first bytes; the input stands at its start again. */
enum core_status val_reader_choose(struct core_source *source, const struct val_reader_ops **out,
                                   struct core_error *err) CORE_MUST_CHECK;
