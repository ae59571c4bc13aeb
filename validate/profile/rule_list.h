/* SPDX-License-Identifier: GPL-3.0-or-later
 * The list of drafted rules: a new one is one file rule_NAME.c and one row here. No include guard, on purpose. */
X(table)
X(nulls)
X(unique)
X(set)
X(range)
X(times)
X(mean)
X(quantiles)
X(lengths)
X(pattern)
