/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "validate/parquet/footer.h"

#include <string.h>

#define MAGIC_BYTES 4
#define TAIL_BYTES  8 /* the footer's length and the magic */
#define FOOTER_MOST ((size_t)256 << 20)

static uint32_t load_u32(const uint8_t *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static enum core_status refuse_encrypted(struct core_error *err, const char *what) {
  return core_fail(err, CORE_UNSUPPORTED,
                   "%s encrypted (Parquet modular encryption), and encrypted files are not read: "
                   "give a decrypted copy",
                   what);
}

static enum core_status check_magic(const uint8_t *magic, const char *where,
                                    struct core_error *err) {
  if (memcmp(magic, "PARE", MAGIC_BYTES) == 0) return refuse_encrypted(err, "the footer is");
  if (memcmp(magic, "PAR1", MAGIC_BYTES) == 0) return CORE_OK;
  return core_fail(err, CORE_PARSE, "not a whole Parquet file: it does not %s with PAR1", where);
}

/* ---- what the footer says, against the file ---- */

static enum core_status check_chunk(const struct val_parquet_file *file, size_t group,
                                    const struct val_parquet_chunk_meta *chunk,
                                    const struct val_parquet_leaf *leaf, struct core_error *err) {
  const struct val_parquet_column *column = &chunk->column;
  const struct val_parquet_row_group *of = val_parquet_group(file, group);
  const char *name = leaf->node->name;
  if (chunk->given & VAL_PARQUET_HAS_CRYPTO) return refuse_encrypted(err, "columns are");
  if (chunk->given & VAL_PARQUET_HAS_FILE_PATH && chunk->file_path.len > 0)
    return core_fail(err, CORE_UNSUPPORTED,
                     "the data of column '%s' is in another file, '%.*s': give that one", name,
                     (int)(chunk->file_path.len < 200 ? chunk->file_path.len : 200),
                     chunk->file_path.data);
  if (!(chunk->given & VAL_PARQUET_HAS_COLUMN))
    return core_fail(err, CORE_PARSE, "the footer is corrupt: column '%s' has no metadata", name);
  if (column->type != (int32_t)leaf->type)
    return core_fail(
        err, CORE_PARSE,
        "the footer is corrupt: column '%s' is %s in the schema and type %d in row group %zu", name,
        val_physical_name(leaf->type), (int)column->type, group);
  if (column->n_values < 0 || (leaf->node->repeat == 0 && column->n_values != of->n_rows))
    return core_fail(
        err, CORE_PARSE,
        "the footer is corrupt: column '%s' has %lld values in row group %zu of %lld rows", name,
        (long long)column->n_values, group, (long long)of->n_rows);
  return CORE_OK;
}

static enum core_status check_groups(const struct val_parquet_file *file, struct core_error *err) {
  const struct val_parquet_schema *schema = &file->schema;
  int64_t rows = 0;
  for (size_t g = 0; g < val_parquet_n_groups(file); g++) {
    const struct val_parquet_row_group *group = val_parquet_group(file, g);
    const struct val_parquet_chunk_meta *chunks = group->columns.items;
    if (group->columns.n != schema->n_leaves)
      return core_fail(err, CORE_PARSE,
                       "the footer is corrupt: row group %zu has %zu columns, the schema %zu", g,
                       group->columns.n, schema->n_leaves);
    if (group->n_rows < 0 || group->n_rows > INT64_MAX - rows)
      return core_fail(err, CORE_PARSE, "the footer is corrupt: row group %zu has %lld rows", g,
                       (long long)group->n_rows);
    rows += group->n_rows;
    for (size_t i = 0; i < schema->n_leaves; i++)
      CORE_TRY(check_chunk(file, g, &chunks[i], &schema->leaves[i], err));
  }
  if (rows != file->meta.n_rows)
    return core_fail(err, CORE_PARSE,
                     "the footer is corrupt: it counts %lld rows, its row groups have %lld",
                     (long long)file->meta.n_rows, (long long)rows);
  return CORE_OK;
}

enum core_status val_parquet_open_footer(uint8_t *bytes, size_t len, uint64_t data_end,
                                         struct val_parquet_file *out, struct core_error *err) {
  size_t used = 0;
  *out = (struct val_parquet_file){.bytes = bytes, .data_end = data_end};
  enum core_status st = val_thrift_read(&val_parquet_file_meta_thrift, bytes, len, &out->arena,
                                        VAL_PARQUET_METADATA_MOST, &out->meta, &used, err);
  if (st == CORE_OK && out->meta.given & VAL_PARQUET_HAS_ENCRYPTION)
    st = refuse_encrypted(err, "columns are");
  if (st == CORE_OK) st = val_parquet_schema_read(&out->meta, &out->arena, &out->schema, err);
  if (st == CORE_OK) st = check_groups(out, err);
  if (st != CORE_OK) val_parquet_close(out);
  return st;
}

/* ---- finding it ---- */

static enum core_status read_footer(struct core_source *source, uint64_t size, uint8_t **bytes,
                                    size_t *len, struct core_error *err) {
  uint8_t head[MAGIC_BYTES], tail[TAIL_BYTES];
  if (size < MAGIC_BYTES + TAIL_BYTES)
    return core_fail(err, CORE_PARSE, "not a Parquet file: it has only %llu bytes",
                     (unsigned long long)size);
  CORE_TRY(core_source_read_at(source, 0, head, sizeof head, err));
  CORE_TRY(check_magic(head, "begin", err));
  CORE_TRY(core_source_read_at(source, size - TAIL_BYTES, tail, sizeof tail, err));
  CORE_TRY(check_magic(tail + 4, "end", err));
  *len = load_u32(tail);
  if (*len > size - TAIL_BYTES - MAGIC_BYTES)
    return core_fail(err, CORE_PARSE,
                     "the footer is corrupt: it claims %zu bytes of a file of %llu", *len,
                     (unsigned long long)size);
  if (*len > FOOTER_MOST)
    return core_fail(err, CORE_LIMIT, "the footer has %zu MiB; at most %zu are read", *len >> 20,
                     FOOTER_MOST >> 20);
  *bytes = core_alloc(*len + 1);
  if (!*bytes) return core_fail_nomem(err, *len);
  const enum core_status st =
      core_source_read_at(source, size - TAIL_BYTES - *len, *bytes, *len, err);
  if (st != CORE_OK) core_free(*bytes);
  return st;
}

enum core_status val_parquet_open(struct core_source *source, struct val_parquet_file *out,
                                  struct core_error *err) {
  uint64_t size = 0;
  uint8_t *bytes = NULL;
  size_t len = 0;
  *out = (struct val_parquet_file){.source = source};
  CORE_TRY(core_source_all(source, &size, err));
  CORE_TRY(read_footer(source, size, &bytes, &len, err));
  const enum core_status st =
      val_parquet_open_footer(bytes, len, size - TAIL_BYTES - len, out, err);
  out->source = source;
  return st;
}

void val_parquet_close(struct val_parquet_file *file) {
  core_free(file->bytes);
  core_arena_close(&file->arena);
  *file = (struct val_parquet_file){0};
}

size_t val_parquet_n_groups(const struct val_parquet_file *file) {
  return file->meta.row_groups.n;
}

const struct val_parquet_row_group *val_parquet_group(const struct val_parquet_file *file,
                                                      size_t group) {
  return (const struct val_parquet_row_group *)file->meta.row_groups.items + group;
}

const struct val_parquet_chunk_meta *val_parquet_chunk(const struct val_parquet_file *file,
                                                       size_t group, size_t leaf) {
  return (const struct val_parquet_chunk_meta *)val_parquet_group(file, group)->columns.items +
         leaf;
}

const struct val_parquet_column *val_parquet_column(const struct val_parquet_file *file,
                                                    size_t group, size_t leaf) {
  const struct val_parquet_chunk_meta *chunks = val_parquet_group(file, group)->columns.items;
  return &chunks[leaf].column;
}
