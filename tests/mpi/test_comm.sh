# SPDX-License-Identifier: GPL-3.0-or-later
# One transcript over one rank alone and over MPI with 2, 3 and 5 ranks.
. "$SWEEPGATE_SOURCE/tests/mpi/lib_mpi.sh"
program=$SWEEPGATE_BUILD/tests/test_comm

"$program" >"$folder/self" || fail "over self"
[ "$(wc -l <"$folder/self")" -gt 500 ] || fail "the transcript is too short"
for n in 2 3 5; do
  ranks "$n" "$program" >"$folder/mpi" || fail "over $n ranks"
  cmp "$folder/self" "$folder/mpi" || fail "another transcript over $n ranks"
  echo "ok: $n ranks"
done
