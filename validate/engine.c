/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/engine.h"

#include "validate/dictionary.h"
#include "validate/profile/profile.h"

#include <math.h>
#include <string.h>

/* Of the limit on memory, what the metrics that spill may hold together (each gets an equal share): the rest is for those
 * that do not, for batches and buffers. */
#define SPILL_SHARE_PERCENT 75
#define SPILL_LEAST_BYTES   ((size_t)256 << 10)
/* Where no limit is given. What is larger lies in no cache, and files that are written and read from one end to the other take
 * about the same time (benchmarks/scan/README.md). */
#define DEFAULT_BYTES      ((size_t)1 << 30)
#define DEFAULT_EACH_BYTES ((size_t)64 << 20)

struct column_use;
struct val_pass {
  const struct val_plan *plan;
  struct val_metric **metrics; /* parallel to plan->metrics */
  char **faults;               /* likewise: why a metric gave up; NULL: it did not */
  bool *absorbed;              /* likewise: it knows of the rows at hand without being shown them */
  int64_t *n_absorbed;         /* likewise: rows that it took so */
  uint8_t *proof;              /* likewise: the last enum val_proof that was needed for that */
  bool knows;                  /* the input says something of itself */
  int64_t n_rows;
  int64_t *n_selected;              /* rows of each of the plan's conditions */
  struct val_selection *selections; /* likewise: what the batch at hand leaves */
  struct val_column *columns;       /* of the batch at hand, with NaN counted as null */
  struct val_column *plain;         /* likewise, for metrics that take no encoded ones */
  struct column_use *uses;          /* likewise, how encoded ones are shown */
  struct val_elements *elements;    /* of the batch at hand, likewise without NaN */
  uint8_t **validity;               /* one growing buffer a column, made when first needed */
  size_t *validity_cap;
};

/* What becomes of a column while it is dictionary-encoded. */
struct column_use {
  bool weighted;                /* some metric can be given its values with weights, */
  struct val_entry_tally tally; /* which are counted here */
  bool tallied;                 /* those of the batch at hand were */
  bool decoded;                 /* `plain` is that of the batch at hand */
  struct val_column plain;
  struct val_decoded buffers;
  uint64_t looked_at; /* the dictionary of which is known */
  bool has_nan;       /* whether an entry is NaN */
};

static size_t spill_share(const struct val_plan *plan, size_t n_parts) {
  const size_t limit = plan->limits.memory_bytes, bytes = limit ? limit : DEFAULT_BYTES;
  size_t n = 0;
  for (size_t i = 0; i < plan->n_metrics; i++) n += plan->metrics[i].ops->spills;
  size_t share = bytes / 100 * SPILL_SHARE_PERCENT / (n ? n : 1);
  if (!limit && share > DEFAULT_EACH_BYTES) share = DEFAULT_EACH_BYTES;
  share /= n_parts ? n_parts : 1;
  return share < SPILL_LEAST_BYTES ? SPILL_LEAST_BYTES : share;
}

static bool is_weighted(const struct val_pass *pass, size_t i) {
  const struct val_metric_request *request = &pass->plan->metrics[i];
  return request->ops->weighted && request->n_columns == 1 && !request->condition;
}

