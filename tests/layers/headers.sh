#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every header says all that it needs: each compiles alone as C, and those that get installed as C++ too. The lists of
# plug-ins (*_list.h) and the bodies that several files share (*_loop.h), which are made to be included in the middle of other
# files, are not headers in that sense.
set -u
cd "${SWEEPGATE_SOURCE:-.}" || exit 1
folder=$(mktemp -d "${TMPDIR:-/tmp}/sweepgate-headers.XXXXXX") && trap 'rm -rf "$folder"' EXIT
warnings="-Wall -Wextra -Wpedantic -Werror -D_GNU_SOURCE -I."
public='^(core|hpo|validate|jobs/client)/'
headers=$(find core hpo validate jobs -name '*.h' -not -name '*_list.h' -not -name '*_loop.h' | sort)
for header in $headers; do
  stub=$folder/$(tr '/.' '__' <<<"$header")
  printf '#include "%s"\nextern int not_empty;\n' "$header" >"$stub.c"
  [[ $header =~ $public ]] && cp "$stub.c" "$stub.cc"
done
bad=0
# shellcheck disable=SC2086
"${CC:-gcc}" -std=c17 $warnings -fsyntax-only "$folder"/*.c || bad=1
if command -v "${CXX:-g++}" >/dev/null; then
  # shellcheck disable=SC2086
  "${CXX:-g++}" -std=c++17 $warnings -fsyntax-only "$folder"/*.cc || bad=1
else
  echo "no C++ compiler here: tried as C only"
fi
[ -n "$headers" ] || bad=1
[ "$bad" -eq 0 ] && echo "ok: $(wc -w <<<"$headers") headers"
exit "$bad"
