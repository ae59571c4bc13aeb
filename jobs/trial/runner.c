/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/runner.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

void job_runner_init(struct job_runner *runner, struct job_runner_context *context, size_t index) {
  *runner = (struct job_runner){.context = context, .index = index};
  runner->child =
      (struct core_child){.pid = -1, .out_fd = -1, .err_fd = -1, .channel_fd = -1, .exit_fd = -1};
  runner->out.limit = runner->err.limit = JOB_PATTERN_LINE_BYTES;
  runner->channel.limit = JOB_PROTOCOL_LINE_BYTES;
  runner->printed.fd = -1;
  runner->timeout_at = runner->term_at = runner->kill_at = INFINITY;
}

static double now(const struct job_runner *r) {
  return r->context->clock->monotonic_s(r->context->clock);
}

static struct job_event *event_add(struct job_runner *r, enum job_event_kind kind) {
  struct job_event *event = job_queue_add(r->context->queue);
  if (!event) {
    r->context->failed = true;
    return NULL;
  }
  event->kind = kind;
  event->number = r->number;
  event->unix_s = r->context->clock->unix_s(r->context->clock);
  return event;
}

/* A copy that lives as long as the queued events. */
static const char *event_text(struct job_runner *r, const struct core_str *text) {
  const char *copy =
      core_arena_strndup(job_queue_arena(r->context->queue), core_str_text(text), text->len);
  if (copy && !text->failed) return copy;
  r->context->failed = true;
  return "";
}

/* ---- Ending ---- */

static void term_send(struct job_runner *r) {
  r->term_at = INFINITY;
  if (r->signalled) return;
  r->signalled = true;
  r->kill_at = now(r) + JOB_KILL_GRACE_S;
  core_child_signal(&r->child, SIGTERM);
}

static void protocol_fault(struct job_runner *r, const char *what, const char *line, size_t len) {
  if (r->why != JOB_WHY_NONE) return; /* on its way out already */
  struct core_str text = {0};
  core_str_printf(&text, "protocol: %s", what);
  if (line) {
    core_str_text_append(&text, "; the line was: ");
    core_str_escaped(&text, line, len, 120);
  }
  r->fault = core_arena_strndup(&r->arena, core_str_text(&text), text.len);
  if (!r->fault) r->fault = "protocol: a line that is not allowed";
  core_str_close(&text);
  r->why = JOB_WHY_PROTOCOL;
  term_send(r);
}

void job_runner_close_process(struct job_runner *r) {
  core_child_close(&r->child);
  r->alive = r->signalled = false;
  core_str_clear(&r->program);
  core_str_clear(&r->unsent);
  job_lines_clear(&r->channel);
}

/* The ENDED event; the slot is free after it. */
static void trial_end(struct job_runner *r, const struct job_ending *ending) {
  struct core_str message = {0};
  const enum hpo_outcome outcome = job_ending_judge(ending, &message);
  if (outcome != HPO_OUTCOME_OK && outcome != HPO_OUTCOME_PRUNED)
    job_printed_tail(&r->printed, &message);
  struct job_event *event = event_add(r, JOB_EVENT_ENDED);
  if (event) {
    bool all = true;
    for (size_t i = 0; i < r->n_objectives; i++) all = all && ending->given[i];
    event->outcome = outcome;
    event->message = message.len ? event_text(r, &message) : "";
    event->host = r->context->host;
    event->wait_status = ending->library ? 0 : ending->wait_status;
    event->has_values = all;
    if (all) {
      double *values =
          core_arena_alloc(job_queue_arena(r->context->queue), r->n_objectives * sizeof *values);
      if (values) memcpy(values, ending->values, r->n_objectives * sizeof *values);
      r->context->failed = r->context->failed || !values;
      event->values = values;
      event->n_values = r->n_objectives;
    }
  }
  core_str_close(&message);
  job_printed_end(&r->printed);
  r->busy = false;
  r->timeout_at = r->term_at = r->kill_at = INFINITY;
}

