/* SPDX-License-Identifier: GPL-3.0-or-later
 * The JSON of the machine-readable reports. It knows syntax only, no field of any document. */
#include "validate/report/json_writer.h"

#include "core/clock.h"
#include "core/num.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void separate(struct val_json *w, const char *key) {
  if (w->depth > 0) {
    const bool flat = w->level[w->depth - 1].flat;
    if (w->level[w->depth - 1].used) core_sink_text(w->sink, flat ? ", " : ",");
    w->level[w->depth - 1].used = true;
    if (!flat) core_sink_printf(w->sink, "\n%*s", 2 * w->depth, "");
  }
  if (!key) return;
  core_str_clear(&w->scratch);
  core_str_json(&w->scratch, key, strlen(key));
  core_sink_text(w->sink, core_str_text(&w->scratch));
  core_sink_text(w->sink, ": ");
}

static void begin(struct val_json *w, const char *key, bool list, bool flat) {
  assert(w->depth < VAL_JSON_WRITER_DEPTH);
  separate(w, key);
  core_sink_text(w->sink, list ? "[" : "{");
  w->level[w->depth].list = list;
  w->level[w->depth].used = false;
  w->level[w->depth].flat = flat || (w->depth > 0 && w->level[w->depth - 1].flat);
  w->depth++;
}

void val_json_map(struct val_json *w, const char *key) {
  begin(w, key, false, false);
}
void val_json_list(struct val_json *w, const char *key) {
  begin(w, key, true, false);
}
void val_json_flat_map(struct val_json *w, const char *key) {
  begin(w, key, false, true);
}
void val_json_flat_list(struct val_json *w, const char *key) {
  begin(w, key, true, true);
}

void val_json_end(struct val_json *w) {
  assert(w->depth > 0);
  w->depth--;
  if (w->level[w->depth].used && !w->level[w->depth].flat)
    core_sink_printf(w->sink, "\n%*s", 2 * w->depth, "");
  core_sink_text(w->sink, w->level[w->depth].list ? "]" : "}");
}

void val_json_text(struct val_json *w, const char *key, const char *text) {
  separate(w, key);
  core_str_clear(&w->scratch);
  if (text)
    core_str_json(&w->scratch, text, strlen(text));
  else
    core_str_text_append(&w->scratch, "null");
  core_sink_write(w->sink, core_str_text(&w->scratch), w->scratch.len);
}

void val_json_int(struct val_json *w, const char *key, int64_t value) {
  char text[CORE_NUM_BYTES];
  core_format_int64(value, text);
  separate(w, key);
  core_sink_text(w->sink, text);
}

void val_json_double(struct val_json *w, const char *key, double value) {
  char text[CORE_NUM_BYTES];
  if (isfinite(value)) {
    core_format_double(value, text);
    separate(w, key);
    core_sink_text(w->sink, text);
    return;
  }
  val_json_raw(w, key, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

void val_json_bool(struct val_json *w, const char *key, bool value) {
  separate(w, key);
  core_sink_text(w->sink, value ? "true" : "false");
}

void val_json_null(struct val_json *w, const char *key) {
  separate(w, key);
  core_sink_text(w->sink, "null");
}

/* Length of the non-JSON number at `p`, 0 when there is none. */
static size_t python_number(const char *p) {
  static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
  for (size_t i = 0; i < CORE_COUNT_OF(words); i++)
    if (strncmp(p, words[i], strlen(words[i])) == 0) return strlen(words[i]);
  return 0;
}

/* Copies a fragment, its NaN and infinities as strings. */
static void write_strict(struct core_sink *sink, const char *json) {
  bool inside = false;
  const char *start = json;
  for (const char *p = json; *p;) {
    const size_t word = inside ? 0 : python_number(p);
    if (word > 0) {
      core_sink_write(sink, start, (size_t)(p - start));
      core_sink_text(sink, "\"");
      core_sink_write(sink, p, word);
      core_sink_text(sink, "\"");
      start = p += word;
    } else if (inside && *p == '\\' && p[1]) {
      p += 2;
    } else {
      if (*p == '"') inside = !inside;
      p++;
    }
  }
  core_sink_text(sink, start);
}

void val_json_raw(struct val_json *w, const char *key, const char *json) {
  separate(w, key);
  if (w->strict && json)
    write_strict(w->sink, json);
  else
    core_sink_text(w->sink, json ? json : "null");
}

void val_json_node(struct val_json *w, const char *key, const struct core_node *node) {
  struct core_str text = {0};
  if (node) core_node_json(node, true, &text);
  if (text.failed) w->scratch.failed = true;
  val_json_raw(w, key, node ? core_str_text(&text) : NULL);
  core_str_close(&text);
}

void val_json_kwargs(struct val_json *w, const char *key, const struct core_node *map) {
  static const char *const beside[] = {"severity", "meta", "description", "notes", "id"};
  val_json_flat_map(w, key);
  for (const struct core_node *node = map ? map->first : NULL; node; node = node->next) {
    bool argument = true;
    for (size_t i = 0; i < CORE_COUNT_OF(beside); i++)
      argument = argument && strcmp(node->key, beside[i]) != 0;
    if (argument) val_json_node(w, node->key, node);
  }
  val_json_end(w);
}

void val_json_time(struct val_json *w, const char *key, double unix_s, bool compact) {
  char plain[CORE_TIME_BYTES], text[CORE_TIME_BYTES + 8];
  core_time_format(unix_s, plain);
  size_t n = 0;
  for (const char *p = plain; *p; p++)
    if (*p == ' ')
      text[n++] = 'T';
    else if (!compact || (*p != '-' && *p != ':'))
      text[n++] = *p;
  snprintf(text + n, sizeof text - n, "%s", compact ? "Z" : "+00:00");
  val_json_text(w, key, text);
}

enum core_status val_json_close(struct val_json *w, struct core_error *err) {
  assert(w->depth == 0);
  core_sink_text(w->sink, "\n");
  const enum core_status st = core_str_status(&w->scratch, err);
  core_str_close(&w->scratch);
  return st;
}
