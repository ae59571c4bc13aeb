/* SPDX-License-Identifier: GPL-3.0-or-later
 * XXH3 of memory, of files and of streams. The only file that sees xxHash. */
#include "core/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/mem.h"

enum { FILE_BLOCK_BYTES = 1 << 18 };

static struct core_hash128 from_xxh(XXH128_hash_t hash) {
  return (struct core_hash128){.low = hash.low64, .high = hash.high64};
}

uint64_t core_hash64(const void *bytes, size_t len, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes, len, seed);
}

uint64_t core_hash_xxh64(const void *bytes, size_t len, uint64_t seed) {
  return XXH64(bytes, len, seed);
}

struct core_hash128 core_hash128(const void *bytes, size_t len, uint64_t seed) {
  return from_xxh(XXH3_128bits_withSeed(bytes, len, seed));
}

void core_hash_hex(struct core_hash128 hash, char out[CORE_HASH_HEX_BYTES]) {
  const uint64_t halves[2] = {hash.high, hash.low};
  for (int i = 0; i < 32; i++) {
    out[i] = "0123456789abcdef"[halves[i / 16] >> (60 - 4 * (i % 16)) & 15];
  }
  out[32] = '\0';
}

struct core_hasher {
  XXH3_state_t *state;
};

struct core_hasher *core_hasher_open(void) {
  struct core_hasher *hasher = core_alloc(sizeof *hasher);
  if (!hasher) return NULL;
  hasher->state = XXH3_createState();
  if (!hasher->state || XXH3_128bits_reset(hasher->state) != XXH_OK) {
    core_hasher_close(hasher);
    return NULL;
  }
  return hasher;
}

void core_hasher_update(struct core_hasher *hasher, const void *bytes, size_t len) {
  if (len > 0) (void)XXH3_128bits_update(hasher->state, bytes, len); /* fails for NULL input only */
}

struct core_hash128 core_hasher_digest(const struct core_hasher *hasher) {
  return from_xxh(XXH3_128bits_digest(hasher->state));
}

void core_hasher_close(struct core_hasher *hasher) {
  if (!hasher) return;
  XXH3_freeState(hasher->state);
  core_free(hasher);
}

static enum core_status hash_descriptor(int fd, const char *path, struct core_hasher *hasher,
                                        char *block, struct core_error *err) {
  struct stat st;
  if (fstat(fd, &st) != 0) return core_fail_errno(err, CORE_IO, errno, "%s: cannot be read", path);
  if (S_ISDIR(st.st_mode)) return core_fail(err, CORE_IO, "%s: is a folder, not a file", path);
  for (;;) {
    const ssize_t got = read(fd, block, FILE_BLOCK_BYTES);
    if (got == 0) return CORE_OK;
    if (got > 0) core_hasher_update(hasher, block, (size_t)got);
    if (got < 0 && errno != EINTR) {
      return core_fail_errno(err, CORE_IO, errno, "%s: cannot be read", path);
    }
  }
}

enum core_status core_hash_file(const char *path, struct core_hash128 *out,
                                struct core_error *err) {
  enum core_status status = CORE_OK;
  struct core_hasher *hasher = NULL;
  char *block = NULL;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return core_fail_errno(err, CORE_IO, errno, "%s: cannot be opened", path);
  hasher = core_hasher_open();
  block = core_alloc(FILE_BLOCK_BYTES);
  if (!hasher || !block) {
    status = core_fail_nomem(err, FILE_BLOCK_BYTES);
    goto out;
  }
  status = hash_descriptor(fd, path, hasher, block, err);
  if (status == CORE_OK) *out = core_hasher_digest(hasher);
out:
  core_free(block);
  core_hasher_close(hasher);
  close(fd);
  return status;
}
