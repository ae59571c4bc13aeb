/* SPDX-License-Identifier: GPL-3.0-or-later
 * Asks a pruner about curves that a script describes, a line each on standard input:
 *   pruner SECTION              {name: median, ...}: starts a new, empty history
 *   report TRIAL STEP VALUE     prints 1 (prune) or 0; a trial number that is new starts the trial
 *   finish TRIAL STATE [VALUE]  COMPLETE, PRUNED or FAIL; the value is that of the last report unless given
 * The study is called "interop" and minimises. */
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "tests/support/curves.h"

static enum hpo_state state_of(const char *text) {
  if (strcmp(text, "COMPLETE") == 0) return HPO_COMPLETE;
  return strcmp(text, "PRUNED") == 0 ? HPO_PRUNED : HPO_FAIL;
}

static struct hpo_trial *trial_of(struct curves *c, size_t number) {
  while (c->history.n_trials <= number) curves_trial(c);
  return &c->trials[number];
}

int main(void) {
  char line[512], word[64];
  size_t number;
  long step;
  double value;
  struct open_pruner p = {0};
  struct curves *c = core_calloc(1, sizeof *c);
  if (!c) return 1;
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "pruner ", 7) == 0) {
      if (p.ops) close_pruner(&p);
      curves_init(c, HPO_MINIMIZE);
      open_pruner(&p, line + 7, "interop", HPO_MINIMIZE);
    } else if (sscanf(line, "report %zu %ld %lf", &number, &step, &value) == 3) {
      struct hpo_trial *trial = trial_of(c, number);
      curves_report(c, trial, step, value);
      puts(p.ops->prune(p.pruner, &c->history, trial) ? "1" : "0");
      fflush(stdout);
    } else if (sscanf(line, "finish %zu %63s", &number, word) == 2) {
      if (sscanf(line, "finish %*s %*s %lf", &value) == 1)
        curves_value(c, &c->trials[number], value);
      curves_finish(c, &c->trials[number], state_of(word));
    } else {
      fprintf(stderr, "not understood: %s\n", line);
      return 2;
    }
  }
  if (p.ops) close_pruner(&p);
  core_free(c);
  return 0;
}
