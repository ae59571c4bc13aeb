/* SPDX-License-Identifier: GPL-3.0-or-later
 * The list of expectations: a new one is one file and one row here; X(name) stands for expect_NAME. Read by
 * expectation.h and expectation.c with their own X. No include guard, on purpose. */
X(table_row_count_to_be_between)
X(table_row_count_to_equal)
