/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/metric/text_shape.h"

#include <inttypes.h>

struct val_metric {
  size_t column;
  struct val_text_shape shape;
};

static bool text_shape_takes(enum val_type type) {
  return type == VAL_TYPE_STRING;
}

static enum core_status text_shape_open(const struct val_metric_request *request,
                                        const struct val_metric_context *context,
                                        struct val_metric **out, struct core_error *err) {
  (void)context;
  struct val_metric *m = core_calloc(1, sizeof *m);
  if (!m) return core_fail_nomem(err, sizeof *m);
  m->column = request->columns[0];
  *out = m;
  return CORE_OK;
}

/* 0: a character that no form is made of. */
static char kind_of(unsigned char c) {
  if (c >= '0' && c <= '9') return 'd';
  if (c >= 'A' && c <= 'Z') return 'u';
  if (c >= 'a' && c <= 'z') return 'l';
  return c >= 0x20 && c < 0x7f ? (char)c : 0;
}

/* The form of one text; false when it has none, or too long a one. */
static bool runs_of(struct core_slice text, struct val_text_shape *out) {
  out->n_runs = 0;
  for (size_t i = 0; i < text.len; i++) {
    const char kind = kind_of((unsigned char)text.data[i]);
    if (!kind) return false;
    if (out->n_runs > 0 && out->runs[out->n_runs - 1].kind == kind) {
      out->runs[out->n_runs - 1].least++;
      out->runs[out->n_runs - 1].most++;
      continue;
    }
    if (out->n_runs == VAL_SHAPE_RUNS) return false;
    out->runs[out->n_runs++] = (struct val_text_run){kind, 1, 1};
  }
  return true;
}

static void widen(struct val_text_shape *into, const struct val_text_shape *with) {
  into->shared = into->shared && with->shared && into->n_runs == with->n_runs;
  for (size_t i = 0; into->shared && i < into->n_runs; i++) {
    struct val_text_run *a = &into->runs[i];
    const struct val_text_run *b = &with->runs[i];
    into->shared = a->kind == b->kind;
    if (b->least < a->least) a->least = b->least;
    if (b->most > a->most) a->most = b->most;
  }
}

static void join(struct val_text_shape *into, const struct val_text_shape *with) {
  if (with->n == 0) return;
  if (into->n == 0) {
    *into = *with;
    return;
  }
  into->n += with->n;
  into->n_code_points += with->n_code_points;
  into->has_blank = into->has_blank || with->has_blank;
  if (with->least < into->least) into->least = with->least;
  if (with->most > into->most) into->most = with->most;
  if (into->shared) widen(into, with);
}

static bool has_blank(struct core_slice text) {
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] == ' ' || (text.data[i] >= '\t' && text.data[i] <= '\r')) return true;
  return false;
}

static enum core_status text_shape_observe(struct val_metric *m, const struct val_batch *batch,
                                           struct core_error *err) {
  (void)err;
  const struct val_column *column = &batch->columns[m->column];
  for (size_t i = 0; i < batch->n_rows; i++) {
    if (val_column_is_null(column, i)) continue;
    const struct core_slice text = val_column_text(column, i);
    const int64_t length = (int64_t)core_utf8_count(text.data, text.len);
    const int64_t n = val_batch_weight(batch, i);
    struct val_text_shape one = {
        .n = n, .least = length, .most = length, .n_code_points = n * length};
    one.has_blank = has_blank(text);
    if (m->shape.n == 0 || m->shape.shared) one.shared = runs_of(text, &one);
    join(&m->shape, &one);
  }
  return CORE_OK;
}

static enum core_status text_shape_merge(struct val_metric *into, struct val_metric *later,
                                         struct core_error *err) {
  (void)err;
  join(&into->shape, &later->shape);
  return CORE_OK;
}

static enum core_status text_shape_finish(struct val_metric *m, struct core_error *err) {
  (void)m, (void)err;
  return CORE_OK;
}

static enum core_status text_shape_describe(struct val_metric *m, struct core_str *out,
                                            struct core_error *err) {
  const struct val_text_shape *s = &m->shape;
  core_str_printf(out,
                  "{\"texts\":%" PRId64 ",\"least\":%" PRId64 ",\"most\":%" PRId64
                  ",\"code_points\":%" PRId64 ",\"blank\":%s,\"runs\":",
                  s->n, s->least, s->most, s->n_code_points, s->has_blank ? "true" : "false");
  core_str_text_append(out, s->shared ? "[" : "null}");
  for (size_t i = 0; s->shared && i < s->n_runs; i++)
    core_str_printf(out, "%s[%d,%" PRId64 ",%" PRId64 "]", i ? "," : "", s->runs[i].kind,
                    s->runs[i].least, s->runs[i].most);
  if (s->shared) core_str_text_append(out, "]}");
  return core_str_status(out, err);
}

static void text_shape_close(struct val_metric *m) {
  core_free(m);
}

const struct val_text_shape *val_text_shape(const struct val_metric *m) {
  return &m->shape;
}

const struct val_metric_ops val_metric_text_shape = {
    .name = "text shape",
    .summary = "the lengths of a column's texts, and the form that they share",
    .weighted = true,
    .takes = text_shape_takes,
    .open = text_shape_open,
    .observe = text_shape_observe,
    .merge = text_shape_merge,
    .finish = text_shape_finish,
    .describe = text_shape_describe,
    .close = text_shape_close,
};
