/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/crew.h"
#include "validate/dataset/data.h"

#include <string.h>

/* A column can change its type only a few times; more restarts than this is a reader that never settles. */
#define MAX_RESTARTS 10000

struct job {
  const struct val_suite *suite;
  const struct val_limits *limits;
  const struct val_reader_ops *ops;
  struct val_reader *reader;
  struct val_plan plan;
  struct val_pass *pass;
  bool alone; /* the crew gave it up: not before the types are settled again */
};

static void drop_pass(struct job *job) {
  val_pass_close(job->pass);
  job->pass = NULL;
  val_plan_close(&job->plan);
}

/* Several threads, where the input can be read by them. They begin again at the first row: so must we if they do not end. */
static enum core_status try_crew(struct job *job, bool by_parts, bool *tried,
                                 struct core_error *err) {
  *tried = !job->alone && job->limits && job->limits->n_threads > 1 && job->ops->split &&
           !val_plan_asks_row(&job->plan);
  if (!*tried) return CORE_OK;
  CORE_TRY(val_crew_read(&job->plan, job->ops, job->reader, by_parts, job->limits->n_threads,
                         &job->pass, err));
  if (job->pass) return CORE_OK;
  job->alone = true;
  return job->ops->rewind(job->reader, err);
}

static enum core_status read_alone(struct job *job, bool by_parts, const struct val_batch *first,
                                   struct core_error *err) {
  const struct val_feed feed = {.ops = job->ops,
                                .reader = job->reader,
                                .n_columns = val_schema_width(job->plan.schema),
                                .by_parts = by_parts,
                                .first = first};
  CORE_TRY(val_pass_open(&job->plan, 0, &job->pass, err));
  return val_feed_pass(&feed, job->pass, err);
}

/* One pass from the first row; CORE_EXISTS when a column's type had to be corrected on the way. The plan is for the types
 * that the reader knows after its first batch; an input of parts knows them before. */
static enum core_status read_once(struct job *job, struct core_error *err) {
  const bool by_parts = job->ops->part_rows && !(job->limits && job->limits->no_statistics);
  const struct val_batch *batch = NULL;
  bool tried = false;
  if (!by_parts) CORE_TRY(job->ops->next(job->reader, &batch, err));
  CORE_TRY(val_plan_open(&job->plan, job->suite, job->ops->schema(job->reader), job->limits, err));
  if (by_parts || batch) CORE_TRY(try_crew(job, by_parts, &tried, err));
  if (!job->pass) CORE_TRY(read_alone(job, by_parts, tried ? NULL : batch, err));
  return val_pass_finish(job->pass, err);
}

static enum core_status read_all(struct job *job, struct core_error *err) {
  for (int i = 0; i < MAX_RESTARTS; i++) {
    struct core_error why = {0};
    const enum core_status st = read_once(job, &why);
    if (st != CORE_EXISTS) {
      if (st != CORE_OK && err) *err = why;
      return st;
    }
    drop_pass(job);
    job->alone = false; /* the types are settled: a new try of the crew does not end on them */
    CORE_TRY(job->ops->rewind(job->reader, err));
  }
  return core_fail(err, CORE_LIMIT, "the types of the columns do not settle");
}

/* A type declared for a column that is not there may be a slip of the pen. */
static void note_absent(const struct val_suite *suite, const struct val_schema *schema,
                        struct val_findings *findings) {
  for (size_t i = 0; i < suite->read.n_declared; i++) {
    const char *name = suite->read.declared[i].name;
    if (val_schema_find(schema, name) == schema->n_fields &&
        val_schema_find_elements(schema, name) == val_schema_width(schema))
      val_findings_add(findings, VAL_FINDING_ABSENT_COLUMN, -1, -1, -1, name,
                       "the suite declares a type for '%s'; the data has no such column", name);
  }
}

