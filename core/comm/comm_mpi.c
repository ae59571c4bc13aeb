/* SPDX-License-Identifier: GPL-3.0-or-later
 * MPI behind core/comm/comm.h, and the only file that includes mpi.h. Everything is non-blocking and moves on in later
 * calls: a blocking call to a dead rank never returns, and a waiting one burns a core.
 *
 * A message that is too large to be sent at once needs both sides to make progress, so receptions too may be under way
 * for a while; they are given out in the order of their arrival for each source. */
#include <assert.h>
#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/comm/comm.h"
#include "core/mem.h"

/* A message on its way out or in. */
struct transfer {
  struct transfer *next;
  MPI_Request request;
  int peer;
  int tag;
  bool done;
  char *bytes; /* with room for a NUL */
  size_t len;
};
struct transfers {
  struct transfer *first, *last;
};

struct comm_mpi {
  struct core_comm base;
  int rank, size;
  bool *forgotten; /* by rank */
  bool any_forgotten;
  struct transfers out, in;
};

static enum core_status fail_mpi(struct core_error *err, int code, const char *what) {
  char reason[MPI_MAX_ERROR_STRING] = "";
  int len = 0;
  MPI_Error_string(code, reason, &len);
  return core_fail(err, CORE_IO, "MPI cannot %s: %s", what, reason);
}

static struct transfer *transfer_open(int peer, int tag, size_t len) {
  struct transfer *transfer = core_calloc(1, sizeof *transfer);
  char *bytes = core_alloc(len + 1);
  if (!transfer || !bytes) {
    core_free(bytes);
    core_free(transfer);
    return NULL;
  }
  *transfer = (struct transfer){
      .request = MPI_REQUEST_NULL, .peer = peer, .tag = tag, .bytes = bytes, .len = len};
  return transfer;
}

static void transfer_close(struct transfer *transfer) {
  core_free(transfer->bytes);
  core_free(transfer);
}

static void transfers_add(struct transfers *list, struct transfer *transfer) {
  if (list->last) {
    list->last->next = transfer;
  } else {
    list->first = transfer;
  }
  list->last = transfer;
}

/* Unlinks the transfer behind `before` (NULL: the first). */
static struct transfer *transfers_take(struct transfers *list, struct transfer *before) {
  struct transfer *taken = before ? before->next : list->first;
  if (before) {
    before->next = taken->next;
  } else {
    list->first = taken->next;
  }
  if (list->last == taken) list->last = before;
  return taken;
}

/* Memory of a transfer with a dead rank must stay: MPI may still write to or read from it. MPI_Request_free would let
 * go of the request but not say when the buffer is free, so both are left to the end of the process. */
static void transfers_abandon(struct transfers *list, int peer) {
  for (struct transfer *before = NULL, *at = list->first; at;) {
    struct transfer *next = at->next;
    if (at->peer == peer) {
      (void)transfers_take(list, before);
    } else {
      before = at;
    }
    at = next;
  }
}

static int mpi_rank(const struct core_comm *comm) {
  return ((const struct comm_mpi *)comm)->rank;
}

static int mpi_size(const struct core_comm *comm) {
  return ((const struct comm_mpi *)comm)->size;
}

/* Lets what is under way move on; frees what has left. */
static enum core_status advance_out(struct comm_mpi *mpi, struct core_error *err) {
  for (struct transfer *before = NULL, *at = mpi->out.first; at;) {
    struct transfer *next = at->next;
    int done = 0;
    const int code = MPI_Test(&at->request, &done, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS) return fail_mpi(err, code, "send");
    if (done) {
      transfer_close(transfers_take(&mpi->out, before));
    } else {
      before = at;
    }
    at = next;
  }
  return CORE_OK;
}

static enum core_status mpi_send(struct core_comm *comm, int destination, int tag,
                                 const void *bytes, size_t len, struct core_error *err) {
  struct comm_mpi *mpi = (struct comm_mpi *)comm;
  assert(destination >= 0 && destination < mpi->size && tag >= 0);
  if (len > INT_MAX)
    return core_fail(err, CORE_LIMIT, "a message of %zu bytes is larger than MPI's 2 GiB", len);
  if (mpi->forgotten[destination]) return CORE_OK;
  struct transfer *transfer = transfer_open(destination, tag, len);
  if (!transfer) return core_fail_nomem(err, len);
  if (len > 0) memcpy(transfer->bytes, bytes, len);
  const int code = MPI_Isend(transfer->bytes, (int)len, MPI_BYTE, destination, tag, MPI_COMM_WORLD,
                             &transfer->request);
  if (code != MPI_SUCCESS) {
    transfer_close(transfer);
    return fail_mpi(err, code, "send");
  }
  transfers_add(&mpi->out, transfer);
  return advance_out(mpi, err);
}

