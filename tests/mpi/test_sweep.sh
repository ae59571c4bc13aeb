# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep over 2, 3 and 5 ranks: the number of finished trials is exact, one worker gives the very suggestions that one
# local slot gives, mistakes and stops end all ranks with the right exit code.
. "$SWEEPGATE_SOURCE/tests/mpi/lib_mpi.sh"
cd "$folder" || exit 1

# study FILE STORE TRIALS SHELL-COMMAND
study() {
  cat >"$1" <<END
study: sweep
storage: $2
seed: 11
objective: {metric: loss, direction: minimize}
trials: $3
parallel: 1
sampler: {name: tpe, n_startup_trials: 5}
space:
  x: {type: float, low: 0, high: 1}
  depth: {type: int, low: 1, high: 9}
trial:
  command: [sh, -c, '$4', sh, "{x}", "{depth}"]
  report: {from: stdout}
END
}
# column NAME FILE: of the trials as CSV, by trial number.
column() {
  "$SWEEPGATE" trials "$2" --format csv | awk -F, -v name="$1" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) wanted = i; next } { print $1, $wanted }' | sort -n
}
n_finished() {
  column state "$1" | grep -c COMPLETE
}

for n in 2 3 5; do
  study "s$n.yaml" "s$n.db" 60 'echo "loss=$1"'
  ranks "$n" "$SWEEPGATE" run -q "s$n.yaml" >"out$n" 2>"err$n" || fail "$n ranks: $(cat "err$n")"
  [ "$(n_finished "s$n.yaml")" = 60 ] || fail "$n ranks finished $(n_finished "s$n.yaml") of 60 trials"
  [ "$(column state "s$n.yaml" | wc -l)" = 60 ] || fail "$n ranks made another number of trials"
  grep -q '60 complete' "out$n" || fail "$n ranks: $(cat "out$n")"
  [ "$(wc -l <"out$n")" -lt 8 ] || fail "$n ranks: more than rank 0 wrote to standard output"
  echo "ok: $n ranks, 60 trials"
done

study local.yaml local.db 60 'echo "loss=$1"'
"$SWEEPGATE" run -q -j 1 local.yaml >out || fail "local"
for name in params_x params_depth value; do
  column "$name" local.yaml >local.column
  column "$name" s2.yaml | cmp - local.column || fail "one worker's $name differ from one local slot's"
  [ "$(sort -u -k2 local.column | wc -l)" -ge 9 ] || fail "column $name is not there"
done
echo "ok: one worker gives what one local slot gives"

study wrong.yaml wrong.db 5 'exit 0'
echo 'tirals: 3' >>wrong.yaml
ranks 3 "$SWEEPGATE" run wrong.yaml >out 2>err
[ $? = 2 ] || fail "a wrong study file: exit code is not 2: $(cat err)"
[ "$(grep -c tirals err)" = 1 ] || fail "a wrong study file is told more than once or not at all: $(cat err)"
echo "ok: a wrong study file ends all ranks"

study long.yaml long.db 1000 'trap "" TERM; sleep 0.2; echo "loss=$1"'
ranks 3 "$SWEEPGATE" run long.yaml >out 2>err &
until [ "$(n_finished long.yaml 2>/dev/null)" -ge 4 ]; do sleep 0.1; done
kill -USR1 "$(mpirun_below $!)"
wait $!
code=$?
[ $code = 75 ] || fail "SIGUSR1 to mpirun: exit code $code is not 75: $(cat err)"
column state long.yaml | grep -q RUNNING && fail "a trial is left RUNNING after a clean stop"
grep -q 'run again to resume' err || fail "the end is not told: $(cat err)"
n=$(column state long.yaml | wc -l)
ranks 3 "$SWEEPGATE" run -q --trials "$n" long.yaml >out 2>err || fail "resumed: $(cat err)"
[ "$(n_finished long.yaml)" = "$n" ] || fail "resumed to $n, finished $(n_finished long.yaml)"
echo "ok: SIGUSR1 stops with 75, a second run finishes"
