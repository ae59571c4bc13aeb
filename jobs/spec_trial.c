/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/spec_trial.h"

#include <math.h>
#include <string.h>

#include "jobs/trial/patterns.h"

static const struct core_option trial_rows[] = {
    {.name = "command",
     .type = CORE_OPT_ANY,
     .help = "the program and its arguments, a list; one string with shell: true"},
    {.name = "shell",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "run the command, one string, by /bin/sh"},
    {.name = "library",
     .type = CORE_OPT_STRING,
     .unit = "FILE",
     .help = "a shared library with the objective as a function, instead of a command"},
    {.name = "function",
     .type = CORE_OPT_STRING,
     .fallback = "objective",
     .help = "the library's function"},
    {.name = "report", .type = CORE_OPT_MAP, .help = "how the trial tells its values"},
    {.name = "timeout",
     .type = CORE_OPT_DURATION,
     .unit = "s",
     .nullable = true,
     .help = "end a trial that runs longer"},
    {.name = "retries",
     .type = CORE_OPT_INT,
     .fallback = "0",
     .min = 0,
     .max = 1000,
     .help = "further attempts after a failure"},
    {.name = "resources", .type = CORE_OPT_MAP, .help = "what one trial takes"},
    {.name = "workdir",
     .type = CORE_OPT_STRING,
     .unit = "FOLDER",
     .help = "the trial's working folder, made when missing; default the study file's folder"},
    {.name = "log",
     .type = CORE_OPT_STRING,
     .unit = "FILE",
     .help = "what the trial printed; none for no log; default STORAGE.logs/{trial}.log"},
    {.name = "env", .type = CORE_OPT_MAP, .help = "variables added to the environment"},
    CORE_OPTION_END};

static const struct core_option report_rows[] = {
    {.name = "from",
     .type = CORE_OPT_CHOICE,
     .fallback = "protocol",
     .choices = "protocol|stdout|stderr|both",
     .help = "the protocol of docs/trials.md, or lines that the trial prints"},
    {.name = "pattern",
     .type = CORE_OPT_STRING,
     .help = "a regular expression with a group (?<value>...), perhaps (?<step>...) and "
             "(?<metric>...); without it, lines such as loss=0.3 are read"},
    CORE_OPTION_END};

static const struct core_option resource_rows[] = {
    {.name = "ranks", .type = CORE_OPT_INT, .fallback = "1", .help = "processes of one trial"},
    {.name = "cpus", .type = CORE_OPT_INT, .fallback = "1", .help = "cores of one trial"},
    {.name = "gpus", .type = CORE_OPT_INT, .fallback = "0", .help = "GPUs of one trial"},
    CORE_OPTION_END};

/* What reading the section needs at every step. */
struct section {
  struct job_spec *spec;
  struct core_options options;
};

static bool is_scalar(const struct core_node *node) {
  return node->kind != CORE_NODE_LIST && node->kind != CORE_NODE_MAP &&
         node->kind != CORE_NODE_NULL;
}

static enum core_status word_read(struct job_spec *spec, const struct core_node *node, size_t group,
                                  struct core_error *err) {
  if (!is_scalar(node))
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "a word of 'command' is %s; put text that is meant literally in quotes",
                        core_node_kind_name(node->kind));
  if (memchr(node->text.data, '\0', node->text.len))
    return core_fail_at(err, CORE_INVAL, node->pos, "a word of 'command' has a NUL byte in it");
  struct job_word *word = &spec->trial.words[spec->trial.n_words++];
  word->group = group;
  CORE_TRY(job_template_parse(&word->text, &spec->arena, &spec->hpo.space, node->text.data, true,
                              node->pos, err));
  const struct hpo_param *param =
      group ? NULL : job_template_conditional(&word->text, &spec->hpo.space);
  if (!param) return CORE_OK;
  if (spec->trial.shell)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "parameter '%s' does not exist in every trial (it has a 'when'), so a "
                        "shell command cannot use {%s}; write the command as a list, with a list "
                        "[--%s, \"{%s}\"] inside it",
                        param->name, param->name, param->name, param->name);
  return core_fail_at(err, CORE_INVAL, node->pos,
                      "parameter '%s' does not exist in every trial (it has a 'when'); write the "
                      "words that belong to it as a list inside the command, such as "
                      "[--%s, \"{%s}\"], which is left out when it does not exist",
                      param->name, param->name, param->name);
}

