/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/slot.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/num.h"
#include "core/tree.h"
#include "jobs/client/sweepgate_objective.h"
#include "jobs/trial/lines.h"

/* A request is bounded by the sender; this only keeps a broken one from filling the memory. */
#define REQUEST_BYTES (64 * 1024 * 1024)

static void number_put(struct core_str *out, double value) {
  char text[CORE_NUM_BYTES];
  if (isnan(value)) {
    core_str_text_append(out, "NaN");
  } else if (isinf(value)) {
    core_str_text_append(out, value < 0 ? "-Infinity" : "Infinity");
  } else {
    const size_t len = core_format_double(value, text);
    core_str_append(out, text, len);
  }
}

static void text_put(struct core_str *out, const char *key, const char *text) {
  core_str_printf(out, ", \"%s\": ", key);
  core_str_json(out, text, strlen(text));
}

static void list_put(struct core_str *out, const char *key, const char *const *texts, size_t n) {
  core_str_printf(out, ", \"%s\": [", key);
  for (size_t i = 0; i < n; i++) {
    if (i) core_str_char(out, ',');
    core_str_json(out, texts[i], strlen(texts[i]));
  }
  core_str_char(out, ']');
}

void job_slot_request(const struct job_start *start, struct core_str *out) {
  core_str_printf(out, "{\"number\": %" PRIu64 ", \"attempt\": %d, \"seed\": \"%" PRIu64 "\"",
                  start->number, start->attempt, start->seed);
  text_put(out, "study", start->study);
  if (start->workdir) text_put(out, "workdir", start->workdir);
  list_put(out, "metrics", start->metrics, start->n_objectives);
  size_t n_env = 0;
  while (start->env && start->env[n_env]) n_env++;
  if (n_env) list_put(out, "env", start->env, n_env);
  core_str_text_append(out, ", \"numbers\": [");
  for (size_t i = 0; i < start->n_params; i++) {
    if (i) core_str_char(out, ',');
    number_put(out, start->param_values[i]);
  }
  core_str_printf(out, "], \"params\": %s}\n", start->params_json);
}

/* ---- The resident process ---- */

struct slot {
  int fd;
  sweepgate_objective_fn *function;
  struct core_str load_fault; /* why there is no function */
  struct core_str input;      /* bytes read but not yet used */
  size_t used;
  struct core_str output;  /* reused for every line */
  struct core_str said;    /* by sweepgate_fail */
  struct core_str workdir; /* where we are */
  struct core_arena arena; /* of one trial */
  const char **env_names;  /* set for the trial */
  size_t n_env;
  bool pruned;
};

