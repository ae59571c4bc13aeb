/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults of the data itself, beside what a suite says: each kind counted in full, the first ones kept with their place. */
#pragma once
#include "core/mem.h"
#include "core/str.h"
#include <stdbool.h>
#include <stdint.h>

/* X(NAME, code in reports, is it a fault, what it means). A finding that is no fault is told, but the data may be good:
 * pandas writes its index under a blank name. */
#define VAL_FINDING_LIST(X)                                                                        \
  X(RAGGED, "ragged_row", true, "a record has more or fewer fields than the header")               \
  X(UNCLOSED_QUOTE, "unclosed_quote", true,                                                        \
    "a quoted field is not closed before the end of the input")                                    \
  X(STRAY_QUOTE, "stray_quote", true,                                                              \
    "a quote stands inside an unquoted field, or text after a closing quote")                      \
  X(ENCODING, "invalid_encoding", true, "bytes are not valid in the declared encoding")            \
  X(NUL_BYTE, "nul_byte", true, "a NUL byte stands in the text")                                   \
  X(TYPE, "type_error", true, "a value does not have its column's declared type")                  \
  X(DUPLICATE_COLUMN, "duplicate_column", true, "two columns have the same name")                  \
  X(BLANK_HEADER, "blank_header", false, "a column has no name")                                   \
  X(ABSENT_COLUMN, "absent_column", false, "a column with a declared type is not in the data")     \
  X(EMPTY, "empty_input", true, "the input has no header")                                         \
  X(DRIFT, "schema_drift", true, "the files of the dataset do not have the same columns")          \
  X(FILES_DIFFER, "files_differ", false,                                                           \
    "the files of the dataset differ in a way that changes no value")                              \
  X(DIALECT, "dialect", false, "how the text was found to be written, where nobody declared it")
enum val_finding_kind {
#define X(name, code, fault, meaning) VAL_FINDING_##name,
  VAL_FINDING_LIST(X)
#undef X
      VAL_FINDING_KINDS
};
const char *val_finding_code(enum val_finding_kind kind);
const char *val_finding_meaning(enum val_finding_kind kind);

struct val_finding {
  enum val_finding_kind kind;
  int64_t row, line, byte;
  const char *column, *message;
  const char *file; /* where it is, of several files; NULL: there is one */
};

#define VAL_FINDINGS_KEPT 20 /* of each kind */
struct val_findings {
  struct core_arena arena;
  uint64_t count[VAL_FINDING_KINDS];
  struct val_finding kept[VAL_FINDING_KINDS][VAL_FINDINGS_KEPT];
};
/* Counts, and keeps a copy while there is room. row, line, byte: -1 when there is none. `column` may be NULL. */
void val_findings_add(struct val_findings *findings, enum val_finding_kind kind, int64_t row,
                      int64_t line, int64_t byte, const char *column, const char *format, ...)
    CORE_PRINTF(7, 8);
bool val_finding_is_fault(enum val_finding_kind kind);
/* All but the notes: 0 when the data as such is good. */
uint64_t val_findings_total(const struct val_findings *findings);
/* Adds those of a later section, whose rows and lines are to be raised by so many. */
void val_findings_join(struct val_findings *findings, const struct val_findings *later,
                       int64_t rows, int64_t lines);
/* The same; what has no file yet is in `file`. */
void val_findings_join_file(struct val_findings *findings, const struct val_findings *later,
                            int64_t rows, int64_t lines, const char *file);
void val_findings_reset(struct val_findings *findings);
void val_findings_close(struct val_findings *findings);
