/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of a report format: results in, bytes out. Every value from the data is escaped for the format. */
#pragma once
#include "core/sink.h"
#include "validate/result.h"

struct val_report_options {
  bool colour;              /* text: the sink is a terminal */
  enum val_result_format format; /* gx, json: upper limit of detail; COMPLETE by default */
};
struct val_report_ops {
  const char *name;         /* "text", "json", "gx", "junit" */
  const char *summary;
  /* One document over all results of the run (n >= 1). */
  void (*write)(const struct val_result *const *results, size_t n, const struct val_report_options *options, struct core_sink *sink);
};
const struct val_report_ops *const *val_report_all(void);
const struct val_report_ops *val_report_find(const char *name);
