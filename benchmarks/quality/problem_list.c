/* SPDX-License-Identifier: GPL-3.0-or-later
 * The list of problems: a row is a problem. Adding one changes no other's instances. */
#include <math.h>

#include "benchmarks/quality/problems_private.h"

/* The spaces, as the JSON text that problems.h hands out: one parameter a line.
 * clang-format off: it would wrap the calls inside the texts. */
/* clang-format off */
#define QUOTED(name)   "\"" name "\": "
#define FLOAT(name, low, high) \
  QUOTED(name) "{\"type\": \"float\", \"low\": " #low ", \"high\": " #high "}"
#define LOG(name, low, high) \
  QUOTED(name) "{\"type\": \"float\", \"low\": " #low ", \"high\": " #high ", \"log\": true}"
#define INT(name, low, high) \
  QUOTED(name) "{\"type\": \"int\", \"low\": " #low ", \"high\": " #high "}"
#define LOG_INT(name, low, high) \
  QUOTED(name) "{\"type\": \"int\", \"low\": " #low ", \"high\": " #high ", \"log\": true}"
#define CHOICE(name, choices) \
  QUOTED(name) "{\"type\": \"categorical\", \"choices\": [" choices "]}"
/* The same, existing only when `parent` has one of `values`. */
#define FLOAT_IF(name, low, high, parent, values) \
  QUOTED(name) "{\"type\": \"float\", \"low\": " #low ", \"high\": " #high WHEN(parent, values)
#define LOG_IF(name, low, high, parent, values) \
  QUOTED(name) "{\"type\": \"float\", \"low\": " #low ", \"high\": " #high ", \"log\": true" \
  WHEN(parent, values)
#define INT_IF(name, low, high, parent, values) \
  QUOTED(name) "{\"type\": \"int\", \"low\": " #low ", \"high\": " #high WHEN(parent, values)
#define CHOICE_IF(name, choices, parent, values) \
  QUOTED(name) "{\"type\": \"categorical\", \"choices\": [" choices "]" WHEN(parent, values)
#define WHEN(parent, values) ", \"when\": {\"" parent "\": [" values "]}}"

#define X2(l, h)  FLOAT("x0", l, h) "," FLOAT("x1", l, h)
#define X5(l, h)  X2(l, h) "," FLOAT("x2", l, h) "," FLOAT("x3", l, h) "," FLOAT("x4", l, h)
#define X6(l, h)  X5(l, h) "," FLOAT("x5", l, h)
#define X8(l, h)  X6(l, h) "," FLOAT("x6", l, h) "," FLOAT("x7", l, h)
#define X10(l, h) X8(l, h) "," FLOAT("x8", l, h) "," FLOAT("x9", l, h)
#define X15(l, h) X10(l, h) "," FLOAT("x10", l, h) "," FLOAT("x11", l, h) \
  "," FLOAT("x12", l, h) "," FLOAT("x13", l, h) "," FLOAT("x14", l, h)
#define X20(l, h) X15(l, h) "," FLOAT("x15", l, h) "," FLOAT("x16", l, h) \
  "," FLOAT("x17", l, h) "," FLOAT("x18", l, h) "," FLOAT("x19", l, h)

#define BOTH     "false, true"
#define FIVE     "\"none\", \"low\", \"middle\", \"high\", \"full\""
#define KERNELS  "\"linear\", \"rbf\", \"poly\", \"sigmoid\""
#define CURVED   "\"rbf\", \"poly\", \"sigmoid\""
#define POLY     "\"poly\""
#define OFFSET   "\"poly\", \"sigmoid\""
#define EDGE     "\"none\", \"skip\", \"conv1x1\", \"conv3x3\", \"pool3x3\""
#define ACTIVATION "\"relu\", \"tanh\""

#define MIXED_SPACE \
  "{" FLOAT("x", -5.0, 5.0) \
  "," LOG("lr", 1e-5, 1.0) \
  "," INT("k", 1, 20) \
  "," INT("m", 1, 10) \
  "," CHOICE("a", "\"A\", \"B\", \"C\"") \
  "," CHOICE("b", "\"p\", \"q\"") "}"
#define TRAINING_SPACE \
  "{" LOG("lr", 1e-6, 1.0) \
  "," FLOAT("momentum", 0.0, 0.99) \
  "," LOG("weight_decay", 1e-8, 0.1) \
  "," LOG_INT("width", 8, 256) \
  "," INT("warmup", 0, 20) "}"
