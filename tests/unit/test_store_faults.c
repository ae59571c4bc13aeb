/* SPDX-License-Identifier: GPL-3.0-or-later
 * The store when things go wrong: the driver is killed, memory or disk run out, the file is damaged or strange. What was
 * acknowledged stays; what fails says so in one sentence; nothing crashes. */
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/rng.h"
#include "tests/support/store_support.h"
#include "tests/support/support.h"

static const char space_json[] =
    "{\"x\": {\"type\": \"float\", \"low\": 0.0, \"high\": 1.0},"
    " \"c\": {\"type\": \"categorical\", \"choices\": [\"a\", \"b\"]}}";
static const double point[] = {0.5, 1};

/* --- SQLite's memory, which can be made to fail ---------------------------------------------------- */

static unsigned long long sqlite_allocations, sqlite_fails_at; /* 0: never */

static bool sqlite_fails(void) {
  sqlite_allocations++;
  return sqlite_fails_at > 0 && sqlite_allocations >= sqlite_fails_at;
}

/* The size stands before the block, as SQLite wants to ask for it. */
static void *fault_malloc(int bytes) {
  int64_t *block = sqlite_fails() ? NULL : malloc((size_t)bytes + sizeof *block);
  if (!block) return NULL;
  *block = bytes;
  return block + 1;
}

static void fault_free(void *block) {
  if (block) free((int64_t *)block - 1);
}

static void *fault_realloc(void *old, int bytes) {
  int64_t *block =
      sqlite_fails() ? NULL : realloc((int64_t *)old - 1, (size_t)bytes + sizeof *block);
  if (!block) return NULL;
  *block = bytes;
  return block + 1;
}

static int fault_size(void *block) {
  return block ? (int)*((int64_t *)block - 1) : 0;
}

static int fault_roundup(int bytes) {
  return (bytes + 7) & ~7;
}

static int fault_init(void *unused) {
  (void)unused;
  return SQLITE_OK;
}

static void fault_shutdown(void *unused) {
  (void)unused;
}

static int install_faults(void **state) {
  (void)state;
  static sqlite3_mem_methods methods = {fault_malloc,  fault_free, fault_realloc,  fault_size,
                                        fault_roundup, fault_init, fault_shutdown, NULL};
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK ? 0 : -1;
}

/* --- helpers --------------------------------------------------------------------------------------- */

static struct hpo_store *drive(const char *path, const struct test_store_study *study) {
  struct hpo_store *store = NULL;
  uint64_t seed = 0;
  struct core_error err = {0};
  if (hpo_store_open(path, &study->spec, &test_holder, &store, &seed, &err) != CORE_OK)
    fail_msg("%s", err.message);
  return store;
}

struct count {
  uint64_t created, finished;
  bool doubled;
};

static enum core_status count_events(void *context, const struct hpo_event *event,
                                     struct core_error *err) {
  struct count *count = context;
  (void)err;
  if (event->kind == HPO_EVENT_CREATE && event->number != count->created++) count->doubled = true;
  if (event->kind == HPO_EVENT_FINISH) {
    if (event->values[0] != (double)event->number) count->doubled = true;
    count->finished++;
  }
  return CORE_OK;
}

static struct count count_trials(struct hpo_store *store) {
  struct count count = {0};
  struct core_error err = {0};
  if (hpo_store_replay(store, count_events, &count, &err) != CORE_OK) fail_msg("%s", err.message);
  return count;
}

/* One batch: a trial that is created, reports and finishes. */
static enum core_status append_trial(struct hpo_store *store, uint64_t number,
                                     struct core_error *err) {
  const double result = (double)number;
  const struct hpo_event events[] = {test_create(number, point, number), test_report(number, 1, 1),
                                     test_finish(number, &result)};
  return hpo_store_append(store, events, CORE_COUNT_OF(events), err);
}

/* --- killed ---------------------------------------------------------------------------------------- */

/* The child tells each trial that was acknowledged, until it is killed. */
static void drive_until_killed(const char *path, const struct test_store_study *study,
                               uint64_t next, int told) {
  struct hpo_store *store = NULL;
  uint64_t seed = 0;
  if (hpo_store_open(path, &study->spec, &test_holder, &store, &seed, NULL) != CORE_OK) _exit(1);
  for (; append_trial(store, next, NULL) == CORE_OK; next++)
    if (write(told, &next, sizeof next) != (ssize_t)sizeof next) break;
  _exit(1);
}

