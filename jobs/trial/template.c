/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jobs/trial/template.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct {
  const char *name;
  enum job_place place;
} built_in[] = {{"trial", JOB_PLACE_TRIAL},   {"attempt", JOB_PLACE_ATTEMPT},
                {"study", JOB_PLACE_STUDY},   {"seed", JOB_PLACE_SEED},
                {"folder", JOB_PLACE_FOLDER}, {"workdir", JOB_PLACE_WORKDIR}};

/* What the parsing of one text needs at every step. */
struct reading {
  struct job_template *out;
  struct core_arena *arena;
  const struct hpo_space *space;
  bool workdir_known;
  struct core_pos pos;
  const char *text; /* whole, for messages */
  size_t cap;       /* of out->pieces */
};

static enum core_status unknown_placeholder(const struct reading *r, const char *name,
                                            struct core_error *err) {
  const size_t n = r->space->n_params;
  const char **names =
      core_arena_alloc(r->arena, (n + CORE_COUNT_OF(built_in) + 1) * sizeof *names);
  if (!names) return core_fail_nomem(err, n * sizeof *names);
  size_t k = 0;
  for (size_t i = 0; i < n; i++) names[k++] = r->space->params[i].name;
  for (size_t i = 0; i < CORE_COUNT_OF(built_in); i++) names[k++] = built_in[i].name;
  names[k] = NULL;
  const char *near = core_nearest(name, names);
  if (near)
    return core_fail_at(err, CORE_INVAL, r->pos,
                        "placeholder '{%s}' names no parameter; did you mean '{%s}'?", name, near);
  return core_fail_at(err, CORE_INVAL, r->pos,
                      "placeholder '{%s}' names no parameter of the space; write '{{' and '}}' for "
                      "braces that are meant literally",
                      name);
}

static enum core_status piece_add(struct reading *r, struct job_piece piece,
                                  struct core_error *err) {
  struct job_template *t = r->out;
  if (t->n_pieces == r->cap) {
    const size_t cap = r->cap ? 2 * r->cap : 4;
    struct job_piece *grown = core_arena_alloc(r->arena, cap * sizeof *grown);
    if (!grown) return core_fail_nomem(err, cap * sizeof *grown);
    if (t->n_pieces) memcpy(grown, t->pieces, t->n_pieces * sizeof *grown);
    t->pieces = grown;
    r->cap = cap;
  }
  t->pieces[t->n_pieces++] = piece;
  return CORE_OK;
}

static enum core_status literal_add(struct reading *r, struct core_str *literal,
                                    struct core_error *err) {
  if (literal->len == 0) return CORE_OK;
  CORE_TRY(core_str_status(literal, err));
  const char *text = core_arena_strndup(r->arena, core_str_text(literal), literal->len);
  if (!text) return core_fail_nomem(err, literal->len);
  core_str_clear(literal);
  return piece_add(r, (struct job_piece){.place = JOB_PLACE_LITERAL, .text = text}, err);
}

static enum core_status placeholder_add(struct reading *r, const char *name, size_t len,
                                        struct core_error *err) {
  const char *word = core_arena_strndup(r->arena, name, len);
  if (!word) return core_fail_nomem(err, len);
  const size_t param = hpo_space_find(r->space, word);
  if (param < r->space->n_params)
    return piece_add(r, (struct job_piece){.place = JOB_PLACE_PARAM, .param = param}, err);
  for (size_t i = 0; i < CORE_COUNT_OF(built_in); i++) {
    if (strcmp(word, built_in[i].name) != 0) continue;
    if (built_in[i].place == JOB_PLACE_WORKDIR && !r->workdir_known)
      return core_fail_at(err, CORE_INVAL, r->pos,
                          "placeholder '{workdir}' cannot stand here; write '{folder}' for the "
                          "study file's folder");
    return piece_add(r, (struct job_piece){.place = built_in[i].place}, err);
  }
  return unknown_placeholder(r, word, err);
}

