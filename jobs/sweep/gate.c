/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/gate.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/hash.h"
#include "core/sink.h"
#include "validate/dataset/dataset.h"
#include "validate/expect/expectation.h"
#include "validate/report/report.h"
#include "validate/validate.h"

#define SETTLE_TRIES                                                                               \
  3 /* a file that changes while it is validated is validated again, this often at most */

/* What tells, without reading, that a file is still the one that was checked. */
struct identity {
  dev_t device;
  ino_t inode;
  off_t size;
  struct timespec modified;
};

struct pair {
  struct job_gate_entry entry;
  struct core_hash128 data; /* of the files' identities */
  struct identity suite;
  bool checked;
};

struct job_gate {
  const struct job_spec *spec;
  struct pair *pairs;
  size_t n_pairs;
  bool unreadable; /* the last check could not read a file */
  int fd;
  pthread_t thread;
  bool checking;
  enum core_status status; /* the thread's outcome */
  struct core_error error;
};

static enum core_status identify(const char *path, struct identity *id, struct core_error *err) {
  struct stat st;
  if (stat(path, &st) != 0)
    return core_fail_errno(err, CORE_IO, errno, "gate: '%s' cannot be read", path);
  *id = (struct identity){
      .device = st.st_dev, .inode = st.st_ino, .size = st.st_size, .modified = st.st_mtim};
  return CORE_OK;
}

static bool same_identity(const struct identity *a, const struct identity *b) {
  return a->device == b->device && a->inode == b->inode && a->size == b->size &&
         a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

/* The files that the data consists of now, and what tells that they are still the same. */
static enum core_status identify_data(const char *data, struct core_hash128 *out,
                                      struct core_error *err) {
  struct val_dataset dataset;
  CORE_TRY(val_dataset_open(&dataset, &data, 1, err));
  struct core_hasher *hasher = core_hasher_open();
  enum core_status st = hasher ? CORE_OK : core_fail_nomem(err, 1);
  for (size_t i = 0; st == CORE_OK && i < dataset.n_files; i++) {
    struct identity id = {0};
    const char *path = dataset.files[i].path;
    st = identify(path, &id, err);
    const int64_t words[] = {(int64_t)id.device, (int64_t)id.inode, (int64_t)id.size,
                             (int64_t)id.modified.tv_sec, (int64_t)id.modified.tv_nsec};
    if (st != CORE_OK) break;
    core_hasher_update(hasher, path, strlen(path) + 1);
    core_hasher_update(hasher, words, sizeof words);
  }
  if (st == CORE_OK) *out = core_hasher_digest(hasher);
  if (hasher) core_hasher_close(hasher);
  val_dataset_close(&dataset);
  return st;
}

/* Of one file its bytes' hash, as ever; of more the hash of paths and hashes. */
static enum core_status hash_data(const char *data, struct core_hash128 *out,
                                  struct core_error *err) {
  struct val_dataset dataset;
  CORE_TRY(val_dataset_open(&dataset, &data, 1, err));
  struct core_hasher *hasher = core_hasher_open();
  enum core_status st = hasher ? CORE_OK : core_fail_nomem(err, 1);
  for (size_t i = 0; st == CORE_OK && i < dataset.n_files; i++) {
    const char *path = dataset.files[i].path;
    st = core_hash_file(path, out, err);
    core_hasher_update(hasher, path, strlen(path) + 1);
    core_hasher_update(hasher, out, sizeof *out);
  }
  if (st == CORE_OK && dataset.many) *out = core_hasher_digest(hasher);
  if (hasher) core_hasher_close(hasher);
  val_dataset_close(&dataset);
  return st;
}

static bool same_hash(struct core_hash128 a, struct core_hash128 b) {
  return a.low == b.low && a.high == b.high;
}

static bool unchanged(const struct pair *pair) {
  struct core_hash128 data = {0};
  struct identity suite = {0};
  return pair->checked && identify_data(pair->entry.spec->data, &data, NULL) == CORE_OK &&
         identify(pair->entry.spec->suite, &suite, NULL) == CORE_OK &&
         same_hash(data, pair->data) && same_identity(&suite, &pair->suite);
}

static void summarise(const struct val_result *result, struct core_str *out) {
  core_str_clear(out);
  core_str_char(out, '[');
  const char *comma = "";
  for (size_t i = 0; i < result->n_verdicts; i++) {
    const struct val_verdict *verdict = &result->verdicts[i];
    if (verdict->success) continue;
    core_str_printf(out, "%s{\"expectation\":", comma);
    core_str_json(out, verdict->expected->ops->name, strlen(verdict->expected->ops->name));
    core_str_text_append(out, ",\"kwargs\":");
    core_node_json(verdict->expected->kwargs_node, false, out);
    core_str_printf(out, ",\"unexpected_count\":%lld}", (long long)verdict->unexpected_count);
    comma = ",";
  }
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    if (result->findings.count[kind] == 0) continue;
    core_str_printf(out, "%s{\"finding\":\"%s\",\"count\":%llu}", comma,
                    val_finding_code((enum val_finding_kind)kind),
                    (unsigned long long)result->findings.count[kind]);
    comma = ",";
  }
  core_str_char(out, ']');
}

