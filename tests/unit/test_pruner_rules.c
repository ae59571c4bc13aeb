/* SPDX-License-Identifier: GPL-3.0-or-later
 * Each pruner's rule against tables worked out by hand from its definition. */
#include <math.h>
#include <string.h>

#include "hpo/spec.h"
#include "tests/support/curves.h"
#include "tests/support/support.h"

/* Reports values at steps 0, 1, ... to a fresh running trial; the first step at which the pruner says stop, -1: none. */
static long first_stop(struct curves *c, struct open_pruner *p, const double *values, size_t n) {
  struct hpo_trial *trial = curves_trial(c);
  for (size_t i = 0; i < n; i++) {
    curves_report(c, trial, (long)i, values[i]);
    if (p->ops->prune(p->pruner, &c->history, trial)) return (long)i;
  }
  return -1;
}

static void median_compares_the_best_so_far_with_the_median_at_the_step(void **state) {
  (void)state;
  struct curves c;
  struct open_pruner p;
  curves_init(&c, HPO_MINIMIZE);
  open_pruner(&p, "{name: median, n_startup_trials: 3}", "s", HPO_MINIMIZE);
  const double flat[][3] = {{1, 1, 1}, {2, 2, 2}, {3, 3, 3}};
  assert_int_equal(first_stop(&c, &p, (double[]){9, 9, 9}, 3), -1); /* no complete trial yet */
  for (int i = 0; i < 3; i++) curves_complete(&c, flat[i], 3);
  assert_int_equal(first_stop(&c, &p, (double[]){2, 2, 2}, 3),
                   -1); /* equal to the median: goes on */
  assert_int_equal(first_stop(&c, &p, (double[]){2.1, 1, 1}, 3), 0);  /* worse */
  assert_int_equal(first_stop(&c, &p, (double[]){1.9, 9, 9}, 3), -1); /* its best so far counts */
  assert_int_equal(first_stop(&c, &p, (double[]){NAN, 1, 1}, 3), 0);  /* nothing but NaN */
  assert_int_equal(first_stop(&c, &p, (double[]){-INFINITY, 9, 9}, 3), -1);
  close_pruner(&p);
}

static void median_waits_for_startup_trials_warmup_and_interval(void **state) {
  (void)state;
  struct curves c;
  struct open_pruner p;
  const double good[8] = {0};
  const double bad[8] = {5, 5, 5, 5, 5, 5, 5, 5};
  curves_init(&c, HPO_MINIMIZE);
  open_pruner(&p, "{name: median, n_startup_trials: 2, n_warmup_steps: 3, interval_steps: 2}", "s",
              HPO_MINIMIZE);
  curves_complete(&c, good, 8);
  assert_int_equal(first_stop(&c, &p, bad, 8), -1);
  curves_complete(&c, good, 8);
  assert_int_equal(first_stop(&c, &p, bad, 8), 3);
  /* Steps 3, 5, 7 are due; a trial that skips 3 is looked at on its first report after it. */
  struct hpo_trial *trial = curves_trial(&c);
  curves_report(&c, trial, 2, 5);
  assert_false(p.ops->prune(p.pruner, &c.history, trial));
  curves_report(&c, trial, 4, 5);
  assert_true(p.ops->prune(p.pruner, &c.history, trial));
  close_pruner(&p);
}

static void percentile_keeps_the_better_share_in_both_directions(void **state) {
  (void)state;
  for (int sign = 1; sign >= -1; sign -= 2) {
    struct curves c;
    struct open_pruner p;
    const enum hpo_direction direction = sign > 0 ? HPO_MINIMIZE : HPO_MAXIMIZE;
    curves_init(&c, direction);
    open_pruner(&p, "{name: percentile, percentile: 25, n_startup_trials: 0, n_min_trials: 5}", "s",
                direction);
    for (int i = 1; i <= 4; i++) curves_complete(&c, (double[]){sign * i}, 1);
    assert_int_equal(first_stop(&c, &p, (double[]){sign * 9.0}, 1),
                     -1); /* four have the step, five are needed */
    curves_complete(&c, (double[]){sign * 5}, 1);
    assert_int_equal(first_stop(&c, &p, (double[]){sign * 2.0}, 1),
                     -1); /* the quartile of 1..5 is 2 */
    assert_int_equal(first_stop(&c, &p, (double[]){sign * 2.01}, 1), 0);
    close_pruner(&p);
  }
}

