/* SPDX-License-Identifier: GPL-3.0-or-later
 * Objectives over typed parameters: mixed, conditional, and training losses over many orders of
 * magnitude. Where their optima lie is drawn by the instance. */
#include <math.h>

#include "benchmarks/quality/problems_private.h"

/* A place between low and high, from the instance's draw number `draw`. */
static double placed(const struct bench_instance *instance, size_t draw, double low, double high) {
  return low + (high - low) * instance->draws[draw];
}

static double square(double x) {
  return x * x;
}

/* The loss of a training run over lr, momentum, weight_decay, width, warmup. What counts is the
 * effective step lr / (1 - momentum); beyond the stable one the loss explodes. From 1e-3 to 1e6. */
static double training_value(const struct bench_instance *instance, const double *x) {
  const double width = log2(x[3] / 8);
  const double step = log10(x[0] / (1 - x[1])) - placed(instance, 0, -3, -1) + 0.15 * width;
  const double decay = log10(x[2]) - placed(instance, 1, -6, -3) - 0.4 * step;
  double order = -3 + 0.6 * step * step + 0.15 * decay * decay +
                 0.08 * square(width - placed(instance, 2, 1, 4)) +
                 0.004 * square(x[4] - floor(placed(instance, 3, 3, 15)));
  const double beyond = step - 0.8 - 0.02 * x[4];
  if (beyond > 0) order += 4 * beyond;
  return pow(10, fmin(order, 6));
}
/* Unconstrained best: step = 0 (momentum and lr trade), decay, width and warmup at their places. */
static double training_least(const struct bench_instance *instance) {
  (void)instance;
  return 1e-3;
}
const struct bench_landscape bench_training = {.value = training_value, .least = training_least};

/* A peak in a corner: by the logarithm of the distance from an edge, one end of some coordinates and
 * the other end of the others, the function is an even bowl, whose middle is a fiftieth to a tenth
 * of the box away from the edge. */
static double edges_value(const struct bench_instance *instance, const double *x) {
  double sum = 0, last = 0;
  for (size_t i = 0; i < instance->space.n_params; i++) {
    const double best = pow(10, placed(instance, i, -1.7, -1));
    const double from_edge = instance->draws[32 + i] < 0.5 ? x[i] : 1 - x[i];
    const double z = log((from_edge + 0.01) / (best + 0.01));
    sum += z * z + 0.7 * z * last;
    last = z;
  }
  return sum;
}
const struct bench_landscape bench_edges = {.value = edges_value};

/* x, lr, k, m, a (3), b (2): a moves x, (a, b) moves k, b moves lr. The best pair of categories is
 * not the best on the margins. The instance permutes the categories and moves the optima. */
static double mixed_value(const struct bench_instance *instance, const double *x) {
  static const double base[3][2] = {{0.5, 1.0}, {2.0, 0.0}, {0.8, 1.5}};
  static const double best_k[3][2] = {{5, 15}, {18, 4}, {10, 10}};
  static const double best_x[3] = {-3, 2, 0};
  const size_t a = ((size_t)x[4] + (size_t)(3 * instance->draws[0])) % 3;
  const size_t b = ((size_t)x[5] + (size_t)(2 * instance->draws[1])) % 2;
  const double move = placed(instance, 2, -1.5, 1.5);
  const double lr = (b == 0 ? -2 : -3) + placed(instance, 3, -1, 1);
  const double m = floor(placed(instance, 4, 3, 9));
  return base[a][b] + 0.3 * square(x[0] - best_x[a] - move) + 0.5 * square(log10(x[1]) - lr) +
         0.02 * square(x[2] - best_k[a][b]) + 0.05 * square(x[3] - m);
}
const struct bench_landscape bench_mixed = {.value = mixed_value};

/* Eight numbers, five of them integers, in a rotated quadratic form of condition 100 over the unit
 * cube; its optimum is a point of the grid. */
static double integers_value(const struct bench_instance *instance, const double *x) {
  enum { N = 8 };
  double unit[N], best[N], internal[N], sum = 0;
  for (size_t i = 0; i < N; i++) best[i] = placed(instance, i, 0.1, 0.9);
  hpo_space_to_internal(&instance->space, best, internal);
  hpo_space_to_unit(&instance->space, internal, best);
  hpo_space_to_unit(&instance->space, x, unit);
  for (size_t i = 0; i < N; i++) {
    double z = 0;
    for (size_t j = 0; j < N; j++) z += instance->rotation[i][j] * (unit[j] - best[j]);
    sum += pow(100, (double)i / (N - 1)) * z * z;
  }
  return sum;
}
const struct bench_landscape bench_integers = {.value = integers_value};