/* Lets the child store `trials`, spins for a part of one more, kills. Returns how many were acknowledged. */
static uint64_t kill_after(pid_t child, int told, uint64_t known, uint64_t trials, uint64_t spin) {
  uint64_t last = 0;
  for (uint64_t i = 0; i < trials; i++) {
    if (read(told, &last, sizeof last) != (ssize_t)sizeof last) fail_msg("the driver gave up");
    known = last + 1;
  }
  for (volatile uint64_t i = 0; i < spin; i++) continue;
  kill(child, SIGKILL);
  while (read(told, &last, sizeof last) == (ssize_t)sizeof last) known = last + 1;
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
  return known;
}

static void a_killed_driver_loses_and_doubles_nothing(void **state) {
  const bool exclusive = *state != NULL;
  struct test_store_study study;
  struct core_rng rng;
  uint64_t known = 0;
  const char *path = test_path(exclusive ? "killed-exclusive.db" : "killed.db");
  if (exclusive) setenv("SWEEPGATE_STORE_JOURNAL", "exclusive", 1);
  test_store_study_open(&study, "s", space_json);
  core_rng_init(&rng, 1, 0, CORE_RNG_TEST);
  hpo_store_close(drive(path, &study));
  for (int round = 0; round < 20; round++) {
    int told[2];
    assert_int_equal(pipe(told), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) drive_until_killed(path, &study, known, told[1]);
    close(told[1]);
    const uint64_t acknowledged =
        kill_after(child, told[0], known, core_rng_below(&rng, 6), core_rng_below(&rng, 2000000));
    close(told[0]);
    struct hpo_store *store = drive(path, &study);
    const struct count count = count_trials(store);
    assert_false(count.doubled);
    assert_int_equal(count.created, count.finished);
    assert_in_range(count.finished, acknowledged, acknowledged + 1);
    known = count.finished;
    hpo_store_close(store);
  }
  test_store_study_close(&study);
  unsetenv("SWEEPGATE_STORE_JOURNAL");
}

/* --- memory ---------------------------------------------------------------------------------------- */

/* Everything that a driver and a reader do, once. */
static enum core_status whole_life(const char *path, const struct test_store_study *study,
                                   struct core_error *err) {
  struct hpo_store *store = NULL;
  struct hpo_holder holder;
  struct count count = {0};
  uint64_t seed = 0;
  bool held = false;
  const double result = 0;
  const struct hpo_event events[] = {test_create(0, point, 0),      test_report(0, 1, NAN),
                                     test_attr(0, "a", "1", false), test_finish(0, &result),
                                     test_create(1, point, 1),      test_finish(1, NULL)};
  const struct hpo_event *const failed = &events[5];
  enum core_status st = hpo_store_open(path, &study->spec, &test_holder, &store, &seed, err);
  if (st == CORE_OK) st = hpo_store_append(store, events, (size_t)(failed - events), err);
  if (st == CORE_OK) st = hpo_store_set_study_attr(store, "k", "1", false, err);
  if (st == CORE_OK) st = hpo_store_replay(store, count_events, &count, err);
  hpo_store_close(store);
  store = NULL;
  if (st == CORE_OK) st = hpo_store_open_reader(path, NULL, &store, err);
  if (st == CORE_OK) st = hpo_store_replay(store, count_events, &count, err);
  if (st == CORE_OK) st = hpo_store_holder(store, &holder, &held, err);
  hpo_store_close(store);
  return st;
}

static void remove_store(const char *path) {
  static const char *const suffixes[] = {"",      "-wal",  "-shm",     "-journal",
                                         ".lock", ".view", ".view.new"};
  for (size_t i = 0; i < CORE_COUNT_OF(suffixes); i++) {
    char *name = NULL;
    if (asprintf(&name, "%s%s", path, suffixes[i]) < 0) abort();
    (void)unlink(name);
    free(name);
  }
}

static void every_allocation_may_fail(void **state) {
  struct test_store_study study;
  const char *path = test_path("memory.db");
  if (*state) setenv("SWEEPGATE_STORE_JOURNAL", "exclusive", 1);
  test_store_study_open(&study, "s", space_json);
  unsigned long long n = 1;
  for (enum core_status st = CORE_NOMEM; st != CORE_OK; n++) {
    struct core_error err = {0};
    remove_store(path);
    core_mem_fail_at(n);
    st = whole_life(path, &study, &err);
    core_mem_fail_at(0);
    if (st != CORE_OK) {
      assert_int_equal(err.status, st);
      assert_true(err.message[0]);
    }
    assert_true(n < 100000);
  }
  assert_true(n > 20);
  unsetenv("SWEEPGATE_STORE_JOURNAL");
  test_store_study_close(&study);
}