/* Begins to receive whatever has arrived. */
static enum core_status accept_arrived(struct comm_mpi *mpi, struct core_error *err) {
  for (int quiet = 0;
       quiet < 2;) { /* the first probe often only drives the library on: ask twice */
    int found = 0, len = 0;
    MPI_Message handle;
    MPI_Status status;
    int code = MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &found, &handle, &status);
    if (code != MPI_SUCCESS) return fail_mpi(err, code, "look for messages");
    if (!found) {
      quiet++;
      continue;
    }
    MPI_Get_count(&status, MPI_BYTE, &len);
    struct transfer *transfer = transfer_open(status.MPI_SOURCE, status.MPI_TAG, (size_t)len);
    if (!transfer) return core_fail_nomem(err, (unsigned long long)len);
    code = MPI_Imrecv(transfer->bytes, len, MPI_BYTE, &handle, &transfer->request);
    if (code != MPI_SUCCESS) {
      transfer_close(transfer);
      return fail_mpi(err, code, "receive");
    }
    transfers_add(&mpi->in, transfer);
    return CORE_OK; /* one at a time: the caller shall have it before the next one takes memory */
  }
  return CORE_OK;
}

/* Is an earlier message of the same source still coming in? */
static bool is_overtaking(const struct comm_mpi *mpi, const struct transfer *transfer) {
  for (const struct transfer *at = mpi->in.first; at != transfer; at = at->next) {
    if (at->peer == transfer->peer) return true;
  }
  return false;
}

static void hand_over(struct transfer *transfer, struct core_message *message) {
  message->source = transfer->peer;
  message->tag = transfer->tag;
  core_str_close(&message->bytes);
  transfer->bytes[transfer->len] = '\0';
  message->bytes =
      (struct core_str){.data = transfer->bytes, .len = transfer->len, .cap = transfer->len + 1};
  core_free(transfer);
}

static enum core_status mpi_receive(struct core_comm *comm, struct core_message *message, bool *got,
                                    struct core_error *err) {
  struct comm_mpi *mpi = (struct comm_mpi *)comm;
  *got = false;
  CORE_TRY(advance_out(mpi, err));
  CORE_TRY(accept_arrived(mpi, err));
  for (struct transfer *before = NULL, *at = mpi->in.first; at; before = at, at = at->next) {
    int done = at->done;
    if (!done) {
      const int code = MPI_Test(&at->request, &done, MPI_STATUS_IGNORE);
      if (code != MPI_SUCCESS) return fail_mpi(err, code, "receive");
      at->done = done;
    }
    if (done && !is_overtaking(mpi, at)) {
      hand_over(transfers_take(&mpi->in, before), message);
      *got = true;
      return CORE_OK;
    }
  }
  return CORE_OK;
}

static bool mpi_flushed(struct core_comm *comm) {
  struct comm_mpi *mpi = (struct comm_mpi *)comm;
  return advance_out(mpi, NULL) != CORE_OK ||
         mpi->out.first == NULL; /* what failed will never leave */
}

static void mpi_forget(struct core_comm *comm, int rank) {
  struct comm_mpi *mpi = (struct comm_mpi *)comm;
  mpi->forgotten[rank] = true;
  mpi->any_forgotten = true;
  transfers_abandon(&mpi->out, rank);
  transfers_abandon(&mpi->in, rank);
}

/* Small messages leave at once; a large one needs its receiver, who may be busy or dead. */
static void flush_within(struct core_comm *comm, double seconds) {
  const struct core_clock *clock = core_clock_system();
  const double deadline = clock->monotonic_s(clock) + seconds;
  while (!mpi_flushed(comm) && clock->monotonic_s(clock) < deadline) core_sleep(0.001);
}

static void transfers_close(struct transfers *list) {
  while (list->first) transfer_close(transfers_take(list, NULL));
}

static void mpi_close(struct core_comm *comm, bool clean, int exit_code) {
  if (!comm) return;
  struct comm_mpi *mpi = (struct comm_mpi *)comm;
  flush_within(comm, 2);
  if (!clean || mpi->any_forgotten) {
    fflush(NULL);
    _exit(exit_code);
  }
  MPI_Finalize();
  transfers_close(&mpi->out);
  transfers_close(&mpi->in);
  core_free(mpi->forgotten);
  core_free(mpi);
}

static const struct core_comm_ops mpi_ops = {
    .name = "mpi",
    .rank = mpi_rank,
    .size = mpi_size,
    .send = mpi_send,
    .receive = mpi_receive,
    .flushed = mpi_flushed,
    .forget = mpi_forget,
    .close = mpi_close,
};

enum core_status core_comm_mpi_open(struct core_comm **out, struct core_error *err) {
  struct comm_mpi *mpi = core_calloc(1, sizeof *mpi);
  if (!mpi) return core_fail_nomem(err, sizeof *mpi);
  mpi->base.ops = &mpi_ops;
  int provided = 0; /* other threads of ours never call MPI, so any level above SINGLE will do */
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (code == MPI_SUCCESS) code = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if (code == MPI_SUCCESS) code = MPI_Comm_rank(MPI_COMM_WORLD, &mpi->rank);
  if (code == MPI_SUCCESS) code = MPI_Comm_size(MPI_COMM_WORLD, &mpi->size);
  if (code != MPI_SUCCESS) {
    core_free(mpi);
    return fail_mpi(err, code, "start");
  }
  mpi->forgotten = core_calloc((size_t)mpi->size, sizeof *mpi->forgotten);
  if (!mpi->forgotten) {
    core_free(mpi);
    return core_fail_nomem(err, (unsigned long long)mpi->size);
  }
  *out = &mpi->base;
  return CORE_OK;
}
