/* SPDX-License-Identifier: GPL-3.0-or-later
 * What pruning saves and costs on tables of learning curves: our samplers and pruners through the study's state machine,
 * one CSV row a run. A run goes on until so many trials have ended, and then, if --extend says so, until as many epochs
 * are trained as those trials would have taken unpruned.
 *
 *   bench_pruning --tables ../shared/hpo-tables --out ours.csv --pruner 'asha={name: asha}' --sampler 'tpe={name: tpe}'
 *
 * Rows that the file has are not run again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks/pruning/curve_table.h"
#include "core/option.h"
#include "hpo/study.h"

/* Shares of the unpruned epochs at which the best value so far is noted. */
static const double shares[] = {0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.333, 0.4, 0.5, 0.6, 0.8, 1};
enum { N_SHARES = CORE_COUNT_OF(shares), MAX_SLOTS = 64 };

static const struct core_option rows[] = {
    {.name = "tables",
     .type = CORE_OPT_STRING,
     .fallback = "../shared/hpo-tables",
     .unit = "DIR",
     .help = "where the tables are"},
    {.name = "list",
     .type = CORE_OPT_STRING,
     .fallback = "benchmarks/pruning/tables.json",
     .unit = "FILE",
     .help = "what they mean"},
    {.name = "out",
     .type = CORE_OPT_STRING,
     .required = true,
     .unit = "FILE",
     .help = "CSV file to append to"},
    {.name = "only",
     .type = CORE_OPT_STRING,
     .unit = "NAME,...",
     .help = "tables whose names begin so, separated by commas"},
    {.name = "pruner",
     .type = CORE_OPT_LIST,
     .unit = "LABEL=SECTION",
     .help = "a pruner as in a study file"},
    {.name = "sampler",
     .type = CORE_OPT_LIST,
     .unit = "LABEL=SECTION",
     .help = "a sampler as in a study file"},
    {.name = "seeds",
     .type = CORE_OPT_INT,
     .fallback = "20",
     .min = 1,
     .max = 1e6,
     .help = "runs of each"},
    {.name = "first",
     .type = CORE_OPT_INT,
     .fallback = "0",
     .max = 1e6,
     .help = "seed of the first of them"},
    {.name = "trials",
     .type = CORE_OPT_INT,
     .fallback = "100",
     .min = 1,
     .max = 1e6,
     .help = "trials a run"},
    {.name = "extend",
     .type = CORE_OPT_INT,
     .fallback = "1",
     .min = 1,
     .max = 1e3,
     .help = "go on for the same epochs with at most so many times the trials; with 1 the study "
             "itself ends after its trials"},
    {.name = "until",
     .type = CORE_OPT_DOUBLE,
     .fallback = "1",
     .min = 0,
     .max = 1,
     .help = "share of the unpruned epochs at which the extension ends"},
    {.name = "parallel",
     .type = CORE_OPT_INT,
     .fallback = "1",
     .min = 1,
     .max = MAX_SLOTS,
     .help = "trials that train at the same time, epoch by epoch in turns"},
    CORE_OPTION_END};

/* What one run measured. */
struct result {
  size_t epochs, complete, pruned, total; /* total: trials with the extension */
  double value, at_share[N_SHARES];       /* best final values; NaN: none yet */
};

struct slot {
  bool busy;
  uint64_t number;
  size_t step; /* epochs trained */
  const double *curve;
};

struct run {
  const struct curve_table *table;
  struct hpo_study *study;
  size_t trials, most_trials; /* to note, to end at */
  size_t budget;              /* epochs */
  size_t n_slots, epochs, next_share;
  bool noted;
  struct slot slots[MAX_SLOTS];
  bool *used; /* rows of the table */
  struct result result;
};

static void require(enum core_status st, const struct core_error *err) {
  if (st == CORE_OK) return;
  fprintf(stderr, "bench_pruning: %s\n", err->message);
  exit(2);
}

static void apply(struct run *run, const struct hpo_event *event) {
  struct core_error err = {0};
  require(hpo_study_apply(run->study, event, &err), &err);
}

static double best_value(const struct run *run) {
  const struct hpo_trial *best = hpo_history_best(hpo_study_history(run->study));
  return best ? best->values[0] : NAN;
}

/* False: the sampler or the table has nothing left. */
static bool start_trial(struct run *run, struct slot *slot) {
  struct core_error err = {0};
  double internal[64];
  const struct hpo_history *history = hpo_study_history(run->study);
  if (history->n_trials == run->table->n_rows) return false;
  const enum core_status st = hpo_study_suggest(run->study, internal, NULL, &err);
  if (st == CORE_EXHAUSTED) return false;
  require(st, &err);
  const struct hpo_event event = {.kind = HPO_EVENT_CREATE,
                                  .number = history->n_trials,
                                  .internal = internal,
                                  .seen = history->n_finished,
                                  .state = HPO_RUNNING};
  apply(run, &event);
  *slot = (struct slot){true, event.number, 0, curve_table_take(run->table, internal, run->used)};
  return true;
}

