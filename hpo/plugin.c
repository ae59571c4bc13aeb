/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/plugin.h"

#include "core/str.h"

/* The node that holds the name, NULL when the section is absent. */
static enum core_status name_node(const char *kind, const struct core_node *section,
                                  const char *fallback, const struct core_node **out,
                                  struct core_error *err) {
  *out = NULL;
  if (!section || section->kind == CORE_NODE_NULL) return CORE_OK;
  *out = section->kind == CORE_NODE_MAP ? core_node_get(section, "name") : section;
  if (!*out)
    return core_fail_at(err, CORE_INVAL, section->pos, "'%s' has no 'name'; write {name: %s}", kind,
                        fallback);
  if ((*out)->kind != CORE_NODE_STRING)
    return core_fail_at(err, CORE_INVAL, (*out)->pos,
                        "the name of the %s is %s; write {name: %s} or the like", kind,
                        core_node_kind_name((*out)->kind), fallback);
  return CORE_OK;
}

static enum core_status fail_unknown(const char *kind, const struct core_node *name,
                                     const char *const *names, struct core_error *err) {
  struct core_str list = {0};
  for (size_t i = 0; names[i]; i++) core_str_printf(&list, "%s%s", i ? ", " : "", names[i]);
  const char *near = core_nearest(name->text.data, names);
  const enum core_status st = core_fail_at(
      err, CORE_INVAL, name->pos, "there is no %s '%s'; there are %s%s%s%s", kind, name->text.data,
      core_str_text(&list), near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
  core_str_close(&list);
  return st;
}

enum core_status hpo_plugin_choose(const char *kind, const struct core_node *section,
                                   const char *const *names, const char *fallback, size_t *index,
                                   struct core_error *err) {
  const struct core_node *node;
  CORE_TRY(name_node(kind, section, fallback, &node, err));
  for (*index = 0; names[*index]; (*index)++)
    if (node ? core_slice_is(node->text, names[*index]) : core_streq(fallback, names[*index]))
      return CORE_OK;
  if (node) return fail_unknown(kind, node, names, err);
  return core_fail(err, CORE_UNSUPPORTED, "there is no %s '%s'", kind, fallback);
}

enum core_status hpo_plugin_options(const char *kind, const char *name,
                                    const struct core_option *rows, const struct core_node *section,
                                    struct core_options *out, struct core_error *err) {
  static const char *const ignored[] = {"name", NULL};
  const bool map = section && section->kind == CORE_NODE_MAP;
  struct core_str title = {0};
  core_str_printf(&title, "%s '%s'", kind, name);
  enum core_status st = core_str_status(&title, err);
  if (st == CORE_OK)
    st = core_options_open(out, rows, map ? section : NULL, core_str_text(&title), ignored, err);
  core_str_close(&title);
  if (st == CORE_OK && section) out->pos = section->pos;
  return st;
}