/* Six categoricals of five: effects of each choice and of each pair of choices, drawn. */
static double categories_value(const struct bench_instance *instance, const double *x) {
  enum { N = 6, K = 5 };
  double sum = 0;
  size_t pair = N * K;
  for (size_t i = 0; i < N; i++) {
    sum += instance->draws[i * K + (size_t)x[i]];
    for (size_t j = i + 1; j < N; j++, pair += K * K)
      sum += 0.4 * instance->draws[pair + (size_t)x[i] * K + (size_t)x[j]];
  }
  return sum;
}
static double categories_least(const struct bench_instance *instance) {
  double least = INFINITY;
  for (unsigned code = 0; code < 15625; code++) {
    double x[6];
    unsigned rest = code;
    for (size_t i = 0; i < 6; i++, rest /= 5) x[i] = rest % 5;
    least = fmin(least, categories_value(instance, x));
  }
  return least;
}
const struct bench_landscape bench_categories = {.value = categories_value,
                                                 .least = categories_least};

/* kernel (linear, rbf, poly, sigmoid), C, gamma, degree, coef0: each kernel has its own base and
 * its own valley of C and gamma. The instance says which of rbf and poly is the best. */
static double kernels_value(const struct bench_instance *instance, const double *x) {
  const size_t kernel = (size_t)x[0];
  const double log_c = log10(x[1]);
  const bool poly_wins = instance->draws[0] < 0.5;
  const double base[4] = {0.12, poly_wins ? 0.03 : 0, poly_wins ? 0 : 0.03, 0.18};
  const double c = placed(instance, 1 + kernel, -1, 3);
  double value = base[kernel] + 0.004 * square(log_c - c);
  if (kernel != 0) {
    const double gamma = log10(x[2]) - placed(instance, 5 + kernel, -3, 0);
    value += 0.05 * square(gamma + 0.5 * (log_c - c)) + 0.01 * square(gamma);
  }
  if (kernel == 2) value += 0.02 * fabs(x[3] - floor(placed(instance, 10, 2, 5)));
  if (kernel >= 2) value += 0.02 * square(x[4] - placed(instance, 11, -0.5, 1.5));
  return 1 - exp(-3 * value);
}
const struct bench_landscape bench_kernels = {.value = kernels_value};

/* A tree of two levels: optimizer -> its own parameters; sgd -> momentum_on -> momentum, nesterov;
 * decay -> decay_rate. weight_decay and dropout are everybody's. */
enum {
  OPTIMIZER,
  SGD_LR,
  MOMENTUM_ON,
  MOMENTUM,
  NESTEROV,
  ADAM_LR,
  BETA1,
  RMS_LR,
  RHO,
  DECAY,
  DECAY_RATE,
  WEIGHT_DECAY,
  DROPOUT
};
static double sgd_value(const struct bench_instance *instance, const double *x) {
  const bool momentum = x[MOMENTUM_ON] > 0;
  const double gain = momentum ? -log10(1 - x[MOMENTUM]) : 0;
  double value = 0.3 * square(log10(x[SGD_LR]) + gain - placed(instance, 0, -1.5, 0));
  if (!momentum) return value + 0.4;
  return value + 0.5 * square(x[MOMENTUM] - placed(instance, 1, 0.6, 0.95)) +
         (x[NESTEROV] > 0 ? 0 : 0.05);
}
static double optimizers_value(const struct bench_instance *instance, const double *x) {
  const size_t optimizer = ((size_t)x[OPTIMIZER]);
  const double start = instance->draws[2] < 0.5 ? 0.15 : 0; /* which of sgd and adam wins */
  double value = 0;
  if (optimizer == 0) {
    value = start + sgd_value(instance, x);
  } else if (optimizer == 1) {
    value = 0.15 - start + 0.4 * square(log10(x[ADAM_LR]) - placed(instance, 3, -4, -2.5)) +
            2 * square(x[BETA1] - placed(instance, 4, 0.7, 0.95));
  } else {
    value =
        0.3 + 0.4 * square(log10(x[RMS_LR]) - placed(instance, 5, -4, -2.5)) + square(x[RHO] - 0.9);
  }
  if (x[DECAY] > 0)
    value += 0.3 * square(x[DECAY_RATE] - placed(instance, 6, 0.2, 0.8));
  else
    value += 0.1;
  return value + 0.05 * square(log10(x[WEIGHT_DECAY]) - placed(instance, 7, -6, -3)) +
         0.6 * square(x[DROPOUT] - placed(instance, 8, 0.05, 0.45));
}
const struct bench_landscape bench_optimizers = {.value = optimizers_value};