enum core_status val_pass_open(const struct val_plan *plan, size_t n_parts, struct val_pass **out,
                               struct core_error *err) {
  const size_t n_columns = val_schema_width(plan->schema);
  struct val_pass *pass = core_calloc(1, sizeof *pass);
  if (!pass) return core_fail_nomem(err, sizeof *pass);
  pass->plan = plan;
  pass->metrics = core_calloc(plan->n_metrics + 1, sizeof(struct val_metric *));
  pass->faults = core_calloc(plan->n_metrics + 1, sizeof *pass->faults);
  pass->absorbed = core_calloc(plan->n_metrics + 1, sizeof *pass->absorbed);
  pass->n_absorbed = core_calloc(plan->n_metrics + 1, sizeof *pass->n_absorbed);
  pass->proof = core_calloc(plan->n_metrics + 1, sizeof *pass->proof);
  pass->n_selected = core_calloc(plan->n_conditions + 1, sizeof *pass->n_selected);
  pass->selections = core_calloc(plan->n_conditions + 1, sizeof *pass->selections);
  pass->columns = core_calloc(n_columns + 1, sizeof *pass->columns);
  pass->plain = core_calloc(n_columns + 1, sizeof *pass->plain);
  pass->uses = core_calloc(n_columns + 1, sizeof *pass->uses);
  pass->elements = core_calloc(plan->schema->n_elements + 1, sizeof *pass->elements);
  pass->validity = core_calloc(n_columns + 1, sizeof *pass->validity);
  pass->validity_cap = core_calloc(n_columns + 1, sizeof *pass->validity_cap);
  enum core_status st = CORE_OK;
  if (!pass->metrics || !pass->faults || !pass->absorbed || !pass->n_absorbed || !pass->proof ||
      !pass->n_selected || !pass->selections || !pass->columns || !pass->plain || !pass->uses ||
      !pass->elements || !pass->validity || !pass->validity_cap)
    st = core_fail_nomem(err, (plan->n_metrics + n_columns) * sizeof(void *));
  const struct val_metric_context context = {plan->schema, spill_share(plan, n_parts), n_parts > 0};
  for (size_t i = 0; i < plan->n_metrics && st == CORE_OK; i++)
    st = plan->metrics[i].ops->open(&plan->metrics[i], &context, &pass->metrics[i], err);
  for (size_t i = 0; i < plan->n_metrics && st == CORE_OK; i++)
    if (is_weighted(pass, i)) pass->uses[plan->metrics[i].columns[0]].weighted = true;
  if (st != CORE_OK) {
    val_pass_close(pass);
    return st;
  }
  *out = pass;
  return CORE_OK;
}

void val_pass_close(struct val_pass *pass) {
  if (!pass) return;
  for (size_t i = 0; i < pass->plan->n_metrics; i++) {
    if (pass->metrics) pass->plan->metrics[i].ops->close(pass->metrics[i]);
    if (pass->faults) core_free(pass->faults[i]);
  }
  for (size_t i = 0; pass->validity && i < val_schema_width(pass->plan->schema); i++)
    core_free(pass->validity[i]);
  for (size_t i = 0; pass->uses && i < pass->plan->schema->n_fields; i++) {
    val_entry_tally_close(&pass->uses[i].tally);
    val_decoded_close(&pass->uses[i].buffers);
  }
  core_free(pass->uses);
  core_free(pass->plain);
  for (size_t i = 0; pass->selections && i < pass->plan->n_conditions; i++)
    val_selection_close(&pass->selections[i]);
  core_free(pass->selections);
  core_free(pass->n_selected);
  core_free(pass->validity_cap);
  core_free(pass->validity);
  core_free(pass->columns);
  core_free(pass->elements);
  core_free(pass->absorbed);
  core_free(pass->n_absorbed);
  core_free(pass->proof);
  core_free(pass->faults);
  core_free(pass->metrics);
  core_free(pass);
}

/* ---- NaN is null ---- */

static bool has_nan(const struct val_column *column, size_t n_rows) {
  unsigned any = 0;
  for (size_t i = 0; i < n_rows; i++)
    any |= (unsigned)(column->values.float64[i] != column->values.float64[i]);
  return any != 0;
}

/* A validity bitmap without the NaN values, in the pass's own buffer. */
static enum core_status drop_nan(struct val_pass *pass, size_t index, struct val_column *column,
                                 size_t n_rows, struct core_error *err) {
  if (column->type != VAL_TYPE_DOUBLE || !has_nan(column, n_rows)) return CORE_OK;
  const size_t n_bytes = (n_rows + 7) / 8;
  CORE_TRY(core_grow((void **)&pass->validity[index], &pass->validity_cap[index], n_bytes, 1, err));
  uint8_t *bits = pass->validity[index];
  memset(bits, 0, n_bytes);
  int64_t n_null = 0;
  for (size_t i = 0; i < n_rows; i++) {
    const bool valid = !val_column_is_null(column, i) && !isnan(column->values.float64[i]);
    bits[i >> 3] |= (uint8_t)(valid << (i & 7));
    n_null += !valid;
  }
  column->validity = bits;
  column->null_count = n_null;
  return CORE_OK;
}

/* An encoded column may stay so as long as no entry is NaN. */
static enum core_status settle_nan(struct val_pass *pass, size_t i, size_t n_rows,
                                   struct core_error *err) {
  struct val_column *column = &pass->columns[i];
  struct column_use *use = &pass->uses[i];
  if (column->codes) {
    const struct val_dictionary *d = column->dictionary;
    if (use->looked_at != d->number) use->has_nan = has_nan(&d->entries, d->n);
    use->looked_at = d->number;
    if (!use->has_nan) return CORE_OK;
    CORE_TRY(val_column_decode(column, n_rows, &use->buffers, &use->plain, err));
    *column = use->plain;
  }
  return drop_nan(pass, i, column, n_rows, err);
}

