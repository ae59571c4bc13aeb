#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How a text is written: found where it is asked for, said aloud, and never in the place of what was declared.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
{ echo 'name;amount;day'; for i in $(seq 40); do echo "n$i;$i,5;2026-01-0$((i % 9 + 1))"; done; } >semi.csv
cat >any.yaml <<'Y'
expectations: [expect_table_row_count_to_be_between: {min_value: 1}]
Y
cat >three.yaml <<'Y'
expectations: [expect_table_column_count_to_equal: {value: 3}]
Y
{ echo 'csv: auto'; cat three.yaml; } >auto.yaml
check default_is_the_comma 1 validate semi.csv --suite three.yaml
prints "delimiter ';' would give 3: declare it, or csv: auto"
check found_by_the_suite 0 validate semi.csv --suite auto.yaml
prints "read as delimiter ';', quote"
check found_by_the_command_line 0 validate semi.csv --suite three.yaml --csv auto
check declared_on_the_command_line 0 validate semi.csv --suite three.yaml --csv 'delimiter=;'
grep -q 'dialect' out && fail "a note on what was declared"
check declared_wins 1 validate semi.csv --suite <(echo 'csv: {delimiter: ",", header: auto}'; cat three.yaml)
check command_line_before_suite 1 validate semi.csv --suite auto.yaml --csv delimiter=,
check unknown_key_is_2 2 validate semi.csv --suite auto.yaml --csv delimiter
says 'KEY=VALUE'
check long_delimiter_is_2 2 validate semi.csv --suite auto.yaml --csv delimiter=ab
says 'auto or one ASCII character'
check a_comma_file_stays_one 0 validate <(printf 'a,b\n"x;y;z",1\n"x;y;z",2\n') --suite <(printf 'csv: auto\nexpectations: [expect_table_column_count_to_equal: {value: 2}]')
check prose_is_one_column 0 validate <(printf 'text\n"Hello, world; or not"\nA: b\nNothing here\n') --suite <(printf 'csv: auto\nexpectations: [expect_table_column_count_to_equal: {value: 1}]')
check header_only 0 validate <(printf 'a|b|c\n') --suite auto.yaml
printf '1|2|x\n3|4|y\n' >none.psv
check no_header_is_found 0 "$SWEEPGATE" schema none.psv
printf '0  int64\n1  int64\n2  string\n' | cmp -s - out || fail "another schema: $(cat out)"
grep -q "without a header" err || fail "what was found is not said: $(cat err)"
check a_quote_is_found 0 validate <(printf "a,b,c\n'x,y',1,2\n'z,''w',3,4\n") --suite auto.yaml
prints "quote '"
printf 'a,b\n1,caf\xe9\n2,na\xefve\n' >latin.csv
check bad_utf8_is_a_finding 1 validate latin.csv --suite any.yaml
prints invalid_encoding
check latin1_is_found 0 validate latin.csv --suite any.yaml --csv encoding=auto
prints 'latin-1, as byte 9 \(0xe9\) is not valid UTF-8'
check head_finds_it 0 "$SWEEPGATE" head latin.csv
prints 'café'

if command -v python3 >/dev/null; then
  python3 - <<'P'
text = "a,b\n1,caf\u00e9\n2,\U0001f600\n"
big = "a,b\n" + "".join(f"{i},\u00e9\u4e2d\U0001f600\n" for i in range(200000))
for name, codec in (("le", "utf-16-le"), ("be", "utf-16-be")):
    mark = "\ufeff".encode(codec)
    open(f"{name}.csv", "wb").write(mark + text.encode(codec))
    open(f"{name}_bad.csv", "wb").write(mark + "a,b\n1,".encode(codec) + (b"\x3d\xd8" if name == "le" else b"\xd8\x3d") + "x\n".encode(codec) + b"z")
    open(f"{name}_big.csv", "wb").write(mark + big.encode(codec))
open("utf8.csv", "wb").write(b"\xef\xbb\xbf" + text.encode())
open("utf8_big.csv", "wb").write(big.encode())
P
  for name in le be utf8; do
    check ${name}_rows 0 "$SWEEPGATE" head $name.csv --format json
    printf '[{"a": 1, "b": "café"},\n {"a": 2, "b": "😀"}]\n' | cmp -s - out || fail "$name: other rows: $(cat out)"
  done
  check utf16_is_said 0 validate le.csv --suite any.yaml
  prints 'UTF-16 \(little-endian\), by its byte order mark'
  check utf16_from_a_pipe 0 bash -c 'cat be.csv | "$SWEEPGATE" validate - --suite any.yaml'
  check declared_utf8_refuses_utf16_3 3 validate le.csv --suite <(echo 'csv: {encoding: utf-8}'; cat any.yaml)
  says 'byte order mark'
  cat >big.yaml <<'Y'
expectations:
  - expect_column_values_to_be_unique: {column: b}
  - expect_column_sum_to_be_between: {column: a, min_value: 19999900000, max_value: 19999900000}
Y
  for name in le be; do
    check ${name}_broken 1 validate ${name}_bad.csv --suite any.yaml --report json
    prints 'invalid_encoding'
    check ${name}_big 1 validate ${name}_big.csv --suite big.yaml --failures f.csv
    sed 's/^[^,]*,//' f.csv >$name.rows
  done
  check utf8_big 1 validate utf8_big.csv --suite big.yaml --failures f.csv
  [ "$(wc -l <f.csv)" = 200001 ] || fail "all rows are alike: $(wc -l f.csv)"
  for name in le be; do sed 's/^[^,]*,//' f.csv | cmp -s - $name.rows || fail "$name: other failing rows than of UTF-8"; done
fi

# What drafts a suite finds the dialect, and writes it down: the draft then finds nothing.
check profile_finds_it 0 "$SWEEPGATE" profile semi.csv -o draft.yaml
grep -q "note: read as delimiter ';'" err || fail "profile does not say what it found: $(cat err)"
grep -q '^csv: {delimiter: ";"}$' draft.yaml || fail "the draft does not declare it: $(grep csv: draft.yaml)"
check draft_holds 0 validate semi.csv --suite draft.yaml
grep -q dialect out && fail "the draft leaves something to be found"
mkdir days
cp semi.csv days/1.csv; { head -1 semi.csv; echo 'n99;1,5;2026-01-01'; } >days/2.csv
check found_once_for_all_files 0 validate days --suite auto.yaml
prints "days/1.csv: read as delimiter ';'"
[ "$(grep -c 'read as' out)" = 1 ] || fail "said more than once"
end
