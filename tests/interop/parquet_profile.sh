#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Profiles of Parquet files: every file of the shared collection has a page, and the suite that is drafted from it, where it
# has rows enough for one, holds on the file itself.
set -uo pipefail
folder=${SWEEPGATE_TEST_DATA:-$SWEEPGATE_SOURCE/../shared}/parquet-testing/data
[ -d "$folder" ] || { echo "skipped: no $folder"; exit 77; }
scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT
bad=0 drafted=0 refused=0

fail() { echo "FAIL $1: $2"; head -n 5 "$scratch/said"; bad=1; }

while read -r file; do
  rm -f "$scratch/suite.yaml"
  timeout 120 "$SWEEPGATE" profile "$file" -o "$scratch/suite.yaml" --report json="$scratch/page.json" >"$scratch/said" 2>&1
  code=$?
  case $code in
    0)
      drafted=$((drafted + 1))
      timeout 120 "$SWEEPGATE" validate "$file" --suite "$scratch/suite.yaml" >"$scratch/said" 2>&1 || fail "$file" "its own draft does not hold"
      ;;
    2 | 3) refused=$((refused + 1)) ;; # too few rows, or a file that cannot be read
    *) fail "$file" "exit code $code" ;;
  esac
done < <(find "$folder" -name '*.parquet' | sort)
[ "$drafted" -gt 0 ] || { echo "FAIL nothing was drafted"; bad=1; }
echo "$drafted drafts hold, $refused files have too few rows or cannot be read"
exit $bad
