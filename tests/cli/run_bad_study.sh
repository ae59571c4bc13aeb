# Every mistake in a study file: one line with file, line, column, the value and what would be right; exit 2.
. "$(dirname "$0")/lib_sweep.sh"

write_study 3 'echo loss={x}'
cp study.yaml good.yaml
# bad PATTERN SED_EXPRESSION...: the good study with that change is refused with such a message.
bad() {
  local pattern=$1
  shift
  sed "$@" good.yaml >study.yaml
  cmp -s good.yaml study.yaml && fail "the change '$*' changed nothing"
  expect_code 2 "$SWEEPGATE" run study.yaml
  [ "$(wc -l <err.txt)" -eq 1 ] || { fail "not one line for '$*':"; cat err.txt; }
  expect_text err.txt "$pattern"
  [ ! -e test.db ] || { fail "'$*' made a store"; rm -f test.db*; }
}

bad "study.yaml:1:1: .*'studdy'.*'study'" 's/^study:/studdy:/'
bad "study.yaml:5:1: .*'trails'.*'trials'" 's/^trials:/trails:/'
bad 'study.yaml:5:9: .*"many"' 's/^trials: .*/trials: many/'
bad "study.yaml:5:9: .*-3" 's/^trials: .*/trials: -3/'
bad 'study.yaml:4:.*"minimise".*minimize' 's/minimize/minimise/'
bad "study.yaml:7:.*'flaot'.*float" 's/float/flaot/'
bad "study.yaml:7:.*low.*high" 's/low: 0, high: 1/low: 2, high: 1/'
bad "study.yaml:7:.*log" 's/high: 1}/high: 1, log: true}/'
bad "study.yaml:7:.*'hihg'.*'high'" 's/high/hihg/'
bad "study.yaml:10:.*xx.*x" 's/{x}/{xx}/'
bad "study.yaml:9:.*'shel'.*'shell'" 's/shell/shel/'
bad 'study.yaml:1[0-9]:.*"stdput".*stdout' 's/from: stdout/from: stdput/'
bad "study.yaml:.*pattern" 's/from: stdout/from: stdout, pattern: "loss (.*"/'
bad "study.yaml:.*tpee.*tpe" -e '$a sampler: {name: tpee}'
bad "study.yaml:.*n_startup_trial.*n_startup_trials" -e '$a sampler: {name: tpe, n_startup_trial: 3}'
bad "study.yaml:.*'medan'.*median" -e '$a pruner: {name: medan}'
bad "study.yaml:.*reduction_factor" -e '$a pruner: {name: asha, reduction_factor: 1}'
bad "study.yaml:.*on_failure|'stop'" -e '$a gate: [{data: a.csv, suite: b.yaml, on_failure: stop}]'
bad "study.yaml:.*suite" -e '$a gate: [{data: a.csv}]'
bad "study.yaml:.*seed" 's/^seed: 7/seed: 7\nseed: 8/'
bad "study.yaml:.*[0-9]+:[0-9]+: " 's/^space:/space: [/'
bad "study.yaml:.*objective" '/^objective/d'
bad "study.yaml:.*storage" '/^storage/d'
bad "study.yaml:.*timeout|soon" -e '$a timeout: soon'

expect_code 3 "$SWEEPGATE" run nowhere.yaml
expect_text err.txt 'nowhere.yaml'
expect_code 2 "$SWEEPGATE" rum good.yaml
expect_text err.txt "'rum'.*'run'"
expect_code 2 "$SWEEPGATE" run good.yaml --trails 3
expect_text err.txt "trails.*trials"
expect_code 2 "$SWEEPGATE" run good.yaml -j 0
expect_code 2 "$SWEEPGATE" run
expect_code 2 "$SWEEPGATE" run good.yaml more.yaml
expect_text err.txt "more.yaml"
: >empty.yaml
expect_code 2 "$SWEEPGATE" run empty.yaml
head -c 3000 /dev/urandom >noise.yaml
expect_code 2 "$SWEEPGATE" run noise.yaml
finish
