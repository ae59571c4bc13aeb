# Trials that misbehave: each ends with a named outcome, the sweep goes on, nothing of them is left behind.
. "$(dirname "$0")/lib_sweep.sh"

# misbehave OUTCOME STATE COMMAND [MORE_YAML]: one trial of that command ends so.
misbehave() {
  local outcome=$1 state=$2
  rm -rf case && mkdir case && cd case || exit 1
  write_study 1 "$3" "${4:-}"
  timeout 60 "$SWEEPGATE" run study.yaml -j 1 >out.txt 2>err.txt
  [ $? -ne 124 ] || fail "$3: the sweep hangs"
  local got
  got="$(trial_column study.yaml outcome) $(trial_column study.yaml state)"
  [ "$got" = "$outcome $state" ] || { fail "$3: ended as '$got', not '$outcome $state'"; cat err.txt; }
  cd ..
}

misbehave ok COMPLETE 'echo loss={x}'
misbehave ok COMPLETE 'head -c 1000000000 /dev/zero; echo; echo loss={x}'
size=$(du -sk case | cut -f1)
[ "$size" -lt 100000 ] || fail "a trial that prints 1 GB left $size kB behind"
misbehave nan FAIL 'echo loss=nan'
misbehave ok COMPLETE 'echo loss=inf'
misbehave no_result FAIL 'true'
misbehave no_result FAIL 'echo other=1'
misbehave exit FAIL 'echo loss={x}; exit 3'
misbehave signal FAIL 'kill -SEGV $$'
misbehave timeout FAIL 'trap "" TERM; sleep 600; sleep 600' '  timeout: 1s'
misbehave timeout FAIL 'exec >&- 2>&-; sleep 600' '  timeout: 1s'
# A hundred thousand attributes delay neither the sweep nor who looks at it.
misbehave ok COMPLETE 'seq -f "{{\"attr\": {{\"k%.0f\": 1}}}}" 100000 >&3; echo loss={x}'
timeout 60 "$SWEEPGATE" trials case/study.yaml --format json | grep -q '"user_attrs_k100000": 1' || fail "an attribute is lost"

# Grandchildren, also those that leave the process group, end with their trial.
misbehave ok COMPLETE 'setsid sleep 54321 & sleep 54322 & echo loss={x}'
sleep 0.2
! pgrep -f 'sleep 5432[12]' || { fail "grandchildren live on"; pkill -f 'sleep 5432[12]'; }

# A command that is not there: found before anything starts where its name is fixed, named with each trial elsewhere.
mkdir missing && cd missing || exit 1
write_study 2 'x'
sed -i -e '/shell:/d' -e "s|command: .*|command: [no-such-program-here, '{x}']|" study.yaml
expect_code 2 "$SWEEPGATE" run study.yaml
expect_text err.txt 'study.yaml:9:12: .*no-such-program-here'
[ ! -e test.db ] || fail "a missing command made a store"
sed -i -e "s|command: .*|command: ['./no-such-program-{trial}']|" study.yaml
expect_code 4 "$SWEEPGATE" run study.yaml
expect_text err.txt 'no-such-program-1'
[ "$(trial_column study.yaml outcome | sort -u)" = start ] || fail "a missing command ends as $(trial_column study.yaml outcome)"
sed -i -e '/report:/d' -e "s|command: .*|library: ./no-such-library.so|" study.yaml
expect_code 2 "$SWEEPGATE" run study.yaml
expect_text err.txt 'study.yaml:9:12: .*no-such-library.so'
finish
