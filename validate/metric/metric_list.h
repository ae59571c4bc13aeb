/* SPDX-License-Identifier: GPL-3.0-or-later
 * The list of metrics: a new one is one file and one row here. Read by metric.h and metric.c with their own X.
 * No include guard, on purpose. */
X(nulls)
X(sum)
X(squares)
X(extremes)
X(order)
X(distinct)
X(value_counts)
X(pair_counts)
X(few_values)
X(text_shape)
