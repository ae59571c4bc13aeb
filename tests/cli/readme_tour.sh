#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The README's tour works as pasted: its files are cut out of it, its commands run in its order.
. "$SWEEPGATE_SOURCE/tests/cli/lib_sweep.sh" || exit 1
SWEEPGATE_SANITIZE=${SWEEPGATE_SANITIZE:-}
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
readme=$SWEEPGATE_SOURCE/README.md
mkdir bin && ln -s "$SWEEPGATE" bin/sweepgate
export PATH=$folder/bin:$PATH

# block LANGUAGE N: the text of the N-th fenced block in that language.
block() {
  awk -v fence='```'"$1" -v n="$2" '$0 == "```" { inside = 0 } inside { print } $0 == fence { inside = ++seen == n }' "$readme"
}
block yaml 1 >study.yaml
block yaml 2 >train.suite.yaml
block python 1 >train.py
cp "$SWEEPGATE_SOURCE/jobs/client/sweepgate_trial.py" .
for file in study.yaml train.suite.yaml train.py; do
  [ -s $file ] || fail "README.md has no $file any more"
done

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
n=0
while read -r line; do
  case $line in
  mpirun*)
    [ -z "$SWEEPGATE_SANITIZE" ] || continue # the MPI library's own leaks would count
    ldd "$SWEEPGATE" | grep -q libmpi && command -v mpirun >/dev/null || continue
    ;;
  esac
  n=$((n + 1))
  expect_code 0 bash -c "$line" </dev/null
  case $line in
  *"sweepgate best"*) expect_text out.txt 'lr' ;;
  *"--format csv"*) [ "$(wc -l <out.txt)" -gt 40 ] || fail "'$line' prints $(wc -l <out.txt) lines" ;;
  esac
done < <(sed -n '/^## Five minutes/,/^## More/p' "$readme" | sed -n 's/^    \(\(printf\|sweepgate\|mpirun\) .*\)/\1/p')
[ "$n" -ge 6 ] || fail "only $n commands were found in README.md"

# The last yaml block is a study's trial section for a program that cannot be changed: it must at least be valid.
{
  sed '/^gate:/,$d' study.yaml
  block yaml 3
} >printed.yaml
sed -i 's/^storage:.*/storage: printed.db/; s/^trials:.*/trials: 2/' printed.yaml
printf '#!/bin/sh\nfor i in 1 2 3; do echo "epoch $i loss 0.$i"; done\n' >train && chmod +x train
expect_code 0 sweepgate run printed.yaml
expect_count printed.yaml COMPLETE 2
finish