static void asha_lets_the_best_fraction_through_each_rung(void **state) {
  (void)state;
  struct curves c;
  struct open_pruner p;
  curves_init(&c, HPO_MINIMIZE);
  open_pruner(&p, "{name: asha, min_resource: 1, reduction_factor: 2}", "s", HPO_MINIMIZE);
  /* Rungs at steps 1, 2, 4. Values at rung 0 in order of arrival: 5 (first: best), 6 (of two: best one goes), 4, 4.5. */
  assert_int_equal(first_stop(&c, &p, (double[]){9, 5}, 2), -1);
  assert_int_equal(first_stop(&c, &p, (double[]){9, 6}, 2), 1);
  assert_int_equal(first_stop(&c, &p, (double[]){9, 4}, 2), -1); /* of 4 5 6: floor(3/2) = 1 goes */
  assert_int_equal(first_stop(&c, &p, (double[]){9, 4.5}, 2), -1); /* of 4 4.5 5 6: two go */
  assert_int_equal(first_stop(&c, &p, (double[]){9, 4.75}, 2), 1);
  assert_int_equal(first_stop(&c, &p, (double[]){9, NAN}, 2), 1);
  /* A rung is passed once: later reports between rungs are not judged. */
  assert_int_equal(first_stop(&c, &p, (double[]){9, 1, 1, 100, 1}, 5), -1);
  close_pruner(&p);
}

static void asha_auto_resource_waits_for_a_complete_trial(void **state) {
  (void)state;
  struct curves c;
  struct open_pruner p;
  curves_init(&c, HPO_MAXIMIZE);
  open_pruner(&p, "{name: asha, n_startup_trials: 0}", "s", HPO_MAXIMIZE);
  assert_int_equal(first_stop(&c, &p, (double[]){9, 8, 7}, 3), -1);
  struct hpo_trial *trial = curves_trial(&c);
  curves_report(&c, trial, 35, 10);
  curves_finish(&c, trial, HPO_COMPLETE); /* a twelfth: rungs at 2, 3, 5 ... */
  assert_int_equal(first_stop(&c, &p, (double[]){9, 8, 7.5}, 3), 2);
  close_pruner(&p);
}

/* In a study that counts its trials the first rung is an eighth, the second three times as far. */
static void asha_auto_stops_later_where_trials_are_counted(void **state) {
  (void)state;
  static const struct {
    const char *limit;
    int first, second; /* where bad trials stop, from the start and behind the first rung */
  } cases[] = {{"trials: 50", 4, 12}, {"timeout: 1h", 3, 5}, {"trials: 50\ntimeout: 1h", 3, 5}};
  for (size_t k = 0; k < CORE_COUNT_OF(cases); k++) {
    struct core_error err = {0};
    struct core_tree tree;
    struct hpo_spec spec;
    struct curves c;
    struct open_pruner p = {0};
    struct core_str text = {0};
    core_str_printf(&text,
                    "study: s\nstorage: none\nobjective: {metric: v, direction: minimize}\nspace: "
                    "{x: {type: float, low: 0, "
                    "high: 1}}\npruner: {name: asha, n_startup_trials: 0, window: 0}\n%s\n",
                    cases[k].limit);
    assert_int_equal(core_tree_parse(&tree, "study", text.data, text.len, &err), CORE_OK);
    if (hpo_spec_open(&spec, tree.root, NULL, &err) != CORE_OK) fail_msg("%s", err.message);
    const struct hpo_pruner_setup setup = hpo_spec_pruner_setup(&spec);
    p.ops = spec.pruner;
    assert_int_equal(p.ops->open(&setup, &p.pruner, &err), CORE_OK);
    curves_init(&c, HPO_MINIMIZE);
    double good[39] = {0}, bad[39], late[39];
    for (int i = 0; i < 39; i++) {
      bad[i] = 9;
      late[i] = i + 1 < cases[k].second ? -1 : 9;
    }
    curves_complete(&c, good, 39); /* steps 0 to 38 */
    assert_int_equal(first_stop(&c, &p, bad, 39), cases[k].first);
    assert_int_equal(first_stop(&c, &p, late, 39), cases[k].second);
    p.ops->close(p.pruner);
    hpo_spec_close(&spec);
    core_tree_close(&tree);
    core_str_close(&text);
  }
}

