/* SPDX-License-Identifier: GPL-3.0-or-later
 * Writers of roff (man macros, man(7)) and of a bash completion script. Both read option rows and nothing else, so that
 * neither can go out of date. */
#include "jobs/cli/manual.h"

#include <stdio.h>
#include <string.h>

/* Text for roff: backslashes and hyphens keep their look, a line never begins with a control character. */
static void roff_text(struct core_str *out, const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    const bool starts = i == 0 || text[i - 1] == '\n';
    if (starts && (text[i] == '.' || text[i] == '\'')) core_str_text_append(out, "\\&");
    if (text[i] == '\\')
      core_str_text_append(out, "\\e");
    else if (text[i] == '-')
      core_str_text_append(out, "\\-");
    else
      core_str_char(out, text[i]);
  }
}

static void roff(struct core_str *out, const char *text) {
  roff_text(out, text, strlen(text));
}

/* Paragraphs are separated by empty lines; lines that begin with a blank stay as they are. */
static void roff_paragraphs(struct core_str *out, const char *text) {
  bool verbatim = false;
  while (*text) {
    const size_t len = strcspn(text, "\n");
    const bool indented = text[0] == ' ';
    if (indented != verbatim) core_str_text_append(out, indented ? ".PP\n.nf\n" : ".fi\n");
    verbatim = indented;
    if (len == 0) {
      if (text[1] && text[1] != ' ') core_str_text_append(out, ".PP\n");
    } else {
      roff_text(out, text, len);
      core_str_char(out, '\n');
    }
    text += len + (text[len] == '\n');
  }
  if (verbatim) core_str_text_append(out, ".fi\n");
}

static bool turns_off(const struct core_option *row) {
  return row->type == CORE_OPT_FLAG && core_streq(row->fallback, "true");
}

/* "--no-colour" for a flag that is on by default. */
static void long_name(const struct core_option *row, struct core_str *out) {
  core_str_printf(out, "--%s", turns_off(row) ? "no-" : "");
  for (const char *c = row->name; *c; c++) core_str_char(out, *c == '_' ? '-' : *c);
}

static void roff_option(struct core_str *out, const struct core_option *row) {
  struct core_str name = {0}, value = {0}, remarks = {0};
  long_name(row, &name);
  core_option_placeholder(row, &value);
  core_option_remarks(row, &remarks);
  core_str_text_append(out, ".TP\n");
  if (row->letter && !turns_off(row)) core_str_printf(out, "\\fB\\-%c\\fR, ", row->letter);
  core_str_text_append(out, "\\fB");
  roff(out, core_str_text(&name));
  core_str_text_append(out, "\\fR");
  if (row->type != CORE_OPT_FLAG) {
    core_str_text_append(out, " \\fI");
    roff(out, core_str_text(&value));
    core_str_text_append(out, "\\fR");
  }
  core_str_char(out, '\n');
  roff(out, row->help ? row->help : "");
  if (remarks.len) {
    core_str_text_append(out, row->help ? " (" : "(");
    roff(out, core_str_text(&remarks));
    core_str_char(out, ')');
  }
  core_str_char(out, '\n');
  out->failed |= name.failed || value.failed || remarks.failed;
  core_str_close(&name);
  core_str_close(&value);
  core_str_close(&remarks);
}

static void roff_exit_codes(struct core_str *out) {
  static const struct {
    enum job_exit code;
    const char *meaning;
  } codes[] = {
      {JOB_EXIT_GOOD, "Done and good."},
      {JOB_EXIT_DATA_FAILED, "The data failed its suite, or the gate of a sweep closed."},
      {JOB_EXIT_USAGE, "Wrong usage, or a bad study or suite file."},
      {JOB_EXIT_UNREADABLE, "An input is missing, truncated or corrupt."},
      {JOB_EXIT_NO_TRIAL, "The sweep ended with no finished trial."},
      {JOB_EXIT_PRUNED, "tell and trial-report only: the trial is to stop now."},
      {JOB_EXIT_STOPPED, "A signal stopped it and the state is saved: run again to go on."}};
  core_str_text_append(out, ".SH EXIT STATUS\n");
  for (size_t i = 0; i < CORE_COUNT_OF(codes); i++) {
    core_str_printf(out, ".TP\n.B %d\n", (int)codes[i].code);
    roff(out, codes[i].meaning);
    core_str_char(out, '\n');
  }
}

