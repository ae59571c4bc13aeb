/* SPDX-License-Identifier: GPL-3.0-or-later
 * A space as text: in the study file's own form, for our table, and as Optuna's distributions, one a parameter. */
#include <math.h>
#include <string.h>

#include "core/num.h"
#include "hpo/store/store_private.h"

static void number_append(const struct hpo_param *param, double value, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  const size_t len = param->type == HPO_PARAM_INT ? core_format_int64((int64_t)value, text)
                                                  : core_format_double(value, text);
  core_str_append(out, text, len);
}

/* What a study file says of a parameter, a key a row. A writer that has nothing to say appends nothing. */
struct aspect {
  const char *key;
  void (*write)(const struct hpo_space *space, const struct hpo_param *param, struct core_str *out);
};

static void write_type(const struct hpo_space *space, const struct hpo_param *param,
                       struct core_str *out) {
  static const char *const names[] = {"\"float\"", "\"int\"", "\"categorical\""};
  (void)space;
  core_str_text_append(out, names[param->type]);
}

static void write_low(const struct hpo_space *space, const struct hpo_param *param,
                      struct core_str *out) {
  (void)space;
  if (param->type != HPO_PARAM_CATEGORICAL) number_append(param, param->low, out);
}

static void write_high(const struct hpo_space *space, const struct hpo_param *param,
                       struct core_str *out) {
  (void)space;
  if (param->type != HPO_PARAM_CATEGORICAL) number_append(param, param->high, out);
}

static void write_step(const struct hpo_space *space, const struct hpo_param *param,
                       struct core_str *out) {
  (void)space;
  if (param->type == HPO_PARAM_FLOAT && param->step > 0) number_append(param, param->step, out);
  if (param->type == HPO_PARAM_INT && param->step > 1) number_append(param, param->step, out);
}

static void write_log(const struct hpo_space *space, const struct hpo_param *param,
                      struct core_str *out) {
  (void)space;
  if (param->log) core_str_text_append(out, "true");
}

