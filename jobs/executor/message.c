/* SPDX-License-Identifier: GPL-3.0-or-later
 * Each message is described once, by a function that walks over its fields; the same walk writes and reads, so the two
 * cannot disagree. */
#include "jobs/executor/message.h"

#include <assert.h>
#include <string.h>

enum { WIRE_VERSION = 1 };
static const uint64_t no_text = UINT32_MAX; /* the length of a NULL */

struct wire {
  struct core_str *out; /* writing; NULL: reading */
  const char *at, *end;
  struct core_arena *arena;
  bool bad, out_of_memory;
};

static void wire_bytes(struct wire *wire, void *bytes, size_t len) {
  if (wire->out) {
    core_str_append(wire->out, bytes, len);
  } else if (wire->bad || (size_t)(wire->end - wire->at) < len) {
    wire->bad = true;
    memset(bytes, 0, len);
  } else {
    memcpy(bytes, wire->at, len);
    wire->at += len;
  }
}

static void wire_u64(struct wire *wire, uint64_t *value) {
  unsigned char bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(*value >> (8 * i));
  wire_bytes(wire, bytes, sizeof bytes);
  *value = 0;
  for (int i = 0; i < 8; i++) *value |= (uint64_t)bytes[i] << (8 * i);
}

static void wire_i64(struct wire *wire, int64_t *value) {
  uint64_t bits = (uint64_t)*value;
  wire_u64(wire, &bits);
  *value = (int64_t)bits;
}

/* Within [0, most]; for enums, flags, counts. */
static uint64_t wire_bounded(struct wire *wire, uint64_t value, uint64_t most) {
  wire_u64(wire, &value);
  if (value <= most) return value;
  wire->bad = true;
  return 0;
}

static void wire_bool(struct wire *wire, bool *value) {
  *value = wire_bounded(wire, *value, 1) != 0;
}

static void wire_int(struct wire *wire, int *value) {
  int64_t wide = *value;
  wire_i64(wire, &wide);
  if (wide < INT32_MIN || wide > INT32_MAX) wire->bad = true;
  *value = wire->bad ? 0 : (int)wide;
}

static void wire_double(struct wire *wire, double *value) {
  uint64_t bits;
  memcpy(&bits, value, sizeof bits);
  wire_u64(wire, &bits);
  memcpy(value, &bits, sizeof bits);
}

/* A count of things that take at least item_bytes each of what is left: a wrong one cannot ask for much memory. */
static size_t wire_count(struct wire *wire, size_t n, size_t item_bytes) {
  const uint64_t value = wire_bounded(wire, n, UINT32_MAX);
  if (!wire->out && value > (size_t)(wire->end - wire->at) / item_bytes) wire->bad = true;
  return wire->bad ? 0 : (size_t)value;
}

/* Memory for what is read; NULL when something is wrong already. */
static void *wire_alloc(struct wire *wire, size_t count, size_t bytes) {
  void *block = wire->bad ? NULL : core_arena_calloc(wire->arena, count, bytes);
  if (!block && !wire->bad) wire->bad = wire->out_of_memory = true;
  return block;
}

static void wire_text(struct wire *wire, const char **text) {
  if (wire->out) {
    uint64_t len = *text ? strlen(*text) : no_text;
    wire_u64(wire, &len);
    if (*text) core_str_text_append(wire->out, *text);
    return;
  }
  uint64_t len = 0;
  wire_u64(wire, &len);
  *text = NULL;
  if (wire->bad || len == no_text) return;
  if (len > (size_t)(wire->end - wire->at) || memchr(wire->at, '\0', (size_t)len)) {
    wire->bad = true;
    return;
  }
  char *copy = wire_alloc(wire, (size_t)len + 1, 1);
  if (copy) wire_bytes(wire, copy, (size_t)len);
  *text = copy;
}

/* A text that is never NULL. */
static void wire_needed_text(struct wire *wire, const char **text) {
  wire_text(wire, text);
  if (!*text) {
    wire->bad = true;
    *text = "";
  }
}

/* n texts, followed by a NULL in memory. */
static void wire_texts(struct wire *wire, const char *const **list, size_t n) {
  if (wire->out) {
    assert(n == 0 || *list);
    for (size_t i = 0; i < n; i++) {
      /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a writer with n > 0 has a list */
      const char *text = (*list)[i];
      wire_needed_text(wire, &text);
    }
    return;
  }
  const char **copy = wire_alloc(wire, n + 1, sizeof *copy);
  for (size_t i = 0; copy && i < n; i++) wire_needed_text(wire, &copy[i]);
  *list = copy;
}

/* A NULL-terminated list, or no list at all. */
static void wire_list(struct wire *wire, const char *const **list) {
  bool present = *list != NULL;
  size_t n = 0;
  while (wire->out && present && (*list)[n]) n++;
  wire_bool(wire, &present);
  if (!present) {
    *list = NULL;
    return;
  }
  n = wire_count(wire, n, sizeof(uint64_t));
  wire_texts(wire, list, n);
}

static void wire_doubles(struct wire *wire, const double **values, size_t n) {
  if (wire->out) {
    for (size_t i = 0; i < n; i++) {
      double value = (*values)[i];
      wire_double(wire, &value);
    }
    return;
  }
  double *copy = wire_alloc(wire, n, sizeof *copy);
  for (size_t i = 0; copy && i < n; i++) wire_double(wire, &copy[i]);
  *values = copy;
}

