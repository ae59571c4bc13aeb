/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/start.h"

#include <math.h>
#include <string.h>

#include "hpo/study.h"

struct build {
  const struct job_spec *spec;
  struct job_places places;
  struct core_arena *arena;
  struct core_str text; /* reused */
  struct job_start *out;
};

/* The text so far as a copy in the arena; the text is cleared. */
static const char *take(struct build *b) {
  const char *copy =
      b->text.failed ? NULL : core_arena_strndup(b->arena, core_str_text(&b->text), b->text.len);
  core_str_clear(&b->text);
  return copy;
}

static const char *render(struct build *b, const struct job_template *template) {
  job_template_render(template, &b->places, false, &b->text);
  return take(b);
}

static bool group_exists(const struct build *b, size_t first) {
  const struct job_trial_spec *trial = &b->spec->trial;
  const size_t group = trial->words[first].group;
  if (group == 0) return true;
  for (size_t i = first; i < trial->n_words && trial->words[i].group == group; i++)
    if (!job_template_exists(&trial->words[i].text, &b->places)) return false;
  return true;
}

/* argv[0] with a slash is relative to the study file's folder, not to the working folder. */
static const char *program(struct build *b, const char *word) {
  if (!word || word[0] == '/' || !strchr(word, '/')) return word;
  return core_arena_printf(b->arena, "%s/%s", b->spec->folder, word);
}

static enum core_status argv_build(struct build *b, struct core_error *err) {
  const struct job_trial_spec *trial = &b->spec->trial;
  const char **argv = core_arena_alloc(b->arena, (trial->n_words + 4) * sizeof *argv);
  if (!argv) return core_fail_nomem(err, trial->n_words * sizeof *argv);
  size_t n = 0, group = 0;
  bool exists = true;
  if (trial->shell) {
    argv[n++] = "/bin/sh";
    argv[n++] = "-c";
    job_template_render(&trial->words[0].text, &b->places, true, &b->text);
    argv[n++] = take(b);
    if (!argv[n - 1]) return core_fail_nomem(err, b->text.len);
  }
  for (size_t i = 0; i < trial->n_words && !trial->shell; i++) {
    if (trial->words[i].group != group || group == 0) exists = group_exists(b, i);
    group = trial->words[i].group;
    if (!exists) continue;
    argv[n++] = render(b, &trial->words[i].text);
    if (i == 0) argv[0] = program(b, argv[0]);
    if (!argv[n - 1]) return core_fail_nomem(err, b->text.len);
  }
  argv[n] = NULL;
  b->out->argv = argv;
  return CORE_OK;
}

static enum core_status env_build(struct build *b, struct core_error *err) {
  const struct job_trial_spec *trial = &b->spec->trial;
  const char **env = core_arena_alloc(b->arena, (trial->n_env + 2) * sizeof *env);
  if (!env) return core_fail_nomem(err, trial->n_env * sizeof *env);
  size_t n = 0;
  for (size_t i = 0; i < trial->n_env; i++) {
    if (!job_template_exists(&trial->env[i].value, &b->places)) continue;
    core_str_printf(&b->text, "%s=", trial->env[i].name);
    env[n++] = render(b, &trial->env[i].value);
    if (!env[n - 1]) return core_fail_nomem(err, b->text.len);
  }
  if (!trial->library) {
    env[n] = core_arena_printf(b->arena, JOB_STORAGE_VARIABLE "=%s", b->spec->storage);
    if (!env[n++]) return core_fail_nomem(err, strlen(b->spec->storage));
  }
  env[n] = NULL;
  b->out->env = env;
  return CORE_OK;
}

static enum core_status params_build(struct build *b, struct core_error *err) {
  const struct hpo_space *space = b->places.space;
  const char **names = core_arena_alloc(b->arena, (space->n_params + 1) * sizeof *names);
  double *values = core_arena_alloc(b->arena, (space->n_params + 1) * sizeof *values);
  if (!names || !values) return core_fail_nomem(err, space->n_params * sizeof *names);
  size_t n = 0;
  for (size_t i = 0; i < space->n_params; i++) {
    if (isnan(b->places.internal[i])) continue;
    names[n] = space->params[i].name;
    values[n++] = b->places.internal[i];
  }
  b->out->param_names = names;
  b->out->param_values = values;
  b->out->n_params = n;
  hpo_space_json(space, b->places.internal, &b->text);
  b->out->params_json = take(b);
  return b->out->params_json ? CORE_OK : core_fail_nomem(err, b->text.len);
}

static enum core_status metrics_build(struct build *b, struct core_error *err) {
  const struct hpo_spec *hpo = &b->spec->hpo;
  const char **metrics = core_arena_alloc(b->arena, (hpo->n_objectives + 1) * sizeof *metrics);
  if (!metrics) return core_fail_nomem(err, hpo->n_objectives * sizeof *metrics);
  for (size_t i = 0; i < hpo->n_objectives; i++) metrics[i] = hpo->objectives[i].metric;
  b->out->metrics = metrics;
  b->out->n_objectives = hpo->n_objectives;
  return CORE_OK;
}

static enum core_status start_fill(struct build *b, struct core_error *err) {
  const struct job_trial_spec *trial = &b->spec->trial;
  struct job_start *out = b->out;
  out->workdir = b->spec->folder;
  if (trial->workdir.n_pieces) out->workdir = render(b, &trial->workdir);
  b->places.workdir = out->workdir;
  if (out->workdir && trial->log.n_pieces) {
    out->log = render(b, &trial->log);
    if (!out->log) return core_fail_nomem(err, b->text.len);
  }
  if (!out->workdir) return core_fail_nomem(err, b->text.len);
  out->library = trial->library;
  out->function = trial->function;
  out->report_from = trial->report_from;
  out->report_pattern = trial->report_pattern;
  out->timeout_s = trial->timeout_s;
  CORE_TRY(params_build(b, err));
  CORE_TRY(metrics_build(b, err));
  CORE_TRY(env_build(b, err));
  return trial->library ? CORE_OK : argv_build(b, err);
}

enum core_status job_start_build(const struct job_spec *spec, uint64_t number, int attempt,
                                 uint64_t study_seed, const double *internal,
                                 struct core_arena *arena, struct job_start *out,
                                 struct core_error *err) {
  const uint64_t seed = hpo_trial_seed(study_seed, number);
  *out = (struct job_start){
      .number = number, .attempt = attempt, .seed = seed, .study = spec->hpo.name};
  struct build b = {.spec = spec,
                    .places = {.space = &spec->hpo.space,
                               .internal = internal,
                               .number = number,
                               .attempt = attempt,
                               .seed = seed,
                               .study = spec->hpo.name,
                               .folder = spec->folder},
                    .arena = arena,
                    .out = out};
  const enum core_status st = start_fill(&b, err);
  core_str_close(&b.text);
  return st;
}
