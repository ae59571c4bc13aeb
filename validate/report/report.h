/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a report format: results in, bytes out. Every value from the data is escaped for
 * the format. */
#pragma once
#include "core/sink.h"
#include "validate/result.h"

struct val_report_options {
  bool colour;          /* text: the sink is a terminal */
  bool fail_on_warning; /* severity warning fails the data too, beside critical */
  bool fail_on_info;    /* likewise */
};
struct val_report_ops {
  const char *name; /* "text", "json", "gx", "junit" */
  const char *summary;
  bool profile; /* it shows val_result.profile, so the run should gather it */
  /* One document over all results of the run (n >= 1). Trouble with the sink sticks to the sink;
   * the status is for what happens before it (CORE_NOMEM). */
  enum core_status (*write)(const struct val_result *const *results, size_t n,
                            const struct val_report_options *options, struct core_sink *sink,
                            struct core_error *err);
};
const struct val_report_ops *const *val_report_all(void);
const struct val_report_ops *val_report_find(const char *name);
/* Does this verdict fail the data under these options? (A failed warning does not by itself.) */
bool val_report_verdict_fails(const struct val_verdict *verdict,
                              const struct val_report_options *options);
/* Good data: no fault (notes are none) and no verdict that fails. */
bool val_report_success(const struct val_result *result, const struct val_report_options *options);
