/* SPDX-License-Identifier: GPL-3.0-or-later
 * Instances of problems: where the optimum lies and how the axes are turned, and the noise. */
#include "benchmarks/quality/problems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks/quality/problems_private.h"
#include "core/rng.h"

enum { STREAM_INSTANCE = CORE_RNG_TEST + 1, STREAM_NOISE };

size_t bench_problem_count(void) {
  size_t n = 0;
  while (bench_problems[n].name) n++;
  return n;
}

const char *bench_problem_name(size_t problem) {
  return bench_problems[problem].name;
}

const char *bench_problem_family(size_t problem) {
  return bench_problems[problem].family;
}

const char *bench_problem_space(size_t problem) {
  return bench_problems[problem].space;
}

/* FNV-1a: a problem's random numbers hang on its name, not on its place in the list. */
static uint64_t name_key(const char *name) {
  uint64_t key = 0xCBF29CE484222325u;
  for (; *name; name++) key = (key ^ (unsigned char)*name) * 0x100000001B3u;
  return key;
}

static double dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

void bench_rotation_draw(struct core_rng *rng, size_t n, double rotation[][BENCH_MAX_DIM]) {
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) rotation[i][j] = core_rng_normal(rng);
    for (size_t k = 0; k < i; k++) {
      const double along = dot(rotation[i], rotation[k], n);
      for (size_t j = 0; j < n; j++) rotation[i][j] -= along * rotation[k][j];
    }
    const double length = sqrt(dot(rotation[i], rotation[i], n));
    for (size_t j = 0; j < n; j++) rotation[i][j] /= length;
  }
}

static double function_at(const struct bench_function *function, size_t i) {
  return function->at ? function->at[i] : function->at_each;
}

static void place_function(struct bench_instance *instance) {
  const struct bench_function *function = instance->problem->function;
  for (size_t i = 0; i < instance->space.n_params; i++) {
    const struct hpo_param *param = &instance->space.params[i];
    const double width = param->high - param->low, u = instance->draws[i];
    const double moved = function_at(function, i) + width * (0.2 * u - 0.1);
    instance->place[i] = function->placed
                             ? param->low + width * (0.1 + 0.8 * u)
                             : fmin(fmax(moved, param->low), param->high - 0.02 * width);
  }
}

static double function_value(const struct bench_instance *instance, const double *x) {
  const struct bench_function *function = instance->problem->function;
  const size_t n = instance->space.n_params;
  double from[BENCH_MAX_DIM], z[BENCH_MAX_DIM];
  for (size_t i = 0; i < n; i++) from[i] = x[i] - instance->place[i];
  for (size_t i = 0; i < n; i++)
    z[i] = function_at(function, i) +
           (function->rotated ? dot(instance->rotation[i], from, n) : from[i]);
  return function->value(z, n);
}

static enum core_status draw_instance(struct bench_instance *instance, const char *tables,
                                      struct core_error *err) {
  const struct bench_problem *problem = instance->problem;
  CORE_TRY(core_tree_parse_json(&instance->tree, problem->name, problem->space,
                                strlen(problem->space), err));
  CORE_TRY(hpo_space_open(&instance->space, instance->tree.root, err));
  struct core_rng rng;
  core_rng_init(&rng, instance->seed ^ instance->key, 0, STREAM_INSTANCE);
  for (size_t i = 0; i < BENCH_DRAWS; i++) instance->draws[i] = core_rng_unit(&rng);
  bench_rotation_draw(&rng, instance->space.n_params, instance->rotation);
  if (problem->table) return bench_table_open(instance, tables, err);
  if (problem->function) {
    place_function(instance);
    instance->optimum = problem->function->least;
  } else if (problem->landscape->least) {
    instance->optimum = problem->landscape->least(instance);
  }
  return CORE_OK;
}

struct bench_instance *bench_instance_open(size_t problem, uint64_t seed, const char *tables) {
  struct core_error err = {0};
  struct bench_instance *instance = calloc(1, sizeof *instance);
  if (!instance) return NULL;
  instance->problem = &bench_problems[problem];
  instance->seed = seed;
  instance->key = name_key(instance->problem->name);
  if (draw_instance(instance, tables, &err) == CORE_OK) return instance;
  fprintf(stderr, "%s: %s\n", instance->problem->name, err.message);
  bench_instance_close(instance);
  return NULL;
}

void bench_instance_close(struct bench_instance *instance) {
  if (!instance) return;
  bench_table_close(instance->table);
  hpo_space_close(&instance->space);
  core_tree_close(&instance->tree);
  free(instance);
}

double bench_instance_optimum(const struct bench_instance *instance) {
  return instance->optimum;
}

void bench_instance_evaluate(const struct bench_instance *instance, uint64_t number,
                             const double *internal, double *observed, double *noise_free) {
  const struct bench_problem *problem = instance->problem;
  if (problem->table) {
    bench_table_evaluate(instance, number, internal, observed, noise_free);
    return;
  }
  *noise_free = problem->function ? function_value(instance, internal)
                                  : problem->landscape->value(instance, internal);
  *observed = *noise_free;
  if (problem->noise_sd > 0) {
    struct core_rng rng;
    core_rng_init(&rng, instance->seed ^ instance->key, number, STREAM_NOISE);
    *observed += problem->noise_sd * core_rng_normal(&rng);
  }
}
