/* SPDX-License-Identifier: GPL-3.0-or-later
 * How long the two sides of the mpi executor wait for each other, in seconds, and how far a worker may run ahead. */
#pragma once

#define JOB_RANKS_WORKER_BEAT_S                                                                    \
  1.0 /* a worker speaks at least so often                                */
#define JOB_RANKS_WORKER_SILENCE_S                                                                 \
  30.0 /* or is lost                                                       */
#define JOB_RANKS_STOPPING_SILENCE_S                                                               \
  10.0 /* the sweep is ending: what is silent then will not end well anyway */
#define JOB_RANKS_DRIVER_BEAT_S                                                                    \
  5.0 /* rank 0 speaks at least so often                                  */
#define JOB_RANKS_DRIVER_SILENCE_S                                                                 \
  120.0 /* or is dead; a store on a slow disk may hold it up for long       */
#define JOB_RANKS_EVENTS_AHEAD                                                                     \
  1024 /* events that rank 0 has not yet taken                             */
