/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/dataset/dataset.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/str.h"

#define MOST_DEPTH 64 /* of folders; links may go round in circles */

/* ---- one file ---- */

static enum core_status add_file(struct val_dataset *d, const char *path, size_t from,
                                 const struct stat *st, struct core_error *err) {
  if (d->n_files == VAL_DATASET_FILES)
    return core_fail(err, CORE_LIMIT, "more than %d files in a dataset", VAL_DATASET_FILES);
  void *block = d->files;
  CORE_TRY(core_grow(&block, &d->files_cap, d->n_files + 1, sizeof *d->files, err));
  d->files = block;
  const char *kept = core_arena_strdup(&d->arena, path);
  if (!kept) return core_fail_nomem(err, strlen(path));
  const bool regular = st && S_ISREG(st->st_mode);
  struct val_dataset_file *file = &d->files[d->n_files++];
  *file = (struct val_dataset_file){
      .path = kept, .from = from, .bytes = regular ? (int64_t)st->st_size : -1};
  if (regular) return CORE_OK;
  CORE_TRY(core_source_open_file(path, &file->held, err));
  file->bytes = core_source_size(file->held);
  return CORE_OK;
}

/* ---- folders ---- */

static bool has_ending(const char *name) {
  static const char *const endings[] = {".csv", ".tsv", ".parquet", ".parq"};
  static const char *const packings[] = {"", ".gz", ".zst", ".zstd"};
  const size_t len = strlen(name);
  for (size_t i = 0; i < CORE_COUNT_OF(endings); i++)
    for (size_t k = 0; k < CORE_COUNT_OF(packings); k++) {
      const size_t n = strlen(endings[i]), packing = strlen(packings[k]);
      if (len >= n + packing && strcasecmp(name + len - packing, packings[k]) == 0 &&
          strncasecmp(name + len - packing - n, endings[i], n) == 0)
        return true;
    }
  return false;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder that do not begin with a point or an underscore, sorted. */
static enum core_status list_folder(struct val_dataset *d, const char *path, const char ***out,
                                    size_t *n, struct core_error *err) {
  size_t cap = 0;
  void *names = NULL;
  enum core_status st = CORE_OK;
  DIR *folder = opendir(path);
  *n = 0;
  if (!folder) return core_fail_errno(err, CORE_IO, errno, "%s: cannot be opened", path);
  errno = 0;
  for (const struct dirent *e; st == CORE_OK && (e = readdir(folder)) != NULL; errno = 0) {
    if (e->d_name[0] == '.' || e->d_name[0] == '_') continue;
    const char *name = core_arena_strdup(&d->arena, e->d_name);
    st = name ? core_grow(&names, &cap, *n + 1, sizeof *out, err) : core_fail_nomem(err, 1);
    if (st == CORE_OK && *n == VAL_DATASET_FILES)
      st = core_fail(err, CORE_LIMIT, "%s: more than %d files", path, VAL_DATASET_FILES);
    if (st == CORE_OK) ((const char **)names)[(*n)++] = name;
  }
  if (st == CORE_OK && errno != 0)
    st = core_fail_errno(err, CORE_IO, errno, "%s: cannot be read", path);
  closedir(folder);
  *out = names;
  if (*n) qsort(names, *n, sizeof *out, by_name);
  return st;
}

static enum core_status add_folder(struct val_dataset *d, const char *path, size_t from,
                                   size_t depth, struct core_error *err);

static enum core_status add_entry(struct val_dataset *d, const char *path, size_t from,
                                  size_t depth, struct core_error *err) {
  struct stat st;
  if (stat(path, &st) != 0)
    return core_fail_errno(err, CORE_IO, errno, "%s: cannot be opened", path);
  if (S_ISDIR(st.st_mode)) return add_folder(d, path, from, depth + 1, err);
  if (has_ending(path)) return add_file(d, path, from, &st, err);
  if (d->n_skipped++ == 0) d->skipped = core_arena_strdup(&d->arena, path);
  return CORE_OK;
}

static enum core_status add_folder(struct val_dataset *d, const char *path, size_t from,
                                   size_t depth, struct core_error *err) {
  const char **names = NULL;
  size_t n = 0;
  if (depth > MOST_DEPTH)
    return core_fail(err, CORE_LIMIT, "%s: more than %d folders in each other", path, MOST_DEPTH);
  enum core_status st = list_folder(d, path, &names, &n, err);
  struct core_str entry = {0};
  for (size_t i = 0; st == CORE_OK && i < n; i++) {
    core_str_clear(&entry);
    core_str_printf(&entry, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", names[i]);
    st = core_str_status(&entry, err);
    if (st == CORE_OK) st = add_entry(d, core_str_text(&entry), from, depth, err);
  }
  core_str_close(&entry);
  core_free((void *)names);
  return st;
}

static enum core_status add_whole_folder(struct val_dataset *d, const char *path, size_t from,
                                         struct core_error *err) {
  const size_t before = d->n_files;
  CORE_TRY(add_folder(d, path, from, 0, err));
  if (d->n_files > before) return CORE_OK;
  return core_fail(err, CORE_IO,
                   "%s: no data in this folder; files ending in .csv, .tsv or .parquet are (also "
                   "with .gz or .zst behind it), others want a pattern: '%s%s*'",
                   path, path, path[strlen(path) - 1] == '/' ? "" : "/");
}

/* ---- patterns ---- */

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The parts of a path before the first that has a wildcard are the same in all matches. */
static size_t fixed_part(const char *pattern) {
  size_t from = 0;
  for (size_t i = 0; pattern[i] && !strchr("*?[", pattern[i]); i++)
    if (pattern[i] == '/') from = i + 1;
  return from;
}

static enum core_status add_matches(struct val_dataset *d, const char *pattern, glob_t *found,
                                    struct core_error *err) {
  const size_t from = fixed_part(pattern), before = d->n_files;
  const bool underscores = base_of(pattern)[0] == '_';
  if (found->gl_pathc) qsort(found->gl_pathv, found->gl_pathc, sizeof *found->gl_pathv, by_name);
  for (size_t i = 0; i < found->gl_pathc; i++) {
    const char *path = found->gl_pathv[i];
    struct stat st;
    if (base_of(path)[0] == '_' && !underscores) continue;
    if (stat(path, &st) != 0)
      return core_fail_errno(err, CORE_IO, errno, "%s: cannot be opened", path);
    CORE_TRY(S_ISDIR(st.st_mode) ? add_folder(d, path, from, 0, err)
                                 : add_file(d, path, from, &st, err));
  }
  if (d->n_files > before) return CORE_OK;
  return core_fail(err, CORE_IO, "no file matches '%s'", pattern);
}

static enum core_status add_pattern(struct val_dataset *d, const char *pattern,
                                    struct core_error *err) {
  glob_t found = {0};
  const int failed = glob(pattern, GLOB_NOSORT | GLOB_ERR, NULL, &found);
  enum core_status st = CORE_OK;
  if (failed == 0)
    st = add_matches(d, pattern, &found, err);
  else if (failed == GLOB_NOSPACE)
    st = core_fail_nomem(err, strlen(pattern));
  else if (failed == GLOB_ABORTED)
    st = core_fail_errno(err, CORE_IO, errno, "a folder of '%s' cannot be read", pattern);
  else
    st = core_fail(err, CORE_IO, "no file matches '%s'", pattern);
  globfree(&found);
  return st;
}

/* ---- the words ---- */

/* What exists under the name as it stands is no pattern. */
static enum core_status add_word(struct val_dataset *d, const char *word, bool *listed,
                                 struct core_error *err) {
  struct stat st;
  *listed = false;
  if (core_streq(word, "-")) return add_file(d, word, strlen(word), NULL, err);
  if (stat(word, &st) != 0) {
    if (strpbrk(word, "*?[")) return add_pattern(d, word, err);
    return core_fail_errno(err, CORE_IO, errno, "%s: cannot be opened", *word ? word : "''");
  }
  if (S_ISDIR(st.st_mode)) {
    const size_t len = strlen(word);
    return add_whole_folder(d, word, len + (word[len - 1] != '/'), err);
  }
  *listed = true;
  return add_file(d, word, strlen(word), &st, err);
}

/* A shell expands patterns before we see them: of files that are listed one by one, what their paths have in common is
 * the fixed part. */
static void find_common_part(struct val_dataset *d, size_t n_listed) {
  const struct val_dataset_file *first = NULL;
  size_t common = 0;
  for (size_t i = 0; i < d->n_files; i++) {
    const struct val_dataset_file *file = &d->files[i];
    if (file->from < strlen(file->path) || file->held) continue;
    size_t k = 0;
    if (!first) common = (size_t)(base_of(file->path) - file->path);
    for (size_t at = 0; first && at < common && file->path[at] == first->path[at]; at++)
      if (file->path[at] == '/') k = at + 1;
    if (first) common = k;
    if (!first) first = file;
  }
  for (size_t i = 0; n_listed > 1 && i < d->n_files; i++)
    if (d->files[i].from == strlen(d->files[i].path) && !d->files[i].held)
      d->files[i].from = common;
}

static int by_path(const void *a, const void *b) {
  const struct val_dataset_file *const *x = a, *const *y = b;
  return strcmp((*x)->path, (*y)->path);
}

static enum core_status check_twice(const struct val_dataset *d, struct core_error *err) {
  const struct val_dataset_file **sorted = core_calloc(d->n_files + 1, sizeof(void *));
  enum core_status st = CORE_OK;
  if (!sorted) return core_fail_nomem(err, d->n_files * sizeof(void *));
  for (size_t i = 0; i < d->n_files; i++) sorted[i] = &d->files[i];
  qsort((void *)sorted, d->n_files, sizeof(void *), by_path);
  for (size_t i = 1; st == CORE_OK && i < d->n_files; i++)
    if (core_streq(sorted[i - 1]->path, sorted[i]->path))
      st = core_fail(err, CORE_INVAL, "%s: is there twice; its rows would be counted twice",
                     sorted[i]->path);
  core_free((void *)sorted);
  return st;
}

static enum core_status name_it(struct val_dataset *d, const char *const *words, size_t n_words,
                                struct core_error *err) {
  const char *first = core_streq(words[0], "-") ? "<stdin>" : words[0];
  d->name = n_words == 1 ? core_arena_strdup(&d->arena, first)
                         : core_arena_printf(&d->arena, "%s and %zu more", first, n_words - 1);
  return d->name ? CORE_OK : core_fail_nomem(err, strlen(first));
}

static enum core_status open_words(struct val_dataset *d, const char *const *words, size_t n_words,
                                   struct core_error *err) {
  size_t n_listed = 0;
  for (size_t i = 0; i < n_words; i++) {
    bool listed = false;
    CORE_TRY(add_word(d, words[i], &listed, err));
    n_listed += listed;
  }
  d->many = n_words > 1 || (n_listed == 0 && !d->files[0].held) || d->n_files > 1;
  CORE_TRY(check_twice(d, err));
  find_common_part(d, n_listed);
  CORE_TRY(name_it(d, words, n_words, err));
  return val_partitions_find(d, err);
}

enum core_status val_dataset_open(struct val_dataset *d, const char *const *words, size_t n_words,
                                  struct core_error *err) {
  *d = (struct val_dataset){.n_files = 0};
  if (n_words == 0) return core_fail(err, CORE_INVAL, "a dataset has at least one file");
  const enum core_status st = open_words(d, words, n_words, err);
  if (st != CORE_OK) val_dataset_close(d);
  return st;
}

void val_dataset_close(struct val_dataset *d) {
  for (size_t i = 0; i < d->n_files; i++) core_source_close(d->files[i].held);
  core_free(d->files);
  core_arena_close(&d->arena);
  *d = (struct val_dataset){.n_files = 0};
}

int64_t val_dataset_bytes(const struct val_dataset *d) {
  int64_t bytes = 0;
  for (size_t i = 0; i < d->n_files; i++) {
    if (d->files[i].bytes < 0) return -1;
    bytes += d->files[i].bytes;
  }
  return bytes;
}
