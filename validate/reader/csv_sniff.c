/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every pair of delimiter and quote is tried: records should have the same number of fields, and fields should look like
 * something (a number, a date, a word), which they do not if they hold another delimiter. */
#include "validate/reader/csv_sniff.h"

#include <string.h>

#include "validate/reader/infer.h"

#define MOST_RECORDS 1000
#define MOST_WIDTHS  1024 /* fields that are told apart */
#define MOST_COLUMNS 256  /* that are asked whether the first record is a header */
#define LEAST_SCORE  0.3

/* ---- cutting ---- */

struct cutter {
  const char *bytes;
  size_t n, at;
  char delimiter, quote;
};

struct cell {
  const char *text; /* without its quotes; doubled ones stay */
  size_t len;
  bool quoted, fault; /* fault: a quote where none should be */
  bool ends_record, ends_input;
};

static bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

/* Behind the opening quote; leaves the cutter behind the closing one. */
static void cut_quoted(struct cutter *c, struct cell *cell) {
  const size_t from = ++c->at;
  cell->quoted = true;
  for (; c->at < c->n; c->at++) {
    if (c->bytes[c->at] != c->quote) continue;
    if (c->at + 1 >= c->n || c->bytes[c->at + 1] != c->quote) break;
    c->at++;
  }
  cell->text = c->bytes + from;
  cell->len = c->at - from;
  cell->fault = c->at >= c->n;
  if (c->at < c->n) c->at++;
}

static void cut_cell(struct cutter *c, struct cell *cell) {
  *cell = (struct cell){.text = c->bytes + c->at};
  if (c->at < c->n && c->bytes[c->at] == c->quote) cut_quoted(c, cell);
  const size_t from = c->at;
  while (c->at < c->n && c->bytes[c->at] != c->delimiter && !is_line_end(c->bytes[c->at])) c->at++;
  if (cell->quoted)
    cell->fault = cell->fault || c->at > from;
  else
    cell->len = c->at - from;
  cell->ends_input = c->at >= c->n;
  cell->ends_record = cell->ends_input || is_line_end(c->bytes[c->at]);
  if (cell->ends_input) return;
  if (cell->ends_record && c->bytes[c->at] == '\r' && c->at + 1 < c->n &&
      c->bytes[c->at + 1] == '\n')
    c->at++;
  c->at++;
}

/* Blank lines are no records. */
static bool begin_record(struct cutter *c) {
  while (c->at < c->n) {
    size_t at = c->at;
    while (at < c->n && (c->bytes[at] == ' ' || c->bytes[at] == '\t') &&
           c->bytes[at] != c->delimiter)
      at++;
    if (at < c->n && !is_line_end(c->bytes[at])) return true;
    c->at = at < c->n ? at + 1 : at;
  }
  return false;
}

/* ---- what cells look like ---- */

static bool is_one_of(const char *marks, char c) {
  return c != '\0' && strchr(marks, c) != NULL;
}

/* A number as anybody writes it: signs, currency, points and commas, a percent sign. */
static bool is_number(const char *text, size_t n) {
  size_t digits = 0;
  for (size_t i = 0; i < n; i++) {
    const char c = text[i];
    digits += c >= '0' && c <= '9';
    if (!(c >= '0' && c <= '9') && !is_one_of("+-.,eE%$ ", c)) return false;
  }
  return digits > 0;
}

static bool is_time(const char *text, size_t n) {
  size_t digits = 0, marks = 0;
  for (size_t i = 0; i < n; i++) {
    const char c = text[i];
    digits += c >= '0' && c <= '9';
    marks += c == '-' || c == '/' || c == ':' || c == '.';
    if (!(c >= '0' && c <= '9') && !is_one_of("-/:.+ TZ", c)) return false;
  }
  return digits >= 3 && marks >= 2;
}

static double worth(const struct cell *cell) {
  static const char others[] = {',', ';', '\t', '|'};
  if (cell->quoted) return cell->fault ? 0 : 1;
  if (cell->len == 0) return 0.95;
  if (is_number(cell->text, cell->len) || is_time(cell->text, cell->len)) return 1;
  for (size_t i = 0; i < sizeof others; i++)
    if (memchr(cell->text, others[i], cell->len)) return 0.3;
  return 0.95;
}

/* ---- one pair ---- */

struct trial {
  char delimiter, quote;
  double score;
  size_t width, n_records, n_quoted;
};

struct counts {
  size_t of_width[MOST_WIDTHS];
  size_t n_records, n_cells, n_quoted, n_faults;
  double worth;
};

static void count_records(struct cutter *c, bool whole, struct counts *n) {
  while (n->n_records < MOST_RECORDS && begin_record(c)) {
    struct cell cell;
    struct counts record = {.n_cells = 0};
    do {
      cut_cell(c, &cell);
      record.n_cells++;
      record.n_quoted += cell.quoted;
      record.n_faults += cell.fault;
      record.worth += worth(&cell);
    } while (!cell.ends_record);
    if (cell.ends_input && !whole && n->n_records > 0) break;
    n->n_records++;
    n->n_cells += record.n_cells;
    n->n_quoted += record.n_quoted;
    n->n_faults += record.n_faults;
    n->worth += record.worth;
    n->of_width[record.n_cells < MOST_WIDTHS ? record.n_cells : MOST_WIDTHS - 1]++;
  }
}

