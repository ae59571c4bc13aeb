# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests in this folder: a Python that has Optuna, a folder for files, and the program that writes samples.
optuna_python=
for candidate in "${OPTUNA_PYTHON:-}" python3 /usr/bin/python3; do
  if [ -n "$candidate" ] && "$candidate" -c 'import optuna' 2>/dev/null; then
    optuna_python=$candidate
    break
  fi
done
if [ -z "$optuna_python" ]; then
  echo "skipped: no Python with Optuna (Debian: python3-optuna)"
  exit 77
fi
optuna_version=$("$optuna_python" -c 'import optuna; print(optuna.__version__)')
case $optuna_version in
  3.0.* | 3.1.*) optuna_schema=3.1 ;;
  *) optuna_schema=3.2 ;;
esac
here=$(dirname "$0")
sample=${SWEEPGATE_BUILD:?}/tests/test_store_sample
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
