/* SPDX-License-Identifier: GPL-3.0-or-later
 * Great Expectations' validation result, so that what reads theirs reads ours: the 0.x shape for a
 * 0.x suite, the 1.x shape otherwise; several data files give the shape of a checkpoint's result.
 * What differs: docs/reports.md, "gx". */
#include "validate/expect/expectation.h"
#include "validate/report/failure_tally.h"
#include "validate/report/json_writer.h"
#include "validate/report/report.h"
#include <stdlib.h>
#include <string.h>

enum { GX_LIST_LIMIT = 200 };

/* 100 * part / whole; null without a whole. */
static void percent(struct val_json *w, const char *key, int64_t part, int64_t whole) {
  if (whole > 0)
    val_json_double(w, key, 100.0 * (double)part / (double)whole);
  else
    val_json_null(w, key);
}

static void write_values(struct val_json *w, const char *key, const struct val_verdict *v,
                         size_t limit) {
  val_json_flat_list(w, key);
  for (size_t i = 0; i < v->n_failures && i < limit; i++)
    val_json_raw(w, NULL, v->failures[i].json);
  val_json_end(w);
}

static void write_indices(struct val_json *w, const char *key, const struct val_verdict *v,
                          size_t limit) {
  val_json_flat_list(w, key);
  for (size_t i = 0; i < v->n_failures && i < limit; i++)
    if (v->failures[i].index_json)
      val_json_raw(w, NULL, v->failures[i].index_json);
    else
      val_json_int(w, NULL, v->failures[i].row);
  val_json_end(w);
}

/* A failing value of the counted list, parsed so that it can be put in order. */
struct counted {
  struct core_tree tree;
  size_t count;
};

/* As Python orders two values; *comparable turns false where Python would raise TypeError. */
static int value_compare(const struct core_node *a, const struct core_node *b, bool *comparable) {
  const bool numbers = (core_node_is_number(a) || a->kind == CORE_NODE_BOOL) &&
                       (core_node_is_number(b) || b->kind == CORE_NODE_BOOL);
  if (numbers) {
    const double x = a->kind == CORE_NODE_BOOL ? a->boolean : a->number,
                 y = b->kind == CORE_NODE_BOOL ? b->boolean : b->number;
    if (a->kind == CORE_NODE_INT && b->kind == CORE_NODE_INT)
      return (a->integer > b->integer) - (a->integer < b->integer);
    return (x > y) - (x < y);
  }
  if (a->kind == CORE_NODE_STRING && b->kind == CORE_NODE_STRING) {
    const size_t n = a->text.len < b->text.len ? a->text.len : b->text.len;
    const int order = memcmp(a->text.data, b->text.data, n);
    return order != 0 ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
  }
  if (a->kind == CORE_NODE_NULL && b->kind == CORE_NODE_NULL) return 0;
  const bool both = a->n_children > 0 && a->n_children == b->n_children;
  if (!both) *comparable = false;
  const struct core_node *x = a->first, *y = b->first;
  for (; both && x && y; x = x->next, y = y->next) {
    if (x->kind == CORE_NODE_NULL && y->kind == CORE_NODE_NULL) continue; /* equal before ordered */
    const int order = value_compare(x, y, comparable);
    if (order != 0 || !*comparable) return order;
  }
  return 0;
}

/* Insertion sort of at most partial_count values by (-count, value). */
static bool sort_counted(struct counted *list, size_t n) {
  bool comparable = true;
  for (size_t i = 1; i < n; i++) {
    const struct counted moved = list[i];
    size_t at = i;
    while (at > 0 && (list[at - 1].count < moved.count ||
                      (list[at - 1].count == moved.count &&
                       value_compare(list[at - 1].tree.root, moved.tree.root, &comparable) > 0))) {
      list[at] = list[at - 1];
      at--;
    }
    list[at] = moved;
  }
  return comparable;
}

/* A multicolumn value is shown as the tuple of its values. */
static void write_counted_value(struct val_json *w, const struct core_node *value) {
  if (value->kind != CORE_NODE_MAP) {
    val_json_node(w, "value", value);
    return;
  }
  val_json_flat_list(w, "value");
  for (const struct core_node *item = value->first; item; item = item->next)
    val_json_node(w, NULL, item);
  val_json_end(w);
}

