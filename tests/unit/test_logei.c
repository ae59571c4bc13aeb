/* SPDX-License-Identifier: GPL-3.0-or-later
 * The expected values are those of mpmath with 200 to 900 digits. */
#include "hpo/gp/logei.h"

#include <math.h>
#include <stddef.h>

#include "core/compiler.h"
#include "tests/support/support.h"

static const struct {
  double z, log_h, slope;
} known[] = {
    {-40.0, -808.29856835661996024, 40.049906657648518193},
    {-39.5, -788.39845835065316009, 39.550535990053829437},
    {-36.0, -656.08828500497882003, 36.05542764410195333},
    {-33.3, -562.3777502463729507, 33.35989858978614368},
    {-30.0625, -459.60575547870480514, 30.128808919522666766},
    {-30.0, -457.72465376059800405, 30.066446154162418902},
    {-29.75, -450.23922308260913158, 29.817000801531820818},
    {-27.0, -372.0147079098453485, 27.073772130618260442},
    {-25.0, -319.86146358149595433, 25.079620234266532815},
    {-22.2, -253.54516761592576365, 22.289549333569599267},
    {-20.0, -206.91783850942509785, 20.099262811101281775},
    {-17.5, -159.77802659304350927, 17.61319097785970934},
    {-15.0, -118.84817068411358416, 15.131608564904813136},
    {-12.25, -80.980785058833982805, 12.410144356957086426},
    {-10.0, -55.553122036122355927, 10.194383033412553306},
    {-9.0, -45.848941292669033308, 9.2146276129268978873},
    {-8.125, -38.159888307196390197, 8.3610037522860568064},
    {-8.0, -37.122364261692633, 8.2393965068400668851},
    {-7.75, -35.092889056140766864, 7.9964711122872387321},
    {-6.5, -25.853424209777893464, 6.7888035244073279388},
    {-6.0, -22.578879392169797367, 6.309840773209831577},
    {-5.0, -16.744301162660990143, 5.3618162412880885298},
    {-4.4, -13.695704595443445139, 4.8014273728530123066},
    {-4.0, -11.849061577550663111, 4.4324837418731182906},
    {-3.25, -8.7803994583247758114, 3.7538221726759268452},
    {-3.0, -7.8696860596030285171, 3.5323375176251605167},
    {-2.875, -7.435006691866507524, 3.4226564396517177667},
    {-2.5, -6.2125416454435128635, 3.0984232967911619292},
    {-2.0, -4.7687835239171141569, 2.6794168839555859839},
    {-1.75, -4.1243629814147423779, 2.4767940091263716047},
    {-1.5, -3.5299359208057098515, 2.2795806941564461644},
    {-1.25, -2.9840632560248526225, 2.0884821932230011818},
    {-1.0625, -2.6055530782741467866, 1.9496336987620650415},
    {-1.0, -2.4851210257126413368, 1.9042712333296918229},
    {-0.96875, -2.4259644478471641128, 1.8817699797626656045},
    {-0.875, -2.2526868322038695959, 1.8150062815531704576},
    {-0.75, -2.031284584632082045, 1.7277782847482856032},
    {-0.5, -1.6205162643873199193, 1.5598731483480796712},
    {-0.25, -1.2505589553352224428, 1.4014356710866813222},
    {-0.125, -1.0801194450921543598, 1.3260350208855181371},
    {0.0, -0.91893853320467274178, 1.2533141373155002512},
    {0.125, -0.76667539608514836324, 1.1833652983833755544},
    {0.25, -0.62297823090676788688, 1.1162715463877813478},
    {0.5, -0.35982768374506381859, 0.99092271800410996015},
    {0.75, -0.12650820689195298093, 0.87766872761255761341},
    {0.875, -0.020083923931120016694, 0.82562952223469125319},
    {1.0, 0.080026218849306940029, 0.77663872520173925975},
    {1.5, 0.42481455676225929557, 0.6102064036707615057},
    {2.0, 0.69738354578822831219, 0.48655931878528386862},
    {3.0, 1.0987396653277077727, 0.33284096845179523558},
    {4.5, 1.504077551045605645, 0.22222143290179550101},
    {6.0, 1.7917594692541144974, 0.16666666649789214306},
    {8.0, 2.0794415416798359377, 0.12499999999999992106},
    {10.0, 2.302585092994045684, 0.1},
};

