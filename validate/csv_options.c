/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/csv_options.h"

#include "core/option.h"
#include <string.h>

static const struct core_option rows[] = {
    {.name = "delimiter",
     .type = CORE_OPT_STRING,
     .help = "between two fields, or auto; default: a comma, in a .tsv file a tab"},
    {.name = "quote", .type = CORE_OPT_STRING, .help = "around a field, or auto; default: \""},
    {.name = "header",
     .type = CORE_OPT_ANY,
     .help = "the first record names the columns: true (the default), false or auto"},
    {.name = "encoding",
     .type = CORE_OPT_CHOICE,
     .choices = "utf-8|latin-1|auto",
     .help = "of the text; default: UTF-8, or UTF-16 where a byte order mark says so"},
    {.name = "null_values",
     .type = CORE_OPT_LIST,
     .help = "fields that mean null; default: pandas' documented list"},
    CORE_OPTION_END};

static bool is_auto(const char *text) {
  return text && core_streq(text, "auto");
}

static void set_sniff(struct val_read_options *options, unsigned part, bool wanted) {
  options->sniff = wanted ? options->sniff | part : options->sniff & ~part;
}

static enum core_status read_char(const struct core_options *csv, const char *name, unsigned part,
                                  struct val_read_options *options, char *out,
                                  struct core_error *err) {
  const char *text = core_option_text(csv, name);
  if (!text) return CORE_OK; /* as it was */
  set_sniff(options, part, is_auto(text));
  if (is_auto(text)) {
    *out = '\0';
    return CORE_OK;
  }
  if (strcmp(text, "\\t") == 0) text = "\t";
  if (strlen(text) != 1 || (unsigned char)text[0] >= 0x80 || text[0] == '\n' || text[0] == '\r')
    return core_fail_at(err, CORE_INVAL, core_option_get(csv, name)->pos,
                        "csv: %s must be auto or one ASCII character, not '%s'", name, text);
  *out = text[0];
  return CORE_OK;
}

static enum core_status read_header(const struct core_options *csv,
                                    struct val_read_options *options, struct core_error *err) {
  const struct core_node *node = core_option_node(csv, "header");
  if (!node) return CORE_OK;
  const bool sniffed = node->kind == CORE_NODE_STRING && is_auto(node->text.data);
  if (node->kind != CORE_NODE_BOOL && !sniffed)
    return core_fail_at(err, CORE_INVAL, node->pos,
                        "csv: header must be true, false or auto, not %s",
                        node->text.data ? node->text.data : core_node_kind_name(node->kind));
  set_sniff(options, VAL_SNIFF_HEADER, sniffed);
  options->header = sniffed || node->boolean;
  return CORE_OK;
}

static void read_encoding(const struct core_options *csv, struct val_read_options *options) {
  const char *text = core_option_text(csv, "encoding");
  if (!text) return;
  set_sniff(options, VAL_SNIFF_ENCODING, is_auto(text));
  options->encoding = is_auto(text) ? NULL : core_streq(text, "latin-1") ? "latin-1" : "utf-8";
}

static enum core_status read_null_values(const struct core_node *list, struct core_arena *arena,
                                         struct val_read_options *options, struct core_error *err) {
  if (!list) return CORE_OK;
  const char **values = core_arena_calloc(arena, list->n_children + 1, sizeof *values);
  if (!values) return core_fail_nomem(err, list->n_children * sizeof *values);
  size_t n = 0;
  for (const struct core_node *item = list->first; item; item = item->next) {
    if (item->kind == CORE_NODE_LIST || item->kind == CORE_NODE_MAP)
      return core_fail_at(err, CORE_INVAL, item->pos, "null_values must hold texts, not %s",
                          core_node_kind_name(item->kind));
    values[n] = core_arena_strdup(arena, item->text.data); /* NA, null and -1 as they are written */
    if (!values[n++]) return core_fail_nomem(err, item->text.len);
  }
  options->null_values = values;
  return CORE_OK;
}

static enum core_status read_keys(const struct core_options *csv, struct core_arena *arena,
                                  struct val_read_options *options, struct core_error *err) {
  CORE_TRY(read_char(csv, "delimiter", VAL_SNIFF_DELIMITER, options, &options->delimiter, err));
  CORE_TRY(read_char(csv, "quote", VAL_SNIFF_QUOTE, options, &options->quote, err));
  const char delimiter = options->delimiter ? options->delimiter : ',',
             quote = options->quote ? options->quote : '"';
  if (delimiter == quote)
    return core_fail_at(err, CORE_INVAL, csv->pos,
                        "csv: delimiter and quote are the same character");
  CORE_TRY(read_header(csv, options, err));
  read_encoding(csv, options);
  return read_null_values(core_option_node(csv, "null_values"), arena, options, err);
}

enum core_status val_csv_options_read(const struct core_node *node, struct core_arena *arena,
                                      struct val_read_options *options, struct core_error *err) {
  struct core_options csv;
  if (node && node->kind == CORE_NODE_STRING && is_auto(node->text.data)) {
    options->sniff = VAL_SNIFF_ALL;
    options->delimiter = options->quote = '\0';
    options->encoding = NULL;
    options->header = true;
    return CORE_OK;
  }
  CORE_TRY(core_options_open(&csv, rows, node, "csv", NULL, err));
  const enum core_status st = read_keys(&csv, arena, options, err);
  core_options_close(&csv);
  return st;
}