static struct job_ending ending_of(struct job_runner *r) {
  /* What lines have shown stands where no result was given. */
  for (size_t i = 0; i < r->n_objectives; i++) r->given[i] = r->given[i] || r->seen[i];
  return (struct job_ending){.why = r->why,
                             .fault = r->fault,
                             .timeout_s = r->timeout_s,
                             .metrics = r->metrics,
                             .values = r->values,
                             .given = r->given,
                             .n_objectives = r->n_objectives,
                             .last_step = r->last_step,
                             .other = r->other,
                             .wait_status = r->child.wait_status};
}

void job_runner_refuse(struct job_runner *runner, const char *fault) {
  runner->fault = fault;
  const struct job_ending ending = ending_of(runner);
  trial_end(runner, &ending);
}

/* ---- The channel ---- */

static void channel_watch(struct job_runner *r, bool writing) {
  struct epoll_event event = {.events = EPOLLIN | (writing ? (uint32_t)EPOLLOUT : 0),
                              .data.u64 = r->index * JOB_READY_KINDS + JOB_READY_CHANNEL};
  epoll_ctl(r->context->epoll_fd, EPOLL_CTL_MOD, r->child.channel_fd, &event);
}

static void unsent_flush(struct job_runner *r) {
  if (r->unsent.len == 0 || r->child.channel_fd < 0) return;
  const ssize_t n =
      send(r->child.channel_fd, r->unsent.data, r->unsent.len, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n > 0 && (size_t)n < r->unsent.len) {
    memmove(r->unsent.data, r->unsent.data + n, r->unsent.len - (size_t)n);
    r->unsent.len -= (size_t)n;
  } else if (n > 0 || (errno != EAGAIN && errno != EINTR)) {
    core_str_clear(&r->unsent); /* all sent, or nobody listens any more */
  }
  channel_watch(r, r->unsent.len > 0);
}

