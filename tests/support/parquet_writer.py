# SPDX-License-Identifier: GPL-3.0-or-later
"""A small writer of Parquet files for tests, on the standard library alone: what a test wants to see in a file, it says.

    write(path, [Column("id", INT64, [1, 2, None])], groups=[2, 1])

Pages are PLAIN or dictionary-encoded, of version 1 or 2, packed by gzip or not, with a checksum or without; statistics are
what the test gives, true or not.
"""
import gzip
import struct
import zlib

BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED = range(8)


# ---- thrift, compact protocol: a struct is a list of (field, kind, value) ----

def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def zigzag(n):
    return varint((n << 1) ^ (n >> 63))


def item(kind, value):
    if kind in ("i8",):
        return struct.pack("b", value)
    if kind in ("i16", "i32", "i64"):
        return zigzag(value)
    if kind == "binary":
        value = value.encode() if isinstance(value, str) else value
        return varint(len(value)) + value
    if kind == "struct":
        return fields(value)
    if kind == "flags":  # a list of booleans
        return bytes([min(len(value), 15) << 4 | 1]) + (varint(len(value)) if len(value) > 14 else b"") + value
    kind, values = value  # a list
    head = bytes([min(len(values), 15) << 4 | WIRE[kind]]) + (varint(len(values)) if len(values) > 14 else b"")
    return head + b"".join(item(kind, v) for v in values)


WIRE = {"true": 1, "false": 2, "i8": 3, "i16": 4, "i32": 5, "i64": 6, "binary": 8, "list": 9, "flags": 9, "struct": 12}


def fields(rows):
    out, last = b"", 0
    for number, kind, value in rows:
        if value is None:
            continue
        if kind == "bool":
            kind, value = ("true" if value else "false"), None
        out += bytes([(number - last) << 4 | WIRE[kind]])
        out += item(kind, value) if value is not None else b""
        last = number
    return out + b"\0"


# ---- values ----

