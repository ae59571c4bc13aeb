/* SPDX-License-Identifier: GPL-3.0-or-later
 * The only way in which a study changes: events, stored first and applied second. The store writes them, replay gives
 * them back in the same order, the study applies them. */
#pragma once
#include "hpo/trial.h"

enum hpo_event_kind {
  HPO_EVENT_CREATE, /* a trial exists, RUNNING or (enqueued) WAITING       */
  HPO_EVENT_START,  /* WAITING -> RUNNING                                   */
  HPO_EVENT_REQUEUE, /* RUNNING -> WAITING: a failed or lost attempt is repeated in place (same number, same point), or
                       the sweep stops; its reports are dropped, its attempt becomes the event's */
  HPO_EVENT_REPORT, /* an intermediate value                                */
  HPO_EVENT_ATTR,   /* a user or system attribute; an equal key is replaced */
  HPO_EVENT_FINISH  /* COMPLETE, PRUNED or FAIL, with values and outcome    */
};

/* Pointers are borrowed for the call that takes the event. */
struct hpo_event {
  enum hpo_event_kind kind;
  uint64_t number; /* of the trial; CREATE: must be the next number */
  double unix_s;   /* when it happened */
  int64_t order;   /* given back by a store: its place in the order of events; 0: none */
  /* CREATE */
  const double *internal; /* n_params */
  uint64_t seen;          /* n of final trials that the sampler had seen, for audit */
  /* The place in the order of events at which the point was asked for: the sampler had seen all that come
   * before it there, and the CREATE of every trial with a smaller number. 0: the CREATE's own place. */
  int64_t asked;
  /* REQUEUE: how many tries have failed or were lost so far */
  int attempt;
  /* CREATE: RUNNING or WAITING; FINISH: COMPLETE, PRUNED or FAIL */
  enum hpo_state state;
  /* REPORT */
  struct hpo_report report;
  /* ATTR */
  const char *key;
  const char *json; /* valid JSON text (NaN and Infinity as Python writes them) */
  bool system;
  /* FINISH */
  enum hpo_outcome outcome;
  const char *message;  /* a sentence for people and the last lines of stderr; NULL: none */
  const char *host;     /* where it ran; NULL: not known */
  const double *values; /* n_values: n_objectives or 0 (PRUNED: the last report, 1) */
  size_t n_values;
};
