/* SPDX-License-Identifier: GPL-3.0-or-later
 * Counts every finding, keeps the first ones of each kind. A kept message is safe to print: bytes
 * of the data in it are escaped here. Without memory the count stays right and the message is left
 * out. */
#include "validate/finding.h"

#include <stdarg.h>
#include <string.h>

#define MESSAGE_BYTES 512

static const struct {
  const char *code, *meaning;
  bool fault;
} kinds[] = {
#define X(name, code, fault, meaning) {code, meaning, fault},
    VAL_FINDING_LIST(X)
#undef X
};

const char *val_finding_code(enum val_finding_kind kind) {
  return kinds[kind].code;
}

const char *val_finding_meaning(enum val_finding_kind kind) {
  return kinds[kind].meaning;
}

bool val_finding_is_fault(enum val_finding_kind kind) {
  return kinds[kind].fault;
}

void val_findings_add(struct val_findings *findings, enum val_finding_kind kind, int64_t row,
                      int64_t line, int64_t byte, const char *column, const char *format, ...) {
  const uint64_t n = findings->count[kind]++;
  if (n >= VAL_FINDINGS_KEPT) return;
  struct val_finding *kept = &findings->kept[kind][n];
  *kept = (struct val_finding){.kind = kind, .row = row, .line = line, .byte = byte};
  if (column) kept->column = core_arena_strdup(&findings->arena, column);
  struct core_str raw = {0}, safe = {0};
  va_list args;
  va_start(args, format);
  core_str_vprintf(&raw, format, args);
  va_end(args);
  core_str_escaped(&safe, core_str_text(&raw), raw.len, MESSAGE_BYTES);
  kept->message = core_arena_strndup(&findings->arena, core_str_text(&safe), safe.len);
  if (!kept->message) kept->message = "";
  core_str_close(&raw);
  core_str_close(&safe);
}

void val_findings_join(struct val_findings *findings, const struct val_findings *later,
                       int64_t rows, int64_t lines) {
  val_findings_join_file(findings, later, rows, lines, NULL);
}

void val_findings_join_file(struct val_findings *findings, const struct val_findings *later,
                            int64_t rows, int64_t lines, const char *file) {
  for (int kind = 0; kind < VAL_FINDING_KINDS; kind++) {
    const uint64_t n = later->count[kind], before = findings->count[kind];
    for (uint64_t i = 0; i < n && i < VAL_FINDINGS_KEPT; i++) {
      const struct val_finding *f = &later->kept[kind][i];
      val_findings_add(findings, f->kind, f->row < 0 ? f->row : f->row + rows,
                       f->line < 0 ? f->line : f->line + lines, f->byte, f->column, "%s",
                       f->message ? f->message : "");
      if (before + i < VAL_FINDINGS_KEPT && (f->file || file))
        findings->kept[kind][before + i].file =
            core_arena_strdup(&findings->arena, f->file ? f->file : file);
    }
    findings->count[kind] = before + n;
  }
}

uint64_t val_findings_total(const struct val_findings *findings) {
  uint64_t total = 0;
  for (size_t i = 0; i < VAL_FINDING_KINDS; i++) total += kinds[i].fault ? findings->count[i] : 0;
  return total;
}

void val_findings_reset(struct val_findings *findings) {
  core_arena_reset(&findings->arena);
  memset(findings->count, 0, sizeof findings->count);
}

void val_findings_close(struct val_findings *findings) {
  core_arena_close(&findings->arena);
  memset(findings, 0, sizeof *findings);
}