/* The same as someone writes it who does not know that rates want a logarithm. */
#define TRAINING_LINEAR_SPACE \
  "{" FLOAT("lr", 1e-5, 1.0) \
  "," FLOAT("momentum", 0.0, 0.99) \
  "," LOG("weight_decay", 1e-8, 0.1) \
  "," INT("width", 8, 256) \
  "," INT("warmup", 0, 20) "}"
#define INTEGERS_SPACE \
  "{" INT("layers", 1, 8) \
  "," LOG_INT("units", 4, 64) \
  "," LOG_INT("batch", 8, 64) \
  "," INT("k", -10, 10) \
  "," INT("depth", 2, 40) \
  "," LOG("rate", 1e-4, 1.0) \
  "," FLOAT("dropout", 0.0, 0.8) \
  "," FLOAT("margin", -1.0, 1.0) "}"
#define CATEGORIES_SPACE \
  "{" CHOICE("c0", FIVE) "," CHOICE("c1", FIVE) "," CHOICE("c2", FIVE) \
  "," CHOICE("c3", FIVE) "," CHOICE("c4", FIVE) "," CHOICE("c5", FIVE) "}"
#define KERNEL_TREE \
  CHOICE("kernel", KERNELS) \
  "," LOG("C", 1e-3, 1e4) \
  "," LOG_IF("gamma", 1e-4, 100.0, "kernel", CURVED) \
  "," INT_IF("degree", 2, 5, "kernel", POLY) \
  "," FLOAT_IF("coef0", -1.0, 2.0, "kernel", OFFSET)
#define KERNELS_SPACE "{" KERNEL_TREE "}"
#define WEATHER_SPACE \
  "{" KERNEL_TREE \
  "," CHOICE("class_weight", "\"none\", \"balanced\"") \
  "," LOG("tol", 1e-5, 0.1) "}"
#define OPTIMIZERS_SPACE \
  "{" CHOICE("optimizer", "\"sgd\", \"adam\", \"rmsprop\"") \
  "," LOG_IF("sgd_lr", 1e-5, 1.0, "optimizer", "\"sgd\"") \
  "," CHOICE_IF("momentum_on", BOTH, "optimizer", "\"sgd\"") \
  "," FLOAT_IF("momentum", 0.0, 0.99, "momentum_on", "true") \
  "," CHOICE_IF("nesterov", BOTH, "momentum_on", "true") \
  "," LOG_IF("adam_lr", 1e-6, 0.1, "optimizer", "\"adam\"") \
  "," FLOAT_IF("beta1", 0.0, 0.999, "optimizer", "\"adam\"") \
  "," LOG_IF("rms_lr", 1e-6, 0.1, "optimizer", "\"rmsprop\"") \
  "," FLOAT_IF("rho", 0.0, 0.999, "optimizer", "\"rmsprop\"") \
  "," CHOICE("decay", "\"none\", \"step\"") \
  "," FLOAT_IF("decay_rate", 0.0, 1.0, "decay", "\"step\"") \
  "," LOG("weight_decay", 1e-8, 0.1) \
  "," FLOAT("dropout", 0.0, 0.8) "}"
#define PIPELINE_SPACE \
  "{" CHOICE("learner", "\"trees\", \"linear\", \"neighbours\"") \
  "," CHOICE("scaler", "\"none\", \"range\", \"normal\", \"ranks\"") \
  "," CHOICE("balance", BOTH) \
  "," LOG("penalty", 1e-6, 10.0) \
  "," FLOAT("subsample", 0.1, 1.0) \
  "," LOG("rate", 1e-4, 1.0) \
  "," INT("depth", 1, 20) "}"
#define MODELS_SPACE \
  "{" CHOICE("model", "\"tree\", \"net\", \"svm\", \"linear\"") \
  "," LOG("penalty", 1e-6, 10.0) \
  "," FLOAT("subsample", 0.1, 1.0) \
  "," INT_IF("depth", 1, 20, "model", "\"tree\"") \
  "," FLOAT_IF("features", 0.1, 1.0, "model", "\"tree\"") \
  "," LOG_IF("rate", 1e-5, 1.0, "model", "\"net\"") \
  "," FLOAT_IF("dropout", 0.0, 0.8, "model", "\"net\"") \
  "," LOG_IF("C", 1e-3, 1e4, "model", "\"svm\"") \
  "," LOG_IF("gamma", 1e-4, 100.0, "model", "\"svm\"") "}"