static enum core_status words_read(struct job_spec *spec, const struct core_node *list,
                                   struct core_error *err) {
  size_t n = 0, group = 0;
  for (const struct core_node *at = list->first; at; at = at->next)
    n += at->kind == CORE_NODE_LIST ? at->n_children : 1;
  if (n == 0 || list->first->kind == CORE_NODE_LIST)
    return core_fail_at(err, CORE_INVAL, list->pos,
                        n ? "'command' begins with a list; its first word is the program"
                          : "'command' is empty; write the program and its arguments");
  spec->trial.words = core_arena_calloc(&spec->arena, n, sizeof *spec->trial.words);
  if (!spec->trial.words) return core_fail_nomem(err, n * sizeof *spec->trial.words);
  for (const struct core_node *at = list->first; at; at = at->next) {
    if (at->kind != CORE_NODE_LIST) {
      CORE_TRY(word_read(spec, at, 0, err));
      continue;
    }
    group++;
    for (const struct core_node *in = at->first; in; in = in->next)
      CORE_TRY(word_read(spec, in, group, err));
  }
  return CORE_OK;
}

static enum core_status command_read(struct section *s, const struct core_node *node,
                                     struct core_error *err) {
  struct job_spec *spec = s->spec;
  spec->trial.program_pos = node->pos;
  spec->trial.shell = core_option_flag(&s->options, "shell");
  if (node->kind == CORE_NODE_LIST) {
    if (spec->trial.shell)
      return core_fail_at(err, CORE_INVAL, node->pos,
                          "with 'shell: true' the command is one string, not a list");
    return words_read(spec, node, err);
  }
  if (node->kind != CORE_NODE_STRING)
    return core_fail_at(err, CORE_INVAL, node->pos, "'command' is %s; write a list of words",
                        core_node_kind_name(node->kind));
  if (!spec->trial.shell)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "'command' is one string; write a list of words, such as [./train, "
                        "--lr, \"{lr}\"], or add 'shell: true'");
  if (strspn(node->text.data, " \t\n") == node->text.len)
    return core_fail_at(err, CORE_INVAL, node->pos, "'command' is empty; write a shell command");
  spec->trial.words = core_arena_calloc(&spec->arena, 1, sizeof *spec->trial.words);
  if (!spec->trial.words) return core_fail_nomem(err, sizeof *spec->trial.words);
  return word_read(spec, node, 0, err);
}

static enum core_status library_read(struct section *s, struct core_error *err) {
  struct job_spec *spec = s->spec;
  const struct core_option_value *library = core_option_get(&s->options, "library");
  if (library->text[0] == '\0')
    return core_fail_at(err, CORE_INVAL, library->pos, "'library' is empty; name a file");
  spec->trial.program_pos = library->pos;
  spec->trial.library = job_spec_path(&spec->arena, spec->folder, library->text);
  spec->trial.function = core_arena_strdup(&spec->arena, core_option_text(&s->options, "function"));
  if (!spec->trial.library || !spec->trial.function)
    return core_fail_nomem(err, strlen(library->text));
  if (core_option_flag(&s->options, "shell"))
    return core_fail_at(err, CORE_INVAL, library->pos, "'shell' needs a command, not a library");
  return CORE_OK;
}

static enum core_status program_read(struct section *s, struct core_error *err) {
  const struct core_option_value *command = core_option_get(&s->options, "command");
  const struct core_option_value *library = core_option_get(&s->options, "library");
  if (command->given && library->given)
    return core_fail_at(err, CORE_INVAL, library->pos,
                        "'trial' has a command and a library; keep one of them");
  if (library->given) return library_read(s, err);
  const struct core_option_value *function = core_option_get(&s->options, "function");
  if (function->given)
    return core_fail_at(err, CORE_INVAL, function->pos, "'function' needs a 'library'");
  if (command->given) return command_read(s, command->node, err);
  return core_fail_at(err, CORE_INVAL, s->options.pos,
                      "'trial' has neither a command nor a library");
}

static enum core_status pattern_check(struct job_spec *spec, const struct core_option_value *given,
                                      struct core_error *err) {
  const size_t n = spec->hpo.n_objectives;
  const char **metrics = core_arena_alloc(&spec->arena, (n + 1) * sizeof *metrics);
  if (!metrics) return core_fail_nomem(err, n * sizeof *metrics);
  for (size_t i = 0; i < n; i++) metrics[i] = spec->hpo.objectives[i].metric;
  struct job_patterns *patterns = NULL;
  struct core_error why = {0};
  const enum core_status st = job_patterns_open(given->text, metrics, n, &patterns, &why);
  job_patterns_close(patterns);
  if (st == CORE_OK) return CORE_OK;
  return core_fail_at(err, st == CORE_NOMEM ? st : CORE_INVAL, given->pos, "%s", why.message);
}

