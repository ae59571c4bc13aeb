#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The layer test must fail: each rule is broken once, in a small tree that keeps all of them otherwise.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/sweepgate-layers.XXXXXX") && trap 'rm -rf "$folder"' EXIT
failures=0
head='/* SPDX-License-Identifier: GPL-3.0-or-later */'

put() { mkdir -p "$folder/$(dirname "$1")" && printf '%s\n' "$head" "${@:2}" >"$folder/$1"; }
put core/mem.c '#include <stdlib.h>' 'void *p(void) { return malloc(1); }' '/* exit() and malloc() in a remark */'
put core/num.c 'x = strtod(t, 0); snprintf(b, 9, "%g", x);'
put core/text.c 'snprintf(b, 9, "exit (%d) malloc", 1);' 'pcre2_exit(1); _exit(1); s->free(p);'
put hpo/sampler/sampler_list.h 'X(random)' 'X(tpe)' 'X(tpe_wide)'
put hpo/sampler/sampler.h '#include "core/text.h"'
put hpo/sampler/random.c '#include "hpo/sampler/sampler.h"' '#include "hpo/history.h"'
put hpo/sampler/tpe.c '#include "hpo/sampler/tpe_kernel.h"' '#include "hpo/sampler/weights.h"'
put hpo/sampler/tpe_wide.c 'int x;'
put hpo/store/store.c '#include <sqlite3.h>'
put jobs/cli/main.c '#include <stdio.h>' 'printf("x"); exit(1);'
put jobs/sweep/driver.c '#include "hpo/study.h"' '#include "validate/validate.h"'

bash "$here/layers.sh" "$folder" >"$folder/.out" || {
  echo "FAIL: a tree that keeps the rules is refused"
  cat "$folder/.out"
  failures=1
}

# caught FILE LINE...: with that file the test fails and names it.
caught() {
  local file=$1
  put "$@"
  if bash "$here/layers.sh" "$folder" >"$folder/.out" || ! grep -q "$(basename "$file" .c)" "$folder/.out"; then
    echo "FAIL: not caught: $*"
    failures=$((failures + 1))
  fi
  rm "$folder/$file"
}
caught core/bad.c '#include "hpo/space.h"'
caught core/bad.c '#include "jobs/sweep/driver.h"'
caught core/bad.c '#include <mpi.h>'
caught core/bad.c '#include <yaml.h>'
caught core/bad.c '#include <gsl/gsl_qrng.h>'
caught hpo/bad.c '#include <cblas.h>'
caught core/bad.c '#include <lapacke.h>'
caught hpo/bad.c '#include <nlopt.h>'
caught core/bad.c '#include "text.h"'
caught core/comm/bad.c '  #  include "validate/batch.h"'
caught hpo/bad.c '#include "validate/batch.h"'
caught hpo/bad.c '#include "sqlite3.h"'
caught validate/bad.c '#include "hpo/space.h"'
caught validate/bad.c '#include <csv.h>'
caught validate/bad.c '#include <pcre2.h>'
caught validate/parquet/bad.c '#include <zlib.h>'
caught validate/codec/codec_bad.c '#include <snappy-c.h>'
caught validate/reader/bad.c '#include <zstd.h>'
caught validate/codec/codec_zstd.c '#include <lz4.h>'
caught core/bad.c '#include <brotli/decode.h>'
caught validate/encoding/bad.c '#include "validate/codec/codec.h"'
caught validate/encoding/bad.c '#include "validate/parquet/footer.h"'
caught validate/codec/bad.c '#include "validate/encoding/bits.h"'
caught validate/parquet/bad.c '#include "validate/engine.h"'
caught jobs/bad.c '#include "jobs/cli/command.h"'
caught jobs/client/bad.c '#include "core/mem.h"'
caught core/bad.c 'strcpy(a, b);'
caught core/bad.c 'int n = atoi(text);'
caught core/bad.c 'setlocale (LC_ALL, "");'
caught core/bad.c '/* a remark */ exit(1);'
caught hpo/bad.c 'printf("%d\n", 1);'
caught hpo/bad.c 'fputs("x", stdout);'
caught hpo/bad.c 'p = malloc(7);'
caught hpo/bad.c 'x = strtod(t, NULL);'
caught hpo/bad.c 'snprintf(b, 9, "%.17g", x);'
caught hpo/sampler/tpe_bad.c '#include "hpo/sampler/random.h"'
caught hpo/sampler/random_bad.c '#include "hpo/sampler/tpe_kernel.h"'
caught hpo/sampler/tpe_wide_bad.c '#include "hpo/sampler/tpe_kernel.h"'
caught hpo/sampler/random_bad.c '#include "hpo/study.h"'
caught hpo/pruner/bad.c '#include "hpo/store/store.h"'
caught validate/expect/bad.c '#include "validate/reader/reader.h"'
caught validate/metric/bad.c '#include "validate/suite.h"'
caught validate/report/bad.c '#include "validate/engine.h"'
caught validate/reader/bad.c '#include "validate/expect/expectation.h"'
caught jobs/mem.c 'int x;'
caught core/bad.c 'int x; // TO''DO: later' 'int y = 1; int TO''DO_x; f( TO''DO );'
caught docs/bad.md "see /ho""me/someone/project"
caught core/bad.c $(seq 1000)

# A source file whose first line says nothing of its licence; put would write one.
echo 'int x;' >"$folder/core/bad.c"
bash "$here/layers.sh" "$folder" >"$folder/.out" && { echo "FAIL: not caught: no licence"; failures=$((failures + 1)); }

[ "$failures" -eq 0 ] && echo "ok: every broken rule is caught"
[ "$failures" -eq 0 ]
