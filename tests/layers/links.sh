#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every relative link of a Markdown page leads to a file, and every option that the pages show exists.
set -u
cd "${SWEEPGATE_SOURCE:-.}" || exit 1
bad=0
pages=$(find . -name '*.md' -not -path './build/*' -not -path './quickstart/*' -not -path './.git/*' | sort)
for page in $pages; do
  while read -r target; do
    case $target in *://* | '#'* | mailto:*) continue ;; esac
    [ -e "$(dirname "$page")/${target%%#*}" ] || { echo "$page: no file $target"; bad=1; }
  done < <(grep -oE '\]\([^) ]+\)' "$page" | sed 's/^](//; s/)$//')
done
# "sweepgate COMMAND ... --option" in a page: that command's help has the option.
for page in $pages; do
  while read -r command option; do
    "$SWEEPGATE" "$command" -h 2>/dev/null | grep -qE -- "$option([ =]|\$)" || { echo "$page: sweepgate $command has no $option"; bad=1; }
  done < <(grep -oE 'sweepgate [a-z-]+ [^`|#]*' "$page" | sed 's/ \(&&\|;\|>\).*//' |
    awk '{ for (i = 3; i <= NF; i++) if ($i ~ /^--[a-z]/) { sub(/[=,.:)].*/, "", $i); print $2, $i } }' | sort -u)
done
[ -n "$pages" ] && [ "$bad" -eq 0 ] && echo "ok: $(wc -w <<<"$pages") pages"
exit "$bad"