#define DIGITS_SPACE \
  "{" CHOICE("solver", "\"adam\", \"sgd\"") \
  "," LOG("learning_rate_init", 1e-5, 3.0) \
  "," LOG("alpha", 1e-7, 1.0) \
  "," LOG_INT("batch_size", 8, 512) \
  "," LOG_INT("hidden", 2, 256) \
  "," FLOAT_IF("momentum", 0.0, 0.99, "solver", "\"sgd\"") "}"
/* Numbers of a grid stand as their place in it. */
#define FCNET_SPACE \
  "{" CHOICE("activation_fn_1", ACTIVATION) \
  "," CHOICE("activation_fn_2", ACTIVATION) \
  "," INT("batch_size", 0, 3) \
  "," INT("dropout_1", 0, 2) \
  "," INT("dropout_2", 0, 2) \
  "," INT("init_lr", 0, 5) \
  "," CHOICE("lr_schedule", "\"cosine\", \"const\"") \
  "," INT("n_units_1", 0, 5) \
  "," INT("n_units_2", 0, 5) "}"
#define MLP_SPACE \
  "{" INT("alpha", 0, 9) "," INT("batch_size", 0, 9) "," INT("depth", 0, 2) \
  "," INT("learning_rate_init", 0, 9) "," INT("width", 0, 9) "}"
#define NAS_SPACE \
  "{" CHOICE("e0", EDGE) "," CHOICE("e1", EDGE) "," CHOICE("e2", EDGE) \
  "," CHOICE("e3", EDGE) "," CHOICE("e4", EDGE) "," CHOICE("e5", EDGE) "}"
#define LCBENCH_SPACE \
  "{" LOG_INT("batch_size", 16, 512) \
  "," LOG("learning_rate", 1e-4, 0.1) \
  "," FLOAT("momentum", 0.1, 0.99) \
  "," FLOAT("weight_decay", 1e-5, 0.1) \
  "," INT("num_layers", 1, 5) \
  "," LOG_INT("max_units", 64, 1024) \
  "," FLOAT("max_dropout", 0.0, 1.0) "}"
#define TASKSET_SPACE \
  "{" LOG("learning_rate", 1e-8, 10.0) \
  "," LOG("one_minus_beta1", 1e-4, 1.0) \
  "," LOG("one_minus_beta2", 1e-6, 1.0) \
  "," LOG("epsilon", 1e-10, 1e3) \
  "," LOG("l1", 1e-8, 10.0) \
  "," LOG("l2", 1e-8, 10.0) \
  "," LOG("linear_decay", 1e-7, 1e-4) \
  "," LOG("exponential_decay", 1e-6, 1e-3) "}"
#define BRANIN_SPACE "{" FLOAT("x0", -5.0, 10.0) "," FLOAT("x1", 0.0, 15.0) "}"
/* clang-format on */

static const struct bench_table_source digits = {.path = "digits-mlp.csv",
                                                 .kind = BENCH_TABLE_NEIGHBOURS,
                                                 .column = "val_e27",
                                                 .k = 3,
                                                 .sign = 1};
static const struct bench_table_source weather = {.path = "weather-svc.csv",
                                                  .kind = BENCH_TABLE_NEIGHBOURS,
                                                  .column = "cv_error",
                                                  .k = 1,
                                                  .sign = 1};
static const struct bench_table_source protein = {
    .path = "public/fcnet/protein_structure.csv", .kind = BENCH_TABLE_GRID, .sign = 1};
static const struct bench_table_source naval = {
    .path = "public/fcnet/naval_propulsion.csv", .kind = BENCH_TABLE_GRID, .sign = 1};
static const struct bench_table_source car = {.path = "public/hpobench-mlp/car.csv",
                                              .kind = BENCH_TABLE_GRID,
                                              .best = 1,
                                              .sign = -1,
                                              .noisy = true};
static const struct bench_table_source segment = {
    .path = "public/hpobench-mlp/segment.csv", .kind = BENCH_TABLE_GRID, .best = 1, .sign = -1};
static const struct bench_table_source cifar10 = {.path = "public/nasbench201/cifar10.csv",
                                                  .kind = BENCH_TABLE_GRID,
                                                  .best = 100,
                                                  .sign = -1,
                                                  .noisy = true};
#define LCBENCH(task)                                                                              \
  {                                                                                                \
    .path = "public/lcbench-surrogate/" task ".csv", .kind = BENCH_TABLE_NEIGHBOURS,               \
    .column = "val_acc_e52", .k = 3, .best = 100, .sign = -1                                       \
  }
static const struct bench_table_source lcbench_a = LCBENCH("126025"), lcbench_b = LCBENCH("168868"),
                                       lcbench_c = LCBENCH("189866");
