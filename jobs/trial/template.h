/* SPDX-License-Identifier: GPL-3.0-or-later
 * Text with placeholders: "{lr}" becomes the trial's value of the parameter lr, "{{" and "}}" are braces.
 *
 * Built in are {trial} {attempt} {study} {seed} {folder} {workdir}; a parameter of the same name goes before them. A
 * parameter that does not exist in a trial (its `when` does not hold) makes the text vanish; what that means is the
 * owner's rule (a grouped argument is left out, a variable of the environment is not set). */
#pragma once
#include "core/mem.h"
#include "core/str.h"
#include "hpo/space.h"

enum job_place {
  JOB_PLACE_LITERAL,
  JOB_PLACE_PARAM,
  JOB_PLACE_TRIAL,   /* the trial's number */
  JOB_PLACE_ATTEMPT, /* 0 for the first try */
  JOB_PLACE_STUDY,   /* the study's name */
  JOB_PLACE_SEED,    /* the trial's own seed */
  JOB_PLACE_FOLDER,  /* absolute folder of the study file */
  JOB_PLACE_WORKDIR  /* absolute working folder of the trial */
};

struct job_piece {
  enum job_place place;
  const char *text; /* LITERAL */
  size_t param;     /* PARAM: index in the space */
};

struct job_template {
  struct job_piece *pieces;
  size_t n_pieces;
};

/* What placeholders become. */
struct job_places {
  const struct hpo_space *space;
  const double *internal; /* the trial's row: NaN where a parameter does not exist */
  uint64_t number;
  int attempt;
  uint64_t seed;
  const char *study, *folder, *workdir;
};

/* Pieces are copied into the arena. Unknown placeholders, single braces and, unless `workdir_known`, {workdir} are
 * CORE_INVAL at `pos`. */
enum core_status job_template_parse(struct job_template *out, struct core_arena *arena,
                                    const struct hpo_space *space, const char *text,
                                    bool workdir_known, struct core_pos pos,
                                    struct core_error *err) CORE_MUST_CHECK;
/* The first parameter in it that may be missing from a trial, or NULL. */
const struct hpo_param *job_template_conditional(const struct job_template *template,
                                                 const struct hpo_space *space);
bool job_template_uses(const struct job_template *template, enum job_place place);
/* False when one of its parameters does not exist in this trial. */
bool job_template_exists(const struct job_template *template, const struct job_places *places);
/* Appends the text. With `quote_for_shell`, values that are more than letters, digits and "_./:+,=@%-" come in single
 * quotes. */
void job_template_render(const struct job_template *template, const struct job_places *places,
                         bool quote_for_shell, struct core_str *out);
