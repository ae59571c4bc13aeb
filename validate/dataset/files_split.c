/* SPDX-License-Identifier: GPL-3.0-or-later
 * A dataset for several threads: large files are cut as they are when they are alone, small ones go together in runs. A
 * part is a run of whole files or a section of one, never both: the lines of a section are raised by those before it, the
 * lines of a file are not. */
#include "validate/dataset/files_state.h"

#include <string.h>

#define DEFAULT_PART_BYTES ((int64_t)4 << 20)
#define PACKED_TIMES       4 /* a packed file has about so many times the bytes to read */

static int64_t weight_of(const struct val_dataset *d, size_t file) {
  const char *path = d->files[file].path;
  const size_t len = strlen(path);
  const bool packed = (len > 3 && strcmp(path + len - 3, ".gz") == 0) ||
                      (len > 4 && strcmp(path + len - 4, ".zst") == 0);
  return (d->files[file].bytes < 0 ? 0 : d->files[file].bytes) * (packed ? PACKED_TIMES : 1) + 1;
}

/* ---- how many parts, and of what ---- */

struct slice {
  size_t first, end; /* files */
  size_t n;          /* sections, of one file; 1: read whole */
};

/* With about `target` bytes to a part. Returns the number of parts. */
static size_t plan_slices(const struct val_dataset *d, int64_t target, struct slice *slices,
                          size_t *n) {
  size_t n_parts = 0;
  int64_t run = 0;
  *n = 0;
  for (size_t i = 0; i < d->n_files; i++) {
    const int64_t weight = weight_of(d, i);
    const int64_t sections = (weight + target / 2) / target;
    if (sections >= 2) {
      slices[(*n)++] = (struct slice){i, i + 1, (size_t)sections};
      n_parts += (size_t)sections;
      run = 0;
    } else if (run > 0 && run + weight / 2 < target) {
      slices[*n - 1].end = i + 1;
      run += weight;
    } else {
      slices[(*n)++] = (struct slice){i, i + 1, 1};
      n_parts++;
      run = weight;
    }
  }
  return n_parts;
}

static size_t plan(const struct val_reader *r, size_t most, struct slice *slices, size_t *n) {
  const struct val_dataset *d = r->dataset;
  int64_t total = 0, least = (int64_t)r->all.options.least_part_bytes;
  if (least == 0) least = DEFAULT_PART_BYTES;
  for (size_t i = 0; i < d->n_files; i++) total += weight_of(d, i);
  int64_t target = total / (int64_t)most;
  if (target < least) target = least;
  for (;; target += target / 8 + 1) {
    const size_t n_parts = plan_slices(d, target, slices, n);
    if (n_parts <= most) return n_parts;
  }
}

/* ---- making them ---- */

void files_groups_close(struct val_reader *r) {
  for (size_t i = 0; i < r->n_groups; i++) {
    struct files_group *group = &r->groups[i];
    for (size_t k = 0; group->parts && k < group->n; k++)
      if (group->parts[k].reader) r->all.ops->close(group->parts[k].reader);
    core_free(group->parts);
    val_input_close(&group->input);
  }
  core_free(r->groups);
  r->groups = NULL;
  r->n_groups = 0;
}

static enum core_status new_part(const struct val_reader *whole, size_t first, size_t end,
                                 struct val_reader_part *section, struct val_reader **out,
                                 struct core_error *err) {
  struct val_reader *part = NULL;
  CORE_TRY(files_new(whole->dataset, &part, err));
  part->is_part = part->started = true;
  part->shared = &whole->all;
  part->settled = whole->settled;
  part->first = part->file = first;
  part->end = end;
  enum core_status st = files_prepare(part, err);
  for (size_t i = 0; st == CORE_OK && i < whole->all.n_of_files; i++)
    part->seeds[i].classes = whole->seeds[i].classes;
  if (section) {
    part->section = section->reader;
    part->from = section;
  }
  if (st == CORE_OK && whole->all.ops->part_rows) st = files_find_part(part, err);
  if (st != CORE_OK) {
    files_close(part);
    return st;
  }
  *out = part;
  return CORE_OK;
}

