/* SPDX-License-Identifier: GPL-3.0-or-later
 * The metric behind uniqueness, of one column or of tuples. */
#pragma once
#include "validate/expect/map.h"

extern const struct val_metric_ops val_metric_duplicates; /* its params are a struct val_map */