static void write_counted(struct val_json *w, struct counted *list, size_t n) {
  val_json_list(w, "partial_unexpected_counts");
  if (sort_counted(list, n)) {
    for (size_t i = 0; i < n; i++) {
      val_json_flat_map(w, NULL);
      write_counted_value(w, list[i].tree.root);
      val_json_int(w, "count", (int64_t)list[i].count);
      val_json_end(w);
    }
  } else {
    val_json_flat_map(w, NULL);
    val_json_text(w, "error", "partial_exception_counts requires a hashable type");
    val_json_end(w);
  }
  val_json_end(w);
}

/* The commonest failing values. As in GX, at SUMMARY only the values of the partial list are
 * counted, at COMPLETE all. */
static enum core_status write_counts(struct val_json *w, const struct val_verdict *v, size_t limit,
                                     struct core_error *err) {
  const bool complete = v->expected->format == VAL_FORMAT_COMPLETE;
  const size_t n = complete || v->n_failures < limit ? v->n_failures : limit;
  struct val_tally tally = {0};
  struct counted *list = NULL;
  size_t n_list = 0;
  enum core_status st = val_tally_open(&tally, v->failures, n, err);
  if (st != CORE_OK) goto out;
  val_tally_sort_by_count(&tally);
  list = core_calloc(limit < tally.n_groups ? limit : tally.n_groups, sizeof *list);
  if (!list) {
    st = core_fail_nomem(err, limit * sizeof *list);
    goto out;
  }
  for (; n_list < limit && n_list < tally.n_groups; n_list++) {
    const char *json = tally.groups[n_list].first->json;
    list[n_list].count = tally.groups[n_list].count;
    st = core_tree_parse_json(&list[n_list].tree, "<value>", json, strlen(json), err);
    if (st != CORE_OK) goto out;
  }
  write_counted(w, list, n_list);
out:
  for (size_t i = 0; i < n_list; i++) core_tree_close(&list[i].tree);
  core_free(list);
  val_tally_close(&tally);
  return st;
}

static void write_index_columns(struct val_json *w, const char *const *columns) {
  if (!columns || !*columns) return;
  val_json_flat_list(w, "unexpected_index_column_names");
  for (; *columns; columns++) val_json_text(w, NULL, *columns);
  val_json_end(w);
}

/* The failing rows with all their columns: include_unexpected_rows. */
static void write_rows(struct val_json *w, const struct val_verdict *v, size_t limit) {
  if (!v->expected->include_rows) return;
  val_json_list(w, "unexpected_rows");
  for (size_t i = 0; i < v->n_failures && i < limit; i++)
    val_json_raw(w, NULL, v->failures[i].row_json);
  val_json_end(w);
}

/* What a pandas user types to see the failing rows. */
static enum core_status write_index_query(struct val_json *w, const struct val_verdict *v,
                                          struct core_error *err) {
  struct core_str query = {0};
  if (v->n_failures == 0 || !v->expected->index_query) return CORE_OK;
  core_str_text_append(&query, "df.filter(items=[");
  for (size_t i = 0; i < v->n_failures; i++)
    core_str_printf(&query, "%s%lld", i ? ", " : "", (long long)v->failures[i].row);
  core_str_text_append(&query, "], axis=0)");
  const enum core_status st = core_str_status(&query, err);
  if (st == CORE_OK) val_json_text(w, "unexpected_index_query", core_str_text(&query));
  core_str_close(&query);
  return st;
}

/* Great Expectations 1.x keeps 200 failing values at COMPLETE, but all of their indices. */
static size_t list_limit(const struct val_verdict *v, enum val_dialect dialect) {
  const bool cut = v->expected->gx_quirks && dialect != VAL_DIALECT_GX_0;
  return cut && v->n_failures > GX_LIST_LIMIT ? GX_LIST_LIMIT : v->n_failures;
}

static enum core_status write_map_result(struct val_json *w, const struct val_verdict *v,
                                         enum val_dialect dialect, struct core_error *err) {
  const struct val_expected *e = v->expected;
  const int64_t nonnull = v->element_count - (v->counts_missing ? v->missing_count : 0);
  val_json_int(w, "element_count", v->element_count);
  val_json_int(w, "unexpected_count", v->unexpected_count);
  percent(w, "unexpected_percent", v->unexpected_count, nonnull);
  if (!e->exclude_values) write_values(w, "partial_unexpected_list", v, e->partial_count);
  write_index_columns(w, e->index_columns);
  if (v->counts_missing) {
    val_json_int(w, "missing_count", v->missing_count);
    percent(w, "missing_percent", v->missing_count, v->element_count);
    percent(w, "unexpected_percent_total", v->unexpected_count, v->element_count);
    percent(w, "unexpected_percent_nonmissing", v->unexpected_count, nonnull);
  }
  write_rows(w, v, e->format == VAL_FORMAT_COMPLETE ? v->n_failures : e->partial_count);
  if (e->format < VAL_FORMAT_SUMMARY) return CORE_OK;
  if (e->partial_count > 0 && !e->exclude_values)
    CORE_TRY(write_counts(w, v, e->partial_count, err));
  write_indices(w, "partial_unexpected_index_list", v, e->partial_count);
  if (e->format < VAL_FORMAT_COMPLETE) return CORE_OK;
  if (!e->exclude_values) write_values(w, "unexpected_list", v, list_limit(v, dialect));
  write_indices(w, "unexpected_index_list", v, v->n_failures);
  return write_index_query(w, v, err);
}