static enum core_status write_report(const struct val_result *result, struct core_str *out,
                                     struct core_error *err) {
  struct core_sink *sink = NULL;
  const struct val_report_ops *text = val_report_find("text");
  const struct val_report_options options = {0};
  core_str_clear(out);
  CORE_TRY(core_sink_open_memory(out, &sink, err));
  const enum core_status st = text->write(&result, 1, &options, sink, err);
  if (st != CORE_OK) {
    core_sink_abandon(sink);
    return st;
  }
  return core_sink_close(sink, err);
}

/* Validates and writes the verdict into the entry. */
static enum core_status judge(struct pair *pair, const struct val_suite *suite,
                              struct core_error *err) {
  struct job_gate_entry *entry = &pair->entry;
  struct val_result result = {0};
  const struct core_clock *clock = core_clock_system();
  const double start = clock->monotonic_s(clock);
  enum core_status st = val_validate_file(entry->spec->data, suite, NULL, &result, err);
  if (st != CORE_OK) goto out;
  result.seconds = entry->seconds = clock->monotonic_s(clock) - start;
  entry->success = result.success;
  entry->n_rows = (uint64_t)result.n_rows;
  entry->n_failed = (uint64_t)(result.n_verdicts - result.n_success);
  summarise(&result, &entry->summary);
  st = write_report(&result, &entry->report, err);
  if (st == CORE_OK) st = core_str_status(&entry->summary, err);
  entry->version++;
out:
  val_result_close(&result);
  return st;
}

/* Hashes, and validates if the content is not the one that was judged. *moved: a file changed
 * meanwhile. */
static enum core_status check_once(struct pair *pair, bool *moved, struct core_error *err) {
  struct core_hash128 data = {0};
  struct identity suite_id = {0};
  struct val_suite suite = {0};
  struct core_hash128 hash = {0};
  char hex[CORE_HASH_HEX_BYTES];
  CORE_TRY(identify_data(pair->entry.spec->data, &data, err));
  CORE_TRY(identify(pair->entry.spec->suite, &suite_id, err));
  CORE_TRY(hash_data(pair->entry.spec->data, &hash, err));
  core_hash_hex(hash, hex);
  const struct core_clock *clock = core_clock_system();
  const struct val_suite_settings settings = {.has_now = true, .now_unix_s = clock->unix_s(clock)};
  enum core_status st = val_suite_open(&suite, pair->entry.spec->suite, &settings, err);
  if (st != CORE_OK) goto out;
  if (!pair->checked || strcmp(hex, pair->entry.data_hash) != 0 ||
      strcmp(suite.digest, pair->entry.suite_hash) != 0) {
    pair->checked = false;
    st = judge(pair, &suite, err);
    if (st != CORE_OK) goto out;
    memcpy(pair->entry.data_hash, hex, sizeof pair->entry.data_hash);
    memcpy(pair->entry.suite_hash, suite.digest, sizeof pair->entry.suite_hash);
  }
  pair->data = data;
  pair->suite = suite_id;
  pair->checked = true;
  *moved = !unchanged(pair);
out:
  val_suite_close(&suite);
  return st;
}

