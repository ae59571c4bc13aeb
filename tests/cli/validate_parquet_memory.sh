#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `sweepgate validate` on Parquet whose pages are large, as of writers that make one page a row group: ten columns of 48 MB
# each, in every form that a page has, take no more memory than a part of one of them; what is in them is read all the same.
# So do many columns with a page each; and what expectations keep of many values is bounded whatever their number.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
[ -z "${SWEEPGATE_SANITIZE:-}" ] || { echo "skipped: a sanitizer's memory is not ours"; exit 77; }
PYTHONPATH=$SWEEPGATE_SOURCE/tests/support python3 - <<'P'
from parquet_writer import *
import gzip, random, struct

def write_flat(path, forms, rows):
    with open(path, "wb") as f:
        f.write(b"PAR1")
        chunks = []
        for column, bytes_, codec in forms:
            at = f.tell()
            f.write(bytes_)
            meta = [(1, "i32", INT64), (2, "list", ("i32", [0, 3])), (3, "list", ("binary", column.path())), (4, "i32", codec),
                    (5, "i64", rows), (6, "i64", len(bytes_)), (7, "i64", len(bytes_)), (9, "i64", at)]
            chunks.append([(2, "i64", 0), (3, "struct", meta)])
        schema = [[(4, "binary", "schema"), (5, "i32", len(forms))]] + [e for column, _, _ in forms for e in column.schema()]
        footer = fields([(1, "i32", 2), (2, "list", ("struct", schema)), (3, "i64", rows),
                         (4, "list", ("struct", [[(1, "list", ("struct", chunks)), (2, "i64", 0), (3, "i64", rows)]]))])
        f.write(footer + struct.pack("<I", len(footer)) + b"PAR1")

MANY, PAGE = 8_000_000, 500_000
column, dice = Column("key", INT64, []), random.Random(7)
level = varint(PAGE << 1) + b"\1"
pages = b""
for _ in range(MANY // PAGE):
    whole = struct.pack("<I", len(level)) + level + dice.randbytes(8 * PAGE)
    pages += page(column, 0, (5, "struct", [(1, "i32", PAGE), (2, "i32", 0), (3, "i32", 3), (4, "i32", 3)]), len(whole), whole)
write_flat("many.parquet", [(column, pages, 0)], MANY)

WIDE, ROWS = 500, 120_000
body = struct.pack("<8q", *range(8)) * (ROWS // 8)
level = varint(ROWS << 1) + b"\1"
whole = struct.pack("<I", len(level)) + level + body
packed = gzip.compress(whole, 1)
forms = []
for k in range(WIDE):
    column = Column(f"c{k}", INT64, [])
    head = (5, "struct", [(1, "i32", ROWS), (2, "i32", 0), (3, "i32", 3), (4, "i32", 3)])
    forms.append((column, page(column, 0, head, len(whole), packed), 2))
write_flat("wide.parquet", forms, ROWS)

N = 6_000_000
body = struct.pack("<8q", *range(8)) * (N // 8)
level = varint(N << 1) + b"\1"  # all are there
forms = []  # version, codec, page, unpacked
packed = gzip.compress(body, 1)
sized = struct.pack("<I", len(level)) + level
for k in range(10):
    column = Column(f"c{k}", INT64, [])
    if k % 3 == 0:    # version 1, packed
        whole = sized + body
        bytes_, kind, head, codec = gzip.compress(whole, 1), 0, (5, "struct", [(1, "i32", N), (2, "i32", 0), (3, "i32", 3), (4, "i32", 3)]), 2
    elif k % 3 == 1:  # version 2, packed but for its levels
        whole = level + body
        bytes_, kind, head, codec = level + packed, 3, (8, "struct", [(1, "i32", N), (2, "i32", 0), (3, "i32", N), (4, "i32", 0), (5, "i32", len(level)), (6, "i32", 0)]), 2
    else:             # version 1, as it is
        whole = bytes_ = sized + body
        kind, head, codec = 0, (5, "struct", [(1, "i32", N), (2, "i32", 0), (3, "i32", 3), (4, "i32", 3)]), 0
    forms.append((column, page(column, kind, head, len(whole), bytes_), codec))
write_flat("giant.parquet", forms, N)
P
python3 - > s.yaml <<'P'
print("suite: s\nexpectations:\n  - expect_table_row_count_to_equal: {value: 6000000}")
for k in range(10):
    print(f"  - expect_column_values_to_be_between: {{column: c{k}, min_value: 0, max_value: 7}}")
    print(f"  - expect_column_sum_to_be_between: {{column: c{k}, min_value: 21000000, max_value: 21000000}}")
P
peak() { python3 -c 'import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)' "$@"; }
check large_pages_are_read 0 peak "$SWEEPGATE" validate giant.parquet --suite s.yaml -j 1
[ "$(tail -1 out)" -lt 100000 ] || fail "480 MB of pages took $(tail -1 out) KiB"
cat > many.yaml <<'Y'
suite: many
expectations:
  - expect_table_row_count_to_equal: {value: 8000000}
  - expect_column_values_to_be_unique: {column: key}
  - expect_column_unique_value_count_to_be_between: {column: key, min_value: 8000000, max_value: 8000000}
  - expect_column_median_to_be_between: {column: key, min_value: -10000000000000000, max_value: 10000000000000000}
Y
check many_values_are_read 0 peak "$SWEEPGATE" validate many.parquet --suite many.yaml -j 1
[ "$(tail -1 out)" -lt 290000 ] || fail "8 million values took $(tail -1 out) KiB"
python3 - > wide.yaml <<'P'
print("suite: wide\nexpectations:\n  - expect_table_row_count_to_equal: {value: 120000}")
for k in range(500):
    print(f"  - expect_column_sum_to_be_between: {{column: c{k}, min_value: 420000, max_value: 420000}}")
P
check many_columns_are_read 0 peak "$SWEEPGATE" validate wide.parquet --suite wide.yaml -j 1
[ "$(tail -1 out)" -lt 220000 ] || fail "500 columns with a page of 1 MB took $(tail -1 out) KiB"
check without_a_temporary_file_is_3 3 env TMPDIR=/nonexistent "$SWEEPGATE" validate giant.parquet --suite s.yaml -j 1
says 'set TMPDIR'
end
