/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/suite.h"

#include "core/hash.h"
#include "validate/csv_options.h"
#include "validate/suite_read.h"
#include <string.h>

#define MAX_SUITE_BYTES ((size_t)64 << 20)

static const char *const severity_names[] = {"info", "warning", "critical"};

const char *val_severity_name(enum val_severity severity) {
  return severity_names[severity];
}

bool val_severity_parse(const char *name, enum val_severity *out) {
  for (size_t i = 0; i < CORE_COUNT_OF(severity_names); i++) {
    if (!core_streq(name, severity_names[i])) continue;
    *out = (enum val_severity)i;
    return true;
  }
  return false;
}

/* ---- how the data is to be read ---- */

static const struct core_option files_rows[] = {
    {.name = "allow_drift",
     .type = CORE_OPT_FLAG,
     .fallback = "false",
     .help = "files of one dataset may have different columns; what a file lacks is null"},
    CORE_OPTION_END};

static enum core_status read_files(struct val_suite *suite, const struct core_node *node,
                                   struct core_error *err) {
  struct core_options files;
  CORE_TRY(core_options_open(&files, files_rows, node, "files", NULL, err));
  suite->read.allow_drift = core_option_flag(&files, "allow_drift");
  core_options_close(&files);
  return CORE_OK;
}

static enum core_status read_type(const struct core_node *node, struct val_field *out,
                                  struct core_error *err) {
  static const char *const names[] = {
#define X(name, text, format) text,
      VAL_TYPE_LIST(X)
#undef X
          NULL};
  if (node->kind == CORE_NODE_STRING && val_type_parse(node->text.data, &out->type) &&
      out->type != VAL_TYPE_NULL)
    return CORE_OK;
  const char *hint = node->kind == CORE_NODE_STRING ? core_nearest(node->text.data, names) : NULL;
  return core_fail_at(err, CORE_INVAL, node->pos, "column '%s': unknown type '%s'; %s%s", node->key,
                      node->text.data ? node->text.data : core_node_kind_name(node->kind),
                      hint ? "did you mean "
                           : "known are bool, int64, double, date, timestamp, "
                             "timestamp_utc, string",
                      hint ? hint : "");
}

static enum core_status read_columns(struct val_suite *suite, const struct core_node *node,
                                     struct core_error *err) {
  if (!node || node->kind == CORE_NODE_NULL) return CORE_OK;
  if (node->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "columns must be a map of column names to types, not %s",
                        core_node_kind_name(node->kind));
  struct val_field *fields = core_arena_calloc(&suite->arena, node->n_children + 1, sizeof *fields);
  if (!fields) return core_fail_nomem(err, node->n_children * sizeof *fields);
  size_t n = 0;
  for (const struct core_node *item = node->first; item; item = item->next) {
    if (item->kind == CORE_NODE_NULL) continue; /* inferred */
    fields[n] = (struct val_field){.name = item->key, .declared = true};
    CORE_TRY(read_type(item, &fields[n++], err));
  }
  suite->read.declared = fields;
  suite->read.n_declared = n;
  return CORE_OK;
}

/* ---- the three forms ---- */

/* Top-level keys of each form; the first is what tells a form and names the suite. */
static const char *const own_keys[] = {
    "suite", "csv", "files", "columns", "expectations", "meta", "description", "parameters", NULL};
static const char *const gx0_keys[] = {"expectation_suite_name",
                                       "expectations",
                                       "meta",
                                       "data_asset_type",
                                       "data_asset_name",
                                       "ge_cloud_id",
                                       "evaluation_parameters",
                                       NULL};
static const char *const gx1_keys[] = {"name",  "id", "expectations", "suite_parameters", "meta",
                                       "notes", NULL};
static const struct {
  enum val_dialect dialect;
  const char *const *keys;
  const char *parameters;
} forms[] = {{VAL_DIALECT_OWN, own_keys, "parameters"},
             {VAL_DIALECT_GX_0, gx0_keys, "evaluation_parameters"},
             {VAL_DIALECT_GX_1, gx1_keys, "suite_parameters"}};

/* By the naming key; without one, by how the first expectation is written. */
static size_t find_form(const struct core_node *root) {
  for (size_t i = 0; i < CORE_COUNT_OF(forms); i++)
    if (core_node_get(root, forms[i].keys[0])) return i;
  const struct core_node *list = core_node_get(root, "expectations");
  const struct core_node *first = list ? list->first : NULL;
  if (first && first->kind == CORE_NODE_MAP && core_node_get(first, "expectation_type")) return 1;
  if (first && first->kind == CORE_NODE_MAP && core_node_get(first, "type")) return 2;
  return 0;
}