static void write_observed_result(struct val_json *w, const struct val_verdict *v,
                                  enum val_dialect dialect) {
  if (v->observed_json) val_json_raw(w, "observed_value", v->observed_json);
  if (dialect == VAL_DIALECT_GX_0 && v->has_counts) {
    val_json_int(w, "element_count", v->element_count);
    val_json_int(w, "missing_count", v->missing_count);
    percent(w, "missing_percent", v->missing_count, v->element_count);
  }
  if (v->details_json) val_json_raw(w, "details", v->details_json);
}

static void write_config(struct val_json *w, const struct val_expected *e,
                         enum val_dialect dialect) {
  val_json_map(w, "expectation_config");
  val_json_text(w, dialect == VAL_DIALECT_GX_0 ? "expectation_type" : "type", e->ops->name);
  val_json_kwargs(w, "kwargs", e->kwargs_node);
  if (e->meta) {
    val_json_node(w, "meta", e->meta);
  } else {
    val_json_flat_map(w, "meta");
    val_json_end(w);
  }
  if (e->id) val_json_text(w, "id", e->id);
  if (e->description) val_json_text(w, "description", e->description);
  if (e->notes) val_json_node(w, "notes", e->notes);
  if (dialect != VAL_DIALECT_GX_0) val_json_text(w, "severity", val_severity_name(e->severity));
  val_json_end(w);
}

/* There is one place for words only: what is known about the column follows there. */
static void write_exception(struct val_json *w, const struct val_verdict *v,
                            struct core_str *text) {
  const char *sentence = v->exception;
  if (v->exception && v->note) {
    core_str_printf(text, "%s; %s", v->exception, v->note);
    sentence = core_str_text(text);
  }
  val_json_map(w, "exception_info");
  val_json_bool(w, "raised_exception", sentence != NULL);
  val_json_text(w, "exception_message", sentence);
  val_json_text(w, "exception_traceback",
                sentence); /* there is no stack; readers search it for the sentence */
  val_json_end(w);
}

static enum core_status write_verdict(struct val_json *w, const struct val_verdict *v,
                                      enum val_dialect dialect, struct core_error *err) {
  enum core_status st = CORE_OK;
  val_json_map(w, NULL);
  val_json_bool(w, "success", v->success);
  write_config(w, v->expected, dialect);
  val_json_map(w, "result");
  if (v->expected->format != VAL_FORMAT_BOOLEAN_ONLY && !v->exception) {
    if (v->is_map) st = write_map_result(w, v, dialect, err);
    write_observed_result(w, v, v->is_map ? VAL_DIALECT_OWN : dialect);
  }
  val_json_end(w);
  val_json_flat_map(w, "meta");
  if (v->proof) val_json_text(w, "proved_by", val_proof_name(v->proof));
  val_json_end(w);
  struct core_str text = {0};
  write_exception(w, v, &text);
  if (st == CORE_OK) st = core_str_status(&text, err);
  core_str_close(&text);
  val_json_end(w);
  return st;
}

/* GX has no place for faults of the data as such: they stand in meta. */
static void write_findings(struct val_json *w, const struct val_findings *findings) {
  uint64_t any = 0;
  for (size_t kind = 0; kind < VAL_FINDING_KINDS; kind++) any += findings->count[kind];
  if (any == 0) return;
  val_json_list(w, "sweepgate_findings");
  for (size_t kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    if (findings->count[kind] == 0) continue;
    val_json_flat_map(w, NULL);
    val_json_text(w, "kind", val_finding_code((enum val_finding_kind)kind));
    val_json_int(w, "count", (int64_t)findings->count[kind]);
    val_json_text(w, "first", findings->kept[kind][0].message);
    val_json_end(w);
  }
  val_json_end(w);
}

static void write_run_id(struct val_json *w, double started_unix_s) {
  val_json_flat_map(w, "run_id");
  val_json_null(w, "run_name");
  val_json_time(w, "run_time", started_unix_s, false);
  val_json_end(w);
}

