/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/thrift.h"

#include <string.h>

#define MAX_DEPTH 40

/* Types on the wire. */
enum {
  WIRE_STOP,
  WIRE_TRUE,
  WIRE_FALSE,
  WIRE_I8,
  WIRE_I16,
  WIRE_I32,
  WIRE_I64,
  WIRE_DOUBLE,
  WIRE_BINARY,
  WIRE_LIST,
  WIRE_SET,
  WIRE_MAP,
  WIRE_STRUCT,
  WIRE_UUID
};

struct reader {
  const uint8_t *at, *end;
  struct core_arena *arena;
  size_t budget;
  int depth;
  const char *in; /* the struct being read, for messages */
  struct core_error *err;
};

static enum core_status bad(const struct reader *r, const char *what) {
  return core_fail(r->err, CORE_PARSE, "the metadata is corrupt: %s in %s", what, r->in);
}

static size_t left(const struct reader *r) {
  return (size_t)(r->end - r->at);
}

/* ULEB128, at most ten bytes. */
static enum core_status read_varint(struct reader *r, uint64_t *out) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (r->at == r->end) return bad(r, "it ends inside a number");
    const uint8_t byte = *r->at++;
    if (shift == 63 && byte > 1) break;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    *out = value;
    return CORE_OK;
  }
  return bad(r, "a number of more than 64 bits");
}

static enum core_status read_zigzag(struct reader *r, int64_t *out) {
  uint64_t value = 0;
  CORE_TRY(read_varint(r, &value));
  *out = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
  return CORE_OK;
}

static enum core_status read_binary(struct reader *r, struct core_slice *out) {
  uint64_t len = 0;
  CORE_TRY(read_varint(r, &len));
  if (len > left(r)) return bad(r, "a text that is longer than what is left");
  *out = (struct core_slice){(const char *)r->at, (size_t)len};
  r->at += len;
  return CORE_OK;
}

/* The head of a field: WIRE_STOP at the end of the struct. */
static enum core_status read_field(struct reader *r, int *id, int *wire) {
  if (r->at == r->end) return bad(r, "it ends inside a struct");
  const uint8_t byte = *r->at++;
  *wire = byte & 0x0f;
  if (*wire == WIRE_STOP) return CORE_OK;
  if (byte >> 4) {
    *id += byte >> 4;
  } else {
    int64_t full = 0;
    CORE_TRY(read_zigzag(r, &full));
    if (full < INT16_MIN || full > INT16_MAX) return bad(r, "a field number beyond 16 bits");
    *id = (int)full;
  }
  if (*wire > WIRE_UUID || *id > INT16_MAX) return bad(r, "a field of unknown type");
  return CORE_OK;
}

static enum core_status read_list_head(struct reader *r, size_t least, size_t *n, int *wire) {
  if (r->at == r->end) return bad(r, "it ends at a list");
  const uint8_t byte = *r->at++;
  uint64_t count = byte >> 4;
  *wire = byte & 0x0f;
  if (count == 15) CORE_TRY(read_varint(r, &count));
  if (count > left(r) / least) return bad(r, "a list with more items than fit");
  *n = (size_t)count;
  return CORE_OK;
}

/* ---- what nobody asked for ---- */

static enum core_status skip(struct reader *r, int wire);

static enum core_status skip_items(struct reader *r, uint64_t n, int wire) {
  const bool bits = wire == WIRE_TRUE || wire == WIRE_FALSE; /* an item is a byte there */
  for (uint64_t i = 0; i < n; i++) CORE_TRY(skip(r, bits ? WIRE_I8 : wire));
  return CORE_OK;
}

static enum core_status skip_map(struct reader *r) {
  uint64_t n = 0;
  CORE_TRY(read_varint(r, &n));
  if (n == 0) return CORE_OK;
  if (r->at == r->end || n > left(r)) return bad(r, "a map with more items than fit");
  const uint8_t types = *r->at++;
  for (uint64_t i = 0; i < n; i++) {
    CORE_TRY(skip_items(r, 1, types >> 4));
    CORE_TRY(skip_items(r, 1, types & 0x0f));
  }
  return CORE_OK;
}

static enum core_status skip_struct(struct reader *r) {
  int id = 0, wire = WIRE_STOP;
  for (;;) {
    CORE_TRY(read_field(r, &id, &wire));
    if (wire == WIRE_STOP) return CORE_OK;
    CORE_TRY(skip(r, wire));
  }
}