static enum core_status prepare(struct val_pass *pass, const struct val_batch *batch,
                                struct core_error *err) {
  const struct val_schema *schema = pass->plan->schema;
  memcpy(pass->columns, batch->columns, batch->n_columns * sizeof *pass->columns);
  for (size_t i = 0; i < batch->n_columns; i++) {
    pass->uses[i].decoded = pass->uses[i].tallied = false;
    if (pass->columns[i].type == VAL_TYPE_DOUBLE) CORE_TRY(settle_nan(pass, i, batch->n_rows, err));
  }
  for (size_t i = 0; i < schema->n_elements; i++) {
    struct val_elements *elements = &pass->elements[i];
    *elements = batch->elements ? batch->elements[i] : (struct val_elements){0};
    CORE_TRY(drop_nan(pass, schema->n_fields + i, &elements->column, elements->n, err));
  }
  return CORE_OK;
}

/* ---- the pass ---- */

/* A metric that cannot go on (a search that was given up) spoils only the expectations that asked for it; a machine that
 * cannot go on (memory, disk) spoils the pass. */
static enum core_status note_fault(struct val_pass *pass, size_t i, enum core_status st,
                                   const struct core_error *why, struct core_error *err) {
  if (st == CORE_OK) return CORE_OK;
  if (st == CORE_NOMEM || st == CORE_IO) return core_fail(err, st, "%s", why->message);
  pass->faults[i] = core_strdup(why->message);
  return pass->faults[i] ? CORE_OK : core_fail_nomem(err, sizeof why->message);
}

/* The batch of each condition's rows, once for all expectations under it. */
static enum core_status select_rows(struct val_pass *pass, const struct val_batch *batch,
                                    struct core_error *err) {
  for (size_t i = 0; i < pass->plan->n_conditions; i++) {
    const struct val_plan_condition *c = &pass->plan->conditions[i];
    CORE_TRY(c->elements
                 ? val_selection_expand(&pass->selections[i], c->filter, batch, c->elements,
                                        pass->plan->schema, c->wanted, err)
                 : val_selection_take(&pass->selections[i], c->filter, batch, c->wanted, err));
    pass->n_selected[i] += (int64_t)pass->selections[i].batch.n_rows;
  }
  return CORE_OK;
}

/* ---- encoded columns ---- */

/* What was counted of a column goes to its metrics: those that are being shown rows. */
static enum core_status give_tally(struct val_pass *pass, size_t column, struct core_error *err) {
  const int64_t *weights = NULL;
  size_t n = 0;
  struct val_batch batch = {.n_columns = pass->plan->schema->n_fields};
  struct val_column *columns = core_calloc(batch.n_columns + 1, sizeof *columns);
  if (!columns) return core_fail_nomem(err, batch.n_columns * sizeof *columns);
  enum core_status st =
      val_entry_tally_take(&pass->uses[column].tally, &columns[column], &weights, &n, err);
  batch.n_rows = n;
  batch.columns = columns;
  batch.weights = weights;
  for (size_t i = 0; i < pass->plan->n_metrics && n > 0 && st == CORE_OK; i++) {
    struct core_error why = {0};
    if (!is_weighted(pass, i) || pass->plan->metrics[i].columns[0] != column) continue;
    if (pass->faults[i] || pass->absorbed[i]) continue;
    st = pass->plan->metrics[i].ops->observe(pass->metrics[i], &batch, &why);
    st = note_fault(pass, i, st, &why, err);
  }
  core_free(columns);
  return st;
}

static enum core_status give_tallies(struct val_pass *pass, struct core_error *err) {
  for (size_t i = 0; i < pass->plan->schema->n_fields; i++)
    if (pass->uses[i].tally.n_values > 0) CORE_TRY(give_tally(pass, i, err));
  return CORE_OK;
}

static enum core_status count_entries(struct val_pass *pass, size_t n_rows,
                                      struct core_error *err) {
  for (size_t i = 0; i < pass->plan->schema->n_fields; i++) {
    struct column_use *use = &pass->uses[i];
    const struct val_column *column = &pass->columns[i];
    if (!column->codes || !use->weighted || !val_entry_tally_takes(column)) continue;
    if (val_entry_tally_is_full(&use->tally, column)) CORE_TRY(give_tally(pass, i, err));
    CORE_TRY(val_entry_tally_add(&use->tally, column, n_rows, err));
    use->tallied = true;
  }
  return CORE_OK;
}

