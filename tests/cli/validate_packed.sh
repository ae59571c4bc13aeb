#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# CSV packed with gzip and zstd: the same documents as of the plain file, whatever it is called; damage is told with its place.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
cat >suite.yaml <<'Y'
suite: packed
expectations:
  - expect_column_values_to_be_unique: {column: id}
  - expect_column_values_to_be_between: {column: x, min_value: 0, max_value: 0.999}
  - expect_column_median_to_be_between: {column: x, min_value: 0.4, max_value: 0.6}
Y
python3 - <<'P'
import gzip, random
random.seed(7)
rows = ["id,x,text"] + [f'{i},{random.random():.6f},"a ""b""\nc"' for i in range(60000)] + ["60000,1.5", "60001,word,é"]
text = "\n".join(rows).encode() + b"\n"
open("plain.csv", "wb").write(text)
open("one.csv.gz", "wb").write(gzip.compress(text))
cut = len(text) // 3
open("members", "wb").write(b"".join(gzip.compress(t) for t in (text[:cut], b"", text[cut:2 * cut + 5], text[2 * cut + 5:])) + bytes(512))
P
same() { # NAME: the document of the file is that of plain.csv, its name and size aside
  check "$1_reads" 1 validate "$1" --suite suite.yaml --report json=seen.json --failures seen.csv
  sed -E -i -e 's/"(started|seconds|name|bytes)": ("[^"]*"|[0-9.e-]+|null),?//g' seen.json
  sed -i 's/^[^,]*,//' seen.csv
}
same plain.csv; mv seen.json plain.json; mv seen.csv plain_rows.csv
for name in one.csv.gz members; do
  same $name
  cmp -s seen.json plain.json || { fail "$name: another document"; diff plain.json seen.json | head; }
  cmp -s seen.csv plain_rows.csv || fail "$name: other failing rows"
done
check standard_input 1 bash -c '"$SWEEPGATE" validate - --suite suite.yaml --failures seen.csv <one.csv.gz'
sed 's/^[^,]*,//' seen.csv | cmp -s - plain_rows.csv || fail "standard input: other failing rows"
check pipe 1 bash -c 'cat members | "$SWEEPGATE" validate - --suite suite.yaml --failures seen.csv'
sed 's/^[^,]*,//' seen.csv | cmp -s - plain_rows.csv || fail "pipe: other failing rows"
check head_of_a_packed_file 0 "$SWEEPGATE" head -n 1 one.csv.gz
prints '^0 '
check profile_of_a_packed_file 0 "$SWEEPGATE" profile members --name p

