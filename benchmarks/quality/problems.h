/* SPDX-License-Identifier: GPL-3.0-or-later
 * The problems of benchmarks/quality: one definition for our runner, which links it, and for the
 * peers' (peers.py), which load it as a shared library. All are minimised.
 *
 * A problem has instances, one for each seed: where its optimum lies, how it is rotated, which
 * category is which. Every optimiser gets the same instance for the same seed. Noise is a function
 * of (problem, seed, trial number) alone.
 *
 * A point is an internal row (hpo/space.h): floats and ints as themselves, a categorical as the
 * index of its choice, NaN where a parameter does not exist; in the order of the space. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct bench_instance;

size_t bench_problem_count(void);
const char *bench_problem_name(size_t problem);
const char *bench_problem_family(size_t problem);
/* The `space` section of a study file, as JSON text; static. */
const char *bench_problem_space(size_t problem);

/* `tables` is the folder that holds digits-mlp.csv, public/... (used by the family "table" only).
 * NULL when a table or memory is missing; the reason has been written to standard error. */
struct bench_instance *bench_instance_open(size_t problem, uint64_t seed, const char *tables);
void bench_instance_close(struct bench_instance *instance); /* accepts NULL */
/* The least noise-free value. For tables the least over the rows: exact for grids and nearest
 * neighbours, a lower bound where neighbours are averaged. */
double bench_instance_optimum(const struct bench_instance *instance);
/* What trial `number` observes at the point, and what is true there. NaN: the trial fails. */
void bench_instance_evaluate(const struct bench_instance *instance, uint64_t number,
                             const double *internal, double *observed, double *noise_free);
