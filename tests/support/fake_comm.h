/* SPDX-License-Identifier: GPL-3.0-or-later
 * A transport whose other ranks are played by the test, and the clock that goes with it. One for each test process. */
#pragma once
#include "core/clock.h"
#include "core/comm/comm.h"

enum { FAKE_RANKS_MAX = 8, FAKE_LETTERS_MAX = 4096 };

struct fake_letter {
  int rank, tag; /* the other end */
  char bytes[600];
  size_t len;
};

extern struct fake_comm {
  struct core_comm base;
  int size, rank;
  struct fake_letter sent[FAKE_LETTERS_MAX], coming[FAKE_LETTERS_MAX];
  size_t n_sent, n_coming, next_coming;
  bool forgotten[FAKE_RANKS_MAX]; /* sending to such a rank fails the test */
  double now_s;                   /* what fake_comm_clock tells, both ways */
  double step_s;                  /* how much of it passes at each look that finds nothing */
  double tick_s;                  /* and at each reading of the clock */
  void (*on_send)(const struct fake_letter *letter); /* the other ranks' wits; may be NULL */
  void (*on_idle)(void); /* at each look that finds nothing; may be NULL */
} fake_comm;
extern const struct core_clock fake_comm_clock;

void fake_comm_reset(int size, int rank);
/* A rank sends; `bytes` is closed. */
void fake_comm_comes(int rank, int tag, struct core_str *bytes);
size_t fake_comm_n_sent(int rank, int tag);
