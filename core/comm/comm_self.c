/* SPDX-License-Identifier: GPL-3.0-or-later
 * One rank that talks to itself: a queue. */
#include <assert.h>

#include "core/comm/comm.h"
#include "core/mem.h"

struct letter {
  struct letter *next;
  int tag;
  struct core_str bytes;
};

struct comm_self {
  struct core_comm base;
  struct letter *first, *last;
};

static int self_rank(const struct core_comm *comm) {
  (void)comm;
  return 0;
}

static int self_size(const struct core_comm *comm) {
  (void)comm;
  return 1;
}

static void letter_close(struct letter *letter) {
  core_str_close(&letter->bytes);
  core_free(letter);
}

static enum core_status self_send(struct core_comm *comm, int destination, int tag,
                                  const void *bytes, size_t len, struct core_error *err) {
  struct comm_self *self = (struct comm_self *)comm;
  assert(destination == 0 && tag >= 0);
  (void)destination;
  struct letter *letter = core_calloc(1, sizeof *letter);
  if (!letter) return core_fail_nomem(err, sizeof *letter);
  letter->tag = tag;
  core_str_append(&letter->bytes, bytes, len);
  const enum core_status status = core_str_status(&letter->bytes, err);
  if (status != CORE_OK) {
    letter_close(letter);
    return status;
  }
  if (self->last) {
    self->last->next = letter;
  } else {
    self->first = letter;
  }
  self->last = letter;
  return CORE_OK;
}

static enum core_status self_receive(struct core_comm *comm, struct core_message *message,
                                     bool *got, struct core_error *err) {
  (void)err;
  struct comm_self *self = (struct comm_self *)comm;
  struct letter *letter = self->first;
  *got = letter != NULL;
  if (!letter) return CORE_OK;
  self->first = letter->next;
  if (!self->first) self->last = NULL;
  message->source = 0;
  message->tag = letter->tag;
  core_str_close(&message->bytes);
  message->bytes = letter->bytes; /* handed over */
  core_free(letter);
  return CORE_OK;
}

static bool self_flushed(struct core_comm *comm) {
  (void)comm;
  return true;
}

static void self_forget(struct core_comm *comm, int rank) {
  (void)comm, (void)rank; /* a rank that holds itself for dead has a bug elsewhere */
}

static void self_close(struct core_comm *comm, bool clean, int exit_code) {
  (void)clean, (void)exit_code;
  if (!comm) return;
  struct comm_self *self = (struct comm_self *)comm;
  while (self->first) {
    struct letter *next = self->first->next;
    letter_close(self->first);
    self->first = next;
  }
  core_free(self);
}

static const struct core_comm_ops self_ops = {
    .name = "self",
    .rank = self_rank,
    .size = self_size,
    .send = self_send,
    .receive = self_receive,
    .flushed = self_flushed,
    .forget = self_forget,
    .close = self_close,
};

enum core_status core_comm_self_open(struct core_comm **out, struct core_error *err) {
  struct comm_self *self = core_calloc(1, sizeof *self);
  if (!self) return core_fail_nomem(err, sizeof *self);
  self->base.ops = &self_ops;
  *out = &self->base;
  return CORE_OK;
}