/* Rows are numbered through the dataset; a person looks for them in a file. */
static void place_failures(struct val_verdict *v, const struct val_file_rows *files, size_t n) {
  size_t at = 0; /* failures are in the order of their rows */
  struct val_failure *failures =
      (void *)(uintptr_t)v->failures; /* const but for us, of the result's arena */
  for (size_t i = 0; i < v->n_kept; i++) {
    struct val_failure *f = &failures[i];
    f->file_row = f->row;
    if (n == 0) continue;
    if (f->row < files[at].first_row) at = 0;
    while (at + 1 < n && f->row >= files[at].first_row + files[at].n_rows) at++;
    f->file = files[at].path;
    f->file_row = f->row - files[at].first_row;
  }
}

static enum core_status conclude(struct job *job, const char *name, int64_t n_bytes,
                                 const struct val_data *data, struct val_result *result,
                                 struct core_error *err) {
  CORE_TRY(val_pass_judge(job->pass, result, err));
  val_findings_join(&result->findings, job->ops->findings(job->reader), 0, 0);
  note_absent(job->suite, job->ops->schema(job->reader), &result->findings);
  if (data->many)
    CORE_TRY(val_files_rows(job->reader, &result->arena, &result->files, &result->n_files, err));
  for (size_t i = 0; i < result->n_verdicts; i++)
    place_failures(&result->verdicts[i], result->files, result->n_files);
  result->found = job->suite->read;
  val_data_found(data, &result->found);
  result->data_name = core_arena_strdup(&result->arena, name);
  if (!result->data_name) return core_fail_nomem(err, strlen(name) + 1);
  result->suite = job->suite;
  result->n_bytes = n_bytes;
  result->success = val_result_worst(result) < (int)VAL_SEVERITY_CRITICAL &&
                    val_findings_total(&result->findings) == 0;
  return CORE_OK;
}

/* Of `dataset`, or of `source` where there is none. */
static enum core_status validate(const struct val_dataset *dataset, struct core_source *source,
                                 const struct val_suite *suite, const struct val_limits *limits,
                                 struct val_result *result, struct core_error *err) {
  *result = (struct val_result){0};
  struct job job = {.suite = suite, .limits = limits};
  struct val_read_options options = suite->read;
  struct val_data data = {.many = false};
  enum core_status st = val_plan_needed(suite, &result->arena, &options.needed, err);
  if (st == CORE_OK) st = val_plan_elements(suite, &result->arena, &options.elements, err);
  if (st != CORE_OK) goto out;
  if (limits && limits->profile) options.needed = NULL;
  options.codes = true;
  st = dataset ? val_data_open(&data, dataset, &options, err)
               : val_data_open_source(&data, source, &options, err);
  if (st != CORE_OK) goto out;
  job.ops = data.ops;
  job.reader = data.reader;
  st = read_all(&job, err);
  if (st != CORE_OK) goto out;
  st =
      conclude(&job, dataset ? dataset->name : core_source_name(source),
               dataset ? val_dataset_bytes(dataset) : core_source_size(source), &data, result, err);
out:
  drop_pass(&job);
  val_data_close(&data);
  if (st != CORE_OK) val_result_close(result);
  return st;
}

enum core_status val_validate(struct core_source *source, const struct val_suite *suite,
                              const struct val_limits *limits, struct val_result *result,
                              struct core_error *err) {
  return validate(NULL, source, suite, limits, result, err);
}

enum core_status val_validate_dataset(const struct val_dataset *dataset,
                                      const struct val_suite *suite,
                                      const struct val_limits *limits, struct val_result *result,
                                      struct core_error *err) {
  return validate(dataset, NULL, suite, limits, result, err);
}

enum core_status val_validate_file(const char *path, const struct val_suite *suite,
                                   const struct val_limits *limits, struct val_result *result,
                                   struct core_error *err) {
  struct val_dataset dataset;
  *result = (struct val_result){0};
  CORE_TRY(val_dataset_open(&dataset, &path, 1, err));
  const enum core_status st = val_validate_dataset(&dataset, suite, limits, result, err);
  val_dataset_close(&dataset);
  return st;
}
