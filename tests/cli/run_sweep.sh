# A sweep from the command line: runs, goes on, agrees with itself.
. "$(dirname "$0")/lib_sweep.sh"

write_study 12 'echo loss={x}'
expect_code 0 "$SWEEPGATE" run study.yaml -j 2
expect_text out.txt '^12 trials: 12 complete, 0 pruned, 0 failed'
expect_count study.yaml COMPLETE 12
best=$(trial_column study.yaml value | sort -g | head -n 1)
expect_code 0 "$SWEEPGATE" best study.yaml
expect_text out.txt "${best%?}"

# As many as asked for: nothing is left to do; asked for more, it goes on.
expect_code 0 "$SWEEPGATE" run study.yaml
expect_count study.yaml COMPLETE 12
expect_code 0 "$SWEEPGATE" run study.yaml --trials 15 -j 3
expect_count study.yaml COMPLETE 15
expect_code 0 "$SWEEPGATE" status study.yaml
expect_text out.txt '^trials +15 finished' # not "15 of 12"

# The same seed, one slot: the same points, bit for bit; also when the sweep is made of two runs.
for run in one two three; do
  mkdir "$run" && sed "s/trials: 12/trials: 20/" study.yaml >"$run/study.yaml"
  [ $run != three ] || expect_code 0 "$SWEEPGATE" run "$run/study.yaml" -j 1 --trials 9
  expect_code 0 "$SWEEPGATE" run "$run/study.yaml" -j 1
  trial_column "$run/study.yaml" params_x >"$run.txt"
done
[ "$(sort -u one.txt | wc -l)" -ge 19 ] || fail "points repeat"
cmp one.txt two.txt || fail "the same seed gave other points"
cmp one.txt three.txt || fail "a resumed sweep gave other points"

# A changed space is refused with the difference named.
sed -i 's/high: 1}/high: 2}/' study.yaml
expect_code 2 "$SWEEPGATE" run study.yaml
expect_text err.txt "'x'"

# No trial finished: exit 4.
mkdir none && cd none || exit 1
write_study 3 'exit 3'
expect_code 4 "$SWEEPGATE" run study.yaml
expect_count study.yaml FAIL 3
finish
