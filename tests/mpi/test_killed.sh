# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9: of mpirun half way through a sweep, and of one worker. Nothing finished is lost or done twice.
. "$SWEEPGATE_SOURCE/tests/mpi/lib_mpi.sh"
cd "$folder" || exit 1

study() {
  cat >"$1.yaml" <<END
study: killed
storage: $1.db
seed: 3
objective: {metric: loss, direction: minimize}
trials: $2
sampler: {name: random}
space: {x: {type: float, low: 0, high: 1}}
trial:
  command: [sh, -c, 'sleep 0.05; echo "$1 \$1" >>ran; echo "loss=\$1"', sh, "{x}"]
  report: {from: stdout}
  retries: 1
END
}
states() {
  "$SWEEPGATE" trials "$1.yaml" --format csv | grep -oE 'COMPLETE|FAIL|PRUNED|RUNNING|WAITING' | sort | uniq -c | tr -s ' \n' ' '
}
n_complete() {
  "$SWEEPGATE" trials "$1.yaml" --format csv 2>/dev/null | grep -c COMPLETE
}
# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "waited in vain for: $*"
    sleep 0.05
  done
}
at_least() { [ "$(n_complete "$1")" -ge "$2" ]; }
gone() { ! pgrep -f "$SWEEPGATE run -q $1.yaml" >/dev/null; }

study half 200
ranks 3 "$SWEEPGATE" run -q half.yaml >out 2>err &
job=$!
wait_for 60 at_least half 100
kill -9 "$(mpirun_below $job)"
wait $job
wait_for 20 gone half
n=$(n_complete half)
[ "$n" -ge 100 ] && [ "$n" -lt 200 ] || fail "$n trials had finished when all was killed"
ranks 3 "$SWEEPGATE" run -q half.yaml >out 2>err || fail "run again: $(cat err)"
[ "$(states half)" = " 200 COMPLETE " ] || fail "run again: $(states half)"
n_runs=$(grep -c '^half ' ran)
[ "$n_runs" -ge 200 ] && [ "$n_runs" -le 202 ] || fail "200 trials and at most 2 killed ones, but $n_runs were run"
grep -q "$((200 - n)) of them in this run" out || fail "run again: $(cat out)"
echo "ok: mpirun killed after $n of 200 trials; run again, exactly 200"

study worker 200
timeout 120 mpirun --oversubscribe --enable-recovery -n 3 "$SWEEPGATE" run -q worker.yaml </dev/null >out 2>err &
job=$!
wait_for 60 at_least worker 50
for pid in $(pgrep -f "$SWEEPGATE run -q worker.yaml"); do
  [ "$(tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -c '^OMPI_COMM_WORLD_RANK=2$')" = 1 ] &&
    [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$SWEEPGATE")" ] && kill -9 "$pid"
done
wait $job
code=$?
[ $code = 0 ] || fail "a worker was killed: exit code $code: $(cat err)"
grep -q 'worker rank 2 on .* has died' err || fail "the loss is not told: $(cat err)"
[ "$(states worker)" = " 200 COMPLETE " ] || fail "a worker was killed: $(states worker)"
echo "ok: a worker killed under --enable-recovery; the sweep went on to exactly 200"
