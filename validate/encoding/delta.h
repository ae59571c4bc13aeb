/* SPDX-License-Identifier: GPL-3.0-or-later
 * The stream of integers of DELTA_BINARY_PACKED (Encodings.md, "DELTAENC"), which the delta encodings of byte arrays use
 * for lengths. */
#pragma once
#include "core/status.h"
#include <stddef.h>
#include <stdint.h>

struct val_delta {
  const uint8_t *at, *end;
  uint64_t left;                /* values not given yet */
  uint64_t mini_values, n_mini; /* values of a miniblock, miniblocks of a block */
  uint64_t last, least;         /* value given last; least delta of the block; both wrap */
  const uint8_t *widths;        /* of the block's miniblocks */
  uint64_t mini;                /* number of the next miniblock in the block */
  const uint8_t *bits;          /* of the present miniblock */
  size_t n_bits_bytes, bit;
  uint64_t in_mini; /* values of it not given yet */
  unsigned width;
  unsigned most; /* bits of the physical type */
  int first;     /* 1: the value of the header was not given yet */
};
/* `most`: 32 or 64, bits of the type. */
enum core_status val_delta_open(struct val_delta *d, const uint8_t *bytes, size_t n_bytes,
                                unsigned most, struct core_error *err) CORE_MUST_CHECK;
/* CORE_PARSE: there are not so many, or a block is malformed. */
enum core_status val_delta_read(struct val_delta *d, int64_t *out, size_t n,
                                struct core_error *err) CORE_MUST_CHECK;
/* Reads on to the end of the stream, whatever was given; *used: bytes of it. */
enum core_status val_delta_skip(struct val_delta *d, const uint8_t **end,
                                struct core_error *err) CORE_MUST_CHECK;
