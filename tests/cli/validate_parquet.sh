#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `sweepgate validate` on Parquet: the same suites and documents as for CSV, exact whatever the type, and refusals in a line.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
PYTHONPATH=$SWEEPGATE_SOURCE/tests/support python3 - <<'P'
from parquet_writer import *
import struct
write("t.parquet", [
    Column("id", INT64, [1, 2, 3, 4], required=True),
    Column("price", INT32, [10, 20, 30, None], **decimal(9, 2)),
    Column("big", FIXED, [v.to_bytes(16, "big", signed=True) for v in (10**37 + 1, 10**37 + 2, -5, 7)], length=16, **decimal(38, 1)),
    Column("u", INT64, [-1, 5, None, 7], **integer(64, False)),
    Column("w", INT32, [-1, 5, None, 7], **integer(32, False)),
    Column("ns", INT64, [1, 2, 1000, None], **timestamp(3, True)),
    Column("ms", INT64, [0, 1 << 62, 1000, None], **timestamp(1, False)),
    Column("clock", INT64, [0, 3600 * 10**9, 86399999999999, None], **time(3)),
    Column("tag", BYTE_ARRAY, ["a", "b", "b", None], dictionary=True, codec=1, **string()),
    Column("raw", BYTE_ARRAY, ["a", "b", "b", b"\xff"], version=2),
    Column("list", INT32, [[1, 2], [], None, [3]], nested=True)], groups=[3, 1])
write("latin.parquet", [Column("s", BYTE_ARRAY, ["gut", b"sch\xf6n"], **string())])
write("nan.parquet", [Column("x", FLOAT, [1.5, float("nan"), -0.0]), Column("h", FIXED, [b"\x00\x3c", b"\x00\x7e", None], length=2, **simple(15))])
data = file_bytes([Column("x", INT32, [1, 2])])
open("short.parquet", "wb").write(data[:-20])
open("lzo.parquet", "wb").write(data.replace(b"\x19\x18\x01x\x15\x00", b"\x19\x18\x01x\x15\x06"))
open("sealed.parquet", "wb").write(b"PARE" + data[4:-4] + b"PARE")
write("odd", [Column("x", INT32, [1, 2])])
data = bytearray(file_bytes([Column("x", INT32, [1, 2]), Column("y", BYTE_ARRAY, ["needle", "hay"])]))
data[data.index(b"needle")] ^= 1
open("damaged.parquet", "wb").write(data)
P
cp t.parquet no_ending

cat >suite.yaml <<'Y'
expectations:
  - expect_table_row_count_to_equal: {value: 4}
  - expect_column_values_to_not_be_null: {column: id}
  - expect_column_values_to_be_between: {column: price, min_value: 0.1, max_value: 0.3}
  - expect_column_values_to_be_in_set: {column: price, value_set: [0.1, 0.20, 3.0e-1]}
  - expect_column_sum_to_be_between: {column: price, min_value: 0.6, max_value: 0.6}
  - expect_column_max_to_be_between: {column: big, min_value: 1000000000000000000000000000000000000.2, max_value: 1000000000000000000000000000000000000.2}
  - expect_column_values_to_be_between: {column: u, min_value: 5, max_value: 18446744073709551615}
  - expect_column_values_to_be_between: {column: w, min_value: 5, max_value: 4294967295}
  - expect_column_values_to_be_between: {column: ns, min_value: "1970-01-01T00:00:00.000000001Z", max_value: "1970-01-01T00:00:00.000001Z"}
  - expect_column_values_to_be_between: {column: clock, min_value: "00:00", max_value: "23:59:59.999999999"}
  - expect_column_values_to_be_in_set: {column: tag, value_set: [a, b]}
  - expect_column_values_to_be_in_set: {column: raw, value_set: [a, b], mostly: 0.7}
  - expect_column_values_to_be_null: {column: list, mostly: 0.2}
  - expect_column_values_to_be_of_type: {column: price, type_: Decimal}
  - expect_column_median_to_be_between: {column: price, min_value: 0.2, max_value: 0.2}
  - expect_column_values_to_be_unique: {column: big}
  - expect_column_values_to_be_unique: {column: ns}
  - expect_column_values_to_be_between: {column: id, min_value: 4, row_condition: price.isnull()}
  - expect_column_values_to_be_between: {column: id, max_value: 1, row_condition: price <= 0.1}