/* The batch with the columns of that metric plain, in `columns`, which has what became plain for others, too. */
static enum core_status show_plain(struct val_pass *pass, const struct val_metric_request *request,
                                   const struct val_batch *batch, struct val_column *columns,
                                   struct core_error *err) {
  for (size_t k = 0; k < request->n_columns; k++) {
    const size_t at = request->columns[k];
    struct column_use *use = &pass->uses[at];
    if (!batch->columns[at].codes) continue;
    if (!use->decoded)
      CORE_TRY(
          val_column_decode(&batch->columns[at], batch->n_rows, &use->buffers, &use->plain, err));
    use->decoded = true;
    columns[at] = use->plain;
  }
  return CORE_OK;
}

static bool has_codes(const struct val_metric_request *request, const struct val_batch *batch) {
  for (size_t k = 0; k < request->n_columns; k++)
    if (batch->columns[request->columns[k]].codes) return true;
  return false;
}

static enum core_status observe_one(struct val_pass *pass, size_t i, const struct val_batch *batch,
                                    struct core_error *err) {
  const struct val_metric_request *request = &pass->plan->metrics[i];
  if (request->condition) { /* what a condition selects is plain */
    const struct val_batch *seen = &pass->selections[request->condition - 1].batch;
    return seen->n_rows == 0 ? CORE_OK : request->ops->observe(pass->metrics[i], seen, err);
  }
  if (!has_codes(request, batch)) return request->ops->observe(pass->metrics[i], batch, err);
  if (is_weighted(pass, i) && pass->uses[request->columns[0]].tallied) return CORE_OK;
  if (request->ops->takes_codes && request->ops->takes_codes(pass->metrics[i]))
    return request->ops->observe(pass->metrics[i], batch, err);
  struct val_batch plain = *batch;
  plain.columns = pass->plain;
  CORE_TRY(show_plain(pass, request, batch, pass->plain, err));
  return request->ops->observe(pass->metrics[i], &plain, err);
}

enum core_status val_pass_observe(struct val_pass *pass, const struct val_batch *batch,
                                  struct core_error *err) {
  CORE_TRY(prepare(pass, batch, err));
  struct val_batch seen = *batch;
  seen.columns = pass->columns;
  seen.elements = pass->elements;
  CORE_TRY(select_rows(pass, &seen, err));
  CORE_TRY(count_entries(pass, batch->n_rows, err));
  memcpy(pass->plain, pass->columns, batch->n_columns * sizeof *pass->plain);
  for (size_t i = 0; i < pass->plan->n_metrics; i++) {
    struct core_error why = {0};
    if (pass->faults[i] || pass->absorbed[i]) continue;
    const enum core_status st = observe_one(pass, i, &seen, &why);
    CORE_TRY(note_fault(pass, i, st, &why, err));
  }
  pass->n_rows += (int64_t)batch->n_rows;
  return CORE_OK;
}

static bool absorb_one(struct val_pass *pass, size_t i, int64_t n_rows,
                       const struct val_facts *facts) {
  const struct val_metric_request *request = &pass->plan->metrics[i];
  struct val_facts own[4];
  if (!request->ops->absorb || request->condition || request->n_columns > CORE_COUNT_OF(own))
    return false;
  for (size_t k = 0; k < request->n_columns; k++) own[k] = facts[request->columns[k]];
  return request->ops->absorb(pass->metrics[i], n_rows, own);
}

/* Columns that tell one row from another are read wherever rows are looked at. */
static void want_index_columns(const struct val_pass *pass, bool *wanted) {
  const struct val_suite *suite = pass->plan->suite;
  for (size_t i = 0; i < suite->n_expected; i++)
    for (size_t k = 0; suite->expected[i].index_columns && suite->expected[i].index_columns[k];
         k++) {
      const size_t at = val_schema_find(pass->plan->schema, suite->expected[i].index_columns[k]);
      if (at < pass->plan->schema->n_fields) wanted[at] = true;
    }
}

