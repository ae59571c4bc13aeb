/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/spec.h"

#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"

static const struct core_option study_rows[] = {
    {.name = "study", .type = CORE_OPT_STRING, .required = true, .help = "name of the study"},
    {.name = "storage",
     .type = CORE_OPT_STRING,
     .required = true,
     .unit = "FILE",
     .help = "the SQLite file that holds the sweep's whole state"},
    {.name = "seed",
     .type = CORE_OPT_INT,
     .max = 0x1p63,
     .nullable = true,
     .help = "of all random draws; drawn once and stored when absent"},
    {.name = "deterministic",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "suggest nothing ahead: the same ends in the same order give the same trials"},
    {.name = "objective",
     .type = CORE_OPT_ANY,
     .required = true,
     .help = "{metric: NAME, direction: minimize}, or a list of these"},
    {.name = "trials",
     .type = CORE_OPT_INT,
     .min = 1,
     .max = 0x1p53,
     .nullable = true,
     .unit = "trials",
     .help = "finished trials to reach"},
    {.name = "timeout",
     .type = CORE_OPT_DURATION,
     .nullable = true,
     .unit = "s",
     .help = "of one run of the sweep"},
    {.name = "parallel",
     .type = CORE_OPT_INT,
     .fallback = "1",
     .min = 1,
     .max = 65536,
     .unit = "trials",
     .help = "how many trials run at a time on this machine"},
    {.name = "optuna_schema",
     .type = CORE_OPT_CHOICE,
     .fallback = "3.2",
     .choices = "3.1|3.2",
     .help = "oldest Optuna that can open the storage"},
    {.name = "space", .type = CORE_OPT_ANY, .required = true, .help = "the parameters"},
    {.name = "sampler", .type = CORE_OPT_ANY, .nullable = true, .help = "{name: NAME, options}"},
    {.name = "pruner", .type = CORE_OPT_ANY, .nullable = true, .help = "{name: NAME, options}"},
    CORE_OPTION_END};

static const struct core_option objective_rows[] = {{.name = "metric",
                                                     .type = CORE_OPT_STRING,
                                                     .required = true,
                                                     .help = "name in a trial's result"},
                                                    {.name = "direction",
                                                     .type = CORE_OPT_CHOICE,
                                                     .choices = "minimize|maximize",
                                                     .required = true,
                                                     .help = "which values are better"},
                                                    CORE_OPTION_END};

static enum core_status keep_text(struct hpo_spec *spec, const struct core_options *options,
                                  const char *name, const char **out, struct core_error *err) {
  const char *text = core_option_text(options, name);
  if (text[0] == '\0')
    return core_fail_at(err, CORE_INVAL, core_option_get(options, name)->pos,
                        "'%s' is empty; give it a name", name);
  *out = core_arena_strdup(&spec->arena, text);
  return *out ? CORE_OK : core_fail_nomem(err, strlen(text));
}

static enum core_status check_metric_is_new(const struct hpo_spec *spec,
                                            const struct core_options *options,
                                            struct core_error *err) {
  const struct core_option_value *metric = core_option_get(options, "metric");
  for (size_t i = 0; i < spec->n_objectives; i++)
    if (core_streq(spec->objectives[i].metric, metric->text))
      return core_fail_at(err, CORE_INVAL, metric->pos, "objective '%s' stands there twice",
                          metric->text);
  return CORE_OK;
}

static enum core_status read_objective(struct hpo_spec *spec, const struct core_node *node,
                                       struct core_error *err) {
  struct core_options options;
  struct hpo_objective *objective = &spec->objectives[spec->n_objectives];
  if (node->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "an objective is %s; write {metric: NAME, direction: minimize}",
                        core_node_kind_name(node->kind));
  CORE_TRY(core_options_open(&options, objective_rows, node, "objective", NULL, err));
  enum core_status st = check_metric_is_new(spec, &options, err);
  if (st == CORE_OK) st = keep_text(spec, &options, "metric", &objective->metric, err);
  if (st == CORE_OK) {
    objective->direction = core_streq(core_option_text(&options, "direction"), "maximize")
                               ? HPO_MAXIMIZE
                               : HPO_MINIMIZE;
    spec->directions[spec->n_objectives++] = objective->direction;
  }
  core_options_close(&options);
  return st;
}

