/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes to fields by libcsv: the parser that says what is right. It takes what the scanner (csv_scan.c) does not: the
 * header, records with a fault, dialects and encodings out of the ordinary. */
#pragma once
#include "validate/csv/tokenizer.h"

struct val_csv_reference;
/* As the functions of tokenizer.h. */
enum core_status val_csv_reference_open(struct core_source *source,
                                        const struct val_csv_dialect *dialect,
                                        struct val_findings *findings,
                                        struct val_csv_reference **out,
                                        struct core_error *err) CORE_MUST_CHECK;
enum core_status val_csv_reference_first(struct val_csv_reference *reference,
                                         struct val_csv_block *block,
                                         struct core_error *err) CORE_MUST_CHECK;
enum core_status val_csv_reference_expect(struct val_csv_reference *reference, size_t n_fields,
                                          const bool *keep, size_t max_records, size_t max_bytes,
                                          struct core_error *err) CORE_MUST_CHECK;
void val_csv_reference_limit(struct val_csv_reference *reference, size_t max_records,
                             size_t max_bytes);
enum core_status val_csv_reference_next(struct val_csv_reference *reference,
                                        struct val_csv_block *block,
                                        struct core_error *err) CORE_MUST_CHECK;
/* Goes on there; a record begins there. */
enum core_status val_csv_reference_seek(struct val_csv_reference *reference,
                                        const struct val_csv_place *to,
                                        struct core_error *err) CORE_MUST_CHECK;
void val_csv_reference_stop(struct val_csv_reference *reference, int64_t byte);
/* Behind the last record that was given. */
struct val_csv_place val_csv_reference_tell(const struct val_csv_reference *reference);
void val_csv_reference_close(struct val_csv_reference *reference); /* accepts NULL */
