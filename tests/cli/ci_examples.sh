#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The examples of jobs/ci as far as a shell can run them: their YAML is what the services read, their commands write the
# reports and give the exit code, the git hook looks at what is staged.
. "$SWEEPGATE_SOURCE/tests/cli/lib_validate.sh"
python3 -c 'import yaml' 2>/dev/null || { echo "skipped: python3 has no yaml"; exit 77; }
ci="$SWEEPGATE_SOURCE/jobs/ci" parts="$SWEEPGATE_SOURCE/tests/cli/ci_examples.py"
mkdir bin && ln -s "$SWEEPGATE" bin/sweepgate
export PATH="$work/bin:$PATH"

check form_of_all 0 python3 "$parts" check "$ci"
entry=$(cat out)
mkdir -p repo/data repo/suites
printf 'x\n1\n2\n' >repo/data/a.csv
cp repo/data/a.csv repo/data/b.csv
printf 'suite: train\nexpectations:\n  - expect_column_values_to_be_between: {column: x, max_value: 3}\n' >repo/suites/train.suite.yaml

step() { # github|gitlab: as the service runs it, stopping at the first command that fails
  (cd repo && rm -rf reports && . "$work/step.env" && GITHUB_STEP_SUMMARY="$work/summary" bash -eo pipefail "$work/step.sh")
}
for service in github:github-actions.yml gitlab:gitlab-ci.yml; do
  name=${service%%:*}
  python3 "$parts" "$name" "$ci/${service#*:}" || fail "no step in ${service#*:}"
  printf 'x\n1\n2\n' >repo/data/b.csv
  : >summary
  check "${name}_good_data" 0 step "$name"
  printf 'x\n1\n7\n' >repo/data/b.csv
  check "${name}_bad_data" 1 step "$name"
  prints '^FAILED  data/b\.csv'
  for report in validation.html validation.xml summary.md failing-rows.csv; do
    [ -s "repo/reports/$report" ] || fail "$name: reports/$report is missing"
  done
  if [ "$name" = github ]; then
    prints '^::error file=suites/train\.suite\.yaml,line=3,col=5,title=x%3A values must be at most 3::data/b\.csv: '
    grep -q '^### FAILED: <code>data/b.csv</code>$' summary || fail "the step summary: $(cat summary)"
    [ -s repo/reports/validation.sarif ] || fail "no SARIF"
  fi
  echo 'suite: [' >suite.bad && cp repo/suites/train.suite.yaml keep && cp suite.bad repo/suites/train.suite.yaml
  check "${name}_bad_suite" 2 step "$name"
  cp keep repo/suites/train.suite.yaml
done
check pre_commit_framework 1 bash -c "cd repo && $entry data/a.csv data/b.csv"

if command -v git >/dev/null; then
  export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
  mkdir hooked && cd hooked && git init -q . && cp "$ci/pre-commit" .git/hooks/pre-commit || fail "no repository"
  mkdir 'some data'
  printf 'x\n1\n' >'some data/a.csv'
  printf 'x\n9\n' >plain.csv
  cp ../repo/suites/train.suite.yaml 'some data/a.suite.yaml'
  git add -A
  check hook_lets_good_data_pass 0 git commit -qm one
  printf 'x\n8\n' >'some data/a.csv'
  git add -A
  check hook_stops_bad_data 1 git commit -qm two
  grep -q 'line 2: 8' "$work/err" || fail "the hook says: $(cat "$work/err")"
  printf 'x\n1\n2\n' >'some data/a.csv' # good again, but not staged
  check hook_looks_at_what_is_staged 1 git commit -qm two
  git add -A
  check hook_lets_repaired_data_pass 0 git commit -qm two
  sed -i 's/max_value: 3/max_value: 1/' 'some data/a.suite.yaml'
  git add -A
  check hook_sees_a_changed_suite 1 git commit -qm three
  cd "$work" || exit 1
fi
end