static void asha_auto_lets_the_first_trials_complete(void **state) {
  (void)state;
  static const char *const sections[] = {"{name: asha}",
                                         "{name: asha, min_resource: 1, n_startup_trials: 4}"};
  for (size_t k = 0; k < CORE_COUNT_OF(sections); k++) {
    struct curves c;
    struct open_pruner p;
    curves_init(&c, HPO_MINIMIZE);
    open_pruner(&p, sections[k], "s", HPO_MINIMIZE); /* first rung at 1 */
    for (int i = 0; i < 4; i++) {
      assert_int_equal(first_stop(&c, &p, (double[]){9, 9}, 2), -1);
      curves_complete(&c, (double[]){1, 1, 1}, 3);
    }
    assert_int_equal(first_stop(&c, &p, (double[]){9, 9}, 2), 1);
    close_pruner(&p);
  }
}

static void asha_with_a_window_asks_the_latest_only(void **state) {
  (void)state;
  struct curves c;
  struct open_pruner all, late;
  curves_init(&c, HPO_MINIMIZE);
  open_pruner(&all, "{name: asha, min_resource: 1, reduction_factor: 2}", "s", HPO_MINIMIZE);
  open_pruner(&late, "{name: asha, min_resource: 1, reduction_factor: 2, window: 4}", "s",
              HPO_MINIMIZE);
  for (int i = 20; i > 0; i--) curves_complete(&c, (double[]){i, i, i}, 3);
  assert_int_equal(first_stop(&c, &all, (double[]){9, 3.5}, 2), -1);
  assert_int_equal(first_stop(&c, &late, (double[]){9, 1.5}, 2), -1);
  for (int i = 0; i < 3; i++) curves_complete(&c, (double[]){1, 1, 1}, 3);
  assert_int_equal(first_stop(&c, &all, (double[]){9, 3.5}, 2), -1);
  assert_int_equal(first_stop(&c, &late, (double[]){9, 3.5}, 2), 1);
  close_pruner(&all);
  close_pruner(&late);
}

/* Where a trial is stopped that is the best of all before step `turn` and then the worst so far. */
static long stop_after(struct curves *c, struct open_pruner *p, int turn) {
  double values[20];
  for (int i = 0; i < 20; i++) values[i] = i < turn ? 0 : 9 + turn;
  return first_stop(c, p, values, 20);
}

