# SPDX-License-Identifier: GPL-3.0-or-later
# Verdicts of CSV on the Web's validation tests, as suites.
set -euo pipefail
data=${SWEEPGATE_TEST_DATA:-../shared}/csv-testing/csvw
[ -d "$data" ] || { echo "skipped: no CSVW tests at $data"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
exec python3 "$SWEEPGATE_SOURCE/tests/interop/csvw.py" "$SWEEPGATE" "$data"