static enum core_status report_read(struct section *s, struct core_error *err) {
  static const struct {
    const char *text;
    enum job_report_from from;
  } sources[] = {{"protocol", JOB_REPORT_PROTOCOL},
                 {"stdout", JOB_REPORT_STDOUT},
                 {"stderr", JOB_REPORT_STDERR},
                 {"both", JOB_REPORT_BOTH}};
  struct job_spec *spec = s->spec;
  struct core_options report = {0};
  enum core_status st = core_options_open(
      &report, report_rows, core_option_node(&s->options, "report"), "report", NULL, err);
  if (st != CORE_OK) goto out;
  for (size_t i = 0; i < CORE_COUNT_OF(sources); i++)
    if (core_streq(core_option_text(&report, "from"), sources[i].text))
      spec->trial.report_from = sources[i].from;
  const struct core_option_value *pattern = core_option_get(&report, "pattern");
  if (spec->trial.library && spec->trial.report_from != JOB_REPORT_PROTOCOL) {
    st = core_fail_at(err, CORE_INVAL, report.pos,
                      "a library's function returns its values; 'report' is for commands");
  } else if (pattern->given && spec->trial.report_from == JOB_REPORT_PROTOCOL) {
    st = core_fail_at(err, CORE_INVAL, pattern->pos,
                      "a 'pattern' needs 'from: stdout', 'from: stderr' or 'from: both'");
  } else if (pattern->given) {
    spec->trial.report_pattern = core_arena_strdup(&spec->arena, pattern->text);
    st = spec->trial.report_pattern ? pattern_check(spec, pattern, err)
                                    : core_fail_nomem(err, strlen(pattern->text));
  }
out:
  core_options_close(&report);
  return st;
}

static enum core_status resources_check(struct section *s, struct core_error *err) {
  static const struct {
    const char *name;
    int64_t only;
  } allowed[] = {{"ranks", 1}, {"cpus", 1}, {"gpus", 0}};
  struct core_options resources = {0};
  enum core_status st =
      core_options_open(&resources, resource_rows, core_option_node(&s->options, "resources"),
                        "resources", NULL, err);
  for (size_t i = 0; st == CORE_OK && i < CORE_COUNT_OF(allowed); i++) {
    const struct core_option_value *value = core_option_get(&resources, allowed[i].name);
    if (value->integer != allowed[i].only)
      st = core_fail_at(err, CORE_INVAL, value->pos,
                        "'%s: %lld' is not supported: a trial takes one slot and nothing is "
                        "assigned to it; leave %s at %lld",
                        allowed[i].name, (long long)value->integer, allowed[i].name,
                        (long long)allowed[i].only);
  }
  core_options_close(&resources);
  return st;
}

/* A template of a path: below the study file's folder unless absolute, free of conditional parameters. */
static enum core_status path_read(struct job_spec *spec, const char *name, const char *text,
                                  bool workdir_known, struct core_pos pos, struct job_template *out,
                                  struct core_error *err) {
  const char *template = text;
  if (text[0] == '\0')
    return core_fail_at(err, CORE_INVAL, pos, "'%s' is empty; name a path", name);
  if (text[0] != '/' && strncmp(text, "{folder}", 8) != 0 && strncmp(text, "{workdir}", 9) != 0)
    template = core_arena_printf(&spec->arena, "{folder}/%s", text);
  if (!template) return core_fail_nomem(err, strlen(text));
  CORE_TRY(
      job_template_parse(out, &spec->arena, &spec->hpo.space, template, workdir_known, pos, err));
  const struct hpo_param *param = job_template_conditional(out, &spec->hpo.space);
  if (!param) return CORE_OK;
  return core_fail_at(err, CORE_INVAL, pos,
                      "'%s' uses parameter '%s', which does not exist in every trial (it has a "
                      "'when'); use {trial} to tell trials apart",
                      name, param->name);
}