static void assert_close(double is, double wanted, double relative) {
  if (!(fabs(is - wanted) <= relative * fabs(wanted) + 1e-15))
    fail_msg("%.17g is not %.17g", is, wanted);
}

static void log_h_and_its_slope_are_those_of_high_precision(void **state) {
  (void)state;
  for (size_t i = 0; i < CORE_COUNT_OF(known); i++) {
    double slope;
    assert_close(hpo_log_h(known[i].z, &slope), known[i].log_h, 2e-13);
    assert_close(slope, known[i].slope, 2e-13);
    assert_true(hpo_log_h(known[i].z, NULL) == hpo_log_h(known[i].z, &slope));
  }
}

/* Rises everywhere, also across the seams of the branches, and its slope falls. */
static void log_h_rises_and_is_concave(void **state) {
  (void)state;
  double last = -INFINITY, last_slope = INFINITY;
  for (int i = 0; i <= 50000; i++) {
    double slope;
    const double value = hpo_log_h(-40 + i * 1e-3, &slope);
    assert_true(value > last && slope <= last_slope * (1 + 1e-13));
    last = value;
    last_slope = slope;
  }
}

static void far_tails_stay_finite(void **state) {
  (void)state;
  double slope;
  assert_close(hpo_log_h(-1e6, &slope), -0.5e12 - 0.91893853320467274 - 2 * log(1e6), 1e-15);
  assert_close(slope, 1e6, 1e-11);
  assert_true(isfinite(hpo_log_h(-1e150, &slope)) && isfinite(slope));
  assert_true(hpo_log_h(-1e200, NULL) == -INFINITY);
  assert_close(hpo_log_h(1e300, &slope), log(1e300), 1e-15);
  assert_close(slope, 1e-300, 1e-15);
  assert_true(isnan(hpo_log_h(NAN, NULL)));
}

static void gradients_are_those_of_finite_differences(void **state) {
  (void)state;
  static const double means[] = {-3, -0.4, 0, 0.7, 2.5, 12}, sigmas[] = {0.05, 0.3, 1, 4};
  for (size_t i = 0; i < CORE_COUNT_OF(means); i++)
    for (size_t j = 0; j < CORE_COUNT_OF(sigmas); j++) {
      const double m = means[i], s = sigmas[j], e = 1e-5 * s;
      double dm, ds, unused[2];
      hpo_logei(0.2, m, s, &dm, &ds);
      const double up = hpo_logei(0.2, m + e, s, unused, unused + 1);
      const double down = hpo_logei(0.2, m - e, s, unused, unused + 1);
      const double wider = hpo_logei(0.2, m, s + e, unused, unused + 1);
      const double narrower = hpo_logei(0.2, m, s - e, unused, unused + 1);
      assert_true(fabs((up - down) / (2 * e) - dm) <= 1e-6 * (fabs(dm) + 1 / s));
      assert_true(fabs((wider - narrower) / (2 * e) - ds) <= 1e-6 * (fabs(ds) + 1 / s));
    }
}

static void logei_scales_with_its_units(void **state) {
  (void)state;
  for (double scale = 1e-12; scale < 1e13; scale *= 1e6) {
    double dm[2], ds[2];
    const double unit = hpo_logei(0.5, 1.5, 0.25, &dm[0], &ds[0]);
    const double scaled = hpo_logei(0.5 * scale, 1.5 * scale, 0.25 * scale, &dm[1], &ds[1]);
    assert_close(scaled, unit + log(scale), 1e-12);
    assert_close(dm[1] * scale, dm[0], 1e-12);
    assert_close(ds[1] * scale, ds[0], 1e-12);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(log_h_and_its_slope_are_those_of_high_precision),
      cmocka_unit_test(log_h_rises_and_is_concave),
      cmocka_unit_test(far_tails_stay_finite),
      cmocka_unit_test(gradients_are_those_of_finite_differences),
      cmocka_unit_test(logei_scales_with_its_units),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
