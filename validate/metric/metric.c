/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/metric.h"

static const struct val_metric_ops *const all[] = {
#define X(name) &val_metric_##name,
#include "validate/metric/metric_list.h"
#undef X
    NULL};

const struct val_metric_ops *const *val_metric_all(void) {
  return all;
}