static enum core_status read_objectives(struct hpo_spec *spec, const struct core_node *node,
                                        struct core_error *err) {
  const bool list = node->kind == CORE_NODE_LIST;
  const size_t n = list ? node->n_children : 1;
  if (n == 0 || n > HPO_MAX_OBJECTIVES)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "'objective' lists %zu objectives; from 1 to %d are possible", n,
                        HPO_MAX_OBJECTIVES);
  spec->objectives = core_arena_calloc(&spec->arena, n, sizeof *spec->objectives);
  spec->directions = core_arena_calloc(&spec->arena, n, sizeof *spec->directions);
  if (!spec->objectives || !spec->directions)
    return core_fail_nomem(err, n * sizeof *spec->objectives);
  if (!list) return read_objective(spec, node, err);
  for (const struct core_node *one = node->first; one; one = one->next)
    CORE_TRY(read_objective(spec, one, err));
  return CORE_OK;
}

/* Opens both once, so that what only they can judge is reported with the file's other mistakes. */
static enum core_status try_plugins(const struct hpo_spec *spec, struct core_error *err) {
  const struct hpo_sampler_setup sampler_setup = hpo_spec_sampler_setup(spec);
  const struct hpo_pruner_setup pruner_setup = hpo_spec_pruner_setup(spec);
  struct hpo_sampler *sampler = NULL;
  struct hpo_pruner *pruner = NULL;
  CORE_TRY(spec->sampler->open(&sampler_setup, &sampler, err));
  spec->sampler->close(sampler);
  CORE_TRY(spec->pruner->open(&pruner_setup, &pruner, err));
  spec->pruner->close(pruner);
  return CORE_OK;
}

static enum core_status read_spec(struct hpo_spec *spec, const struct core_options *options,
                                  struct core_error *err) {
  CORE_TRY(keep_text(spec, options, "study", &spec->name, err));
  CORE_TRY(keep_text(spec, options, "storage", &spec->storage, err));
  spec->seed_given = core_option_given(options, "seed");
  spec->seed = spec->seed_given ? (uint64_t)core_option_int(options, "seed") : 0;
  spec->deterministic = core_option_flag(options, "deterministic");
  spec->trials = core_option_given(options, "trials") ? core_option_int(options, "trials") : -1;
  spec->timeout_s =
      core_option_given(options, "timeout") ? core_option_double(options, "timeout") : INFINITY;
  spec->parallel = core_option_int(options, "parallel");
  spec->optuna_schema_31 = core_streq(core_option_text(options, "optuna_schema"), "3.1");
  CORE_TRY(read_objectives(spec, core_option_node(options, "objective"), err));
  CORE_TRY(hpo_space_open(&spec->space, core_option_node(options, "space"), err));
  const struct core_node *sampler = core_option_node(options, "sampler");
  CORE_TRY(hpo_sampler_read(sampler, "auto", &spec->sampler, &spec->sampler_options, err));
  if (!sampler) spec->sampler_options.pos = options->pos;
  spec->pruner_section = core_option_node(options, "pruner");
  CORE_TRY(
      hpo_pruner_read(spec->pruner_section, "none", &spec->pruner, &spec->pruner_options, err));
  return try_plugins(spec, err);
}

enum core_status hpo_spec_open(struct hpo_spec *spec, const struct core_node *root,
                               const char *const *elsewhere, struct core_error *err) {
  struct core_options options;
  *spec = (struct hpo_spec){0};
  if (root->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, root->pos,
                        "a study file is a map with study, storage, objective, space; this is %s",
                        core_node_kind_name(root->kind));
  CORE_TRY(core_options_open(&options, study_rows, root, "study", elsewhere, err));
  const enum core_status st = read_spec(spec, &options, err);
  core_options_close(&options);
  if (st != CORE_OK) hpo_spec_close(spec);
  return st;
}

struct hpo_sampler_setup hpo_spec_sampler_setup(const struct hpo_spec *spec) {
  return (struct hpo_sampler_setup){.space = &spec->space,
                                    .options = &spec->sampler_options,
                                    .directions = spec->directions,
                                    .n_objectives = spec->n_objectives,
                                    .seed = spec->seed};
}

struct hpo_pruner_setup hpo_spec_pruner_setup(const struct hpo_spec *spec) {
  return (struct hpo_pruner_setup){.options = &spec->pruner_options,
                                   .direction = spec->directions[0],
                                   .study_name = spec->name,
                                   .section = spec->pruner_section,
                                   .counts_trials = spec->trials >= 0 && isinf(spec->timeout_s)};
}

void hpo_spec_close(struct hpo_spec *spec) {
  core_options_close(&spec->pruner_options);
  core_options_close(&spec->sampler_options);
  hpo_space_close(&spec->space);
  core_arena_close(&spec->arena);
  *spec = (struct hpo_spec){0};
}
