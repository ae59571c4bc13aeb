/* SPDX-License-Identifier: GPL-3.0-or-later
 * A suite drafted from a profile, for a person to read, loosen and tighten. It holds on the data that it came from. */
#pragma once
#include "core/sink.h"
#include "validate/result.h"

#define VAL_DRAFT_MIN_ROWS 30 /* by default: fewer rows say nothing about the next */

struct val_suite_draft {
  const char *name; /* of the suite; NULL: the data's, without folder and ending */
  int64_t min_rows;
  const struct val_read_options
      *read; /* how the data was read; what is not the default goes into the suite */
};
/* CORE_INVAL when the data has too few rows to say anything. Trouble with the sink sticks to it. */
enum core_status val_suite_draft(const struct val_result *result, const struct val_suite_draft *how,
                                 struct core_sink *sink, struct core_error *err) CORE_MUST_CHECK;
