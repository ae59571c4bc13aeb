#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# OpenBLAS is loaded by what computes with it alone: with a useless one in its place data is validated and a random search
# runs, and a search that needs it says what is missing before any trial is run.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
mkdir useless
echo 'int nothing;' >useless/nothing.c
cc -shared -fPIC -o useless/libopenblas.so.0 useless/nothing.c || fail "no shared library could be made"
export LD_LIBRARY_PATH=$PWD/useless${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

printf 'a\n1\n' >one.csv
printf 'suite: one\nexpectations:\n  - expect_column_values_to_not_be_null: {column: a}\n' >one.yaml
check validates_without_it 0 validate one.csv --suite one.yaml
search() {
  printf '%s\n' "study: $1" "storage: $1.db" 'objective: {metric: value, direction: minimize}' 'trials: 1' \
    'space: {x: {type: float, low: 0, high: 1}}' "sampler: {name: $1}" 'trial: {command: [sh, -c, "echo value=1"]}' >"$1.yaml"
}
for sampler in gp cmaes; do
  search $sampler
  check "$sampler"_needs_it 2 "$SWEEPGATE" run $sampler.yaml
  says 'OpenBLAS is needed here and could not be loaded \(openblas_set_num_threads'
done
end
