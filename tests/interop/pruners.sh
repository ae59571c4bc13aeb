# Our pruners decide as Optuna's do (Debian's python3-optuna); skipped where that is not installed.
for python in /usr/bin/python3 python3; do
  if $python -c 'import optuna' 2>/dev/null; then
    exec $python "$SWEEPGATE_SOURCE/tests/interop/pruners.py" "$SWEEPGATE_TOOLS/prune_curves"
  fi
done
echo "skipped: python3-optuna is not installed"
exit 77
