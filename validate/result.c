/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/result.h"

int val_result_worst(const struct val_result *result) {
  int worst = -1;
  for (size_t i = 0; i < result->n_verdicts; i++) {
    const struct val_verdict *verdict = &result->verdicts[i];
    if (!verdict->success && (int)verdict->expected->severity > worst)
      worst = (int)verdict->expected->severity;
  }
  return worst;
}

void val_result_close(struct val_result *result) {
  val_findings_close(&result->findings);
  core_arena_close(&result->arena);
  *result = (struct val_result){0};
}
