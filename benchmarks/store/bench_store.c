/* SPDX-License-Identifier: GPL-3.0-or-later
 * How many trials a second the store takes, by the size of the batch, beside what the disk allows: the same number of
 * bytes appended to a plain file with one fsync a batch. Then how fast a stored study is replayed.
 * Usage: bench_store [FOLDER [TRIALS]] */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/rng.h"
#include "hpo/store/store.h"

#define N_PARAMS        5
#define BYTES_PER_TRIAL 1000 /* about what one takes in the store */

static const char space_json[] =
    "{\"lr\": {\"type\": \"float\", \"low\": 1e-05, \"high\": 1.0, \"log\": true},"
    " \"dropout\": {\"type\": \"float\", \"low\": 0.0, \"high\": 0.5},"
    " \"layers\": {\"type\": \"int\", \"low\": 1, \"high\": 8},"
    " \"width\": {\"type\": \"int\", \"low\": 4, \"high\": 512, \"log\": true},"
    " \"optimizer\": {\"type\": \"categorical\", \"choices\": [\"sgd\", \"adam\", \"rmsprop\"]}}";
static const size_t batch_sizes[] = {1, 8, 64, 512};

static void check(enum core_status st, const struct core_error *err) {
  if (st == CORE_OK) return;
  fprintf(stderr, "bench_store: %s\n", err->message);
  exit(1);
}

static double now_s(void) {
  const struct core_clock *clock = core_clock_system();
  return clock->monotonic_s(clock);
}

/* Creates and finishes trials in batches; returns the seconds. */
static double store_trials(struct hpo_store *store, size_t n_trials, size_t batch) {
  const struct hpo_space *space = &hpo_store_spec(store)->space;
  struct hpo_event *events = calloc(2 * batch, sizeof *events);
  double(*points)[N_PARAMS] = calloc(batch, sizeof *points);
  double *values = calloc(batch, sizeof *values);
  if (!events || !points || !values) abort();
  struct core_error err = {0};
  const double begun_s = now_s();
  for (size_t first = 0; first < n_trials; first += batch) {
    for (size_t i = 0; i < batch; i++) {
      struct core_rng rng;
      double unit[N_PARAMS];
      core_rng_init(&rng, 1, first + i, CORE_RNG_TEST);
      for (size_t k = 0; k < N_PARAMS; k++) unit[k] = core_rng_unit(&rng);
      hpo_space_to_internal(space, unit, points[i]);
      values[i] = points[i][0];
      events[2 * i] = (struct hpo_event){.kind = HPO_EVENT_CREATE,
                                         .number = first + i,
                                         .unix_s = 1.7e9,
                                         .internal = points[i],
                                         .seen = first + i,
                                         .state = HPO_RUNNING};
      events[2 * i + 1] = (struct hpo_event){.kind = HPO_EVENT_FINISH,
                                             .number = first + i,
                                             .unix_s = 1.7e9,
                                             .state = HPO_COMPLETE,
                                             .outcome = HPO_OUTCOME_OK,
                                             .values = &values[i],
                                             .n_values = 1};
    }
    check(hpo_store_append(store, events, 2 * batch, &err), &err);
  }
  const double seconds = now_s() - begun_s;
  free(events);
  free(points);
  free(values);
  return seconds;
}

/* What the disk allows: the bytes alone, one fdatasync a batch. */
static double raw_writes(const char *path, size_t n_trials, size_t batch) {
  char *bytes = calloc(batch, BYTES_PER_TRIAL);
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (!bytes || fd < 0) abort();
  const double begun_s = now_s();
  for (size_t first = 0; first < n_trials; first += batch) {
    if (write(fd, bytes, batch * BYTES_PER_TRIAL) < 0 || fdatasync(fd) != 0) abort();
  }
  const double seconds = now_s() - begun_s;
  close(fd);
  unlink(path);
  free(bytes);
  return seconds;
}

static enum core_status count_events(void *context, const struct hpo_event *event,
                                     struct core_error *err) {
  (void)event, (void)err;
  (*(size_t *)context)++;
  return CORE_OK;
}

struct bench {
  const char *folder;
  struct hpo_spec spec;
  struct core_tree tree;
  struct hpo_objective objective;
  enum hpo_direction direction;
};

static struct hpo_store *open_store(struct bench *bench, const char *path) {
  static const struct hpo_holder self = {.host = "bench", .pid = 1, .since_unix_s = 1.7e9};
  struct hpo_store *store = NULL;
  struct core_error err = {0};
  uint64_t seed = 0;
  check(hpo_store_open(path, &bench->spec, &self, &store, &seed, &err), &err);
  return store;
}

static void bench_append(struct bench *bench, size_t n_trials, size_t batch) {
  char path[512];
  snprintf(path, sizeof path, "%s/bench-%zu.db", bench->folder, batch);
  unlink(path);
  /* Small batches wait for the disk each time: fewer trials are enough to measure them. */
  size_t n = n_trials / batch < 2000 ? n_trials : 2000 * batch;
  n -= n % batch;
  struct hpo_store *store = open_store(bench, path);
  const double seconds = store_trials(store, n, batch);
  hpo_store_close(store);
  struct stat st;
  const double bytes = stat(path, &st) == 0 ? (double)st.st_size / (double)n : 0;
  unlink(path);
  snprintf(path, sizeof path, "%s/bench-raw", bench->folder);
  const double raw_s = raw_writes(path, n, batch);
  printf("%6zu %10.0f %12.0f %10.0f\n", batch, (double)n / seconds, (double)n / raw_s, bytes);
}

static void bench_replay(struct bench *bench, size_t n_trials) {
  char path[512];
  size_t n_events = 0;
  struct core_error err = {0};
  struct hpo_store *store = NULL;
  snprintf(path, sizeof path, "%s/bench-replay.db", bench->folder);
  unlink(path);
  store = open_store(bench, path);
  n_trials -= n_trials % 512;
  store_trials(store, n_trials, 512);
  hpo_store_close(store);
  const double begun_s = now_s();
  check(hpo_store_open_reader(path, NULL, &store, &err), &err);
  check(hpo_store_replay(store, count_events, &n_events, &err), &err);
  const double seconds = now_s() - begun_s;
  hpo_store_close(store);
  unlink(path);
  printf("\nreplay: %zu trials (%zu events) in %.2f s\n", n_trials, n_events, seconds);
}

int main(int argc, char **argv) {
  struct bench bench = {.folder = argc > 1 ? argv[1] : "."};
  const size_t n_trials = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 100000;
  struct core_error err = {0};
  check(core_tree_parse_json(&bench.tree, "space", space_json, strlen(space_json), &err), &err);
  check(hpo_space_open(&bench.spec.space, bench.tree.root, &err), &err);
  bench.objective = (struct hpo_objective){"loss", HPO_MINIMIZE};
  bench.spec.name = "bench";
  bench.spec.seed_given = true;
  bench.spec.objectives = &bench.objective;
  bench.spec.directions = &bench.direction;
  bench.spec.n_objectives = 1;
  bench.spec.trials = -1;
  printf("stored trials a second (create and finish, %d parameters, 1 value)\n", N_PARAMS);
  printf(" batch      store   file alone  bytes each\n");
  for (size_t i = 0; i < CORE_COUNT_OF(batch_sizes); i++)
    bench_append(&bench, n_trials, batch_sizes[i]);
  bench_replay(&bench, n_trials);
  hpo_space_close(&bench.spec.space);
  core_tree_close(&bench.tree);
  return 0;
}