/* Never waits: what the socket does not take is kept, and dropped beyond JOB_ANSWER_BYTES. */
void job_runner_send(struct job_runner *r, const char *bytes, size_t len) {
  if (r->child.channel_fd < 0) return;
  ssize_t n = 0;
  if (r->unsent.len == 0) {
    n = send(r->child.channel_fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return;
    if (n < 0) n = 0;
    if ((size_t)n == len) return;
  }
  const size_t left = len - (size_t)n;
  if (r->unsent.len + left > JOB_ANSWER_BYTES && r->unsent.len > 0) return;
  core_str_append(&r->unsent, bytes + n, left);
  if (r->unsent.failed) r->context->failed = true;
  channel_watch(r, true);
}

static void answer_send(struct job_runner *r, bool prune) {
  const char *text = prune ? "{\"prune\": true}\n" : "{\"prune\": false}\n";
  job_runner_send(r, text, strlen(text));
}

static void attr_add(struct job_runner *r, const struct core_node *entry) {
  struct core_str json = {0};
  core_node_json(entry, true, &json);
  r->attr_bytes += json.len + strlen(entry->key) + 64;
  if (r->attr_bytes > JOB_PROTOCOL_ATTR_BYTES) {
    protocol_fault(r, "more than 16 MiB of attributes", NULL, 0);
  } else {
    struct job_event *event = event_add(r, JOB_EVENT_ATTR);
    if (event) {
      event->json = event_text(r, &json);
      event->key = core_arena_strdup(job_queue_arena(r->context->queue), entry->key);
      if (!event->key) {
        event->key = "";
        r->context->failed = true;
      }
    }
  }
  core_str_close(&json);
}

static void report_take(struct job_runner *r, const struct hpo_report *report, bool wants_answer) {
  if (++r->n_reports > JOB_PROTOCOL_REPORTS) {
    if (wants_answer) protocol_fault(r, "more than 100000 reports", NULL, 0);
    return; /* of printed lines the first ones are enough */
  }
  if (r->why == JOB_WHY_PRUNED) { /* it was told to stop and goes on */
    if (wants_answer) answer_send(r, true);
    term_send(r);
    return;
  }
  r->last_step = report->step;
  struct job_event *event = event_add(r, JOB_EVENT_REPORT);
  if (!event) return;
  event->report = *report;
  event->wants_answer = wants_answer;
  if (wants_answer) r->n_waiting++;
}

static void result_take(struct job_runner *r, const struct core_node *body, const char *line,
                        size_t len) {
  struct core_error err = {0};
  if (job_result_read(body, r->metrics, r->n_objectives, r->values, r->given, &err) != CORE_OK) {
    protocol_fault(r, err.message, line, len);
    return;
  }
  if (body->kind != CORE_NODE_MAP) return;
  for (const struct core_node *n = body->first; n; n = n->next) {
    if (!job_result_is_other(n, r->metrics, r->n_objectives)) continue;
    if (!r->other) r->other = core_arena_strdup(&r->arena, n->key);
    attr_add(r, n);
  }
}

static void streams_drain(struct job_runner *r);

/* A resident process says that its function has returned. */
static void resident_end(struct job_runner *r, const struct core_node *body) {
  streams_drain(r);
  struct job_ending ending = ending_of(r);
  const struct core_node *code = core_node_get(body, "code");
  const struct core_node *said = core_node_get(body, "message");
  const struct core_node *load = core_node_get(body, "load");
  ending.library = true;
  ending.code = code ? (int)code->integer : 0;
  if (said && said->kind == CORE_NODE_STRING) ending.said = said->text.data;
  if (load && load->kind == CORE_NODE_STRING && !ending.fault) ending.fault = load->text.data;
  trial_end(r, &ending);
  if (r->signalled) job_runner_close_process(r);
}

static void channel_line(void *owner, const char *line, size_t len, bool cut) {
  struct job_runner *r = owner;
  if (!r->busy || r->why == JOB_WHY_PROTOCOL) return;
  if (cut) {
    protocol_fault(r, "a line longer than 1 MiB", line, len);
    return;
  }
  struct job_message message;
  struct core_error err = {0};
  const enum core_status st = job_message_read(&message, line, len, &err);
  if (st != CORE_OK) {
    protocol_fault(r, err.message, line, len);
  } else if (message.kind == JOB_MESSAGE_REPORT) {
    report_take(r, &message.report, true);
  } else if (message.kind == JOB_MESSAGE_RESULT) {
    result_take(r, message.body, line, len);
  } else if (message.kind == JOB_MESSAGE_ATTR) {
    for (const struct core_node *n = message.body->first; n; n = n->next) attr_add(r, n);
  } else if (message.kind == JOB_MESSAGE_END) {
    if (r->program.len)
      resident_end(r, message.body);
    else
      protocol_fault(r, "'end' is not for trials that are commands", line, len);
  }
  job_message_close(&message);
}

/* ---- Streams ---- */

static void found_take(void *owner, const struct job_found *found) {
  struct job_runner *r = owner;
  if (!r->given[found->metric]) {
    r->values[found->metric] = found->value;
    r->seen[found->metric] = true;
  }
  if (found->metric == 0) report_take(r, &(struct hpo_report){found->step, found->value}, false);
}

static void printed_line(void *owner, const char *line, size_t len, bool cut) {
  (void)cut; /* the beginning of a long line is looked at */
  struct job_runner *r = owner;
  job_patterns_line(r->patterns, line, len, found_take, r);
}

static bool looks_at(const struct job_runner *r, bool is_stderr) {
  return r->report_from == JOB_REPORT_BOTH ||
         r->report_from == (is_stderr ? JOB_REPORT_STDERR : JOB_REPORT_STDOUT);
}

/* Reads once; false when there is nothing now, or nothing more. */
static bool stream_read(struct job_runner *r, bool is_stderr, size_t *bytes) {
  int *fd = is_stderr ? &r->child.err_fd : &r->child.out_fd;
  if (*fd < 0) return false;
  struct job_lines *lines = is_stderr ? &r->err : &r->out;
  const long n = core_child_read(fd, r->context->buffer, JOB_READ_BYTES);
  if (n <= 0) return false;
  *bytes += (size_t)n;
  if (!r->busy) return true; /* between trials nobody owns the output */
  job_printed_add(&r->printed, r->context->buffer, (size_t)n, is_stderr, r->context->log);
  if (looks_at(r, is_stderr)) job_lines_feed(lines, r->context->buffer, (size_t)n, printed_line, r);
  return true;
}

static bool channel_read(struct job_runner *r, size_t *bytes) {
  if (r->child.channel_fd < 0) return false;
  const long n = core_child_read(&r->child.channel_fd, r->context->channel_buffer, JOB_READ_BYTES);
  if (n <= 0) return false;
  *bytes += (size_t)n;
  job_lines_feed(&r->channel, r->context->channel_buffer, (size_t)n, channel_line, r);
  return true;
}

static void streams_drain(struct job_runner *r) {
  for (int is_stderr = 0; is_stderr < 2; is_stderr++) {
    size_t bytes = 0;
    while (bytes < JOB_DRAIN_BYTES && stream_read(r, is_stderr, &bytes)) continue;
    if (looks_at(r, is_stderr)) job_lines_end(is_stderr ? &r->err : &r->out, printed_line, r);
  }
}

/* The process has ended: whatever it left behind is ended too, then its last words are read. */
static void process_ended(struct job_runner *r) {
  if (!core_child_reap(&r->child)) return;
  if (r->busy) {
    kill(-r->child.pid, SIGKILL); /* its group; who left that is found when the child is closed */
    size_t bytes = 0;
    while (bytes < JOB_DRAIN_BYTES && channel_read(r, &bytes)) continue;
    job_lines_end(&r->channel, channel_line, r);
    streams_drain(r);
  }
  if (r->busy) {
    const struct job_ending ending = ending_of(r);
    trial_end(r, &ending);
  }
  if (r->alive) job_runner_close_process(r);
}

void job_runner_ready(struct job_runner *runner, enum job_ready which) {
  size_t bytes = 0;
  if (!runner->alive) return;
  switch (which) {
  case JOB_READY_OUT:
    stream_read(runner, false, &bytes);
    break;
  case JOB_READY_ERR:
    stream_read(runner, true, &bytes);
    break;
  case JOB_READY_CHANNEL:
    unsent_flush(runner);
    channel_read(runner, &bytes);
    break;
  case JOB_READY_EXIT:
    process_ended(runner);
    break;
  case JOB_READY_KINDS:
    break;
  }
}

double job_runner_deadline(const struct job_runner *runner) {
  /* Where the kernel cannot tell of an end, we look again and again. */
  if (runner->alive && runner->child.exit_fd < 0) return now(runner) + 0.01;
  if (!runner->busy) return INFINITY;
  return fmin(runner->timeout_at, fmin(runner->term_at, runner->kill_at));
}

void job_runner_tick(struct job_runner *runner, double now_s) {
  if (runner->alive && runner->child.exit_fd < 0) process_ended(runner);
  if (!runner->busy) return;
  if (now_s >= runner->timeout_at) {
    runner->timeout_at = INFINITY;
    if (runner->why == JOB_WHY_NONE) runner->why = JOB_WHY_TIMEOUT;
    term_send(runner);
  }
  if (now_s >= runner->term_at) term_send(runner);
  if (now_s >= runner->kill_at) {
    runner->kill_at = INFINITY;
    core_child_signal(&runner->child, SIGKILL);
  }
}

void job_runner_answer(struct job_runner *runner, bool prune) {
  if (!runner->busy) return;
  const bool asked = runner->n_waiting > 0;
  if (asked) {
    runner->n_waiting--;
    answer_send(runner, prune || runner->why == JOB_WHY_PRUNED);
  }
  if (!prune || runner->why != JOB_WHY_NONE) return;
  runner->why = JOB_WHY_PRUNED;
  if (asked)
    runner->term_at = now(runner) + JOB_KILL_GRACE_S; /* it may end by itself */
  else
    term_send(runner);
}

void job_runner_stop(struct job_runner *runner) {
  if (!runner->busy) return;
  if (runner->why == JOB_WHY_NONE) runner->why = JOB_WHY_STOPPED;
  term_send(runner);
}

void job_runner_close(struct job_runner *runner) {
  if (runner->alive) job_runner_close_process(runner);
  job_patterns_close(runner->patterns);
  job_lines_close(&runner->out);
  job_lines_close(&runner->err);
  job_lines_close(&runner->channel);
  job_printed_close(&runner->printed);
  core_str_close(&runner->program);
  core_str_close(&runner->unsent);
  core_arena_close(&runner->arena);
}
