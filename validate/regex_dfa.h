/* SPDX-License-Identifier: GPL-3.0-or-later
 * Regular expressions of the plain kind as a deterministic automaton: one table look-up a byte, no backtracking. Takes a
 * part of Python's syntax (literals, classes, groups, alternation, repetition, anchors at the edges of a branch) over texts
 * of ASCII without line feeds; for any other pattern or text it says so, and PCRE2 is asked (validate/regex.h). */
#pragma once
#include "core/mem.h"
#include <stdbool.h>
#include <stdint.h>

struct val_dfa;
enum val_dfa_answer { VAL_DFA_NO, VAL_DFA_YES, VAL_DFA_UNKNOWN };

/* *out is NULL where the pattern is not of the plain kind or its automaton would be large. */
enum core_status val_dfa_open(const char *pattern, size_t len, struct val_dfa **out,
                              struct core_error *err) CORE_MUST_CHECK;
/* Does the pattern match anywhere in the text? */
enum val_dfa_answer val_dfa_search(const struct val_dfa *dfa, const char *text, size_t len);
/* The same for some texts of one length at a time, which costs little more than for one. */
#define VAL_DFA_LANES 6
void val_dfa_search_lanes(const struct val_dfa *dfa, const char *const text[VAL_DFA_LANES],
                          size_t len, enum val_dfa_answer answer[VAL_DFA_LANES]);
void val_dfa_close(struct val_dfa *dfa); /* accepts NULL */