/* The instance's place for each number, in the unit cube: drawn, moved by the choices, and a point of
 * the grid where the number is an integer. `moves` is the draw at which the moves of each choice's
 * values begin, `x` a point that has those choices. */
static void place_numbers(const struct bench_instance *instance, const double *x, size_t moves,
                          double *place) {
  const struct hpo_space *space = &instance->space;
  double internal[BENCH_MAX_DIM];
  hpo_space_to_unit(space, x, place);
  for (size_t i = 0; i < space->n_params; i++) {
    if (space->params[i].type == HPO_PARAM_CATEGORICAL) continue;
    place[i] = placed(instance, i, 0.2, 0.8);
    for (size_t j = 0; j < space->n_params; j++) {
      if (space->params[j].type != HPO_PARAM_CATEGORICAL || isnan(x[j])) continue;
      const size_t draw = moves + (4 * j + (size_t)x[j]) * 16 + i;
      place[i] += placed(instance, draw, -0.1, 0.1);
    }
  }
  hpo_space_to_internal(space, place, internal);
  hpo_space_to_unit(space, internal, place);
}

/* learner (3), scaler (4), balance (2), then four numbers: pairs of choices have floors of their own
 * and move the place of the best numbers a little, so that what is learnt with one choice helps with
 * another. */
enum { LEARNERS = 3, SCALERS = 4, BALANCES = 2 };
static double pipeline_floor(const struct bench_instance *instance, size_t a, size_t b, size_t c) {
  const double *draws = instance->draws + 300;
  return 0.6 * draws[a] + 0.3 * draws[3 + b] + 0.2 * draws[7 + c] +
         0.5 * draws[9 + SCALERS * a + b] + 0.3 * draws[21 + BALANCES * a + c];
}
static double pipeline_value(const struct bench_instance *instance, const double *x) {
  enum { N = 7, CHOICES = 3 };
  static const double weight[N] = {0, 0, 0, 8, 4, 2, 1};
  double unit[N], place[N];
  hpo_space_to_unit(&instance->space, x, unit);
  place_numbers(instance, x, 16, place);
  double sum = pipeline_floor(instance, (size_t)x[0], (size_t)x[1], (size_t)x[2]);
  for (size_t i = CHOICES; i < N; i++) sum += weight[i] * square(unit[i] - place[i]);
  return sum;
}
static double pipeline_least(const struct bench_instance *instance) {
  double least = INFINITY;
  for (size_t a = 0; a < LEARNERS; a++)
    for (size_t b = 0; b < SCALERS; b++)
      for (size_t c = 0; c < BALANCES; c++) least = fmin(least, pipeline_floor(instance, a, b, c));
  return least;
}
const struct bench_landscape bench_pipeline = {.value = pipeline_value, .least = pipeline_least};

/* model (tree, net, svm, linear), the two parameters that each but the last has for itself, and two
 * for all: a floor for each model, a slanted valley with ripples in its own parameters. */
enum { MODELS = 4, SHARED = 1, OWN = 3 };
static double models_value(const struct bench_instance *instance, const double *x) {
  enum { N = 9 };
  const size_t model = (size_t)x[0], own = OWN + 2 * model;
  double full[N], unit[N], place[N];
  for (size_t i = 0; i < N; i++) full[i] = isnan(x[i]) ? instance->space.params[i].low : x[i];
  hpo_space_to_unit(&instance->space, full, unit);
  place_numbers(instance, full, 16, place);
  double sum = 0.4 * instance->draws[300 + model];
  for (size_t i = SHARED; i < OWN; i++) sum += square(unit[i] - place[i]);
  if (model + 1 == MODELS) return sum + 0.1;
  const double along = unit[own] - place[own], across = unit[own + 1] - place[own + 1];
  return sum + square(along) + 8 * square(across + along / 2) + 0.04 * (1 - cos(25 * along));
}
static double models_least(const struct bench_instance *instance) {
  double least = 0.4 * instance->draws[300 + MODELS - 1] + 0.1;
  for (size_t model = 0; model + 1 < MODELS; model++)
    least = fmin(least, 0.4 * instance->draws[300 + model]);
  return least;
}
const struct bench_landscape bench_models = {.value = models_value, .least = models_least};