static bool send_line(struct slot *slot) {
  const char *at = slot->output.data;
  size_t left = slot->output.failed ? 0 : slot->output.len;
  while (left) {
    const ssize_t n = send(slot->fd, at, left, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    left -= (size_t)n;
  }
  return !slot->output.failed;
}

/* The next line, valid until the next call; false when the other side has gone. */
static bool next_line(struct slot *slot, const char **line, size_t *len) {
  size_t searched = slot->used;
  for (;;) {
    const char *from = core_str_text(&slot->input) + searched;
    const char *newline = memchr(from, '\n', slot->input.len - searched);
    if (newline) {
      *line = core_str_text(&slot->input) + slot->used;
      *len = (size_t)(newline - *line);
      slot->used += *len + 1;
      return true;
    }
    if (slot->used) {
      memmove(slot->input.data, slot->input.data + slot->used, slot->input.len - slot->used);
      slot->input.len -= slot->used;
      slot->used = 0;
    }
    searched = slot->input.len;
    char buffer[16384];
    const ssize_t n = recv(slot->fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || slot->input.len > REQUEST_BYTES) return false;
    core_str_append(&slot->input, buffer, (size_t)n);
    if (slot->input.failed) return false;
  }
}

static int trial_report(struct sweepgate_objective *trial, int64_t step, double value) {
  struct slot *slot = trial->host;
  core_str_clear(&slot->output);
  core_str_printf(&slot->output, "{\"report\": {\"step\": %" PRId64 ", \"value\": ", step);
  number_put(&slot->output, value);
  core_str_text_append(&slot->output, "}}\n");
  const char *line = NULL;
  size_t len = 0;
  if (!send_line(slot) || !next_line(slot, &line, &len)) _exit(1); /* the sweep has gone */
  if (memmem(line, len, "true", 4)) slot->pruned = true;
  return slot->pruned;
}

static int trial_attr(struct sweepgate_objective *trial, const char *key, const char *json) {
  struct slot *slot = trial->host;
  struct core_tree tree = {0};
  struct core_str wrapped = {0}; /* any JSON value, also a bare one */
  core_str_printf(&wrapped, "[%s]", json);
  const enum core_status st =
      core_tree_parse_json(&tree, "attr", core_str_text(&wrapped), wrapped.len, NULL);
  bool sent = false;
  if (st == CORE_OK && tree.root->n_children == 1) {
    core_str_clear(&slot->output);
    core_str_text_append(&slot->output, "{\"attr\": {");
    core_str_json(&slot->output, key, strlen(key));
    core_str_text_append(&slot->output, ": ");
    core_node_json(tree.root->first, true, &slot->output);
    core_str_text_append(&slot->output, "}}\n");
    sent = send_line(slot);
  }
  if (st == CORE_OK) core_tree_close(&tree);
  core_str_close(&wrapped);
  return sent ? 0 : -1;
}

static void trial_fail(struct sweepgate_objective *trial, const char *message) {
  struct slot *slot = trial->host;
  core_str_clear(&slot->said);
  core_str_escaped(&slot->said, message, strlen(message), 4096);
}

/* Leaves the trial's folder and variables as the request says. */
static bool surroundings_set(struct slot *slot, const struct core_node *request,
                             struct core_str *fault) {
  for (size_t i = 0; i < slot->n_env; i++) unsetenv(slot->env_names[i]);
  slot->n_env = 0;
  const struct core_node *workdir = core_node_get(request, "workdir");
  if (workdir && !core_slice_is(workdir->text, core_str_text(&slot->workdir))) {
    if (chdir(workdir->text.data) != 0) {
      core_str_printf(fault, "cannot enter folder '%s': %s", workdir->text.data, strerror(errno));
      return false;
    }
    core_str_clear(&slot->workdir);
    core_str_append(&slot->workdir, workdir->text.data, workdir->text.len);
  }
  const struct core_node *env = core_node_get(request, "env");
  if (!env) return true;
  slot->env_names = core_arena_alloc(&slot->arena, env->n_children * sizeof *slot->env_names);
  for (const struct core_node *n = env->first; n && slot->env_names; n = n->next) {
    const char *sign = strchr(n->text.data, '=');
    char *name =
        sign ? core_arena_strndup(&slot->arena, n->text.data, (size_t)(sign - n->text.data)) : NULL;
    if (!name || setenv(name, sign + 1, 1) != 0) continue;
    slot->env_names[slot->n_env++] = name;
  }
  return true;
}

/* The list's texts; NULL: out of memory. */
static const char **texts_of(struct slot *slot, const struct core_node *list) {
  const char **texts = core_arena_alloc(&slot->arena, (list->n_children + 1) * sizeof *texts);
  size_t i = 0;
  for (const struct core_node *n = list->first; n && texts; n = n->next) texts[i++] = n->text.data;
  return texts;
}

static bool trial_fill(struct slot *slot, const struct core_node *request,
                       struct sweepgate_objective *trial) {
  const struct core_node *params = core_node_get(request, "params");
  const struct core_node *numbers = core_node_get(request, "numbers");
  const struct core_node *metrics = core_node_get(request, "metrics");
  const struct core_node *seed = core_node_get(request, "seed");
  const struct core_node *study = core_node_get(request, "study");
  const struct core_node *number = core_node_get(request, "number");
  const struct core_node *attempt = core_node_get(request, "attempt");
  if (!params || !numbers || !metrics || !seed || !study || !number || !attempt ||
      params->n_children != numbers->n_children)
    return false;
  const char **names = core_arena_alloc(&slot->arena, (params->n_children + 1) * sizeof *names);
  double *values = core_arena_alloc(&slot->arena, (params->n_children + 1) * sizeof *values);
  const char **texts = texts_of(slot, params);
  const char **metric_names = texts_of(slot, metrics);
  if (!names || !values || !texts || !metric_names) return false;
  size_t i = 0;
  for (const struct core_node *n = params->first; n; n = n->next) names[i++] = n->key;
  i = 0;
  for (const struct core_node *n = numbers->first; n; n = n->next) values[i++] = n->number;
  *trial = (struct sweepgate_objective){.abi = SWEEPGATE_OBJECTIVE_ABI,
                                        .study = study->text.data,
                                        .number = (uint64_t)number->integer,
                                        .attempt = (int)attempt->integer,
                                        .n_params = params->n_children,
                                        .names = names,
                                        .numbers = values,
                                        .texts = texts,
                                        .n_values = metrics->n_children,
                                        .metrics = metric_names,
                                        .report = trial_report,
                                        .attr = trial_attr,
                                        .fail = trial_fail,
                                        .host = slot};
  return core_parse_uint64(seed->text.data, seed->text.len, &trial->seed);
}

/* Result and end in one write. */
static bool end_send(struct slot *slot, int code, const double *values, size_t n,
                     const struct core_str *load_fault) {
  struct core_str *out = &slot->output;
  core_str_clear(out);
  if (code == 0 && !load_fault) {
    core_str_text_append(out, "{\"result\": [");
    for (size_t i = 0; i < n; i++) {
      if (i) core_str_char(out, ',');
      number_put(out, values[i]);
    }
    core_str_text_append(out, "]}\n");
  }
  core_str_printf(out, "{\"end\": {\"code\": %d", code);
  if (slot->said.len) text_put(out, "message", core_str_text(&slot->said));
  if (load_fault) text_put(out, "load", core_str_text(load_fault));
  core_str_text_append(out, "}}\n");
  return send_line(slot);
}

static bool serve_one(struct slot *slot, const struct core_node *request) {
  struct core_str fault = {0};
  struct sweepgate_objective trial = {0};
  slot->pruned = false;
  core_str_clear(&slot->said);
  double *values = NULL;
  if (slot->load_fault.len) {
    core_str_text_append(&fault, core_str_text(&slot->load_fault));
  } else if (!surroundings_set(slot, request, &fault)) {
    /* said why */
  } else if (!trial_fill(slot, request, &trial) ||
             !(values = core_arena_alloc(&slot->arena, (trial.n_values + 1) * sizeof *values))) {
    core_str_text_append(&fault, "the slot could not read its request");
  }
  bool sent = false;
  if (fault.len || !values) {
    sent = end_send(slot, 1, NULL, 0, &fault);
  } else {
    for (size_t i = 0; i < trial.n_values; i++) values[i] = NAN;
    const int code = slot->function(&trial, values);
    fflush(NULL); /* what it printed belongs to this trial */
    sent = end_send(slot, code, values, trial.n_values, NULL);
  }
  core_str_close(&fault);
  return sent;
}

static void serve(struct slot *slot) {
  const char *line = NULL;
  size_t len = 0;
  while (next_line(slot, &line, &len)) {
    struct core_tree tree = {0};
    if (core_tree_parse_json(&tree, "request", line, len, NULL) != CORE_OK) return;
    const bool sent = serve_one(slot, tree.root);
    for (size_t i = 0; i < slot->n_env; i++) unsetenv(slot->env_names[i]);
    slot->n_env = 0;
    core_arena_reset(&slot->arena);
    core_tree_close(&tree);
    if (!sent) return;
  }
}

static void library_load(struct slot *slot, const char *library, const char *function) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  void *symbol = handle ? dlsym(handle, function) : NULL;
  if (!handle)
    core_str_printf(&slot->load_fault, "cannot load library: %s", dlerror());
  else if (!symbol)
    core_str_printf(&slot->load_fault, "library '%s' has no function '%s'", library, function);
  else
    memcpy(&slot->function, &symbol, sizeof symbol); /* POSIX: a symbol may be a function */
}

bool job_slot_asked(int argc, char **argv) {
  return argc == 4 && strcmp(argv[1], JOB_SLOT_WORD) == 0;
}

int job_slot_main(int argc, char **argv) {
  (void)argc;
  const char *fd_text = getenv("SWEEPGATE_FD");
  int64_t fd = -1;
  if (!fd_text || !core_parse_int64(fd_text, strlen(fd_text), &fd)) return 2;
  struct slot slot = {.fd = (int)fd};
  fcntl(slot.fd, F_SETFD, FD_CLOEXEC); /* programs that the objective starts are not the slot */
  unsetenv("SWEEPGATE_FD");
  unsetenv(JOB_SLOT_VARIABLE);
  library_load(&slot, argv[2], argv[3]);
  serve(&slot);
  core_str_close(&slot.load_fault);
  core_str_close(&slot.input);
  core_str_close(&slot.output);
  core_str_close(&slot.said);
  core_str_close(&slot.workdir);
  core_arena_close(&slot.arena);
  return 0;
}