static void write_meta(struct val_json *w, const struct val_result *result) {
  const bool old = result->suite->dialect == VAL_DIALECT_GX_0;
  val_json_map(w, "meta");
  val_json_text(w, "sweepgate_version", SWEEPGATE_VERSION);
  val_json_text(w, "expectation_suite_name", result->suite->name);
  write_run_id(w, result->started_unix_s);
  val_json_flat_map(w, "batch_spec");
  val_json_text(w, "path", result->data_name);
  val_json_end(w);
  val_json_time(w, "validation_time", result->started_unix_s, old);
  write_findings(w, &result->findings);
  val_json_end(w);
}

static void write_statistics(struct val_json *w, const struct val_result *result) {
  val_json_map(w, "statistics");
  val_json_int(w, "evaluated_expectations", (int64_t)result->n_verdicts);
  val_json_int(w, "successful_expectations", (int64_t)result->n_success);
  val_json_int(w, "unsuccessful_expectations", (int64_t)(result->n_verdicts - result->n_success));
  percent(w, "success_percent", (int64_t)result->n_success, (int64_t)result->n_verdicts);
  val_json_end(w);
}

/* GX's `success` knows no severities: every expectation must be met. A fault of the data fails it too, which GX would not
 * have seen. */
static bool gx_success(const struct val_result *result) {
  return result->n_success == result->n_verdicts &&
         (result->suite->gx_quirks || val_findings_total(&result->findings) == 0);
}

static enum core_status write_result(struct val_json *w, const char *key,
                                     const struct val_result *result, struct core_error *err) {
  const bool old = result->suite->dialect == VAL_DIALECT_GX_0;
  enum core_status st = CORE_OK;
  val_json_map(w, key);
  val_json_bool(w, "success", gx_success(result));
  val_json_list(w, "results");
  for (size_t i = 0; i < result->n_verdicts && st == CORE_OK; i++)
    st = write_verdict(w, &result->verdicts[i], result->suite->dialect, err);
  val_json_end(w);
  if (!old) val_json_text(w, "suite_name", result->suite->name);
  val_json_flat_map(w, old ? "evaluation_parameters" : "suite_parameters");
  val_json_end(w);
  write_statistics(w, result);
  write_meta(w, result);
  if (!old) val_json_null(w, "id");
  val_json_end(w);
  return st;
}

/* The key of a result among several: the data's name, numbered where it occurs again. */
static const char *result_key(const struct val_result *const *results, size_t i,
                              struct core_str *key) {
  size_t before = 0;
  for (size_t k = 0; k < i; k++) before += core_streq(results[k]->data_name, results[i]->data_name);
  core_str_clear(key);
  core_str_text_append(key, results[i]->data_name);
  if (before > 0) core_str_printf(key, "#%zu", before + 1);
  return core_str_text(key);
}

static enum core_status write_several(struct val_json *w, const struct val_result *const *results,
                                      size_t n, struct core_error *err) {
  enum core_status st = CORE_OK;
  struct core_str key = {0};
  size_t good = 0;
  for (size_t i = 0; i < n; i++) good += gx_success(results[i]);
  val_json_map(w, NULL);
  val_json_bool(w, "success", good == n);
  write_run_id(w, results[0]->started_unix_s);
  val_json_map(w, "run_results");
  for (size_t i = 0; i < n && st == CORE_OK; i++)
    st = write_result(w, result_key(results, i, &key), results[i], err);
  val_json_end(w);
  val_json_map(w, "statistics");
  val_json_int(w, "evaluated_validations", (int64_t)n);
  val_json_int(w, "successful_validations", (int64_t)good);
  val_json_int(w, "unsuccessful_validations", (int64_t)(n - good));
  percent(w, "success_percent", (int64_t)good, (int64_t)n);
  val_json_end(w);
  val_json_end(w);
  if (st == CORE_OK) st = core_str_status(&key, err);
  core_str_close(&key);
  return st;
}

static enum core_status gx_write(const struct val_result *const *results, size_t n,
                                 const struct val_report_options *options, struct core_sink *sink,
                                 struct core_error *err) {
  (void)options;
  struct val_json w = {.sink = sink};
  const enum core_status st =
      n == 1 ? write_result(&w, NULL, results[0], err) : write_several(&w, results, n, err);
  const enum core_status closed = val_json_close(&w, err);
  return st != CORE_OK ? st : closed;
}

const struct val_report_ops val_report_gx = {
    .name = "gx",
    .summary = "Great Expectations' validation result",
    .write = gx_write,
};
