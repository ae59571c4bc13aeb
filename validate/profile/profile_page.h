/* SPDX-License-Identifier: GPL-3.0-or-later
 * The statistics of all columns as a document: a page for people (docs/reports.md, "Profiles"), or JSON. */
#pragma once
#include "core/sink.h"
#include "validate/result.h"

enum val_profile_format { VAL_PROFILE_HTML, VAL_PROFILE_JSON };
bool val_profile_format_find(struct core_slice name, enum val_profile_format *out);
/* The result has a profile. Trouble with the sink sticks to it. */
enum core_status val_profile_page(enum val_profile_format format, const struct val_result *result,
                                  struct core_sink *sink, struct core_error *err) CORE_MUST_CHECK;
