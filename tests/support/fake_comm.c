/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/fake_comm.h"

#include <string.h>

#include "tests/support/support.h"

struct fake_comm fake_comm;

static int fake_rank(const struct core_comm *comm) {
  (void)comm;
  return fake_comm.rank;
}

static int fake_size(const struct core_comm *comm) {
  (void)comm;
  return fake_comm.size;
}

static void letter_write(struct fake_letter *letter, int rank, int tag, const void *bytes,
                         size_t len) {
  assert_true(len <= sizeof letter->bytes);
  letter->rank = rank;
  letter->tag = tag;
  letter->len = len;
  if (len > 0) memcpy(letter->bytes, bytes, len);
}

static enum core_status fake_send(struct core_comm *comm, int rank, int tag, const void *bytes,
                                  size_t len, struct core_error *err) {
  (void)comm, (void)err;
  assert_false(fake_comm.forgotten[rank]);
  assert_true(fake_comm.n_sent < FAKE_LETTERS_MAX);
  struct fake_letter *letter = &fake_comm.sent[fake_comm.n_sent++];
  letter_write(letter, rank, tag, bytes, len);
  if (fake_comm.on_send) fake_comm.on_send(letter);
  return CORE_OK;
}

static enum core_status fake_receive(struct core_comm *comm, struct core_message *message,
                                     bool *got, struct core_error *err) {
  (void)comm, (void)err;
  *got = fake_comm.next_coming < fake_comm.n_coming;
  if (!*got) {
    fake_comm.now_s += fake_comm.step_s;
    if (fake_comm.on_idle) fake_comm.on_idle();
    return CORE_OK;
  }
  const struct fake_letter *letter = &fake_comm.coming[fake_comm.next_coming++];
  message->source = letter->rank;
  message->tag = letter->tag;
  core_str_clear(&message->bytes);
  core_str_append(&message->bytes, letter->bytes, letter->len);
  return core_str_status(&message->bytes, err);
}

static bool fake_flushed(struct core_comm *comm) {
  (void)comm;
  return true;
}

static void fake_forget(struct core_comm *comm, int rank) {
  (void)comm;
  fake_comm.forgotten[rank] = true;
}

static const struct core_comm_ops fake_ops = {.name = "fake",
                                              .rank = fake_rank,
                                              .size = fake_size,
                                              .send = fake_send,
                                              .receive = fake_receive,
                                              .flushed = fake_flushed,
                                              .forget = fake_forget};

static double clock_now(const struct core_clock *clock) {
  (void)clock;
  return fake_comm.now_s += fake_comm.tick_s;
}

const struct core_clock fake_comm_clock = {.monotonic_s = clock_now, .unix_s = clock_now};

void fake_comm_reset(int size, int rank) {
  memset(&fake_comm, 0, sizeof fake_comm);
  fake_comm.base.ops = &fake_ops;
  fake_comm.size = size;
  fake_comm.rank = rank;
  fake_comm.now_s = 1000;
  fake_comm.step_s = 0.01;
}

void fake_comm_comes(int rank, int tag, struct core_str *bytes) {
  assert_true(fake_comm.n_coming < FAKE_LETTERS_MAX);
  letter_write(&fake_comm.coming[fake_comm.n_coming++], rank, tag, core_str_text(bytes),
               bytes->len);
  core_str_close(bytes);
}

size_t fake_comm_n_sent(int rank, int tag) {
  size_t n = 0;
  for (size_t i = 0; i < fake_comm.n_sent; i++)
    n += fake_comm.sent[i].rank == rank && fake_comm.sent[i].tag == tag;
  return n;
}
