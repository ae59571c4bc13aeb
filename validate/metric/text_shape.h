/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the texts of a column look like: their lengths in code points, and the form that all of them share, as runs of
 * digits, capitals, small letters and single marks: "AB-1234" is two capitals, a hyphen, four digits. */
#pragma once
#include "validate/metric/metric.h"

enum { VAL_SHAPE_RUNS = 12 };

struct val_text_run {
  char
      kind; /* 'd' digits, 'u' capitals, 'l' small letters; any other: that ASCII mark or blank itself */
  int64_t least, most; /* characters in the run */
};
struct val_text_shape {
  int64_t n;             /* texts */
  int64_t least, most;   /* code points */
  int64_t n_code_points; /* of all texts */
  bool has_blank;        /* a space, tab or line end stands in some text */
  bool shared;           /* all texts are made of the runs below */
  size_t n_runs;
  struct val_text_run runs[VAL_SHAPE_RUNS];
};
const struct val_text_shape *val_text_shape(const struct val_metric *metric);