head -c 100000 one.csv.gz >cut.csv.gz
check cut_short_is_3 3 validate cut.csv.gz --suite suite.yaml
says 'cut.csv.gz: its gzip stream is cut short: it ends at byte 100000$'
head -c 5 one.csv.gz >stump.csv.gz
check cut_in_the_head_is_3 3 validate stump.csv.gz --suite suite.yaml
says 'stump.csv.gz: its gzip stream is cut short: it ends at byte 5$'
python3 - <<'P'
data = bytearray(open("one.csv.gz", "rb").read())
for i in range(len(data) // 2, len(data) // 2 + 200): data[i] ^= 0x5a
open("bad.csv.gz", "wb").write(data)
data = bytearray(open("one.csv.gz", "rb").read())
data[-6] ^= 1  # of the checksum
open("sum.csv.gz", "wb").write(data)
open("tail.csv.gz", "wb").write(open("one.csv.gz", "rb").read() + b"and more")
P
for name in bad sum tail; do
  check ${name}_is_3 3 validate $name.csv.gz --suite suite.yaml
  says "$name.csv.gz: its gzip stream is damaged at byte [0-9]+: "
done
check damage_in_a_pipe_is_3 3 bash -c 'cat bad.csv.gz | "$SWEEPGATE" validate - --suite suite.yaml'
says '<stdin>: its gzip stream is damaged at byte'
printf '\xfd7zXZ\0rest' >x.csv
check xz_is_named_3 3 validate x.csv --suite suite.yaml
says 'packed with xz'
printf 'BZh\n1\n' >bz.csv # a header, no archive
check bzh_is_text 0 validate bz.csv --suite <(printf 'expectations: [expect_table_row_count_to_equal: {value: 1}]')
: >nothing.gz
check nothing_is_an_empty_file 1 validate nothing.gz --suite suite.yaml
prints empty_input

# Every cut and every changed byte of a small file: an error, or other data, and never more than that.
cat >any.yaml <<'Y'
expectations: [expect_table_row_count_to_be_between: {min_value: 0}]
Y
python3 - "$SWEEPGATE" <<'P' || fail "small files, cut and changed"
import gzip, shutil, subprocess, sys
text = b"id,x\n" + b"".join(b"%d,0.%d\n" % (i, i) for i in range(9))
packed = {"gzip": gzip.compress(text[:30], mtime=0) + gzip.compress(text[30:], mtime=0)}
if shutil.which("zstd"):
    packed["zstd"] = b"".join(subprocess.run(["zstd", "-q", "--check", "-c"], input=t, capture_output=True).stdout for t in (text[:30], text[30:]))
wrong = 0
for name, data in packed.items():
    first = len(gzip.compress(text[:30], mtime=0)) if name == "gzip" else data.find(b"\x28\xb5\x2f\xfd", 4)
    for i in range(4, len(data)):
        for changed, allowed in ((data[:i], {0, 1} if i == first else {3}), (data[:i] + bytes([data[i] ^ 0x41]) + data[i + 1:], {0, 1, 3})):
            open("small", "wb").write(changed)
            done = subprocess.run([sys.argv[1], "validate", "small", "--suite", "any.yaml"], capture_output=True, timeout=20)
            if done.returncode not in allowed or done.returncode == 3 and b"small: " not in done.stderr:
                print(name, i, len(changed), done.returncode, done.stderr)
                wrong = 1
sys.exit(wrong)
P

# Few bytes that stand for many: time passes, memory does not.
python3 - <<'P'
import gzip
with gzip.open("rows.gz", "wb", 9) as f:
    f.write(b"id,x\n")
    for i in range(40): f.write(b"1,0.5\n" * 1000000)
with gzip.open("field.gz", "wb", 9) as f:
    f.write(b"id,x\n")
    for i in range(100): f.write(b"a" * 1000000)
P
cat >few.yaml <<'Y'
expectations:
  - expect_column_values_to_be_between: {column: x, min_value: 0, max_value: 1}
  - expect_column_unique_value_count_to_be_between: {column: id, max_value: 1}
Y
peak() { python3 -c 'import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)' "$@"; }
check bomb_of_rows_is_read 0 peak "$SWEEPGATE" validate rows.gz --suite few.yaml --memory 1MiB
[ -n "${SWEEPGATE_SANITIZE:-}" ] || [ "$(tail -1 out)" -lt 100000 ] || fail "240 MB unpacked took $(tail -1 out) KiB"
check bomb_of_one_field_is_3 3 peak "$SWEEPGATE" validate field.gz --suite few.yaml --memory 1MiB
grep -q 'field' err || fail "no word of the field: $(cat err)"

if command -v zstd >/dev/null; then
  zstd -q plain.csv -o one.zst
  { head -c 500000 plain.csv | zstd -q --check; tail -c +500001 plain.csv | zstd -q -19; } >frames.zst
  for name in one.zst frames.zst; do
    same $name
    cmp -s seen.json plain.json || fail "$name: another document"
    cmp -s seen.csv plain_rows.csv || fail "$name: other failing rows"
  done
  head -c 100000 one.zst >cut.zst
  check zstd_cut_short_is_3 3 validate cut.zst --suite suite.yaml
  says 'cut.zst: its zstd stream is cut short: it ends at byte 100000$'
  { head -c 50000 one.zst; head -c 300 /dev/zero | tr '\0' x; tail -c +50301 one.zst; } >bad.zst
  check zstd_damaged_is_3 3 validate bad.zst --suite suite.yaml
  says 'bad.zst: its zstd stream is damaged at byte [0-9]+: '
fi
end