#define TASKSET(task)                                                                              \
  {                                                                                                \
    .path = "public/taskset/imdb_" task ".csv", .kind = BENCH_TABLE_NEIGHBOURS,                    \
    .column = "valid_50", .k = 1, .sign = 1, .flip = "one_minus_"                                  \
  }
static const struct bench_table_source irnn = TASKSET("patch32_IRNN64_relu_avg_bs128"),
                                       gru = TASKSET("patch32_GRU128_bs128");

const struct bench_problem bench_problems[] = {
    {"branin2", "smooth", BRANIN_SPACE, .function = &bench_branin},
    {"hartmann6", "smooth", "{" X6(0.0, 1.0) "}", .function = &bench_hartmann6},
    {"styblinski5", "smooth", "{" X5(-5.0, 5.0) "}", .function = &bench_styblinski},
    {"levy8", "smooth", "{" X8(-10.0, 10.0) "}", .function = &bench_levy},
    {"rosenbrock5", "valley", "{" X5(-5.0, 10.0) "}", .function = &bench_rosenbrock},
    {"rosenbrock10", "valley", "{" X10(-5.0, 10.0) "}", .function = &bench_rosenbrock},
    {"ellipsoid10", "valley", "{" X10(-5.0, 5.0) "}", .function = &bench_ellipsoid},
    {"cigar20", "valley", "{" X20(-5.0, 5.0) "}", .function = &bench_bent_cigar},
    {"ackley10", "rugged", "{" X10(-15.0, 30.0) "}", .function = &bench_ackley},
    {"rastrigin5", "rugged", "{" X5(-5.12, 5.12) "}", .function = &bench_rastrigin},
    {"schwefel6", "rugged", "{" X6(-500.0, 500.0) "}", .function = &bench_schwefel},
    {"michalewicz5", "rugged", "{" X5(0.0, 3.141592653589793) "}", .function = &bench_michalewicz},
    {"powers6", "orders", "{" X6(0.0, 1.0) "}", .function = &bench_powers},
    {"training5", "orders", TRAINING_SPACE, .landscape = &bench_training},
    {"hartmann6_noisy", "noise", "{" X6(0.0, 1.0) "}", .function = &bench_hartmann6,
     .noise_sd = 0.2},
    {"sphere8_noisy", "noise", "{" X8(-5.0, 5.0) "}", .function = &bench_sphere, .noise_sd = 2.0},
    {"mixed_noisy", "noise", MIXED_SPACE, .landscape = &bench_mixed, .noise_sd = 0.2},
    {"mixed6", "mixed", MIXED_SPACE, .landscape = &bench_mixed},
    {"integers8", "mixed", INTEGERS_SPACE, .landscape = &bench_integers},
    {"categories6", "mixed", CATEGORIES_SPACE, .landscape = &bench_categories},
    {"kernels5", "conditional", KERNELS_SPACE, .landscape = &bench_kernels},
    {"optimizers13", "conditional", OPTIMIZERS_SPACE, .landscape = &bench_optimizers},
    {"pipeline7", "mixed", PIPELINE_SPACE, .landscape = &bench_pipeline},
    {"models9", "conditional", MODELS_SPACE, .landscape = &bench_models},
    {"digits_mlp", "table", DIGITS_SPACE, .table = &digits},
    {"weather_svc", "table", WEATHER_SPACE, .table = &weather},
    {"fcnet_protein", "table", FCNET_SPACE, .table = &protein},
    {"fcnet_naval", "table", FCNET_SPACE, .table = &naval},
    {"mlp_car", "table", MLP_SPACE, .table = &car},
    {"mlp_segment", "table", MLP_SPACE, .table = &segment},
    {"nas_cifar10", "table", NAS_SPACE, .table = &cifar10},
    {"lcbench_126025", "table", LCBENCH_SPACE, .table = &lcbench_a},
    {"lcbench_168868", "table", LCBENCH_SPACE, .table = &lcbench_b},
    {"lcbench_189866", "table", LCBENCH_SPACE, .table = &lcbench_c},
    {"taskset_irnn", "table", TASKSET_SPACE, .table = &irnn},
    {"taskset_gru", "table", TASKSET_SPACE, .table = &gru},
    {"training5_linear", "edge", TRAINING_LINEAR_SPACE, .landscape = &bench_training},
    {"edges6", "edge", "{" X6(0.0, 1.0) "}", .landscape = &bench_edges},
    {NULL},
};