/* STORAGE without its suffix, with every brace doubled: a path is no template. */
static const char *log_default(struct job_spec *spec) {
  const char *slash = strrchr(spec->storage, '/');
  const char *dot = strrchr(spec->storage, '.');
  const size_t len = dot && dot > slash + 1 ? (size_t)(dot - spec->storage) : strlen(spec->storage);
  struct core_str text = {0};
  for (size_t i = 0; i < len; i++) {
    if (spec->storage[i] == '{' || spec->storage[i] == '}') core_str_char(&text, spec->storage[i]);
    core_str_char(&text, spec->storage[i]);
  }
  core_str_text_append(&text, ".logs/{trial}.log");
  const char *log = text.failed ? NULL : core_arena_strndup(&spec->arena, text.data, text.len);
  core_str_close(&text);
  return log;
}

static enum core_status log_read(struct section *s, struct core_error *err) {
  struct job_spec *spec = s->spec;
  const struct core_option_value *given = core_option_get(&s->options, "log");
  if (given->given && core_streq(given->text, "none")) return CORE_OK;
  const char *text = given->given ? given->text : log_default(spec);
  if (!text) return core_fail_nomem(err, strlen(spec->storage));
  CORE_TRY(path_read(spec, "log", text, true, given->pos, &spec->trial.log, err));
  bool distinct = job_template_uses(&spec->trial.log, JOB_PLACE_TRIAL);
  if (job_template_uses(&spec->trial.log, JOB_PLACE_WORKDIR))
    distinct = distinct || job_template_uses(&spec->trial.workdir, JOB_PLACE_TRIAL);
  if (distinct) return CORE_OK;
  return core_fail_at(err, CORE_INVAL, given->pos,
                      "'log: %s' is one file for all trials; put {trial} into its name", text);
}

static enum core_status env_read(struct section *s, struct core_error *err) {
  struct job_spec *spec = s->spec;
  const struct core_node *map = core_option_node(&s->options, "env");
  if (!map || map->n_children == 0) return CORE_OK;
  spec->trial.env = core_arena_calloc(&spec->arena, map->n_children, sizeof *spec->trial.env);
  if (!spec->trial.env) return core_fail_nomem(err, map->n_children * sizeof *spec->trial.env);
  for (const struct core_node *n = map->first; n; n = n->next) {
    if (n->key[0] == '\0' || strchr(n->key, '='))
      return core_fail_at(err, CORE_INVAL, n->key_pos, "'%s' cannot be a variable's name", n->key);
    if (strncmp(n->key, "SWEEPGATE_", 10) == 0)
      return core_fail_at(err, CORE_INVAL, n->key_pos,
                          "'%s' is set by sweepgate itself; names that begin with SWEEPGATE_ are "
                          "taken",
                          n->key);
    if (!is_scalar(n) || memchr(n->text.data, '\0', n->text.len))
      return core_fail_at(err, CORE_INVAL, n->pos, "the value of variable '%s' is %s; write text",
                          n->key, core_node_kind_name(n->kind));
    struct job_env *env = &spec->trial.env[spec->trial.n_env++];
    env->name = n->key;
    CORE_TRY(job_template_parse(&env->value, &spec->arena, &spec->hpo.space, n->text.data, true,
                                n->pos, err));
  }
  return CORE_OK;
}

static enum core_status section_read(struct section *s, struct core_error *err) {
  struct job_trial_spec *trial = &s->spec->trial;
  CORE_TRY(program_read(s, err));
  CORE_TRY(report_read(s, err));
  CORE_TRY(resources_check(s, err));
  const struct core_option_value *timeout = core_option_get(&s->options, "timeout");
  trial->timeout_s = timeout->given ? timeout->number : INFINITY;
  if (trial->timeout_s <= 0)
    return core_fail_at(err, CORE_INVAL, timeout->pos, "'timeout' is 0; a trial needs some time");
  trial->retries = core_option_int(&s->options, "retries");
  const struct core_option_value *workdir = core_option_get(&s->options, "workdir");
  if (workdir->given)
    CORE_TRY(
        path_read(s->spec, "workdir", workdir->text, false, workdir->pos, &trial->workdir, err));
  CORE_TRY(log_read(s, err));
  return env_read(s, err);
}

enum core_status job_spec_trial_read(struct job_spec *spec, const struct core_node *map,
                                     struct core_error *err) {
  if (map->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, map->pos,
                        "'trial' is %s; write a map such as {command: [./train, --lr, \"{lr}\"]}",
                        core_node_kind_name(map->kind));
  struct section s = {.spec = spec};
  enum core_status st = core_options_open(&s.options, trial_rows, map, "trial", NULL, err);
  if (st == CORE_OK) st = section_read(&s, err);
  core_options_close(&s.options);
  return st;
}
