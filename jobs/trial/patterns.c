/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/patterns.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "core/tree.h"
#include "validate/regex.h"

struct job_patterns {
  struct core_arena arena;
  struct val_regex *regex; /* NULL: name=value pairs */
  const char *pattern;     /* as given */
  int group_value, group_step, group_metric;
  const char **metrics;
  size_t n_metrics;
  int64_t *last_step; /* of each metric, 0 before the first */
};

static enum core_status regex_read(struct job_patterns *p, struct core_error *err) {
  struct core_error why = {0};
  const enum core_status st =
      val_regex_open(p->pattern, strlen(p->pattern), VAL_REGEX_ANY_BYTES, &p->regex, &why);
  if (st != CORE_OK)
    return core_fail(err, st == CORE_NOMEM ? st : CORE_INVAL, "report pattern '%s': %s", p->pattern,
                     why.message);
  p->group_value = val_regex_group(p->regex, "value");
  p->group_step = val_regex_group(p->regex, "step");
  p->group_metric = val_regex_group(p->regex, "metric");
  if (p->group_value < 0)
    return core_fail(err, CORE_INVAL,
                     "report pattern '%s' has no named group 'value'; write (?<value>...) around "
                     "the number",
                     p->pattern);
  if (p->n_metrics > 1 && p->group_metric < 0)
    return core_fail(err, CORE_INVAL,
                     "report pattern '%s' has no named group 'metric'; with several objectives "
                     "write (?<metric>...) around the name",
                     p->pattern);
  return CORE_OK;
}

static enum core_status patterns_fill(struct job_patterns *p, const char *pattern,
                                      const char *const *metrics, struct core_error *err) {
  p->metrics = core_arena_calloc(&p->arena, p->n_metrics + 1, sizeof *p->metrics);
  p->last_step = core_arena_calloc(&p->arena, p->n_metrics + 1, sizeof *p->last_step);
  if (!p->metrics || !p->last_step) return core_fail_nomem(err, p->n_metrics * sizeof *p->metrics);
  for (size_t i = 0; i < p->n_metrics; i++) {
    p->metrics[i] = core_arena_strdup(&p->arena, metrics[i]);
    if (!p->metrics[i]) return core_fail_nomem(err, strlen(metrics[i]));
  }
  if (!pattern) return CORE_OK;
  p->pattern = core_arena_strdup(&p->arena, pattern);
  return p->pattern ? regex_read(p, err) : core_fail_nomem(err, strlen(pattern));
}

enum core_status job_patterns_open(const char *pattern, const char *const *metrics,
                                   size_t n_metrics, struct job_patterns **out,
                                   struct core_error *err) {
  *out = NULL;
  struct job_patterns *p = core_calloc(1, sizeof *p);
  if (!p) return core_fail_nomem(err, sizeof *p);
  p->n_metrics = n_metrics;
  const enum core_status st = patterns_fill(p, pattern, metrics, err);
  if (st != CORE_OK) {
    job_patterns_close(p);
    return st;
  }
  *out = p;
  return CORE_OK;
}

void job_patterns_close(struct job_patterns *patterns) {
  if (!patterns) return;
  val_regex_close(patterns->regex);
  core_arena_close(&patterns->arena);
  core_free(patterns);
}

void job_patterns_reset(struct job_patterns *patterns) {
  for (size_t i = 0; i < patterns->n_metrics; i++) patterns->last_step[i] = 0;
}

bool job_patterns_same(const struct job_patterns *patterns, const char *pattern,
                       const char *const *metrics, size_t n_metrics) {
  if (!core_streq(patterns->pattern, pattern) || patterns->n_metrics != n_metrics) return false;
  for (size_t i = 0; i < n_metrics; i++)
    if (strcmp(patterns->metrics[i], metrics[i]) != 0) return false;
  return true;
}

/* One call of job_patterns_line. */
struct search {
  struct job_patterns *p;
  void (*found)(void *owner, const struct job_found *value);
  void *owner;
};

static void give(const struct search *s, size_t metric, const int64_t *step, double value) {
  int64_t *last = &s->p->last_step[metric];
  const int64_t next = *last < INT64_MAX ? *last + 1 : INT64_MAX;
  const struct job_found found = {metric, step ? *step : next, value};
  *last = found.step;
  s->found(s->owner, &found);
}

static bool metric_find(const struct job_patterns *p, const char *name, size_t len, size_t *out) {
  for (size_t i = 0; i < p->n_metrics; i++) {
    if (strlen(p->metrics[i]) != len || memcmp(p->metrics[i], name, len) != 0) continue;
    *out = i;
    return true;
  }
  return false;
}

static void regex_line(const struct search *s, const char *line, size_t len) {
  struct job_patterns *p = s->p;
  bool found = false;
  /* A search given up for its work counts as no match: a line is not worth a failure. */
  if (val_regex_search(p->regex, line, len, &found, NULL) != CORE_OK || !found) return;
  size_t at = 0, n = 0, metric = 0;
  double value = 0;
  int64_t step = 0;
  const int64_t *given = NULL;
  if (!val_regex_span(p->regex, p->group_value, &at, &n)) return;
  if (!core_parse_double(line + at, n, &value)) return;
  if (p->group_metric >= 0 && val_regex_span(p->regex, p->group_metric, &at, &n) &&
      !metric_find(p, line + at, n, &metric))
    return;
  if (p->group_step >= 0 && val_regex_span(p->regex, p->group_step, &at, &n)) {
    if (!core_parse_int64(line + at, n, &step) || step < 0) return;
    given = &step;
  }
  give(s, metric, given, value);
}

