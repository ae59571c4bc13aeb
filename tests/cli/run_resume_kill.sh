# kill -9 at random moments: no finished trial is lost or doubled, the sweep ends with exactly the trials asked for.
. "$(dirname "$0")/lib_sweep.sh"

seed=${SWEEPGATE_TEST_SEED:-20260301}
echo "seed $seed"
RANDOM=$seed
kills=20
trials=3000
longest_ms=120 # grows on a machine where nothing gets done in that time, shrinks where more than a share is
write_study $trials 'echo loss={x}'
: >finished_before.txt
for ((i = 0; i < kills; i++)); do
  "$SWEEPGATE" run study.yaml -j 2 --quiet >run.txt 2>&1 &
  pid=$!
  ms=$((RANDOM % (longest_ms - 20) + 20))
  sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  "$SWEEPGATE" trials study.yaml --format csv >now.csv 2>err.txt || { [ -e test.db ] && { fail "the store does not open after kill $i"; cat err.txt; }; }
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) { if ($i == "state") s = i; if ($i == "value") v = i }; next }
           $s == "COMPLETE" { print $1 "," $v }' now.csv | sort >finished_now.txt
  comm -23 finished_before.txt finished_now.txt >lost.txt
  [ ! -s lost.txt ] || { fail "kill $i lost finished trials"; cat lost.txt; }
  gained=$(($(wc -l <finished_now.txt) - $(wc -l <finished_before.txt)))
  if [ $gained -le 0 ]; then
    longest_ms=$((longest_ms * 3 / 2))
  elif [ $gained -gt $((trials / kills / 2)) ] && [ $longest_ms -gt 120 ]; then
    longest_ms=$((longest_ms / 2))
  fi
  mv finished_now.txt finished_before.txt
done
finished=$(wc -l <finished_before.txt)
echo "finished after $kills kills: $finished"
[ "$finished" -gt 0 ] && [ "$finished" -lt $trials ] || fail "the kills came too early or too late: the test saw nothing"
expect_code 0 "$SWEEPGATE" run study.yaml -j 2 --quiet
expect_count study.yaml COMPLETE $trials
[ -z "$(trial_column study.yaml number | sort -n | uniq -d)" ] || fail "trials stand twice"
finish
