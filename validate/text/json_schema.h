/* SPDX-License-Identifier: GPL-3.0-or-later
 * JSON Schema: does a value meet a schema? The assertions and applicators of drafts 4 to 7 and 2020-12; `format` asserts
 * nothing, as in Python's jsonschema.validate. Refused when the schema is opened: references out of it,
 * unevaluatedProperties, unevaluatedItems, $dynamicRef. Regular expressions are those of validate/regex.h. */
#pragma once
#include "core/mem.h"
#include "core/tree.h"

struct val_json_schema;
/* `schema` is borrowed. CORE_INVAL, CORE_UNSUPPORTED with the place in the suite. */
enum core_status val_json_schema_open(const struct core_node *schema, struct val_json_schema **out,
                                      struct core_error *err) CORE_MUST_CHECK;
/* CORE_LIMIT: nested too deep, or a regular expression was given up. */
enum core_status val_json_schema_meets(struct val_json_schema *schema,
                                       const struct core_node *value, bool *ok,
                                       struct core_error *err) CORE_MUST_CHECK;
void val_json_schema_close(struct val_json_schema *schema); /* accepts NULL */
