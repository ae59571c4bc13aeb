#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Malformed and hostile data: a clear finding with its line or one line of error, never a crash; memory stays bounded.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
cat >suite.yaml <<'Y'
suite: s
columns: {x: int64}
expectations:
  - expect_column_values_to_not_be_null: {column: x, mostly: 1.0e-9}
Y
printf '\357\273\277x,y\r\n1,a\r\n2,"b\r\nc"\r\n' >crlf_bom.csv
check crlf_and_bom_are_fine 0 validate crlf_bom.csv --suite suite.yaml
prints 'crlf_bom.csv: 2 rows, 2 columns'
printf 'x,y\n' >header.csv
check header_only_is_an_empty_table 0 validate header.csv --suite suite.yaml
prints 'header.csv: 0 rows, 2 columns'
: >empty.csv
check empty_file_is_a_finding 1 validate empty.csv --suite suite.yaml
prints 'empty_input'
printf 'x,y\n1,a\n2\n3,b,c\n4,d\n' >ragged.csv
check ragged_rows_are_found 1 validate ragged.csv --suite suite.yaml
prints 'ragged_row .*\(2 times\)'
prints 'line 3: '
prints 'line 4: '
printf 'x,y\n1,"open\n2,b\n' >unclosed.csv
check unclosed_quote_is_found 1 validate unclosed.csv --suite suite.yaml
prints 'unclosed_quote'
prints 'line 2: '
printf 'x,y\n1,a"b\n' >stray.csv
check stray_quote_is_found 1 validate stray.csv --suite suite.yaml
prints 'stray_quote'
{ printf 'x,y\n1,\377'; yes 'a"' | head -n 100000 | tr -d '\n'; echo; } >strays.csv
check many_stray_quotes_are_found_in_one_walk 1 timeout 60 "$SWEEPGATE" validate strays.csv --suite suite.yaml
prints '100,001 faults'
printf 'x,y\n1,a\000b\n2,c\n' >nul.csv
check nul_byte_is_found 1 validate nul.csv --suite suite.yaml
prints 'nul_byte'
prints 'line 2: '
printf 'x,y\n1,\377\376\n2,c\n' >latin.csv
check invalid_utf8_is_found 1 validate latin.csv --suite suite.yaml
prints 'invalid_encoding'
prints 'line 2: '
printf 'x,y\n1,a\nsix,b\n' >type.csv
check wrong_type_is_found 1 validate type.csv --suite suite.yaml
prints 'type_error'
prints 'line 3, x: .*six'
printf 'x,y\n1,a\n2,b\n' >unused.csv
sed 's/{x: int64}/{x: int64, y: int64}/' suite.yaml >declared.yaml
check declared_type_is_held_without_expectation 1 validate unused.csv --suite declared.yaml
prints 'line 3, y: .*b'
sed 's/{x: int64}/{x: int64, z: int64}/' suite.yaml >absent.yaml
check declared_but_absent_is_a_note 0 validate unused.csv --suite absent.yaml
prints "note +absent_column"
printf 'x,x\n1,2\n' >twice.csv
check duplicate_column_is_found 1 validate twice.csv --suite suite.yaml
prints 'duplicate_column'
printf 'x,\n1,2\n' >blank.csv
check blank_header_is_a_note 0 validate blank.csv --suite suite.yaml
prints 'blank_header'
printf '\033[31mx,y\n\033[2J,b\n' >terminal.csv
check terminal_codes_are_escaped 1 validate terminal.csv --suite suite.yaml
grep -q "$(printf '\033')" out && fail "terminal codes reach the terminal"
head -c 100000 /dev/urandom >random.csv
check random_bytes_do_not_crash 1 validate random.csv --suite suite.yaml
python3 -c 'print(",".join("c%d" % i for i in range(20000))); print("," * 19999)' >wide.csv
check twenty_thousand_columns 1 validate wide.csv --suite suite.yaml

bounded() { # with an address space of 400 MB, which sanitizers cannot live in
  [ -n "${SWEEPGATE_SANITIZE:-}" ] || ulimit -v 400000
  "$@"
}
huge() { # HEAD: a field of 1 GB behind it
  printf '%s' "$1"
  head -c 1000000000 /dev/zero | tr '\0' a
}
check gigabyte_field_is_refused 3 bash -c "$(declare -f bounded huge); huge \$'x\n' 2>/dev/null | bounded \"\$SWEEPGATE\" validate - --suite suite.yaml"
says 'sweepgate: .*:2'
check gigabyte_quoted_field_is_refused 3 bash -c "$(declare -f bounded huge); huge \$'x\n\"' 2>/dev/null | bounded \"\$SWEEPGATE\" validate - --suite suite.yaml"
says 'sweepgate: .*:2'
check gigabyte_header_is_refused 3 bash -c "$(declare -f bounded huge); huge '' 2>/dev/null | bounded \"\$SWEEPGATE\" validate - --suite suite.yaml"
says 'sweepgate: .*:1'
end