static void asha_rungs_lie_as_far_apart_as_asked(void **state) {
  (void)state;
  static const struct {
    const char *section;
    int rungs[8]; /* below 20; 0: no more */
  } cases[] = {{"{name: asha, min_resource: 2, rung_spacing: 1.5}", {2, 3, 5, 8, 12, 18}},
               {"{name: asha, min_resource: 1, rung_spacing: 1.1, min_early_stopping_rate: 14}",
                {15, 17, 19}},
               {"{name: asha, min_resource: 2}", {2, 6, 18}},
               {"{name: asha, n_startup_trials: 1}", {1, 2, 3, 5, 8, 12, 18}}};
  for (size_t k = 0; k < CORE_COUNT_OF(cases); k++) {
    struct curves c;
    struct open_pruner p;
    curves_init(&c, HPO_MINIMIZE);
    open_pruner(&p, cases[k].section, "s", HPO_MINIMIZE);
    curves_complete(&c, (double[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 20);
    for (int turn = 0, rung = 0; turn < 20; turn++) {
      while (rung < 8 && cases[k].rungs[rung] > 0 && cases[k].rungs[rung] < turn) rung++;
      assert_int_equal(stop_after(&c, &p, turn), cases[k].rungs[rung] ? cases[k].rungs[rung] : -1);
    }
    close_pruner(&p);
  }
}

/* A complete trial with nine reports: `early` up to step 3, then `end`. */
static void complete_turning(struct curves *c, double early, double end) {
  curves_complete(c, (double[]){early, early, early, early, end, end, end, end, end}, 9);
}

static void asha_auto_heeds_no_rung_that_is_contrary_to_the_ends(void **state) {
  (void)state;
  for (int sign = 1; sign >= -1; sign -= 2) {
    const enum hpo_direction direction = sign > 0 ? HPO_MINIMIZE : HPO_MAXIMIZE;
    const double bad[] = {sign * 99.0, sign * 99.0, sign * 99.0, sign * 99.0};
    struct curves c;
    struct open_pruner chosen, given;
    curves_init(&c, direction);
    open_pruner(&chosen, "{name: asha}", "s", direction); /* rungs at 1, 2, 3, 5 */
    open_pruner(&given, "{name: asha, min_resource: 1}", "s", direction);
    for (int i = 0; i < 5; i++) complete_turning(&c, sign * i, -sign * i);
    assert_int_equal(first_stop(&c, &chosen, bad, 4), 1); /* five say nothing yet */
    complete_turning(&c, sign * 5, -sign * 5);
    assert_int_equal(first_stop(&c, &chosen, bad, 4), -1);
    assert_int_equal(first_stop(&c, &given, bad, 4), 1); /* what was asked for is done */
    assert_int_equal(first_stop(&c, &chosen, (double[]){NAN, NAN}, 2), 1);
    for (int i = 6; i < 12; i++) complete_turning(&c, sign * i, sign * i);
    assert_int_equal(first_stop(&c, &chosen, bad, 4), 1); /* more pairs in order than swapped */
    close_pruner(&chosen);
    close_pruner(&given);
  }
}

static void hyperband_brackets_follow_the_published_hash(void **state) {
  (void)state;
  /* Budgets for 1..27 by 3: 4 brackets of ceil(4*27/4), ceil(4*9/3), ceil(4*3/2), ceil(4/1) = 27, 12, 6, 4; the places
   * are zlib.crc32(b"demo_N") % 49, worked out with Python. */
  static const size_t wanted[] = {3, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 3, 2, 0, 0, 2, 3, 0, 0, 0};
  struct curves c;
  struct open_pruner p;
  curves_init(&c, HPO_MINIMIZE);
  open_pruner(&p, "{name: hyperband, min_resource: 1, max_resource: 27, reduction_factor: 3}",
              "demo", HPO_MINIMIZE);
  for (size_t i = 0; i < CORE_COUNT_OF(wanted); i++)
    assert_int_equal(p.ops->bracket(p.pruner, &c.history, i), wanted[i]);
  close_pruner(&p);
}

static void hyperband_counts_brackets_exactly_at_powers(void **state) {
  (void)state;
  struct curves c;
  struct open_pruner p;
  size_t most = 0;
  curves_init(&c, HPO_MINIMIZE);
  open_pruner(&p, "{name: hyperband, max_resource: 243, reduction_factor: 3}", "s", HPO_MINIMIZE);
  for (uint64_t i = 0; i < 5000; i++) {
    const size_t bracket = p.ops->bracket(p.pruner, &c.history, i);
    if (bracket > most) most = bracket;
  }
  assert_int_equal(most, 5); /* log3(243) = 5: six brackets */
  close_pruner(&p);
}

static void threshold_stops_outside_its_bounds(void **state) {
  (void)state;
  struct curves c;
  struct open_pruner p;
  curves_init(&c, HPO_MINIMIZE);
  open_pruner(&p, "{name: threshold, lower: 0, upper: 1, n_warmup_steps: 1}", "s", HPO_MINIMIZE);
  assert_int_equal(first_stop(&c, &p, (double[]){7, 0, 1, 0.5}, 4), -1);
  assert_int_equal(first_stop(&c, &p, (double[]){7, 1.001}, 2), 1);
  assert_int_equal(first_stop(&c, &p, (double[]){7, 0, -0.1}, 3), 2);
  assert_int_equal(first_stop(&c, &p, (double[]){0, 0, NAN}, 3), 2);
  close_pruner(&p);
}

static void patient_forgives_reports_without_improvement(void **state) {
  (void)state;
  struct curves c;
  struct open_pruner p;
  curves_init(&c, HPO_MINIMIZE);
  open_pruner(&p, "{name: patient, patience: 2, min_delta: 0.1}", "s", HPO_MINIMIZE);
  assert_int_equal(first_stop(&c, &p, (double[]){1, 2, 2}, 3), -1); /* not enough reports */
  assert_int_equal(first_stop(&c, &p, (double[]){1, 2, 2, 2}, 4),
                   3); /* 1 + 0.1 beats the best of 2 2 2 */
  assert_int_equal(first_stop(&c, &p, (double[]){1, 2, 1.05, 2}, 4), -1); /* within min_delta */
  assert_int_equal(first_stop(&c, &p, (double[]){1, 2, 2, 0.5, 2}, 5), -1);
  close_pruner(&p);
  open_pruner(&p, "{name: patient, patience: 0, pruner: {name: threshold, upper: 5}}", "s",
              HPO_MINIMIZE);
  assert_int_equal(first_stop(&c, &p, (double[]){1, 2, 6}, 3),
                   2); /* the inner pruner has the last word */
  close_pruner(&p);
}

static void wilcoxon_compares_instances_with_the_best_trial(void **state) {
  (void)state;
  for (int sign = 1; sign >= -1; sign -= 2) {
    const enum hpo_direction direction = sign > 0 ? HPO_MINIMIZE : HPO_MAXIMIZE;
    const double s = sign;
    struct curves c;
    struct open_pruner p;
    curves_init(&c, direction);
    open_pruner(&p, "{name: wilcoxon}", "s", direction);
    assert_int_equal(first_stop(&c, &p, (double[]){s * 9, s * 9, s * 9}, 3), -1); /* no best yet */
    curves_complete(&c, (double[]){s * 1, s * 2, s * 3, s * 4, s * 5, s * 0}, 6);
    /* All worse: p = 1/2, 1/4, 1/8, 1/16: below 0.1 with the fourth. */
    assert_int_equal(first_stop(&c, &p, (double[]){s * 2, s * 4, s * 6, s * 8, s * 9}, 5), 3);
    /* Worse than the best trial on three, but its mean is not worse than the best's 2.5. */
    assert_int_equal(first_stop(&c, &p, (double[]){s * 1.1, s * 2.2, s * 3.3, s * 4.4 - s}, 4), -1);
    assert_int_equal(first_stop(&c, &p, (double[]){s * 2, s * 4, s * 6, s * INFINITY}, 4), -1);
    struct hpo_trial *trial = curves_trial(&c); /* instances that the best trial has not */
    for (long step = 10; step < 20; step++) {
      curves_report(&c, trial, step, s * 100);
      assert_false(p.ops->prune(p.pruner, &c.history, trial));
    }
    close_pruner(&p);
  }
}

static void wrong_options_are_refused_with_a_sentence(void **state) {
  (void)state;
  const struct {
    const char *section, *word;
  } rows[] = {
      {"{name: asha, min_resource: 0}", "min_resource"},
      {"{name: asha, min_resource: soon}", "soon"},
      {"{name: asha, bootstrap_count: 2}", "bootstrap_count"},
      {"{name: hyperband, min_resource: 9, max_resource: 3}", "max_resource"},
      {"{name: threshold}", "lower"},
      {"{name: threshold, lower: 2, upper: 1}", "lower"},
      {"{name: percentile}", "percentile"},
      {"{name: patient, patience: 1, pruner: {name: mediam}}", "did you mean 'median'?"},
      {"{name: patient, patience: 1, pruner: {name: hyperband}}", "brackets"},
      {"{name: patient, patience: 1, pruner: {name: median, n_startup: 3}}", "n_startup_trials"},
  };
  for (size_t i = 0; i < CORE_COUNT_OF(rows); i++) {
    struct open_pruner p;
    struct core_error err = {0};
    assert_int_equal(try_open_pruner(&p, rows[i].section, "s", HPO_MINIMIZE, &err), CORE_INVAL);
    if (!strstr(err.message, rows[i].word)) fail_msg("%s: '%s'", rows[i].section, err.message);
    p.ops = NULL;
    close_pruner(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(median_compares_the_best_so_far_with_the_median_at_the_step),
      cmocka_unit_test(median_waits_for_startup_trials_warmup_and_interval),
      cmocka_unit_test(percentile_keeps_the_better_share_in_both_directions),
      cmocka_unit_test(asha_lets_the_best_fraction_through_each_rung),
      cmocka_unit_test(asha_auto_resource_waits_for_a_complete_trial),
      cmocka_unit_test(asha_auto_stops_later_where_trials_are_counted),
      cmocka_unit_test(asha_auto_lets_the_first_trials_complete),
      cmocka_unit_test(asha_with_a_window_asks_the_latest_only),
      cmocka_unit_test(asha_rungs_lie_as_far_apart_as_asked),
      cmocka_unit_test(asha_auto_heeds_no_rung_that_is_contrary_to_the_ends),
      cmocka_unit_test(hyperband_brackets_follow_the_published_hash),
      cmocka_unit_test(hyperband_counts_brackets_exactly_at_powers),
      cmocka_unit_test(threshold_stops_outside_its_bounds),
      cmocka_unit_test(patient_forgives_reports_without_improvement),
      cmocka_unit_test(wilcoxon_compares_instances_with_the_best_trial),
      cmocka_unit_test(wrong_options_are_refused_with_a_sentence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