Y
check good_file_is_0 0 validate t.parquet --suite suite.yaml
check whatever_it_is_called 0 validate no_ending --suite suite.yaml
check standard_input 0 bash -c '"$SWEEPGATE" validate - --suite suite.yaml <t.parquet'
check pipe 0 bash -c 'cat t.parquet | "$SWEEPGATE" validate - --suite suite.yaml'

# One digit off, in each type: the nearest double would not tell.
cat >off.yaml <<'Y'
expectations:
  - expect_column_values_to_be_between: {column: price, min_value: 0.11}
  - expect_column_values_to_be_between: {column: big, max_value: 1000000000000000000000000000000000000.1}
  - expect_column_values_to_be_between: {column: u, max_value: 18446744073709551614}
  - expect_column_values_to_be_between: {column: ns, min_value: "1970-01-01T00:00:00.000000002Z"}
  - expect_column_values_to_be_between: {column: clock, max_value: "23:59:59.999999998"}
  - expect_column_values_to_not_be_null: {column: list}
  - expect_column_values_to_be_unique: {column: tag}
Y
check each_expectation_fails 1 validate t.parquet --suite off.yaml --report text
prints '0 of 7|7 of 7 .*failed|FAILED'
[ "$(grep -c '^ *FAILED\|^  *[✗x] ' out)" -ge 1 ] || fail "no failures shown"
prints '1000000000000000000000000000000000000.2'
prints '18446744073709551615'
prints '1970-01-01T00:00:00.000000001'
check all_seven 1 validate t.parquet --suite off.yaml --report json
[ "$(grep -c '"success": false' out)" -ge 7 ] || fail "not seven failures: $(head -c 600 out)"

cat >ms.yaml <<'Y'
expectations:
  - expect_column_values_to_be_between: {column: ms, min_value: "1970-01-01"}
Y
check value_beyond_its_type_is_a_finding 1 validate t.parquet --suite ms.yaml
prints 'beyond the range of timestamps'
printf 'expectations:\n  - expect_column_values_to_not_be_null: {column: s}\n' >s.yaml
check bad_utf8_is_a_finding 1 validate latin.parquet --suite s.yaml
prints 'not valid UTF-8'
printf 'columns: {raw: string}\nexpectations:\n  - expect_column_values_to_match_regex: {column: raw, regex: "^[ab]$"}\n' >raw.yaml
check bytes_declared_as_text 1 validate t.parquet --suite raw.yaml
prints 'not valid UTF-8'
printf 'columns: {id: string}\nexpectations:\n  - expect_column_values_to_not_be_null: {column: id}\n' >wrong.yaml
check another_type_declared 1 validate t.parquet --suite wrong.yaml
prints "declares 'id' as string; the file has it as int64"
printf 'expectations:\n  - expect_column_values_to_not_be_null: {column: x}\n' >x.yaml
check nan_is_null 1 validate nan.parquet --suite x.yaml
prints '1 of 3|33'

check short_file_is_3 3 validate short.parquet --suite x.yaml
says 'short.parquet: not a whole Parquet file'
check known_codec_is_named 3 validate lzo.parquet --suite x.yaml
says 'lzo.parquet: .*LZO, which is not built in'
check encrypted_file_is_named 3 validate sealed.parquet --suite x.yaml
says 'sealed.parquet: .*encrypted'
printf 'x\n1\n' >text.parquet
check a_csv_called_parquet 3 validate text.parquet --suite x.yaml
says 'text.parquet: not a'
check magic_without_ending 0 validate odd --suite x.yaml
# Only what a suite needs is read, so damage elsewhere is not even seen; and a checksum tells of what is.
check other_columns_are_not_read 0 validate damaged.parquet --suite x.yaml --no-statistics
printf 'expectations:\n  - expect_column_values_to_not_be_null: {column: y}\n' >y.yaml
check checksums_are_checked 3 validate damaged.parquet --suite y.yaml --no-statistics
says "damaged.parquet: column 'y', row group 0: a page is corrupt: its checksum"
printf 'columns: {x: decimal}\nexpectations:\n  - expect_column_values_to_not_be_null: {column: x}\n' >decimal.yaml
printf 'x\n1\n' >x.csv
check decimal_from_text_is_refused 2 validate x.csv --suite decimal.yaml
says 'declared as decimal, which is not read from text'
end
