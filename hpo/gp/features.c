/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/gp/features.h"

#include <math.h>

#define ABSENT_NUMERIC     0.5
#define ABSENT_CATEGORICAL (-1.0)
#define FEW_VALUES         4 /* of a numeric feature: their distances are learnt by nothing */

static void fill_feature(struct hpo_features *f, size_t param) {
  const struct hpo_param *p = &f->space->params[param];
  const uint64_t count = hpo_param_count(p);
  if (count == 1) return;
  f->categorical[f->d] = p->type == HPO_PARAM_CATEGORICAL;
  f->warpable[f->d] = p->type != HPO_PARAM_CATEGORICAL && (count == 0 || count > FEW_VALUES);
  f->list[f->d++] = (struct hpo_feature){.param = param,
                                         .categorical = p->type == HPO_PARAM_CATEGORICAL,
                                         .continuous = count == 0,
                                         .conditional = p->n_conditions > 0,
                                         .has_children = f->unit[param] > 0,
                                         .n_values = count};
}

enum core_status hpo_features_open(struct hpo_features *f, const struct hpo_space *space,
                                   struct core_error *err) {
  const size_t n = space->n_params;
  *f = (struct hpo_features){.space = space};
  f->list = core_calloc(n, sizeof *f->list);
  f->categorical = core_calloc(2 * n, sizeof *f->categorical);
  f->unit = core_calloc(2 * n, sizeof *f->unit);
  if (!f->list || !f->categorical || !f->unit) {
    hpo_features_close(f);
    return core_fail_nomem(err, n * sizeof *f->list);
  }
  f->internal = f->unit + n;
  f->warpable = f->categorical + n;
  for (size_t i = 0; i < n; i++) /* marks the parents */
    for (size_t c = 0; c < space->params[i].n_conditions; c++)
      f->unit[space->params[i].conditions[c].parent] = 1;
  for (size_t i = 0; i < n; i++) fill_feature(f, space->order[i]); /* parents before children */
  return CORE_OK;
}

void hpo_features_close(struct hpo_features *f) {
  core_free(f->list);
  core_free(f->categorical);
  core_free(f->unit);
  *f = (struct hpo_features){0};
}

static double absent(const struct hpo_feature *feature) {
  return feature->categorical ? ABSENT_CATEGORICAL : ABSENT_NUMERIC;
}

bool hpo_feature_looks_absent(const struct hpo_feature *feature, double value) {
  return feature->conditional && value == absent(feature);
}

static double value_of(const struct hpo_features *f, const struct hpo_feature *feature,
                       double internal) {
  if (isnan(internal)) return absent(feature);
  if (feature->categorical) return internal;
  return hpo_param_to_unit(&f->space->params[feature->param], internal);
}

void hpo_features_row(const struct hpo_features *f, const double *internal, double *row) {
  for (size_t j = 0; j < f->d; j++) row[j] = value_of(f, &f->list[j], internal[f->list[j].param]);
}

static double unit_of(const struct hpo_features *f, const struct hpo_feature *feature,
                      double value) {
  if (!feature->categorical) return value;
  return hpo_param_to_unit(&f->space->params[feature->param], fmax(value, 0));
}

void hpo_features_unit(const struct hpo_features *f, const double *row, double *x) {
  for (size_t i = 0; i < f->space->n_params; i++) x[i] = 0.5;
  for (size_t j = 0; j < f->d; j++) x[f->list[j].param] = unit_of(f, &f->list[j], row[j]);
}

void hpo_features_canonical(const struct hpo_features *f, const double *full, double *row,
                            bool *exists) {
  hpo_features_unit(f, full, f->unit);
  hpo_space_to_internal(f->space, f->unit, f->internal);
  for (size_t j = 0; j < f->d; j++) {
    const double internal = f->internal[f->list[j].param];
    if (exists) exists[j] = !isnan(internal);
    if (isnan(internal) || !f->list[j].continuous)
      row[j] = value_of(f, &f->list[j], internal);
    else
      row[j] = fmin(fmax(full[j], 0), 1); /* as it is: no rounding by the parameter's own range */
  }
}

void hpo_features_fill(const struct hpo_features *f, const double *row, const double *fill,
                       double *full) {
  hpo_features_unit(f, row, f->unit);
  hpo_space_to_internal(f->space, f->unit, f->internal);
  for (size_t j = 0; j < f->d; j++)
    full[j] = isnan(f->internal[f->list[j].param]) ? fill[j] : row[j];
}

void hpo_features_from_cube(const struct hpo_features *f, const double *cube, double *full) {
  for (size_t j = 0; j < f->d; j++) {
    const struct hpo_param *p = &f->space->params[f->list[j].param];
    full[j] = f->list[j].categorical ? hpo_param_from_unit(p, cube[j]) : cube[j];
  }
}
