/* SPDX-License-Identifier: GPL-3.0-or-later
 * Between judging by a JSON Schema and checking that it is one. */
#pragma once
#include "validate/regex.h"
#include "validate/text/json_schema.h"

struct val_schema_pattern {
  const struct core_node *node; /* the text, or the key in patternProperties */
  struct val_regex *regex;
};

struct val_json_schema {
  const struct core_node *root;
  struct val_schema_pattern *patterns;
  size_t n_patterns, patterns_cap;
  bool ref_alone; /* drafts up to 7: what stands beside $ref does not count */
};

/* What a keyword's value must be. */
enum val_schema_shape {
  VAL_SCHEMA_ANY,
  VAL_SCHEMA_NUMBER,   /* draft 4: or a boolean           */
  VAL_SCHEMA_POSITIVE, /* a number above zero             */
  VAL_SCHEMA_COUNT,    /* a whole number, not negative    */
  VAL_SCHEMA_FLAG,
  VAL_SCHEMA_TEXT,
  VAL_SCHEMA_REGEX,
  VAL_SCHEMA_LIST,
  VAL_SCHEMA_NAMES, /* a list of texts                 */
  VAL_SCHEMA_TYPES, /* a type's name, or several       */
  VAL_SCHEMA_SCHEMA,
  VAL_SCHEMA_SCHEMAS, /* a list of schemas, at least one */
  VAL_SCHEMA_ITEMS,   /* a schema or a list of them      */
  VAL_SCHEMA_SCHEMA_MAP,
  VAL_SCHEMA_PATTERN_MAP,  /* keys are regular expressions    */
  VAL_SCHEMA_DEPENDENCIES, /* a map of schemas or of names    */
  VAL_SCHEMA_REFUSED
};
/* Of a keyword; VAL_SCHEMA_ANY for those that are not known, which say nothing. */
enum val_schema_shape val_schema_shape_of(const char *keyword);
/* Where "#/definitions/x" leads; CORE_INVAL, CORE_UNSUPPORTED with the place. */
enum core_status val_schema_resolve(const struct val_json_schema *schema,
                                    const struct core_node *ref, const struct core_node **out,
                                    struct core_error *err) CORE_MUST_CHECK;
/* A whole number, as JSON has them: 1.0 is one. */
bool val_schema_is_whole(const struct core_node *node);
/* Checks a schema and everything below; collects its regular expressions. */
enum core_status val_schema_check(struct val_json_schema *schema, const struct core_node *node,
                                  struct core_error *err) CORE_MUST_CHECK;
