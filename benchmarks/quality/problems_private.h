/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the files behind problems.h share: the rows of the problem list and an open instance. */
#pragma once
#include "benchmarks/quality/problems.h"
#include "hpo/space.h"
#include <stdbool.h>

#define BENCH_MAX_DIM 20
#define BENCH_DRAWS   512

/* A function of R^n in its own coordinates. `at` is a point where it is least; z = at + R (x - p)
 * maps the box of the space to them, p and R by the instance. */
struct bench_function {
  double (*value)(const double *z, size_t n);
  const double *at; /* n values; NULL: all are at_each */
  double at_each;
  double least;
  bool placed;  /* p anywhere in the inner 80 % of the box; else at, moved by up to a tenth of it */
  bool rotated; /* R orthogonal, else the identity */
};

/* A landscape over typed parameters. */
struct bench_landscape {
  double (*value)(const struct bench_instance *instance, const double *internal);
  double (*least)(const struct bench_instance *instance); /* NULL: 0 */
};

enum bench_table_kind { BENCH_TABLE_GRID, BENCH_TABLE_NEIGHBOURS };

/* A CSV file as an objective. GRID: column `index` holds one digit a parameter, each other column
 * one run. NEIGHBOURS: columns named as the parameters; the mean over the k nearest rows (unit
 * cube) with the same categorical values. */
struct bench_table_source {
  const char *path; /* below the folder of tables */
  enum bench_table_kind kind;
  const char *column; /* NEIGHBOURS: of the value */
  size_t k;
  double best;      /* value = sign * (column - best), so that less is better */
  double sign;      /* 1 or -1 */
  bool noisy;       /* GRID: a trial sees one of the runs, not their mean */
  const char *flip; /* prefix of columns that hold 1 - parameter; NULL: none */
};

struct bench_problem {
  const char *name, *family;
  const char *space; /* JSON */
  const struct bench_function *function;
  const struct bench_landscape *landscape;
  const struct bench_table_source *table;
  double noise_sd;
};

struct bench_table;

struct bench_instance {
  const struct bench_problem *problem;
  uint64_t seed, key; /* key: of the problem's name */
  struct core_tree tree;
  struct hpo_space space;
  double place[BENCH_MAX_DIM];
  double rotation[BENCH_MAX_DIM][BENCH_MAX_DIM];
  double draws[BENCH_DRAWS]; /* uniform on [0, 1) */
  struct bench_table *table;
  double optimum;
};

extern const struct bench_problem bench_problems[]; /* ends with a NULL name */

enum core_status bench_table_open(struct bench_instance *instance, const char *folder,
                                  struct core_error *err) CORE_MUST_CHECK;
void bench_table_close(struct bench_table *table); /* accepts NULL */
void bench_table_evaluate(const struct bench_instance *instance, uint64_t number,
                          const double *internal, double *observed, double *noise_free);
/* Orthogonal, uniform by Gram-Schmidt of normal rows. */
struct core_rng;
void bench_rotation_draw(struct core_rng *rng, size_t n, double rotation[][BENCH_MAX_DIM]);

extern const struct bench_function bench_branin, bench_hartmann6, bench_styblinski, bench_levy,
    bench_rosenbrock, bench_ellipsoid, bench_bent_cigar, bench_ackley, bench_rastrigin,
    bench_schwefel, bench_michalewicz, bench_powers, bench_sphere;
extern const struct bench_landscape bench_training, bench_mixed, bench_integers, bench_categories,
    bench_kernels, bench_optimizers, bench_edges, bench_pipeline, bench_models;
