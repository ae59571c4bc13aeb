# Asked to stop: running trials are ended and kept, exit 75, the next run starts them first.
. "$(dirname "$0")/lib_sweep.sh"

for signal in INT TERM USR1; do
  mkdir "$signal" && cd "$signal" || exit 1
  write_study 6 'echo $$ >>started.txt; if [ -e go ]; then echo loss={x}; else exec sleep 600; fi'
  env --default-signal=INT "$SWEEPGATE" run study.yaml -j 2 >out.txt 2>err.txt & # a shell starts background jobs with SIGINT ignored
  wait_for_lines started.txt 2
  pid=$!
  kill -"$signal" "$pid"
  wait $pid
  code=$?
  [ $code -eq 75 ] || { fail "$signal: exit $code, not 75"; cat err.txt; }
  expect_text err.txt "SIG$signal"
  expect_count study.yaml WAITING 2
  expect_count study.yaml RUNNING 0
  while read -r trial; do
    ! kill -0 "$trial" 2>/dev/null || fail "$signal: process $trial of a trial is still there"
  done <started.txt
  touch go
  expect_code 0 "$SWEEPGATE" run study.yaml -j 2
  expect_count study.yaml COMPLETE 6
  cd ..
done

# The sweep's own timeout.
mkdir timeout && cd timeout || exit 1
write_study 4 'if [ {trial} = 0 ]; then echo loss={x}; else exec sleep 600; fi'
expect_code 0 "$SWEEPGATE" run study.yaml -j 1 --timeout 1.5s
expect_count study.yaml COMPLETE 1
expect_count study.yaml WAITING 1
cd ..

# A second driver is refused with the holder named.
mkdir second && cd second || exit 1
write_study 2 'echo x >>started.txt; exec sleep 600'
"$SWEEPGATE" run study.yaml >first.txt 2>&1 &
pid=$!
wait_for_lines started.txt 1
expect_code 2 "$SWEEPGATE" run study.yaml
expect_text err.txt "\\b$pid\\b"
expect_text err.txt "$(hostname)"
expect_code 0 "$SWEEPGATE" status study.yaml
expect_text out.txt "\\b$pid\\b"
# ... unless it may wait for the first one to end.
(sleep 1.5; kill -TERM $pid) &
expect_code 4 timeout 50 "$SWEEPGATE" run study.yaml --wait 60s --timeout 0.5s # nothing finished
expect_text err.txt 'waiting'
wait $pid
cd ..

# What a killed driver leaves running is ended by the next run.
mkdir leftovers && cd leftovers || exit 1
write_study 1 'if [ -e go ]; then echo loss={x}; else sleep 54399 & echo x >>started.txt; wait; fi'
"$SWEEPGATE" run study.yaml >first.txt 2>&1 &
pid=$!
wait_for_lines started.txt 1
kill -9 $pid
wait $pid 2>/dev/null
pgrep -f 'sleep 54399' >/dev/null || fail "nothing was left behind: the test saw nothing"
touch go
expect_code 0 "$SWEEPGATE" run study.yaml
expect_text err.txt 'ended 1 process'
! pgrep -f 'sleep 54399' || { fail "a process of a killed driver lives on"; pkill -f 'sleep 54399'; }
cd ..

# Retries happen in place; what the failed try said is kept.
mkdir retries && cd retries || exit 1
write_study 2 'if [ -e tried{trial} ]; then echo loss={x}; else touch tried{trial}; echo "lost my way" >&2; exit 9; fi' '  retries: 1'
expect_code 0 "$SWEEPGATE" run study.yaml -j 1
expect_count study.yaml COMPLETE 2
"$SWEEPGATE" trials study.yaml --format json >trials.json
expect_text trials.json 'sweepgate:attempt:0'
expect_text trials.json 'lost my way'
finish