static enum core_status unknown_key(const struct core_node *node, const char *section,
                                    const char *const *keys, struct core_error *err) {
  const char *hint = core_nearest(node->key, keys);
  return hint ? core_fail_at(err, CORE_INVAL, node->key_pos,
                             "%s: unknown key '%s'; did you mean '%s'?", section, node->key, hint)
              : core_fail_at(err, CORE_INVAL, node->key_pos, "%s: unknown key '%s'", section,
                             node->key);
}

static enum core_status check_keys(const struct core_node *map, const char *section,
                                   const char *const *keys, struct core_error *err) {
  for (const struct core_node *child = map->first; child; child = child->next) {
    size_t i = 0;
    while (keys[i] && !core_streq(keys[i], child->key)) i++;
    if (!keys[i]) return unknown_key(child, section, keys, err);
  }
  return CORE_OK;
}

/* {"type": ..., "kwargs": {...}, ...} */
static enum core_status unfold_gx(struct core_node *item, const struct core_node *name,
                                  struct val_written *out, struct core_error *err) {
  static const char *const keys[] = {"expectation_type",
                                     "type",
                                     "kwargs",
                                     "meta",
                                     "id",
                                     "notes",
                                     "description",
                                     "severity",
                                     "rendered_content",
                                     "windows",
                                     "expectation_context",
                                     "success_on_last_run",
                                     "ge_cloud_id",
                                     NULL};
  CORE_TRY(check_keys(item, "expectation", keys, err));
  if (name->kind != CORE_NODE_STRING)
    return core_fail_at(err, CORE_INVAL, name->pos, "an expectation is named by text, not by %s",
                        core_node_kind_name(name->kind));
  struct core_node *kwargs = item->first;
  while (kwargs && !core_streq(kwargs->key, "kwargs")) kwargs = kwargs->next;
  *out = (struct val_written){name->text.data, name->pos, kwargs, item};
  return CORE_OK;
}

static enum core_status unfold(struct core_node *item, struct val_written *out,
                               struct core_error *err) {
  if (item->kind == CORE_NODE_STRING) { /* "- expect_...", without arguments */
    *out = (struct val_written){item->text.data, item->pos, NULL, NULL};
    return CORE_OK;
  }
  if (item->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, item->pos, "an expectation must be a map, not %s",
                        core_node_kind_name(item->kind));
  const struct core_node *name = core_node_get(item, "expectation_type");
  if (!name) name = core_node_get(item, "type");
  if (name) return unfold_gx(item, name, out, err);
  if (item->n_children != 1)
    return core_fail_at(err, CORE_INVAL, item->first ? item->first->key_pos : item->pos,
                        "an expectation is one key, its name, with a map of its arguments; here "
                        "are %zu keys",
                        item->n_children);
  *out = (struct val_written){item->first->key, item->first->key_pos, item->first, NULL};
  return CORE_OK;
}

static enum core_status read_expectations(struct val_suite *suite, const struct core_node *root,
                                          const struct val_parameters *parameters,
                                          struct core_error *err) {
  const struct core_node *list = core_node_get(root, "expectations");
  if (!list) return core_fail_at(err, CORE_INVAL, root->pos, "the suite has no key 'expectations'");
  if (list->kind != CORE_NODE_LIST)
    return core_fail_at(err, CORE_INVAL, list->pos, "expectations must be a list, not %s",
                        core_node_kind_name(list->kind));
  if (!list->first)
    return core_fail_at(err, CORE_INVAL, list->pos,
                        "the suite has no expectations: it would accept anything");
  suite->expected = core_arena_calloc(&suite->arena, list->n_children, sizeof *suite->expected);
  if (!suite->expected) return core_fail_nomem(err, list->n_children * sizeof *suite->expected);
  for (struct core_node *item = list->first; item; item = item->next) {
    struct val_written written;
    CORE_TRY(unfold(item, &written, err));
    struct val_expected *expected = &suite->expected[suite->n_expected++];
    CORE_TRY(val_expected_open(expected, &written, parameters, &suite->arena, err));
    expected->gx_quirks = suite->gx_quirks;
  }
  return CORE_OK;
}

static enum core_status read_name(struct val_suite *suite, const struct core_node *node,
                                  struct core_error *err) {
  suite->name = suite->path;
  if (!node || node->kind == CORE_NODE_NULL) return CORE_OK;
  if (node->kind == CORE_NODE_LIST || node->kind == CORE_NODE_MAP || !node->text.data)
    return core_fail_at(err, CORE_INVAL, node->pos, "the suite's name must be text, not %s",
                        core_node_kind_name(node->kind));
  suite->name = node->text.data;
  return CORE_OK;
}