static enum core_status pieces_read(struct reading *r, struct core_str *literal,
                                    struct core_error *err) {
  for (const char *at = r->text; *at;) {
    if ((*at == '{' || *at == '}') && at[1] == *at) {
      core_str_char(literal, *at);
      at += 2;
    } else if (*at == '{') {
      const size_t len = strcspn(at + 1, "{}");
      if (at[1 + len] != '}')
        return core_fail_at(err, CORE_INVAL, r->pos,
                            "'{' without its '}' in '%s'; write '{{' for a brace", r->text);
      CORE_TRY(literal_add(r, literal, err));
      CORE_TRY(placeholder_add(r, at + 1, len, err));
      at += len + 2;
    } else if (*at == '}') {
      return core_fail_at(err, CORE_INVAL, r->pos,
                          "'}' without its '{' in '%s'; write '}}' for a brace", r->text);
    } else {
      core_str_char(literal, *at++);
    }
  }
  /* An empty text is one empty piece, so that "no pieces" can mean "not given". */
  if (r->out->n_pieces == 0 && literal->len == 0)
    return piece_add(r, (struct job_piece){.place = JOB_PLACE_LITERAL, .text = ""}, err);
  return literal_add(r, literal, err);
}

enum core_status job_template_parse(struct job_template *out, struct core_arena *arena,
                                    const struct hpo_space *space, const char *text,
                                    bool workdir_known, struct core_pos pos,
                                    struct core_error *err) {
  *out = (struct job_template){0};
  struct reading r = {out, arena, space, workdir_known, pos, text, 0};
  struct core_str literal = {0};
  const enum core_status st = pieces_read(&r, &literal, err);
  core_str_close(&literal);
  return st;
}

const struct hpo_param *job_template_conditional(const struct job_template *template,
                                                 const struct hpo_space *space) {
  for (size_t i = 0; i < template->n_pieces; i++) {
    const struct job_piece *piece = &template->pieces[i];
    if (piece->place == JOB_PLACE_PARAM && space->params[piece->param].n_conditions)
      return &space->params[piece->param];
  }
  return NULL;
}

bool job_template_uses(const struct job_template *template, enum job_place place) {
  for (size_t i = 0; i < template->n_pieces; i++)
    if (template->pieces[i].place == place) return true;
  return false;
}

bool job_template_exists(const struct job_template *template, const struct job_places *places) {
  for (size_t i = 0; i < template->n_pieces; i++) {
    const struct job_piece *piece = &template->pieces[i];
    if (piece->place == JOB_PLACE_PARAM && isnan(places->internal[piece->param])) return false;
  }
  return true;
}

static void piece_render(const struct job_piece *piece, const struct job_places *places,
                         struct core_str *out) {
  switch (piece->place) {
  case JOB_PLACE_LITERAL:
    core_str_text_append(out, piece->text);
    break;
  case JOB_PLACE_PARAM:
    hpo_param_text(&places->space->params[piece->param], places->internal[piece->param], out);
    break;
  case JOB_PLACE_TRIAL:
    core_str_printf(out, "%" PRIu64, places->number);
    break;
  case JOB_PLACE_ATTEMPT:
    core_str_printf(out, "%d", places->attempt);
    break;
  case JOB_PLACE_STUDY:
    core_str_text_append(out, places->study);
    break;
  case JOB_PLACE_SEED:
    core_str_printf(out, "%" PRIu64, places->seed);
    break;
  case JOB_PLACE_FOLDER:
    core_str_text_append(out, places->folder);
    break;
  case JOB_PLACE_WORKDIR:
    core_str_text_append(out, places->workdir);
    break;
  }
}

static void shell_quote(struct core_str *out, const char *text, size_t len) {
  static const char plain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:+,=@%-";
  if (len && strspn(text, plain) == len) {
    core_str_append(out, text, len);
    return;
  }
  core_str_char(out, '\'');
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '\'')
      core_str_text_append(out, "'\\''");
    else
      core_str_char(out, text[i]);
  }
  core_str_char(out, '\'');
}

void job_template_render(const struct job_template *template, const struct job_places *places,
                         bool quote_for_shell, struct core_str *out) {
  struct core_str value = {0};
  for (size_t i = 0; i < template->n_pieces; i++) {
    const struct job_piece *piece = &template->pieces[i];
    if (!quote_for_shell || piece->place == JOB_PLACE_LITERAL) {
      piece_render(piece, places, out);
      continue;
    }
    core_str_clear(&value);
    piece_render(piece, places, &value);
    shell_quote(out, core_str_text(&value), value.len);
    if (value.failed) out->failed = true;
  }
  core_str_close(&value);
}
