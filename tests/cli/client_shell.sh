# The shell client, `sweepgate trial-report`, in a sweep and by hand; and the bare protocol on descriptor 3.
. "$(dirname "$0")/lib_client.sh"

cat >trial.sh <<'END'
x=$("$SWEEPGATE" trial-report --param x) || exit 9
n=$("$SWEEPGATE" trial-report --param n 2>/dev/null) || n=9
"$SWEEPGATE" trial-report --attr "kind=$("$SWEEPGATE" trial-report --param kind)" --attr "n=$n" || exit 9
"$SWEEPGATE" trial-report --step 1 --value "$x" || exit
"$SWEEPGATE" trial-report --result "loss=$(python3 -c "print($x + 1)")" || exit 9
END
export SWEEPGATE
write_client_study '  command: [sh, trial.sh]'
check_client_study

# By hand: nothing to tell anybody, go on.
expect_code 0 "$SWEEPGATE" trial-report --step 1 --value 0.5
expect_code 0 env SWEEPGATE_PARAMS='{"x": 1, "y": "a b"}' "$SWEEPGATE" trial-report --param y
expect_text out.txt '^a b$'
expect_code 2 "$SWEEPGATE" trial-report --param x
expect_code 2 "$SWEEPGATE" trial-report --step 1
expect_code 2 "$SWEEPGATE" trial-report --value 1
expect_code 2 "$SWEEPGATE" trial-report --step 1 --value much
expect_code 2 "$SWEEPGATE" trial-report --result 1 --result 2
expect_code 2 "$SWEEPGATE" trial-report --attr 7
expect_code 2 env SWEEPGATE_FD=x "$SWEEPGATE" trial-report --result 1
expect_code 3 env SWEEPGATE_FD=99 "$SWEEPGATE" trial-report --result 1

# The protocol needs no client: descriptor 3 is enough, in any shell.
cat >bare.sh <<'END'
echo '{"report": {"step": 1, "value": 0.25}}' >&3
read -r answer <&3
[ "$answer" = '{"prune": false}' ] && echo '{"result": 0.125}' >&3
END
rm -f client.db*
write_client_study '  command: [sh, bare.sh]'
sed -i 's/trials: 12/trials: 1/' study.yaml
expect_code 0 "$SWEEPGATE" run study.yaml
[ "$(trial_column study.yaml value)" = 0.125 ] || fail "the bare protocol: $("$SWEEPGATE" trials study.yaml)"
finish
