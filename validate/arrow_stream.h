/* SPDX-License-Identifier: GPL-3.0-or-later
 * Datasets through the Arrow C stream interface (its public specification): one that another library produces is judged,
 * and one is given from a file of any kind that we read. */
#pragma once
#include "validate/arrow.h"
#include "validate/validate.h"

/* The stream's record batches through the suite, as val_validate does with a file; `name` is what reports call it. The
 * stream is released, whatever comes of it. Read as: integers of all widths, half to double precision, booleans, text and
 * bytes of both offset widths and of fixed size, decimals of up to 38 digits in up to 128 bits, dates, times, timestamps,
 * null, and dictionaries of these, with any offset and with or without validity. A column of another format is passed over
 * unless the suite asks for it: then CORE_UNSUPPORTED names it. CORE_IO: the stream failed, with its own words; CORE_PARSE:
 * it breaks the interface. Buffers are as long as the interface says: their ends cannot be checked. */
enum core_status val_validate_stream(struct ArrowArrayStream *stream, const char *name,
                                     const struct val_suite *suite, const struct val_limits *limits,
                                     struct val_result *result,
                                     struct core_error *err) CORE_MUST_CHECK;

/* The rows of a file, typed as an expectation sees them; a list or a map is its JSON text. A CSV file is read twice, for its
 * types. What the stream gives owns its memory. On failure out->release is NULL. */
enum core_status val_stream_file(const char *path, struct ArrowArrayStream *out,
                                 struct core_error *err) CORE_MUST_CHECK;
