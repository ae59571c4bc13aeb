/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/csv/csv_utf16.h"

#include "core/mem.h"
#include "core/source_made.h"

#define READ_BYTES ((size_t)32 << 10)
#define MARK_BYTES 2
#define LONGEST    4 /* bytes of a character in UTF-8 */
#define BAD        0xff

struct recoder {
  struct core_source *source;
  bool big, eof;
  unsigned char bytes[READ_BYTES];
  size_t at, end;
  unsigned char kept[LONGEST]; /* of a character that had no room */
  size_t kept_at, kept_end;
};

bool val_utf16_claims(const unsigned char *first, size_t n, bool *big) {
  if (n < 2) return false;
  *big = first[0] == 0xfe && first[1] == 0xff;
  if (*big) return true;
  return first[0] == 0xff && first[1] == 0xfe && !(n >= 4 && first[2] == 0 && first[3] == 0);
}

/* At least four bytes in the buffer, or all that are left. */
static enum core_status refill(struct recoder *r, struct core_error *err) {
  const size_t kept = r->end - r->at;
  if (kept >= 4 || r->eof) return CORE_OK;
  for (size_t i = 0; i < kept; i++) r->bytes[i] = r->bytes[r->at + i];
  r->at = 0;
  r->end = kept;
  while (!r->eof && r->end < 4) {
    size_t got = 0;
    CORE_TRY(core_source_read(r->source, r->bytes + r->end, sizeof r->bytes - r->end, &got, err));
    r->end += got;
    r->eof = got == 0;
  }
  return CORE_OK;
}

static unsigned unit(const struct recoder *r, size_t at) {
  const unsigned a = r->bytes[at], b = r->bytes[at + 1];
  return r->big ? a << 8 | b : b << 8 | a;
}

static size_t append(uint32_t c, unsigned char *out) {
  if (c < 0x80) {
    out[0] = (unsigned char)c;
    return 1;
  }
  const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = n; i-- > 1; c >>= 6) out[i] = (unsigned char)(0x80 | (c & 0x3f));
  out[0] = (unsigned char)(lead[n] | c);
  return n;
}

/* One character from the buffer, which is not empty. */
static size_t recode_one(struct recoder *r, unsigned char *out) {
  const size_t have = r->end - r->at;
  out[0] = BAD;
  if (have < 2) {
    r->at = r->end;
    return 1;
  }
  const unsigned first = unit(r, r->at);
  r->at += 2;
  if (first < 0xd800 || first > 0xdfff) return append(first, out);
  if (first > 0xdbff || have < 4) return 1;
  const unsigned second = unit(r, r->at);
  if (second < 0xdc00 || second > 0xdfff) return 1;
  r->at += 2;
  return append(0x10000 + ((uint32_t)(first - 0xd800) << 10) + (second - 0xdc00), out);
}

static enum core_status recode_make(void *self, char *buffer, size_t cap, size_t *got,
                                    struct core_error *err) {
  struct recoder *r = self;
  unsigned char *out = (unsigned char *)buffer;
  *got = 0;
  while (*got < cap) {
    if (r->kept_at < r->kept_end) {
      out[(*got)++] = r->kept[r->kept_at++];
      continue;
    }
    if (r->end - r->at < 4) CORE_TRY(refill(r, err));
    if (r->at == r->end) return CORE_OK;
    if (cap - *got >= LONGEST) {
      *got += recode_one(r, out + *got);
    } else {
      r->kept_at = 0;
      r->kept_end = recode_one(r, r->kept);
    }
  }
  return CORE_OK;
}

static enum core_status recode_restart(void *self, struct core_error *err) {
  struct recoder *r = self;
  r->at = r->end = r->kept_at = r->kept_end = 0;
  r->eof = false;
  return core_source_seek(r->source, MARK_BYTES, err);
}

static void recode_close(void *self) {
  core_free(self);
}

enum core_status val_utf16_open(struct core_source *source, bool big, struct core_source **out,
                                struct core_error *err) {
  static const struct core_made_ops ops = {recode_make, recode_restart, recode_close};
  struct recoder *r = core_calloc(1, sizeof *r);
  if (!r) return core_fail_nomem(err, sizeof *r);
  r->source = source;
  r->big = big;
  const enum core_status st = recode_restart(r, err);
  if (st != CORE_OK) {
    recode_close(r);
    return st;
  }
  return core_source_open_made(core_source_name(source), &ops, r, out, err);
}
