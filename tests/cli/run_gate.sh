# The gate: corrupted data starts no trial and names the rows; repaired it opens; data that goes bad stops the sweep.
. "$(dirname "$0")/lib_sweep.sh"

cp "$SWEEPGATE_SOURCE/jobs/examples/weather/weather.csv" "$SWEEPGATE_SOURCE/jobs/examples/weather/weather.suite.yaml" .
cp weather.csv good.csv
gate='gate:
  - {data: weather.csv, suite: weather.suite.yaml, on_failure: abort}'

# Corrupted before the sweep.
sed -i -e '5s/12.2/-999/' -e '101s/Seattle/Seatle/' weather.csv
write_study 6 'echo loss={x}; echo {trial} >>ran.txt' "$gate"
expect_code 1 "$SWEEPGATE" run study.yaml
expect_text err.txt 'line 5\b'
expect_text err.txt 'line 101\b'
expect_text err.txt '-999'
expect_text err.txt 'Seatle'
[ ! -e ran.txt ] || fail "a trial ran on bad data"
[ -z "$(trial_column study.yaml number)" ] || fail "a trial was stored"

# Repaired.
cp good.csv weather.csv
expect_code 0 "$SWEEPGATE" run study.yaml
expect_count study.yaml COMPLETE 6
"$SWEEPGATE" trials study.yaml --format json >trials.json
expect_text trials.json 'sweepgate:gate'

# It goes bad in the middle: the trial that runs ends, the next one does not start.
write_study 50 'echo loss={x}; if [ {trial} = 9 ]; then sed -i "5s/12.2/-999/" weather.csv; fi' "$gate"
expect_code 1 "$SWEEPGATE" run study.yaml -j 1
expect_text err.txt 'line 5\b'
expect_count study.yaml COMPLETE 10
cp good.csv weather.csv
expect_code 0 "$SWEEPGATE" run study.yaml -j 2 --trials 20
expect_count study.yaml COMPLETE 20

# fail_trial: trials fail with the outcome's name; warn: they run.
sed -i '5s/12.2/-999/' weather.csv
mkdir fails warns && for d in fails warns; do cp weather.* $d; done
cd fails || exit 1
write_study 3 'echo loss={x}' "${gate/abort/fail_trial}"
expect_code 4 "$SWEEPGATE" run study.yaml
expect_count study.yaml FAIL 3
"$SWEEPGATE" trials study.yaml --format csv >trials.csv
expect_text trials.csv 'gate'
cd ../warns || exit 1
write_study 3 'echo loss={x}' "${gate/abort/warn}"
expect_code 0 "$SWEEPGATE" run study.yaml
expect_text err.txt 'line 5\b'
expect_count study.yaml COMPLETE 3

# Missing data and a broken suite.
rm weather.csv
expect_code 3 "$SWEEPGATE" run study.yaml --trials 5
expect_text err.txt 'weather.csv'
cp ../good.csv weather.csv
sed -i 's/expect_column_values_to_not_be_null/expect_column_values_to_not_be_nul/' weather.suite.yaml
expect_code 2 "$SWEEPGATE" run study.yaml --trials 5
expect_text err.txt 'weather.suite.yaml:[0-9]+:[0-9]+: .*expect_column_values_to_not_be_null'
finish
