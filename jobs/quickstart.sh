#!/bin/bash
# From nothing to a gated sweep: installs what is missing, builds, validates weather.csv, tunes XGBoost on it for at most
# a minute. Run it again and the sweep goes on where it was. Everything it makes is in ./build and ./quickstart.
set -euo pipefail
cd "$(dirname "$0")/.."
. jobs/packages.sh

step() { printf '\n== %s\n' "$*"; }

install_packages "the build" $packages_build $packages_mpi
install_packages "the example" $packages_example

step "building (build/release)"
cmake --preset release -DSWEEPGATE_TESTS=OFF -DSWEEPGATE_BENCHMARKS=OFF >/dev/null
cmake --build --preset release
sweepgate=$PWD/build/release/bin/sweepgate

mkdir -p quickstart
for file in jobs/examples/weather/*; do
  [ -e "quickstart/${file##*/}" ] || cp "$file" quickstart/ # what was changed there stays
done
cd quickstart
bash prepare.sh

step "the data against its suite: sweepgate validate weather.csv --suite weather.suite.yaml"
"$sweepgate" validate weather.csv --suite weather.suite.yaml

step "the sweep, at most a minute: sweepgate run study.yaml -j 2"
"$sweepgate" run study.yaml -j 2 --timeout 55s

step "what next (in the folder quickstart)"
cat <<'END'
  export PATH=$PWD/build/release/bin:$PATH; cd quickstart
  sweepgate best study.yaml                   the best trial
  sweepgate trials study.yaml                 all trials as a table (--format csv, json)
  sweepgate run study.yaml --trials 200       go on, to 200 trials
  sed -i 's/^Seattle,2012-01-05,[^,]*/Seattle,2012-01-05,-999/' weather.csv
  sweepgate run study.yaml --trials 300       the gate is closed: line 6 is named, no trial starts
  cp ../jobs/examples/weather/weather.csv .   repaired: the same command runs the sweep again
END