static void every_allocation_of_sqlite_may_fail(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("sqlite.db");
  test_store_study_open(&study, "s", space_json);
  unsigned long long n = 1;
  /* The further in, the more alike they are: the steps grow, so that the end is reached soon. */
  for (enum core_status st = CORE_NOMEM; st != CORE_OK; n += 1 + n / 64) {
    struct core_error err = {0};
    remove_store(path);
    sqlite_allocations = 0;
    sqlite_fails_at = n;
    st = whole_life(path, &study, &err);
    sqlite_fails_at = 0;
    if (st != CORE_OK) assert_int_equal(err.status, st);
    assert_true(n < 10000000);
  }
  assert_true(n > 100);
  test_store_study_close(&study);
}

/* --- disk ------------------------------------------------------------------------------------------ */

static void a_full_disk_keeps_what_was_stored(void **state) {
  const bool exclusive = *state != NULL;
  struct test_store_study study;
  struct rlimit before;
  struct core_error err = {0};
  uint64_t stored = 0;
  if (exclusive) setenv("SWEEPGATE_STORE_JOURNAL", "exclusive", 1);
  test_store_study_open(&study, "s", space_json);
  const char *path = test_path(exclusive ? "full-exclusive.db" : "full.db");
  struct hpo_store *store = drive(path, &study);
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit limit = {.rlim_cur = 256 * 1024, .rlim_max = before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  while (append_trial(store, stored, &err) == CORE_OK) stored++;
  assert_int_equal(err.status, CORE_IO);
  assert_non_null(strstr(err.message, path));
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(append_trial(store, stored, NULL), CORE_OK); /* there is room again */
  hpo_store_close(store);
  store = drive(path, &study);
  const struct count count = count_trials(store);
  assert_int_equal(count.finished, stored + 1);
  assert_false(count.doubled);
  hpo_store_close(store);
  unsetenv("SWEEPGATE_STORE_JOURNAL");
  test_store_study_close(&study);
}

/* --- strange files --------------------------------------------------------------------------------- */

static void run_sql(const char *path, const char *text) {
  sqlite3 *db = NULL;
  char *why = NULL;
  if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
    fail_msg("%s: %s", text, why ? why : "?");
  sqlite3_close(db);
}

/* What opening for driving and for reading say. */
static void assert_both_refuse(const char *path, const struct test_store_study *study,
                               enum core_status status, const char *word) {
  struct hpo_store *store = NULL;
  uint64_t seed = 0;
  struct core_error err = {0};
  assert_int_equal(hpo_store_open(path, &study->spec, &test_holder, &store, &seed, &err), status);
  if (!strstr(err.message, word)) fail_msg("'%s' does not say '%s'", err.message, word);
  core_error_clear(&err);
  assert_int_equal(hpo_store_open_reader(path, NULL, &store, &err), status);
  if (!strstr(err.message, word)) fail_msg("'%s' does not say '%s'", err.message, word);
}

static void unknown_versions_are_refused(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("version.db");
  test_store_study_open(&study, "s", space_json);
  hpo_store_close(drive(path, &study));
  run_sql(path, "UPDATE sweepgate_meta SET value = '2' WHERE key = 'format'");
  assert_both_refuse(path, &study, CORE_UNSUPPORTED, "has format 2");
  run_sql(path, "UPDATE alembic_version SET version_num = 'v2.6.0.a'");
  assert_both_refuse(path, &study, CORE_UNSUPPORTED, "optuna storage upgrade");
  const char *other = test_path("browser.db");
  run_sql(other, "CREATE TABLE history (url TEXT)");
  assert_both_refuse(other, &study, CORE_INVAL, "of another program");
  test_store_study_close(&study);
}

struct asked {
  int64_t order[4], asked[4]; /* of the creations */
  size_t n;
};

static enum core_status note_asked(void *context, const struct hpo_event *event,
                                   struct core_error *err) {
  struct asked *asked = context;
  (void)err;
  if (event->kind != HPO_EVENT_CREATE) return CORE_OK;
  asked->order[asked->n] = event->order;
  asked->asked[asked->n++] = event->asked;
  return CORE_OK;
}

static struct asked asked_of(struct hpo_store *store) {
  struct asked asked = {0};
  assert_int_equal(hpo_store_replay(store, note_asked, &asked, NULL), CORE_OK);
  hpo_store_close(store);
  return asked;
}

/* The first files had no column for the place that a point was asked at: they are read, and driven on. */
static void a_file_without_asked_order_gets_it(void **state) {
  (void)state;
  struct test_store_study study;
  struct hpo_store *store = NULL;
  const char *path = test_path("asked.db");
  test_store_study_open(&study, "s", space_json);
  store = drive(path, &study);
  assert_int_equal(hpo_store_next_order(store), 1);
  assert_int_equal(append_trial(store, 0, NULL), CORE_OK);
  hpo_store_close(store);
  run_sql(path, "ALTER TABLE sweepgate_trials DROP COLUMN asked_order");
  assert_int_equal(hpo_store_open_reader(path, NULL, &store, NULL), CORE_OK);
  assert_int_equal(asked_of(store).n, 1);
  store = drive(path, &study);
  const int64_t next = hpo_store_next_order(store);
  struct hpo_event created[] = {test_create(1, point, 1), test_create(2, point, 1)};
  created[0].asked = next - 1;
  assert_int_equal(hpo_store_append(store, created, 2, NULL), CORE_OK);
  assert_int_equal(hpo_store_next_order(store), next + 2);
  const struct asked asked = asked_of(store);
  assert_int_equal(asked.n, 3);
  assert_int_equal(asked.asked[0], 0);
  assert_int_equal(asked.order[1], next);
  assert_int_equal(asked.asked[1], next - 1);
  assert_int_equal(asked.asked[2], 0);
  test_store_study_close(&study);
}

#define INT_DISTRIBUTION(high)                                                                     \
  "{\"name\": \"IntDistribution\", \"attributes\": {\"log\": false, \"step\": 1, \"low\": 0, "     \
  "\"high\": " #high "}}"
#define INT_SPACE                                                                                  \
  "UPDATE sweepgate_studies SET space_json = '{\"x\": {\"type\": \"int\", \"low\": 0, \"high\": "  \
  "9}, "                                                                                           \
  "\"c\": {\"type\": \"categorical\", \"choices\": [\"a\", \"b\"]}}'; UPDATE trial_params SET "    \
  "distribution_json = '" INT_DISTRIBUTION(9) "' WHERE param_name = 'x'; "

/* Values that SQLite lets anybody write. */
static void strange_values_are_told(void **state) {
  (void)state;
  static const struct {
    const char *sql;
    const char *word; /* NULL: it is read all the same */
  } cases[] = {
      {"UPDATE trials SET state = 'ASLEEP'", "'ASLEEP'"},
      {"UPDATE trial_params SET param_value = 'much' WHERE param_name = 'c'", NULL},
      {"UPDATE trial_params SET param_value = 7 WHERE param_name = 'c'", "no valid value"},
      {"UPDATE trial_params SET param_value = NULL", "no valid value"},
      {"UPDATE trial_params SET distribution_json = '{'", "trial 0"},
      {"UPDATE trial_params SET distribution_json = x'00ff'", "trial 0"},
      {"UPDATE trial_params SET param_name = 'y' WHERE param_name = 'x'", "'y'"},
      {"UPDATE trials SET datetime_start = 'noon', datetime_complete = 7", NULL},
      {"UPDATE sweepgate_trials SET created_order = -9, finished_order = -10", NULL},
      {"UPDATE sweepgate_trials SET outcome = 'odd', attempt = -3, seen = -1", NULL},
      {"UPDATE trial_values SET objective = 99", NULL},
      {"UPDATE trial_values SET value_type = 'ODD', value = NULL", NULL},
      {"UPDATE trial_intermediate_values SET trial_id = 99", NULL},
      {"UPDATE sweepgate_studies SET space_json = '[1]'", "space"},
      {"UPDATE sweepgate_studies SET space_json = ''", "'x'"},
      {"UPDATE sweepgate_studies SET seed = 'abc', metrics_json = '7'", NULL},
      {"DELETE FROM sweepgate_trials", NULL},
      {"DELETE FROM study_directions", "no objective"},
      {INT_SPACE "UPDATE trial_params SET param_value = 3 WHERE param_name = 'x'", NULL},
      {INT_SPACE "UPDATE trial_params SET param_value = 2.5 WHERE param_name = 'x'",
       "no valid value"},
      {INT_SPACE "UPDATE trial_params SET param_value = 1e300 WHERE param_name = 'x'",
       "no valid value"},
      {"UPDATE sweepgate_studies SET space_json = ''; DELETE FROM sweepgate_trials; UPDATE "
       "trial_params SET "
       "distribution_json = '" INT_DISTRIBUTION(1e300) "'",
       "is not a distribution"},
      {"UPDATE sweepgate_trials SET created_order = 9223372036854775807, finished_order = 0",
       "beyond 2^62"},
      {"WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 70) INSERT INTO "
       "study_directions (direction, study_id, objective) SELECT 'MINIMIZE', 1, n FROM k",
       "more than 64 objectives"},
      {"DROP TABLE trial_values; CREATE VIEW trial_values AS WITH RECURSIVE k(n) AS (SELECT 1 "
       "UNION "
       "ALL SELECT n + 1 FROM k) SELECT n AS trial_value_id, 99 AS trial_id, 0 AS objective, 1.0 "
       "AS "
       "value, 'FINITE' AS value_type FROM k",
       "does not hold what"},
      {"DROP TABLE trial_values", "trial_values"},
      {"DROP TABLE sweepgate_trials", "sweepgate_trials"},
  };
  struct test_store_study study;
  test_store_study_open(&study, "s", space_json);
  for (size_t i = 0; i < CORE_COUNT_OF(cases); i++) {
    char name[32];
    snprintf(name, sizeof name, "strange%zu.db", i);
    const char *path = test_path(name);
    struct hpo_store *store = drive(path, &study);
    assert_int_equal(append_trial(store, 0, NULL), CORE_OK);
    hpo_store_close(store);
    run_sql(path, cases[i].sql);
    struct count count = {0};
    struct core_error err = {0};
    enum core_status st = hpo_store_open_reader(path, "s", &store, &err);
    if (st == CORE_OK) st = hpo_store_replay(store, count_events, &count, &err);
    hpo_store_close(store);
    if (!cases[i].word && st != CORE_OK) fail_msg("%s: %s", cases[i].sql, err.message);
    if (cases[i].word && (st == CORE_OK || !strstr(err.message, cases[i].word)))
      fail_msg("%s: '%s' does not say '%s'", cases[i].sql, err.message, cases[i].word);
    store = NULL;
  }
  test_store_study_close(&study);
}

/* A dashboard's note does no harm, also where it takes the number that ours would have had; a trial that another
 * program adds is for the next run to import. */
static void others_may_write_notes_but_not_trials(void **state) {
  (void)state;
  struct test_store_study study;
  struct core_error err = {0};
  const char *path = test_path("others.db");
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(path, &study);
  assert_int_equal(append_trial(store, 0, NULL), CORE_OK);
  run_sql(path,
          "INSERT INTO trial_user_attributes (trial_user_attribute_id, trial_id, key, value_json) "
          "VALUES (1000, 1, 'note', '\"seen\"');"
          "INSERT INTO trial_intermediate_values VALUES (1001, 1, 7, 0.5, 'FINITE')");
  assert_int_equal(append_trial(store, 1, NULL), CORE_OK);
  run_sql(path, "INSERT INTO trials VALUES (99, 2, 1, 'FAIL', '2026-01-02', '2026-01-02')");
  assert_int_equal(append_trial(store, 2, &err), CORE_BUSY);
  assert_non_null(strstr(err.message, "another program"));
  hpo_store_close(store);
  store = drive(path, &study);
  assert_int_equal(append_trial(store, 3, NULL), CORE_OK);
  const struct hpo_spec *spec = hpo_store_spec(store);
  assert_int_equal(spec->space.n_params, 2);
  char *text = test_transcript(store);
  assert_non_null(strstr(text, "attr 0 user note=\"seen\""));
  assert_non_null(strstr(text, "create 2 RUNNING seen 2: 0.5 1.0"));
  assert_non_null(strstr(text, "finish 2 FAIL told"));
  core_free(text);
  hpo_store_close(store);
  test_store_study_close(&study);
}

/* A writer that died in the middle of a transaction leaves a journal; reading commands come before the next driver. */
static void a_reader_gets_over_a_half_written_transaction(void **state) {
  (void)state;
  struct test_store_study study;
  const char *path = test_path("half.db");
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(path, &study);
  for (uint64_t i = 0; i < 200; i++) assert_int_equal(append_trial(store, i, NULL), CORE_OK);
  hpo_store_close(store);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    sqlite3 *db = NULL;
    sqlite3_open(path, &db);
    sqlite3_exec(db,
                 "PRAGMA cache_size = 1; BEGIN; UPDATE trial_values SET value = 99;"
                 "UPDATE trial_params SET param_value = 99",
                 NULL, NULL, NULL);
    raise(SIGKILL);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(access(test_path("half.db-journal"), F_OK), 0);
  struct core_error err = {0};
  if (hpo_store_open_reader(path, NULL, &store, &err) != CORE_OK) fail_msg("%s", err.message);
  const struct count count = count_trials(store);
  assert_int_equal(count.finished, 200);
  assert_false(count.doubled);
  hpo_store_close(store);
  test_store_study_close(&study);
}

static char *load_file(const char *path, size_t *len) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  *len = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*len);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *len, file), *len);
  fclose(file);
  return bytes;
}

