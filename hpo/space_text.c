/* SPDX-License-Identifier: GPL-3.0-or-later
 * A parameter's value as text, as JSON, and read from what a person wrote. */
#include "hpo/space.h"

#include <math.h>
#include <string.h>

#include "core/num.h"
#include "core/str.h"

#define CHOICES_SHOWN_BYTES 200 /* of a list of choices in a message */

static void append_number(double x, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  core_str_append(out, text, core_format_number(x, text));
}

/* Python's json module reads these three names; JSON itself has none. */
static void append_json_double(double x, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  if (isnan(x)) {
    core_str_text_append(out, "NaN");
  } else if (isinf(x)) {
    core_str_text_append(out, x > 0 ? "Infinity" : "-Infinity");
  } else {
    core_str_append(out, text, core_format_double(x, text));
  }
}

static const struct hpo_choice *choice_of(const struct hpo_param *p, double internal) {
  return &p->choices[(size_t)internal];
}

void hpo_param_text(const struct hpo_param *p, double internal, struct core_str *out) {
  if (isnan(internal)) return;
  if (p->type == HPO_PARAM_CATEGORICAL) {
    core_str_text_append(out, choice_of(p, internal)->text);
  } else {
    append_number(internal, out);
  }
}

static void choice_json(const struct hpo_choice *choice, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  switch (choice->kind) {
  case CORE_NODE_BOOL:
    core_str_text_append(out, choice->boolean ? "true" : "false");
    break;
  case CORE_NODE_INT:
    core_str_append(out, text, core_format_int64(choice->integer, text));
    break;
  case CORE_NODE_DOUBLE:
    append_json_double(choice->number, out);
    break;
  case CORE_NODE_STRING:
    core_str_json(out, choice->text, strlen(choice->text));
    break;
  default:
    core_str_text_append(out, "null");
  }
}

void hpo_param_json(const struct hpo_param *p, double internal, struct core_str *out) {
  if (isnan(internal)) {
    core_str_text_append(out, "null");
  } else if (p->type == HPO_PARAM_CATEGORICAL) {
    choice_json(choice_of(p, internal), out);
  } else if (p->type == HPO_PARAM_INT) {
    char text[CORE_NUM_BYTES];
    core_str_append(out, text, core_format_int64((int64_t)internal, text));
  } else {
    append_json_double(internal, out);
  }
}

void hpo_space_json(const struct hpo_space *space, const double *internal, struct core_str *out) {
  const char *separator = "{";
  for (size_t i = 0; i < space->n_params; i++) {
    if (isnan(internal[i])) continue;
    core_str_text_append(out, separator);
    core_str_json(out, space->params[i].name, strlen(space->params[i].name));
    core_str_text_append(out, ": ");
    hpo_param_json(&space->params[i], internal[i], out);
    separator = ", ";
  }
  core_str_text_append(out, separator[0] == '{' ? "{}" : "}");
}

static bool choice_equals(const struct hpo_choice *choice, const struct core_node *node) {
  if (choice->kind == CORE_NODE_INT && node->kind == CORE_NODE_INT)
    return choice->integer == node->integer;
  const bool number = choice->kind == CORE_NODE_INT || choice->kind == CORE_NODE_DOUBLE;
  if (number && core_node_is_number(node))
    return choice->number == node->number || (isnan(choice->number) && isnan(node->number));
  if (choice->kind != node->kind) return false;
  if (choice->kind == CORE_NODE_BOOL) return choice->boolean == node->boolean;
  return choice->kind == CORE_NODE_NULL || core_slice_is(node->text, choice->text);
}

static void list_choices(const struct hpo_param *p, struct core_str *out) {
  for (size_t i = 0; i < p->n_choices && out->len < CHOICES_SHOWN_BYTES; i++) {
    if (i > 0) core_str_text_append(out, i + 1 == p->n_choices ? " or " : ", ");
    core_str_escaped(out, p->choices[i].text, strlen(p->choices[i].text), 40);
  }
  if (out->len >= CHOICES_SHOWN_BYTES) core_str_text_append(out, ", ...");
}

static const char *nearest_choice(const struct hpo_param *p, const char *word) {
  const char **texts = core_calloc(p->n_choices + 1, sizeof *texts);
  if (!texts) return NULL;
  for (size_t i = 0; i < p->n_choices; i++) texts[i] = p->choices[i].text;
  const char *near = core_nearest(word, texts);
  core_free(texts);
  return near; /* one of the choices' own texts */
}

static enum core_status fail_choice(const struct hpo_param *p, const struct core_node *value,
                                    struct core_error *err) {
  struct core_str choices = {0}, given = {0};
  list_choices(p, &choices);
  core_node_json(value, true, &given);
  const char *near = value->kind == CORE_NODE_STRING ? nearest_choice(p, value->text.data) : NULL;
  const enum core_status st = core_fail_at(
      err, CORE_INVAL, value->pos, "parameter '%s': %s is not one of its choices: %s%s%s%s",
      p->name, core_str_text(&given), core_str_text(&choices), near ? "; did you mean '" : "",
      near ? near : "", near ? "'?" : "");
  core_str_close(&given);
  core_str_close(&choices);
  return st;
}

static enum core_status fail_number(const struct hpo_param *p, const struct core_node *value,
                                    struct core_error *err) {
  char low[CORE_NUM_BYTES], high[CORE_NUM_BYTES];
  core_format_number(p->low, low);
  core_format_number(p->high, high);
  struct core_str given = {0}, grid = {0};
  core_node_json(value, true, &given);
  if (p->step > (p->type == HPO_PARAM_INT ? 1 : 0)) {
    core_str_text_append(&grid, " in steps of ");
    append_number(p->step, &grid);
  }
  const enum core_status st =
      core_fail_at(err, CORE_INVAL, value->pos,
                   "parameter '%s': %s is not a value that it takes; %s from %s to %s%s", p->name,
                   core_str_text(&given), p->type == HPO_PARAM_INT ? "an integer" : "a number", low,
                   high, core_str_text(&grid));
  core_str_close(&grid);
  core_str_close(&given);
  return st;
}

enum core_status hpo_param_parse(const struct hpo_param *p, const struct core_node *value,
                                 double *internal, struct core_error *err) {
  if (p->type == HPO_PARAM_CATEGORICAL) {
    for (size_t i = 0; i < p->n_choices; i++)
      if (choice_equals(&p->choices[i], value)) {
        *internal = (double)i;
        return CORE_OK;
      }
    return fail_choice(p, value, err);
  }
  if (!core_node_is_number(value)) return fail_number(p, value, err);
  const double x = value->number;
  if (!(x >= p->low && x <= p->high)) return fail_number(p, value, err);
  if (hpo_param_count(p) == 0) {
    *internal = x;
    return CORE_OK;
  }
  if (!hpo_param_on_grid(p, x)) return fail_number(p, value, err);
  *internal = hpo_param_from_unit(p, hpo_param_to_unit(p, x)); /* the grid's own double */
  return CORE_OK;
}
