/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a format of input: a new one is a new file validate/reader/reader_NAME.c and a row here. The first that claims
 * an input reads it. Included several times. */
X(parquet)
X(csv)