static enum core_status skip_bytes(struct reader *r, size_t n) {
  if (n > left(r)) return bad(r, "it ends inside a value");
  r->at += n;
  return CORE_OK;
}

static enum core_status skip_nested(struct reader *r, int wire) {
  size_t n = 0;
  int item = 0;
  if (wire == WIRE_STRUCT) return skip_struct(r);
  if (wire == WIRE_MAP) return skip_map(r);
  CORE_TRY(read_list_head(r, 1, &n, &item));
  return skip_items(r, n, item);
}

static enum core_status skip(struct reader *r, int wire) {
  int64_t number = 0;
  struct core_slice text;
  switch (wire) {
  case WIRE_TRUE:
  case WIRE_FALSE:
    return CORE_OK;
  case WIRE_I8:
    return skip_bytes(r, 1);
  case WIRE_I16:
  case WIRE_I32:
  case WIRE_I64:
    return read_zigzag(r, &number);
  case WIRE_DOUBLE:
    return skip_bytes(r, 8);
  case WIRE_UUID:
    return skip_bytes(r, 16);
  case WIRE_BINARY:
    return read_binary(r, &text);
  case WIRE_LIST:
  case WIRE_SET:
  case WIRE_MAP:
  case WIRE_STRUCT:
    break;
  default:
    return bad(r, "a value of unknown type");
  }
  if (r->depth >= MAX_DEPTH) return bad(r, "nesting that is too deep");
  r->depth++;
  const enum core_status st = skip_nested(r, wire);
  r->depth--;
  return st;
}

/* ---- what is described by rows ---- */

static enum core_status read_struct(struct reader *r, const struct val_thrift_struct *what,
                                    void *out);

static enum core_status read_int(struct reader *r, int wire, int64_t least, int64_t greatest,
                                 int64_t *out) {
  if (wire == WIRE_I8) {
    if (r->at == r->end) return bad(r, "it ends inside a number");
    *out = (int8_t)*r->at++; /* NOLINT(bugprone-signed-char-misuse): an i8 has a sign */
  } else if (wire == WIRE_I16 || wire == WIRE_I32 || wire == WIRE_I64) {
    CORE_TRY(read_zigzag(r, out));
  } else {
    return bad(r, "something else where a number must be");
  }
  return *out < least || *out > greatest ? bad(r, "a number out of range") : CORE_OK;
}

static size_t item_bytes(const struct val_thrift_row *row) {
  switch (row->item) {
  case VAL_THRIFT_INT32:
    return sizeof(int32_t);
  case VAL_THRIFT_INT64:
    return sizeof(int64_t);
  case VAL_THRIFT_BOOL:
    return sizeof(bool);
  case VAL_THRIFT_STRUCT:
    return row->of->bytes;
  default:
    return sizeof(struct core_slice);
  }
}

static enum core_status read_item(struct reader *r, const struct val_thrift_row *row, int wire,
                                  void *out) {
  int64_t number = 0;
  switch (row->item) {
  case VAL_THRIFT_INT32:
    CORE_TRY(read_int(r, wire, INT32_MIN, INT32_MAX, &number));
    *(int32_t *)out = (int32_t)number;
    return CORE_OK;
  case VAL_THRIFT_INT64:
    return read_int(r, wire, INT64_MIN, INT64_MAX, out);
  case VAL_THRIFT_BOOL: /* 1 is true; false is 2, or 0 by some writers */
    if (wire != WIRE_TRUE && wire != WIRE_FALSE)
      return bad(r, "a list of something else than true and false");
    CORE_TRY(read_int(r, WIRE_I8, 0, 2, &number));
    *(bool *)out = number == WIRE_TRUE;
    return CORE_OK;
  case VAL_THRIFT_STRUCT:
    if (wire != WIRE_STRUCT) return bad(r, "a list of something else than structs");
    return read_struct(r, row->of, out);
  default:
    if (wire != WIRE_BINARY) return bad(r, "a list of something else than texts");
    return read_binary(r, out);
  }
}