/* The first batch of a text is read, so that its types are known. *n 0: the file is not to be cut, or its types are others. */
static enum core_status cut_file(struct val_reader *r, struct files_group *group, size_t file,
                                 size_t *n, struct core_error *err) {
  const struct val_batch *batch = NULL;
  const struct val_reader_ops *ops = r->all.ops;
  struct val_reader probe = {.shared = &r->all, .dataset = r->dataset, .file = file};
  struct val_read_options options = r->all.options;
  options.seeds = r->seeds;
  options.n_seeds = r->all.n_of_files;
  options.settled = r->settled;
  group->file = file;
  group->n = *n;
  group->parts = core_calloc(*n, sizeof *group->parts);
  if (!group->parts) return core_fail_nomem(err, *n * sizeof *group->parts);
  CORE_TRY(val_union_open_file(r->dataset, file, &options, &group->input, err));
  probe.inner = group->input.reader;
  *n = 0;
  if (!ops->split || !files_have_columns(&probe)) return CORE_OK;
  if (!ops->typed) {
    const enum core_status st = ops->next(probe.inner, &batch, err);
    if (st != CORE_OK || !batch || !files_agree(&probe)) return st == CORE_EXISTS ? CORE_OK : st;
  }
  *n = group->n;
  CORE_TRY(ops->split(probe.inner, group->parts, n, err));
  group->n = *n;
  return CORE_OK;
}

static enum core_status make_slice(struct val_reader *r, const struct slice *slice,
                                   struct val_reader_part *parts, size_t *n,
                                   struct core_error *err) {
  size_t sections = slice->n > 1 ? slice->n : 0;
  struct files_group *group = &r->groups[r->n_groups];
  if (sections) {
    *group = (struct files_group){.file = slice->first};
    r->n_groups++;
    CORE_TRY(cut_file(r, group, slice->first, &sections, err));
  }
  if (sections < 2) return new_part(r, slice->first, slice->end, NULL, &parts[(*n)++].reader, err);
  for (size_t k = 0; k < sections; k++)
    CORE_TRY(new_part(r, slice->first, slice->end, &group->parts[k], &parts[(*n)++].reader, err));
  return CORE_OK;
}

enum core_status files_split(struct val_reader *r, struct val_reader_part *parts, size_t *n,
                             struct core_error *err) {
  const size_t most = *n, n_files = r->dataset->n_files;
  size_t n_slices = 0;
  *n = 0;
  for (size_t i = 0; i < n_files; i++)
    if (r->dataset->files[i].held) return CORE_OK; /* a stream has one reader */
  struct slice *slices = core_calloc(n_files, sizeof *slices);
  if (!slices) return core_fail_nomem(err, n_files * sizeof *slices);
  enum core_status st = CORE_OK;
  if (plan(r, most, slices, &n_slices) > 1) {
    st = files_rewind(r, err);
    r->groups = core_calloc(n_slices, sizeof *r->groups);
    if (!r->groups) st = core_fail_nomem(err, n_slices * sizeof *r->groups);
    for (size_t i = 0; st == CORE_OK && i < n_slices; i++)
      st = make_slice(r, &slices[i], parts, n, err);
  }
  core_free(slices);
  return st;
}

/* ---- putting them together ---- */

static enum core_status join_group(struct val_reader *r, struct files_group *group,
                                   struct val_reader_part *parts, int64_t *rows, bool *whole,
                                   struct core_error *err) {
  const struct val_reader_ops *ops = r->all.ops;
  int64_t n_rows = 0;
  CORE_TRY(ops->join(group->input.reader, group->parts, group->n, whole, err));
  for (size_t k = 0; k < group->n && *whole; k++) {
    parts[k].rows_before = *rows + group->parts[k].rows_before;
    parts[k].lines_before = group->parts[k].lines_before;
    n_rows += parts[k].reader->n_rows;
  }
  if (!*whole) return CORE_OK;
  const char *path = r->dataset->files[group->file].path;
  val_findings_join(&r->findings, &parts[0].reader->findings, 0, 0); /* of the path */
  val_findings_join_file(&r->findings, ops->findings(group->input.reader), *rows, 0, path);
  r->rows_of[group->file] = n_rows;
  *rows += n_rows;
  return CORE_OK;
}

enum core_status files_join(struct val_reader *r, struct val_reader_part *parts, size_t n,
                            bool *whole, struct core_error *err) {
  int64_t rows = 0;
  *whole = true;
  for (size_t i = 0; i < n && *whole;) {
    const struct val_reader *part = parts[i].reader;
    size_t g = 0;
    while (part->section && r->groups[g].file != part->first) g++;
    if (part->section) {
      CORE_TRY(join_group(r, &r->groups[g], &parts[i], &rows, whole, err));
      i += r->groups[g].n;
      continue;
    }
    parts[i].rows_before = rows;
    parts[i].lines_before = 0;
    for (size_t k = part->first; k < part->end; k++) r->rows_of[k] = part->rows_of[k];
    val_findings_join(&r->findings, &part->findings, rows, 0);
    rows += part->n_rows;
    i++;
  }
  r->n_rows = rows;
  return CORE_OK;
}
