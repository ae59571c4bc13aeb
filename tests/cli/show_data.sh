#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `sweepgate schema` and `sweepgate head`: what is in a file, for people and for programs.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
printf 'id,when,label\n1,2012-01-01,a\n22,2012-01-02,"b\tc"\n' >x.csv
check schema_of_a_csv 0 "$SWEEPGATE" schema x.csv
printf 'id     int64\nwhen   date\nlabel  string\n' | cmp -s - out || fail "another schema: $(cat out)"
check head_of_a_csv 0 "$SWEEPGATE" head x.csv
printf 'id  when        label\n1   2012-01-01  a\n22  2012-01-02  b\\tc\n' | cmp -s - out || fail "another table: $(cat out)"
check head_as_json 0 "$SWEEPGATE" head -n 1 --format json x.csv
printf '[{"id": 1, "when": "2012-01-01", "label": "a"}]\n' | cmp -s - out || fail "other JSON: $(cat out)"
check no_rows 0 "$SWEEPGATE" head -n 0 x.csv
[ "$(cat out)" = 'id  when  label' ] || fail "no rows: $(cat out)"
# The type of a column follows from all values, also those that head does not show.
{ echo x; seq 20000; echo word; } >long.csv
check types_of_the_whole_file 0 "$SWEEPGATE" schema long.csv --format json
prints '"name": "x", "type": "string", "note": "'
check standard_input 0 bash -c '"$SWEEPGATE" schema - <x.csv'
prints '^when   date'
check no_such_file 3 "$SWEEPGATE" head missing.csv
says 'missing.csv'
printf 'PAR1 and nothing else' >bad.parquet
check damaged_file 3 "$SWEEPGATE" schema bad.parquet
says 'bad.parquet: not a whole Parquet file'

if command -v python3 >/dev/null; then
  PYTHONPATH=$SWEEPGATE_SOURCE/tests/support python3 - <<'P'
from parquet_writer import *
write("t.parquet", [
    Column("id", INT64, [1, 2], required=True), Column("price", INT32, [10, None], **decimal(9, 2)),
    Column("u", INT64, [-1, 5], **integer(64, False)), Column("when", INT64, [1, None], **timestamp(3, True)),
    Column("raw", BYTE_ARRAY, ["a", b"\xff\x00"]), Column("list", INT32, [[1, None], None], nested=True),
    Column("old", INT96, [struct.pack("<qi", 1000, 2440588)] * 2, required=True)])
P
  check schema_of_parquet 0 "$SWEEPGATE" schema t.parquet
  for line in 'id      int64' 'price   decimal\(9,2\)' 'u       decimal\(20,0\)' 'when    timestamp_ns_utc' 'raw     binary' 'list    nested' 'list\[\]  int64' \
    'old     timestamp         INT96: '; do prints "^$line"; done
  check rows_of_parquet 0 "$SWEEPGATE" head t.parquet --format json
  prints '"price": 0.10, "u": 18446744073709551615, "when": "1970-01-01T00:00:00.000000001\+00:00", "raw": "a", "list": \[1,null\]'
  prints '"price": null, "u": 5, "when": null, "raw": "0xff00", "list": null, "old": "1970-01-01T00:00:00.000001"'
  python3 -m json.tool out >/dev/null || fail "not JSON"
fi
end