def plain(kind, values):
    if kind == BOOLEAN:
        out = bytearray((len(values) + 7) // 8)
        for i, v in enumerate(values):
            out[i // 8] |= bool(v) << i % 8
        return bytes(out)
    if kind == BYTE_ARRAY:
        raw = [v.encode() if isinstance(v, str) else v for v in values]
        return b"".join(struct.pack("<I", len(v)) + v for v in raw)
    if kind in (INT96, FIXED):
        return b"".join(values)
    code = {INT32: "i", INT64: "q", FLOAT: "f", DOUBLE: "d"}[kind]
    return b"".join(struct.pack("<" + code, v) for v in values)


def hybrid(values, width):
    """Repeats of eight and more as runs, the rest packed."""
    out, i = b"", 0
    while i < len(values):
        run = 1
        while i + run < len(values) and values[i + run] == values[i]:
            run += 1
        if run >= 8:
            out += varint(run << 1) + values[i].to_bytes((width + 7) // 8, "little")
            i += run
            continue
        group = (values[i:i + 8] + [0] * 8)[:8]
        bits = sum(v << (k * width) for k, v in enumerate(group))
        out += varint(1 << 1 | 1) + bits.to_bytes(width, "little")
        i += 8
    return out


class Column:
    """`values`: None is a null; lists of values (or None) where `nested`. logical, converted: rows of thrift and a number.
    index: for each row group what its page index says, thrift rows (`page_index`), or bytes as they are."""

    def __init__(self, name, kind, values, *, logical=None, converted=None, length=None, precision=None, scale=None,
                 required=False, nested=False, dictionary=False, version=1, codec=0, checksum=True, page=None,
                 statistics=None, index=None, order=True):
        self.__dict__.update(locals())

    def schema(self):
        leaf = [(1, "i32", self.kind), (2, "i32", self.length), (3, "i32", 0 if self.required else 1),
                (4, "binary", "element" if self.nested else self.name), (6, "i32", self.converted), (7, "i32", self.scale),
                (8, "i32", self.precision), (10, "struct", self.logical)]
        if not self.nested:
            return [leaf]
        return [[(3, "i32", 1), (4, "binary", self.name), (5, "i32", 1), (6, "i32", 3), (10, "struct", [(3, "struct", [])])],
                [(3, "i32", 2), (4, "binary", "list"), (5, "i32", 1)], leaf]

    def levels(self, values):
        """Repetition and definition levels, and the values that are there."""
        if not self.nested:
            return [], [int(v is not None) for v in values], [v for v in values if v is not None]
        rep, define, there = [], [], []
        for row in values:
            if not row:
                rep.append(0)
                define.append(0 if row is None else 1)
            for at, v in enumerate(row or []):
                rep.append(int(at > 0))
                define.append(2 if v is None else 3)
                there += [] if v is None else [v]
        return rep, define, there

    def path(self):
        return [self.name, "list", "element"] if self.nested else [self.name]


def data_page(column, rows, entries):
    rep, define, there = column.levels(rows)
    n = len(define)
    if column.required:
        define = []
    if entries is None:
        encoding, body = 0, plain(column.kind, there)
    else:
        width = max(1, (len(entries) - 1).bit_length())
        encoding, body = 8, bytes([width]) + hybrid([entries.index(v) for v in there], width)
    rep, define = (hybrid(x, 2 if column.nested and x is define else 1) if x else b"" for x in (rep, define))
    if column.version == 2:
        packed = gzip.compress(body, mtime=0) if column.codec else body
        head = (8, "struct", [(1, "i32", n), (2, "i32", n - len(there)), (3, "i32", len(rows)), (4, "i32", encoding),
                              (5, "i32", len(define)), (6, "i32", len(rep))])
        return page(column, 3, head, len(rep + define + body), rep + define + packed), n
    sized = b"".join(struct.pack("<I", len(x)) + x for x in (rep, define) if x)
    packed = gzip.compress(sized + body, mtime=0) if column.codec else sized + body
    head = (5, "struct", [(1, "i32", n), (2, "i32", encoding), (3, "i32", 3), (4, "i32", 3)])
    return page(column, 0, head, len(sized + body), packed), n


def page(column, kind, head, unpacked, packed):
    crc = zlib.crc32(packed)
    crc = crc - (1 << 32) if crc >> 31 else crc
    return fields([(1, "i32", kind), (2, "i32", unpacked), (3, "i32", len(packed)),
                   (4, "i32", crc if column.checksum else None), head]) + packed


def chunk(column, rows, at, statistics):
    entries, out, n, first = None, b"", 0, None
    if column.dictionary:
        there = column.levels(rows)[2]
        entries = sorted(set(there))
        body = plain(column.kind, entries)
        packed = gzip.compress(body, mtime=0) if column.codec else body
        out = page(column, 2, (7, "struct", [(1, "i32", len(entries)), (2, "i32", 0)]), len(body), packed)
        first = at
    data = at + len(out)
    step = column.page or len(rows) or 1
    for i in range(0, len(rows), step):
        body, count = data_page(column, rows[i:i + step], entries)
        out, n = out + body, n + count
    meta = [(1, "i32", column.kind), (2, "list", ("i32", [0, 3, 8])), (3, "list", ("binary", column.path())),
            (4, "i32", 2 if column.codec else 0), (5, "i64", n), (6, "i64", len(out)), (7, "i64", len(out)), (9, "i64", data),
            (11, "i64", first), (12, "struct", statistics)]
    return out, [(2, "i64", 0), (3, "struct", meta)]


def file_bytes(columns, groups=None, orders=True):
    """`groups`: rows of each row group. A column's statistics: one list of thrift rows a group, or None."""
    n_rows = len(columns[0].values)
    groups = [n_rows] if groups is None else groups
    out, row_groups, at = b"PAR1", [], 0
    for g, n in enumerate(groups):
        chunks = []
        for c in columns:
            body, meta = chunk(c, c.values[at:at + n], len(out), c.statistics[g] if c.statistics else None)
            out += body
            if c.index and c.index[g]:
                body = c.index[g] if isinstance(c.index[g], bytes) else fields(c.index[g])
                meta += [(6, "i64", len(out)), (7, "i32", len(body))]
                out += body
            chunks.append(meta)
        row_groups.append([(1, "list", ("struct", chunks)), (2, "i64", 0), (3, "i64", n)])
        at += n
    schema = [[(4, "binary", "schema"), (5, "i32", len(columns))]] + [e for c in columns for e in c.schema()]
    order = ("struct", [[(1, "struct", [])] for _ in columns])
    footer = fields([(1, "i32", 2), (2, "list", ("struct", schema)), (3, "i64", n_rows), (4, "list", ("struct", row_groups)),
                     (6, "binary", "sweepgate tests"), (7, "list", order if orders else None)])
    return out + footer + struct.pack("<I", len(footer)) + b"PAR1"


def write(path, columns, groups=None, orders=True):
    with open(path, "wb") as f:
        f.write(file_bytes(columns, groups, orders))


def page_index(pages, order=1, nulls=True, nans=None):
    """`pages`: (least, greatest, nulls) each; least None: a page of nulls."""
    flags = b"".join(b"\1" if low is None else b"\2" for low, _, _ in pages)
    return [(1, "flags", flags), (2, "list", ("binary", [low or b"" for low, _, _ in pages])),
            (3, "list", ("binary", [high or b"" for _, high, _ in pages])), (4, "i32", order),
            (5, "list", ("i64", [n for _, _, n in pages])) if nulls else (5, "list", None),
            (8, "list", ("i64", nans) if nans is not None else None)]


# ---- logical types ----

def string():
    return {"logical": [(1, "struct", [])], "converted": 0}


def decimal(precision, scale):
    return {"logical": [(5, "struct", [(1, "i32", scale), (2, "i32", precision)])], "converted": 5, "precision": precision,
            "scale": scale}


def timestamp(unit, utc):
    return {"logical": [(8, "struct", [(1, "bool", utc), (2, "struct", [(unit, "struct", [])])])]}


def time(unit, utc=False):
    return {"logical": [(7, "struct", [(1, "bool", utc), (2, "struct", [(unit, "struct", [])])])]}


def integer(bits, signed):
    return {"logical": [(10, "struct", [(1, "i8", bits), (2, "bool", signed)])]}


def simple(number):
    """1 STRING, 4 ENUM, 6 DATE, 11 UNKNOWN, 12 JSON, 13 BSON, 14 UUID, 15 FLOAT16"""
    return {"logical": [(number, "struct", [])]}