static enum core_status read_list(struct reader *r, const struct val_thrift_row *row, void *out) {
  struct val_thrift_list *list = out;
  const size_t bytes = item_bytes(row);
  const size_t least =
      row->item == VAL_THRIFT_STRUCT && row->of->least_bytes ? row->of->least_bytes : 1;
  size_t n = 0;
  int wire = 0;
  CORE_TRY(read_list_head(r, least, &n, &wire));
  if (n > r->budget / bytes || r->arena->total > r->budget - n * bytes)
    return core_fail(r->err, CORE_LIMIT, "the metadata takes more than %zu MiB of memory",
                     r->budget >> 20);
  list->items = core_arena_calloc(r->arena, n, bytes);
  if (!list->items) return core_fail_nomem(r->err, n * bytes);
  list->n = n;
  for (size_t i = 0; i < n; i++) CORE_TRY(read_item(r, row, wire, (char *)list->items + i * bytes));
  return CORE_OK;
}

static enum core_status read_value(struct reader *r, const struct val_thrift_row *row, int wire,
                                   void *out) {
  int64_t number = 0;
  switch (row->kind) {
  case VAL_THRIFT_BOOL:
    if (wire != WIRE_TRUE && wire != WIRE_FALSE) return bad(r, "something else than true or false");
    *(bool *)out = wire == WIRE_TRUE;
    return CORE_OK;
  case VAL_THRIFT_INT32:
    CORE_TRY(read_int(r, wire, INT32_MIN, INT32_MAX, &number));
    *(int32_t *)out = (int32_t)number;
    return CORE_OK;
  case VAL_THRIFT_INT64:
    return read_int(r, wire, INT64_MIN, INT64_MAX, out);
  case VAL_THRIFT_BINARY:
    if (wire != WIRE_BINARY) return bad(r, "something else where a text must be");
    return read_binary(r, out);
  case VAL_THRIFT_STRUCT:
    if (wire != WIRE_STRUCT) return bad(r, "something else where a struct must be");
    return read_struct(r, row->of, out);
  case VAL_THRIFT_LIST:
    if (wire != WIRE_LIST) return bad(r, "something else where a list must be");
    return read_list(r, row, out);
  default:
    return skip(r, wire);
  }
}

static size_t find_row(const struct val_thrift_struct *what, int id) {
  size_t i = 0;
  while (i < what->n_rows && what->rows[i].id != id) i++;
  return i;
}

static enum core_status read_fields(struct reader *r, const struct val_thrift_struct *what,
                                    void *out) {
  uint32_t given = 0;
  int id = 0, wire = WIRE_STOP;
  memset(out, 0, what->bytes);
  for (;;) {
    CORE_TRY(read_field(r, &id, &wire));
    if (wire == WIRE_STOP) break;
    const size_t i = find_row(what, id);
    if (i == what->n_rows) {
      CORE_TRY(skip(r, wire));
      continue;
    }
    if (given & VAL_THRIFT_GIVEN(i)) return bad(r, "a field that comes twice");
    given |= VAL_THRIFT_GIVEN(i);
    CORE_TRY(read_value(r, &what->rows[i], wire, (char *)out + what->rows[i].offset));
  }
  for (size_t i = 0; i < what->n_rows; i++)
    if (what->rows[i].required && !(given & VAL_THRIFT_GIVEN(i)))
      return core_fail(r->err, CORE_PARSE, "the metadata is corrupt: field %d of %s is missing",
                       what->rows[i].id, r->in);
  memcpy(out, &given, sizeof given);
  return CORE_OK;
}

static enum core_status read_struct(struct reader *r, const struct val_thrift_struct *what,
                                    void *out) {
  if (r->depth >= MAX_DEPTH) return bad(r, "nesting that is too deep");
  const char *before = r->in;
  r->in = what->name;
  r->depth++;
  const enum core_status st = read_fields(r, what, out);
  r->depth--;
  r->in = before;
  return st;
}

enum core_status val_thrift_read(const struct val_thrift_struct *what, const uint8_t *bytes,
                                 size_t len, struct core_arena *arena, size_t budget, void *out,
                                 size_t *used, struct core_error *err) {
  struct reader r = {.at = bytes,
                     .end = bytes + len,
                     .arena = arena,
                     .budget = budget,
                     .in = what->name,
                     .err = err};
  CORE_TRY(read_struct(&r, what, out));
  *used = (size_t)(r.at - bytes);
  return CORE_OK;
}
