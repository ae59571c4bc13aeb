/* SPDX-License-Identifier: GPL-3.0-or-later
 * Content hashes (xxHash's XXH3). Not cryptographic: they tell changed data, not an adversary. */
#pragma once
#include "core/status.h"
#include <stddef.h>
#include <stdint.h>

struct core_hash128 {
  uint64_t low, high;
};
/* XXH64, for formats that ask for it. */
uint64_t core_hash_xxh64(const void *bytes, size_t len, uint64_t seed);
uint64_t core_hash64(const void *bytes, size_t len, uint64_t seed);
struct core_hash128 core_hash128(const void *bytes, size_t len, uint64_t seed);
#define CORE_HASH_HEX_BYTES 33
void core_hash_hex(struct core_hash128 hash, char out[CORE_HASH_HEX_BYTES]);
/* The whole file, streamed. */
enum core_status core_hash_file(const char *path, struct core_hash128 *out,
                                struct core_error *err) CORE_MUST_CHECK;

/* Streaming form. */
struct core_hasher;
struct core_hasher *core_hasher_open(void) CORE_MUST_CHECK; /* NULL: out of memory */
void core_hasher_update(struct core_hasher *hasher, const void *bytes, size_t len);
struct core_hash128 core_hasher_digest(const struct core_hasher *hasher);
void core_hasher_close(struct core_hasher *hasher);
