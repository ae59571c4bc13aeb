/* SPDX-License-Identifier: GPL-3.0-or-later
 * How a trial starts in its slot: a new process for a command, a request to the resident process
 * for a library. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/comm/comm.h"
#include "jobs/trial/runner.h"
#include "jobs/trial/slot.h"

/* All that the last trial left is forgotten; what the new one's end needs is copied. */
static enum core_status trial_begin(struct job_runner *r, const struct job_start *start,
                                    struct core_error *err) {
  const size_t n = start->n_objectives;
  core_arena_reset(&r->arena);
  const char **metrics = core_arena_alloc(&r->arena, (n + 1) * sizeof *metrics);
  r->values = core_arena_alloc(&r->arena, (n + 1) * sizeof *r->values);
  r->given = core_arena_calloc(&r->arena, n + 1, sizeof *r->given);
  r->seen = core_arena_calloc(&r->arena, n + 1, sizeof *r->seen);
  if (!metrics || !r->values || !r->given || !r->seen) return core_fail_nomem(err, n);
  for (size_t i = 0; i < n; i++) {
    metrics[i] = core_arena_strdup(&r->arena, start->metrics[i]);
    if (!metrics[i]) return core_fail_nomem(err, strlen(start->metrics[i]));
  }
  r->metrics = metrics;
  r->n_objectives = n;
  r->number = start->number;
  r->report_from = start->report_from;
  r->timeout_s = start->timeout_s;
  r->n_reports = r->attr_bytes = r->n_waiting = 0;
  r->last_step = -1;
  r->why = JOB_WHY_NONE;
  r->fault = r->other = NULL;
  r->timeout_at = r->term_at = r->kill_at = INFINITY;
  job_lines_clear(&r->out);
  job_lines_clear(&r->err);
  job_printed_begin(&r->printed, start->log, start->attempt > 0);
  r->busy = true;
  return CORE_OK;
}

static enum core_status patterns_ready(struct job_runner *r, const struct job_start *start,
                                       struct core_error *err) {
  if (start->report_from == JOB_REPORT_PROTOCOL) return CORE_OK;
  if (r->patterns &&
      job_patterns_same(r->patterns, start->report_pattern, start->metrics, start->n_objectives)) {
    job_patterns_reset(r->patterns);
    return CORE_OK;
  }
  job_patterns_close(r->patterns);
  return job_patterns_open(start->report_pattern, start->metrics, start->n_objectives, &r->patterns,
                           err);
}

static enum core_status watch(struct job_runner *r, int fd, enum job_ready kind,
                              struct core_error *err) {
  if (fd < 0) return CORE_OK;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = r->index * JOB_READY_KINDS + kind};
  if (epoll_ctl(r->context->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0) return CORE_OK;
  return core_fail(err, CORE_IO, "cannot watch the trial's process");
}

static enum core_status process_start(struct job_runner *r, const struct core_child_spec *spec,
                                      struct core_error *err) {
  CORE_TRY(core_child_start(spec, &r->child, err));
  r->alive = true;
  r->signalled = false;
  job_lines_clear(&r->channel);
  CORE_TRY(watch(r, r->child.out_fd, JOB_READY_OUT, err));
  CORE_TRY(watch(r, r->child.err_fd, JOB_READY_ERR, err));
  CORE_TRY(watch(r, r->child.channel_fd, JOB_READY_CHANNEL, err));
  return watch(r, r->child.exit_fd, JOB_READY_EXIT, err);
}

static size_t count(const char *const *list) {
  size_t n = 0;
  while (list && list[n]) n++;
  return n;
}