static bool is_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-' || c == '|' || (unsigned char)c >= 0x80;
}

static size_t digits(const char *text, size_t len) {
  size_t n = 0;
  while (n < len && text[n] >= '0' && text[n] <= '9') n++;
  return n;
}

/* Length of the number at the start of the text; 0: none. */
static size_t number_length(const char *text, size_t len) {
  size_t at = len && (*text == '-' || *text == '+');
  static const char *const words[] = {"infinity", "inf", "nan"};
  for (size_t i = 0; i < CORE_COUNT_OF(words); i++) {
    const size_t n = strlen(words[i]);
    if (len - at >= n && strncasecmp(text + at, words[i], n) == 0 &&
        (len - at == n || !is_name(text[at + n])))
      return at + n;
  }
  const size_t whole = digits(text + at, len - at);
  at += whole;
  size_t fraction = 0;
  if (at < len && text[at] == '.') {
    fraction = digits(text + at + 1, len - at - 1);
    if (whole || fraction) at += fraction + 1;
  }
  if (whole + fraction == 0) return 0;
  if (at < len && (text[at] == 'e' || text[at] == 'E')) {
    const size_t sign = at + 1 < len && (text[at + 1] == '-' || text[at + 1] == '+');
    const size_t exponent = digits(text + at + 1 + sign, len - at - 1 - sign);
    if (exponent) at += 1 + sign + exponent;
  }
  return at;
}

/* Does the text that ends at `end` end with the name, and does a name begin there? */
static bool name_ends(const char *line, size_t end, const char *name) {
  const size_t n = strlen(name);
  if (n == 0 || n > end || memcmp(line + end - n, name, n) != 0) return false;
  return end == n || !is_name(line[end - n - 1]);
}

/* The next "name = number" from *at on: where the name ends, and the number. */
static bool pair_next(const char *line, size_t len, size_t *at, size_t *name_end, double *value) {
  while (*at < len) {
    const char *sign = memchr(line + *at, '=', len - *at);
    if (!sign) return false;
    size_t end = (size_t)(sign - line), from = end + 1;
    *at = from;
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t')) end--;
    while (from < len && (line[from] == ' ' || line[from] == '\t')) from++;
    const size_t n = number_length(line + from, len - from);
    if (n == 0 || !core_parse_double(line + from, n, value)) continue;
    *name_end = end;
    *at = from + n;
    return true;
  }
  return false;
}

static void pairs_line(const struct search *s, const char *line, size_t len) {
  static const char *const step_names[] = {"step", "epoch"};
  size_t at = 0, end = 0;
  double value = 0;
  int64_t step = 0;
  bool has_step = false;
  while (!has_step && pair_next(line, len, &at, &end, &value)) {
    for (size_t i = 0; i < CORE_COUNT_OF(step_names) && !has_step; i++)
      has_step = name_ends(line, end, step_names[i]) && value >= 0 && value <= 9e15 &&
                 value == floor(value);
    if (has_step) step = (int64_t)value;
  }
  at = 0;
  while (pair_next(line, len, &at, &end, &value))
    for (size_t i = 0; i < s->p->n_metrics; i++)
      if (name_ends(line, end, s->p->metrics[i])) give(s, i, has_step ? &step : NULL, value);
}

/* Syne Tune: [tune-metric]: {"epoch": 1, "loss": 0.1} */
static bool tag_line(const struct search *s, const char *line, size_t len) {
  static const char tag[] = "[tune-metric]:";
  const char *found = memmem(line, len, tag, sizeof tag - 1);
  if (!found) return false;
  const char *json = found + sizeof tag - 1;
  struct core_tree tree = {0};
  if (core_tree_parse_json(&tree, "line", json, (size_t)(line + len - json), NULL) == CORE_OK &&
      tree.root->kind == CORE_NODE_MAP) {
    const struct core_node *step = core_node_get(tree.root, "step");
    if (!step) step = core_node_get(tree.root, "epoch");
    const bool has_step = step && step->kind == CORE_NODE_INT && step->integer >= 0;
    for (size_t i = 0; i < s->p->n_metrics; i++) {
      const struct core_node *value = core_node_get(tree.root, s->p->metrics[i]);
      if (value && core_node_is_number(value))
        give(s, i, has_step ? &step->integer : NULL, value->number);
    }
  }
  core_tree_close(&tree);
  return true;
}

void job_patterns_line(struct job_patterns *patterns, const char *line, size_t len,
                       void (*found)(void *owner, const struct job_found *value), void *owner) {
  const struct search s = {patterns, found, owner};
  if (len > JOB_PATTERN_LINE_BYTES) len = JOB_PATTERN_LINE_BYTES;
  while (len && line[len - 1] == '\r') len--;
  /* What a terminal would show of a progress bar: the text after the last return. */
  const char *bar = len ? memrchr(line, '\r', len) : NULL;
  if (bar) {
    len -= (size_t)(bar + 1 - line);
    line = bar + 1;
  }
  if (patterns->regex)
    regex_line(&s, line, len);
  else if (!tag_line(&s, line, len))
    pairs_line(&s, line, len);
}
