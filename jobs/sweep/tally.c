/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/sweep/tally.h"

#include <math.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/stats.h"

static void text_number(double value, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  core_format_number(value, text);
  core_str_text_append(out, text);
}

static void text_duration(double seconds, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  core_format_duration(seconds, text);
  core_str_text_append(out, text);
}

static const struct hpo_trial *best_of(const struct hpo_study *study) {
  const struct hpo_history *history = hpo_study_history(study);
  return history->n_objectives == 1 ? hpo_history_best(history) : NULL;
}

/* Four digits are enough to watch a number move. */
static double rounded(double value) {
  if (value == 0 || !isfinite(value)) return value;
  const double scale = pow(10, 3 - floor(log10(fabs(value))));
  return round(value * scale) / scale;
}

void job_tally_progress(const struct hpo_study *study, double elapsed_s, uint64_t ended_now,
                        struct core_str *out) {
  const struct hpo_spec *spec = hpo_study_spec(study);
  const struct hpo_counts counts = hpo_study_counts(study);
  const uint64_t done = counts.complete + counts.pruned + counts.fail;
  const struct hpo_trial *best = best_of(study);
  core_str_printf(out, "%llu", (unsigned long long)done);
  if (spec->trials >= 0) core_str_printf(out, "/%lld", (long long)spec->trials);
  core_str_printf(out, " trials  %llu running", (unsigned long long)counts.running);
  if (counts.pruned) core_str_printf(out, "  %llu pruned", (unsigned long long)counts.pruned);
  if (counts.fail) core_str_printf(out, "  %llu failed", (unsigned long long)counts.fail);
  if (best) {
    core_str_printf(out, "  best %s ", spec->objectives[0].metric);
    text_number(rounded(best->values[0]), out);
    core_str_printf(out, " (trial %llu)", (unsigned long long)best->number);
  }
  if (ended_now == 0 || elapsed_s <= 0) return;
  const double rate = (double)ended_now / elapsed_s;
  core_str_text_append(out, "  ");
  text_number(rounded(rate), out);
  core_str_text_append(out, " trials/s");
  if (spec->trials < 0 || (uint64_t)spec->trials <= done) return;
  core_str_text_append(out, "  ");
  text_duration(ceil((double)((uint64_t)spec->trials - done) / rate), out);
  core_str_text_append(out, " left");
}

/* How far a trial went; where its steps count from 0, step 199 is the 200th. */
static double steps_of(const struct hpo_trial *trial) {
  if (trial->n_reports == 0) return 0;
  return (double)trial->reports[trial->n_reports - 1].step + (trial->reports[0].step == 0);
}

struct job_saving job_tally_saving(const struct hpo_history *history) {
  struct job_saving saving = {0};
  size_t n_full = 0;
  double *full = core_alloc(history->n_trials * sizeof *full);
  if (!full) return saving;
  for (size_t i = 0; i < history->n_trials; i++)
    if (history->trials[i]->state == HPO_COMPLETE && history->trials[i]->n_reports)
      full[n_full++] = steps_of(history->trials[i]);
  core_sort_doubles(full, n_full);
  const double usual = n_full ? core_quantile_sorted(full, n_full, 0.5) : 0;
  core_free(full);
  for (size_t i = 0; i < history->n_trials && n_full > 0; i++) {
    const struct hpo_trial *trial = history->trials[i];
    if ((trial->state != HPO_COMPLETE && trial->state != HPO_PRUNED) || trial->n_reports == 0)
      continue;
    const bool pruned = trial->state == HPO_PRUNED;
    saving.n_pruned += pruned;
    saving.steps_run += steps_of(trial);
    saving.steps_full += pruned ? fmax(usual, steps_of(trial)) : steps_of(trial);
  }
  return saving;
}

static void summarise_counts(const struct hpo_counts *counts, double elapsed_s, uint64_t ended_now,
                             struct core_str *out) {
  const uint64_t done = counts->complete + counts->pruned + counts->fail;
  core_str_printf(out, "%llu trials: %llu complete, %llu pruned, %llu failed",
                  (unsigned long long)done, (unsigned long long)counts->complete,
                  (unsigned long long)counts->pruned, (unsigned long long)counts->fail);
  if (counts->waiting + counts->running > 0)
    core_str_printf(out, ", %llu to be run", (unsigned long long)counts->waiting + counts->running);
  core_str_printf(out, " (%llu of them in this run, ", (unsigned long long)ended_now);
  text_duration(elapsed_s, out);
  core_str_text_append(out, ")\n");
}

static void summarise_saving(const struct job_saving *saving, struct core_str *out) {
  if (saving->n_pruned == 0 || saving->steps_full <= 0) return;
  core_str_printf(out, "pruning: %llu trials were stopped early; ",
                  (unsigned long long)saving->n_pruned);
  text_number(saving->steps_run, out);
  core_str_text_append(out, " of ");
  text_number(saving->steps_full, out);
  core_str_text_append(out, " steps were run, ");
  text_number(round(100 * (1 - saving->steps_run / saving->steps_full)), out);
  core_str_text_append(out, " % saved\n");
}

static void summarise_best(const struct hpo_study *study, const struct hpo_trial *best,
                           struct core_str *out) {
  const struct hpo_spec *spec = hpo_study_spec(study);
  core_str_printf(out, "best: trial %llu, %s ", (unsigned long long)best->number,
                  spec->objectives[0].metric);
  text_number(best->values[0], out);
  core_str_char(out, '\n');
  for (size_t i = 0; i < spec->space.n_params; i++) {
    if (isnan(best->internal[i])) continue;
    core_str_printf(out, "  %s = ", spec->space.params[i].name);
    hpo_param_text(&spec->space.params[i], best->internal[i], out);
    core_str_char(out, '\n');
  }
}

void job_tally_summary(const struct hpo_study *study, double elapsed_s, uint64_t ended_now,
                       struct core_str *out) {
  const struct hpo_counts counts = hpo_study_counts(study);
  const struct hpo_trial *best = best_of(study);
  summarise_counts(&counts, elapsed_s, ended_now, out);
  if (hpo_study_history(study)->n_objectives == 1) {
    const struct job_saving saving = job_tally_saving(hpo_study_history(study));
    summarise_saving(&saving, out);
  }
  if (best) summarise_best(study, best, out);
}
