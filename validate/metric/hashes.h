/* SPDX-License-Identifier: GPL-3.0-or-later
 * A set of 128-bit hashes, numbered in the order of arrival: the base of everything that counts distinct values. Two
 * different values with one hash are taken for one (chance below n^2 / 2^129). */
#pragma once
#include "core/hash.h"
#include "core/mem.h"
#include "validate/scalar.h"

/* Zero-initialised is the empty set. */
struct val_hashes {
  struct core_hash128 *keys; /* n, in the order of arrival */
  size_t n, keys_cap;
  uint32_t *slots; /* open addressing; index into keys + 1, 0: free */
  size_t n_slots;  /* a power of two */
};
/* *index: the number of that hash; *fresh: it was not in the set before. */
enum core_status val_hashes_put(struct val_hashes *set, struct core_hash128 hash, size_t *index,
                                bool *fresh, struct core_error *err) CORE_MUST_CHECK;
/* Asks for the memory that the next puts of these hashes will look at. Large sets lie in no cache: a few dozen hashes at a
 * time wait together for what each would wait for alone. */
void val_hashes_prefetch(const struct val_hashes *set, const struct core_hash128 *hashes, size_t n);
bool val_hashes_has(const struct val_hashes *set, struct core_hash128 hash);
size_t val_hashes_bytes(const struct val_hashes *set); /* of memory */
void val_hashes_close(struct val_hashes *set);

/* That of a decimal, whatever its scale. */
struct core_hash128 val_hash_decimal(const struct val_scalar *value);
/* Hash of one value; equal values of a column have equal hashes (0.0 and -0.0 are equal), null has its own. */
struct core_hash128 val_hash_value(const struct val_column *column, size_t row);
