# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the seeds of the Parquet fuzz targets: small files of every type and page kind, their footers, pages and values.

    make_parquet_corpus.py [FOLDER]     default: corpus/ beside this file
"""
import gzip
import os
import struct
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import parquet_writer as w  # noqa: E402
from parquet_writer import Column  # noqa: E402

folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "corpus")


def put(target, name, data):
    path = os.path.join(folder, "parquet_" + target)
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, name), "wb") as f:
        f.write(data)


FILES = {
    "numbers": [Column("b", w.BOOLEAN, [True, None, False]), Column("i", w.INT32, [1, None, -1]),
                Column("l", w.INT64, [1, 2, None], dictionary=True), Column("f", w.FLOAT, [1.5, None, float("nan")]),
                Column("d", w.DOUBLE, [0.5, 1e300, None], codec=1)],
    "texts": [Column("s", w.BYTE_ARRAY, ["a", "bc", None, "bc"], **w.string()),
              Column("t", w.BYTE_ARRAY, ["x", "x", "y", "x"], dictionary=True, version=2, codec=1, **w.string()),
              Column("b", w.BYTE_ARRAY, [b"\x00\xff", b"", None, b"z"])],
    "times": [Column("d", w.INT32, [0, 20000, None], **w.simple(6)), Column("t", w.INT64, [0, None, 86399999999999], **w.time(3)),
              Column("m", w.INT64, [0, 1 << 62, None], **w.timestamp(1, True)),
              Column("n", w.INT64, [0, None, -1], **w.timestamp(3, False)),
              Column("j", w.INT96, [struct.pack("<qi", 5, 2440589)] * 3, required=True)],
    "decimals": [Column("a", w.INT32, [100, None], **w.decimal(9, 2)), Column("b", w.INT64, [100, None], **w.decimal(18, 2)),
                 Column("c", w.FIXED, [b"\xff" * 16, b"\x00" * 16], length=16, **w.decimal(38, 2)),
                 Column("e", w.BYTE_ARRAY, [b"\x01\x00", b""], **w.decimal(20, 0)),
                 Column("u", w.INT64, [-1, 5], **w.integer(64, False)),
                 Column("h", w.FIXED, [b"\x00\x3c", b"\x00\x7e"], length=2, **w.simple(15)),
                 Column("g", w.FIXED, [bytes(range(16))] * 2, length=16, **w.simple(14))],
    "lists": [Column("a", w.INT32, [[1, 2], None, [], [None, 3]], nested=True, version=2),
              Column("b", w.BYTE_ARRAY, [["x"], ["y", "x"], None, []], nested=True, dictionary=True, **w.string())],
}


def main():
    for name, columns in FILES.items():
        n = len(columns[0].values)
        data = w.file_bytes(columns, [n - 1, 1])
        put("file", name, data)
        size = struct.unpack("<I", data[-8:-4])[0]
        put("footer", name, data[-8 - size:-8])
        for i, column in enumerate(columns):
            column.checksum = False
            put("page", f"{name}_{i}", w.data_page(column, column.values, None)[0])
    numbers = struct.pack("<10q", *range(10))
    texts = w.plain(w.BYTE_ARRAY, ["a", "bcd", ""])
    # 128 values a block, 4 miniblocks, 5 values, first 7; least delta -2, widths 2 0 0 0, one miniblock of 2 bits
    delta = bytes([0x80, 0x01, 4, 5, 14, 3, 2, 0, 0, 0]) + b"\xe4" * 8
    lengths = bytes([0x80, 0x01, 4, 2, 6, 0, 0, 0, 0, 0])  # 3, 3
    zeros = bytes([0x80, 0x01, 4, 2, 0, 0, 0, 0, 0, 0])    # 0, 0
    for i, (kind, data) in enumerate([
            (2, numbers), (6, texts), (2, b"\x03\x03\x88\xc6\xfa"), (6, b"\x01\x10\x01"), (0, struct.pack("<I", 2) + b"\x10\x01"),
            (2, delta), (6, lengths + b"abcabc"), (6, zeros + lengths + b"abcabc"), (2, numbers), (0, b"\x55\x55")]):
        encoding = [0, 0, 1, 2, 3, 4, 5, 6, 7, 0][i]
        put("encoding", f"seed_{i}", bytes([encoding, kind, 2]) + data)
    four = struct.pack("<4i", 0, 10, 5, 7)
    for i, (kind, pages) in enumerate([
            (1, [(four[:4], four[4:8], 0), (None, None, 3), (four[8:12], four[12:], 1)]), (2, [(numbers[:8], numbers[72:], 0)]),
            (5, [(struct.pack("<d", -0.5), struct.pack("<d", 2.0), 1)]), (6, [(b"a", b"zz", 0), (b"b", b"c", 0)]),
            (7, [(b"\x00" * 8, b"\x7f" * 8, 0)])]):
        put("index", f"seed_{i}", bytes([kind]) + w.fields(w.page_index(pages, nans=[0] * len(pages))))
    one = [(1, "struct", [])]
    put("index", "bloom", b"\x00" + w.fields([(1, "i32", 64), (2, "struct", one), (3, "struct", one), (4, "struct", one)]) +
        bytes(range(64)))
    text = b"the quick brown fox jumps over the lazy dog, the quick brown fox jumps again" * 2
    head = struct.pack("<H", len(text) - 1)
    put("codec", "none", b"\x00" + head + text)
    put("codec", "gzip", b"\x02" + head + gzip.compress(text, mtime=0))
    put("codec", "gzip_members", b"\x02" + head + gzip.compress(text[:50], mtime=0) + gzip.compress(text[50:], mtime=0))
    literal = bytes([0xf0, len(text) - 15]) + text  # one LZ4 block of literals
    put("codec", "lz4_raw", b"\x06" + head + literal)
    put("codec", "lz4_hadoop", b"\x04" + head + struct.pack(">II", len(text), len(literal)) + literal)
    put("codec", "snappy", b"\x01" + head + w.varint(len(text)) + bytes([60 << 2, len(text) - 1]) + text)
    put("codec", "zstd", b"\x05" + head + bytes([0x28, 0xb5, 0x2f, 0xfd, 0x20, len(text)]) +
        ((len(text) << 3) | 1).to_bytes(3, "little") + text)
    # of several pieces: what they give is a whole number of 64s, less one
    n = 64 * 6000 + 1
    many = struct.pack("<H", 0x8000 + 6000)
    body, left = b"", n
    while left > 20:  # a literal and a copy of it; the last literals
        copy = min(100000, left - 1 - 20)
        body += b"\x1fy" + b"\x01\x00" + b"\xff" * ((copy - 19) // 255) + bytes([(copy - 19) % 255])
        left -= 1 + copy
    put("codec", "lz4_raw_pieces", b"\x06" + many + body + b"\xf0\x05" + b"z" * 20)
    blocks, left = b"", n
    while left:
        size = min(left, 100000)
        left -= size
        blocks += struct.pack("<I", (left == 0) | 1 << 1 | size << 3)[:3] + b"r"
    put("codec", "zstd_pieces", b"\x05" + many + bytes([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]) + blocks)


main()