static void roff_head(struct core_str *out, const char *page, const char *summary) {
  core_str_text_append(out, ".TH ");
  for (const char *c = page; *c; c++)
    core_str_char(out, *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c);
  core_str_text_append(out, " 1 \"" SWEEPGATE_DATE "\" \"sweepgate " SWEEPGATE_VERSION
                            "\" \"Sweepgate\"\n.SH NAME\n");
  roff(out, page);
  core_str_text_append(out, " \\- ");
  roff(out, summary);
  core_str_text_append(out, "\n.SH SYNOPSIS\n");
}

static void program_page(struct core_str *out) {
  roff_head(out, "sweepgate", "gated hyperparameter sweeps and data validation as batch jobs");
  core_str_text_append(out, ".B sweepgate\n.I COMMAND\n.RI [ options ]\n.SH DESCRIPTION\n"
                            "Searches for good parameters of a program, and checks data against\n"
                            "expectations before and while it does.\n.SH COMMANDS\n");
  for (const struct job_command *const *c = job_command_all(); *c; c++) {
    core_str_text_append(out, ".TP\n.BR sweepgate\\-");
    roff(out, (*c)->name);
    core_str_text_append(out, " (1)\n");
    roff(out, (*c)->summary);
    core_str_char(out, '\n');
  }
  roff_exit_codes(out);
}

static void command_page(const struct job_command *command, struct core_str *out) {
  char page[64];
  snprintf(page, sizeof page, "sweepgate-%s", command->name);
  roff_head(out, page, command->summary);
  core_str_text_append(out, ".B sweepgate ");
  roff(out, command->name);
  if (*command->synopsis) {
    core_str_text_append(out, "\n.I ");
    roff(out, command->synopsis);
  }
  core_str_text_append(out, "\n.SH DESCRIPTION\n");
  roff_paragraphs(out, command->description && *command->description ? command->description
                                                                     : command->summary);
  if (out->len && out->data[out->len - 1] != '\n') core_str_char(out, '\n');
  core_str_text_append(out, ".SH OPTIONS\n");
  for (const struct core_option *row = command->options; row->name; row++) roff_option(out, row);
  core_str_text_append(out, ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nshow a short help\n");
  roff_exit_codes(out);
  core_str_text_append(out, ".SH SEE ALSO\n.BR sweepgate (1)\n");
}

void job_manual_page(const struct job_command *command, struct core_str *out) {
  if (command)
    command_page(command, out);
  else
    program_page(out);
}

/* "a|b" as words. */
static void choices(const struct core_option *row, struct core_str *out) {
  for (const char *c = row->choices; c && *c; c++) core_str_char(out, *c == '|' ? ' ' : *c);
}

static void complete_command(const struct job_command *command, struct core_str *out) {
  core_str_printf(out, "  %s)\n    case $before in\n", command->name);
  for (const struct core_option *row = command->options; row->name; row++) {
    if (row->type != CORE_OPT_CHOICE) continue;
    core_str_text_append(out, "    ");
    long_name(row, out);
    if (row->letter) core_str_printf(out, " | -%c", row->letter);
    core_str_text_append(out, ") words='");
    choices(row, out);
    core_str_text_append(out, "' ;;\n");
  }
  core_str_text_append(out, "    *) options='--help");
  for (const struct core_option *row = command->options; row->name; row++) {
    core_str_char(out, ' ');
    long_name(row, out);
  }
  core_str_text_append(out, "' ;;\n    esac\n    ;;\n");
}

void job_manual_completion(struct core_str *out) {
  core_str_text_append(
      out, "# bash completion of sweepgate, written by 'sweepgate help --completion'\n"
           "_sweepgate() {\n"
           "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= "
           "options=\n"
           "  COMPREPLY=()\n"
           "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='");
  for (const struct job_command *const *c = job_command_all(); *c; c++)
    core_str_printf(out, "%s%s", c == job_command_all() ? "" : " ", (*c)->name);
  core_str_text_append(out, "'\n  fi\n  case ${COMP_WORDS[1]} in\n");
  for (const struct job_command *const *c = job_command_all(); *c; c++) complete_command(*c, out);
  core_str_text_append(out,
                       "  esac\n"
                       "  case $word in -*) words=\"$words $options\" ;; esac\n"
                       "  [ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                       "}\n"
                       "complete -o default -F _sweepgate sweepgate\n");
}
