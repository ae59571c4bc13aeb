/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a format of input: a new one is a new file validate/reader/reader_NAME.c and a row here. The last that claims
 * an input reads it: what takes anything stands first. Included several times. */
X(csv)
X(parquet)
