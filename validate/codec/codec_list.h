/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a codec: a new one is a new file validate/codec/codec_NAME.c and a row here. Included several times. */
X(none)
X(snappy)
X(gzip)
X(brotli)
X(lz4)
X(zstd)
X(lz4_raw)
