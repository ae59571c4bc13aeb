/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/protocol.h"

#include <math.h>
#include <string.h>

static const struct {
  const char *key;
  enum job_message_kind kind;
} kinds[] = {{"report", JOB_MESSAGE_REPORT},
             {"result", JOB_MESSAGE_RESULT},
             {"attr", JOB_MESSAGE_ATTR},
             {"end", JOB_MESSAGE_END}};

/* A number; null is NaN, which is how some JSON writers spell it. */
static bool number_read(const struct core_node *node, double *out) {
  if (!node) return false;
  if (node->kind == CORE_NODE_NULL) {
    *out = NAN;
    return true;
  }
  if (!core_node_is_number(node)) return false;
  *out = node->number;
  return true;
}

static enum core_status report_read(const struct core_node *body, struct hpo_report *out,
                                    struct core_error *err) {
  if (body->kind != CORE_NODE_MAP)
    return core_fail(err, CORE_INVAL, "'report' is %s; it takes {\"step\": 1, \"value\": 0.5}",
                     core_node_kind_name(body->kind));
  for (const struct core_node *n = body->first; n; n = n->next)
    if (strcmp(n->key, "step") != 0 && strcmp(n->key, "value") != 0)
      return core_fail(err, CORE_INVAL, "'report' has no key '%s'; it takes step and value",
                       n->key);
  const struct core_node *step = core_node_get(body, "step");
  const struct core_node *value = core_node_get(body, "value");
  if (!step || !value)
    return core_fail(err, CORE_INVAL, "'report' lacks '%s'", step ? "value" : "step");
  if (step->kind != CORE_NODE_INT || step->integer < 0)
    return core_fail(err, CORE_INVAL, "'step' is %s; it takes an integer of 0 or more",
                     step->kind == CORE_NODE_INT ? "negative" : core_node_kind_name(step->kind));
  if (!number_read(value, &out->value))
    return core_fail(err, CORE_INVAL, "'value' is %s; it takes a number",
                     core_node_kind_name(value->kind));
  out->step = step->integer;
  return CORE_OK;
}

static enum core_status body_read(struct job_message *message, struct core_error *err) {
  const struct core_node *body = message->body;
  switch (message->kind) {
  case JOB_MESSAGE_REPORT:
    return report_read(body, &message->report, err);
  case JOB_MESSAGE_ATTR:
  case JOB_MESSAGE_END:
    if (body->kind == CORE_NODE_MAP) return CORE_OK;
    return core_fail(err, CORE_INVAL, "'attr' is %s; it takes {\"key\": ...}",
                     core_node_kind_name(body->kind));
  case JOB_MESSAGE_RESULT: /* judged against the objectives */
  case JOB_MESSAGE_NONE:
    return CORE_OK;
  }
  return CORE_OK;
}

enum core_status job_message_read(struct job_message *message, const char *line, size_t len,
                                  struct core_error *err) {
  *message = (struct job_message){0};
  size_t blank = 0;
  while (blank < len && (line[blank] == ' ' || line[blank] == '\t' || line[blank] == '\r')) blank++;
  if (blank == len) return CORE_OK;
  struct core_error why = {0};
  const enum core_status st = core_tree_parse_json(&message->tree, "protocol", line, len, &why);
  if (st == CORE_NOMEM) return core_fail(err, st, "%s", why.message);
  if (st != CORE_OK) return core_fail(err, CORE_INVAL, "not JSON (%s)", why.message);
  const struct core_node *root = message->tree.root;
  if (root->kind != CORE_NODE_MAP || root->n_children != 1)
    return core_fail(err, CORE_INVAL,
                     "%s; a line is an object with one key: report, result or attr",
                     root->kind == CORE_NODE_MAP ? "an object without one single key"
                                                 : core_node_kind_name(root->kind));
  const char *key = root->first->key;
  for (size_t i = 0; i < CORE_COUNT_OF(kinds); i++) {
    if (strcmp(key, kinds[i].key) != 0) continue;
    message->kind = kinds[i].kind;
    message->body = root->first;
    return body_read(message, err);
  }
  static const char *const keys[] = {"report", "result", "attr", NULL};
  const char *near = core_nearest(key, keys);
  return core_fail(err, CORE_INVAL, "unknown key '%s'; %s%s", key,
                   near ? "did you mean " : "it is report, result or attr", near ? near : "");
}

void job_message_close(struct job_message *message) {
  core_tree_close(&message->tree);
  *message = (struct job_message){0};
}

bool job_result_is_other(const struct core_node *entry, const char *const *metrics,
                         size_t n_metrics) {
  for (size_t i = 0; i < n_metrics; i++)
    if (strcmp(entry->key, metrics[i]) == 0) return false;
  return true;
}

static enum core_status value_set(const struct core_node *node, const char *metric, double *value,
                                  bool *given, struct core_error *err) {
  if (!number_read(node, value))
    return core_fail(err, CORE_INVAL, "the result '%s' is %s; it takes a number", metric,
                     core_node_kind_name(node->kind));
  *given = true;
  return CORE_OK;
}

enum core_status job_result_read(const struct core_node *body, const char *const *metrics,
                                 size_t n_metrics, double *values, bool *given,
                                 struct core_error *err) {
  if (body->kind == CORE_NODE_MAP) {
    for (size_t i = 0; i < n_metrics; i++) {
      const struct core_node *node = core_node_get(body, metrics[i]);
      if (node) CORE_TRY(value_set(node, metrics[i], &values[i], &given[i], err));
    }
    return CORE_OK;
  }
  if (body->kind == CORE_NODE_LIST) {
    if (body->n_children != n_metrics)
      return core_fail(err, CORE_INVAL, "'result' is a list of %zu; the study has %zu objective%s",
                       body->n_children, n_metrics, n_metrics == 1 ? "" : "s");
    size_t i = 0;
    for (const struct core_node *n = body->first; n; n = n->next, i++)
      CORE_TRY(value_set(n, metrics[i], &values[i], &given[i], err));
    return CORE_OK;
  }
  if (n_metrics != 1 || (body->kind != CORE_NODE_NULL && !core_node_is_number(body)))
    return core_fail(err, CORE_INVAL, "'result' is %s; %s", core_node_kind_name(body->kind),
                     n_metrics == 1 ? "it takes a number or {\"metric\": number}"
                                    : "with several objectives it takes {\"metric\": number, ...}");
  return value_set(body, metrics[0], &values[0], &given[0], err);
}
