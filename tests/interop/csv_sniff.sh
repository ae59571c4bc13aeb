# SPDX-License-Identifier: GPL-3.0-or-later
# The dialect that `csv: auto` finds in other people's files, against what DuckDB's sniffer finds and what their READMEs say.
set -euo pipefail
data=${SWEEPGATE_TEST_DATA:-../shared}/csv-testing
[ -d "$data" ] || { echo "skipped: no CSV collections at $data"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
exec python3 "$SWEEPGATE_SOURCE/tests/interop/csv_sniff.py" "$SWEEPGATE" "$data"
