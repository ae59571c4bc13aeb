/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "benchmarks/common/in_memory_study.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"

void bench_check(enum core_status st, const struct core_error *err) {
  if (st == CORE_OK) return;
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

static void print_help(const struct core_option *rows, const char *about, const char *program) {
  struct core_str help = {0};
  core_str_printf(&help, "usage: %s [options]\n\n%s\n\noptions:\n", program, about);
  core_options_help(rows, true, &help);
  fputs(core_str_text(&help), stdout);
  core_str_close(&help);
}

void bench_options_read(const struct core_option *rows, const char *about, int argc, char **argv,
                        struct core_options *options) {
  struct core_error err = {0};
  const char **words = calloc((size_t)argc, sizeof *words);
  size_t n_words = 0;
  if (argc == 2 && (core_streq(argv[1], "-h") || core_streq(argv[1], "--help"))) {
    print_help(rows, about, argv[0]);
    exit(0);
  }
  bench_check(core_options_parse(options, rows, argc - 1, argv + 1, words, &n_words, &err), &err);
  if (n_words > 0) {
    fprintf(stderr, "%s: '%s' is no option; -h lists them\n", argv[0], words[0]);
    exit(1);
  }
  free(words);
}

static bool is_json_scalar(const char *text) {
  double number;
  return core_parse_double(text, strlen(text), &number) || core_streq(text, "true") ||
         core_streq(text, "false") || core_streq(text, "null");
}

/* {"name": NAME, OPTION: VALUE...} from the part behind the label. */
static void sampler_json(const char *sampler, struct core_str *out) {
  const char *at = strchr(sampler, '@');
  char *text = strdup(at ? at + 1 : sampler), *rest = text;
  core_str_printf(out, "{\"name\": \"%s\"", strsep(&rest, ":"));
  while (rest) {
    char *value = strsep(&rest, ":"), *key = strsep(&value, "=");
    const char *quote = value && is_json_scalar(value) ? "" : "\"";
    core_str_printf(out, ", \"%s\": %s%s%s", key, quote, value ? value : "", quote);
  }
  core_str_char(out, '}');
  free(text);
}

void bench_study_open(struct bench_study *study, const char *space, const char *sampler,
                      uint64_t seed, size_t n_trials, size_t parallel) {
  struct core_error err = {0};
  struct core_str json = {0};
  *study = (struct bench_study){0};
  core_str_printf(&json,
                  "{\"study\": \"bench\", \"storage\": \"none.db\", \"seed\": %" PRIu64
                  ", \"trials\": %zu, \"parallel\": %zu, "
                  "\"objective\": {\"metric\": \"value\", \"direction\": \"minimize\"}, "
                  "\"space\": %s, \"sampler\": ",
                  seed, n_trials, parallel, space);
  sampler_json(sampler, &json);
  core_str_char(&json, '}');
  bench_check(core_tree_parse_json(&study->tree, sampler, core_str_text(&json), json.len, &err),
              &err);
  bench_check(hpo_spec_open(&study->spec, study->tree.root, NULL, &err), &err);
  bench_check(hpo_study_open(&study->spec, &study->study, &err), &err);
  study->row = calloc(study->spec.space.n_params, sizeof *study->row);
  core_str_close(&json);
  if (!study->row) abort();
}

void bench_study_close(struct bench_study *study) {
  free(study->row);
  hpo_study_close(study->study);
  hpo_spec_close(&study->spec);
  core_tree_close(&study->tree);
}

uint64_t bench_study_enter(struct bench_study *study, const double *internal) {
  struct core_error err = {0};
  const struct hpo_event create = {.kind = HPO_EVENT_CREATE,
                                   .number = hpo_study_history(study->study)->n_trials,
                                   .internal = internal,
                                   .state = HPO_RUNNING};
  bench_check(hpo_study_apply(study->study, &create, &err), &err);
  return create.number;
}

bool bench_study_ask(struct bench_study *study, uint64_t *number) {
  struct core_error err = {0};
  bool fallback = false;
  const enum core_status st = hpo_study_suggest(study->study, study->row, &fallback, &err);
  if (st == CORE_EXHAUSTED) return false;
  bench_check(st, &err);
  study->n_fallbacks += fallback;
  *number = bench_study_enter(study, study->row);
  return true;
}

void bench_study_tell(struct bench_study *study, uint64_t number, double value) {
  struct core_error err = {0};
  const bool failed = isnan(value);
  const struct hpo_event finish = {.kind = HPO_EVENT_FINISH,
                                   .number = number,
                                   .state = failed ? HPO_FAIL : HPO_COMPLETE,
                                   .outcome = failed ? HPO_OUTCOME_NAN : HPO_OUTCOME_OK,
                                   .values = failed ? NULL : &value,
                                   .n_values = failed ? 0 : 1};
  bench_check(hpo_study_apply(study->study, &finish, &err), &err);
}

const double *bench_study_point(const struct bench_study *study, uint64_t number) {
  return hpo_study_history(study->study)->trials[number]->internal;
}