static void finish_trial(struct run *run, struct slot *slot, enum hpo_state state) {
  const double *value = &slot->curve[slot->step - 1];
  if (isnan(*value) && state == HPO_COMPLETE) state = HPO_FAIL;
  const bool has_value = state != HPO_FAIL && !isnan(*value);
  const struct hpo_event event = {.kind = HPO_EVENT_FINISH,
                                  .number = slot->number,
                                  .state = state,
                                  .outcome = HPO_OUTCOME_OK,
                                  .values = value,
                                  .n_values = has_value ? 1 : 0};
  apply(run, &event);
  slot->busy = false;
  run->result.total++;
  if (run->noted) return;
  run->result.complete += state == HPO_COMPLETE;
  run->result.pruned += state == HPO_PRUNED;
  run->result.epochs = run->epochs;
  run->result.value = best_value(run);
  run->noted = run->result.total == run->trials;
}

static void note_shares(struct run *run) {
  const double share = (double)run->epochs / (double)(run->trials * run->table->n_steps);
  for (; run->next_share < N_SHARES && share >= shares[run->next_share] - 1e-9; run->next_share++)
    run->result.at_share[run->next_share] = best_value(run);
}

/* One epoch of one trial. The last one ends the trial whatever the pruner thinks. */
static void train(struct run *run, struct slot *slot) {
  const struct hpo_event event = {
      .kind = HPO_EVENT_REPORT,
      .number = slot->number,
      .report = {.step = (int64_t)slot->step + 1, .value = slot->curve[slot->step]}};
  apply(run, &event);
  slot->step++;
  run->epochs++;
  if (slot->step == run->table->n_steps)
    finish_trial(run, slot, HPO_COMPLETE);
  else if (hpo_study_should_prune(run->study, slot->number))
    finish_trial(run, slot, HPO_PRUNED);
  note_shares(run);
}

static void run_study(struct run *run) {
  bool more = true;
  size_t started = 0, busy = 1;
  while (busy > 0 || more) {
    busy = 0;
    for (size_t i = 0; i < run->n_slots; i++) {
      struct slot *slot = &run->slots[i];
      more = more && (run->noted ? run->epochs < run->budget && started < run->most_trials
                                 : started < run->trials || run->most_trials > run->trials);
      if (!slot->busy && more) {
        more = start_trial(run, slot);
        started += more;
      }
      if (!slot->busy) continue;
      train(run, slot);
      busy++;
    }
  }
  for (; run->next_share < N_SHARES; run->next_share++)
    run->result.at_share[run->next_share] = best_value(run);
}

/* A plug-in's label and section from "LABEL=SECTION". */
struct choice {
  char label[64];
  const char *section;
};

static size_t read_choices(const struct core_options *options, const char *name, size_t cap,
                           struct choice *out) {
  const struct core_node *list = core_option_node(options, name);
  size_t n = 0;
  for (const struct core_node *node = list ? list->first : NULL; node && n < cap;
       node = node->next) {
    const char *equals = strchr(node->text.data, '=');
    if (!equals) {
      fprintf(stderr, "bench_pruning: %s is not LABEL={name: ...}\n", node->text.data);
      exit(2);
    }
    snprintf(out[n].label, sizeof out[n].label, "%.*s", (int)(equals - node->text.data),
             node->text.data);
    out[n++].section = equals + 1;
  }
  return n;
}

static void write_header(FILE *out) {
  fprintf(out, "table,collection,pruner,sampler,parallel,seed,trials,epochs,complete,pruned,total,"
               "value,regret,rank");
  for (size_t i = 0; i < N_SHARES; i++) fprintf(out, ",regret@%g", shares[i]);
  for (size_t i = 0; i < N_SHARES; i++) fprintf(out, ",rank@%g", shares[i]);
  fputc('\n', out);
}

static void write_result(FILE *out, const char *key, const struct run *run) {
  const struct result *r = &run->result;
  const struct curve_table *table = run->table;
  fprintf(out, "%s%zu,%zu,%zu,%zu,%.6g,%.5f,%.4f", key, r->epochs, r->complete, r->pruned, r->total,
          r->value, curve_table_regret(table, r->value), curve_table_rank(table, r->value));
  for (size_t i = 0; i < N_SHARES; i++)
    fprintf(out, ",%.5f", curve_table_regret(table, r->at_share[i]));
  for (size_t i = 0; i < N_SHARES; i++)
    fprintf(out, ",%.4f", curve_table_rank(table, r->at_share[i]));
  fputc('\n', out);
  fflush(out);
}

/* Does a line of the file begin with the key? */
static bool has_row(const struct core_str *file, const char *key) {
  const char *at = core_str_text(file);
  while ((at = strstr(at, key)) != NULL) {
    if (at == file->data || at[-1] == '\n') return true;
    at++;
  }
  return false;
}

static void read_file(const char *path, struct core_str *out) {
  char block[4096];
  FILE *file = fopen(path, "r");
  if (!file) return;
  for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;) core_str_append(out, block, n);
  fclose(file);
}

/* A study over the table's space; the seed also names it, so that brackets differ between seeds. It ends after `counted`
 * trials, if that is not 0. */
