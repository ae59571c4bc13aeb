/* SPDX-License-Identifier: GPL-3.0-or-later
 * The levels of a path as Hive writes them: year=2026/month=01, characters that a path cannot have as %XX. */
#include <string.h>

#include "core/str.h"
#include "validate/dataset/dataset.h"

#define NO_VALUE  "__HIVE_DEFAULT_PARTITION__"
#define MOST_KEYS 64

struct level {
  const char *key, *value; /* in the arena; value NULL: null */
};

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* "%3A" becomes ':'; what is no escape stays, and so does "%00", which no text can hold here. */
static const char *unescape(struct core_arena *arena, const char *text, size_t len) {
  char *out = core_arena_strndup(arena, text, len);
  size_t n = 0;
  for (size_t i = 0; out && i < len; i++) {
    const int high = i + 2 < len && text[i] == '%' ? digit_of(text[i + 1]) : -1;
    const int low = high >= 0 ? digit_of(text[i + 2]) : -1;
    const bool escape = high >= 0 && low >= 0 && (high || low);
    out[n++] = escape ? (char)(high * 16 + low) : text[i];
    if (escape) i += 2;
  }
  if (out) out[n] = '\0';
  return out;
}

/* The levels below the fixed part; of a key that is there twice, the first counts. */
static enum core_status find_levels(struct val_dataset *d, const struct val_dataset_file *file,
                                    struct level *levels, size_t *n, struct core_error *err) {
  const char *at = file->path + file->from;
  *n = 0;
  for (const char *slash; (slash = strchr(at, '/')) != NULL; at = slash + 1) {
    const char *equals = memchr(at, '=', (size_t)(slash - at));
    if (!equals || equals == at || *n == MOST_KEYS) continue;
    struct level *level = &levels[*n];
    level->key = unescape(&d->arena, at, (size_t)(equals - at));
    level->value = unescape(&d->arena, equals + 1, (size_t)(slash - equals - 1));
    if (!level->key || !level->value) return core_fail_nomem(err, (size_t)(slash - at));
    if (core_streq(level->value, NO_VALUE)) level->value = NULL;
    bool known = false;
    for (size_t i = 0; i < *n; i++) known = known || core_streq(levels[i].key, level->key);
    *n += !known;
  }
  return CORE_OK;
}

static enum core_status add_key(struct val_dataset *d, const char **keys, const char *key,
                                struct core_error *err) {
  for (size_t i = 0; i < d->n_keys; i++)
    if (core_streq(keys[i], key)) return CORE_OK;
  if (d->n_keys == MOST_KEYS)
    return core_fail(err, CORE_LIMIT, "the paths of a dataset have more than %d keys", MOST_KEYS);
  keys[d->n_keys++] = key;
  return CORE_OK;
}

enum core_status val_partitions_find(struct val_dataset *d, struct core_error *err) {
  struct level levels[MOST_KEYS];
  size_t n = 0;
  const char **keys = core_arena_calloc(&d->arena, MOST_KEYS, sizeof *keys);
  if (!keys) return core_fail_nomem(err, MOST_KEYS * sizeof *keys);
  for (size_t i = 0; i < d->n_files; i++) {
    CORE_TRY(find_levels(d, &d->files[i], levels, &n, err));
    for (size_t k = 0; k < n; k++) CORE_TRY(add_key(d, keys, levels[k].key, err));
  }
  d->keys = keys;
  for (size_t i = 0; d->n_keys > 0 && i < d->n_files; i++) {
    const char **values = core_arena_calloc(&d->arena, d->n_keys, sizeof *values);
    if (!values) return core_fail_nomem(err, d->n_keys * sizeof *values);
    CORE_TRY(find_levels(d, &d->files[i], levels, &n, err));
    for (size_t k = 0; k < n; k++)
      for (size_t j = 0; j < d->n_keys; j++)
        if (core_streq(keys[j], levels[k].key)) values[j] = levels[k].value;
    d->files[i].values = values;
  }
  return CORE_OK;
}