static enum core_status command_start(struct job_runner *r, const struct job_start *start,
                                      struct core_error *err) {
  const size_t n_env = count(start->env);
  const char **env = core_arena_alloc(&r->arena, (n_env + 6) * sizeof *env);
  if (!env) return core_fail_nomem(err, n_env * sizeof *env);
  const char *ours[] = {core_arena_printf(&r->arena, "SWEEPGATE_PARAMS=%s", start->params_json),
                        core_arena_printf(&r->arena, "SWEEPGATE_TRIAL=%" PRIu64, start->number),
                        core_arena_printf(&r->arena, "SWEEPGATE_ATTEMPT=%d", start->attempt),
                        core_arena_printf(&r->arena, "SWEEPGATE_STUDY=%s", start->study),
                        core_arena_printf(&r->arena, "SWEEPGATE_SEED=%" PRIu64, start->seed)};
  size_t n = 0;
  for (size_t i = 0; i < CORE_COUNT_OF(ours); i++) {
    if (!ours[i]) return core_fail_nomem(err, strlen(start->params_json));
    env[n++] = ours[i];
  }
  for (size_t i = 0; i < n_env; i++) env[n++] = start->env[i];
  env[n] = NULL;
  const struct core_child_spec spec = {.argv = start->argv,
                                       .env_set = env,
                                       .env_drop = core_comm_env_prefixes(),
                                       .workdir = start->workdir,
                                       .channel = true,
                                       .channel_env = "SWEEPGATE_FD"};
  if (r->alive) job_runner_close_process(r); /* a resident of another study */
  return process_start(r, &spec, err);
}

static enum core_status resident_start(struct job_runner *r, const struct job_start *start,
                                       struct core_error *err) {
  if (getenv(JOB_SLOT_VARIABLE))
    return core_fail(err, CORE_UNSUPPORTED,
                     "this program does not serve '" JOB_SLOT_WORD "', so it cannot run '%s'",
                     start->library);
  const char *const argv[] = {"/proc/self/exe", JOB_SLOT_WORD, start->library, start->function,
                              NULL};
  const char *const env[] = {JOB_SLOT_VARIABLE "=1", NULL};
  const struct core_child_spec spec = {.argv = argv,
                                       .env_set = env,
                                       .env_drop = core_comm_env_prefixes(),
                                       .channel = true,
                                       .channel_env = "SWEEPGATE_FD"};
  CORE_TRY(process_start(r, &spec, err));
  core_str_printf(&r->program, "%s\n%s", start->library, start->function);
  return core_str_status(&r->program, err);
}

static enum core_status library_start(struct job_runner *r, const struct job_start *start,
                                      struct core_error *err) {
  const size_t len = strlen(start->library);
  const char *program = core_str_text(&r->program);
  const bool same = r->alive && r->program.len && strncmp(program, start->library, len) == 0 &&
                    program[len] == '\n' && strcmp(program + len + 1, start->function) == 0;
  if (r->alive && !same) job_runner_close_process(r);
  if (!r->alive) CORE_TRY(resident_start(r, start, err));
  struct core_str request = {0};
  job_slot_request(start, &request);
  const enum core_status st = core_str_status(&request, err);
  if (st == CORE_OK) job_runner_send(r, request.data, request.len);
  core_str_close(&request);
  return st;
}

static enum core_status start_try(struct job_runner *r, const struct job_start *start,
                                  struct core_error *err) {
  CORE_TRY(patterns_ready(r, start, err));
  if (start->workdir) CORE_TRY(job_folder_make(start->workdir, err));
  return start->library ? library_start(r, start, err) : command_start(r, start, err);
}

enum core_status job_runner_start(struct job_runner *runner, const struct job_start *start,
                                  struct core_error *err) {
  CORE_TRY(trial_begin(runner, start, err));
  struct core_error why = {0};
  const enum core_status st = start_try(runner, start, &why);
  if (st == CORE_OK) {
    const struct core_clock *clock = runner->context->clock;
    runner->timeout_at = clock->monotonic_s(clock) + start->timeout_s;
    return CORE_OK;
  }
  if (runner->alive) job_runner_close_process(runner);
  job_runner_refuse(runner, why.message);
  return st == CORE_NOMEM ? core_fail(err, st, "%s", why.message) : CORE_OK;
}
