/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/spec.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs/spec_trial.h"

static const struct core_option gate_rows[] = {
    {.name = "data",
     .type = CORE_OPT_STRING,
     .required = true,
     .unit = "FILE",
     .help = "the data to check: a file, a folder, or a pattern such as day=*/*.csv"},
    {.name = "suite",
     .type = CORE_OPT_STRING,
     .required = true,
     .unit = "FILE",
     .help = "the suite of expectations to check it against"},
    {.name = "on_failure",
     .type = CORE_OPT_CHOICE,
     .fallback = "abort",
     .choices = "abort|fail_trial|warn",
     .help = "what failing data does: end the sweep, fail the trial, or only warn"},
    CORE_OPTION_END};

const char *job_spec_path(struct core_arena *arena, const char *folder, const char *path) {
  if (path[0] == '/') return core_arena_strdup(arena, path);
  if (path[0] == '.' && path[1] == '/') path += 2;
  return core_arena_printf(arena, "%s/%s", core_streq(folder, "/") ? "" : folder, path);
}

/* The absolute folder of the study file; of "-", the working directory. */
static enum core_status folder_find(struct job_spec *spec, const char *path,
                                    struct core_error *err) {
  const char *slash = strrchr(path, '/');
  const char *folder = ".";
  if (slash == path) folder = "/";
  if (slash && slash != path)
    folder = core_arena_strndup(&spec->arena, path, (size_t)(slash - path));
  spec->path = core_arena_strdup(&spec->arena, path);
  if (!folder || !spec->path) return core_fail_nomem(err, strlen(path));
  char absolute[PATH_MAX];
  if (!realpath(folder, absolute))
    return core_fail_errno(err, CORE_IO, errno, "cannot find the folder of '%s'", path);
  spec->folder = core_arena_strdup(&spec->arena, absolute);
  return spec->folder ? CORE_OK : core_fail_nomem(err, strlen(absolute));
}

static enum core_status gate_read(struct job_spec *spec, const struct core_node *node,
                                  struct job_gate_spec *gate, struct core_error *err) {
  if (node->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "an entry of 'gate' is %s; write {data: FILE, suite: FILE}",
                        core_node_kind_name(node->kind));
  struct core_options options = {0};
  enum core_status st = core_options_open(&options, gate_rows, node, "gate", NULL, err);
  if (st != CORE_OK) goto out;
  gate->pos = node->pos;
  gate->data = job_spec_path(&spec->arena, spec->folder, core_option_text(&options, "data"));
  gate->suite = job_spec_path(&spec->arena, spec->folder, core_option_text(&options, "suite"));
  if (!gate->data || !gate->suite) st = core_fail_nomem(err, PATH_MAX);
  const char *action = core_option_text(&options, "on_failure");
  gate->on_failure = core_streq(action, "abort")  ? JOB_GATE_ABORT
                     : core_streq(action, "warn") ? JOB_GATE_WARN
                                                  : JOB_GATE_FAIL_TRIAL;
out:
  core_options_close(&options);
  return st;
}

static enum core_status gates_read(struct job_spec *spec, const struct core_node *list,
                                   struct core_error *err) {
  if (!list || list->kind == CORE_NODE_NULL) return CORE_OK;
  if (list->kind != CORE_NODE_LIST)
    return core_fail_at(err, CORE_INVAL, list->pos,
                        "'gate' is %s; write a list of {data: FILE, suite: FILE}",
                        core_node_kind_name(list->kind));
  spec->gates = core_arena_calloc(&spec->arena, list->n_children, sizeof *spec->gates);
  if (!spec->gates) return core_fail_nomem(err, list->n_children * sizeof *spec->gates);
  for (const struct core_node *n = list->first; n; n = n->next)
    CORE_TRY(gate_read(spec, n, &spec->gates[spec->n_gates++], err));
  return CORE_OK;
}

static enum core_status spec_read(struct job_spec *spec, const char *path, struct core_error *err) {
  static const char *const ours[] = {"gate", "trial", NULL};
  CORE_TRY(core_tree_open(&spec->tree, path, err));
  CORE_TRY(folder_find(spec, path, err));
  const struct core_node *root = spec->tree.root;
  CORE_TRY(hpo_spec_open(&spec->hpo, root, ours, err));
  spec->storage = job_spec_path(&spec->arena, spec->folder, spec->hpo.storage);
  if (!spec->storage) return core_fail_nomem(err, strlen(spec->hpo.storage));
  CORE_TRY(gates_read(spec, core_node_get(root, "gate"), err));
  const struct core_node *trial = core_node_get(root, "trial");
  spec->has_trial = trial && trial->kind != CORE_NODE_NULL;
  return spec->has_trial ? job_spec_trial_read(spec, trial, err) : CORE_OK;
}

enum core_status job_spec_open(struct job_spec *spec, const char *path, struct core_error *err) {
  *spec = (struct job_spec){0};
  const enum core_status st = spec_read(spec, path, err);
  if (st != CORE_OK) job_spec_close(spec);
  return st;
}

/* Is `name` an executable file, alone or in one of the folders of PATH? */
static bool program_exists(const struct job_spec *spec, const char *name, struct core_str *path) {
  if (strchr(name, '/')) {
    if (name[0] != '/') core_str_printf(path, "%s/", spec->folder);
    core_str_text_append(path, name);
    return path->failed || access(core_str_text(path), X_OK) == 0;
  }
  const char *folders = getenv("PATH");
  for (const char *at = folders ? folders : "/usr/bin:/bin"; *at;) {
    const size_t len = strcspn(at, ":");
    core_str_clear(path);
    core_str_append(path, at, len);
    core_str_printf(path, "%s%s", len ? "/" : "", name);
    if (path->failed || access(core_str_text(path), X_OK) == 0) return true;
    at += len + (at[len] == ':');
  }
  return false;
}

enum core_status job_spec_check(const struct job_spec *spec, struct core_error *err) {
  const struct job_trial_spec *trial = &spec->trial;
  if (!spec->has_trial)
    return core_fail_at(
        err, CORE_INVAL, (struct core_pos){spec->path, 0, 0},
        "the study has no 'trial': nothing to run; add one, such as trial: {command: "
        "[./train, --lr, \"{lr}\"]}, or use `sweepgate ask` and `tell`");
  if (trial->library) {
    if (access(trial->library, R_OK) == 0) return CORE_OK;
    return core_fail_at(err, CORE_INVAL, trial->program_pos, "cannot read library '%s': %s",
                        trial->library, strerror(errno));
  }
  const struct job_template *first = &trial->words[0].text;
  if (trial->shell || first->n_pieces != 1 || first->pieces[0].place != JOB_PLACE_LITERAL)
    return CORE_OK;
  struct core_str path = {0};
  const bool exists = program_exists(spec, first->pieces[0].text, &path);
  core_str_close(&path);
  if (exists) return CORE_OK;
  return core_fail_at(err, CORE_INVAL, trial->program_pos,
                      "cannot run '%s': there is no such executable file%s", first->pieces[0].text,
                      strchr(first->pieces[0].text, '/') ? " (relative to the study file's folder)"
                                                         : " in PATH");
}

void job_spec_close(struct job_spec *spec) {
  hpo_spec_close(&spec->hpo);
  core_tree_close(&spec->tree);
  core_arena_close(&spec->arena);
  *spec = (struct job_spec){0};
}
