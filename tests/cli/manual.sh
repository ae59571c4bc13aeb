#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Manual pages and completion say what the commands' option rows say.
. "$SWEEPGATE_SOURCE/tests/cli/lib_sweep.sh" || exit 1

commands=$("$SWEEPGATE" help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ -n "$commands" ] || fail "help lists no commands"
for command in "" $commands; do
  # shellcheck disable=SC2086
  expect_code 0 "$SWEEPGATE" help --man $command
  mv out.txt page.1
  if command -v mandoc >/dev/null; then
    mandoc -Tlint -W warning page.1 >lint.txt || { fail "the page of '$command' has faults"; cat lint.txt; }
    mandoc -Tascii page.1 | sed 's/.\x08//g' >page.txt
    [ -n "$command" ] || continue
    "$SWEEPGATE" "$command" -h | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | while read -r option; do
      grep -qe "$option" page.txt || echo "$option"
    done >missing.txt
    [ ! -s missing.txt ] || fail "the page of '$command' lacks $(cat missing.txt)"
  fi
done
expect_code 2 "$SWEEPGATE" help --man frobnicate

# complete WORD...: what bash would offer for the last word.
"$SWEEPGATE" help --completion >completion.bash
complete_words() {
  bash -c '. ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sweepgate; echo "${COMPREPLY[*]}"' _ "$@"
}
offered() { # WANTED WORD...
  local wanted=$1 got
  shift
  got=$(complete_words "$@")
  [ "$got" = "$wanted" ] || fail "'$*' offers '$got', not '$wanted'"
}
offered version sweepgate vers
offered help sweepgate hel
offered --completion sweepgate help --comp
offered "" sweepgate version x
[ "$(complete_words sweepgate "" | wc -w)" -eq "$(wc -w <<<"$commands")" ] || fail "not every command is offered"
if grep -qx validate <<<"$commands"; then
  offered "critical warning info" sweepgate validate --fail-on ""
  offered --suite sweepgate validate data.csv --su
fi
finish
