/* SPDX-License-Identifier: GPL-3.0-or-later
 * The environment of a child, and the places where its command may be. */
#include <string.h>
#include <unistd.h>

#include "core/child.h"
#include "core/mem.h"

void child_strings_close(struct child_strings *strings) {
  core_free(strings->list);
  core_free(strings->text);
  *strings = (struct child_strings){0};
}

static size_t count(char *const *list) {
  size_t n = 0;
  while (list && list[n]) n++;
  return n;
}

static bool is_dropped(const char *entry, const char *const *prefixes) {
  for (; prefixes && *prefixes; prefixes++) {
    if (strncmp(entry, *prefixes, strlen(*prefixes)) == 0) return true;
  }
  return false;
}

/* Does `list` set the variable of `entry`? */
static bool is_set_in(const char *entry, char *const *list) {
  const size_t name_len = strcspn(entry, "=") + 1;
  for (; list && *list; list++) {
    if (strncmp(entry, *list, name_len) == 0) return true;
  }
  return false;
}

bool child_environment(const struct core_child_spec *spec, const char *marker,
                       struct child_strings *out) {
  char *const *set = (char *const *)spec->env_set;
  const size_t marker_bytes = sizeof CORE_CHILD_MARKER + strlen(marker) + 1;
  *out = (struct child_strings){.list =
                                    core_calloc(count(environ) + count(set) + 2, sizeof *out->list),
                                .text = core_alloc(marker_bytes)};
  if (!out->list || !out->text) {
    child_strings_close(out);
    return false;
  }
  char *end = stpcpy(stpcpy(out->text, CORE_CHILD_MARKER), "=");
  memcpy(end, marker, strlen(marker) + 1);
  size_t n = 0;
  out->list[n++] = out->text;
  for (char **entry = environ; *entry; entry++) {
    if (!is_dropped(*entry, spec->env_drop) && !is_set_in(*entry, set) &&
        !is_set_in(*entry, (char *[]){out->text, NULL})) {
      out->list[n++] = *entry;
    }
  }
  for (; set && *set; set++) out->list[n++] = *set;
  return true;
}

static const char *path_of(char *const *env) {
  for (; *env; env++) {
    if (strncmp(*env, "PATH=", 5) == 0) return *env + 5;
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

/* The child's own PATH is searched; an empty part of it means the working folder, as in a shell. */
bool child_candidates(const struct core_child_spec *spec, char *const *env,
                      struct child_strings *out) {
  const char *name = spec->argv[0];
  const size_t name_bytes = strlen(name) + 1;
  const char *path = strchr(name, '/') || !*name ? "" : path_of(env);
  size_t parts = 1;
  for (const char *c = path; *c; c++) parts += *c == ':';
  *out = (struct child_strings){.list = core_calloc(parts + 1, sizeof *out->list),
                                .text = core_alloc(strlen(path) + parts * (name_bytes + 1))};
  if (!out->list || !out->text) {
    child_strings_close(out);
    return false;
  }
  char *at = out->text;
  for (size_t i = 0; i < parts; i++) {
    const size_t len = strcspn(path, ":");
    out->list[i] = at;
    at = mempcpy(at, path, len);
    if (len > 0) *at++ = '/';
    at = mempcpy(at, name, name_bytes);
    path += len + (path[len] != '\0');
  }
  return true;
}
