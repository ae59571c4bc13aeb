/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/blas_state.h"

#include <assert.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* By its soname, as the loader would find it, then where the build found it (cmake/libraries.cmake). */
static const char *const names[] = {"libopenblas.so.0", SWEEPGATE_OPENBLAS_FILE};

static struct core_blas loaded;
static bool is_loaded;
static char failure[CORE_ERROR_MESSAGE_BYTES / 2];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void remember(const char *text) {
  const size_t n = strnlen(text, sizeof failure - 1);
  memcpy(failure, text, n);
  failure[n] = '\0';
}

/* A symbol's address goes by memcpy: ISO C has no conversion from void * to a function's pointer. */
static bool find(void *library, const char *symbol, void *function, size_t bytes) {
  void *address = dlsym(library, symbol);
  if (address == NULL) {
    remember(symbol);
    return false;
  }
  assert(bytes == sizeof address);
  memcpy(function, &address, bytes);
  return true;
}

static void load(void) {
  void *library = NULL;
  for (size_t i = 0; library == NULL && i < sizeof names / sizeof names[0]; i++)
    library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) {
    const char *reason = dlerror();
    remember(reason ? reason : "no reason given");
    return;
  }
#define X(member, symbol, type)                                                                    \
  if (!find(library, #symbol, &loaded.member, sizeof loaded.member)) return;
  CORE_BLAS_LIST(X)
#undef X
  loaded.set_num_threads(1);
  is_loaded = true;
}

enum core_status core_blas_open(struct core_error *err) {
  pthread_once(&once, load);
  if (is_loaded) return CORE_OK;
  return core_fail(err, CORE_UNSUPPORTED,
                   "OpenBLAS is needed here and could not be loaded (%s); install libopenblas0 or "
                   "libopenblas0-serial, or name its folder in LD_LIBRARY_PATH",
                   failure);
}

const struct core_blas *core_blas(void) {
  assert(is_loaded);
  return &loaded;
}
