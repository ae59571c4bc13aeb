#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The rules of the house (docs/architecture.md) that a program can check. Names each line that breaks one; exit 1 then.
#   layers.sh [FOLDER]     the repository's root, or any tree laid out like it
set -uo pipefail
cd "${1:-${SWEEPGATE_SOURCE:-.}}" || exit 1
later=$(mktemp -d) && trap 'rm -rf "$later"' EXIT
code=$later/.code bare=$later/.bare
bad=0

tracked() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1 && [ -z "$(git rev-parse --show-prefix)" ]; then
    git ls-files
  else
    find . -type f -not -path '*/.git/*' -not -path './build/*' -not -path './quickstart/*' | sed 's|^\./||'
  fi
}
existing() { while read -r path; do [ -f "$path" ] && echo "$path"; done; }
all=$(tracked | existing | sort)
rooms=$(grep -E '^(core|hpo|validate|jobs)/.*\.[ch]$' <<<"$all")

# Every line of the rooms as FILE:LINE: CODE, without comments; in `bare` without what stands in quotes, too.
# shellcheck disable=SC2086
awk -v code="$code" -v bare="$bare" '
  FNR == 1 { inside = 0 }
  {
    text = $0; with = ""; without = ""; quote = ""
    while (text != "") {
      two = substr(text, 1, 2); one = substr(text, 1, 1)
      if (inside) {
        inside = two != "*/"
        text = substr(text, inside ? 2 : 3)
      } else if (quote == "" && two == "/*") {
        inside = 1
        text = substr(text, 3)
      } else if (quote == "" && two == "//") {
        text = ""
      } else if (quote != "") {
        n = one == "\\" ? 2 : 1
        with = with substr(text, 1, n)
        text = substr(text, n + 1)
        if (one == quote) { quote = ""; without = without one }
      } else {
        if (one == "\"" || one == "\x27") quote = one
        with = with one; without = without one
        text = substr(text, 2)
      }
    }
    print FILENAME ":" FNR ": " with > code
    print FILENAME ":" FNR ": " without > bare
  }' $rooms /dev/null

complain() { # RULE, lines on standard input
  local lines
  lines=$(cat)
  [ -n "$lines" ] || return 0
  printf '%s:\n%s\n' "$1" "$(sed 's/^/  /' <<<"$lines")"
  bad=1
}

# deny RULE WHERE WHAT [EXCEPT]: no line of the files WHERE has WHAT; extended regular expressions, paths from the root.
deny() { deny_in "$code" "$@"; }
deny_call() { deny_in "$bare" "$@"; } # outside of quotes
deny_in() {
  complain "$2" < <(grep -E "^($3)[^:]*:[0-9]+:.*($4)" "$1" | grep -vE "^(${5:-nothing})")
}
include() { echo "#[[:space:]]*include [<\"]($1)"; }

# Who may include whom.
deny "core knows nobody" 'core/' "$(include 'hpo/|validate/|jobs/')"
deny "hpo knows core only" 'hpo/' "$(include 'validate/|jobs/')"
deny "validate knows core only" 'validate/' "$(include 'hpo/|jobs/')"
deny "includes name their room" '(core|hpo|validate|jobs)/' '#[[:space:]]*include "' \
  '[^:]*:[0-9]+:[[:space:]]*#[[:space:]]*include "(core|hpo|validate|jobs)/|jobs/client/|jobs/examples/'
deny "the rest of the program does not know its command line" 'jobs/[^c]|jobs/c[^l]' "$(include 'jobs/cli/')"
deny "what a trial links knows libc only" 'jobs/client/' "$(include '(core|hpo|validate|jobs)/')" \
  '[^:]*:[0-9]+:.*"jobs/client/'

# One file or folder for each third-party library.
only() { deny "$1 belongs to $3" '(core|hpo|validate|jobs)/' "$(include "$2")" "$3"; }
only MPI 'mpi\.h' 'core/comm/comm_mpi\.c'
only GSL 'gsl/' 'core/(stats|qmc)\.c'
only OpenBLAS 'cblas|lapacke|openblas' 'core/blas_state\.h'
only NLopt 'nlopt' 'core/minimize\.c'
only libyaml 'yaml\.h' 'core/yaml\.c'
only jansson 'jansson\.h' 'core/json\.c'
only xxHash 'xxhash\.h' 'core/hash\.c'
only SQLite 'sqlite3' 'hpo/store/'
only libcsv 'csv\.h' 'validate/csv/'
only PCRE2 'pcre2' 'validate/regex\.c'
only zlib 'zlib\.h' 'validate/codec/codec_gzip\.c'
only snappy 'snappy' 'validate/codec/codec_snappy\.c'
only Zstandard 'zstd' 'validate/codec/codec_zstd\.c'
only LZ4 'lz4' 'validate/codec/codec_lz4\.c'
only brotli 'brotli/' 'validate/codec/codec_brotli\.c'

# What is never called below jobs/cli.
called() { echo "(^|[^A-Za-z0-9_.>])($1)[[:space:]]*\\("; }
deny_call "banned functions" '(core|hpo|validate|jobs)/' \
  "$(called 'strcpy|strcat|sprintf|vsprintf|strtok|gets|ato[ifl]|atoll|setlocale|s?rand|alloca|abort|exit|system|popen')" \
  'jobs/(cli|client|examples)/'
deny_call "no printing below jobs/cli" '(core|hpo|validate|jobs)/' "$(called 'printf|vprintf|puts|putchar|perror')|[^A-Za-z_](stdout)[^A-Za-z_]" \
  'jobs/(cli|client|examples)/'
