# The Python client in a sweep, and by hand.
. "$(dirname "$0")/lib_client.sh"
export PYTHONPATH=$client PYTHONDONTWRITEBYTECODE=1

cat >trial.py <<'END'
import sweepgate_trial

with sweepgate_trial.Trial() as trial:
    x = trial.params.get("x", 0.25)
    trial.attr("kind", trial.params.get("kind", "none"))
    trial.attr("n", trial.params.get("n", 9))
    trial.report_or_stop(x, 1)
    trial.result(loss=x + 1)
END
write_client_study '  command: [python3, trial.py]'
check_client_study

# By hand: parameters take their fallbacks, the result is shown.
expect_code 0 python3 trial.py
expect_text err.txt '"result": \{"loss": 1.25\}'

# A child process may report too; numbers that JSON does not know pass.
cat >parent.py <<'END'
import os, subprocess, sys
import sweepgate_trial

trial = sweepgate_trial.Trial()
if len(sys.argv) > 1:
    sys.exit(0 if trial.report(float("nan"), 2) is False else 1)
trial.report(0.1, 1)
fd = int(os.environ["SWEEPGATE_FD"])
code = subprocess.run([sys.executable, __file__, "child"], pass_fds=[fd]).returncode
trial.result(float("inf") if code == 0 else 0.0)
END
rm -f client.db*
write_client_study '  command: [python3, parent.py]'
sed -i -e 's/trials: 12/trials: 1/' -e '/pruner:/d' study.yaml
expect_code 0 "$SWEEPGATE" run study.yaml
[ "$(trial_column study.yaml value)" = inf ] || fail "a child process could not report: $("$SWEEPGATE" trials study.yaml)"
finish
