/* SPDX-License-Identifier: GPL-3.0-or-later
 * How a section of a study file names a row of a registry: `sampler: {name: tpe, n_startup_trials: 5}`, or `sampler:
 * tpe`. Used by the registries of samplers and pruners. */
#pragma once
#include "core/option.h"

/* The index into `names` (NULL-terminated) that the section asks for; `fallback` when it is absent (NULL or null).
 * `kind` is the section's key. */
enum core_status hpo_plugin_choose(const char *kind, const struct core_node *section,
                                   const char *const *names, const char *fallback, size_t *index,
                                   struct core_error *err) CORE_MUST_CHECK;
/* The other keys of the section, by the chosen row's options. */
enum core_status hpo_plugin_options(const char *kind, const char *name,
                                    const struct core_option *rows, const struct core_node *section,
                                    struct core_options *out,
                                    struct core_error *err) CORE_MUST_CHECK;