/* A colon and a blank part words and times, too: they must do so everywhere, into three and more. */
static bool is_strict(char delimiter) {
  return delimiter == ' ' || delimiter == ':';
}

static struct trial try_pair(const char *bytes, size_t n, bool whole, char delimiter, char quote) {
  struct cutter cutter = {bytes, n, 0, delimiter, quote};
  struct counts counts = {.n_records = 0};
  struct trial trial = {.delimiter = delimiter, .quote = quote, .width = 1};
  count_records(&cutter, whole, &counts);
  trial.n_records = counts.n_records;
  trial.n_quoted = counts.n_quoted;
  if (counts.n_records == 0) return trial;
  for (size_t w = 1; w < MOST_WIDTHS; w++)
    if (counts.of_width[w] > counts.of_width[trial.width]) trial.width = w;
  const double same = (double)counts.of_width[trial.width] / (double)counts.n_records;
  const double good = counts.worth / (double)counts.n_cells;
  trial.score = same * same * good;
  if (counts.n_faults > 0) trial.score *= 0.8;
  if (trial.width < 2) trial.score = 0;
  if (is_strict(delimiter) && (trial.width < 3 || same < 1 || good < 0.98 || counts.n_records < 3))
    trial.score = 0;
  return trial;
}

/* ---- all of them ---- */

static void take_better(struct trial *best, const struct trial *other) {
  if (other->score > best->score * 1.0001) *best = *other; /* equal ones: the first */
}

static struct trial try_all(const char *bytes, size_t n, bool whole, char delimiter, char quote,
                            char preferred) {
  const char delimiters[] = {
      delimiter ? delimiter : preferred, ',', '\t', ';', '|', '^', '~', '\x1f', ':', ' '};
  static const char quotes[] = {'"', '\''};
  struct trial best = {.delimiter = delimiters[0], .quote = quote ? quote : '"', .width = 1};
  const size_t n_delimiters = delimiter ? 1 : sizeof delimiters, n_quotes = quote ? 1 : 2;
  for (size_t q = 0; q < n_quotes; q++)
    for (size_t d = 0; d < n_delimiters; d++) {
      const char mark = quote ? quote : quotes[q];
      if (delimiters[d] == mark) continue;
      const struct trial trial = try_pair(bytes, n, whole, delimiters[d], mark);
      if (q > 0 && trial.n_quoted == 0) continue; /* nothing speaks for it */
      if (best.n_records == 0) best.n_records = trial.n_records;
      if (trial.score >= LEAST_SCORE) take_better(&best, &trial);
    }
  return best;
}

/* ---- a header? ---- */

struct column {
  unsigned first, rest; /* classes */
};

static size_t look_at_columns(struct cutter *c, bool whole, struct column *columns) {
  size_t n_records = 0;
  while (n_records < MOST_RECORDS && begin_record(c)) {
    struct cell cell;
    size_t i = 0;
    do {
      cut_cell(c, &cell);
      if (cell.ends_input && !whole && n_records > 0) return n_records;
      if (i < MOST_COLUMNS && cell.len > 0) {
        const unsigned class_ = val_infer_class(cell.text, cell.len);
        if (n_records == 0)
          columns[i].first = class_;
        else
          columns[i].rest |= class_;
      }
      i++;
    } while (!cell.ends_record);
    n_records++;
  }
  return n_records;
}

/* A name above numbers says yes; numbers all the way up say no; where all is text, there is a header as almost always. */
static bool find_header(const char *bytes, size_t n, bool whole, const struct trial *trial) {
  struct column columns[MOST_COLUMNS] = {{0, 0}};
  struct cutter cutter = {bytes, n, 0, trial->delimiter, trial->quote};
  const size_t n_records = look_at_columns(&cutter, whole, columns);
  size_t yes = 0, no = 0;
  for (size_t i = 0; i < MOST_COLUMNS; i++) {
    const struct column *column = &columns[i];
    const enum val_type type = val_infer_type(n_records > 1 ? column->rest : column->first);
    if (column->first == 0 || type == VAL_TYPE_NULL || type == VAL_TYPE_STRING) continue;
    if (val_infer_type(column->first | column->rest) == VAL_TYPE_STRING)
      yes++;
    else
      no++;
  }
  return yes > 0 || no == 0;
}

struct csv_sniffed csv_sniff(const char *bytes, size_t n, bool whole, char delimiter, char quote,
                             char preferred) {
  const struct trial best = try_all(bytes, n, whole, delimiter, quote, preferred);
  return (struct csv_sniffed){.delimiter = best.delimiter,
                              .quote = best.quote,
                              .header = find_header(bytes, n, whole, &best),
                              .width = best.width,
                              .n_records = best.n_records};
}
