/* SPDX-License-Identifier: GPL-3.0-or-later
 * The contract of core/comm/comm.h, held by every transport. Alone it runs over `self`; under mpirun the same program
 * runs over MPI with any number of ranks (tests/mpi/test_comm.sh), and rank 0's transcript must be the same.
 *
 * Every rank talks to the next one in a ring and listens to the one before; with one rank both are itself. */
#include "core/comm/comm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/hash.h"
#include "core/mem.h"

static const double plenty_s = 60;
enum { N_SMALL = 500, LARGE_BYTES = 20000000 };
enum { TAG_SMALL, TAG_LARGE, TAG_EMPTY, TAG_DONE };

static int bad;
static void check(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "FAIL %s\n", what);
  bad = 1;
}

struct ring {
  struct core_comm *comm;
  int next, before;
  bool speaks; /* prints the transcript */
};

static void send_next(const struct ring *ring, int tag, const void *bytes, size_t len) {
  check(ring->comm->ops->send(ring->comm, ring->next, tag, bytes, len, NULL) == CORE_OK, "send");
}

/* The next message, which must be there in time; it is told in the transcript. */
static struct core_message take(const struct ring *ring) {
  struct core_message message = {0};
  bool got = false;
  check(core_comm_wait(ring->comm, core_clock_system(), plenty_s, NULL, 0, &message, &got, NULL) ==
            CORE_OK,
        "wait");
  check(got, "a message comes in time");
  if (!got) exit(1);
  check(message.source == ring->before, "the source is told");
  if (ring->speaks) {
    printf("tag %d, %zu bytes, %016llx\n", message.tag, message.bytes.len,
           (unsigned long long)core_hash64(core_str_text(&message.bytes), message.bytes.len, 0));
  }
  return message;
}

static void messages_arrive_in_the_order_sent(const struct ring *ring) {
  char bytes[8 * N_SMALL];
  memset(bytes, 'a', sizeof bytes);
  for (size_t i = 0; i < N_SMALL; i++) {
    memcpy(bytes, &i, sizeof i);
    send_next(ring, TAG_SMALL + (int)(i % 5), bytes, sizeof i + i * 7);
    memset(bytes, 'b', sizeof bytes); /* the bytes were copied */
    memset(bytes, 'a', sizeof bytes);
  }
  for (size_t i = 0; i < N_SMALL; i++) {
    struct core_message message = take(ring);
    size_t number;
    memcpy(&number, message.bytes.data, sizeof number);
    check(number == i && message.tag == TAG_SMALL + (int)(i % 5), "order");
    check(message.bytes.len == sizeof i + i * 7, "length");
    core_str_close(&message.bytes);
  }
}

/* All ranks send before any receives: a send that waited for its receiver would hang here. Small messages behind a large
 * one must not overtake it. */
static void large_messages_block_nobody(const struct ring *ring) {
  char *bytes = core_alloc(LARGE_BYTES);
  check(bytes != NULL, "memory");
  if (!bytes) return;
  for (size_t i = 0; i < LARGE_BYTES; i++) bytes[i] = (char)(i * 31 % 251);
  const uint64_t wanted = core_hash64(bytes, LARGE_BYTES, 0);
  for (int i = 0; i < 3; i++) {
    send_next(ring, TAG_LARGE, bytes, LARGE_BYTES);
    send_next(ring, TAG_EMPTY, NULL, 0);
  }
  memset(bytes, 0, LARGE_BYTES);
  core_free(bytes);
  for (int i = 0; i < 3; i++) {
    struct core_message large = take(ring);
    check(large.tag == TAG_LARGE && large.bytes.len == LARGE_BYTES, "large before small");
    check(core_hash64(large.bytes.data, large.bytes.len, 0) == wanted, "bytes are kept");
    core_str_close(&large.bytes);
    struct core_message empty = take(ring);
    check(empty.tag == TAG_EMPTY && empty.bytes.len == 0, "an empty message is a message");
    core_str_close(&empty.bytes);
  }
}

static void what_was_sent_leaves(const struct ring *ring) {
  send_next(ring, TAG_DONE, "done", 4);
  const struct core_clock *clock = core_clock_system();
  const double end = clock->monotonic_s(clock) + plenty_s;
  struct core_message message = take(ring);
  core_str_close(&message.bytes);
  while (!ring->comm->ops->flushed(ring->comm) && clock->monotonic_s(clock) < end)
    core_sleep(0.001);
  check(ring->comm->ops->flushed(ring->comm), "flushed in the end");
}

static void waiting_ends_by_time_and_by_descriptor(const struct ring *ring) {
  const struct core_clock *clock = core_clock_system();
  struct core_message message = {0};
  bool got = true;
  const double begun = clock->monotonic_s(clock);
  check(core_comm_wait(ring->comm, core_clock_system(), 0.01, NULL, 0, &message, &got, NULL) ==
                CORE_OK &&
            !got,
        "nothing came");
  check(clock->monotonic_s(clock) - begun >= 0.01, "not before the time");
  int ends[2];
  check(pipe(ends) == 0 && write(ends[1], "x", 1) == 1, "pipe");
  got = true;
  check(core_comm_wait(ring->comm, core_clock_system(), plenty_s, ends, 1, &message, &got, NULL) ==
                CORE_OK &&
            !got,
        "woken");
  check(clock->monotonic_s(clock) - begun < plenty_s, "by the descriptor");
  close(ends[0]);
  close(ends[1]);
  core_str_close(&message.bytes);
}

int main(void) {
  struct core_error err = {0};
  struct ring ring = {0};
  const enum core_status status = core_comm_launched() ? core_comm_mpi_open(&ring.comm, &err)
                                                       : core_comm_self_open(&ring.comm, &err);
  if (status != CORE_OK) {
    fprintf(stderr, "FAIL open: %s\n", err.message);
    return 1;
  }
  const int rank = ring.comm->ops->rank(ring.comm);
  const int size = ring.comm->ops->size(ring.comm);
  ring.next = (rank + 1) % size;
  ring.before = (rank + size - 1) % size;
  ring.speaks = rank == 0;
  messages_arrive_in_the_order_sent(&ring);
  large_messages_block_nobody(&ring);
  what_was_sent_leaves(&ring);
  waiting_ends_by_time_and_by_descriptor(&ring);
  if (ring.speaks) printf("end\n");
  ring.comm->ops->close(ring.comm, true, bad);
  return bad;
}