deny_call "all allocation goes through core/mem.h" '(core|hpo|validate|jobs)/' \
  "$(called 'malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|strn?dup|v?asprintf')" \
  'core/mem\.c|jobs/(client|examples)/'
deny_call "text to double is core/num.c" '(core|hpo|validate|jobs)/' "$(called 'strto(d|f|ld)(_l)?|strfrom[dfl]')" \
  'core/num\.c|jobs/(client|examples)/'
deny "number to text is core/num.c" '(core|hpo|validate|jobs)/' '"[^"]*%[-+ #0]*[0-9*]*(\.[0-9*]+)?[gGeEaA][^"]*"' \
  'core/num\.c|jobs/(cli|client|examples)/'

# foreign_parts FOLDER LIST: a plug-in is NAME.c or FOLDER_NAME.c with its parts NAME_*.[ch]; lines that include another's.
foreign_parts() {
  [ -f "$2" ] || return 0
  local names file line text prefix stems=
  names=$(sed -n 's/^X(\([a-z0-9_]*\)).*/\1/p' "$2")
  prefix=$(basename "$1")_
  for name in $names; do
    [ -f "$1/$name.c" ] && stems="$stems $name" || stems="$stems $prefix$name"
  done
  owner() { # FILE: the longest stem that its name begins with
    local base best= stem
    base=$(basename "$1" | sed 's/\.[ch]$//')
    case $base in *_rule) return ;; esac # NAME_rule.[ch]: a rule that several plug-ins follow
    for stem in $stems; do
      case $base in "$stem" | "${stem}"_*) [ ${#stem} -gt ${#best} ] && best=$stem ;; esac
    done
    echo "$best"
  }
  while IFS=: read -r file line text; do
    local there
    there=$(owner "$(sed 's/.*"\(.*\)".*/\1/' <<<"$text")")
    [ -z "$there" ] || [ "$(owner "$file")" = "$there" ] || echo "$file:$line:$text"
  done < <(grep -E "^$1/[^:]*:[0-9]+:.*#include \"$1/" "$code")
}
for folder in hpo/sampler hpo/pruner validate/metric validate/expect validate/report validate/reader validate/encoding validate/codec jobs/executor; do
  complain "a plug-in of $folder includes no other" < <(foreign_parts $folder "$folder/$(basename $folder)_list.h")
done
# And nothing of the machinery that drives them.
deny "a sampler sees the space and the history" 'hpo/sampler/' "$(include 'hpo/(pruner|store|study|spec|event)')"
deny "a pruner sees the history" 'hpo/pruner/' "$(include 'hpo/(sampler|store|study|spec|event)')"
deny "an expectation sees its metrics' results" 'validate/expect/' "$(include 'validate/(reader|report|csv|engine|validate\.h)')"
deny "a metric sees batches" 'validate/metric/' "$(include 'validate/(expect|reader|report|csv|engine|validate\.h|suite)')"
deny "a report sees the result" 'validate/report/' "$(include 'validate/(reader|expect|metric|csv|engine)')" \
  '[^:]*:[0-9]+:.*"validate/(expect/expectation|metric/metric)\.h"'
deny "a reader sees bytes" 'validate/(reader|csv|parquet|encoding|codec)/' \
  "$(include 'validate/(expect|metric|report|suite|engine|validate\.h)')"
deny "an encoding and a codec see bytes only" 'validate/(encoding|codec)/' "$(include 'validate/(reader|parquet|batch|arrow|finding)')"
deny "an encoding knows no codec" 'validate/encoding/' "$(include 'validate/codec/')"
deny "a codec knows no encoding" 'validate/codec/' "$(include 'validate/encoding/')"

# Files: names, heads, sizes.
# spec.[ch]: hpo/ and jobs/ read the two halves of one study file, and both are called so in their room.
complain "file names are unique" < <(grep -E '\.[ch]$' <<<"$all" | sed 's|.*/||' | grep -v '^spec\.[ch]$' | sort | uniq -d)
for file in $(grep -E '\.[ch]$' <<<"$all"); do
  head -n 1 "$file" | grep -q 'SPDX-License-Identifier: ' || echo "$file"
done >"$later/heads"
complain "the first line of a source file names its licence" <"$later/heads"
complain "no file has more than 600 lines" < <(
  # shellcheck disable=SC2046
  wc -l $(grep -E '\.([ch]|py|sh)$' <<<"$all" | grep -vE '^tests/') /dev/null | awk '$1 > 600 && $2 != "total" { print $2 ": " $1 }')
complain "work is done or not begun" < <(grep -E '[^A-Za-z](TODO|FIXME|XXX)[^A-Za-z]' "$code")
complain "nothing of one machine is kept" < <(
  # shellcheck disable=SC2046
  grep -nIE '(^|[^A-Za-z0-9_.])/(home|Users|work|root)/[A-Za-z]' $(grep -vE '^tests/layers/' <<<"$all") /dev/null)

# What the libraries carry, when they are built.
if [ -d "${SWEEPGATE_BUILD:-}" ] && [ $# -eq 0 ]; then
  for library in $(find "$SWEEPGATE_BUILD" -name 'libsweepgate_core.a' -o -name 'libsweepgate_hpo.a' -o -name 'libsweepgate_validate.a'); do
    complain "$(basename "$library") is free of MPI" < <(nm "$library" 2>/dev/null | grep -E ' (MPI|PMPI|ompi)_' | sort -u | head)
  done
fi
[ "$bad" -eq 0 ] && echo "ok: $(wc -l <<<"$rooms") files of the rooms"
exit "$bad"
