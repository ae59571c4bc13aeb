/* SPDX-License-Identifier: GPL-3.0-or-later
 * The registry of report formats, and the one place that says which verdicts fail the data. */
#include "validate/report/report.h"

#define X(name) extern const struct val_report_ops val_report_##name;
#include "validate/report/report_list.h"
#undef X

static const struct val_report_ops *const all[] = {
#define X(name) &val_report_##name,
#include "validate/report/report_list.h"
#undef X
    NULL};

const struct val_report_ops *const *val_report_all(void) {
  return all;
}

const struct val_report_ops *val_report_find(const char *name) {
  for (const struct val_report_ops *const *p = all; *p; p++)
    if (core_streq((*p)->name, name)) return *p;
  return NULL;
}

bool val_report_verdict_fails(const struct val_verdict *verdict,
                              const struct val_report_options *options) {
  if (verdict->success) return false;
  switch (verdict->expected->severity) {
  case VAL_SEVERITY_INFO:
    return options->fail_on_info;
  case VAL_SEVERITY_WARNING:
    return options->fail_on_warning || options->fail_on_info;
  case VAL_SEVERITY_CRITICAL:
    break;
  }
  return true;
}

bool val_report_success(const struct val_result *result, const struct val_report_options *options) {
  if (val_findings_total(&result->findings) > 0) return false;
  for (size_t i = 0; i < result->n_verdicts; i++)
    if (val_report_verdict_fails(&result->verdicts[i], options)) return false;
  return true;
}
