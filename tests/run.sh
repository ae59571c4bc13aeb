#!/bin/bash
# Every test, from nothing: installs what tests need, builds, runs. Ends with one line, "N passed, N failed, N skipped".
#   bash tests/run.sh           all: release, sanitizers, without MPI
#   bash tests/run.sh release   one part; there is also lint
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. jobs/packages.sh
parts=${*:-release asan nompi}
everything="-DSWEEPGATE_MPI=ON -DSWEEPGATE_TESTS=ON -DSWEEPGATE_BENCHMARKS=ON" # whatever the folder was configured for before
passed=0 failed=0 skipped=0
results=$(mktemp) && trap 'rm -f "$results"' EXIT

# count PART: adds up a ctest log; a part that ran nothing has failed.
count() {
  local ok bad skip
  ok=$(grep -cE '^ *[0-9]+/[0-9]+ Test .* Passed ' "$results")
  skip=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*Skipped' "$results")
  bad=$(($(grep -cE '^ *[0-9]+/[0-9]+ Test ' "$results") - ok - skip))
  [ $((ok + bad + skip)) -gt 0 ] || bad=1
  echo "== $1: $ok passed, $bad failed, $skip skipped"
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
}

broken() { echo "== $1: did not build"; failed=$((failed + 1)); }

# part NAME BUILD_FOLDER CTEST_ARGUMENTS...
run_part() {
  local name=$1 folder=$2
  shift 2
  ctest --test-dir "$folder" --output-on-failure -j 2 "$@" 2>&1 | tee "$results"
  count "$name"
}

part_release() {
  cmake --preset release $everything >/dev/null && cmake --build --preset release || { broken release; return; }
  run_part release build/release
}

# The same under the address, undefined-behaviour and leak sanitizers. Slurm's test is of a script; layers, of the source.
part_asan() {
  cmake --preset asan $everything -DSWEEPGATE_BENCHMARKS=OFF >/dev/null && cmake --build --preset asan || { broken asan; return; }
  run_part asan build/asan -E '^(slurm|layers)/'
}

# No MPI: nothing of it may be needed, so the first mpi.h in sight is one that does not compile.
part_nompi() {
  mkdir -p build/no-mpi-header && echo '#error "this build is without MPI"' >build/no-mpi-header/mpi.h
  cmake -S . -B build/nompi -G Ninja -DCMAKE_BUILD_TYPE=Release -DSWEEPGATE_MPI=OFF -DSWEEPGATE_BENCHMARKS=OFF \
    -DCMAKE_C_FLAGS="-I$PWD/build/no-mpi-header" >/dev/null &&
    cmake --build build/nompi || { broken "without MPI"; return; }
  if ldd build/nompi/bin/sweepgate | grep -qi mpi; then
    echo "the build without MPI links it"
    failed=$((failed + 1))
  fi
  run_part "without MPI" build/nompi -E '^(mpi|slurm|interop|layers)/'
}

# Formatting and static analysis; not run unless asked for.
part_lint() {
  install_packages "lint" clang-format clang-tidy || { broken lint; return; }
  if bash tests/lint.sh; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

install_packages "the tests" $packages_build $packages_mpi $packages_example $packages_tests || exit 1
for part in $parts; do
  echo "== $part"
  part_$part
done
echo "$passed passed, $failed failed, $skipped skipped"
exit $((failed > 0))
