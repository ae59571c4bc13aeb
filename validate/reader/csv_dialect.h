/* SPDX-License-Identifier: GPL-3.0-or-later
 * From what was declared, and what the first bytes say where nobody declared anything, to the dialect in which a text is
 * read. */
#pragma once
#include "core/str.h"
#include "validate/csv/tokenizer.h"
#include "validate/reader/reader.h"

struct csv_settled {
  struct val_csv_dialect dialect;
  bool header;
  unsigned found; /* VAL_SNIFF_*: what was found out */
  struct core_source *
      recoded; /* the text in UTF-8, to be read in place of the source; NULL: it is read as it is */
  struct core_str told; /* what was found, as a sentence; empty: nothing was */
};

/* `settled` is closed by the caller, also where this fails. The source stands at its start again. */
enum core_status csv_dialect_settle(struct core_source *source,
                                    const struct val_read_options *options,
                                    struct csv_settled *settled,
                                    struct core_error *err) CORE_MUST_CHECK;
void csv_dialect_close(struct csv_settled *settled);
/* For a text that reads as one column though nobody declared a delimiter: another delimiter that would do, or 0. */
enum core_status csv_dialect_doubt(struct core_source *source, const struct csv_settled *settled,
                                   char *other, size_t *width,
                                   struct core_error *err) CORE_MUST_CHECK;
/* Does the name end so, in any case, an ending for a packing (".gz") left out? */
bool csv_name_ends(const char *name, const char *ending);
/* "','", "a tab", "0x1f" */
void csv_delimiter_text(char delimiter, struct core_str *out);
