/* SPDX-License-Identifier: GPL-3.0-or-later
 * Philox4x32-10: ten rounds of two 32x32 -> 64 bit products over a 128-bit counter. The key is the
 * seed; the counter is (block, stream, trial): 2^34 words for each trial and stream, and no two of
 * them ever share a block. */
#include "core/rng.h"

#include <assert.h>

#include "core/compiler.h"
#include "core/stats.h"

enum { PHILOX_ROUNDS = 10, BLOCK_WORDS = 4 };

static void philox_block(const uint32_t counter[4], const uint32_t seed_key[2], uint32_t out[4]) {
  uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
  uint32_t key[2] = {seed_key[0], seed_key[1]};
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    const uint64_t p = (uint64_t)0xD2511F53u * c[0];
    const uint64_t q = (uint64_t)0xCD9E8D57u * c[2];
    const uint32_t next[4] = {(uint32_t)(q >> 32) ^ c[1] ^ key[0], (uint32_t)q,
                              (uint32_t)(p >> 32) ^ c[3] ^ key[1], (uint32_t)p};
    for (int i = 0; i < 4; i++) c[i] = next[i];
    key[0] += 0x9E3779B9u; /* the golden ratio, and sqrt(3) - 1, as Weyl sequences */
    key[1] += 0xBB67AE85u;
  }
  for (int i = 0; i < 4; i++) out[i] = c[i];
}

void core_rng_init(struct core_rng *rng, uint64_t seed, uint64_t trial, uint32_t stream) {
  *rng = (struct core_rng){
      .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
      .counter = {0, stream, (uint32_t)trial, (uint32_t)(trial >> 32)},
      .used = BLOCK_WORDS,
  };
}

uint32_t core_rng_u32(struct core_rng *rng) {
  if (rng->used == BLOCK_WORDS) {
    philox_block(rng->counter, rng->key, rng->block);
    rng->counter[0]++;
    rng->used = 0;
  }
  return rng->block[rng->used++];
}

uint64_t core_rng_u64(struct core_rng *rng) {
  const uint64_t low = core_rng_u32(rng);
  return low | (uint64_t)core_rng_u32(rng) << 32;
}

double core_rng_unit(struct core_rng *rng) {
  return (double)(core_rng_u64(rng) >> 11) * 0x1p-53;
}

/* Lemire, ACM TOMACS 29 (2019): the high half of a product, rejecting the few low halves that would
 * bias it. */
uint64_t core_rng_below(struct core_rng *rng, uint64_t n) {
  assert(n > 0);
  core_uint128 product = (core_uint128)core_rng_u64(rng) * n;
  if ((uint64_t)product < n) {
    const uint64_t threshold = (0 - n) % n;
    while ((uint64_t)product < threshold) product = (core_uint128)core_rng_u64(rng) * n;
  }
  return (uint64_t)(product >> 64);
}

/* The 52-bit midpoint is exact and never 0 or 1, so the quantile is always finite. */
double core_rng_normal(struct core_rng *rng) {
  return core_normal_quantile(((double)(core_rng_u64(rng) >> 12) + 0.5) * 0x1p-52);
}

void core_rng_shuffle(struct core_rng *rng, size_t *items, size_t n) {
  for (size_t i = n; i > 1; i--) {
    const size_t j = (size_t)core_rng_below(rng, i);
    const size_t kept = items[i - 1];
    items[i - 1] = items[j];
    items[j] = kept;
  }
}