enum core_status val_pass_absorb(struct val_pass *pass, int64_t n_rows, enum val_proof proof,
                                 const struct val_facts *facts, bool *wanted,
                                 struct core_error *err) {
  const struct val_plan *plan = pass->plan;
  bool everything = false; /* a condition may look at any column */
  for (size_t i = 0; i < plan->n_conditions; i++)
    everything |= plan->conditions[i].condition != NULL;
  bool any = everything;
  CORE_TRY(give_tallies(pass, err)); /* they are of rows that other metrics were shown */
  pass->knows = true;
  for (size_t i = 0; i < plan->n_metrics; i++) {
    const struct val_metric_request *request = &plan->metrics[i];
    const bool before = proof > VAL_PROOF_FOOTER && pass->absorbed[i];
    pass->absorbed[i] = before || (!pass->faults[i] && absorb_one(pass, i, n_rows, facts));
    if (pass->absorbed[i] && !before) {
      pass->n_absorbed[i] += n_rows;
      if (pass->proof[i] < proof) pass->proof[i] = (uint8_t)proof;
    }
    if (pass->absorbed[i] || pass->faults[i]) continue;
    any = true;
    for (size_t k = 0; k < request->n_columns; k++) wanted[request->columns[k]] = true;
  }
  for (size_t i = 0; everything && i < plan->schema->n_fields; i++) wanted[i] = true;
  if (any) want_index_columns(pass, wanted);
  return CORE_OK;
}

enum core_status val_pass_merge(struct val_pass *into, struct val_pass *later,
                                struct core_error *err) {
  CORE_TRY(give_tallies(into, err));
  CORE_TRY(give_tallies(later, err));
  for (size_t i = 0; i < into->plan->n_metrics; i++) {
    struct core_error why = {0};
    if (into->faults[i]) continue;
    if (later->faults[i]) {
      into->faults[i] = later->faults[i];
      later->faults[i] = NULL;
      continue;
    }
    const enum core_status st =
        into->plan->metrics[i].ops->merge(into->metrics[i], later->metrics[i], &why);
    CORE_TRY(note_fault(into, i, st, &why, err));
  }
  for (size_t i = 0; i < into->plan->n_metrics; i++) {
    into->n_absorbed[i] += later->n_absorbed[i];
    if (into->proof[i] < later->proof[i]) into->proof[i] = later->proof[i];
  }
  into->knows |= later->knows;
  for (size_t i = 0; i < into->plan->n_conditions; i++) {
    into->n_selected[i] += later->n_selected[i];
    later->n_selected[i] = 0;
  }
  into->n_rows += later->n_rows;
  later->n_rows = 0;
  return CORE_OK;
}

void val_pass_shift(struct val_pass *pass, int64_t rows, int64_t lines) {
  for (size_t i = 0; i < pass->plan->n_metrics; i++)
    if (pass->plan->metrics[i].ops->shift)
      pass->plan->metrics[i].ops->shift(pass->metrics[i], rows, lines);
}

enum core_status val_pass_finish(struct val_pass *pass, struct core_error *err) {
  CORE_TRY(give_tallies(pass, err));
  for (size_t i = 0; i < pass->plan->n_metrics; i++) {
    struct core_error why = {0};
    if (pass->faults[i]) continue;
    const enum core_status st = pass->plan->metrics[i].ops->finish(pass->metrics[i], &why);
    CORE_TRY(note_fault(pass, i, st, &why, err));
  }
  return CORE_OK;
}

int64_t val_pass_rows(const struct val_pass *pass) {
  return pass->n_rows;
}

/* ---- judging ---- */

/* No value was read for it: it asks for none, or what it asks for came from what the input says of itself. */
static enum val_proof proof_of(const struct val_pass *pass, const struct val_plan_entry *entry) {
  enum val_proof proof = VAL_PROOF_FOOTER;
  if (!pass->knows || entry->condition) return VAL_PROOF_NONE;
  for (size_t i = 0; i < entry->n; i++) {
    const size_t metric = pass->plan->slots[entry->first + i];
    if (pass->n_absorbed[metric] != pass->n_rows) return VAL_PROOF_NONE;
    if (pass->proof[metric] > proof) proof = (enum val_proof)pass->proof[metric];
  }
  return proof;
}

static const char *fault_of(const struct val_pass *pass, const struct val_plan_entry *entry) {
  if (entry->exception) return entry->exception;
  for (size_t i = 0; i < entry->n; i++) {
    const char *fault = pass->faults[pass->plan->slots[entry->first + i]];
    if (fault) return fault;
  }
  return NULL;
}

