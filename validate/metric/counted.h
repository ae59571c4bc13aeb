/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "validate/scalar.h"

struct val_value_count {
  struct val_scalar value; /* text borrowed from the metric */
  int64_t count;
};