static void walk_hello(struct wire *wire, struct job_hello *hello) {
  wire_needed_text(wire, &hello->host);
  wire_needed_text(wire, &hello->machine);
  wire_i64(wire, &hello->pid);
}

static void walk_answer(struct wire *wire, struct job_answer *answer) {
  wire_u64(wire, &answer->number);
  wire_bool(wire, &answer->prune);
}

static void walk_stop(struct wire *wire, struct job_stop *stop) {
  wire_u64(wire, &stop->number);
}

static void walk_credit(struct wire *wire, struct job_credit *credit) {
  wire_u64(wire, &credit->n_events);
}

static void walk_leave(struct wire *wire, struct job_leave *leave) {
  wire_bool(wire, &leave->clean);
}

static void walk_start(struct wire *wire, struct job_start *start) {
  wire_u64(wire, &start->number);
  wire_int(wire, &start->attempt);
  wire_u64(wire, &start->seed);
  wire_needed_text(wire, &start->study);
  wire_needed_text(wire, &start->params_json);
  wire_list(wire, &start->argv);
  wire_list(wire, &start->env);
  wire_text(wire, &start->workdir);
  wire_text(wire, &start->log);
  wire_text(wire, &start->library);
  wire_text(wire, &start->function);
  start->n_params = wire_count(wire, start->n_params, 2 * sizeof(uint64_t));
  wire_texts(wire, &start->param_names, start->n_params);
  wire_doubles(wire, &start->param_values, start->n_params);
  start->n_objectives = wire_count(wire, start->n_objectives, sizeof(uint64_t));
  wire_texts(wire, &start->metrics, start->n_objectives);
  start->report_from =
      (enum job_report_from)wire_bounded(wire, start->report_from, JOB_REPORT_BOTH);
  wire_text(wire, &start->report_pattern);
  wire_double(wire, &start->timeout_s);
  if ((start->argv == NULL || start->argv[0] == NULL) == (start->library == NULL)) wire->bad = true;
}

static void walk_event(struct wire *wire, struct job_event *event) {
  event->kind = (enum job_event_kind)wire_bounded(wire, event->kind, JOB_EVENT_ENDED);
  wire_u64(wire, &event->number);
  wire_double(wire, &event->unix_s);
  wire_i64(wire, &event->report.step);
  wire_double(wire, &event->report.value);
  wire_bool(wire, &event->wants_answer);
  wire_text(wire, &event->key);
  wire_text(wire, &event->json);
  event->outcome = (enum hpo_outcome)wire_bounded(wire, event->outcome, HPO_OUTCOME_TOLD);
  wire_bool(wire, &event->has_values);
  event->n_values = wire_count(wire, event->n_values, sizeof(uint64_t));
  wire_doubles(wire, &event->values, event->n_values);
  wire_text(wire, &event->message);
  wire_text(wire, &event->host);
  wire_int(wire, &event->wait_status);
  if (event->kind == JOB_EVENT_ATTR && (!event->key || !event->json)) wire->bad = true;
  if (event->kind == JOB_EVENT_ENDED && !event->message) wire->bad = true;
}

static struct wire wire_to(struct core_str *out) {
  struct wire wire = {.out = out};
  uint64_t version = WIRE_VERSION;
  wire_u64(&wire, &version);
  return wire;
}

static struct wire wire_from(struct core_slice bytes, struct core_arena *arena) {
  struct wire wire = {.at = bytes.data, .end = bytes.data + bytes.len, .arena = arena};
  uint64_t version = 0;
  wire_u64(&wire, &version);
  if (version != WIRE_VERSION) wire.bad = true;
  return wire;
}

static enum core_status wire_status(const struct wire *wire, const char *what,
                                    struct core_error *err) {
  if (wire->out_of_memory) return core_fail_nomem(err, (unsigned long long)(wire->end - wire->at));
  if (!wire->bad && wire->at == wire->end) return CORE_OK;
  return core_fail(err, CORE_PARSE,
                   "a message '%s' between ranks is damaged, or of another version; "
                   "run the same sweepgate on every node",
                   what);
}

/* A write never changes what it walks over: the copy is for the walk's signature. */
#define DEFINE_MESSAGE(name)                                                                       \
  void job_message_write_##name(const struct job_##name *value, struct core_str *out) {            \
    struct job_##name copy = *value;                                                               \
    struct wire wire = wire_to(out);                                                               \
    walk_##name(&wire, &copy);                                                                     \
  }                                                                                                \
  enum core_status job_message_read_##name(struct core_slice bytes, struct core_arena *arena,      \
                                           struct job_##name *out, struct core_error *err) {       \
    struct wire wire = wire_from(bytes, arena);                                                    \
    *out = (struct job_##name){0};                                                                 \
    walk_##name(&wire, out);                                                                       \
    return wire_status(&wire, #name, err);                                                         \
  }
DEFINE_MESSAGE(hello)
DEFINE_MESSAGE(start)
DEFINE_MESSAGE(answer)
DEFINE_MESSAGE(stop)
DEFINE_MESSAGE(event)
DEFINE_MESSAGE(credit)
DEFINE_MESSAGE(leave)
#undef DEFINE_MESSAGE