static enum core_status except(struct val_verdict *verdict, const char *sentence,
                               struct core_arena *arena, struct core_error *err) {
  if (verdict->expected->stop_on_exception)
    return core_fail_at(err, CORE_INVAL, verdict->expected->pos,
                        "%s cannot be judged (and catch_exceptions is false): %s",
                        verdict->expected->ops->name, sentence);
  *verdict = (struct val_verdict){.expected = verdict->expected};
  verdict->exception = core_arena_strdup(arena, sentence);
  return verdict->exception ? CORE_OK : core_fail_nomem(err, strlen(sentence) + 1);
}

/* No row, or none with a value. */
static bool looked_at_nothing(const struct val_verdict *verdict) {
  return verdict->success && verdict->has_counts &&
         verdict->element_count == verdict->missing_count;
}

static enum core_status judge_one(struct val_pass *pass, size_t i, struct val_metric **scratch,
                                  struct val_result *result, struct core_error *err) {
  const struct val_plan_entry *entry = &pass->plan->entries[i];
  const struct val_expected *expected = &pass->plan->suite->expected[i];
  struct val_verdict *verdict = &result->verdicts[i];
  verdict->expected = expected;
  const char *fault = fault_of(pass, entry);
  if (fault) return except(verdict, fault, &result->arena, err);
  for (size_t k = 0; k < entry->n; k++)
    scratch[k] = pass->metrics[pass->plan->slots[entry->first + k]];
  const int64_t n_rows = entry->condition ? pass->n_selected[entry->condition - 1] : pass->n_rows;
  const struct val_evidence evidence = {pass->plan->schema, n_rows, scratch, entry->n,
                                        &result->arena};
  struct core_error why = {0};
  const enum core_status st = expected->ops->judge(expected, &evidence, verdict, &why);
  if (st == CORE_NOMEM || st == CORE_IO) return core_fail(err, st, "%s", why.message);
  if (st == CORE_OK) verdict->proof = proof_of(pass, entry);
  if (st == CORE_OK && pass->plan->limits.strict_empty && looked_at_nothing(verdict))
    return except(verdict, "no value was looked at, so nothing was checked", &result->arena, err);
  return st == CORE_OK ? CORE_OK : except(verdict, why.message, &result->arena, err);
}

/* A verdict that fails over a column whose type was not what one would think says so. */
static enum core_status explain(const struct val_pass *pass, struct val_verdict *verdict,
                                struct core_arena *arena, struct core_error *err) {
  const char *note = NULL;
  if (verdict->success) return CORE_OK;
  CORE_TRY(val_plan_note(pass->plan, verdict->expected, &note, err));
  if (!note) return CORE_OK;
  verdict->note = core_arena_strdup(arena, note);
  return verdict->note ? CORE_OK : core_fail_nomem(err, strlen(note) + 1);
}

static enum core_status describe(const struct val_pass *pass, struct val_metric **scratch,
                                 struct val_result *result, struct core_error *err) {
  const struct val_plan *plan = pass->plan;
  for (size_t i = plan->profile_first; i < plan->n_slots; i++)
    scratch[i - plan->profile_first] =
        pass->faults[plan->slots[i]] ? NULL : pass->metrics[plan->slots[i]];
  return val_profile_collect(plan, pass->n_rows, scratch, &result->arena, &result->profile, err);
}

enum core_status val_pass_judge(struct val_pass *pass, struct val_result *result,
                                struct core_error *err) {
  const size_t n = pass->plan->suite->n_expected;
  struct val_schema schema;
  CORE_TRY(val_schema_copy(pass->plan->schema, &result->arena, &schema, err));
  result->fields = schema.fields;
  result->n_fields = schema.n_fields;
  result->verdicts = core_arena_calloc(&result->arena, n + 1, sizeof *result->verdicts);
  if (!result->verdicts) return core_fail_nomem(err, n * sizeof *result->verdicts);
  struct val_metric **scratch = core_calloc(pass->plan->n_slots + 1, sizeof(struct val_metric *));
  if (!scratch) return core_fail_nomem(err, pass->plan->n_slots * sizeof(struct val_metric *));
  enum core_status st = CORE_OK;
  for (size_t i = 0; i < n && st == CORE_OK; i++) {
    st = judge_one(pass, i, scratch, result, err);
    if (st == CORE_OK) st = explain(pass, &result->verdicts[i], &result->arena, err);
    result->n_success += st == CORE_OK && result->verdicts[i].success;
  }
  if (st == CORE_OK && pass->plan->limits.profile) st = describe(pass, scratch, result, err);
  result->n_verdicts = n;
  result->n_rows = pass->n_rows;
  core_free(scratch);
  return st;
}
