/* SPDX-License-Identifier: GPL-3.0-or-later
 * A ring of chunks. Chunk k stands at k modulo N_CHUNKS; all are full but the last. The maker is at most AHEAD chunks in
 * front of the reader, so that at least N_CHUNKS - AHEAD stay behind him. */
#include "core/source_made.h"

#include <pthread.h>
#include <string.h>

#include "core/mem.h"

#define CHUNK_BYTES ((size_t)256 << 10)
#define N_CHUNKS    20
#define AHEAD       4
#define ALONE       2 /* chunks that are made without a thread: a small file is not worth one */

struct made {
  const struct core_made_ops *ops;
  void *self;
  char *chunks; /* made when first needed */
  uint64_t n_made;
  size_t last_bytes; /* of the newest chunk */
  bool ended;        /* no chunk comes any more */
  enum core_status status;
  struct core_error error; /* stands behind the last byte */

  pthread_mutex_t lock;
  pthread_cond_t moved; /* either of the two */
  pthread_t thread;
  bool running, stop;
  uint64_t reader; /* the chunk that is read or wanted */
};

static enum core_status make_chunk(struct made *m, uint64_t k, size_t *bytes,
                                   struct core_error *err) {
  *bytes = 0;
  return m->ops->make(m->self, m->chunks + k % N_CHUNKS * CHUNK_BYTES, CHUNK_BYTES, bytes, err);
}

/* Under the lock, where there is one to be held. */
static void note_chunk(struct made *m, size_t bytes, enum core_status status,
                       const struct core_error *error) {
  m->status = status;
  m->error = *error;
  m->ended = bytes < CHUNK_BYTES || status != CORE_OK;
  if (bytes == 0) return;
  m->n_made++;
  m->last_bytes = bytes;
}

static void *make_ahead(void *data) {
  struct made *m = data;
  pthread_mutex_lock(&m->lock);
  while (!m->stop && !m->ended) {
    if (m->n_made >= m->reader + AHEAD) {
      pthread_cond_wait(&m->moved, &m->lock);
      continue;
    }
    const uint64_t k = m->n_made;
    struct core_error error = {0};
    size_t bytes = 0;
    pthread_mutex_unlock(&m->lock);
    const enum core_status status = make_chunk(m, k, &bytes, &error);
    pthread_mutex_lock(&m->lock);
    note_chunk(m, bytes, status, &error);
    pthread_cond_broadcast(&m->moved);
  }
  pthread_mutex_unlock(&m->lock);
  return NULL;
}

static void stop_thread(struct made *m) {
  if (!m->running) return;
  pthread_mutex_lock(&m->lock);
  m->stop = true;
  pthread_cond_broadcast(&m->moved);
  pthread_mutex_unlock(&m->lock);
  pthread_join(m->thread, NULL);
  m->running = m->stop = false;
}

static enum core_status restart(struct made *m, struct core_error *err) {
  stop_thread(m);
  m->n_made = 0;
  m->last_bytes = 0;
  m->ended = false;
  m->reader = 0;
  m->status = CORE_OK;
  return m->ops->restart(m->self, err);
}

/* Waits for the thread, or does its work. */
static void make_up_to(struct made *m, uint64_t k) {
  while (!m->running && !m->ended && m->n_made <= k) {
    if (m->n_made >= ALONE) {
      m->running = pthread_create(&m->thread, NULL, make_ahead, m) == 0;
      if (m->running) break;
    }
    struct core_error error = {0};
    size_t bytes = 0;
    const enum core_status status = make_chunk(m, m->n_made, &bytes, &error);
    note_chunk(m, bytes, status, &error);
  }
  if (!m->running) return;
  pthread_mutex_lock(&m->lock);
  m->reader = k;
  pthread_cond_broadcast(&m->moved);
  while (!m->ended && m->n_made <= k) pthread_cond_wait(&m->moved, &m->lock);
  pthread_mutex_unlock(&m->lock);
}

/* Is chunk k, which was made once, no longer there, or just being written over? The reader is moved first, so that no
 * other chunk is begun that would take its place. */
static bool is_gone(struct made *m, uint64_t k) {
  if (m->running) pthread_mutex_lock(&m->lock);
  m->reader = k;
  const bool gone = k + N_CHUNKS <= m->n_made;
  if (m->running) pthread_mutex_unlock(&m->lock);
  return gone;
}

static enum core_status made_read(void *self, uint64_t at, void *buffer, size_t cap, size_t *got,
                                  struct core_error *err) {
  struct made *m = self;
  const uint64_t k = at / CHUNK_BYTES;
  const size_t from = (size_t)(at % CHUNK_BYTES);
  *got = 0;
  if (!m->chunks) m->chunks = core_alloc(N_CHUNKS * CHUNK_BYTES);
  if (!m->chunks) return core_fail_nomem(err, N_CHUNKS * CHUNK_BYTES);
  if (is_gone(m, k)) CORE_TRY(restart(m, err));
  make_up_to(m, k);
  /* From here on the thread does not touch what is looked at: it has ended, or is beyond this chunk. */
  if (m->running) pthread_mutex_lock(&m->lock);
  const uint64_t n_made = m->n_made;
  const size_t have = k + 1 < n_made ? CHUNK_BYTES : k + 1 == n_made ? m->last_bytes : 0;
  const enum core_status status = m->status;
  if (m->running) pthread_mutex_unlock(&m->lock);
  if (from < have) {
    *got = have - from < cap ? have - from : cap;
    memcpy(buffer, m->chunks + k % N_CHUNKS * CHUNK_BYTES + from, *got);
    return CORE_OK;
  }
  if (status != CORE_OK) return core_fail(err, status, "%s", m->error.message);
  return CORE_OK;
}

static void made_close(void *self) {
  struct made *m = self;
  stop_thread(m);
  pthread_cond_destroy(&m->moved);
  pthread_mutex_destroy(&m->lock);
  m->ops->close(m->self);
  core_free(m->chunks);
  core_free(m);
}

enum core_status core_source_open_made(const char *name, const struct core_made_ops *ops,
                                       void *self, struct core_source **out,
                                       struct core_error *err) {
  static const struct core_source_ops source_ops = {made_read, made_close};
  struct made *m = core_calloc(1, sizeof *m);
  if (!m) {
    ops->close(self);
    return core_fail_nomem(err, sizeof *m);
  }
  m->ops = ops;
  m->self = self;
  pthread_mutex_init(&m->lock, NULL);
  pthread_cond_init(&m->moved, NULL);
  return core_source_open_ops(name, &source_ops, m, out, err);
}