static void save_file(const char *path, const char *bytes, size_t len) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, len, file), len);
  assert_int_equal(fclose(file), 0);
}

static enum core_status ignore_event(void *context, const struct hpo_event *event,
                                     struct core_error *err) {
  (void)context, (void)event, (void)err;
  return CORE_OK;
}

/* Reads it, or says why not. */
static void assert_readable_or_told(const char *path) {
  struct hpo_store *store = NULL;
  struct core_error err = {0};
  enum core_status st = hpo_store_open_reader(path, NULL, &store, &err);
  if (st == CORE_OK) st = hpo_store_replay(store, ignore_event, NULL, &err);
  hpo_store_close(store);
  if (st != CORE_OK) assert_true(err.message[0]);
}

static void a_damaged_file_is_read_or_told(void **state) {
  (void)state;
  struct test_store_study study;
  struct core_rng rng;
  size_t len = 0;
  const char *path = test_path("whole.db");
  const char *damaged = test_path("damaged.db");
  test_store_study_open(&study, "s", space_json);
  struct hpo_store *store = drive(path, &study);
  for (uint64_t i = 0; i < 50; i++) assert_int_equal(append_trial(store, i, NULL), CORE_OK);
  hpo_store_close(store);
  char *bytes = load_file(path, &len);
  core_rng_init(&rng, 2, 0, CORE_RNG_TEST);
  for (int round = 0; round < 400; round++) {
    const size_t at = core_rng_below(&rng, round % 2 ? len : 4096);
    const char kept = bytes[at];
    bytes[at] = (char)core_rng_u32(&rng);
    save_file(damaged, bytes, len);
    assert_readable_or_told(damaged);
    bytes[at] = kept;
  }
  for (size_t cut = 0; cut < len; cut += 1021) {
    save_file(damaged, bytes, cut);
    assert_readable_or_told(damaged);
  }
  free(bytes);
  test_store_study_close(&study);
}

int main(void) {
  static char exclusive;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_killed_driver_loses_and_doubles_nothing),
      {"a_killed_driver_loses_and_doubles_nothing (exclusive)",
       a_killed_driver_loses_and_doubles_nothing, NULL, NULL, &exclusive},
      cmocka_unit_test(every_allocation_may_fail),
      {"every_allocation_may_fail (exclusive)", every_allocation_may_fail, NULL, NULL, &exclusive},
      cmocka_unit_test(every_allocation_of_sqlite_may_fail),
      cmocka_unit_test(a_full_disk_keeps_what_was_stored),
      {"a_full_disk_keeps_what_was_stored (exclusive)", a_full_disk_keeps_what_was_stored, NULL,
       NULL, &exclusive},
      cmocka_unit_test(unknown_versions_are_refused),
      cmocka_unit_test(a_file_without_asked_order_gets_it),
      cmocka_unit_test(strange_values_are_told),
      cmocka_unit_test(others_may_write_notes_but_not_trials),
      cmocka_unit_test(a_reader_gets_over_a_half_written_transaction),
      cmocka_unit_test(a_damaged_file_is_read_or_told),
  };
  return cmocka_run_group_tests(tests, install_faults, NULL);
}
