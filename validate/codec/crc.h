/* SPDX-License-Identifier: GPL-3.0-or-later
 * The CRC-32 of gzip, which pages carry (parquet.thrift, PageHeader.crc); zlib's, so in codec_gzip.c. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* `before`: that of the bytes before, 0 of none. */
uint32_t val_crc32(uint32_t before, const uint8_t *bytes, size_t n);
