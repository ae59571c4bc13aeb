# SPDX-License-Identifier: GPL-3.0-or-later
# The executors' contract over worker ranks: the same cases as for local slots, and the same results.
. "$SWEEPGATE_SOURCE/tests/mpi/lib_mpi.sh"
program=$SWEEPGATE_BUILD/tests/test_executor

for n in 2 3 5; do
  ranks "$n" "$program" >"$folder/cases" || { cat "$folder/cases"; fail "over $n ranks"; }
  grep -q '^ok *mpi' "$folder/cases" || fail "no case ran over $n ranks"
  ! grep FAIL "$folder/cases" || fail "over $n ranks"
  echo "ok: $n ranks, $(grep -c '^ok *mpi' "$folder/cases") cases"
done