static enum core_status check_pair(struct pair *pair, struct core_error *err) {
  bool moved = true;
  for (int i = 0; i < SETTLE_TRIES && moved; i++) CORE_TRY(check_once(pair, &moved, err));
  if (moved)
    return core_fail(err, CORE_IO, "gate: '%s' keeps changing while it is validated",
                     pair->entry.spec->data);
  return CORE_OK;
}

static enum core_status check_changed(struct job_gate *gate, struct core_error *err) {
  for (size_t i = 0; i < gate->n_pairs; i++)
    if (!unchanged(&gate->pairs[i])) CORE_TRY(check_pair(&gate->pairs[i], err));
  return CORE_OK;
}

enum core_status job_gate_open(const struct job_spec *spec, struct job_gate **out,
                               struct core_error *err) {
  struct job_gate *gate = core_calloc(1, sizeof *gate);
  if (!gate) return core_fail_nomem(err, sizeof *gate);
  gate->spec = spec;
  gate->n_pairs = spec->n_gates;
  gate->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  gate->pairs = core_calloc(spec->n_gates, sizeof *gate->pairs);
  if (!gate->pairs || gate->fd < 0) {
    job_gate_close(gate);
    return core_fail(err, CORE_NOMEM, "gate: out of memory or descriptors");
  }
  for (size_t i = 0; i < spec->n_gates; i++) gate->pairs[i].entry.spec = &spec->gates[i];
  *out = gate;
  return CORE_OK;
}

void job_gate_close(struct job_gate *gate) {
  if (!gate) return;
  if (gate->checking) pthread_join(gate->thread, NULL);
  for (size_t i = 0; gate->pairs && i < gate->n_pairs; i++) {
    core_str_close(&gate->pairs[i].entry.summary);
    core_str_close(&gate->pairs[i].entry.report);
  }
  if (gate->fd >= 0) close(gate->fd);
  core_free(gate->pairs);
  core_free(gate);
}

enum core_status job_gate_check(struct job_gate *gate, struct core_error *err) {
  const enum core_status st = check_changed(gate, err);
  gate->unreadable = st != CORE_OK;
  return st;
}

static void *check_thread(void *argument) {
  struct job_gate *gate = argument;
  gate->status = check_changed(gate, &gate->error);
  while (eventfd_write(gate->fd, 1) != 0 && errno == EINTR) continue;
  return NULL;
}

static enum job_gate_state standing(const struct job_gate *gate) {
  enum job_gate_state state = JOB_GATE_OPEN;
  if (gate->unreadable) return JOB_GATE_CLOSED;
  for (size_t i = 0; i < gate->n_pairs; i++) {
    const struct job_gate_entry *entry = &gate->pairs[i].entry;
    if (entry->success || entry->spec->on_failure == JOB_GATE_WARN) continue;
    if (entry->spec->on_failure == JOB_GATE_ABORT) return JOB_GATE_CLOSED;
    state = JOB_GATE_FAILS;
  }
  return state;
}

enum job_gate_state job_gate_look(struct job_gate *gate) {
  if (gate->checking) return JOB_GATE_CHECKING;
  bool changed = false;
  for (size_t i = 0; i < gate->n_pairs && !changed; i++) changed = !unchanged(&gate->pairs[i]);
  if (!changed || gate->unreadable) return standing(gate);
  gate->error = (struct core_error){0};
  gate->checking = pthread_create(&gate->thread, NULL, check_thread, gate) == 0;
  if (gate->checking) return JOB_GATE_CHECKING;
  gate->unreadable = job_gate_check(gate, NULL) != CORE_OK; /* no thread to be had: check here */
  return standing(gate);
}

int job_gate_fd(const struct job_gate *gate) {
  return gate->fd;
}

enum core_status job_gate_settle(struct job_gate *gate, struct core_error *err) {
  eventfd_t count;
  if (!gate->checking || eventfd_read(gate->fd, &count) != 0) return CORE_OK;
  pthread_join(gate->thread, NULL);
  gate->checking = false;
  gate->unreadable = gate->status != CORE_OK;
  if (gate->unreadable && err) *err = gate->error;
  return gate->status;
}

size_t job_gate_count(const struct job_gate *gate) {
  return gate->n_pairs;
}

struct job_gate_entry *job_gate_entry(struct job_gate *gate, size_t index) {
  return &gate->pairs[index].entry;
}