/* As Python writes a list of scalars. */
static void write_choices(const struct hpo_space *space, const struct hpo_param *param,
                          struct core_str *out) {
  (void)space;
  if (param->type != HPO_PARAM_CATEGORICAL) return;
  core_str_char(out, '[');
  for (size_t k = 0; k < param->n_choices; k++) {
    if (k > 0) core_str_text_append(out, ", ");
    if (param->choices[k].kind == CORE_NODE_DOUBLE) {
      char text[CORE_NUM_BYTES];
      const double value = param->choices[k].number;
      if (isfinite(value))
        core_str_append(out, text, core_format_double(value, text));
      else
        core_str_text_append(out, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    } else {
      hpo_param_json(param, (double)k, out);
    }
  }
  core_str_char(out, ']');
}

static void write_when(const struct hpo_space *space, const struct hpo_param *param,
                       struct core_str *out) {
  for (size_t c = 0; c < param->n_conditions; c++) {
    const struct hpo_condition *condition = &param->conditions[c];
    const struct hpo_param *parent = &space->params[condition->parent];
    core_str_text_append(out, c > 0 ? ", " : "{");
    core_str_json(out, parent->name, strlen(parent->name));
    core_str_text_append(out, ": [");
    for (size_t v = 0; v < condition->n_values; v++) {
      if (v > 0) core_str_text_append(out, ", ");
      hpo_param_json(parent, condition->values[v], out);
    }
    core_str_char(out, ']');
  }
  if (param->n_conditions > 0) core_str_char(out, '}');
}

static const struct aspect aspects[] = {
    {"type", write_type}, {"low", write_low},         {"high", write_high}, {"step", write_step},
    {"log", write_log},   {"choices", write_choices}, {"when", write_when},
};

void hpo_store_param_json(const struct hpo_space *space, const struct hpo_param *param,
                          struct core_str *out) {
  struct core_str text = {0};
  core_str_char(out, '{');
  for (size_t a = 0; a < CORE_COUNT_OF(aspects); a++) {
    core_str_clear(&text);
    aspects[a].write(space, param, &text);
    if (text.failed) out->failed = true;
    if (text.len > 0)
      core_str_printf(out, "%s\"%s\": %s", a > 0 ? ", " : "", aspects[a].key, core_str_text(&text));
  }
  core_str_char(out, '}');
  core_str_close(&text);
}

void hpo_store_space_json(const struct hpo_space *space, struct core_str *out) {
  core_str_char(out, '{');
  for (size_t i = 0; i < space->n_params; i++) {
    if (i > 0) core_str_text_append(out, ", ");
    core_str_json(out, space->params[i].name, strlen(space->params[i].name));
    core_str_text_append(out, ": ");
    hpo_store_param_json(space, &space->params[i], out);
  }
  core_str_char(out, '}');
}

void hpo_store_distribution_json(const struct hpo_param *param, struct core_str *out) {
  const char *log = param->log ? "true" : "false";
  if (param->type == HPO_PARAM_CATEGORICAL) {
    core_str_text_append(out,
                         "{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": ");
    write_choices(NULL, param, out);
    core_str_text_append(out, "}}");
    return;
  }
  if (param->type == HPO_PARAM_FLOAT) {
    core_str_text_append(out, "{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": ");
    if (param->step > 0)
      number_append(param, param->step, out);
    else
      core_str_text_append(out, "null");
  } else {
    core_str_printf(
        out, "{\"name\": \"IntDistribution\", \"attributes\": {\"log\": %s, \"step\": ", log);
    number_append(param, param->step > 1 ? param->step : 1, out);
  }
  core_str_text_append(out, ", \"low\": ");
  number_append(param, param->low, out);
  core_str_text_append(out, ", \"high\": ");
  number_append(param, param->high, out);
  if (param->type == HPO_PARAM_FLOAT) core_str_printf(out, ", \"log\": %s", log);
  core_str_text_append(out, "}}");
}

/* --- what other programs write ---------------------------------------------------------------- */

/* Names of all of Optuna's distributions, those before 3.0 included; `short_name` is the form that its command line
 * takes. A log of -1: the attribute says. */
static const struct distribution_name {
  const char *name, *short_name;
  enum hpo_param_type type;
  int log;
  const char *step_key;
} distribution_names[] = {
    {"FloatDistribution", "float", HPO_PARAM_FLOAT, -1, "step"},
    {"IntDistribution", "int", HPO_PARAM_INT, -1, "step"},
    {"CategoricalDistribution", "categorical", HPO_PARAM_CATEGORICAL, 0, NULL},
    {"UniformDistribution", NULL, HPO_PARAM_FLOAT, 0, NULL},
    {"LogUniformDistribution", NULL, HPO_PARAM_FLOAT, 1, NULL},
    {"DiscreteUniformDistribution", NULL, HPO_PARAM_FLOAT, 0, "q"},
    {"IntUniformDistribution", NULL, HPO_PARAM_INT, 0, "step"},
    {"IntLogUniformDistribution", NULL, HPO_PARAM_INT, 1, "step"},
};

static const struct distribution_name *find_distribution(const struct core_node *root) {
  const struct core_node *name = core_node_get(root, "name");
  const struct core_node *type = core_node_get(root, "type");
  for (size_t i = 0; i < CORE_COUNT_OF(distribution_names); i++) {
    const struct distribution_name *row = &distribution_names[i];
    if (name && name->kind == CORE_NODE_STRING && core_slice_is(name->text, row->name)) return row;
    if (type && row->short_name && type->kind == CORE_NODE_STRING &&
        core_slice_is(type->text, row->short_name))
      return row;
  }
  return NULL;
}

static double number_of(const struct core_node *map, const char *key, double fallback) {
  const struct core_node *node = key ? core_node_get(map, key) : NULL;
  return node && core_node_is_number(node) ? node->number : fallback;
}

static bool fits_int(double value) {
  return fabs(value) < 0x1p63 && value == floor(value);
}

enum core_status hpo_store_distribution_open(struct hpo_store_distribution *out, const char *json,
                                             struct core_error *err) {
  *out = (struct hpo_store_distribution){0};
  enum core_status st =
      core_tree_parse_json(&out->tree, "distribution_json", json, strlen(json), err);
  if (st != CORE_OK) return st;
  const struct core_node *root = out->tree.root;
  const struct distribution_name *row =
      root->kind == CORE_NODE_MAP ? find_distribution(root) : NULL;
  const struct core_node *from = row ? core_node_get(root, "attributes") : NULL;
  if (row && !from) from = root;
  if (row && from->kind == CORE_NODE_MAP) {
    const struct core_node *log = core_node_get(from, "log");
    out->type = row->type;
    out->log = row->log >= 0 ? row->log == 1 : log && log->kind == CORE_NODE_BOOL && log->boolean;
    out->low = number_of(from, "low", NAN);
    out->high = number_of(from, "high", NAN);
    out->step = number_of(from, row->step_key, row->type == HPO_PARAM_INT ? 1 : 0);
    out->choices = core_node_get(from, "choices");
    const bool whole = row->type == HPO_PARAM_CATEGORICAL
                           ? out->choices && out->choices->kind == CORE_NODE_LIST
                       : row->type == HPO_PARAM_INT
                           ? fits_int(out->low) && fits_int(out->high) && fits_int(out->step)
                           : isfinite(out->low) && isfinite(out->high);
    if (whole) return CORE_OK;
  }
  hpo_store_distribution_close(out);
  return core_fail(err, CORE_UNSUPPORTED, "'%.200s' is not a distribution that is known here",
                   json);
}

void hpo_store_distribution_close(struct hpo_store_distribution *distribution) {
  core_tree_close(&distribution->tree);
}

static bool choices_equal(const struct hpo_param *param, const struct core_node *choices) {
  struct core_str ours = {0};
  struct core_tree tree = {0};
  bool equal = false;
  write_choices(NULL, param, &ours);
  if (!ours.failed &&
      core_tree_parse_json(&tree, "choices", core_str_text(&ours), ours.len, NULL) == CORE_OK) {
    const struct core_node *a = tree.root->first;
    const struct core_node *b = choices->first;
    while (a && b && a->kind == b->kind && core_node_equal(a, b)) a = a->next, b = b->next;
    equal = !a && !b;
  }
  core_tree_close(&tree);
  core_str_close(&ours);
  return equal;
}

enum core_status hpo_store_distribution_check(const struct hpo_param *param, const char *json,
                                              struct core_error *err) {
  struct hpo_store_distribution stored;
  CORE_TRY(hpo_store_distribution_open(&stored, json, err));
  bool same = stored.type == param->type;
  if (same && param->type == HPO_PARAM_CATEGORICAL)
    same = choices_equal(param, stored.choices);
  else if (same)
    same = stored.log == param->log;
  hpo_store_distribution_close(&stored);
  if (same) return CORE_OK;
  struct core_str ours = {0};
  hpo_store_distribution_json(param, &ours);
  (void)core_fail(err, CORE_INVAL,
                  "parameter '%s' is stored as %.300s, the study file makes it %.300s; restore the "
                  "study file, or give the study another name or storage",
                  param->name, json, core_str_text(&ours));
  core_str_close(&ours);
  return CORE_INVAL;
}

/* --- stored against given ----------------------------------------------------------------------- */

static enum core_status compare_param(const struct hpo_space *stored, const struct hpo_param *old,
                                      const struct hpo_space *given, const struct hpo_param *new,
                                      struct core_error *err) {
  struct core_str was = {0};
  struct core_str is = {0};
  enum core_status st = CORE_OK;
  for (size_t a = 0; a < CORE_COUNT_OF(aspects) && st == CORE_OK; a++) {
    core_str_clear(&was);
    core_str_clear(&is);
    aspects[a].write(stored, old, &was);
    aspects[a].write(given, new, &is);
    st = core_str_status(&was, err);
    if (st == CORE_OK) st = core_str_status(&is, err);
    if (st == CORE_OK && strcmp(core_str_text(&was), core_str_text(&is)) != 0)
      st = core_fail(
          err, CORE_INVAL,
          "parameter '%s' has %s %.200s in the study file, %.200s in its storage; restore "
          "it, or give the study another name or storage",
          old->name, aspects[a].key, is.len ? core_str_text(&is) : "(none)",
          was.len ? core_str_text(&was) : "(none)");
  }
  core_str_close(&was);
  core_str_close(&is);
  return st;
}

enum core_status hpo_store_space_compare(const struct hpo_space *stored,
                                         const struct hpo_space *given, struct core_error *err) {
  for (size_t i = 0; i < stored->n_params; i++) {
    const struct hpo_param *old = &stored->params[i];
    const size_t at = hpo_space_find(given, old->name);
    if (at == given->n_params)
      return core_fail(err, CORE_INVAL,
                       "parameter '%s' of the stored study is missing in the study file; restore "
                       "it, or give the study another name or storage",
                       old->name);
    CORE_TRY(compare_param(stored, old, given, &given->params[at], err));
  }
  for (size_t i = 0; i < given->n_params; i++)
    if (hpo_space_find(stored, given->params[i].name) == stored->n_params)
      return core_fail(err, CORE_INVAL,
                       "parameter '%s' of the study file is not in the stored study; remove it, or "
                       "give the study another name or storage",
                       given->params[i].name);
  return CORE_OK;
}