/* What the caller gives goes before what the suite declares. */
static enum core_status read_parameters(const struct core_node *declared,
                                        const struct val_suite_settings *settings,
                                        struct val_parameters *out, struct core_error *err) {
  *out = (struct val_parameters){.maps = {NULL}};
  if (declared && declared->kind != CORE_NODE_MAP && declared->kind != CORE_NODE_NULL)
    return core_fail_at(err, CORE_INVAL, declared->pos, "%s must be a map of values, not %s",
                        declared->key, core_node_kind_name(declared->kind));
  out->maps[2] = declared;
  if (!settings) return CORE_OK;
  out->maps[0] = settings->parameters[0];
  out->maps[1] = settings->parameters[1];
  out->has_now = settings->has_now;
  out->now_us = (int64_t)(settings->now_unix_s * 1e6);
  return CORE_OK;
}

static enum core_status read_root(struct val_suite *suite,
                                  const struct val_suite_settings *settings,
                                  struct core_error *err) {
  struct val_parameters parameters;
  const struct core_node *root = suite->tree.root;
  if (root->kind != CORE_NODE_MAP)
    return core_fail_at(err, CORE_INVAL, root->pos,
                        "a suite is a map with the key 'expectations', not %s",
                        core_node_kind_name(root->kind));
  const size_t form = find_form(root);
  suite->dialect = forms[form].dialect;
  suite->gx_quirks = settings && settings->gx_quirks;
  CORE_TRY(check_keys(root, "suite", forms[form].keys, err));
  CORE_TRY(read_name(suite, core_node_get(root, forms[form].keys[0]), err));
  suite->read.header = true;
  suite->read.quote = '"';
  CORE_TRY(val_csv_options_read(core_node_get(root, "csv"), &suite->arena, &suite->read, err));
  CORE_TRY(read_files(suite, core_node_get(root, "files"), err));
  CORE_TRY(read_columns(suite, core_node_get(root, "columns"), err));
  suite->meta = core_node_get(root, "meta");
  CORE_TRY(
      read_parameters(core_node_get(root, forms[form].parameters), settings, &parameters, err));
  return read_expectations(suite, root, &parameters, err);
}

enum core_status val_suite_parse(struct val_suite *suite, const char *name, const char *bytes,
                                 size_t len, const struct val_suite_settings *settings,
                                 struct core_error *err) {
  *suite = (struct val_suite){0};
  core_hash_hex(core_hash128(bytes, len, 0), suite->digest);
  enum core_status st = core_tree_parse(&suite->tree, name, bytes, len, err);
  if (st != CORE_OK) return st;
  suite->path = core_arena_strdup(&suite->arena, name);
  st = suite->path ? read_root(suite, settings, err) : core_fail_nomem(err, strlen(name) + 1);
  if (st != CORE_OK) val_suite_close(suite);
  return st;
}

/* ---- files ---- */

static enum core_status read_file(const char *path, struct core_str *out, struct core_error *err) {
  struct core_source *source = NULL;
  char block[16384];
  size_t got = 0;
  CORE_TRY(core_source_open_file(path, &source, err));
  enum core_status st = CORE_OK;
  do {
    st = core_source_read(source, block, sizeof block, &got, err);
    if (st == CORE_OK) core_str_append(out, block, got);
    if (st == CORE_OK) st = core_str_status(out, err);
    if (st == CORE_OK && out->len > MAX_SUITE_BYTES)
      st = core_fail(err, CORE_LIMIT, "%s: a suite of more than 64 MiB", path);
  } while (st == CORE_OK && got);
  core_source_close(source);
  return st;
}

enum core_status val_suite_open(struct val_suite *suite, const char *path,
                                const struct val_suite_settings *settings, struct core_error *err) {
  struct core_str text = {0};
  *suite = (struct val_suite){0};
  enum core_status st = read_file(path, &text, err);
  if (st == CORE_OK)
    st = val_suite_parse(suite, core_streq(path, "-") ? "<stdin>" : path, core_str_text(&text),
                         text.len, settings, err);
  core_str_close(&text);
  return st;
}

void val_suite_close(struct val_suite *suite) {
  for (size_t i = 0; i < suite->n_expected; i++) val_expected_close(&suite->expected[i]);
  core_tree_close(&suite->tree);
  core_arena_close(&suite->arena);
  *suite = (struct val_suite){0};
}