static void open_study(const struct core_node *problem, const struct choice *pruner,
                       const struct choice *sampler, uint64_t seed, size_t counted,
                       struct core_tree *tree, struct hpo_spec *spec, struct hpo_study **study) {
  struct core_error err = {0};
  struct core_str text = {0};
  core_str_printf(
      &text,
      "study: s%llu\nstorage: none\nseed: %llu\nobjective: {metric: v, direction: %s}\nspace: ",
      (unsigned long long)seed, (unsigned long long)seed,
      core_node_get(problem, "direction")->text.data);
  core_node_json(core_node_get(problem, "space"), true, &text);
  core_str_printf(&text, "\npruner: %s\nsampler: %s\n", pruner->section, sampler->section);
  if (counted) core_str_printf(&text, "trials: %zu\n", counted);
  require(core_str_status(&text, &err), &err);
  require(core_tree_parse(tree, "study", text.data, text.len, &err), &err);
  require(hpo_spec_open(spec, tree->root, NULL, &err), &err);
  require(hpo_study_open(spec, study, &err), &err);
  core_str_close(&text);
}

struct plan {
  const struct core_options *options;
  struct choice pruners[32], samplers[8];
  size_t n_pruners, n_samplers;
  struct core_str done; /* the file as it was */
  FILE *out;
};

static void run_one(const struct plan *plan, const struct core_node *problem,
                    const struct curve_table *table, const struct choice *pruner,
                    const struct choice *sampler, uint64_t seed) {
  const size_t trials = (size_t)core_option_int(plan->options, "trials");
  const int parallel = (int)core_option_int(plan->options, "parallel");
  char key[512];
  snprintf(key, sizeof key, "%s,%s,%s,%s,%d,%llu,%zu,", core_node_get(problem, "name")->text.data,
           core_node_get(problem, "collection")->text.data, pruner->label, sampler->label, parallel,
           (unsigned long long)seed, trials);
  if (has_row(&plan->done, key)) return;
  struct core_tree tree;
  struct hpo_spec spec;
  struct run run = {.table = table,
                    .trials = trials,
                    .most_trials = trials * (size_t)core_option_int(plan->options, "extend"),
                    .budget = (size_t)(core_option_double(plan->options, "until") *
                                       (double)(trials * table->n_steps)),
                    .n_slots = (size_t)parallel,
                    .used = calloc(table->n_rows, sizeof(bool)),
                    .result = {.value = NAN}};
  if (!run.used) require(CORE_NOMEM, &(struct core_error){.message = "no memory"});
  open_study(problem, pruner, sampler, seed, run.most_trials > trials ? 0 : trials, &tree, &spec,
             &run.study);
  run_study(&run);
  write_result(plan->out, key, &run);
  free(run.used);
  hpo_study_close(run.study);
  hpo_spec_close(&spec);
  core_tree_close(&tree);
}

/* Seed by seed, so that what is there of an unfinished file is balanced. */
static void run_table(const struct plan *plan, const struct core_node *problem) {
  struct core_error err = {0};
  struct curve_table table;
  require(curve_table_open(&table, problem, core_option_text(plan->options, "tables"), &err), &err);
  const int64_t first = core_option_int(plan->options, "first");
  for (int64_t seed = first; seed < first + core_option_int(plan->options, "seeds"); seed++)
    for (size_t s = 0; s < plan->n_samplers; s++)
      for (size_t p = 0; p < plan->n_pruners; p++)
        run_one(plan, problem, &table, &plan->pruners[p], &plan->samplers[s], (uint64_t)seed);
  curve_table_close(&table);
}

/* Does the name begin with one of the texts in a list with commas (NULL: all do)? */
static bool is_wanted(const char *list, const char *name) {
  for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
    if (strncmp(name, p, strcspn(p, ",")) == 0) return true;
  return list == NULL;
}

int main(int argc, char **argv) {
  struct core_error err = {0};
  struct core_options options;
  struct core_tree list;
  struct plan plan = {.options = &options};
  const char *words[64];
  size_t n_words = 0;
  require(core_options_parse(&options, rows, argc - 1, argv + 1, words, &n_words, &err), &err);
  require(core_tree_open(&list, core_option_text(&options, "list"), &err), &err);
  plan.n_pruners = read_choices(&options, "pruner", CORE_COUNT_OF(plan.pruners), plan.pruners);
  plan.n_samplers = read_choices(&options, "sampler", CORE_COUNT_OF(plan.samplers), plan.samplers);
  const char *path = core_option_text(&options, "out"), *only = core_option_text(&options, "only");
  read_file(path, &plan.done);
  plan.out = fopen(path, "a");
  if (!plan.out) require(core_fail(&err, CORE_IO, "cannot write %s", path), &err);
  if (plan.done.len == 0) write_header(plan.out);
  for (const struct core_node *problem = list.root->first; problem; problem = problem->next)
    if (is_wanted(only, core_node_get(problem, "name")->text.data)) run_table(&plan, problem);
  fclose(plan.out);
  core_str_close(&plan.done);
  core_tree_close(&list);
  core_options_close(&options);
  return 0;
}
