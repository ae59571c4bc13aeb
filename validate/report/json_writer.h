/* SPDX-License-Identifier: GPL-3.0-or-later
 * Writes a JSON document (RFC 8259) piece by piece: commas, keys, escapes and indentation are its
 * business. */
#pragma once
#include "core/sink.h"
#include "core/tree.h"
#include <stdint.h>

#define VAL_JSON_WRITER_DEPTH 16

struct val_json {
  struct core_sink *sink;
  bool strict; /* NaN and infinities as strings; otherwise as Python's json module writes them */
  struct core_str scratch;
  int depth;
  struct {
    bool flat, list, used;
  } level[VAL_JSON_WRITER_DEPTH];
};

/* `key` is NULL inside lists and for the document itself. */
void val_json_map(struct val_json *w, const char *key);
void val_json_list(struct val_json *w, const char *key);
/* All of it on one line. */
void val_json_flat_map(struct val_json *w, const char *key);
void val_json_flat_list(struct val_json *w, const char *key);
void val_json_end(struct val_json *w);

void val_json_text(struct val_json *w, const char *key, const char *text); /* NULL: null */
void val_json_int(struct val_json *w, const char *key, int64_t value);
void val_json_double(struct val_json *w, const char *key, double value);
void val_json_bool(struct val_json *w, const char *key, bool value);
void val_json_null(struct val_json *w, const char *key);
/* A finished fragment of JSON; NULL: null. */
void val_json_raw(struct val_json *w, const char *key, const char *json);
void val_json_node(struct val_json *w, const char *key, const struct core_node *node);
/* The keyword arguments of an expectation: the map without what our short form writes among them (severity, meta). */
void val_json_kwargs(struct val_json *w, const char *key, const struct core_node *map);
/* "2026-01-31T23:59:59.123456+00:00", or "20260131T235959.123456Z" when `compact`. */
void val_json_time(struct val_json *w, const char *key, double unix_s, bool compact);

/* Ends the document with a newline; CORE_NOMEM when a piece got lost. Frees the scratch. */
enum core_status val_json_close(struct val_json *w, struct core_error *err) CORE_MUST_CHECK;
